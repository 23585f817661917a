//! Inviting an end user: what is taken, what is refused, and what came of it.

use super::support::{Bench, NOW, RETURN_URL, personal, team};
use crate::domain::Actor;
use app::wire::ConnectProblem;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_invitation_is_kept_as_it_was_sent() {
    let bench = Bench::new().await;
    let body = json!({
        "end_user": {"id": "user_2291", "name": "Dana Whitfield", "email": "dana@northwind.example"},
        "owner": "team", "team_id": "northwind", "providers": ["attio", "apollo", "attio"],
        "scopes": {"apollo": ["person_read"]}, "return_url": "https://APP.acme.example:443/integrations", "locale": "pt-BR",
    });
    let answer = bench
        .call("POST", "/connect-sessions", &body.to_string())
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    assert_eq!(made["expires_at"], "2026-01-01T00:15:00Z");
    let token = made["url"]
        .as_str()
        .and_then(|url| url.strip_prefix("http://127.0.0.1:3000/connect/"))
        .expect("a link");
    assert_eq!(token.len(), 43);
    let session = bench
        .store
        .connect_session_by_token(token)
        .await
        .expect("a database")
        .expect("a session");
    assert_eq!(session.id.as_str(), made["id"]);
    assert_eq!(session.owner, team("northwind"));
    assert_eq!(session.end_user.words(), "Dana Whitfield");
    assert_eq!(
        session
            .providers
            .iter()
            .map(crate::domain::Slug::as_str)
            .collect::<Vec<_>>(),
        ["attio", "apollo"]
    );
    assert_eq!(session.scopes["apollo"], ["person_read"]);
    assert_eq!(session.return_url.as_deref(), Some(RETURN_URL));
    assert_eq!(session.locale.as_deref(), Some("pt-BR"));
    assert_eq!(session.expires_at, NOW + Duration::from_mins(15));

    let told = bench
        .call("GET", &format!("/connect-sessions/{}", session.id), "")
        .await;
    assert_eq!(
        told.json(),
        json!({"id": made["id"], "status": "pending", "connections": [], "expires_at": made["expires_at"]})
    );
    assert!(!told.text.contains(token));
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_in_one_sentence() {
    let bench = Bench::new().await;
    let with = |more: serde_json::Value| {
        let mut body = json!({"end_user": {"id": "dana"}});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        body.to_string()
    };
    for (body, expected) in [
        (with(json!({"end_user": {"id": ""}})), "`end_user.id`"),
        (
            with(json!({"end_user": {"id": "x".repeat(201)}})),
            "`end_user.id`",
        ),
        (
            with(json!({"end_user": {"id": "a\u{0}b"}})),
            "`end_user.id`",
        ),
        (
            with(json!({"end_user": {"id": "a", "name": ""}})),
            "`end_user.name`",
        ),
        (
            with(json!({"end_user": {"id": "a", "name": "x".repeat(201)}})),
            "`end_user.name`",
        ),
        (
            with(json!({"end_user": {"id": "a", "email": "x".repeat(255)}})),
            "`end_user.email`",
        ),
        (
            with(json!({"owner": "everybody"})),
            "`owner` has to be `personal` or `team`.",
        ),
        (with(json!({"owner": "team"})), "Add `team_id`"),
        (with(json!({"owner": "team", "team_id": ""})), "`team_id`"),
        (
            with(json!({"owner": "personal", "team_id": "t"})),
            "Leave `team_id` out",
        ),
        (with(json!({"team_id": "t"})), "Leave `team_id` out"),
        (
            with(json!({"providers": ["apolo"]})),
            "It has `apollo`, `attio`.",
        ),
        (
            with(json!({"providers": "apollo"})),
            "`providers` has to be a list.",
        ),
        (
            with(json!({"scopes": {"salesforce": []}})),
            "It has `apollo`, `attio`.",
        ),
        (
            with(json!({"providers": ["attio"], "scopes": {"apollo": ["a"]}})),
            "which offers `attio`",
        ),
        (
            with(json!({"scopes": {"apollo": ["a b"]}})),
            "`scopes.apollo`",
        ),
        (with(json!({"scopes": {"apollo": [""]}})), "`scopes.apollo`"),
        (
            with(json!({"scopes": {"apollo": vec!["a"; 201]}})),
            "`scopes.apollo`",
        ),
        (
            with(json!({"return_url": "https://evil.example/"})),
            "`return_url`",
        ),
        (
            with(json!({"return_url": "https://app.acme.example/integrations/"})),
            "`return_url`",
        ),
        (
            with(json!({"return_url": "javascript:alert(1)"})),
            "`return_url`",
        ),
        (
            with(json!({"code_challenge": "x"})),
            "SHA-256 of the verifier",
        ),
        (with(json!({"locale": "de_DE; x"})), "`locale`"),
        (with(json!({"locale": ""})), "`locale`"),
    ] {
        let answer = bench.call("POST", "/connect-sessions", &body).await;
        assert!(
            answer.mistake().contains(expected),
            "{body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn an_application_without_providers_or_return_urls_is_told_so() {
    let bench = Bench::new().await;
    let key = bench.other.key.expose();
    let body = r#"{"end_user": {"id": "dana"}}"#;
    let answer = bench
        .send("POST", "/api/v1/connect-sessions", Some(key), body)
        .await;
    assert!(
        answer.mistake().contains("Add a provider"),
        "{}",
        answer.text
    );
    let named = r#"{"end_user": {"id": "dana"}, "providers": ["apollo"]}"#;
    let answer = bench
        .send("POST", "/api/v1/connect-sessions", Some(key), named)
        .await;
    assert!(
        answer.mistake().contains("It has none yet"),
        "{}",
        answer.text
    );

    bench.add_provider(&bench.other, "apollo", "apollo").await;
    let mut application = bench.other.application.clone();
    application.return_urls.clear();
    bench
        .store
        .update_application(&application, Actor::apply())
        .await
        .expect("a database");
    let body =
        r#"{"end_user": {"id": "dana"}, "return_url": "https://app.acme.example/integrations"}"#;
    let answer = bench
        .send("POST", "/api/v1/connect-sessions", Some(key), body)
        .await;
    assert!(
        answer.mistake().contains("register it first"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_reconnect_is_for_the_connection_and_its_owner() {
    let bench = Bench::new().await;
    let own = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    let shared = bench
        .connect(&bench.one, "apollo", "dana", team("northwind"), "a2")
        .await;
    let send = async |body: serde_json::Value| {
        bench
            .call("POST", "/connect-sessions", &body.to_string())
            .await
    };

    for (body, owner) in [
        (
            json!({"end_user": {"id": "dana"}, "reconnect": own.as_str()}),
            personal("dana"),
        ),
        (
            json!({"end_user": {"id": "dana"}, "reconnect": own.as_str(), "owner": "personal", "providers": ["apollo"]}),
            personal("dana"),
        ),
        (
            json!({"end_user": {"id": "omar"}, "reconnect": shared.as_str()}),
            team("northwind"),
        ),
        (
            json!({"end_user": {"id": "omar"}, "reconnect": shared.as_str(), "owner": "team", "team_id": "northwind"}),
            team("northwind"),
        ),
    ] {
        let answer = send(body.clone()).await;
        assert_eq!(answer.status, 201, "{body}: {}", answer.text);
        let session = bench
            .store
            .connect_session(
                &bench.one.application.id,
                answer.json()["id"].as_str().expect("an id"),
            )
            .await;
        let session = session.expect("a database").expect("a session");
        assert_eq!(session.owner, owner);
        assert_eq!(session.providers.len(), 1);
        assert_eq!(
            session.reconnect.map(|id| id.to_string()),
            body["reconnect"].as_str().map(str::to_owned)
        );
    }
    for body in [
        json!({"end_user": {"id": "omar"}, "reconnect": own.as_str()}),
        json!({"end_user": {"id": "dana"}, "reconnect": own.as_str(), "owner": "team", "team_id": "northwind"}),
        json!({"end_user": {"id": "dana"}, "reconnect": shared.as_str(), "owner": "personal"}),
        json!({"end_user": {"id": "dana"}, "reconnect": shared.as_str(), "owner": "team", "team_id": "southwind"}),
    ] {
        assert!(
            send(body.clone()).await.mistake().contains("same owner"),
            "{body}"
        );
    }
    let elsewhere =
        json!({"end_user": {"id": "dana"}, "reconnect": own.as_str(), "providers": ["attio"]});
    assert!(
        send(elsewhere)
            .await
            .mistake()
            .contains("names a connection to `apollo`")
    );

    bench
        .call("DELETE", &format!("/connections/{own}"), "")
        .await;
    let gone = send(json!({"end_user": {"id": "dana"}, "reconnect": own.as_str()})).await;
    assert_eq!(gone.problem(), (410, "connection_revoked".to_owned()));
    assert_eq!(gone.json()["connection_id"], own.as_str());
}

#[tokio::test]
async fn the_backend_learns_what_came_of_it() {
    let bench = Bench::new().await;
    let invite = async || {
        let answer = bench
            .call(
                "POST",
                "/connect-sessions",
                r#"{"end_user": {"id": "dana"}}"#,
            )
            .await
            .json();
        let id = answer["id"].as_str().expect("an id").to_owned();
        bench
            .store
            .connect_session(&bench.one.application.id, &id)
            .await
            .expect("a database")
            .expect("a session")
    };
    let told = async |id: &str| {
        bench
            .call("GET", &format!("/connect-sessions/{id}"), "")
            .await
            .json()
    };

    let session = invite().await;
    let provider = bench.provider(&bench.one, "apollo").await;
    let connection = bench.finish(&session, &provider, "a1").await;
    let body = told(session.id.as_str()).await;
    assert_eq!(body["status"], "connected");
    assert_eq!(body["connections"][0]["id"], connection.as_str());
    assert_eq!(body["connections"][0]["provider"], "apollo");
    assert_eq!(
        body["connections"][0]["account"]["label"],
        "a1@salesforce.example"
    );
    assert!(body.get("error").is_none());

    let stopped = invite().await;
    bench
        .store
        .stop_connect_session(&stopped)
        .await
        .expect("a database");
    let body = told(stopped.id.as_str()).await;
    assert_eq!(
        (&body["status"], &body["error"]["code"]),
        (
            &json!("denied"),
            &json!(ConnectProblem::LinkStopped.as_str())
        )
    );

    let forgotten = invite().await;
    bench.clock.advance(900_000);
    assert_eq!(told(forgotten.id.as_str()).await["status"], "expired");
    assert_eq!(told(session.id.as_str()).await["status"], "connected");
}
