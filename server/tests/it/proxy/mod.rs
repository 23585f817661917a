//! Calls through the proxy: what passes, what does not, and what a provider can do about it.

mod owners;
mod stream;
mod trouble;

use crate::support::databases::Database;
use crate::support::provider::Issued;
use crate::support::seed::{HOUR, Seed, admin, new_provider, saved, tokens};
use crate::support::site::{Reply, Site};
use axum::body::Body;
use axum::extract::Request;
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::domain::{Connection, Owner};
use server::proxy::ProxyLimits;
use server::store::{NewConnection, NewProvider};
use std::sync::atomic::Ordering;

/// A server, a provider with an API, and a backend with a key.
struct Stage {
    site: Site,
    seed: Seed,
    key: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        Self::with(db, new_provider("house"), ProxyLimits::default()).await
    }

    async fn within(db: Database, limits: ProxyLimits) -> Self {
        Self::with(db, new_provider("house"), limits).await
    }

    async fn with(db: Database, provider: NewProvider, limits: ProxyLimits) -> Self {
        let seed = Seed::with(&db, provider).await;
        let key = ApiKeyText::make();
        seed.store
            .create_api_key(&seed.application, "backend", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        Self {
            site: Site::proxying(db, &[], limits).await,
            seed,
            key: key.text.expose().clone(),
        }
    }

    /// Somebody connects an account with the person's name.
    async fn connect(&self, person: &str) -> (Connection, Issued) {
        self.connect_as(Owner::Personal(person.to_owned()), person)
            .await
    }

    async fn connect_as(&self, owner: Owner, person: &str) -> (Connection, Issued) {
        let issued = self.site.provider.issue(person);
        let set = tokens(&issued.access_token, issued.refresh_token.as_deref());
        let new = NewConnection {
            saved: saved(set, self.seed.store.now(), Some(HOUR)),
            ..self.seed.brought(owner, person, person)
        };
        let made = self.seed.finish(&new, None).await;
        (made.expect("a connection"), issued)
    }

    /// A call of the backend; `path` is what follows `/proxy/`.
    async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/proxy/{path}"))
            .header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        self.site.browser().send(request).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], Body::empty()).await
    }

    /// Calls that reached the provider's API.
    fn came(&self) -> usize {
        self.site.provider.calls().came.load(Ordering::SeqCst)
    }
}

/// A problem of ours.
fn must_be_problem(reply: &Reply, status: u16, code: &str) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("grantport-source"), "grantport");
    let problem = reply.json();
    assert_eq!(problem["code"], code, "{problem}");
    problem
}

fn must_be_answer(reply: &Reply, status: u16) {
    assert_eq!(
        reply.header("grantport-source"),
        "provider",
        "{}",
        reply.text
    );
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(reply.header("content-security-policy").contains("sandbox"));
}

db_test!(a_call_arrives_as_it_was_sent, async |db| {
    let stage = Stage::new(db).await;
    let (connection, issued) = stage.connect("mia").await;
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
    ] {
        let path = format!("{}/a%2Fb/c%20d?q=%2e%2e%2f&r=a+b", connection.id);
        let headers = [
            ("content-type", "text/csv"),
            ("accept", "x/y"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("connection", "close, x-secret-hop"),
            ("x-secret-hop", "1"),
            ("grantport-team", "t-1"),
        ];
        let reply = stage.call(method, &path, &headers, Body::from("1,2")).await;
        must_be_answer(&reply, 200);
        assert_eq!(reply.header("grantport-connection"), connection.id.as_str());
        let echo = reply.json();
        assert_eq!(echo["method"], method);
        assert_eq!(echo["uri"], "/api/a%2Fb/c%20d?q=%2e%2e%2f&r=a+b");
        assert_eq!(echo["body"], "1,2");
        let sent = &echo["headers"];
        assert_eq!(sent["content-type"], "text/csv");
        assert_eq!(sent["accept"], "x/y");
        assert_eq!(sent["house-version"], "2026-11-01");
        assert_eq!(sent["content-length"], "3");
        for never in [
            "cookie",
            "x-forwarded-for",
            "x-secret-hop",
            "grantport-team",
        ] {
            assert_eq!(sent[never], Value::Null, "{never}");
        }
        assert!(!reply.text.contains(&issued.access_token));
    }
    let reply = stage.get(connection.id.as_str()).await;
    assert_eq!(reply.json()["uri"], "/api", "the base itself");
    assert_eq!(reply.json()["headers"]["content-length"], Value::Null);
});

db_test!(an_answer_is_no_page_of_ours, async |db| {
    let stage = Stage::new(db).await;
    let (connection, issued) = stage.connect("mia").await;
    let reply = stage.get(&format!("{}/nasty", connection.id)).await;
    must_be_answer(&reply, 200);
    assert_eq!(reply.header("x-kept"), "yes");
    assert_eq!(reply.header("content-type"), "text/html");
    for never in ["set-cookie", "access-control-allow-origin", "x-echo"] {
        assert_eq!(reply.header(never), "", "{never}");
    }
    let all = format!("{:?}", reply.headers);
    assert!(!all.contains(&issued.access_token) && !all.contains("default-src *"));
});

db_test!(redirects_are_told_and_not_followed, async |db| {
    let stage = Stage::new(db).await;
    let (connection, _) = stage.connect("mia").await;
    let id = &connection.id;
    let reply = stage.get(&format!("{id}/away/within")).await;
    must_be_answer(&reply, 302);
    assert_eq!(reply.location(), format!("/api/v1/proxy/{id}/users?page=2"));
    for (place, leads) in [
        (
            "outside",
            format!("{}/outside", stage.site.provider.origin()),
        ),
        ("far", "https://evil.example/take".to_owned()),
    ] {
        let reply = stage.get(&format!("{id}/away/{place}")).await;
        must_be_answer(&reply, 302);
        assert_eq!(reply.location(), "", "no client follows it with its key");
        assert_eq!(reply.header("grantport-location"), leads);
    }
    assert_eq!(stage.came(), 3, "nothing was followed");
});

db_test!(nothing_leaves_the_api, async |db| {
    let stage = Stage::new(db).await;
    let (connection, _) = stage.connect("mia").await;
    for path in [
        "../outside",
        "%2e%2e/outside",
        "..%2foutside",
        "..%5coutside",
        "%252e%252e%252foutside",
        "..;/outside",
        "a/../../outside",
        "a%00b",
        "a%0d%0aHost:%20evil.example",
    ] {
        let reply = stage.get(&format!("{}/{path}", connection.id)).await;
        must_be_problem(&reply, 422, "invalid_request");
    }
    assert_eq!(stage.came(), 0);
    for path in [
        "/evil.example",
        "@evil.example",
        "http://evil.example/",
        ":80/",
    ] {
        let reply = stage.get(&format!("{}/{path}", connection.id)).await;
        must_be_answer(&reply, 200);
        let uri = reply.json()["uri"].as_str().unwrap().to_owned();
        assert!(uri.starts_with("/api/"), "{uri}");
    }
});

db_test!(what_cannot_be_passed_on_is_refused, async |db| {
    let stage = Stage::new(db).await;
    let (connection, _) = stage.connect("mia").await;
    let path = format!("{}/echo", connection.id);
    let upgrade = [("upgrade", "websocket"), ("connection", "upgrade")];
    let reply = stage.call("GET", &path, &upgrade, Body::empty()).await;
    must_be_problem(&reply, 422, "invalid_request");
    let reply = stage.call("TRACE", &path, &[], Body::empty()).await;
    must_be_problem(&reply, 405, "method_not_allowed");
    assert_eq!(stage.came(), 0);
    let offered = [("upgrade", "h2c"), ("connection", "upgrade")];
    let reply = stage.call("GET", &path, &offered, Body::empty()).await;
    must_be_answer(&reply, 200);
    assert_eq!(reply.json()["headers"]["upgrade"], Value::Null);
    for (target, status, code) in [
        ("con_00000000000000000000", 404, "not_found"),
        ("con_x'", 404, "not_found"),
        ("prv_1", 404, "not_found"),
        ("nobody", 422, "invalid_request"),
    ] {
        let headers = [("grantport-end-user", "mia")];
        let path = format!("{target}/echo");
        let reply = stage.call("GET", &path, &headers, Body::empty()).await;
        must_be_problem(&reply, status, code);
    }
});

db_test!(calls_are_counted_and_are_no_hand_outs, async |db| {
    let stage = Stage::new(db).await;
    let (connection, _) = stage.connect("mia").await;
    for _ in 0..3 {
        let reply = stage.get(&format!("{}/echo", connection.id)).await;
        must_be_answer(&reply, 200);
    }
    let state = &stage.site.state;
    state.tokens.hand_outs().store(&state.store).await.unwrap();
    let history = state.store.history(&connection.id, None, 10).await.unwrap();
    let told: Vec<Value> = history
        .entries
        .iter()
        .map(|entry| json!(entry.what))
        .collect();
    assert!(
        told.contains(&json!({"kind": "proxied", "key": "backend", "times": 3})),
        "{told:?}"
    );
    assert!(!told.iter().any(|what| what["kind"] == "handed_out"));
    let metrics = stage.site.metrics().await.text;
    assert!(metrics.contains(r#"grantport_proxy_total{outcome="answered"} 3"#));
    assert!(metrics.contains(r#"grantport_token_total{outcome="handed_out"} 0"#));
    // a revocation says whether a token is out there, and none is
    let path = format!("/connections/{}", connection.id);
    let receipt = stage
        .site
        .api(&stage.key, "DELETE", &path, &Value::Null)
        .await;
    assert_eq!(
        receipt.json()["token_valid_until"],
        Value::Null,
        "{}",
        receipt.text
    );
    let reply = stage.get(&format!("{}/echo", connection.id)).await;
    must_be_problem(&reply, 410, "connection_revoked");
});
