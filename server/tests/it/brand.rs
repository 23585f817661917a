//! An application's look: set in the portal, and worn by the end user's pages.

use crate::support::databases::Database;
use crate::support::seed::{Seed, admin, new_provider};
use crate::support::site::{Browser, PUBLIC_URL, Reply, Site};
use app::wire::Role;
use axum::body::Body;
use axum::extract::Request;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use server::api::key::ApiKeyText;
use server::auth::Passwords;
use server::domain::{Application, Completion, OrganizationId};
use server::store::NewMember;
use server::vault::Secret;
use std::io::Cursor;

const PASSWORD: &str = "seven herons read maps";

/// An application with a provider, in a house with members of every role.
struct Stage {
    site: Site,
    seed: Seed,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let seed = Seed::with(&db, new_provider("house")).await;
        let stage = Self {
            site: Site::new(db).await,
            seed,
        };
        let organization = &stage.seed.application.organization;
        for role in [
            Role::Owner,
            Role::Admin,
            Role::Developer,
            Role::Support,
            Role::Auditor,
        ] {
            stage.add(organization, role, role.as_str()).await;
        }
        stage
    }

    async fn add(&self, organization: &OrganizationId, role: Role, called: &str) {
        let hash = Passwords::default().hash(Secret::from(PASSWORD)).await;
        let new = NewMember {
            email: format!("{called}@acme.example"),
            name: called.to_owned(),
            role,
            password: hash.unwrap(),
        };
        let store = &self.site.db.store;
        store
            .create_member(organization, new, admin())
            .await
            .unwrap();
    }

    async fn signed_in(&self, called: &str) -> Browser {
        let browser = self.site.browser();
        let email = format!("{called}@acme.example");
        let form = [("email", email.as_str()), ("password", PASSWORD)];
        let answer = browser.post("/_portal/sign_in", &form).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        browser
    }

    fn slug(&self) -> &str {
        self.seed.application.slug.as_str()
    }

    fn settings(&self) -> String {
        format!("/apps/{}/settings", self.slug())
    }

    async fn application(&self) -> Application {
        let Application {
            organization, slug, ..
        } = &self.seed.application;
        let found = self.site.db.store.application(organization, slug.as_str());
        found.await.unwrap().expect("the application")
    }

    /// Saves the settings' form, with these fields changed.
    async fn save(&self, browser: &Browser, changed: &[(&str, &str)]) -> Reply {
        let mut form = vec![
            ("application", self.slug()),
            ("name", "CRM Sync"),
            ("return_urls", "https://app.acme.example/done"),
            ("allowed_origins", ""),
            ("completion", "confirm"),
            ("accent", ""),
        ];
        for (name, value) in changed {
            form.retain(|(known, _)| known != name);
            form.push((name, value));
        }
        browser.post("/_portal/save_settings", &form).await
    }

    /// The page of a new connect session.
    async fn connect_page(&self) -> Reply {
        let key = ApiKeyText::make();
        let store = &self.site.db.store;
        store
            .create_api_key(&self.seed.application, "any", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        let body = json!({"end_user": {"id": "mia"}});
        let key = key.text.expose().clone();
        let made = self
            .site
            .api(&key, "POST", "/connect-sessions", &body)
            .await;
        let url = made.json()["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix(PUBLIC_URL).unwrap().to_owned();
        self.site.browser().get(&path).await
    }
}

/// A form with one file, as a browser sends it.
fn multipart(file: &[u8]) -> Request {
    let head = "--line\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--line--\r\n"].concat();
    Request::post("/")
        .header("content-type", "multipart/form-data; boundary=line")
        .header("sec-fetch-site", "same-origin")
        .header("accept", "text/html")
        .body(Body::from(body))
        .unwrap()
}

async fn upload(browser: &Browser, slug: &str, file: &[u8]) -> Reply {
    let mut request = multipart(file);
    *request.uri_mut() = format!("/apps/{slug}/settings/logo").parse().unwrap();
    browser.send(request).await
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_pixel(40, 40, Rgb([15, 81, 50]))
        .write_to(&mut file, format)
        .unwrap();
    file.into_inner()
}

/// Follows the redirect and reads the page.
async fn follow(browser: &Browser, answer: &Reply) -> Reply {
    assert!(answer.status.is_redirection(), "{answer:?}");
    browser.get(answer.location()).await
}

db_test!(a_logo_is_uploaded_worn_and_removed, async |db| {
    let stage = Stage::new(db).await;
    let admin = stage.signed_in("admin").await;
    let answer = upload(&admin, stage.slug(), &picture(ImageFormat::Jpeg)).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location(), format!("{}?saved=1", stage.settings()));
    let digest = stage.application().await.logo.expect("a logo");
    let address = format!("/connect-logo/{digest}.png");
    let settings = admin.get(&stage.settings()).await;
    settings.must_be_page(200, &format!("src=\"{address}\""));

    let page = stage.connect_page().await;
    page.must_be_page(200, &format!("src=\"{address}\" alt=\"\""));
    let served = stage.site.browser().get(&address).await;
    assert_eq!(served.status, 200);
    assert_eq!(served.header("content-type"), "image/png");
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert!(served.header("cache-control").contains("immutable"));
    assert!(
        served
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    assert!(served.text.contains("PNG") && !served.text.contains("JFIF"));

    let form = [("application", stage.slug())];
    let removed = admin.post("/_portal/remove_logo", &form).await;
    assert_eq!(removed.location(), format!("{}?saved=1", stage.settings()));
    assert_eq!(stage.site.browser().get(&address).await.status, 404);
    assert!(!stage.connect_page().await.text.contains("<img"));
});

db_test!(
    a_file_that_is_refused_leads_back_and_changes_nothing,
    async |db| {
        let stage = Stage::new(db).await;
        let admin = stage.signed_in("admin").await;
        upload(&admin, stage.slug(), &picture(ImageFormat::Png)).await;
        let kept = stage.application().await.logo;
        let whole = picture(ImageFormat::Png);
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
        let photo = vec![0xff; 3_000_000];
        for (file, sentence) in [
            (&svg[..], "Save a drawing such as an SVG as PNG first."),
            (
                b"GIF89a\x01\x00\x01\x00",
                "Choose a PNG, JPEG or WebP file.",
            ),
            (&whole[..30], "saved anew as PNG"),
            (b"", "Choose a file first."),
            (&photo[..600_000], "at most 512 KB"),
            (&photo, "at most 512 KB"),
        ] {
            let answer = upload(&admin, stage.slug(), file).await;
            let page = follow(&admin, &answer).await;
            page.must_be_page(200, sentence);
            page.must_be_page(200, "Not saved yet.");
            assert_eq!(stage.application().await.logo, kept, "{sentence}");
        }
        for (kind, body) in [
            ("multipart/form-data", ""),
            ("multipart/form-data; boundary=x", "--x\r\n"),
            ("application/x-www-form-urlencoded", "logo=x"),
            ("text/plain", "\u{0}"),
        ] {
            let request = Request::post(format!("{}/logo", stage.settings()))
                .header("content-type", kind)
                .header("sec-fetch-site", "same-origin")
                .body(Body::from(body));
            let answer = admin.send(request.unwrap()).await;
            assert_eq!(answer.status, 422, "{kind}: {answer:?}");
        }
    }
);

db_test!(
    a_logo_is_an_admins_to_set_in_their_own_organization,
    async |db| {
        let stage = Stage::new(db).await;
        let other = stage.site.db.store.create_organization("Other", admin());
        let other = other.await.unwrap().id;
        stage.add(&other, Role::Owner, "stranger").await;
        let file = picture(ImageFormat::Png);
        let script = async |browser: &Browser, slug: &str| {
            let mut request = multipart(&file);
            *request.uri_mut() = format!("/apps/{slug}/settings/logo").parse().unwrap();
            request
                .headers_mut()
                .insert("accept", "*/*".parse().unwrap());
            browser.send(request).await.status.as_u16()
        };
        let remove = async |browser: &Browser, slug: &str| {
            let headers = [
                ("sec-fetch-site", "same-origin"),
                ("accept", "application/json"),
            ];
            let form = [("application", slug)];
            let answer = browser
                .post_as("/_portal/remove_logo", &form, &headers)
                .await;
            answer.status.as_u16()
        };
        for (called, status) in [
            ("auditor", 403),
            ("support", 403),
            ("developer", 403),
            ("stranger", 404),
        ] {
            let browser = stage.signed_in(called).await;
            assert_eq!(script(&browser, stage.slug()).await, status, "{called}");
            assert_eq!(remove(&browser, stage.slug()).await, status, "{called}");
            if called == "stranger" {
                assert_eq!(script(&browser, "nowhere").await, status);
            }
        }
        assert_eq!(script(&stage.site.browser(), stage.slug()).await, 401);
        let away = upload(&stage.site.browser(), stage.slug(), &file).await;
        assert_eq!(away.location(), "/signin");
        assert_eq!(stage.application().await.logo, None);

        // from another site, in the name of somebody who may
        let owner = stage.signed_in("owner").await;
        let mut elsewhere = multipart(&file);
        *elsewhere.uri_mut() = format!("{}/logo", stage.settings()).parse().unwrap();
        let site = "cross-site".parse().unwrap();
        elsewhere.headers_mut().insert("sec-fetch-site", site);
        assert_eq!(owner.send(elsewhere).await.status, 403);
        assert_eq!(stage.application().await.logo, None);
        upload(&owner, stage.slug(), &file).await;
        assert!(stage.application().await.logo.is_some());
    }
);

db_test!(a_colour_is_saved_and_served_as_a_stylesheet, async |db| {
    let stage = Stage::new(db).await;
    let admin = stage.signed_in("admin").await;
    let answer = stage.save(&admin, &[("accent", " #FFE600 ")]).await;
    assert_eq!(answer.location(), format!("{}?saved=1", stage.settings()));
    let page = stage.connect_page().await;
    page.must_be_page(
        200,
        "<link rel=\"stylesheet\" href=\"/connect-theme/ffe600.css\">",
    );
    let sheet = stage.site.browser().get("/connect-theme/ffe600.css").await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert!(sheet.header("cache-control").contains("immutable"));
    assert!(sheet.text.contains("#ffe600"), "{}", sheet.text);
    assert!(sheet.text.contains("light-dark("), "{}", sheet.text);

    for wrong in ["yellow", "#ffe60", "#ffe600;}", "url(x)"] {
        let answer = stage.save(&admin, &[("accent", wrong)]).await;
        let page = follow(&admin, &answer).await;
        page.must_be_page(200, "Write # and six digits");
        assert_eq!(stage.application().await.accent, "#ffe600".parse().ok());
    }
    stage.save(&admin, &[]).await;
    assert_eq!(stage.application().await.accent, None);
    assert!(!stage.connect_page().await.text.contains("connect-theme"));
});

db_test!(
    bound_completion_is_saved_with_a_return_url_only,
    async |db| {
        let stage = Stage::new(db).await;
        let admin = stage.signed_in("admin").await;
        let bound = ("completion", "bound");
        let answer = stage.save(&admin, &[bound, ("return_urls", "")]).await;
        let page = follow(&admin, &answer).await;
        page.must_be_page(200, "the browser brings the connect code there");
        assert_eq!(stage.application().await.completion, Completion::Confirm);

        stage.save(&admin, &[bound]).await;
        assert_eq!(stage.application().await.completion, Completion::Bound);
        let page = admin.get(&stage.settings()).await;
        page.must_be_page(200, "value=\"bound\" checked");

        let answer = stage.save(&admin, &[("completion", "whatever")]).await;
        let page = follow(&admin, &answer).await;
        page.must_be_page(200, "Choose one of those that are offered.");
        assert_eq!(stage.application().await.completion, Completion::Bound);
    }
);
