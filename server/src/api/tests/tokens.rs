//! Tokens: of one connection, and of whoever stands for an end user.

use super::support::{Bench, personal, team};
use crate::store::db::{Runs, sql};
use serde_json::{Value, json};

async fn ask(bench: &Bench, body: Value) -> super::support::Answer {
    bench.call("POST", "/tokens", &body.to_string()).await
}

#[tokio::test]
async fn a_token_that_is_valid_is_handed_out() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    for body in ["", "  ", "{}", r#"{"min_valid_s": 60}"#] {
        let answer = bench
            .call("POST", &format!("/connections/{id}/token"), body)
            .await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(
            answer.json(),
            json!({
                "connection_id": id.as_str(),
                "provider": "apollo",
                "owner": {"kind": "personal", "id": "dana"},
                "access_token": "token-of-a1",
                "token_type": "Bearer",
                "expires_at": "2026-01-01T01:00:00Z",
                "cache_until": "2026-01-01T00:05:01Z",
                "scopes": ["contacts_search"],
                "generation": 1,
                "metadata": {"instance_url": "https://acme.example"},
            })
        );
    }
    assert_eq!(
        bench
            .call("GET", &format!("/connections/{id}/token"), "")
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_refused_by_name() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    for (body, expected) in [
        (
            r#"{"min_valid_s": -1}"#,
            "`min_valid_s` has to be a whole number, zero or more.",
        ),
        (
            r#"{"min_valid_s": 3601}"#,
            "`min_valid_s` has to be at most 3600 seconds.",
        ),
        (r#"{"min_valid_s": "60"}"#, "`min_valid_s`"),
        (
            r#"{"rejected_token_sha256": "abc"}"#,
            "`rejected_token_sha256`",
        ),
        (r#"{"rejected_token": "x"}"#, "`rejected_token`"),
        ("[]", "The body has to be an object."),
        ("{} x", "valid JSON"),
    ] {
        let answer = bench
            .call("POST", &format!("/connections/{id}/token"), body)
            .await;
        assert!(
            answer.mistake().contains(expected),
            "{body}: {}",
            answer.text
        );
    }
    for (body, expected) in [
        (json!({"end_user": "dana"}), "Add `provider`"),
        (
            json!({"provider": "apollo"}),
            "Add `end_user`, `team_id` or both",
        ),
        (
            json!({"provider": "salesforce", "end_user": "dana"}),
            "It has `apollo`, `attio`.",
        ),
        (json!({"provider": "apollo", "end_user": ""}), "`end_user`"),
        (
            json!({"provider": "apollo", "team_id": "a\u{0}"}),
            "`team_id`",
        ),
        (
            json!({"provider": "apollo", "end_user": "dana", "fallback": "any"}),
            "`fallback` has to be `team` or `none`.",
        ),
    ] {
        let answer = ask(&bench, body.clone()).await;
        assert!(
            answer.mistake().contains(expected),
            "{body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn the_persons_own_connection_comes_before_the_teams() {
    let bench = Bench::new().await;
    bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "own")
        .await;
    bench
        .connect(&bench.one, "apollo", "admin", team("northwind"), "shared")
        .await;
    for (body, token, by) in [
        (
            json!({"provider": "apollo", "end_user": "dana", "team_id": "northwind"}),
            "token-of-own",
            "personal",
        ),
        (
            json!({"provider": "apollo", "end_user": "dana"}),
            "token-of-own",
            "personal",
        ),
        (
            json!({"provider": "apollo", "end_user": "omar", "team_id": "northwind"}),
            "token-of-shared",
            "team_fallback",
        ),
        (
            json!({"provider": "apollo", "team_id": "northwind"}),
            "token-of-shared",
            "team",
        ),
        (
            json!({"provider": "apollo", "team_id": "northwind", "fallback": "none"}),
            "token-of-shared",
            "team",
        ),
    ] {
        let answer = ask(&bench, body.clone()).await.json();
        assert_eq!(
            (&answer["access_token"], &answer["resolved_by"]),
            (&json!(token), &json!(by)),
            "{body}: {answer}"
        );
        assert!(answer["why"].as_str().is_some_and(|why| why.ends_with('.')));
        let kind = if by == "personal" { "personal" } else { "team" };
        assert_eq!(answer["owner"]["kind"], kind);
    }
    for body in [
        json!({"provider": "apollo", "end_user": "omar", "team_id": "northwind", "fallback": "none"}),
        json!({"provider": "apollo", "end_user": "omar"}),
        json!({"provider": "apollo", "team_id": "southwind"}),
        json!({"provider": "attio", "end_user": "dana", "team_id": "northwind"}),
    ] {
        assert_eq!(
            ask(&bench, body.clone()).await.problem(),
            (404, "not_found".to_owned()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn the_team_stands_in_for_a_connection_that_needs_its_person() {
    let bench = Bench::new().await;
    let own = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "own")
        .await;
    let shared = bench
        .connect(&bench.one, "apollo", "admin", team("northwind"), "shared")
        .await;
    bench.break_it(&own).await;
    let both = json!({"provider": "apollo", "end_user": "dana", "team_id": "northwind"});
    let answer = ask(&bench, both.clone()).await.json();
    assert_eq!(
        (&answer["access_token"], &answer["resolved_by"]),
        (&json!("token-of-shared"), &json!("team_fallback"))
    );
    assert!(
        answer["why"]
            .as_str()
            .is_some_and(|why| why.contains("reconnect")),
        "{answer}"
    );

    let alone = json!({"provider": "apollo", "end_user": "dana", "team_id": "northwind", "fallback": "none"});
    let answer = ask(&bench, alone).await;
    assert_eq!(answer.problem(), (409, "reconnect_required".to_owned()));
    assert_eq!(answer.json()["connection_id"], own.as_str());

    // both are broken: the person's own trouble comes first
    bench.break_it(&shared).await;
    assert_eq!(
        ask(&bench, both).await.json()["connection_id"],
        own.as_str()
    );
    let team = ask(
        &bench,
        json!({"provider": "apollo", "end_user": "omar", "team_id": "northwind"}),
    )
    .await;
    assert_eq!(team.json()["connection_id"], shared.as_str());
}

#[tokio::test]
async fn whoever_asks_again_and_again_gets_the_same_link() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    bench.break_it(&id).await;
    let path = format!("/connections/{id}/token");
    let link = async || {
        let problem = bench.call("POST", &path, "").await.json();
        problem["reconnect_url"]
            .as_str()
            .expect("a link")
            .to_owned()
    };
    let first = link().await;
    assert_eq!(link().await, first);
    // one that was stopped by its reader is not handed out again
    let token = first.rsplit('/').next().expect("a token");
    let session = bench.store.connect_session_by_token(token).await;
    let session = session.expect("a database").expect("a session");
    bench
        .store
        .stop_connect_session(&session)
        .await
        .expect("stopped");
    assert_ne!(link().await, first);
}

#[tokio::test]
async fn a_broken_connection_comes_with_a_link_to_mend_it() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    bench.break_it(&id).await;
    let answer = bench
        .call("POST", &format!("/connections/{id}/token"), "")
        .await;
    assert_eq!(answer.problem(), (409, "reconnect_required".to_owned()));
    let problem = answer.json();
    assert_eq!(
        (&problem["blame"], &problem["reason"]),
        (&json!("user"), &json!("grant_revoked_or_expired"))
    );
    let token = problem["reconnect_url"]
        .as_str()
        .and_then(|url| url.strip_prefix("http://127.0.0.1:3000/connect/"))
        .expect("a link");
    let session = bench
        .store
        .connect_session_by_token(token)
        .await
        .expect("a database")
        .expect("a session");
    assert_eq!(session.reconnect, Some(id));
    assert_eq!(
        (session.owner, session.end_user.id.as_str()),
        (personal("dana"), "dana")
    );
    assert_eq!(
        session
            .providers
            .iter()
            .map(crate::domain::Slug::as_str)
            .collect::<Vec<_>>(),
        ["apollo"]
    );
}

#[tokio::test]
async fn providers_are_listed_with_what_an_admin_needs() {
    let bench = Bench::new().await;
    let attio = bench.provider(&bench.one, "attio").await;
    bench
        .store
        .note_credentials(&attio, true)
        .await
        .expect("a database");
    let body = bench.call("GET", "/providers", "").await.json();
    let uri = format!("http://127.0.0.1:3000/oauth/callback/{}", attio.id);
    assert_eq!(body["data"][0]["slug"], "apollo");
    assert_eq!(body["data"][0]["state"], "active");
    assert_eq!(
        body["data"][1],
        json!({
            "slug": "attio", "name": "Attio", "definition": "attio", "state": "credentials_rejected",
            "redirect_uri": uri, "scopes": ["contacts_search"],
        })
    );
}

#[tokio::test]
async fn what_fails_after_the_token_was_found_is_not_counted() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    let path = format!("/connections/{id}/token");
    let rename = async |slug: &'static str| {
        let rename = sql("UPDATE providers SET slug = $1 WHERE slug LIKE 'apollo%'").bind(slug);
        bench.store.db().run(rename).await.expect("written");
    };
    let counted = async || {
        bench
            .tokens
            .hand_outs()
            .store(&bench.store)
            .await
            .expect("stored");
        let count = sql("SELECT COALESCE(SUM(times), 0) AS times FROM hand_outs");
        let row = bench.store.db().row(count).await.expect("an answer");
        row.expect("a row").int("times").expect("a number")
    };
    rename("apollo is not a slug").await;
    let refused = bench.call("POST", &path, "").await;
    assert!(refused.status.is_server_error(), "{}", refused.text);
    assert_eq!(counted().await, 0);
    rename("apollo").await;
    assert_eq!(bench.call("POST", &path, "").await.status, 200);
    assert_eq!(counted().await, 1);
}
