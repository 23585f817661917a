//! `POST /connections/import`.

use super::{Stage, outcomes, row};
use crate::support::canary::{Canary, dump, must_be_clean};
use crate::support::seed::new_provider;
use serde_json::{Value, json};
use server::domain::{Actor, ConnectionId};
use server::store::NewProvider;
use std::time::Duration;

db_test!(
    tokens_that_came_are_handed_out_and_renewed_here,
    async |db| {
        let stage = Stage::new(db).await;
        let issued = stage.site.provider.issue("mia");
        let refresh = issued.refresh_token.clone().expect("a refresh token");
        let sent = row("mia", &issued.access_token, &refresh);
        let answer = stage.import("", &[sent], &json!({})).await;
        assert_eq!(outcomes(&answer), ["imported"], "{answer}");
        assert_eq!(answer["counts"]["imported"], 1);
        let id = answer["data"][0]["connection_id"].as_str().expect("an id");

        let shown = stage
            .api("GET", &format!("/connections/{id}"), &Value::Null)
            .await;
        let shown = shown.json();
        assert_eq!(shown["status"], "active");
        assert_eq!(shown["account"]["id"], "acc-mia");
        assert_eq!(shown["connected_at"], "2026-01-02T03:04:05Z");
        assert_eq!(shown["generation"], 1);
        let found = stage
            .api("GET", "/connections?account=acc-mia", &Value::Null)
            .await;
        assert_eq!(found.json()["data"][0]["id"], id);

        let token = format!("/connections/{id}/token");
        let given = stage.api("POST", &token, &json!({})).await.json();
        assert_eq!(given["access_token"], issued.access_token.as_str());
        stage.site.db.clock.advance(3_600_000);
        let renewed = stage.api("POST", &token, &json!({})).await;
        assert_eq!(renewed.status, 200, "{}", renewed.text);
        assert_ne!(renewed.json()["access_token"], issued.access_token.as_str());
        assert_eq!(renewed.json()["generation"], 2);

        let id: ConnectionId = id.parse().expect("an id");
        let connection = stage.seed.read(&id).await;
        let history = stage
            .seed
            .store
            .history(&connection.id, None, 10)
            .await
            .expect("a database");
        let told = format!("{history:?}");
        assert!(told.contains("Imported { by: \"mover\" }"), "{told}");
    }
);

db_test!(the_same_row_again_changes_nothing, async |db| {
    let stage = Stage::new(db).await;
    let mut by_account = row("mia", "at-mia-1", "rt-mia-1");
    let mut by_name = row("leo", "at-leo-1", "rt-leo-1");
    by_name["external_id"] = json!("old-7");
    by_name["account"] = Value::Null;
    let mut by_tokens = row("kim", "at-kim-1", "rt-kim-1");
    by_tokens["account"] = Value::Null;
    let rows = [by_account.clone(), by_name.clone(), by_tokens.clone()];
    let dry = stage.import("?dry_run=true", &rows, &json!({})).await;
    assert_eq!(outcomes(&dry), ["would_import"; 3], "{dry}");
    assert_eq!(dry["data"][0]["connection_id"], Value::Null);
    let list = stage.api("GET", "/connections", &Value::Null).await.json();
    assert_eq!(list["data"], json!([]), "nothing is kept");

    let first = stage.import("", &rows, &json!({})).await;
    assert_eq!(outcomes(&first), ["imported"; 3], "{first}");
    let again = stage.import("", &rows, &json!({"replace": true})).await;
    assert_eq!(outcomes(&again), ["already_there"; 3], "{again}");
    for place in 0..3 {
        let ids = [&first, &again].map(|answer| answer["data"][place]["connection_id"].clone());
        assert_eq!(ids[0], ids[1]);
    }

    // newer tokens are taken where that is asked for
    by_account["access_token"] = json!("at-mia-2");
    by_account["refresh_token"] = json!("rt-mia-2");
    by_name["access_token"] = json!("at-leo-2");
    by_name["refresh_token"] = json!("rt-leo-2");
    let newer = [by_account, by_name];
    let kept = stage.import("", &newer, &json!({})).await;
    assert_eq!(outcomes(&kept), ["already_there"; 2], "{kept}");
    let replaced = stage.import("", &newer, &json!({"replace": true})).await;
    assert_eq!(outcomes(&replaced), ["replaced"; 2], "{replaced}");
    let id = first["data"][1]["connection_id"].as_str().expect("an id");
    let id: ConnectionId = id.parse().expect("an id");
    let tokens = stage.seed.tokens_of(&id).await;
    assert_eq!(tokens, ("at-leo-2".to_owned(), Some("rt-leo-2".to_owned())));
    assert_eq!(stage.seed.read(&id).await.generation, 2);

    // what was revoked stays away
    let path = format!("/connections/{id}");
    assert_eq!(stage.api("DELETE", &path, &Value::Null).await.status, 200);
    let back = stage.import("", &newer[1..], &json!({})).await;
    assert_eq!(outcomes(&back), ["wrong"], "{back}");
    assert_eq!(back["data"][0]["problems"][0]["field"], "external_id");
});

db_test!(
    a_wrong_row_is_named_by_its_fields_and_keeps_no_other_out,
    async |db| {
        let stage = Stage::new(db).await;
        let right = row("mia", "at-right-1", "rt-right-1");
        let wrong = |change: fn(&mut Value)| {
            let mut row = row("leo", "at-hunter2-secret", "rt-hunter2-secret");
            change(&mut row);
            row
        };
        let cases: [(Value, &str); 14] = [
            (wrong(|row| row["provider"] = json!("nobody")), "provider"),
            (wrong(|row| row["end_user"] = json!({})), "end_user"),
            (
                wrong(|row| row["end_user"]["id"] = json!("")),
                "end_user.id",
            ),
            (wrong(|row| row["access_token"] = json!(7)), "access_token"),
            (
                wrong(|row| row["refresh_token"] = json!("a\nb")),
                "refresh_token",
            ),
            (wrong(|row| row["expires_at"] = json!("soon")), "expires_in"),
            (
                wrong(|row| row["connected_at"] = json!("yesterday")),
                "connected_at",
            ),
            (
                wrong(|row| row["client_id"] = json!("another-client")),
                "client_id",
            ),
            (
                wrong(|row| row["client_secret"] = json!("x")),
                "client_secret",
            ),
            (
                wrong(|row| row["metadata"] = json!({"instance_url": "https://evil.example"})),
                "metadata.instance_url",
            ),
            (
                wrong(|row| row["inputs"] = json!({"host": "evil.example"})),
                "inputs.host",
            ),
            (
                wrong(|row| row["owner"] = json!({"kind": "personal", "id": "mia"})),
                "owner.id",
            ),
            (wrong(|row| row["status"] = json!("revoked")), "status"),
            (wrong(|row| row["tokn"] = json!("x")), "tokn"),
        ];
        let mut rows: Vec<Value> = cases.iter().map(|(row, _)| row.clone()).collect();
        rows.push(right.clone());
        let answer = stage.import("", &rows, &json!({})).await;
        for (place, (_, field)) in cases.iter().enumerate() {
            let one = &answer["data"][place];
            assert_eq!(one["outcome"], "wrong", "{field}: {one}");
            assert_eq!(one["index"], place);
            let problem = &one["problems"][0];
            assert_eq!(problem["field"], *field, "{one}");
            let sentence = problem["sentence"].as_str().expect("a sentence");
            assert!(
                sentence.len() > 10 && !sentence.contains("hunter2"),
                "{one}"
            );
        }
        assert_eq!(answer["data"][14]["outcome"], "imported");
        assert_eq!(answer["counts"]["wrong"], 14);

        // all or nothing
        let other = row("kim", "at-kim-1", "rt-kim-1");
        let rows = [other.clone(), rows[0].clone()];
        let none = stage
            .import("", &rows, &json!({"all_or_nothing": true}))
            .await;
        assert_eq!(outcomes(&none), ["not_imported", "wrong"], "{none}");
        let all = stage
            .import("", &rows[..1], &json!({"all_or_nothing": true}))
            .await;
        assert_eq!(outcomes(&all), ["imported"], "{all}");

        for (body, words) in [
            (json!({"connections": []}), "1 to 500"),
            (json!({"connections": vec![json!({}); 501]}), "1 to 500"),
            (json!({"connections": [{}], "format": "other"}), "format"),
            (json!({}), "connections"),
        ] {
            let reply = stage.api("POST", "/connections/import", &body).await;
            assert_eq!(reply.status, 422, "{}", reply.text);
            assert!(reply.text.contains(words), "{}", reply.text);
        }
    }
);

db_test!(
    an_account_has_one_owner_where_that_is_the_rule,
    async |db| {
        let strict = NewProvider {
            one_owner_per_account: true,
            ..new_provider("house")
        };
        let stage = Stage::with(db, strict).await;
        let mia = row("mia", "at-mia-1", "rt-mia-1");
        let mut leo = row("leo", "at-leo-1", "rt-leo-1");
        leo["account"]["id"] = json!("acc-mia");
        let mut nobody = row("kim", "at-kim-1", "rt-kim-1");
        nobody["account"] = Value::Null;
        let answer = stage.import("", &[mia, leo, nobody], &json!({})).await;
        assert_eq!(
            outcomes(&answer),
            ["imported", "wrong", "wrong"],
            "{answer}"
        );
        for place in [1, 2] {
            assert_eq!(answer["data"][place]["problems"][0]["field"], "account.id");
        }
    }
);

db_test!(rows_of_another_vault_come_in_by_its_own_words, async |db| {
    let stage = Stage::new(db).await;
    let theirs = |id: &str, kind: &str| {
        json!({
            "connection_id": id,
            "provider_config_key": "house-prod",
            "credentials": {"type": kind, "access_token": format!("at-{id}"), "refresh_token": format!("rt-{id}"),
                "expires_at": "2030-01-01T00:00:00.000Z", "raw": {"scope": "contacts.read"}},
            "end_user": {"id": "mia", "displayName": "Mia Novak"},
            "connection_config": {"unknown": "x"},
        })
    };
    let rows = [theirs("n-1", "OAUTH2"), theirs("n-2", "API_KEY")];
    let more = json!({"format": "nango", "providers": {"house-prod": "house"}});
    let answer = stage.import("", &rows, &more).await;
    assert_eq!(outcomes(&answer), ["imported", "wrong"], "{answer}");
    assert_eq!(
        answer["data"][1]["problems"][0]["field"],
        "credentials.type"
    );
    let again = stage.import("", &rows[..1], &more).await;
    assert_eq!(outcomes(&again), ["already_there"]);
});

db_test!(no_token_of_an_import_is_in_clear_anywhere, async |db| {
    let stage = Stage::new(db).await;
    let secrets = ["at-canary-Zq81mQ", "rt-canary-Zq81mQ", "raw-canary-Zq81mQ"];
    let mut sent = row("mia", secrets[0], secrets[1]);
    sent["token_answer"] = json!(format!("{{\"x\":\"{}\"}}", secrets[2]));
    let mut wrong = sent.clone();
    wrong["end_user"] = json!({"id": 5});
    stage
        .import("", &[wrong.clone(), sent.clone()], &json!({}))
        .await;
    stage
        .import("?dry_run=true", &[sent], &json!({"replace": true}))
        .await;
    let canaries = secrets.map(Canary::of);
    for seen in stage.site.seen() {
        must_be_clean(&seen.bytes, &canaries, &seen.place);
    }
    for (column, bytes) in dump(&stage.site.db).await {
        must_be_clean(&bytes, &canaries, &column);
    }
});

db_test!(
    many_that_arrive_at_once_are_not_looked_at_at_once,
    async |db| {
        let stage = Stage::new(db).await;
        let rows: Vec<Value> = (0..60)
            .map(|n| {
                let mut row = row(
                    &format!("p{n}"),
                    &format!("at-many-{n}"),
                    &format!("rt-many-{n}"),
                );
                row["expires_in"] = json!(0);
                row
            })
            .collect();
        let answer = stage.import("", &rows, &json!({})).await;
        assert_eq!(answer["counts"]["imported"], 60);
        let mut looks = Vec::new();
        let now = stage.seed.store.now();
        for place in 0..60 {
            let id = answer["data"][place]["connection_id"]
                .as_str()
                .expect("an id");
            let connection = stage.seed.read(&id.parse().expect("an id")).await;
            looks.push(now.until(connection.look_at.expect("a moment")));
        }
        let early = looks
            .iter()
            .filter(|wait| **wait < Duration::from_mins(10))
            .count();
        assert!(early < 40, "{early} of 60 within ten minutes");
        assert!(looks.iter().all(|wait| *wait <= Duration::from_hours(1)));
    }
);

db_test!(an_import_is_in_the_audit_with_who_asked, async |db| {
    let stage = Stage::new(db).await;
    let sent = row("mia", "at-audit-1", "rt-audit-1");
    stage.import("", &[sent], &json!({})).await;
    let dumped = dump(&stage.site.db).await;
    let said = |column: &str, words: &str| {
        dumped
            .iter()
            .any(|(name, bytes)| name == column && String::from_utf8_lossy(bytes).contains(words))
    };
    assert!(said("audit_events.action", "connection.imported"));
    assert!(said("audit_events.actor_name", "mover"));
    assert_eq!(Actor::command_line().name, "The command line");
});
