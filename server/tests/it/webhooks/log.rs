//! The log of events: what stands in it, and that no reader misses anything.

use super::endpoint;
use crate::support::databases::Database;
use crate::support::seed::{HOUR, Seed, admin, saved, tokens};
use crate::support::together::together;
use app::wire::{BrokenReason, EventKind, RevokeReason};
use serde_json::{Value, json};
use server::domain::{Connection, Event};
use server::store::db::{Runs, Tx, sql};
use server::store::{Acquired, NotInLog, Store, Undo};
use std::collections::HashSet;
use std::time::Duration;

async fn read(seed: &Seed, after: Option<i64>) -> (Vec<Event>, i64) {
    let kinds: &[EventKind] = &[];
    let page = seed
        .store
        .log_after(&seed.application.id, after, kinds, 1000)
        .await;
    let page = page.unwrap().expect("a place in the log");
    (page.events, page.next)
}

async fn all(seed: &Seed) -> Vec<Value> {
    while seed.store.place_events().await.unwrap() > 0 {}
    let (events, _) = read(seed, None).await;
    let bodies = events.iter().map(|event| serde_json::from_str(&event.body));
    bodies.collect::<Result<_, _>>().unwrap()
}

async fn refresh(store: &Store, connection: &Connection) {
    let acquired = store.acquire_lease(connection, "node", HOUR).await.unwrap();
    let Acquired::Ours(lease, _) = acquired else {
        panic!("the lease is free")
    };
    let next = saved(tokens("at-next", Some("rt-next")), store.now(), Some(HOUR));
    let stored = store.commit_refresh(connection, &lease, &next).await;
    assert!(stored.unwrap());
}

db_test!(each_change_stands_in_the_log, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let reason = BrokenReason::ALL[0];
    let broke = seed.store.break_without_refresh(&connection, reason).await;
    assert!(broke.unwrap());
    let connection = seed.connect("mia").await;
    let revoked = seed
        .store
        .freeze(&connection, RevokeReason::Asked, "a note", admin())
        .await;
    assert!(revoked.unwrap().is_some());
    let undone = seed.store.undo_revocation(&connection, admin()).await;
    assert!(matches!(undone.unwrap(), Undo::Done(_)));
    for rejected in [true, true, false] {
        let provider = seed.read_provider().await;
        seed.store
            .note_credentials(&provider, rejected)
            .await
            .unwrap();
    }
    let events = all(&seed).await;
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str()).collect();
    assert_eq!(
        types.into_iter().flatten().collect::<Vec<_>>(),
        [
            "connection.created",
            "connection.reconnect_required",
            "connection.reauthorized",
            "connection.revoked",
            "connection.restored",
            "provider.credentials_rejected",
            "provider.credentials_restored",
        ]
    );
    assert_eq!(
        events[1]["data"],
        json!({
            "connection_id": connection.id.as_str(),
            "provider": "house",
            "owner": {"kind": "personal", "id": "mia"},
            "end_user_id": "mia",
            "generation": 1,
            "reason": reason.as_str(),
        })
    );
    assert_eq!(events[3]["data"]["reason"], "asked");
    assert_eq!(events[5]["data"], json!({"provider": "house"}));
    // thin: neither names nor notes nor tokens
    let text = json!(events).to_string();
    for absent in ["a note", "at-", "rt-", "@provider.example"] {
        assert!(!text.contains(absent), "{absent}");
    }
});

db_test!(a_change_that_fails_leaves_no_event, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    assert_eq!(all(&seed).await.len(), 1);
    // of another generation: nothing is changed, so nothing is told
    let stale = Connection {
        generation: 7,
        ..connection
    };
    let broke = seed
        .store
        .break_without_refresh(&stale, BrokenReason::ALL[0])
        .await;
    assert!(!broke.unwrap());
    assert_eq!(all(&seed).await.len(), 1);
});

db_test!(
    replaced_tokens_are_told_where_somebody_listens,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        refresh(&seed.store, &connection).await;
        assert_eq!(all(&seed).await.len(), 1);
        endpoint(&seed, "https://app.acme.example/", &["token.replaced"]).await;
        let connection = seed.read(&connection.id).await;
        refresh(&seed.store, &connection).await;
        let events = all(&seed).await;
        assert_eq!(events[1]["type"], "token.replaced");
        assert_eq!(events[1]["data"]["generation"], 3);
    }
);

/// Writes an event and leaves its transaction open.
async fn begin(db: &Database, seed: &Seed, id: &str) -> Tx {
    let mut tx = db.store.db().begin().await.unwrap();
    let insert = sql(
        "INSERT INTO events (id, organization_id, application_id, kind, lane, at, body) VALUES ($1, $2, $3, 'connection.created', 'x', 1, '{}')",
    )
    .bind(id)
    .bind(seed.application.organization.as_str())
    .bind(seed.application.id.as_str());
    tx.run(insert).await.unwrap();
    tx
}

#[tokio::test]
async fn what_commits_late_gets_a_later_place() {
    let db = Database::postgres().await;
    let seed = Seed::of(&db).await;
    let early = begin(&db, &seed, "evt_early").await;
    begin(&db, &seed, "evt_late").await.commit().await.unwrap();
    seed.store.place_events().await.unwrap();
    let (seen, next) = read(&seed, None).await;
    assert_eq!(
        seen.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(),
        ["evt_late"]
    );
    early.commit().await.unwrap();
    seed.store.place_events().await.unwrap();
    let (seen, _) = read(&seed, Some(next)).await;
    assert_eq!(
        seen.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(),
        ["evt_early"]
    );
    drop(seed);
    db.stop().await.remove().await;
}

db_test!(a_reader_among_many_writers_misses_nothing, async |db| {
    // few enough for a slow machine: all of them wait for the provider's row
    const PEOPLE: usize = 4;
    let seed = std::sync::Arc::new(Seed::of(&db).await);
    let other_node = db.another_node().await;
    let writers = {
        let seed = std::sync::Arc::clone(&seed);
        tokio::spawn(async move {
            together(PEOPLE, |number| {
                let seed = std::sync::Arc::clone(&seed);
                async move {
                    for _ in 0..3 {
                        seed.connect(&format!("person-{number}")).await;
                    }
                }
            })
            .await
        })
    };
    let (mut seen, mut at) = (Vec::new(), None);
    loop {
        let over = writers.is_finished();
        let (one, other) = tokio::join!(seed.store.place_events(), other_node.place_events());
        let placed = one.unwrap() + other.unwrap();
        let (events, next) = read(&seed, at).await;
        seen.extend(events);
        at = Some(next);
        if over && placed == 0 {
            break;
        }
    }
    writers.await.unwrap();
    assert_eq!(seen.len(), PEOPLE * 3);
    let ids: HashSet<_> = seen.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(ids.len(), PEOPLE * 3);
    let places: Vec<_> = seen.iter().map(|event| event.position).collect();
    assert_eq!(places, (1..=12).collect::<Vec<i64>>());
    for number in 0..PEOPLE {
        let of_one: Vec<Value> = seen
            .iter()
            .map(|event| serde_json::from_str(&event.body).unwrap())
            .filter(|event: &Value| event["data"]["end_user_id"] == format!("person-{number}"))
            .collect();
        let generations: Vec<_> = of_one
            .iter()
            .map(|event| event["data"]["generation"].as_i64())
            .collect();
        assert_eq!(generations, [Some(1), Some(2), Some(3)]);
    }
});

db_test!(a_filter_goes_on_behind_what_it_left_out, async |db| {
    let seed = Seed::of(&db).await;
    seed.connect("mia").await;
    seed.connect("noah").await;
    seed.store.place_events().await.unwrap();
    let kinds = [EventKind::ConnectionRevoked];
    let log = async |after| {
        let page = seed
            .store
            .log_after(&seed.application.id, after, &kinds, 1)
            .await;
        page.unwrap()
    };
    let page = log(None).await.unwrap();
    assert_eq!((page.events.len(), page.next, page.more), (0, 2, false));
    let all: &[EventKind] = &[];
    let first = seed
        .store
        .log_after(&seed.application.id, None, all, 1)
        .await;
    let first = first.unwrap().unwrap();
    assert_eq!((first.events.len(), first.next, first.more), (1, 1, true));
    assert_eq!(log(Some(9)).await.unwrap_err(), NotInLog);
});

db_test!(the_log_says_where_it_begins, async |db| {
    let seed = Seed::of(&db).await;
    seed.connect("mia").await;
    seed.store.place_events().await.unwrap();
    db.clock.advance(40 * 24 * 3_600_000);
    seed.connect("noah").await;
    seed.store.place_events().await.unwrap();
    let month = Duration::from_hours(30 * 24);
    seed.store.forget_events(month).await.unwrap();
    let (events, next) = read(&seed, None).await;
    assert_eq!((events.len(), next), (1, 2));
    let none: &[EventKind] = &[];
    let old = seed
        .store
        .log_after(&seed.application.id, Some(0), none, 10)
        .await;
    assert_eq!(old.unwrap().unwrap_err(), NotInLog);
    assert_eq!(read(&seed, Some(1)).await.0.len(), 1);
});
