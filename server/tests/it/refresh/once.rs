//! A token is renewed when it is due, and then once, however many ask for it (R88).

use crate::support::house::{House, access_token};
use crate::support::seed::HOUR;
use crate::support::together::together;
use server::tokens::Ask;
use server::vault::sha256;
use std::collections::BTreeSet;
use std::time::Duration;

db_test!(
    a_valid_token_is_handed_out_without_asking_the_provider,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        for _ in 0..3 {
            let grant = house.ask(&connection).await.expect("a token");
            assert_eq!(access_token(&grant), issued.access_token);
            assert_eq!(grant.connection.generation, 1);
            let cached = house
                .now()
                .until(grant.cache_until.expect("it may be kept a while"));
            assert_eq!(cached, Duration::from_mins(5), "five minutes at most");
        }
        assert_eq!(house.provider.log(), []);
    }
);

db_test!(a_token_that_is_due_is_renewed_before_it_ends, async |db| {
    let house = House::new(db).await;
    let (connection, issued) = house.connect("mia").await;
    house.pass(HOUR * 9 / 10);
    let meanwhile = house.ask(&connection).await.expect("a token");
    assert_eq!(
        access_token(&meanwhile),
        issued.access_token,
        "nobody waits for it"
    );
    assert_eq!(meanwhile.cache_until, None);
    house.settled().await;
    let grant = house.ask(&connection).await.expect("a token");
    assert_ne!(access_token(&grant), issued.access_token);
    assert_eq!(
        Some(access_token(&grant)),
        house
            .provider
            .live("mia")
            .map(|now| now.access_token)
            .as_deref()
    );
    assert_eq!(grant.connection.generation, 2);
    assert_eq!(
        grant.connection.access_token_expires_at,
        Some(house.now() + HOUR)
    );
    assert_eq!(house.provider.refreshes(), 1);
    let again = house.ask(&connection).await.expect("a token");
    assert_eq!(access_token(&again), access_token(&grant));
    assert_eq!(house.provider.refreshes(), 1);
});

db_test!(
    a_backend_can_ask_for_a_token_that_lives_long_enough,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(Duration::from_mins(30));
        let for_long = |seconds| Ask {
            min_valid: Some(Duration::from_secs(seconds)),
            ..Ask::default()
        };
        house
            .ask_for(&connection, for_long(1799))
            .await
            .expect("a token");
        assert_eq!(house.provider.refreshes(), 0);
        let grant = house
            .ask_for(&connection, for_long(1801))
            .await
            .expect("a token");
        assert_eq!(house.provider.refreshes(), 1);
        assert_eq!(
            grant.connection.access_token_expires_at,
            Some(house.now() + HOUR)
        );
    }
);

db_test!(
    fifty_callers_of_an_expired_connection_cause_one_refresh,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        house.provider.takes(Duration::from_millis(50));
        let answers = together(50, |_| house.asking(&connection)).await;
        let tokens: BTreeSet<String> = answers
            .into_iter()
            .map(|answer| access_token(&answer.expect("no panic").expect("a token")).to_owned())
            .collect();
        let live = house.provider.live("mia").expect("a live grant");
        assert_eq!(tokens, BTreeSet::from([live.access_token]));
        assert_eq!(house.provider.refreshes(), 1);
        assert_eq!(house.read(&connection).await.generation, 2);
    }
);

db_test!(
    who_comes_while_nobody_can_be_answered_gets_what_comes,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        house.provider.takes(Duration::from_millis(400));
        let first = house.asking(&connection);
        while house.provider.refreshes() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // longer than any token lives: it is renewed once all the same
        let ask = Ask {
            min_valid: Some(HOUR * 2),
            ..Ask::default()
        };
        let answers = together(20, |_| {
            let (desk, key) = (house.tokens.clone(), house.seed.key.clone());
            let id = connection.id.to_string();
            async move { desk.of_connection(&key, &id, ask).await }
        })
        .await;
        let live = house.provider.live("mia").expect("a live grant");
        for answer in answers {
            assert_eq!(access_token(&answer.expect("a token")), live.access_token);
        }
        first.await.expect("no panic").expect("a token");
        assert_eq!(house.provider.refreshes(), 1);
    }
);

db_test!(
    who_can_be_answered_does_not_wait_for_who_cannot,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        house.pass(Duration::from_mins(30));
        house.provider.takes(Duration::from_secs(3));
        let ask = Ask {
            min_valid: Some(Duration::from_mins(45)),
            ..Ask::default()
        };
        let (desk, key) = (house.tokens.clone(), house.seed.key.clone());
        let id = connection.id.to_string();
        let demanding =
            tokio::spawn(async move { desk.of_connection(&key, &id, ask).await.map(drop) });
        while house.provider.refreshes() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let grant = house.ask(&connection).await.expect("a token");
        assert_eq!(access_token(&grant), issued.access_token);
        assert!(!demanding.is_finished(), "the other one is waiting still");
        demanding.await.expect("no panic").expect("a token");
    }
);

db_test!(
    two_nodes_with_a_hundred_callers_cause_one_refresh,
    async |db| {
        let house = House::new(db).await;
        let other = house.another_node().await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        house.provider.takes(Duration::from_millis(200));
        let answers = together(100, |number| {
            let desk = if number % 2 == 0 {
                house.tokens.clone()
            } else {
                other.clone()
            };
            let (key, id) = (house.seed.key.clone(), connection.id.to_string());
            async move { desk.of_connection(&key, &id, Ask::default()).await }
        })
        .await;
        let live = house.provider.live("mia").expect("a live grant");
        for answer in answers {
            assert_eq!(access_token(&answer.expect("a token")), live.access_token);
        }
        assert_eq!(house.provider.refreshes(), 1);
    }
);

db_test!(connections_are_refreshed_beside_each_other, async |db| {
    let house = House::new(db).await;
    let mut connections = Vec::new();
    for number in 0..12 {
        connections.push(house.connect(&format!("person-{number}")).await.0);
    }
    house.pass(HOUR * 2);
    let answers = together(60, |number| house.asking(&connections[number % 12])).await;
    for (number, answer) in answers.into_iter().enumerate() {
        let grant = answer.expect("no panic").expect("a token");
        let person = format!("person-{}", number % 12);
        let live = house.provider.live(&person).expect("a live grant");
        assert_eq!(access_token(&grant), live.access_token, "{person}");
    }
    assert_eq!(house.provider.refreshes(), 12);
});

db_test!(
    a_rejected_token_is_renewed_if_it_is_still_the_stored_one,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        let rejecting = |token: &str| Ask {
            rejected: Some(sha256(token.as_bytes())),
            ..Ask::default()
        };
        let grant = house
            .ask_for(&connection, rejecting("another token"))
            .await
            .expect("a token");
        assert_eq!(access_token(&grant), issued.access_token);
        assert_eq!(house.provider.refreshes(), 0);

        // fifty workers of the backend see the same 401
        let answers = together(50, |_| {
            let (desk, key) = (house.tokens.clone(), house.seed.key.clone());
            let (id, ask) = (connection.id.to_string(), rejecting(&issued.access_token));
            async move { desk.of_connection(&key, &id, ask).await }
        })
        .await;
        let live = house.provider.live("mia").expect("a live grant");
        assert_ne!(live.access_token, issued.access_token);
        for answer in answers {
            assert_eq!(access_token(&answer.expect("a token")), live.access_token);
        }
        assert_eq!(house.provider.refreshes(), 1);

        // one of them was slow to say so
        let late = house
            .ask_for(&connection, rejecting(&issued.access_token))
            .await
            .expect("a token");
        assert_eq!(access_token(&late), live.access_token);
        assert_eq!(house.provider.refreshes(), 1);
    }
);
