//! The four statements of a refresh: acquire, commit, release, condemn.

use crate::support::databases::Database;
use crate::support::seed::{HOUR, Seed, admin, saved, tokens};
use crate::support::together::together;
use app::wire::{BrokenReason, ConnectionState, HistoryKind, RevokeReason};
use server::domain::{Connection, Owner, Status, Tokens};
use server::store::db::{Runs, sql};
use server::store::{Acquired, Lease, SavedTokens, Store};
use std::time::Duration;

fn failure() -> HistoryKind {
    HistoryKind::RefreshFailed {
        class: "ambiguous".to_owned(),
        status: Some(502),
        code: Some("server_error".to_owned()),
    }
}

fn broken(reason: BrokenReason) -> HistoryKind {
    HistoryKind::Broken {
        reason,
        status: Some(400),
        code: None,
    }
}

async fn acquire(store: &Store, connection: &Connection) -> Option<(Lease, Tokens)> {
    match store
        .acquire_lease(connection, "node-1", HOUR)
        .await
        .unwrap()
    {
        Acquired::Ours(lease, tokens) => Some((lease, tokens)),
        Acquired::Busy => None,
    }
}

/// Takes a lease that is over at once, like that of a node that died.
async fn acquire_and_die(store: &Store, connection: &Connection) -> Lease {
    let acquired = store
        .acquire_lease(connection, "node-2", Duration::ZERO)
        .await
        .unwrap();
    let Acquired::Ours(lease, _) = acquired else {
        panic!("the lease is free")
    };
    tokio::time::sleep(Duration::from_millis(10)).await;
    lease
}

fn next_tokens(store: &Store) -> SavedTokens {
    saved(tokens("at-next", Some("rt-next")), store.now(), Some(HOUR))
}

async fn start(db: &Database) -> (Seed, Connection) {
    let seed = Seed::of(db).await;
    let connection = seed.connect("mia").await;
    (seed, connection)
}

db_test!(
    of_twenty_holders_one_gets_the_lease_and_the_tokens,
    async |db| {
        let (seed, connection) = start(&db).await;
        let (access, refresh) = seed.tokens_of(&connection.id).await;
        let answers = together(20, |_| {
            let (store, connection) = (seed.store.clone(), connection.clone());
            async move { acquire(&store, &connection).await }
        })
        .await;
        let mut ours: Vec<_> = answers.into_iter().flatten().collect();
        let (lease, tokens) = ours.pop().expect("one gets it");
        assert!(ours.is_empty(), "and no other");
        assert_eq!(
            (lease.generation, lease.epoch, lease.earlier_intent),
            (1, 1, false)
        );
        assert_eq!(tokens.access_token.expose(), &access);
        assert_eq!(
            tokens
                .refresh_token
                .as_ref()
                .map(|token| token.expose().clone()),
            refresh
        );
        let intent = sql("SELECT intent_generation FROM connections WHERE id = $1")
            .bind(connection.id.as_str());
        let row = (&mut db.store.db())
            .row(intent)
            .await
            .unwrap()
            .expect("the row");
        assert_eq!(
            row.maybe_int("intent_generation").unwrap(),
            Some(1),
            "the intent is there before anybody asks"
        );
    }
);

db_test!(
    a_lease_that_ran_out_is_taken_over_and_its_intent_remembered,
    async |db| {
        let (_, connection) = start(&db).await;
        let died = acquire_and_die(&db.store, &connection).await;
        let (lease, _) = acquire(&db.store, &connection).await.expect("it ran out");
        assert_eq!((lease.epoch, lease.earlier_intent), (died.epoch + 1, true));
    }
);

db_test!(
    whoever_saw_another_generation_or_state_gets_no_lease,
    async |db| {
        let (seed, connection) = start(&db).await;
        let seen_before = Connection {
            generation: 0,
            ..connection.clone()
        };
        assert!(acquire(&db.store, &seen_before).await.is_none());
        db.store
            .break_without_refresh(&connection, BrokenReason::NoRefreshToken)
            .await
            .unwrap();
        assert!(acquire(&db.store, &connection).await.is_none());
        assert_eq!(
            seed.read(&connection.id).await.state(),
            ConnectionState::ReconnectRequired
        );
    }
);

db_test!(a_commit_is_the_next_generation, async |db| {
    let (seed, connection) = start(&db).await;
    let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
    let next = next_tokens(&db.store);
    assert!(
        db.store
            .commit_refresh(&connection, &lease, &next)
            .await
            .unwrap()
    );
    let now = seed.read(&connection.id).await;
    assert_eq!((now.generation, now.fail_count), (2, 0));
    assert_eq!(now.access_token_expires_at, next.expires_at);
    let expected = ("at-next".to_owned(), Some("rt-next".to_owned()));
    assert_eq!(seed.tokens_of(&connection.id).await, expected);
    assert!(
        !db.store
            .commit_refresh(&connection, &lease, &next)
            .await
            .unwrap(),
        "once"
    );
    let (lease, _) = acquire(&db.store, &now).await.expect("it is free again");
    assert!(!lease.earlier_intent, "the intent went with the commit");
    let history = db
        .store
        .history(&connection.id, None, 1)
        .await
        .unwrap()
        .entries;
    assert_eq!(history[0].what, HistoryKind::Refreshed);
});

db_test!(
    whoever_has_the_tokens_wins_even_without_the_lease,
    async |db| {
        let (seed, connection) = start(&db).await;
        let slow = acquire_and_die(&db.store, &connection).await;
        let (quick, _) = acquire(&db.store, &connection).await.expect("it ran out");
        assert!(
            db.store
                .commit_refresh(&connection, &slow, &next_tokens(&db.store))
                .await
                .unwrap()
        );
        let reason = broken(BrokenReason::GrantRevokedOrExpired);
        assert!(
            !db.store
                .condemn(&connection, &quick, (&reason, None))
                .await
                .unwrap(),
            "it was renewed meanwhile"
        );
        assert_eq!(
            seed.read(&connection.id).await.state(),
            ConnectionState::Active
        );
    }
);

db_test!(
    nobody_condemns_what_another_holder_is_refreshing,
    async |db| {
        let (seed, connection) = start(&db).await;
        let slow = acquire_and_die(&db.store, &connection).await;
        acquire(&db.store, &connection).await.expect("it ran out");
        let reason = broken(BrokenReason::GrantRevokedOrExpired);
        assert!(
            !db.store
                .condemn(&connection, &slow, (&reason, None))
                .await
                .unwrap()
        );
        db.store
            .release_lease(&connection, &slow, true, db.store.now(), (&failure(), None))
            .await
            .unwrap();
        let now = seed.read(&connection.id).await;
        assert_eq!(
            (now.state(), now.fail_count),
            (ConnectionState::Active, 0),
            "its failure is not news"
        );
        assert!(
            acquire(&db.store, &connection).await.is_none(),
            "the lease is another's"
        );
    }
);

db_test!(a_condemned_connection_says_why, async |db| {
    let (seed, connection) = start(&db).await;
    let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
    let why = broken(BrokenReason::GrantRevokedOrExpired);
    assert!(
        db.store
            .condemn(&connection, &lease, (&why, None))
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .condemn(&connection, &lease, (&why, None))
            .await
            .unwrap(),
        "once"
    );
    let now = seed.read(&connection.id).await;
    assert_eq!(now.status, Status::ReconnectRequired);
    assert_eq!(now.broken_reason, Some(BrokenReason::GrantRevokedOrExpired));
    assert!(
        !db.store
            .commit_refresh(&connection, &lease, &next_tokens(&db.store))
            .await
            .unwrap()
    );
    let history = db
        .store
        .history(&connection.id, None, 10)
        .await
        .unwrap()
        .entries;
    assert_eq!(history.iter().filter(|entry| entry.what == why).count(), 1);
});

db_test!(
    a_released_lease_is_free_and_the_failure_counted,
    async |db| {
        let (seed, connection) = start(&db).await;
        let next = db.store.now() + Duration::from_secs(4);
        for failures in 1..=3 {
            let connection = seed.read(&connection.id).await;
            let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
            assert!(!lease.earlier_intent, "the failure was a safe one");
            db.store
                .release_lease(&connection, &lease, true, next, (&failure(), None))
                .await
                .unwrap();
            let now = seed.read(&connection.id).await;
            assert_eq!((now.fail_count, now.generation), (failures, 1));
            assert_eq!(now.next_refresh_at, Some(next));
            assert_eq!(now.last_error_class.as_deref(), Some("ambiguous"));
        }
        assert!(
            acquire(&db.store, &connection).await.is_none(),
            "who has not seen the failure does not know of its pause"
        );
        let degraded = seed.read(&connection.id).await;
        let (lease, _) = acquire(&db.store, &degraded).await.expect("a lease");
        db.store
            .commit_refresh(&degraded, &lease, &next_tokens(&db.store))
            .await
            .unwrap();
        let history = db
            .store
            .history(&connection.id, None, 1)
            .await
            .unwrap()
            .entries;
        assert_eq!(history[0].what, HistoryKind::Recovered);
    }
);

db_test!(a_release_never_clears_an_earlier_intent, async |db| {
    let (seed, connection) = start(&db).await;
    acquire_and_die(&db.store, &connection).await;
    for _ in 0..2 {
        let connection = seed.read(&connection.id).await;
        let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
        assert!(
            lease.earlier_intent,
            "what the dead node did is still not known"
        );
        db.store
            .release_lease(
                &connection,
                &lease,
                true,
                db.store.now(),
                (&failure(), None),
            )
            .await
            .unwrap();
    }
});

db_test!(an_ambiguous_release_keeps_its_intent, async |db| {
    let (seed, connection) = start(&db).await;
    let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
    db.store
        .release_lease(
            &connection,
            &lease,
            false,
            db.store.now(),
            (&failure(), None),
        )
        .await
        .unwrap();
    let connection = seed.read(&connection.id).await;
    let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
    assert!(lease.earlier_intent);
});

db_test!(
    a_lease_that_is_given_back_just_now_is_read_as_it_is_now,
    async |db| {
        let (_, connection) = start(&db).await;
        acquire_and_die(&db.store, &connection).await;
        // the release of another node, with its transaction open
        let mut tx = db.store.db().begin().await.unwrap();
        let release = sql(
            "UPDATE connections SET lease_until = NULL, intent_generation = NULL WHERE id = $1",
        );
        tx.run(release.bind(connection.id.as_str())).await.unwrap();
        let acquiring = {
            let (store, connection) = (db.store.clone(), connection.clone());
            tokio::spawn(async move { acquire(&store, &connection).await })
        };
        tokio::time::sleep(Duration::from_millis(150)).await;
        tx.commit().await.unwrap();
        let (lease, _) = acquiring.await.expect("no panic").expect("a lease");
        assert!(!lease.earlier_intent, "the other one closed its intent");
    }
);

db_test!(a_refresh_that_meets_a_revocation_loses, async |db| {
    for first_the_revocation in [true, false] {
        let (seed, connection) = start(&db).await;
        let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
        let revoke = db
            .store
            .revoke(&connection, RevokeReason::Asked, "", admin(), true);
        let next = next_tokens(&db.store);
        let commit = db.store.commit_refresh(&connection, &lease, &next);
        let committed = if first_the_revocation {
            revoke.await.unwrap();
            commit.await.unwrap()
        } else {
            let committed = commit.await.unwrap();
            revoke.await.unwrap();
            committed
        };
        assert_eq!(committed, !first_the_revocation);
        let now = seed.read(&connection.id).await;
        assert_eq!(now.status, Status::Revoked);
        assert!(
            !db.store
                .condemn(
                    &connection,
                    &lease,
                    (&broken(BrokenReason::Unreadable), None)
                )
                .await
                .unwrap()
        );
    }
});

db_test!(
    refreshes_and_revocations_at_once_leave_nothing_alive,
    async |db| {
        let seed = Seed::of(&db).await;
        for round in 0..10 {
            let connection = seed.connect(&format!("person-{round}")).await;
            let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
            let revoking = {
                let (store, connection) = (db.store.clone(), connection.clone());
                tokio::spawn(async move {
                    store
                        .revoke(&connection, RevokeReason::Asked, "", admin(), true)
                        .await
                })
            };
            let next = next_tokens(&db.store);
            let committed = db
                .store
                .commit_refresh(&connection, &lease, &next)
                .await
                .unwrap();
            let receipt = revoking
                .await
                .expect("no panic")
                .unwrap()
                .expect("a receipt");
            let now = seed.read(&connection.id).await;
            assert_eq!(now.status, Status::Revoked);
            assert_eq!(now.generation, if committed { 3 } else { 2 });
            let due = db
                .store
                .take_due_revocation(60_000)
                .await
                .unwrap()
                .expect("it is due");
            assert_eq!(due.revocation.id, receipt.id);
            let told = due.tokens.access_token.expose();
            assert_eq!(
                told == "at-next",
                committed,
                "the provider is told of the newest token"
            );
        }
    }
);

db_test!(
    a_reconnect_frees_the_connection_from_its_lease,
    async |db| {
        let (seed, connection) = start(&db).await;
        let (lease, _) = acquire(&db.store, &connection).await.expect("a lease");
        let new = seed.brought(Owner::Personal("mia".to_owned()), "mia", "mia");
        let renewed = seed
            .finish(&new, Some(&connection.id))
            .await
            .expect("a connection");
        assert!(
            !db.store
                .commit_refresh(&connection, &lease, &next_tokens(&db.store))
                .await
                .unwrap()
        );
        assert_eq!(
            &seed.tokens_of(&connection.id).await.0,
            new.saved.tokens.access_token.expose()
        );
        let (lease, _) = acquire(&db.store, &renewed).await.expect("a lease");
        assert!(!lease.earlier_intent);
    }
);
