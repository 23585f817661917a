//! Refreshes that are interrupted, overtaken or unwanted (R95, R108).

use crate::support::house::{House, access_token};
use crate::support::provider::Event;
use crate::support::seed::{HOUR, admin, saved, tokens};
use app::wire::RevokeReason;
use server::domain::Status;
use server::store::Lease;
use server::store::db::{Runs, sql};
use server::tokens::{Ask, TokenError};
use std::time::Duration;

db_test!(a_caller_that_hangs_up_loses_nothing, async |db| {
    let house = House::new(db).await;
    for number in 0..10 {
        let (connection, _) = house.connect(&format!("person-{number}")).await;
        house.pass(HOUR * 2);
        let gate = house.provider.close_gate();
        let caller = house.asking(&connection);
        gate.reached_by(1).await;
        caller.abort();
        assert!(caller.await.expect_err("it hung up").is_cancelled());
        gate.open();
        house.settled().await;

        let now = house.read(&connection).await;
        assert_eq!((now.generation, now.status), (2, Status::Active));
        let before = house.provider.refreshes();
        let grant = house.ask(&connection).await.expect("a token");
        let live = house
            .provider
            .live(connection.owner.id())
            .expect("a live grant");
        assert_eq!(access_token(&grant), live.access_token);
        assert_eq!(house.provider.refreshes(), before);
    }
});

db_test!(
    callers_that_hang_up_at_any_moment_lose_nothing,
    async |db| {
        let house = House::new(db).await;
        house.provider.takes(Duration::from_millis(20));
        for number in 0..25_u64 {
            let (connection, _) = house.connect(&format!("person-{number}")).await;
            house.pass(HOUR * 2);
            let caller = house.asking(&connection);
            tokio::time::sleep(Duration::from_millis(number * 2)).await;
            caller.abort();
            drop(caller.await);
            house.settled().await;
            let grant = house.ask(&connection).await.expect("a token");
            let live = house
                .provider
                .live(connection.owner.id())
                .expect("a live grant");
            assert_eq!(
                access_token(&grant),
                live.access_token,
                "after {} ms",
                number * 2
            );
            assert_eq!(grant.connection.generation, 2);
        }
        assert_eq!(house.provider.refreshes(), 25);
    }
);

db_test!(what_is_stored_already_is_not_given_back, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.pass(HOUR * 2);
    let gate = house.provider.close_gate();
    let caller = house.asking(&connection);
    gate.reached_by(1).await;
    // the commit is done, and whoever did it has not heard so
    let live = house.provider.live("mia").expect("a live grant");
    let lease = Lease {
        generation: 1,
        epoch: 1,
        earlier_intent: false,
    };
    let tokens = tokens(&live.access_token, live.refresh_token.as_deref());
    let saved = saved(tokens, house.now(), Some(HOUR));
    let stored = house.db.store.commit_refresh(&connection, &lease, &saved);
    assert!(stored.await.expect("a database"));
    gate.open();

    let grant = caller.await.expect("an answer").expect("a token");
    assert_eq!(access_token(&grant), live.access_token);
    house.settled().await;
    assert!(house.provider.accepts(&live.access_token));
    let given_back = |event: &Event| matches!(event, Event::RevokeAsked { .. });
    assert_eq!(house.provider.count(given_back), 0);
});

db_test!(
    tokens_that_arrive_after_all_mend_what_was_thought_lost,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        let gate = house.provider.close_gate();
        let caller = house.asking(&connection);
        gate.reached_by(1).await;
        // meanwhile another node used the same refresh token, and was told that it is spent
        let lost = sql("UPDATE connections SET status = 'reconnect_required', broken_reason = 'refresh_outcome_unknown' WHERE id = $1")
            .bind(connection.id.as_str());
        (&mut house.db.store.db())
            .run(lost)
            .await
            .expect("a database");
        gate.open();

        let grant = caller.await.expect("an answer").expect("a token");
        let live = house.provider.live("mia").expect("a live grant");
        assert_eq!(access_token(&grant), live.access_token);
        let now = house.read(&connection).await;
        assert_eq!(
            (now.status, now.broken_reason, now.generation),
            (Status::Active, None, 2)
        );
    }
);

db_test!(
    a_connection_that_is_revoked_during_a_refresh_stays_revoked,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        let gate = house.provider.close_gate();
        let caller = house.asking(&connection);
        gate.reached_by(1).await;
        let late = house
            .provider
            .live("mia")
            .expect("the answer that is on its way");
        let revoked = house
            .db
            .store
            .revoke(&connection, RevokeReason::Incident, "", admin(), true)
            .await;
        revoked.unwrap().expect("a receipt");
        gate.open();

        let answer = caller.await.expect("no panic");
        assert!(matches!(answer, Err(TokenError::Revoked)), "{answer:?}");
        house.settled().await;
        let found = house
            .db
            .store
            .connection_with_tokens(&connection.application, connection.id.as_str())
            .await
            .unwrap();
        let (now, tokens) = found.expect("the connection");
        assert_eq!(now.status, Status::Revoked);
        assert!(tokens.is_none(), "no token set came back");
        assert!(
            !house.provider.accepts(&late.access_token),
            "the provider was told"
        );
        let late = late.refresh_token.expect("a refresh token");
        assert!(
            house
                .provider
                .log()
                .contains(&Event::RevokeAsked { token: late })
        );
    }
);

db_test!(a_reconnect_during_a_refresh_wins, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.pass(HOUR * 2);
    let gate = house.provider.close_gate();
    let caller = house.asking(&connection);
    gate.reached_by(1).await;
    let late = house
        .provider
        .live("mia")
        .expect("the answer that is on its way");
    let (renewed, chosen) = house.reconnect(&connection).await;
    assert_eq!(renewed.id, connection.id);
    gate.open();

    let grant = caller.await.expect("no panic").expect("a token");
    assert_eq!(access_token(&grant), chosen.access_token);
    house.settled().await;
    let kept = house.seed.tokens_of(&connection.id).await;
    assert_eq!(kept, (chosen.access_token.clone(), chosen.refresh_token));
    assert!(
        !house.provider.accepts(&late.access_token),
        "nobody needs it"
    );
    assert!(
        house.provider.accepts(&chosen.access_token),
        "the new one lives"
    );
});

db_test!(a_commit_that_meets_a_busy_row_is_tried_again, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.pass(HOUR * 2);
    let gate = house.provider.close_gate();
    let caller = house.asking(&connection);
    gate.reached_by(1).await;
    // longer than a statement waits for a row
    let mut tx = house.db.store.db().begin().await.unwrap();
    let busy = sql("UPDATE connections SET updated_at = updated_at WHERE id = $1");
    tx.run(busy.bind(connection.id.as_str())).await.unwrap();
    gate.open();
    tokio::time::sleep(Duration::from_millis(2200)).await;
    drop(tx);

    let grant = caller.await.expect("no panic").expect("a token");
    let live = house.provider.live("mia").expect("a live grant");
    assert_eq!(access_token(&grant), live.access_token);
    assert_eq!(house.provider.refreshes(), 1);
});

db_test!(a_connection_that_is_revoked_gives_no_token, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house
        .db
        .store
        .revoke(&connection, RevokeReason::Leaving, "", admin(), true)
        .await
        .unwrap();
    let answer = house.ask(&connection).await;
    assert!(matches!(answer, Err(TokenError::Revoked)), "{answer:?}");
    assert_eq!(house.provider.log(), []);
});

db_test!(another_applications_connection_is_not_found, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    let stranger = crate::support::seed::Seed::of(&house.db).await;
    for id in [
        connection.id.as_str(),
        "con_00000000000000000000",
        "nonsense",
    ] {
        let answer = house
            .tokens
            .of_connection(&stranger.key, id, Ask::default())
            .await;
        assert!(
            matches!(answer, Err(TokenError::NotFound)),
            "{id}: {answer:?}"
        );
    }
});
