//! Undoing a revocation: the same tokens under a new generation, or nothing at all.

use crate::support::databases::Database;
use crate::support::seed::{HOUR, Seed, admin, saved, tokens};
use crate::support::together::together;
use app::wire::{BrokenReason, HistoryKind, RevokeReason};
use server::domain::{Connection, Owner, Revocation, Status, UNDO_TIME, Upstream};
use server::store::db::{Runs, sql};
use server::store::{Acquired, Lease, Undo};
use std::time::Duration;

const MOMENT_MS: i64 = 1;

async fn freeze(seed: &Seed, connection: &Connection) -> Revocation {
    let frozen = seed
        .store
        .freeze(connection, RevokeReason::Leaving, "ticket 7", admin());
    frozen.await.unwrap().expect("a receipt")
}

async fn undo(seed: &Seed, connection: &Connection) -> Undo {
    let undone = seed.store.undo_revocation(connection, admin());
    undone.await.unwrap()
}

fn pass(db: &Database, span: Duration) {
    db.clock
        .advance(i64::try_from(span.as_millis()).unwrap() + MOMENT_MS);
}

async fn count(db: &Database, what: &'static str) -> i64 {
    let row = (&mut db.store.db()).row(sql(what)).await.unwrap();
    row.expect("a count").int("many").unwrap()
}

db_test!(
    what_is_undone_works_again_under_a_new_generation,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let before = seed.tokens_of(&connection.id).await;
        let receipt = freeze(&seed, &connection).await;
        assert_eq!(receipt.upstream, Upstream::Waiting);
        assert_eq!(receipt.undo_until, Some(db.store.now() + UNDO_TIME));
        assert_eq!(receipt.next_try_at, receipt.undo_until);
        let frozen = seed.read(&connection.id).await;
        assert_eq!((frozen.status, frozen.generation), (Status::Revoked, 2));
        let found = db
            .store
            .connection_with_tokens(&seed.application.id, connection.id.as_str())
            .await
            .unwrap();
        assert!(found.expect("the connection").1.is_none(), "none leaves");
        let due = db.store.take_due_revocation(60_000).await.unwrap();
        assert!(due.is_none(), "the provider is not told before");

        pass(&db, Duration::from_mins(14));
        let Undo::Done(undone) = undo(&seed, &connection).await else {
            panic!("it was not undone");
        };
        assert_eq!(undone.id, receipt.id);
        assert_eq!(undone.undone.as_ref().expect("by whom").by, "Ada");
        let now = seed.read(&connection.id).await;
        assert_eq!((now.status, now.generation), (Status::Active, 3));
        assert_eq!(seed.tokens_of(&connection.id).await, before);
        assert_eq!(now.access_token_sha256, connection.access_token_sha256);
        assert_eq!(
            now.look_at,
            Some(Connection::LOOK_AT_ONCE),
            "it is looked after at once"
        );
        let history = db.store.history(&connection.id, None, 1).await.unwrap();
        let by = "Ada".to_owned();
        assert_eq!(history.entries[0].what, HistoryKind::Restored { by });

        // the receipt stays, the revocation does not
        assert!(
            db.store
                .revocation_of(&connection.id)
                .await
                .unwrap()
                .is_none()
        );
        let kept = db.store.receipt_of(&connection.id).await.unwrap();
        let kept = kept.expect("the receipt");
        assert_eq!((kept.id, kept.note.as_str()), (receipt.id, "ticket 7"));
        assert_eq!(kept.audit_seq, receipt.audit_seq);
        let undone = kept.undone.expect("that it was undone");
        assert!(undone.audit_seq > receipt.audit_seq);

        // a second time changes nothing
        assert!(matches!(undo(&seed, &connection).await, Undo::Done(_)));
        assert_eq!(seed.read(&connection.id).await.generation, 3);
        let events =
            "SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connection.restored'";
        assert_eq!(count(&db, events).await, 1);
    }
);

db_test!(older_generations_do_not_come_back, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let before = seed.tokens_of(&connection.id).await;
    freeze(&seed, &connection).await;
    undo(&seed, &connection).await;
    // holders that slept through their lease, through the freeze, and through the undo
    for generation in [1, 2] {
        let late = saved(
            tokens("at-late", Some("rt-late")),
            db.store.now(),
            Some(HOUR),
        );
        let lease = Lease::late(generation);
        let stored = db.store.commit_refresh(&connection, &lease, &late);
        assert!(!stored.await.unwrap(), "generation {generation}");
        let kept = db.store.keep_late(&connection, generation, &late);
        assert!(!kept.await.unwrap(), "generation {generation}");
        let why = HistoryKind::Broken {
            reason: BrokenReason::GrantRevokedOrExpired,
            status: None,
            code: None,
        };
        assert!(
            !db.store
                .condemn(&connection, &lease, (&why, None))
                .await
                .unwrap()
        );
    }
    assert_eq!(seed.tokens_of(&connection.id).await, before);
    assert_eq!(seed.read(&connection.id).await.status, Status::Active);
});

db_test!(after_its_time_nothing_is_undone, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let (access, refresh) = seed.tokens_of(&connection.id).await;
    freeze(&seed, &connection).await;
    pass(&db, UNDO_TIME);
    let late = undo(&seed, &connection).await;
    assert!(matches!(late, Undo::TooLate), "{late:?}");
    assert_eq!(seed.read(&connection.id).await.status, Status::Revoked);
    let due = db.store.take_due_revocation(60_000).await.unwrap();
    let due = due.expect("the provider is told now");
    assert_eq!(due.tokens.access_token.expose(), &access);
    let named = due.tokens.refresh_token.map(|token| token.expose().clone());
    assert_eq!(named, refresh);
});

db_test!(an_incident_leaves_nothing_to_undo, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let revoked = db
        .store
        .revoke(&connection, RevokeReason::Incident, "leak", admin(), true);
    let receipt = revoked.await.unwrap().expect("a receipt");
    assert_eq!(receipt.undo_until, None);
    assert_eq!(receipt.next_try_at, Some(db.store.now()), "told at once");
    let refused = undo(&seed, &connection).await;
    assert!(matches!(refused, Undo::TooLate), "{refused:?}");
    let never = seed.connect("bo").await;
    assert!(matches!(undo(&seed, &never).await, Undo::NotRevoked));
});

db_test!(
    whoever_undoes_and_whoever_tells_never_both_win,
    async |db| {
        let seed = Seed::of(&db).await;
        let other_node = db.another_node().await;
        for number in 0..12 {
            let connection = seed.connect(&format!("person-{number}")).await;
            let receipt = freeze(&seed, &connection).await;
            // a node whose clock is ahead tells while there is time to undo
            let due = sql("UPDATE revocations SET next_try_at = $1 WHERE id = $2")
                .bind(db.store.now())
                .bind(receipt.id.as_str());
            (&mut db.store.db()).run(due).await.unwrap();
            let won = together(6, |task| {
                let (store, other) = (seed.store.clone(), other_node.clone());
                let connection = connection.clone();
                async move {
                    if task % 2 == 0 {
                        let undone = store.undo_revocation(&connection, admin()).await;
                        (matches!(undone.unwrap(), Undo::Done(_)), false)
                    } else {
                        let taken = other.take_due_revocation(60_000).await.unwrap();
                        (false, taken.is_some())
                    }
                }
            })
            .await;
            let undone = won.iter().any(|(undone, _)| *undone);
            let told = won.iter().filter(|(_, told)| *told).count();
            assert_eq!(usize::from(undone) + told, 1, "{won:?}");
            let status = seed.read(&connection.id).await.status;
            assert_eq!(status == Status::Active, undone, "{won:?}");
        }
    }
);

db_test!(a_broken_connection_comes_back_as_it_was, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let reason = BrokenReason::GrantRevokedOrExpired;
    let broke = db.store.break_without_refresh(&connection, reason);
    assert!(broke.await.unwrap());
    freeze(&seed, &connection).await;
    assert!(matches!(undo(&seed, &connection).await, Undo::Done(_)));
    let now = seed.read(&connection.id).await;
    assert_eq!(
        (now.status, now.broken_reason),
        (Status::ReconnectRequired, Some(reason))
    );
});

db_test!(what_was_connected_again_is_not_brought_back, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    freeze(&seed, &connection).await;
    let again = seed.connect("mia").await;
    assert_ne!(again.id, connection.id);
    let refused = undo(&seed, &connection).await;
    assert!(matches!(refused, Undo::ConnectedAgain), "{refused:?}");
    // somebody else's connection to the account is none of it
    let owner = Owner::Personal("ann".to_owned());
    let mut shared = Vec::new();
    for owner in [owner, Owner::Team("t1".to_owned())] {
        let new = seed.brought(owner, "ann", "shared");
        shared.push(seed.finish(&new, None).await.unwrap());
    }
    freeze(&seed, &shared[0]).await;
    assert!(matches!(undo(&seed, &shared[0]).await, Undo::Done(_)));
});

db_test!(a_refresh_that_was_under_way_is_waited_for, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let ttl = Duration::from_secs(40);
    let lease = db.store.acquire_lease(&connection, "node", ttl).await;
    let Acquired::Ours(lease, _) = lease.unwrap() else {
        panic!("nobody else has it");
    };
    freeze(&seed, &connection).await;
    let refused = undo(&seed, &connection).await;
    let Undo::RefreshUnderWay(wait) = refused else {
        panic!("{refused:?}");
    };
    assert!(wait > Duration::ZERO && wait <= ttl, "{wait:?}");

    // its answer arrives: the old tokens are spent, these are the ones that live
    let late = saved(
        tokens("at-late", Some("rt-late")),
        db.store.now(),
        Some(HOUR),
    );
    let stored = db.store.commit_refresh(&connection, &lease, &late).await;
    assert!(!stored.unwrap(), "it brings nothing back by itself");
    let kept = db
        .store
        .keep_late(&connection, lease.generation, &late)
        .await;
    assert!(kept.unwrap());
    assert_eq!(seed.read(&connection.id).await.status, Status::Revoked);
    assert!(matches!(undo(&seed, &connection).await, Undo::Done(_)));
    let now = seed.read(&connection.id).await;
    assert_eq!((now.status, now.generation), (Status::Active, 3));
    let expected = ("at-late".to_owned(), Some("rt-late".to_owned()));
    assert_eq!(seed.tokens_of(&connection.id).await, expected);
    let open = "SELECT COUNT(*) AS many FROM connections WHERE intent_generation IS NOT NULL";
    assert_eq!(count(&db, open).await, 0, "its outcome is known");
});

db_test!(
    a_refresh_whose_outcome_nobody_knows_is_remembered,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let ttl = Duration::from_secs(40);
        db.store
            .acquire_lease(&connection, "node", ttl)
            .await
            .unwrap();
        freeze(&seed, &connection).await;
        // the node died, and its lease is over
        let over = "UPDATE revocations SET refresh_until = 1";
        (&mut db.store.db()).run(sql(over)).await.unwrap();
        assert!(matches!(undo(&seed, &connection).await, Undo::Done(_)));
        let now = seed.read(&connection.id).await;
        let lease = db.store.acquire_lease(&now, "node", ttl).await.unwrap();
        let Acquired::Ours(lease, _) = lease else {
            panic!("nobody else has it");
        };
        assert!(lease.earlier_intent, "the refresh token may be spent");
    }
);

db_test!(
    a_connection_can_be_revoked_again_after_an_undo,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let first = freeze(&seed, &connection).await;
        undo(&seed, &connection).await;
        let second = freeze(&seed, &seed.read(&connection.id).await).await;
        assert_ne!(first.id, second.id);
        let latest = db.store.receipt_of(&connection.id).await.unwrap();
        let latest = latest.expect("a receipt");
        assert_eq!(latest.id, second.id);
        assert!(latest.undone.is_none());
        assert_eq!(seed.read(&connection.id).await.generation, 4);
        assert!(matches!(undo(&seed, &connection).await, Undo::Done(_)));
        assert_eq!(seed.read(&connection.id).await.generation, 5);
    }
);

db_test!(a_second_revocation_answers_the_first_receipt, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let first = freeze(&seed, &connection).await;
    let again = db
        .store
        .revoke(&connection, RevokeReason::Incident, "now", admin(), true);
    let again = again.await.unwrap().expect("a receipt");
    assert_eq!(format!("{again:?}"), format!("{first:?}"));
});
