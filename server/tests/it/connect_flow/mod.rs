//! The end user's way through the whole server: the link, the page, the provider, and back.

mod bound;
mod choosing;
mod codes;

use crate::support::canary::dump;
use crate::support::databases::Database;
use crate::support::provider::Event;
use crate::support::seed::{Seed, admin, new_provider};
use crate::support::site::{Browser, PUBLIC_URL, Reply, Site};
use crate::support::together::together;
use axum::body::Body;
use axum::extract::Request;
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::domain::{ConnectionId, Provider};
use server::store::NewProvider;
use server::store::db::{Runs, sql};
use server::vault::sha256_hex;
use std::time::Duration;

/// A server with an application, a provider and a backend.
struct Stage {
    site: Site,
    seed: Seed,
    key: String,
}

/// An invitation of the backend.
struct Invited {
    session: String,
    /// `/connect/{token}`.
    path: String,
}

/// An attempt that has left for the provider.
struct Left {
    browser: Browser,
    authorize_url: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        Self::with(db, new_provider("house")).await
    }

    async fn with(db: Database, provider: NewProvider) -> Self {
        let seed = Seed::with(&db, provider).await;
        let key = ApiKeyText::make();
        let kept = db
            .store
            .create_api_key(&seed.application, "tests", &key.hint, &key.hash, admin())
            .await;
        assert!(kept.is_ok());
        Self {
            site: Site::new(db).await,
            seed,
            key: key.text.expose().clone(),
        }
    }

    async fn api(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.site.api(&self.key, method, path, body).await
    }

    /// Invites somebody, with more in the body.
    async fn invite(&self, person: &str, more: &Value) -> Invited {
        let mut body = json!({"end_user": {"id": person, "name": format!("{person} Novak")}});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let answer = self.api("POST", "/connect-sessions", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let answer = answer.json();
        let url = answer["url"].as_str().unwrap();
        Invited {
            session: answer["id"].as_str().unwrap().to_owned(),
            path: url.strip_prefix(PUBLIC_URL).unwrap().to_owned(),
        }
    }

    /// Somebody follows the link with a new browser and presses the button.
    async fn leave(&self, invited: &Invited) -> Left {
        self.leave_with(self.site.browser(), invited, "house").await
    }

    async fn leave_with(&self, browser: Browser, invited: &Invited, provider: &str) -> Left {
        let start = format!("{}/start", invited.path);
        let started = browser.post(&start, &[("provider", provider)]).await;
        assert_eq!(started.status, 303, "{}", started.text);
        Left {
            browser,
            authorize_url: started.location().to_owned(),
        }
    }

    /// Somebody approves with this account. The path on which the browser comes back.
    fn approve(&self, left: &Left, account: &str) -> String {
        local(&self.site.provider.approve(&left.authorize_url, account))
    }

    /// The whole way. Answers where the browser is led at its end.
    async fn connect(&self, person: &str, account: &str, more: &Value) -> (Left, Reply) {
        let invited = self.invite(person, more).await;
        let left = self.leave(&invited).await;
        let back = left.browser.get(&self.approve(&left, account)).await;
        (left, back)
    }

    /// The session as the backend sees it.
    async fn session(&self, invited: &Invited) -> Value {
        let path = format!("/connect-sessions/{}", invited.session);
        let answer = self.api("GET", &path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// All connections, as the backend sees them.
    async fn connections(&self) -> Vec<Value> {
        let answer = self.api("GET", "/connections", &Value::Null).await.json();
        answer["data"].as_array().unwrap().clone()
    }

    /// What the backend gets for its calls.
    async fn token(&self, connection: &str) -> Value {
        let path = format!("/connections/{connection}/token");
        let answer = self.api("POST", &path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// How often a code arrived at the provider.
    fn exchanges(&self) -> usize {
        let provider = &self.site.provider;
        provider.count(|event| matches!(event, Event::CodeAsked { .. }))
    }

    async fn another_provider(&self) -> Provider {
        let new = new_provider("silent");
        let store = &self.seed.store;
        store
            .create_provider(&self.seed.application, new, admin())
            .await
            .unwrap()
    }

    /// Where the end of an attempt is shown.
    async fn outcome(&self, invited: &Invited, left: &Left) -> String {
        format!("{}/outcome/{}", invited.path, self.flow_of(left).await)
    }

    async fn flow_of(&self, left: &Left) -> String {
        let (_, state) = left.authorize_url.split_once("&state=").unwrap();
        let state = state.split('&').next().unwrap();
        let flow = self.seed.store.flow_by_state(state).await.unwrap();
        flow.unwrap().id.to_string()
    }

    /// The database's own clock, which jobs go by, has passed the end of an attempt.
    async fn lapse(&self, left: &Left) {
        let flow = self.flow_of(left).await;
        let late = sql("UPDATE flows SET expires_at = 1 WHERE id = $1").bind(flow);
        self.seed.store.db().run(late).await.unwrap();
    }

    /// The browser is led to a page that says so.
    async fn must_succeed(&self, left: &Left, back: &Reply) {
        assert_eq!(back.status, 303, "{}", back.text);
        let page = left.browser.get(back.location()).await;
        page.must_be_page(200, "House of house");
        assert!(back.location().contains("/outcome/"), "{}", back.location());
        assert!(!page.text.contains("Try again"), "{}", page.text);
    }
}

fn local(url: &str) -> String {
    url.strip_prefix(PUBLIC_URL).unwrap().to_owned()
}

/// Whether this text stands anywhere in the database.
fn holds(everything: &[(String, Vec<u8>)], text: &str) -> bool {
    let stands = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    everything.iter().any(|(_, bytes)| stands(bytes))
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

db_test!(a_person_connects_an_account, async |db| {
    let stage = Stage::new(db).await;
    let back_to = "https://app.acme.example/done";
    let invited = stage.invite("mia", &json!({"return_url": back_to})).await;
    assert_eq!(stage.session(&invited).await["status"], "pending");

    let browser = stage.site.browser();
    let page = browser.get(&invited.path).await;
    page.must_be_page(200, "Application crm-sync");
    assert!(page.text.contains("mia Novak"), "{}", page.text);
    let policy = page.header("content-security-policy");
    let forms = policy.split(';').find(|part| part.contains("form-action"));
    let provider = stage.site.provider.origin();
    assert!(forms.unwrap().contains(&provider), "{policy}");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(browser.cookies().is_empty());

    let left = stage.leave_with(browser, &invited, "house").await;
    assert!(
        left.authorize_url
            .starts_with(&format!("{provider}/authorize?"))
    );
    for part in ["state=", "code_challenge=", "code_challenge_method=S256"] {
        assert!(left.authorize_url.contains(part), "{}", left.authorize_url);
    }
    assert_eq!(left.browser.cookies().len(), 1);

    let back = left.browser.get(&stage.approve(&left, "mia")).await;
    assert_eq!(back.status, 303);
    let expected = format!("{back_to}?session={}&status=connected", invited.session);
    assert_eq!(back.location(), expected);

    let session = stage.session(&invited).await;
    assert_eq!(session["status"], "connected");
    let connection = &session["connections"][0];
    assert_eq!(
        connection["owner"],
        json!({"kind": "personal", "id": "mia"})
    );
    let token = stage.token(id(connection)).await;
    let live = stage.site.provider.live("mia").unwrap();
    assert_eq!(token["access_token"], live.access_token);
    assert_eq!(stage.exchanges(), 1);
});

db_test!(pages_are_in_the_language_of_their_reader, async |db| {
    let stage = Stage::new(db).await;
    let open = async |path: &str, asks_for: &str| {
        let request = Request::get(path).header("accept-language", asks_for);
        let request = request.body(Body::empty()).unwrap();
        stage.site.browser().send(request).await
    };
    let brazilian = stage.invite("mia", &json!({"locale": "pt-BR"})).await;
    let page = open(&brazilian.path, "de").await;
    page.must_be_page(200, r#"<html lang="pt">"#);
    page.must_be_page(200, "Conectar House of house");
    page.must_be_page(200, "Ler contatos");

    let of_no_locale = stage.invite("zoe", &Value::Null).await;
    let page = open(&of_no_locale.path, "ja,en;q=0.5").await;
    page.must_be_page(200, r#"<html lang="ja">"#);
    page.must_be_page(200, "House of house を接続");
    let page = open(&of_no_locale.path, "nl").await;
    page.must_be_page(200, r#"<html lang="en">"#);

    // a refused form, a list and a link that nobody knows speak alike
    let (browser, start) = (stage.site.browser(), format!("{}/start", brazilian.path));
    let refused = browser.post(&start, &[("provider", "nobodys")]).await;
    refused.must_be_page(410, r#"<html lang="pt">"#);
    let accounts = open(&format!("{}/accounts", brazilian.path), "de").await;
    accounts.must_be_page(200, "Minhas contas conectadas");
    let unknown = open("/connect/nobodys", "de-AT, en;q=0.3").await;
    unknown.must_be_page(404, r#"<html lang="de">"#);
    unknown.must_be_page(404, "Dieser Link ist nicht vollständig");
});

db_test!(a_customer_brings_credentials_of_their_own, async |db| {
    let stage = Stage::with(db, new_provider("bring")).await;
    let provider = &stage.site.provider;
    provider.knows(&[("of-mia", "s3cret-of-mia")]);
    let invited = stage.invite("mia", &Value::Null).await;
    let start = format!("{}/start", invited.path);
    let browser = stage.site.browser();
    let type_in = async |secret| {
        let typed = [
            ("provider", "bring"),
            ("client_id", "of-mia"),
            ("client_secret", secret),
        ];
        browser.post(&start, &typed).await
    };

    let empty = type_in("").await;
    empty.must_be_page(422, "of-mia");

    let wrong = type_in("a-typing-slip").await;
    assert!(wrong.location().contains("client_id=of-mia"));
    let back = browser
        .get(&local(&provider.approve(wrong.location(), "mia")))
        .await;
    let page = browser.get(back.location()).await;
    assert!(
        page.text.contains("does not accept that ID and secret"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("a-typing-slip"));
    let application = &stage.seed.application.id;
    let kept = stage.seed.store.provider(application, "bring").await;
    assert_eq!(kept.unwrap().unwrap().credentials_rejected_at, None);

    let right = type_in("s3cret-of-mia").await;
    let back = browser
        .get(&local(&provider.approve(right.location(), "mia")))
        .await;
    assert!(back.location().contains("/outcome/"), "{}", back.location());
    let connections = stage.connections().await;
    assert_eq!(connections.len(), 1);

    let path = format!("/connections/{}/token", id(&connections[0]));
    let first = stage.token(id(&connections[0])).await;
    let rejected = sha256_hex(first["access_token"].as_str().unwrap().as_bytes());
    let body = json!({"rejected_token_sha256": rejected});
    let second = stage.api("POST", &path, &body).await.json();
    assert_ne!(second["access_token"], first["access_token"]);
    let presented = ("of-mia".to_owned(), "s3cret-of-mia".to_owned());
    assert_eq!(provider.last_client(), presented);
});

db_test!(a_flow_cookie_is_for_the_server_alone, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let start = format!("{}/start", invited.path);
    let browser = stage.site.browser();
    let started = browser.post(&start, &[("provider", "house")]).await;
    let cookie = started.header("set-cookie");
    for part in ["; Path=/", "; Max-Age=600", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let value = browser.cookies().into_values().next().unwrap();
    assert!(!started.location().contains(&value));
});

db_test!(fifty_callbacks_exchange_one_code, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");
    stage.site.provider.takes(Duration::from_millis(300));
    let answers = together(50, |_| {
        let (browser, path) = (left.browser.clone(), path.clone());
        async move { browser.get(&path).await }
    })
    .await;
    for answer in &answers {
        assert_eq!(answer.location(), answers[0].location());
    }
    stage.must_succeed(&left, &answers[0]).await;
    assert_eq!(stage.exchanges(), 1);

    // the back button, a day and a restart later
    let replayed = left.browser.get(&path).await;
    assert_eq!(replayed.location(), answers[0].location());
    stage.must_succeed(&left, &replayed).await;
    assert_eq!(stage.exchanges(), 1);
    assert_eq!(stage.connections().await.len(), 1);
});

db_test!(only_the_browser_that_began_may_end_it, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");

    let stranger = stage.site.browser();
    stranger
        .get(&path)
        .await
        .must_be_page(400, "another browser");
    // one that has begun something of its own
    let theirs = stage.invite("zoe", &Value::Null).await;
    let theirs = stage.leave(&theirs).await;
    let refused = theirs.browser.get(&path).await;
    refused.must_be_page(400, "another browser");
    assert_eq!(stage.exchanges(), 0);
    assert_eq!(stage.session(&invited).await["status"], "pending");

    let back = left.browser.get(&path).await;
    stage.must_succeed(&left, &back).await;
    let outcome = stranger.get(back.location()).await;
    assert_eq!(outcome.status, 400, "an outcome is for its own browser");
});

db_test!(a_state_is_good_at_its_own_provider_only, async |db| {
    let stage = Stage::new(db).await;
    let other = stage.another_provider().await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");
    let there = path.replace(stage.seed.provider.id.as_str(), other.id.as_str());
    assert_ne!(there, path);
    let refused = left.browser.get(&there).await;
    refused.must_be_page(400, "fits nothing we asked");
    let nowhere = path.replace(stage.seed.provider.id.as_str(), "prv_unknown");
    assert_eq!(left.browser.get(&nowhere).await.status, 400);
    assert_eq!(stage.exchanges(), 0);

    let back = left.browser.get(&path).await;
    assert_eq!(back.status, 303);
    stage.must_succeed(&left, &back).await;
});

db_test!(a_query_that_no_provider_sends_is_refused, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");
    let (address, query) = path.split_once('?').unwrap();
    let state = query.split('&').find(|pair| pair.starts_with("state="));
    let code = query.split('&').find(|pair| pair.starts_with("code="));
    let (state, code) = (state.unwrap(), code.unwrap());
    for wrong in [
        format!("{path}&{state}"),
        format!("{path}&{code}"),
        format!("{path}&state=another"),
        format!("{path}&code=another"),
        format!("{path}&error=access_denied&error=server_error"),
        format!("{address}?{code}"),
        format!("{address}?{code}&state="),
        format!("{address}?{code}&state=unknown"),
        address.to_owned(),
    ] {
        let refused = left.browser.get(&wrong).await;
        assert_eq!(refused.status, 400, "{wrong}");
        refused.must_be_page(400, "<h1>");
    }
    assert_eq!(stage.exchanges(), 0);
    let back = left.browser.get(&path).await;
    stage.must_succeed(&left, &back).await;
});

db_test!(an_attempt_ends_after_ten_minutes, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");
    stage.site.db.clock.advance(600_000);
    let late = left.browser.get(&path).await;
    late.must_be_page(400, "took longer than ten minutes");
    assert!(late.text.contains("Try again"), "{}", late.text);
    assert_eq!(stage.exchanges(), 0);

    let left = stage.leave_with(left.browser, &invited, "house").await;
    let back = left.browser.get(&stage.approve(&left, "mia")).await;
    stage.must_succeed(&left, &back).await;
});

db_test!(hanging_up_stops_no_exchange, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");
    let gate = stage.site.provider.close_gate();
    let (browser, address) = (left.browser.clone(), path.clone());
    let request = tokio::spawn(async move { browser.get(&address).await });
    gate.reached_by(1).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    gate.open();
    for _ in 0..100 {
        if stage.session(&invited).await["status"] == "connected" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.session(&invited).await["status"], "connected");
    let connections = stage.connections().await;
    let token = stage.token(id(&connections[0])).await;
    let live = stage.site.provider.live("mia").unwrap();
    assert_eq!(token["access_token"], live.access_token);
    // whoever reloads sees that it worked
    let back = left.browser.get(&path).await;
    stage.must_succeed(&left, &back).await;
    assert_eq!(stage.exchanges(), 1);
});

db_test!(no_is_an_answer, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let denied = local(&stage.site.provider.deny(&left.authorize_url));
    let back = left.browser.get(&denied).await;
    assert_eq!(back.status, 303, "{}", back.text);
    let page = left.browser.get(back.location()).await;
    page.must_be_page(200, "was not connected");
    assert!(page.text.contains("Try again"), "{}", page.text);
    let forms = page.header("content-security-policy");
    assert!(forms.contains(&stage.site.provider.origin()), "{forms}");
    let session = stage.session(&invited).await;
    assert_eq!(session["status"], "denied");
    assert_eq!(session["error"]["code"], "access_denied");
    assert_eq!(stage.connections().await.len(), 0);

    let left = stage.leave_with(left.browser, &invited, "house").await;
    let back = left.browser.get(&stage.approve(&left, "mia")).await;
    stage.must_succeed(&left, &back).await;
    assert_eq!(stage.session(&invited).await["status"], "connected");
});

db_test!(a_connection_stays_itself_when_it_is_renewed, async |db| {
    let stage = Stage::new(db).await;
    let (left, back) = stage.connect("mia", "mia", &Value::Null).await;
    stage.must_succeed(&left, &back).await;
    let before = stage.connections().await;
    let old = stage.token(id(&before[0])).await;

    let renew = json!({"reconnect": id(&before[0])});
    let (left, back) = stage.connect("mia", "mia", &renew).await;
    stage.must_succeed(&left, &back).await;
    let after = stage.connections().await;
    assert_eq!(after.len(), 1);
    assert_eq!(id(&after[0]), id(&before[0]));
    let new = stage.token(id(&after[0])).await;
    assert!(new["generation"].as_i64() > old["generation"].as_i64());
    let live = stage.site.provider.live("mia").unwrap();
    assert_eq!(new["access_token"], live.access_token);
});

db_test!(
    an_account_serves_one_owner_where_that_is_the_rule,
    async |db| {
        let rule = NewProvider {
            one_owner_per_account: true,
            ..new_provider("house")
        };
        let stage = Stage::with(db, rule).await;
        let (left, back) = stage.connect("mia", "shared", &Value::Null).await;
        stage.must_succeed(&left, &back).await;
        let connections = stage.connections().await;

        let (left, back) = stage.connect("zoe", "shared", &Value::Null).await;
        let page = left.browser.get(back.location()).await;
        page.must_be_page(409, "is connected for someone else");
        assert_eq!(stage.connections().await.len(), 1);
        let token = stage.token(id(&connections[0])).await;
        let access_token = token["access_token"].as_str().unwrap();
        assert!(stage.site.provider.accepts(access_token));
        // the one who has it may have it again
        let (left, back) = stage.connect("mia", "shared", &Value::Null).await;
        stage.must_succeed(&left, &back).await;
    }
);

db_test!(a_link_ends_with_the_key_that_made_it, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let store = &stage.seed.store;
    let keys = store.api_keys(&stage.seed.application.id).await.unwrap();
    for key in keys {
        let revoked = store.revoke_api_key(&stage.seed.application, key.id.as_str(), admin());
        assert!(revoked.await.unwrap());
    }
    let page = left.browser.get(&invited.path).await;
    page.must_be_page(410, "This link was stopped");
    let start = format!("{}/start", invited.path);
    let refused = left.browser.post(&start, &[("provider", "house")]).await;
    refused.must_be_page(410, "This link was stopped");
});

db_test!(a_callback_is_followed_and_never_posted, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let left = stage.leave(&invited).await;
    let path = stage.approve(&left, "mia");
    let posted = left.browser.post(&path, &[]).await;
    assert_eq!(posted.status, 405, "{}", posted.text);
    assert_eq!(stage.exchanges(), 0);
    let back = left.browser.get(&path).await;
    stage.must_succeed(&left, &back).await;
});

db_test!(other_sites_cannot_begin_anything, async |db| {
    let stage = Stage::new(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let before = dump(&stage.site.db).await;
    let browser = stage.site.browser();
    let elsewhere: [&[(&str, &str)]; 5] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", PUBLIC_URL), ("sec-fetch-site", "cross-site")],
    ];
    for headers in elsewhere {
        for form in [
            "start",
            "stop",
            "outcome/flw_1/choose",
            "accounts/con_1/disconnect",
        ] {
            let path = format!("{}/{form}", invited.path);
            let refused = browser.post_as(&path, &[("provider", "house")], headers);
            assert_eq!(refused.await.status, 403, "{form} {headers:?}");
        }
    }
    assert!(browser.cookies().is_empty());
    assert_eq!(dump(&stage.site.db).await, before);
    // a browser that tells only the origin
    let start = format!("{}/start", invited.path);
    let ours = [("origin", PUBLIC_URL)];
    let started = browser.post_as(&start, &[("provider", "house")], &ours);
    assert_eq!(started.await.status, 303);
});

db_test!(looking_changes_nothing, async |db| {
    let stage = Stage::new(db).await;
    let (left, back) = stage.connect("mia", "mia", &Value::Null).await;
    let connection = id(&stage.connections().await[0]).to_owned();
    let invited = stage.invite("mia", &Value::Null).await;
    let before = dump(&stage.site.db).await;
    let path = &invited.path;
    let callback = format!("/oauth/callback/{}", stage.seed.provider.id);
    for address in [
        path.clone(),
        format!("{path}/start"),
        format!("{path}/start?provider=house"),
        format!("{path}/stop"),
        format!("{path}/accounts"),
        format!("{path}/accounts/{connection}/disconnect"),
        format!("{path}/outcome/flw_unknown"),
        format!("{path}/outcome/flw_unknown/choose?choice=replace"),
        back.location().to_owned(),
        format!("{callback}?code=made-up&state=made-up"),
        format!("{callback}?error=access_denied"),
    ] {
        for method in ["GET", "HEAD"] {
            let request = Request::builder().method(method).uri(&address);
            let answer = left
                .browser
                .send(request.body(Body::empty()).unwrap())
                .await;
            assert!(!answer.status.is_server_error(), "{method} {address}");
        }
    }
    assert_eq!(dump(&stage.site.db).await, before);
    assert!(stage.site.provider.live("mia").is_some());
});

db_test!(
    a_database_that_is_away_for_a_moment_costs_no_approval,
    async |db| {
        let stage = Stage::new(db).await;
        let invited = stage.invite("mia", &Value::Null).await;
        let left = stage.leave(&invited).await;
        let way_back = stage.approve(&left, "mia");
        let gate = stage.site.provider.close_gate();
        let back = left.browser.get(&way_back);
        let trouble = async {
            gate.reached_by(1).await;
            let mut busy = stage.site.db.store.db().begin().await.unwrap();
            let take = sql("UPDATE providers SET updated_at = updated_at WHERE id = $1");
            busy.run(take.bind(stage.seed.provider.id.as_str()))
                .await
                .unwrap();
            gate.open();
            // longer than anybody waits for a row
            tokio::time::sleep(Duration::from_millis(2400)).await;
        };
        tokio::join!(back, trouble);
        let connections = stage.connections().await;
        assert_eq!(connections.len(), 1);
        assert_eq!(stage.session(&invited).await["status"], "connected");
        let live = stage.site.provider.live("mia").expect("a live grant");
        assert_eq!(
            stage.token(id(&connections[0])).await["access_token"],
            live.access_token
        );
    }
);
