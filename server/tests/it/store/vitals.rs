//! The few numbers that the metrics read again and again.

use crate::support::databases::Database;
use crate::support::seed::Seed;
use app::wire::{BrokenReason, HistoryKind, StateCounts};
use server::domain::Connection;
use server::store::db::{Runs, sql};
use server::store::{Acquired, Lease, Store};
use std::time::Duration;

async fn acquire(store: &Store, connection: &Connection) -> Lease {
    let ttl = Duration::from_secs(40);
    let Acquired::Ours(lease, _) = store
        .acquire_lease(connection, "node-1", ttl)
        .await
        .unwrap()
    else {
        panic!("the lease is free")
    };
    lease
}

async fn look_at(db: &Database, connection: &Connection, millis: i64) {
    let statement = sql("UPDATE connections SET look_at = $1 WHERE id = $2")
        .bind(millis)
        .bind(connection.id.as_str());
    assert_eq!(db.store.db().run(statement).await.unwrap(), 1);
}

db_test!(all_that_is_counted_is_told, async |db| {
    let seed = Seed::of(&db).await;
    let empty = db.store.vitals().await.unwrap();
    assert_eq!(empty.connections, StateCounts::default());
    assert_eq!((empty.open_intents, empty.looks_due), (0, 0));
    assert_eq!((empty.lag, empty.quarantined), (Duration::ZERO, false));
    // the test's clock stands still and the database's does not
    assert!(empty.clock_ahead_s.abs() < 30.0, "{}", empty.clock_ahead_s);

    let (mia, bo, kim) = (
        seed.connect("mia").await,
        seed.connect("bo").await,
        seed.connect("kim").await,
    );
    let failing = acquire(&db.store, &mia).await;
    acquire(&db.store, &bo).await;
    let condemned = acquire(&db.store, &kim).await;
    let failure = HistoryKind::RefreshFailed {
        class: "unreached".to_owned(),
        status: None,
        code: None,
    };
    let (later, now) = (db.store.now() + Duration::from_mins(1), db.store.now());
    db.store
        .release_lease(&mia, &failing, true, later, (&failure, None))
        .await
        .unwrap();
    let why = HistoryKind::Broken {
        reason: BrokenReason::GrantRevokedOrExpired,
        status: Some(400),
        code: None,
    };
    assert!(
        db.store
            .condemn(&kim, &condemned, (&why, None))
            .await
            .unwrap()
    );
    look_at(&db, &mia, now.millis() - 4000).await;
    look_at(&db, &bo, 0).await;
    look_at(&db, &kim, now.millis() - 9000).await;

    let vitals = db.store.vitals().await.unwrap();
    assert_eq!(
        vitals.connections,
        StateCounts {
            active: 1,
            degraded: 1,
            reconnect_required: 1,
            revoked: 0,
        }
    );
    assert_eq!(vitals.open_intents, 1, "only bo is being refreshed");
    assert_eq!(vitals.looks_due, 2, "nobody looks at kim any more");
    assert_eq!(vitals.lag, Duration::from_secs(4), "bo has no age");

    db.clock.advance(3_600_000);
    let ahead = db.store.vitals().await.unwrap();
    assert!(ahead.clock_ahead_s > 3500.0, "{}", ahead.clock_ahead_s);
    assert_eq!(ahead.lag, Duration::from_secs(3604));
    let copied = sql("UPDATE instance SET quarantined_at = $1").bind(now);
    db.store.db().run(copied).await.unwrap();
    assert!(db.store.vitals().await.unwrap().quarantined);
});
