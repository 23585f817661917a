//! No secret in a page, an answer, a log or the database.
//!
//! An installation is filled with secrets by using it: set up, signed in, a provider added, an
//! account connected, tokens handed out and renewed. Then everything is asked that can be asked,
//! properly and improperly. At the end all answers, the log at its most talkative and the whole
//! database are searched for every secret, in every encoding in which it could hide. Each kind of
//! secret may stand in the one place that is there to tell it, and nowhere else.

use crate::support::canary::{Canary, dump, must_be_clean};
use crate::support::databases::{Database, KEY};
use crate::support::member::link_on;
use crate::support::provider::{Event, Fault};
use crate::support::site::{Browser, PUBLIC_URL, Reply, Site};
use crate::support::totp::{App, codes_on};
use app::routes::listing;
use axum::body::Body;
use axum::extract::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use server::auth::issue_setup_token;
use server::domain::KeyScope;
use server::domain::random_base62;
use server::jobs::read_vitals;
use server::vault::sha256;
use std::io::Write;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

const FORM: &str = "application/x-www-form-urlencoded";

/// A secret, and the places of answers that may hold it.
struct Kept {
    canary: Canary,
    may_stand: Box<dyn Fn(&str) -> bool + Send>,
}

/// The secrets of one installation.
#[derive(Default)]
struct Secrets(Vec<Kept>);

impl Secrets {
    /// One that nobody may be told.
    fn hide(&mut self, secret: &str) {
        self.allow(secret, |_| false);
    }

    /// One that is told where `place` begins like this.
    fn tell(&mut self, secret: &str, places: &[&str]) {
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        self.allow(secret, move |place| {
            places.iter().any(|told| place.starts_with(told.as_str()))
        });
    }

    fn allow(&mut self, secret: &str, may_stand: impl Fn(&str) -> bool + Send + 'static) {
        self.0.push(Kept {
            canary: Canary::of(secret),
            may_stand: Box::new(may_stand),
        });
    }

    /// Searches an answer.
    fn must_not_leave(&self, place: &str, bytes: &[u8]) {
        let hidden = self.0.iter().filter(|kept| !(kept.may_stand)(place));
        must_be_clean(bytes, hidden.map(|kept| &kept.canary), place);
    }

    /// Searches what nobody is told anything by.
    fn must_not_be_in(&self, place: &str, bytes: &[u8]) {
        must_be_clean(bytes, self.0.iter().map(|kept| &kept.canary), place);
    }
}

/// What all tests of this process log, from the first call on.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn listen() {
    static LISTENING: LazyLock<()> = LazyLock::new(|| {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("server=trace,app=trace"))
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(|| Ear)
            .init();
    });
    LazyLock::force(&LISTENING);
}

struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Something nobody else has, which no encoding leaves as it is.
fn canary(kind: &str) -> String {
    format!("canary+{kind}/{}", random_base62(20))
}

/// An installation and what is secret in it.
struct Stage {
    site: Site,
    secrets: Secrets,
    owner: Browser,
    password: String,
    key: String,
    provider: String,
}

impl Stage {
    /// Set up by its owner through the portal, with a provider and an API key.
    async fn new(db: Database) -> Self {
        let site = Site::new(db).await;
        let mut stage = Self {
            owner: site.browser(),
            site,
            secrets: Secrets::default(),
            password: canary("password"),
            key: String::new(),
            provider: String::new(),
        };
        stage.secrets.hide(KEY);
        stage.secrets.hide(&"\u{1}".repeat(32));
        stage.set_up().await;
        stage.add_provider().await;
        stage.make_key().await;
        stage.gather_a_team().await;
        stage
    }

    /// Somewhere between right and wrong: a secret that was typed.
    fn typed(&mut self, kind: &str) -> String {
        let secret = canary(kind);
        self.secrets.hide(&secret);
        secret
    }

    async fn set_up(&mut self) {
        let token = issue_setup_token(&self.site.db.store).await.unwrap();
        let token = token.unwrap().expose().clone();
        self.secrets.hide(&token);
        self.secrets.hide(&self.password);
        let wrong = self.typed("token");
        for (token, succeeds) in [(&wrong, false), (&token, true)] {
            let form = [
                ("token", token.as_str()),
                ("organization", "Acme"),
                ("name", "Ada"),
                ("email", "ada@acme.example"),
                ("password", &self.password),
            ];
            let answer = self.owner.post("/_portal/set_up", &form).await;
            assert_eq!(succeeded(&answer), succeeds, "{answer:?}");
            self.owner.get("/setup").await;
        }
    }

    /// The next morning.
    async fn sign_in(&mut self) {
        let wrong = self.typed("wrong-password");
        for (password, succeeds) in [(&wrong, false), (&self.password, true)] {
            let form = [("email", "ada@acme.example"), ("password", password)];
            let answer = self.owner.post("/_portal/sign_in", &form).await;
            assert_eq!(succeeded(&answer), succeeds, "{answer:?}");
            self.owner.get("/signin").await;
        }
    }

    async fn add_provider(&mut self) {
        let form = [
            ("name", "CRM Sync"),
            ("slug", "crm-sync"),
            ("return_urls", "https://app.acme.example/done"),
        ];
        self.must_do("create_application", &form).await;
        let first = self.typed("client-secret");
        for (definition, client_id, succeeds) in [
            ("unknown", "client-1", false),
            ("house", "", false),
            ("house", "client-1", true),
        ] {
            let form = [
                ("application", "crm-sync"),
                ("definition", definition),
                ("client_id", client_id),
                ("client_secret", &first),
                ("scopes[]", "contacts.read"),
            ];
            let answer = self.owner.post("/_portal/create_provider", &form).await;
            assert_eq!(succeeded(&answer), succeeds, "{answer:?}");
            self.owner.get("/apps/crm-sync/providers/new/house").await;
        }
        let second = self.typed("second-client-secret");
        let form = [
            ("application", "crm-sync"),
            ("provider", "house"),
            ("client_secret", &second),
        ];
        self.site.provider.accept_only_secret(&second);
        self.must_do("add_client_secret", &form).await;
    }

    async fn make_key(&mut self) {
        let mut form = vec![("application", "crm-sync"), ("name", "backend")];
        form.extend(KeyScope::ALL.map(|scope| ("scopes[]", scope.as_str())));
        self.must_do("create_key", &form).await;
        let told = self.owner.get("/apps/crm-sync/keys").await;
        let rest = told.text.split("value=\"gp_").nth(1).expect("the key");
        self.key = format!("gp_{}", rest.split('"').next().unwrap());
        // told once, which is why this page may hold it below
        let again = self.owner.get("/apps/crm-sync/keys").await;
        must_be_clean(again.text.as_bytes(), &[Canary::of(&self.key)], "the page");
        let answer = self.api("GET", "/providers", &Value::Null).await.json();
        let redirect_uri = answer["data"][0]["redirect_uri"].as_str().unwrap();
        self.provider = String::from(redirect_uri.rsplit('/').next().unwrap());
        self.secrets.tell(&self.key, &["GET /apps/crm-sync/keys"]);
    }

    /// Somebody joins by a link, adds a second factor, and signs in with a recovery code.
    async fn gather_a_team(&mut self) {
        let form = [("email", "zoe@acme.example"), ("role", "support")];
        self.must_do("invite", &form).await;
        let token = link_on(&self.owner.get("/members").await);
        let again = self.owner.get("/members").await;
        must_be_clean(again.text.as_bytes(), &[Canary::of(&token)], "the page");
        let own = [
            "GET /members",
            "GET /invitations/",
            "POST /_portal/accept_invitation",
        ];
        self.secrets.tell(&token, &own);
        let password = self.typed("zoes-password");
        let zoe = self.site.browser();
        for (password, succeeds) in [("short", false), (password.as_str(), true)] {
            let form = [
                ("token", token.as_str()),
                ("name", "Zoe"),
                ("password", password),
            ];
            let answer = zoe.post("/_portal/accept_invitation", &form).await;
            assert_eq!(succeeded(&answer), succeeds, "{answer:?}");
            zoe.get(answer.location()).await;
        }
        let page = "/account/second-factor";
        self.cookies_of(&zoe);
        zoe.post("/_portal/begin_second_factor", &[]).await;
        let app = App::scans(&zoe.get(page).await);
        let shown = [format!("GET {page}")];
        self.secrets.hide(app.seed());
        self.secrets.tell(&app.seed_in_groups(), &[&shown[0]]);
        let code = app.code(&self.site, 0);
        let form = [("code", code.as_str())];
        let done = zoe.post("/_portal/confirm_second_factor", &form).await;
        assert!(succeeded(&done), "{done:?}");
        let codes = codes_on(&zoe.get(done.location()).await);
        let again = zoe.get(page).await;
        for code in &codes {
            must_be_clean(again.text.as_bytes(), &[Canary::of(code)], "the page");
            self.secrets.tell(code, &[&shown[0]]);
            self.secrets.hide(&code.replace('-', ""));
        }
        self.cookies_of(&zoe);
        let again = self.site.browser();
        let form = [
            ("email", "zoe@acme.example"),
            ("password", password.as_str()),
        ];
        let half = again.post("/_portal/sign_in", &form).await;
        assert_eq!(half.location(), "/signin/factor");
        for code in [&codes[0], &codes[1]] {
            again.post("/_portal/show_factor", &[("code", code)]).await;
            again.get("/signin/factor").await;
        }
        self.cookies_of(&again);
    }

    async fn must_do(&self, action: &str, form: &[(&str, &str)]) {
        let answer = self.owner.post(&format!("/_portal/{action}"), form).await;
        assert!(succeeded(&answer), "{action}: {answer:?}");
    }

    async fn api(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.site.api(&self.key, method, path, body).await
    }

    /// A link, as a path.
    async fn invite(&mut self) -> String {
        let body = json!({"end_user": {"id": "mia"}, "providers": ["house"]});
        let answer = self.api("POST", "/connect-sessions", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let url = answer.json()["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix(PUBLIC_URL).unwrap().to_owned();
        self.link(&path, "POST /api/v1/connect-sessions");
        path
    }

    /// The secret part of a link stands on its own pages, and where the way there is told.
    fn link(&mut self, path: &str, told: &str) {
        let token = path.strip_prefix("/connect/").unwrap();
        let own = ["GET ", "POST "].map(|method| format!("{method}{path}"));
        let places = [&own[0], &own[1], told, "GET /oauth/callback/"];
        self.secrets.tell(token, &places);
    }

    /// Presses the button on a hosted page. Answers the provider's address.
    async fn start(&mut self, person: &Browser, path: &str) -> String {
        let start = format!("{path}/start");
        let started = person.post(&start, &[("provider", "house")]).await;
        assert_eq!(started.status, 303, "{}", started.text);
        let url: url::Url = started.location().parse().unwrap();
        let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
        self.secrets.tell(&state, &[&format!("POST {path}/start")]);
        url.into()
    }

    /// Once no, once yes. Answers the connection.
    async fn connect(&mut self) -> String {
        let path = self.invite().await;
        let (person, stranger) = (self.site.browser(), self.site.browser());
        person.get(&path).await;
        let authorize = self.start(&person, &path).await;
        let denied = local(&self.site.provider.deny(&authorize));
        let back = person.get(&denied).await;
        person.get(back.location()).await;

        let authorize = self.start(&person, &path).await;
        let approved = local(&self.site.provider.approve(&authorize, "mia"));
        stranger.get(&approved).await;
        stranger.get(&format!("{approved}&state=twice")).await;
        let elsewhere = approved.replace(&self.provider, "prv_elsewhere");
        person.get(&elsewhere).await;
        let back = person.get(&approved).await;
        assert_eq!(back.status, 303, "{}", back.text);
        person.get(back.location()).await.must_be_page(200, "House");
        stranger.get(back.location()).await;
        person.get(&approved).await;
        person.get(&path).await;
        for page in ["accounts", "start", "stop", "outcome/flw_unknown"] {
            person.get(&format!("{path}/{page}")).await;
        }
        self.cookies_of(&person);
        let all = self.api("GET", "/connections", &Value::Null).await.json();
        all["data"][0]["id"].as_str().unwrap().to_owned()
    }

    /// The backend completes: for somebody else, properly, and with another account than before.
    async fn complete(&mut self, connection: &str) {
        let verifier = self.typed("verifier");
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        for (end_user, account, status) in [
            ("zoe", "mia", 409),
            ("mia", "mia", 200),
            ("mia", "zoe", 409),
        ] {
            let body = json!({"end_user": {"id": "mia"}, "reconnect": connection,
                "return_url": "https://app.acme.example/done", "code_challenge": challenge});
            let session = self.api("POST", "/connect-sessions", &body).await.json();
            let path = local(session["url"].as_str().unwrap());
            self.link(&path, "POST /api/v1/connect-sessions");
            let person = self.site.browser();
            let authorize = self.start(&person, &path).await;
            let approved = local(&self.site.provider.approve(&authorize, account));
            let back = person.get(&approved).await;
            let (_, code) = back.location().split_once("connect_code=").expect("a code");
            let outcome = Self::outcome_of(&person, &path);
            self.secrets
                .tell(code, &["GET /oauth/callback/", &format!("GET {outcome}")]);
            person
                .get(&outcome)
                .await
                .must_be_page(200, "One step is left");
            let proof =
                json!({"connect_code": code, "end_user_id": end_user, "code_verifier": verifier});
            let id = session["id"].as_str().unwrap();
            let complete = format!("/connect-sessions/{id}/complete");
            let completed = self.api("POST", &complete, &proof).await;
            assert_eq!(completed.status, status, "{}", completed.text);
            person.get(&outcome).await;
            let choose = format!("{outcome}/choose");
            let again = person.post(&choose, &[("choice", "same")]).await;
            if let Ok(url) = again.location().parse::<url::Url>() {
                let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
                self.secrets.tell(&state, &[&format!("POST {choose}")]);
            }
            self.cookies_of(&person);
        }
    }

    /// Where a browser sees how its only attempt in a session ended.
    fn outcome_of(person: &Browser, path: &str) -> String {
        let cookies = person.cookies();
        let mut flows = cookies
            .keys()
            .filter_map(|name| name.strip_prefix("grantport_flow_"));
        format!("{path}/outcome/{}", flows.next().expect("a flow"))
    }

    /// The owner runs the flow as themselves, as far as it goes, and leaves it open.
    async fn play(&mut self) {
        let page = "/apps/crm-sync/providers/house/playground";
        let form = [("application", "crm-sync"), ("provider", "house")];
        self.owner.get(page).await;
        for approves in [false, true] {
            let left = self.owner.post("/_portal/playground_code", &form).await;
            let url: url::Url = left.location().parse().unwrap();
            let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
            self.secrets
                .tell(&state, &["POST /_portal/playground_code"]);
            self.owner.get(page).await;
            let back = if approves {
                self.site.provider.approve(left.location(), "ada")
            } else {
                self.site.provider.deny(left.location())
            };
            let back = self.owner.get(&local(&back)).await;
            assert_eq!(back.location(), page);
            self.owner.get(page).await;
        }
        for step in ["playground_token", "playground_profile"] {
            self.must_do(step, &form).await;
            self.owner.get(page).await.must_be_page(200, "•••• ");
        }
    }

    /// Another attempt, whose exchange fails in this way.
    async fn connect_in_vain(&mut self, fault: Fault) {
        let path = self.invite().await;
        let person = self.site.browser();
        let authorize = self.start(&person, &path).await;
        self.site.provider.next_fails(fault);
        let approved = local(&self.site.provider.approve(&authorize, "mia"));
        let back = person.get(&approved).await;
        person.get(back.location()).await;
        self.cookies_of(&person);
    }

    /// Tokens as they are handed out, renewed, and no longer to be had.
    async fn use_tokens(&mut self, connection: &str) {
        let path = format!("/connections/{connection}/token");
        let by_owner = json!({"provider": "house", "end_user": "mia"});
        let first = self.api("POST", &path, &Value::Null).await;
        assert_eq!(first.status, 200, "{}", first.text);
        self.site.db.clock.advance(2 * 3_600_000);
        let second = self.api("POST", "/tokens", &by_owner).await;
        assert_eq!(second.status, 200, "{}", second.text);
        assert_ne!(first.json()["access_token"], second.json()["access_token"]);
        for fault in [
            Fault::Status(500),
            Fault::Html,
            Fault::HalfAnAnswer,
            Fault::Refusal(400, "invalid_request"),
            Fault::Echo,
            Fault::EchoPage,
        ] {
            self.site.db.clock.advance(2 * 3_600_000);
            self.site.provider.next_fails(fault);
            self.api("POST", &path, &Value::Null).await;
        }
        self.site.db.clock.advance(2 * 3_600_000);
        self.site.provider.forget("mia");
        let broken = self.api("POST", &path, &Value::Null).await;
        assert_eq!(broken.status, 409, "{}", broken.text);
        let url = broken.json()["reconnect_url"].as_str().unwrap().to_owned();
        let link = url.strip_prefix(PUBLIC_URL).unwrap().to_owned();
        self.link(&link, &format!("POST /api/v1{path}"));
        self.site.browser().get(&link).await;
    }

    /// What backends get wrong.
    async fn misuse_the_api(&mut self, connection: &str) {
        let wrong = self.typed("key");
        for key in [wrong.as_str(), "", &format!("{}x", self.key)] {
            self.site
                .api(key, "GET", "/connections", &Value::Null)
                .await;
        }
        let paths = [
            "/connect-sessions",
            "/connect-sessions/cns_unknown",
            "/connect-sessions/cns_unknown/complete",
            "/connections",
            "/connections?limit=x",
            "/connections/con_unknown",
            &format!("/connections/{connection}"),
            &format!("/connections/{connection}/token?x=y"),
            "/connections/con_unknown/token",
            "/tokens",
            "/providers",
            "/events",
            "/webhooks",
            "/webhooks/whk_unknown/deliveries",
            "/nothing",
            "",
        ];
        let bodies = [
            Value::Null,
            json!("text"),
            json!({"provider": "unknown", "end_user": "mia"}),
            json!({"end_user": {"id": ""}, "return_url": "https://evil.example"}),
            json!({"rejected_token_sha256": "short"}),
        ];
        for path in paths {
            for method in ["GET", "POST", "PATCH", "PUT"] {
                for body in &bodies {
                    self.api(method, path, body).await;
                }
            }
        }
    }

    /// Every page of the portal, and pages that are none.
    async fn visit_all(&self, browser: &Browser, connection: &str) {
        for route in listing() {
            let path = route
                .path()
                .replace("{app}", "crm-sync")
                .replace("{provider}", "house")
                .replace("{definition}", "house")
                .replace("{token}", "unknown")
                .replace("{webhook}", "whk_unknown")
                .replace("{id}", connection);
            assert!(!path.contains('{'), "{path}");
            browser.get(&path).await;
            browser.get(&format!("{path}?saved=1&q=a")).await;
        }
        for path in [
            "/nothing",
            "/apps/unknown",
            "/apps/crm-sync/providers/unknown",
            "/apps/crm-sync/connections/con_unknown",
            "/connect/unknown",
            "/connect/unknown/outcome/flw_unknown",
            "/oauth/callback/unknown?code=a&state=b",
            "/practice",
            "/practice/authorize",
            "/practice/me",
            "/apps/crm-sync/settings/logo",
            "/connect-theme/0f5132.css",
            "/connect-logo/unknown.png",
            "/healthz",
            "/readyz",
            "/metrics",
            "/api",
            "/pkg/nothing.js",
        ] {
            browser.get(path).await;
        }
    }

    /// Every form of the portal with every secret in it, and nothing else that fits.
    async fn misuse_the_forms(&mut self, browser: &Browser) {
        let typed = self.typed("typed");
        let hidden = [
            ("token", typed.as_str()),
            ("password", &typed),
            ("current_password", &typed),
            ("new_password", &typed),
            ("client_secret", &typed),
        ];
        let short = [
            ("current_password", self.password.as_str()),
            ("new_password", "short"),
        ];
        let known = [
            ("application", "crm-sync"),
            ("provider", "unknown"),
            ("client_secret", &typed),
            ("current_password", &typed),
            ("new_password", &typed),
            ("email", "ada@acme.example"),
            ("password", &typed),
        ];
        let site = ("sec-fetch-site", "same-origin");
        for (path, _) in server_fn_paths() {
            for form in [&hidden[..], &short, &known, &[]] {
                for accept in ["text/html", "application/json"] {
                    let answer = browser
                        .post_as(path, form, &[site, ("accept", accept)])
                        .await;
                    if answer.location().starts_with('/') {
                        browser.get(answer.location()).await;
                    }
                }
            }
            for (kind, body) in [
                (
                    FORM,
                    format!("password={typed}&password={typed}&client_secret[a]={typed}"),
                ),
                (FORM, format!("%ff=%fe&{typed}")),
                (
                    "application/json",
                    json!({"password": typed, "token": 1}).to_string(),
                ),
                ("text/plain", typed.clone()),
            ] {
                let request = Request::post(path)
                    .header(site.0, site.1)
                    .header("content-type", kind)
                    .body(Body::from(body));
                browser.send(request.unwrap()).await;
            }
        }
    }

    /// The page for operators, on its own address. It names nobody, and nothing of anybody's.
    async fn look_at_the_metrics(&self, connection: &str) {
        let state = &self.site.state;
        read_vitals(&state.store, &state.metrics).await.unwrap();
        let page = self.site.metrics().await;
        let told = r#"grantport_connections{state="reconnect_required"} 1"#;
        assert!(page.text.contains(told), "{}", page.text);
        for id in [connection, &self.provider, "house", "crm-sync", "mia"] {
            assert!(!page.text.contains(id), "{id} in {}", page.text);
        }
    }

    /// Cookies stand in `Set-Cookie`.
    fn cookies_of(&mut self, browser: &Browser) {
        for value in browser.cookies().into_values() {
            self.secrets.tell(&value, &["Set-Cookie"]);
        }
    }

    /// What the provider gave and was shown.
    fn learn_from_the_provider(&mut self) {
        for issued in self.site.provider.given() {
            let desks = ["POST /api/v1/connections/", "POST /api/v1/tokens"];
            self.secrets.tell(&issued.access_token, &desks);
            self.secrets.hide(&issued.refresh_token.unwrap());
        }
        for event in self.site.provider.log() {
            if let Event::CodeAsked { code, verifier } = event {
                self.secrets.hide(&code);
                self.secrets.hide(&verifier.unwrap());
            }
        }
    }
}

fn local(url: &str) -> String {
    url.strip_prefix(PUBLIC_URL).unwrap().to_owned()
}

/// A form that was taken leads on without an error in the address.
fn succeeded(answer: &Reply) -> bool {
    answer.status.is_redirection() && !answer.location().contains("__err")
}

db_test!(no_secret_leaves_the_house, async |db| {
    listen();
    let mut stage = Stage::new(db).await;
    let owner = stage.owner.clone();
    stage.cookies_of(&owner);
    let connection = stage.connect().await;
    stage.complete(&connection).await;
    for fault in [Fault::Refusal(400, "invalid_grant"), Fault::HalfAnAnswer] {
        stage.connect_in_vain(fault).await;
    }
    stage.play().await;
    stage.use_tokens(&connection).await;
    stage.misuse_the_api(&connection).await;

    stage.sign_in().await;
    stage.cookies_of(&owner);
    let visitor = stage.site.browser();
    stage.visit_all(&owner, &connection).await;
    stage.visit_all(&visitor, &connection).await;
    stage.misuse_the_forms(&visitor).await;
    stage.cookies_of(&visitor);
    // the last one: it signs the owner out
    stage.misuse_the_forms(&owner).await;
    stage.cookies_of(&owner);
    tokio::time::sleep(Duration::from_millis(200)).await;
    stage.look_at_the_metrics(&connection).await;

    stage.learn_from_the_provider();
    let (seen, secrets) = (stage.site.seen(), &stage.secrets);
    assert!(secrets.0.len() > 25 && seen.len() > 500, "{}", seen.len());
    for answer in &seen {
        secrets.must_not_leave(&answer.place, &answer.bytes);
    }
    for (column, bytes) in dump(&stage.site.db).await {
        secrets.must_not_be_in(&column, &bytes);
    }
    let log = LOG.lock().unwrap().clone();
    assert!(String::from_utf8_lossy(&log).contains("connected"));
    secrets.must_not_be_in("the log", &log);
});
