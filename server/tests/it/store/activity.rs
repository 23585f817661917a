//! What happened on each day: counted once, whoever counts.

use crate::support::seed::Seed;
use app::wire::{BrokenReason, HistoryKind};
use serde_json::{Value, json};
use server::domain::{AuditAction, Connection, Timestamp};
use server::store::db::{Runs, sql};
use server::store::{ActivityKind, AuditQuery, Store};
use std::collections::BTreeMap;
use std::time::Duration;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// An entry of a history at a moment.
async fn happened(store: &Store, connection: &Connection, at: i64, what: &HistoryKind) {
    let insert = sql("INSERT INTO connection_events (organization_id, connection_id, at, what) VALUES ($1, $2, $3, $4)")
        .bind(connection.organization.as_str())
        .bind(connection.id.as_str())
        .bind(at)
        .bind(serde_json::to_string(what).unwrap());
    store.db().run(insert).await.unwrap();
}

fn failed(class: &str) -> HistoryKind {
    HistoryKind::RefreshFailed {
        class: class.to_owned(),
        status: None,
        code: None,
    }
}

async fn days(store: &Store, seed: &Seed) -> BTreeMap<(i64, ActivityKind), u64> {
    let since = Timestamp::from_millis(0);
    let days = store.activity(&seed.application.id, since).await.unwrap();
    days.into_iter()
        .map(|one| ((one.day.millis(), one.kind), one.times))
        .collect()
}

db_test!(
    what_happened_is_counted_once_by_whoever_counts,
    async |db| {
        let seed = Seed::of(&db).await;
        let mia = seed.connect("mia").await;
        let today = db.store.now().millis().div_euclid(DAY) * DAY;
        let yesterday = today - DAY;
        happened(&db.store, &mia, yesterday, &HistoryKind::Refreshed).await;
        // all that was there before is counted, and not audited again
        db.store.count_activity().await.unwrap();
        for at in [yesterday, yesterday + DAY - 1, today] {
            happened(&db.store, &mia, at, &HistoryKind::Refreshed).await;
        }
        happened(&db.store, &mia, today, &HistoryKind::Recovered).await;
        happened(&db.store, &mia, today, &failed("unreached")).await;
        happened(&db.store, &mia, today, &failed("unreached")).await;
        happened(&db.store, &mia, today, &failed("rate_limited")).await;
        let broken = HistoryKind::Broken {
            reason: BrokenReason::NoRefreshToken,
            status: None,
            code: None,
        };
        happened(&db.store, &mia, today, &broken).await;

        let expected = BTreeMap::from([
            ((yesterday, ActivityKind::Refreshed), 3),
            ((today, ActivityKind::Refreshed), 2),
            ((today, ActivityKind::RefreshFailed), 3),
            ((today, ActivityKind::Broken), 1),
            ((today, ActivityKind::Connected), 1),
        ]);
        let other = db.another_node().await;
        for _ in 0..4 {
            // what is not counted yet is there all the same, and never twice
            assert_eq!(days(&db.store, &seed).await, expected);
            db.clock.advance(40_000);
            let (one, two) = tokio::join!(db.store.count_activity(), other.count_activity());
            one.and(two).unwrap();
        }
        assert_eq!(days(&db.store, &seed).await, expected);
        assert_eq!(db.store.count_activity().await.unwrap(), 0);

        db.clock.advance(10 * 60_000);
        db.store.tell_counts().await.unwrap();
        let events = db
            .store
            .audit_after(
                &seed.application.organization,
                &AuditQuery::default(),
                0,
                500,
            )
            .await
            .unwrap();
        let told = |action: AuditAction| -> Vec<Value> {
            events
                .iter()
                .filter(|event| event.action == action.as_str())
                .map(|event| serde_json::from_str(&event.detail).unwrap())
                .collect()
        };
        assert_eq!(
            told(AuditAction::Refreshed),
            [
                json!({"times": 1}),
                json!({"times": 1}),
                json!({"times": 2})
            ],
            "one per minute, and none for what was there before"
        );
        assert_eq!(
            told(AuditAction::RefreshFailed),
            [json!({"class": {"rate_limited": 1, "unreached": 2}, "times": 3})]
        );
        if db.is_shared() {
            other.close().await;
        }
    }
);

db_test!(days_of_long_ago_are_forgotten, async |db| {
    let seed = Seed::of(&db).await;
    let mia = seed.connect("mia").await;
    let now = db.store.now();
    for days in [10, 399, 402] {
        let at = (now - Duration::from_hours(24 * days)).millis();
        happened(&db.store, &mia, at, &HistoryKind::Refreshed).await;
    }
    for _ in 0..3 {
        db.store.count_activity().await.unwrap();
        db.clock.advance(40_000);
    }
    assert_eq!(db.store.purge_activity().await.unwrap(), 1);
    let refreshed = days(&db.store, &seed).await;
    let kept = refreshed
        .keys()
        .filter(|(_, kind)| *kind == ActivityKind::Refreshed)
        .count();
    assert_eq!(kept, 2);
});
