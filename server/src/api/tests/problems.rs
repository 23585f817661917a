//! Keys, addresses, methods and bodies that are refused.

use super::support::{Bench, personal};
use crate::api::key::ApiKeyText;
use crate::api::problem::ApiError;
use crate::domain::{Actor, ConnectSessionId, ConnectionId};
use crate::tokens::TokenError;
use axum::body::Body;
use axum::response::IntoResponse;
use http_body_util::BodyExt;

const ROUTES: [(&str, &str); 11] = [
    ("POST", "/connect-sessions"),
    ("GET", "/connect-sessions/cs_4Vt9"),
    ("GET", "/connections"),
    ("GET", "/connections/con_4Vt9"),
    ("PATCH", "/connections/con_4Vt9"),
    ("DELETE", "/connections/con_4Vt9"),
    ("POST", "/connections/con_4Vt9/hand-over"),
    ("POST", "/connections/con_4Vt9/token"),
    ("PUT", "/proxy/con_4Vt9/users"),
    ("POST", "/tokens"),
    ("GET", "/providers"),
];

#[tokio::test]
async fn every_route_asks_for_a_live_key() {
    let bench = Bench::new().await;
    let stranger = ApiKeyText::make().text;
    let keys = bench
        .store
        .api_keys(&bench.one.application.id)
        .await
        .expect("a database");
    bench
        .store
        .revoke_api_key(&bench.one.application, keys[0].id.as_str(), Actor::apply())
        .await
        .expect("a database");
    for (method, route) in ROUTES {
        let path = format!("/api/v1{route}");
        let unsigned = bench.send(method, &path, None, "{}").await;
        assert_eq!(
            unsigned.problem(),
            (401, "unauthorized".to_owned()),
            "{method} {route}"
        );
        assert_eq!(
            unsigned.header("www-authenticate"),
            r#"Bearer realm="grantport""#
        );
        for key in [
            "",
            "gp_",
            "hunter2",
            stranger.expose().as_str(),
            bench.one.key.expose().as_str(),
        ] {
            let answer = bench.send(method, &path, Some(key), "{}").await;
            assert_eq!(
                answer.problem(),
                (401, "unauthorized".to_owned()),
                "{method} {route}"
            );
            assert!(answer.header("www-authenticate").contains("invalid_token"));
            assert!(key.is_empty() || !answer.text.contains(key));
        }
        assert!(
            bench
                .send(method, &path, Some(bench.other.key.expose()), "{}")
                .await
                .status
                != 401
        );
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_noted() {
    let bench = Bench::new().await;
    bench.call("GET", "/providers", "").await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    // whatever stores the counts next
    bench
        .call("DELETE", &format!("/connections/{id}"), "")
        .await;
    let keys = bench
        .store
        .api_keys(&bench.one.application.id)
        .await
        .expect("a database");
    assert!(keys[0].last_used_at.is_some());
}

#[tokio::test]
async fn a_foreign_id_answers_as_a_made_up_one_does() {
    let bench = Bench::new().await;
    bench.add_provider(&bench.other, "apollo", "apollo").await;
    let foreign = bench
        .connect(&bench.other, "apollo", "dana", personal("dana"), "a1")
        .await;
    let body = r#"{"end_user": {"id": "dana"}}"#;
    let theirs = bench
        .send(
            "POST",
            "/api/v1/connect-sessions",
            Some(bench.other.key.expose()),
            body,
        )
        .await;
    let session = theirs.json()["id"].as_str().expect("an id").to_owned();
    let made_up = [
        ConnectionId::random().to_string(),
        "con_".to_owned(),
        "..%2f".to_owned(),
        "%00".to_owned(),
        "%ff".to_owned(),
    ];
    for (method, below) in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/token"),
    ] {
        let hit = bench
            .call(method, &format!("/connections/{foreign}{below}"), "{}")
            .await;
        assert_eq!(hit.problem(), (404, "not_found".to_owned()), "{method}");
        for id in &made_up {
            let miss = bench
                .call(method, &format!("/connections/{id}{below}"), "{}")
                .await;
            assert_eq!(
                (miss.status, &miss.text),
                (hit.status, &hit.text),
                "{method} {id}"
            );
        }
    }
    let hit = bench
        .call("GET", &format!("/connect-sessions/{session}"), "")
        .await;
    let miss = bench
        .call(
            "GET",
            &format!("/connect-sessions/{}", ConnectSessionId::random()),
            "",
        )
        .await;
    assert_eq!(hit.problem(), (404, "not_found".to_owned()));
    assert_eq!(hit.text, miss.text);
    let reconnects = [
        foreign.to_string(),
        ConnectionId::random().to_string(),
        "x".to_owned(),
    ];
    for id in reconnects {
        let body = format!(r#"{{"end_user": {{"id": "dana"}}, "reconnect": "{id}"}}"#);
        assert_eq!(
            bench.call("POST", "/connect-sessions", &body).await.text,
            miss.text,
            "{id}"
        );
    }
    let listed = bench.call("GET", "/connections", "").await.json();
    assert_eq!(listed["data"], serde_json::json!([]));
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_too() {
    let bench = Bench::new().await;
    for path in [
        "/api/",
        "/api/x",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/connections",
        "/api/v1/connections/con_1/x",
    ] {
        let answer = bench.send("GET", path, None, Body::empty()).await;
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{path}");
    }
    for (method, route, allowed) in [
        ("GET", "/tokens", "POST"),
        ("GET", "/connections/con_1/token", "POST"),
        ("PUT", "/providers", "GET,HEAD"),
    ] {
        let answer = bench.call(method, route, "").await;
        assert_eq!(
            answer.problem(),
            (405, "method_not_allowed".to_owned()),
            "{method} {route}"
        );
        assert_eq!(answer.header("allow"), allowed);
    }
    let page = bench.send("GET", "/elsewhere", None, Body::empty()).await;
    assert_eq!(page.text, "a page");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_in_words() {
    let bench = Bench::new().await;
    let long = format!(r#"{{"end_user": {{"id": "{}"}}}}"#, "x".repeat(70_000));
    let answer = bench.call("POST", "/connect-sessions", &long).await;
    assert_eq!(answer.problem(), (413, "body_too_long".to_owned()));
    for (body, expected) in [
        ("", "Send a body that is valid JSON"),
        ("{", "Send a body that is valid JSON"),
        ("\u{0}", "Send a body that is valid JSON"),
        ("[]", "The body has to be an object."),
        ("null", "The body has to be an object."),
        (r#"{"end_user": {"id": "a", "role": "owner"}}"#, "`role`"),
        (
            r#"{"end_user": {"id": "a"}, "organization_id": "org_1"}"#,
            "`organization_id`",
        ),
        (
            r#"{"end_user": {"id": "a"}, "status": "connected"}"#,
            "`status`",
        ),
        (
            r#"{"end_user": {"id": 7}}"#,
            "`end_user.id` has to be a string.",
        ),
    ] {
        let answer = bench.call("POST", "/connect-sessions", body).await;
        assert!(
            answer.mistake().contains(expected),
            "{body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_quarantine_is_an_admins_to_lift_and_says_how() {
    let answer = ApiError::from(TokenError::Quarantined).into_response();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "60");
    let body = answer.into_body().collect().await.expect("a body");
    let body: serde_json::Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    assert_eq!(body["code"], "quarantined");
    assert_eq!(body["blame"], "admin");
    assert_eq!(body["retry_after_s"], 60);
    let detail = body["detail"].as_str().expect("a sentence");
    assert!(detail.contains("grantport restore confirm"), "{detail}");
    assert!(
        body.get("connection_id").is_none(),
        "it is about no connection"
    );
}

#[tokio::test]
async fn a_stop_is_an_admins_to_lift_and_the_backend_need_not_hurry() {
    let answer = ApiError::from(TokenError::Stopped).into_response();
    assert_eq!(answer.status(), 409);
    assert!(answer.headers().get("retry-after").is_none());
    let body = answer.into_body().collect().await.expect("a body");
    let body: serde_json::Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    assert_eq!(
        (&body["code"], &body["blame"]),
        (&serde_json::json!("stopped"), &serde_json::json!("admin"))
    );
    let detail = body["detail"].as_str().expect("a sentence");
    assert!(detail.contains("Nothing is lost"), "{detail}");
}
