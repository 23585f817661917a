//! What the page learns that opened the connect flow in a window, and what others do not.

use crate::support::databases::Database;
use crate::support::seed::Seed;
use crate::support::site::{Browser, PUBLIC_URL, Reply, Site};
use axum::body::Body;
use axum::extract::Request;
use serde_json::json;
use server::domain::{ConnectSession, FlowId, Owner};

const OWN: &str = "https://app.acme.example";

/// A server, and somebody who was invited.
struct Stage {
    site: Site,
    seed: Seed,
    session: ConnectSession,
    /// `/connect/{token}`.
    path: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let seed = Seed::of(&db).await;
        let owner = Owner::Personal("mia".to_owned());
        let (session, token) = seed.session(owner, "mia").await;
        Self {
            site: Site::new(db).await,
            seed,
            session,
            path: format!("/connect/{token}"),
        }
    }

    async fn status(&self, origin: Option<&str>) -> Reply {
        let mut request = Request::get(format!("{}/status", self.path));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let request = request.body(Body::empty()).unwrap();
        self.site.browser().send(request).await
    }

    /// Presses the button on a page that was opened by `opener`. Where the provider is.
    async fn leave(&self, browser: &Browser, opener: &str) -> String {
        let fields = [("provider", "house"), ("opener", opener)];
        let start = format!("{}/start", self.path);
        let started = browser.post(&start, &fields).await;
        assert_eq!(started.status, 303, "{}", started.text);
        started.location().to_owned()
    }

    /// Comes back from the provider. The last page, as far as it is one of ours.
    async fn come_back(&self, browser: &Browser, callback: &str) -> Reply {
        browser
            .get(callback.strip_prefix(PUBLIC_URL).unwrap())
            .await
    }
}

/// The id at the end of an outcome's address.
fn flow_of(back: &Reply) -> FlowId {
    let (_, id) = back.location().rsplit_once('/').unwrap();
    id.parse().unwrap()
}

db_test!(
    a_status_holds_a_word_and_the_id_of_the_session,
    async |db| {
        let stage = Stage::new(db).await;
        let id = stage.session.id.as_str();
        let pending = stage.status(None).await;
        assert_eq!(pending.json(), json!({"session": id, "status": "pending"}));
        assert_eq!(pending.header("cache-control"), "no-store");

        let browser = stage.site.browser();
        let left = stage.leave(&browser, OWN).await;
        let denied = stage.site.provider.deny(&left);
        stage.come_back(&browser, &denied).await;
        assert_eq!(
            stage.status(None).await.json(),
            json!({"session": id, "status": "denied", "error": "access_denied"})
        );

        let left = stage.leave(&browser, OWN).await;
        let approved = stage.site.provider.approve(&left, "mia");
        stage.come_back(&browser, &approved).await;
        assert_eq!(
            stage.status(None).await.json(),
            json!({"session": id, "status": "connected"})
        );
    }
);

db_test!(only_pages_of_the_application_read_the_status, async |db| {
    let stage = Stage::new(db).await;
    for (origin, reads) in [
        (OWN, true),
        ("https://app.acme.example/", false),
        ("https://app.acme.example:443", false),
        ("http://app.acme.example", false),
        ("https://APP.acme.example", false),
        ("https://app.acme.example.evil.example", false),
        ("https://evil.example", false),
        ("https://acme.example", false),
        ("null", false),
        ("*", false),
        ("", false),
    ] {
        let answer = stage.status(Some(origin)).await;
        assert_eq!(answer.status, 200, "{origin}");
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!(allowed, if reads { origin } else { "" }, "{origin}");
        assert_eq!(answer.header("vary"), "origin", "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let answer = stage.status(None).await;
    assert_eq!(answer.header("vary"), "origin");
    assert_eq!(answer.header("access-control-allow-origin"), "");
});

db_test!(an_unknown_link_has_no_status, async |db| {
    let stage = Stage::new(db).await;
    let request = Request::get("/connect/nothing-that-was-made/status").header("origin", OWN);
    let request = request.body(Body::empty()).unwrap();
    let answer = stage.site.browser().send(request).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.json()["code"], "not_found");
});

db_test!(a_session_expires_when_nothing_can_come_of_it, async |db| {
    let stage = Stage::new(db).await;
    let clock = stage.site.db.clock.clone();
    let status = async || stage.status(None).await.json()["status"].clone();
    let browser = stage.site.browser();

    // begun in the link's last minute, and not yet back from the provider
    clock.advance(59 * 60_000);
    let left = stage.leave(&browser, OWN).await;
    clock.advance(2 * 60_000);
    assert_eq!(status().await, "pending");
    let approved = stage.site.provider.approve(&left, "mia");
    stage.come_back(&browser, &approved).await;
    assert_eq!(status().await, "connected");

    let owner = Owner::Personal("leo".to_owned());
    let (_, token) = stage.seed.session(owner, "leo").await;
    let stage = Stage {
        path: format!("/connect/{token}"),
        ..stage
    };
    clock.advance(61 * 60_000);
    assert_eq!(stage.status(None).await.json()["status"], "expired");
});

db_test!(the_last_page_tells_who_opened_the_window, async |db| {
    let stage = Stage::new(db).await;
    let browser = stage.site.browser();
    let link = format!("{}?opener=https%3A%2F%2Fapp.acme.example", stage.path);
    let asks = browser.get(&link).await;
    asks.must_be_page(
        200,
        r#"<input type="hidden" name="opener" value="https://app.acme.example">"#,
    );
    assert!(!asks.text.contains("<script"), "{}", asks.text);
    assert!(
        !asks
            .header("content-security-policy")
            .contains("script-src")
    );

    let left = stage.leave(&browser, OWN).await;
    let denied = stage.site.provider.deny(&left);
    let back = stage.come_back(&browser, &denied).await;
    let problem = browser.get(back.location()).await;
    problem.must_be_page(200, r#"src="/connect-outcome.js""#);
    for part in [
        r#"data-opener="https://app.acme.example""#,
        r#"data-status="denied""#,
        r#"data-error="access_denied""#,
        // "Try again" goes on in the same window
        r#"<input type="hidden" name="opener" value="https://app.acme.example">"#,
    ] {
        assert!(problem.text.contains(part), "{part}: {}", problem.text);
    }
    let policy = problem.header("content-security-policy");
    assert!(policy.contains("script-src 'self'"), "{policy}");

    let left = stage.leave(&browser, OWN).await;
    let approved = stage.site.provider.approve(&left, "mia");
    let back = stage.come_back(&browser, &approved).await;
    assert!(back.location().contains("/outcome/"), "not the return URL");
    let done = browser.get(back.location()).await;
    done.must_be_page(200, r#"data-status="connected""#);
    let session = format!(r#"data-session="{}""#, stage.session.id);
    assert!(done.text.contains(&session), "{}", done.text);
    assert_eq!(done.text.matches("<script").count(), 1);
    // where nobody listens any more, the page leads back
    assert!(done.text.contains("https://app.acme.example/done?session="));
});

db_test!(an_opener_that_is_not_registered_is_as_none, async |db| {
    let stage = Stage::new(db).await;
    for opener in [
        "https://evil.example",
        "https://app.acme.example/",
        "https://app.acme.example.evil.example",
        "null",
        "*",
        "",
    ] {
        let browser = stage.site.browser();
        let link = format!("{}?opener={opener}", stage.path);
        let asks = browser.get(&link).await;
        asks.must_be_page(200, "Application crm-sync");
        assert!(!asks.text.contains(r#"name="opener""#), "{}", asks.text);

        let left = stage.leave(&browser, opener).await;
        let denied = stage.site.provider.deny(&left);
        let back = stage.come_back(&browser, &denied).await;
        let flow = stage.seed.store.flow(&flow_of(&back)).await.unwrap();
        assert_eq!(flow.expect("the flow").opener, None, "{opener}");
        let problem = browser.get(back.location()).await;
        assert!(!problem.text.contains("<script"), "{}", problem.text);
        let policy = problem.header("content-security-policy");
        assert!(!policy.contains("script-src"), "{policy}");
    }

    let browser = stage.site.browser();
    let left = stage.leave(&browser, "https://evil.example").await;
    let approved = stage.site.provider.approve(&left, "mia");
    let back = stage.come_back(&browser, &approved).await;
    let expected = format!("{OWN}/done?session={}&status=connected", stage.session.id);
    assert_eq!(back.location(), expected);
});
