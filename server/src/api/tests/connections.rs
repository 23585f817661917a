//! Connections: listed, described, revoked.

use super::support::{Bench, personal, team};
use crate::domain::{Connection, ConnectionId};
use crate::store::Acquired;
use app::wire::{BrokenReason, HistoryKind};
use serde_json::{Value, json};
use std::time::Duration;

fn ids(body: &Value) -> Vec<&str> {
    let rows = body["data"].as_array().expect("rows");
    rows.iter()
        .map(|row| row["id"].as_str().expect("an id"))
        .collect()
}

#[tokio::test]
async fn a_connection_in_trouble_tells_since_when_and_what_to_do() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    let store = &bench.store;
    let read = async || store.connection_by_id(&id).await.unwrap().unwrap();
    let lease = async |connection: &Connection| {
        let hour = Duration::from_hours(1);
        match store.acquire_lease(connection, "node", hour).await.unwrap() {
            Acquired::Ours(lease, _) => lease,
            Acquired::Busy => panic!("nobody else is there"),
        }
    };
    let connection = read().await;
    let next = store.now() + Duration::from_secs(90);
    let failed = HistoryKind::RefreshFailed {
        class: "unreached".to_owned(),
        status: None,
        code: None,
    };
    let held = lease(&connection).await;
    store
        .release_lease(&connection, &held, true, next, (&failed, None))
        .await
        .unwrap();
    let path = format!("/connections/{id}");
    let degraded = bench.call("GET", &path, "").await.json();
    assert_eq!(degraded["status"], "degraded");
    assert_eq!(degraded["last_failure"], "unreached");
    assert_eq!(degraded["retrying_at"], next.rfc3339());
    assert!(
        degraded["what_to_do"]
            .as_str()
            .unwrap()
            .starts_with("Nothing")
    );

    let connection = read().await;
    let held = lease(&connection).await;
    let broken = HistoryKind::Broken {
        reason: BrokenReason::GrantRevokedOrExpired,
        status: Some(400),
        code: None,
    };
    store
        .condemn(&connection, &held, (&broken, None))
        .await
        .unwrap();
    let broken = bench.call("GET", &path, "").await.json();
    assert_eq!(broken["status"], "reconnect_required");
    assert_eq!(broken["reason"], "grant_revoked_or_expired");
    assert_eq!(broken["status_since"], store.now().rfc3339());
    assert_eq!(broken["retrying_at"], Value::Null);
    assert!(
        broken["what_to_do"]
            .as_str()
            .unwrap()
            .contains("`reconnect`")
    );
}

#[tokio::test]
async fn a_connection_tells_all_but_its_tokens() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    let answer = bench.call("GET", &format!("/connections/{id}"), "").await;
    assert_eq!(
        answer.json(),
        json!({
            "id": id.as_str(),
            "provider": "apollo",
            "owner": {"kind": "personal", "id": "dana"},
            "end_user": {"id": "dana", "name": null, "email": "dana@northwind.example"},
            "in_care_of": null,
            "account": {"id": "a1", "label": "a1@salesforce.example"},
            "label": null,
            "tags": [],
            "status": "active",
            "status_since": "2026-01-01T00:00:00Z",
            "reason": null,
            "last_failure": null,
            "retrying_at": null,
            "what_to_do": null,
            "scopes": ["contacts_search"],
            "missing_scopes": ["person_read"],
            "generation": 1,
            "expires_at": "2026-01-01T01:00:00Z",
            "metadata": {"instance_url": "https://acme.example"},
            "created_at": "2026-01-01T00:00:00Z",
            "connected_at": "2026-01-01T00:00:00Z",
            "last_used_at": null,
        })
    );
    assert!(!answer.text.contains("-of-a1"));
    assert_eq!(answer.header("cache-control"), "no-store");

    bench.break_it(&id).await;
    let broken = bench
        .call("GET", &format!("/connections/{id}"), "")
        .await
        .json();
    assert_eq!(
        (&broken["status"], &broken["reason"]),
        (
            &json!("reconnect_required"),
            &json!("grant_revoked_or_expired")
        )
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let bench = Bench::new().await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(
            bench
                .connect(
                    &bench.one,
                    "apollo",
                    "dana",
                    personal("dana"),
                    &format!("a{number}"),
                )
                .await,
        );
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/connections?limit=3".to_owned();
    loop {
        let page = bench.call("GET", &path, "").await.json();
        assert!(ids(&page).len() <= 3);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/connections?limit=3&cursor={next}");
    }
    assert_eq!(
        seen,
        made.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    let all = bench.call("GET", "/connections?limit=7", "").await.json();
    assert_eq!((ids(&all).len(), &all["next_cursor"]), (7, &Value::Null));
}

#[tokio::test]
async fn a_list_is_narrowed() {
    let bench = Bench::new().await;
    let dana = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    let omar = bench
        .connect(&bench.one, "attio", "omar", personal("omar"), "a2")
        .await;
    let shared = bench
        .connect(&bench.one, "apollo", "dana", team("northwind"), "a3")
        .await;
    bench
        .call(
            "PATCH",
            &format!("/connections/{omar}"),
            r#"{"tags": ["100% \"vip\"", "beta"]}"#,
        )
        .await;
    bench.break_it(&omar).await;
    bench
        .call("DELETE", &format!("/connections/{shared}"), "")
        .await;
    for (filter, expected) in [
        ("end_user=dana", vec![&shared, &dana]),
        ("team_id=northwind", vec![&shared]),
        ("provider=apollo", vec![&shared, &dana]),
        ("provider=apollo&status=active", vec![&dana]),
        ("status=reconnect_required", vec![&omar]),
        ("status=revoked", vec![&shared]),
        ("status=degraded", vec![]),
        ("account=a2", vec![&omar]),
        ("account=a1%40salesforce.example", vec![&dana]),
        ("tag=beta", vec![&omar]),
        ("tag=bet", vec![]),
        ("tag=100%25%20%22vip%22", vec![&omar]),
        ("tag=%25", vec![]),
        ("end_user=nobody", vec![]),
        ("end_user=%27%20OR%201%3D1--", vec![]),
    ] {
        let page = bench
            .call("GET", &format!("/connections?{filter}"), "")
            .await
            .json();
        assert_eq!(
            ids(&page),
            expected
                .iter()
                .map(|id| ConnectionId::as_str(id))
                .collect::<Vec<_>>(),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn filters_that_make_no_sense_are_refused_by_name() {
    let bench = Bench::new().await;
    for (query, expected) in [
        ("end_user=", "`end_user`"),
        ("team_id=", "`team_id`"),
        ("account=%00", "`account`"),
        ("tag=", "`tag`"),
        ("provider=salesforce", "It has `apollo`, `attio`."),
        ("status=broken", "`status` has to be"),
        ("limit=0", "`limit`"),
        ("limit=201", "`limit`"),
        ("limit=ten", "`limit`"),
        ("cursor=", "`cursor`"),
        ("cursor=a.1.x", "`cursor`"),
        ("cursor=b.1.con_1", "`cursor`"),
        ("enduser=dana", "Leave `enduser` out"),
        ("end_user=a&end_user=b", "Send `end_user` once"),
    ] {
        let answer = bench
            .call("GET", &format!("/connections?{query}"), "")
            .await;
        assert!(
            answer.mistake().contains(expected),
            "{query}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn tags_and_label_are_the_backends() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    let path = format!("/connections/{id}");
    for (body, tags, label) in [
        (
            r#"{"tags": ["a", "b", "a"], "label": "Main"}"#,
            json!(["a", "b"]),
            json!("Main"),
        ),
        (r#"{"tags": ["c"]}"#, json!(["c"]), json!("Main")),
        ("{}", json!(["c"]), json!("Main")),
        (r#"{"label": null}"#, json!(["c"]), Value::Null),
        (r#"{"tags": []}"#, json!([]), Value::Null),
    ] {
        let answer = bench.call("PATCH", &path, body).await.json();
        assert_eq!(
            (&answer["tags"], &answer["label"]),
            (&tags, &label),
            "{body}"
        );
        let read = bench.call("GET", &path, "").await.json();
        assert_eq!(read, answer, "{body}");
    }
    for (body, expected) in [
        (r#"{"status": "revoked"}"#.to_owned(), "`status`"),
        (r#"{"generation": 9}"#.to_owned(), "`generation`"),
        (r#"{"label": ""}"#.to_owned(), "`label`"),
        (r#"{"label": 5}"#.to_owned(), "`label` has to be a string."),
        (json!({"label": "x".repeat(101)}).to_string(), "`label`"),
        (json!({"tags": ["ok", ""]}).to_string(), "`tags[1]`"),
        (json!({"tags": ["x".repeat(51)]}).to_string(), "`tags[0]`"),
        (json!({"tags": vec!["x"; 21]}).to_string(), "at most 20"),
        (String::new(), "valid JSON"),
    ] {
        let answer = bench.call("PATCH", &path, &body).await;
        assert!(
            answer.mistake().contains(expected),
            "{body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn revoking_twice_answers_the_same_receipt() {
    let bench = Bench::new().await;
    let id = bench
        .connect(&bench.one, "apollo", "dana", personal("dana"), "a1")
        .await;
    assert_eq!(
        bench
            .call("POST", &format!("/connections/{id}/token"), "")
            .await
            .status,
        200
    );
    let first = bench
        .call("DELETE", &format!("/connections/{id}"), "")
        .await;
    assert_eq!(first.status, 200, "{}", first.text);
    bench.clock.advance(5000);
    let second = bench
        .call("DELETE", &format!("/connections/{id}"), "")
        .await;
    assert_eq!((second.status, &second.text), (first.status, &first.text));
    let receipt = first.json();
    assert!(
        receipt["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("rcp_"))
    );
    assert_eq!(receipt["connection_id"], id.as_str());
    assert_eq!(
        (&receipt["status"], &receipt["reason"]),
        (&json!("revoked"), &json!("asked"))
    );
    assert_eq!(receipt["revoked_at"], "2026-01-01T00:00:01Z");
    // Apollo cannot be told, and the token that was handed out lives on until its end
    assert_eq!(
        receipt["upstream"],
        json!({"result": "not_offered", "at": "2026-01-01T00:00:01Z", "next_try_at": null})
    );
    assert_eq!(receipt["token_valid_until"], "2026-01-01T01:00:00Z");

    let token = bench
        .call("POST", &format!("/connections/{id}/token"), "")
        .await;
    assert_eq!(token.problem(), (410, "connection_revoked".to_owned()));
    assert_eq!(token.json()["connection_id"], id.as_str());
    let shown = bench
        .call("GET", &format!("/connections/{id}"), "")
        .await
        .json();
    assert_eq!(shown["status"], "revoked");
    let seen = bench
        .store
        .revocation_of(&id)
        .await
        .expect("a database")
        .expect("a receipt");
    assert_eq!(
        (seen.note.as_str(), seen.revoked_by.as_str()),
        ("Revoked through the API.", "backend")
    );
}

#[tokio::test]
async fn where_the_provider_can_be_told_the_receipt_says_that_it_will_be() {
    let bench = Bench::new().await;
    bench.add_provider(&bench.one, "apaleo", "apaleo").await;
    let id = bench
        .connect(&bench.one, "apaleo", "dana", personal("dana"), "a1")
        .await;
    let receipt = bench
        .call("DELETE", &format!("/connections/{id}"), "")
        .await
        .json();
    assert_eq!(
        receipt["upstream"],
        json!({"result": "waiting", "at": null, "next_try_at": "2026-01-01T00:00:01Z"})
    );
    // nothing was ever handed out
    assert_eq!(receipt["token_valid_until"], Value::Null);
}
