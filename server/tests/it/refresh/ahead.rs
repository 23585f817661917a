//! What the server does by itself: it renews ahead of time, shares that with other nodes, keeps
//! refresh tokens alive, notices ends, and keeps what it promised with `cache_until`.

use crate::support::house::{House, access_token, look_with};
use crate::support::provider::Event;
use crate::support::seed::{HOUR, admin};
use app::wire::{BrokenReason, ConnectionState};
use server::domain::Connection;
use server::store::db::{Runs, sql};
use server::tokens::Ask;
use server::vault::Secret;
use std::collections::BTreeSet;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

impl House {
    /// Sets when the server looks at a connection.
    async fn set_look(&self, connection: &Connection, at: i64) {
        let set = sql("UPDATE connections SET look_at = $1 WHERE id = $2")
            .bind(at)
            .bind(connection.id.as_str());
        (&mut self.db.store.db())
            .run(set)
            .await
            .expect("a database");
    }
}

db_test!(a_token_is_renewed_before_anybody_asks, async |db| {
    let house = House::new(db).await;
    let (connection, issued) = house.connect("mia").await;
    house.pass(HOUR / 2);
    house.look().await;
    assert_eq!(house.provider.refreshes(), 0, "its moment has not come");
    house.pass(HOUR * 4 / 10);
    house.look().await;
    house.look().await;
    let now = house.read(&connection).await;
    assert_eq!((now.generation, house.provider.refreshes()), (2, 1));
    assert!(now.look_at.is_some_and(|at| at > house.now()));
    let grant = house.ask(&connection).await.expect("a token");
    assert_ne!(access_token(&grant), issued.access_token);
    assert_eq!(
        house.provider.refreshes(),
        1,
        "whoever asks then waits for nothing"
    );
});

db_test!(several_nodes_share_the_work, async |db| {
    let house = House::new(db).await;
    let other = house.db.another_node().await;
    let desk = house.desk_on(&other);
    let mut connections = Vec::new();
    for number in 0..20 {
        connections.push(house.connect(&format!("person-{number}")).await.0);
    }
    house.pass(HOUR * 95 / 100);
    tokio::join!(
        look_with(&house.db.store, &house.tokens),
        look_with(&other, &desk)
    );
    assert_eq!(house.provider.refreshes(), 20);
    for connection in &connections {
        assert_eq!(house.read(connection).await.generation, 2);
    }
});

db_test!(
    what_a_node_had_claimed_when_it_died_is_taken_over,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR);
        let (store, provider) = (&house.db.store, &house.seed.provider.id);
        let claimed = store.claim_looks(provider, 10, Duration::from_millis(200));
        assert_eq!(claimed.await.expect("a database").len(), 1);
        let again = store.claim_looks(provider, 10, HOUR);
        assert_eq!(again.await.expect("a database").len(), 0, "it is in hand");
        tokio::time::sleep(Duration::from_millis(250)).await;
        house.look().await;
        assert_eq!(house.read(&connection).await.generation, 2);
    }
);

db_test!(
    connections_of_the_release_before_find_their_moment,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.set_look(&connection, 0).await;
        house.look().await;
        assert_eq!(house.provider.refreshes(), 0, "nothing is due");
        let at = house.read(&connection).await.look_at.expect("a moment");
        let (soonest, latest) = (house.now() + HOUR * 3 / 4, house.now() + HOUR);
        assert!(at > soonest && at < latest);

        // that release renews it during a deploy, and leaves the old moment behind
        let renewed = sql("UPDATE connections SET look_generation = 0, look_at = 1 WHERE id = $1");
        (&mut house.db.store.db())
            .run(renewed.bind(connection.id.as_str()))
            .await
            .expect("a database");
        house.look().await;
        assert_eq!(house.provider.refreshes(), 0, "it has just been renewed");
        let at = house.read(&connection).await.look_at.expect("a moment");
        assert!(at > soonest && at < latest);
    }
);

db_test!(
    a_refresh_token_that_would_lapse_is_used_in_time,
    async |db| {
        let house = House::of(db, "lapsing").await;
        let issued = house.provider.issue("mia");
        let connection = house.keep("mia", &issued, Some(DAY * 365), None).await;
        house.set_look(&connection, 0).await;
        house.look().await;
        house.pass(DAY * 26);
        house.look().await;
        assert_eq!(house.provider.refreshes(), 0);
        house.pass(DAY * 4);
        house.look().await;
        assert_eq!(house.provider.refreshes(), 1, "half of the sixty days");
    }
);

db_test!(
    the_end_of_a_token_that_cannot_be_renewed_is_noticed,
    async |db| {
        let house = House::of(db, "lasting").await;
        let issued = house.provider.issue("mia");
        let connection = house.keep("mia", &issued, Some(HOUR), None).await;
        house
            .set_look(&connection, house.now().millis() + 3_600_000)
            .await;
        house.pass(Duration::from_secs(3599));
        house.look().await;
        assert_eq!(
            house.read(&connection).await.state(),
            ConnectionState::Active
        );
        house.pass(Duration::from_secs(2));
        house.look().await;
        let now = house.read(&connection).await;
        assert_eq!(now.broken_reason, Some(BrokenReason::NoRefreshToken));
    }
);

db_test!(
    a_token_that_never_ends_is_asked_about_once_a_day,
    async |db| {
        let house = House::of(db, "lasting").await;
        let (connection, _) = house.connect("mia").await;
        house.set_look(&connection, 0).await;
        let asked = |event: &Event| matches!(event, Event::ProfileAsked { .. });
        for day in 0..3 {
            house.look().await;
            assert_eq!(house.provider.count(asked), day);
            house.pass(DAY);
        }
        house.provider.forget("mia");
        house.look().await;
        let now = house.read(&connection).await;
        assert_eq!(now.broken_reason, Some(BrokenReason::GrantRevokedOrExpired));
    }
);

db_test!(
    no_token_is_ended_before_the_time_until_which_it_may_be_kept,
    async |db| {
        let house = House::of(db, "demanding").await;
        let (connection, _) = house.connect("mia").await;
        // it is renewed in two minutes: it may not be kept for five
        let look = house.now() + Duration::from_mins(2);
        house.set_look(&connection, look.millis()).await;
        let grant = house.ask(&connection).await.expect("a token");
        assert_eq!(grant.cache_until, Some(look));
        house.pass(Duration::from_secs(119));
        house.look().await;
        assert!(house.provider.accepts(access_token(&grant)));
        house.pass(Duration::from_secs(1));
        house.look().await;
        assert_eq!(house.provider.refreshes(), 1);
    }
);

db_test!(
    a_token_that_dies_with_its_refresh_is_not_handed_out_during_it,
    async |db| {
        let house = House::of(db, "demanding").await;
        let (connection, issued) = house.connect("mia").await;
        house.pass(HOUR * 9 / 10);
        let grant = house.ask(&connection).await.expect("a token");
        assert_ne!(access_token(&grant), issued.access_token);
    }
);

db_test!(
    wrong_credentials_are_tried_once_and_not_once_for_each_connection,
    async |db| {
        let house = House::new(db).await;
        let mut connections = Vec::new();
        for number in 0..20 {
            connections.push(house.connect(&format!("person-{number}")).await.0);
        }
        house.provider.accept_only_secret("s3cret-after-a-rotation");
        house.pass(HOUR);
        let (first, rest) = connections.split_first().expect("some");
        house.ask(first).await.expect_err("refused");
        for connection in rest {
            house.ask(connection).await.expect_err("refused");
        }
        house.look().await;
        let asked = house.provider.refreshes();
        assert!(asked <= 2, "{asked} requests for twenty connections");
        house.pass(Duration::from_secs(10));

        let provider = house.seed.read_provider().await;
        let secret = Secret::from("s3cret-after-a-rotation");
        let added = house
            .db
            .store
            .add_client_secret(&provider, &secret, admin());
        added.await.expect("added");
        for connection in &connections {
            house
                .ask(connection)
                .await
                .expect("it is mended, and nobody waits");
        }
        let tokens: BTreeSet<String> = {
            let mut tokens = BTreeSet::new();
            for connection in &connections {
                let grant = house
                    .ask_for(connection, Ask::default())
                    .await
                    .expect("a token");
                tokens.insert(access_token(&grant).to_owned());
            }
            tokens
        };
        assert_eq!(tokens.len(), 20);
    }
);
