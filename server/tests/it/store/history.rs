//! What happened: the history of a connection, who got its tokens, the audit.

use crate::support::databases::Database;
use crate::support::seed::{Seed, admin, api_key};
use crate::support::together::together;
use app::wire::{BrokenReason, HistoryKind, RevokeReason};
use server::domain::{Actor, ApiKey, AuditAction, AuditEvent, Connection, Timestamp};
use server::store::HandOut;
use server::store::db::{Runs, sql};
use server::vault::TokenHash;

const MINUTE: i64 = 60_000;

fn handed_out(connection: &Connection, key: &ApiKey, minute: i64, times: i64) -> HandOut {
    HandOut {
        organization: connection.organization.clone(),
        connection: connection.id.clone(),
        provider: connection.provider.clone(),
        api_key: key.id.clone(),
        minute: Timestamp::from_millis(minute * MINUTE),
        last_at: Timestamp::from_millis(minute * MINUTE + 500),
        times,
    }
}

async fn audited(db: &Database) -> Vec<String> {
    let rows = db
        .store
        .db()
        .rows(sql("SELECT action FROM audit_events ORDER BY seq"))
        .await
        .unwrap();
    rows.iter().map(|row| row.text("action").unwrap()).collect()
}

db_test!(hand_outs_are_counted_per_key_and_minute, async |db| {
    let seed = Seed::of(&db).await;
    let worker = api_key(&seed.store, &seed.application, "worker").await;
    let connection = seed.connect("mia").await;
    assert_eq!(db.store.last_key_of(&connection.id).await.unwrap(), None);
    assert_eq!(
        db.store
            .last_handed_out_at(&seed.application.id)
            .await
            .unwrap(),
        None
    );

    let at = db.store.now().millis() / MINUTE + 10;
    db.store.count_hand_outs(&[]).await.unwrap();
    let first = [
        handed_out(&connection, &seed.key, at, 3),
        handed_out(&connection, &worker, at + 1, 1),
    ];
    db.store.count_hand_outs(&first).await.unwrap();
    db.store
        .count_hand_outs(&[handed_out(&connection, &seed.key, at, 4)])
        .await
        .unwrap();

    let history = db
        .store
        .history(&connection.id, None, 10)
        .await
        .unwrap()
        .entries;
    let expected = [
        HistoryKind::HandedOut {
            key: "worker".to_owned(),
            times: 1,
        },
        HistoryKind::HandedOut {
            key: "backend".to_owned(),
            times: 7,
        },
        HistoryKind::Connected {
            by: "Name of mia".to_owned(),
        },
    ];
    assert_eq!(
        history
            .into_iter()
            .map(|entry| entry.what)
            .collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        db.store
            .last_key_of(&connection.id)
            .await
            .unwrap()
            .as_deref(),
        Some("worker")
    );
    let last = Some(Timestamp::from_millis((at + 1) * MINUTE + 500));
    assert_eq!(
        seed.read(&connection.id).await.last_handed_out_at,
        last,
        "the last one, not the last noted"
    );
    assert_eq!(
        db.store
            .last_handed_out_at(&seed.application.id)
            .await
            .unwrap(),
        last
    );
    let stranger = Seed::of(&db).await;
    assert_eq!(
        db.store
            .last_handed_out_at(&stranger.application.id)
            .await
            .unwrap(),
        None
    );
});

db_test!(
    nodes_that_count_the_same_connections_do_not_block_each_other,
    async |db| {
        let seed = Seed::of(&db).await;
        let mut counted = Vec::new();
        for number in 0..40 {
            let connection = seed.connect(&format!("person-{number}")).await;
            counted.push(handed_out(&connection, &seed.key, 1, 1));
        }
        let stored = together(6, |node| {
            let (store, mut counted) = (seed.store.clone(), counted.clone());
            if node % 2 == 0 {
                counted.reverse();
            }
            async move {
                store
                    .count_hand_outs(&counted)
                    .await
                    .map_err(|error| error.to_string())
            }
        })
        .await;
        assert_eq!(stored, vec![Ok(()); 6]);
        let total = sql("SELECT CAST(SUM(times) AS BIGINT) AS total FROM hand_outs");
        let row = (&mut db.store.db())
            .row(total)
            .await
            .unwrap()
            .expect("a sum");
        assert_eq!(row.int("total").unwrap(), 240);
    }
);

db_test!(a_history_is_as_long_as_asked_for, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    for _ in 0..5 {
        db.clock.advance(1000);
        seed.connect("mia").await;
    }
    db.store
        .break_without_refresh(&connection, BrokenReason::Unreadable)
        .await
        .unwrap();
    let history = db
        .store
        .history(&connection.id, None, 3)
        .await
        .unwrap()
        .entries;
    assert_eq!(history.len(), 3);
    assert!(history.is_sorted_by(|a, b| a.at >= b.at), "{history:?}");
    assert!(
        history
            .iter()
            .all(|entry| entry.at == db.store.now().millis() || entry.at < db.store.now().millis())
    );
});

db_test!(every_change_is_audited_with_who_did_it, async |db| {
    let seed = Seed::of(&db).await;
    let (store, application) = (&seed.store, &seed.application);
    store
        .update_application(application, admin())
        .await
        .unwrap();
    store
        .update_provider(&seed.provider, admin())
        .await
        .unwrap();
    let secret = "another-secret-of-client-1";
    store
        .add_client_secret(&seed.provider, &secret.into(), admin())
        .await
        .unwrap();
    let old = store
        .client_secret_hints(&seed.provider.id)
        .await
        .unwrap()
        .pop()
        .expect("the first one");
    store
        .remove_client_secret(&seed.provider, old.id.as_str(), admin())
        .await
        .unwrap();
    store.note_credentials(&seed.provider, true).await.unwrap();
    store
        .note_credentials(&seed.read_provider().await, false)
        .await
        .unwrap();
    let mut connection = seed.connect("mia").await;
    seed.connect("mia").await;
    connection.label = Some("Label".to_owned());
    store
        .describe_connection(&connection, seed.backend())
        .await
        .unwrap();
    let connection = seed.read(&connection.id).await;
    store
        .break_without_refresh(&connection, BrokenReason::Unreadable)
        .await
        .unwrap();
    store
        .revoke(&connection, RevokeReason::Asked, "", admin(), true)
        .await
        .unwrap();
    store
        .revoke_api_key(application, seed.key.id.as_str(), admin())
        .await
        .unwrap();
    let alone = AuditEvent {
        actor: Actor::server(),
        action: AuditAction::SignInFailed,
        subject_kind: "member",
        subject_id: "mem_1".to_owned(),
        detail: serde_json::json!({"browser": "Firefox"}),
    };
    store
        .audit_alone(&application.organization, alone)
        .await
        .unwrap();

    let expected = [
        "organization.created",
        "application.created",
        "provider.created",
        "api_key.created",
        "application.changed",
        "provider.changed",
        "provider.secret_added",
        "provider.secret_removed",
        "provider.credentials_rejected",
        "provider.credentials_accepted",
        "connect_session.created",
        "connect.started",
        "connection.created",
        "connect_session.created",
        "connect.started",
        "connection.reauthorized",
        "connection.described",
        "connection.reconnect_required",
        "connection.revoked",
        "api_key.revoked",
        "member.sign_in_failed",
    ];
    assert_eq!(audited(&db).await, expected);
    let who = sql(
        "SELECT COUNT(*) AS many FROM audit_events WHERE actor_name = '' OR actor_kind = '' OR organization_id <> $1",
    );
    let row = (&mut db.store.db())
        .row(who.bind(application.organization.as_str()))
        .await
        .unwrap();
    assert_eq!(row.expect("a count").int("many").unwrap(), 0);
});

db_test!(what_fails_is_not_audited, async |db| {
    let seed = Seed::of(&db).await;
    let before = audited(&db).await;
    seed.store
        .revoke_api_key(&seed.application, "key_none", admin())
        .await
        .unwrap();
    seed.store
        .remove_client_secret(&seed.provider, "sec_none", admin())
        .await
        .unwrap();
    let hash = TokenHash::of("gp_the same key");
    seed.store
        .create_api_key(&seed.application, "one", "gp_t..ey", &hash, admin())
        .await
        .unwrap();
    seed.store
        .create_api_key(&seed.application, "two", "gp_t..ey", &hash, admin())
        .await
        .unwrap_err();
    assert_eq!(audited(&db).await[before.len()..], ["api_key.created"]);
});

db_test!(a_set_up_token_is_kept_as_its_hash, async |db| {
    let (first, second) = (TokenHash::of("first"), TokenHash::of("second"));
    for token in [&first, &second] {
        db.store
            .set_setup_token(token, Timestamp::from_millis(77))
            .await
            .unwrap();
    }
    db.store.ensure_instance().await.unwrap();
    db.store.ping().await.unwrap();
    let row = (&mut db.store.db())
        .row(sql("SELECT * FROM instance"))
        .await
        .unwrap()
        .expect("the instance");
    assert_eq!(
        row.maybe_hash("setup_token_sha256").unwrap(),
        Some(*second.as_bytes()),
        "the one before is gone"
    );
    assert_eq!(
        row.maybe_time("setup_token_expires_at").unwrap(),
        Some(Timestamp::from_millis(77))
    );
    assert_eq!(row.text("instance_id").unwrap().len(), 20);
});
