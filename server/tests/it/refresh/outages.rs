//! A provider that is down: it is left alone, nothing is condemned, valid tokens are served, and
//! when it is back everything works again soon (R98).

use crate::support::house::{House, access_token};
use crate::support::provider::Fault;
use crate::support::seed::HOUR;
use app::wire::{ConnectionState, HistoryKind};
use server::domain::{Connection, Status};
use server::tokens::TokenError;
use std::time::Duration;

impl House {
    async fn people(&self, count: usize) -> Vec<Connection> {
        let mut connections = Vec::new();
        for number in 0..count {
            connections.push(self.connect(&format!("person-{number}")).await.0);
        }
        connections
    }
}

db_test!(a_host_that_does_not_answer_is_left_alone, async |db| {
    let house = House::new(db).await;
    let connections = house.people(12).await;
    let (valid, expired) = connections.split_at(2);
    house.pass(HOUR * 2);
    let mut tokens = Vec::new();
    for connection in valid {
        let grant = house.ask(connection).await.expect("a token");
        tokens.push(access_token(&grant).to_owned());
    }
    let before = house.provider.refreshes();
    house.provider.fails(Fault::Status(500));
    for connection in expired {
        let refused = house.ask(connection).await;
        assert!(
            matches!(&refused, Err(TokenError::ProviderUnavailable { retry_after }) if *retry_after <= Duration::from_secs(30)),
            "{refused:?}"
        );
    }
    let asked = house.provider.refreshes() - before;
    assert!(
        (5..=6).contains(&asked),
        "{asked} requests before it was left alone"
    );
    for (connection, token) in valid.iter().zip(&tokens) {
        let grant = house
            .ask(connection)
            .await
            .expect("what is valid is served");
        assert_eq!(access_token(&grant), token);
    }

    house.provider.recover();
    house.pass(Duration::from_secs(31));
    house.look().await;
    house.settled().await;
    // one was the probe; nobody else has to wait until their own pause is over
    for connection in expired {
        house.ask(connection).await.expect("a token");
        assert_eq!(
            house.read(connection).await.state(),
            ConnectionState::Active
        );
    }
});

db_test!(six_hours_condemn_nothing, async |db| {
    let mut house = House::new(db).await;
    let connections = house.people(6).await;
    house.provider.stop().await;
    let (minute, mut served) = (Duration::from_mins(1), 0);
    for _ in 0..6 * 60 {
        house.pass(minute);
        house.look().await;
        house.settled().await;
        match house.ask(&connections[0]).await {
            Ok(_) => served += 1,
            Err(TokenError::ProviderUnavailable { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(
        (55..=65).contains(&served),
        "{served} minutes: as long as it was valid"
    );
    for connection in &connections {
        let now = house.read(connection).await;
        assert_eq!((now.status, now.broken_reason), (Status::Active, None));
        assert_eq!(now.state(), ConnectionState::Degraded);
    }

    house.provider.start_again().await;
    house.pass(Duration::from_secs(31));
    house.look().await;
    house.settled().await;
    house.look().await;
    for connection in &connections {
        house.ask(connection).await.expect("a token");
        let told = house
            .db
            .store
            .history(&connection.id, None, 5)
            .await
            .expect("a history");
        assert!(
            told.entries
                .iter()
                .any(|entry| entry.what == HistoryKind::Recovered)
        );
        assert_eq!(house.read(connection).await.generation, 2);
    }
});

db_test!(
    a_grant_that_a_second_try_could_end_is_left_alone_while_its_token_works,
    async |db| {
        let house = House::of(db, "touchy").await;
        let (connection, issued) = house.connect("mia").await;
        let refresh_token = issued.refresh_token.as_deref().expect("a refresh token");
        house
            .provider
            .next_fails_with(refresh_token, Fault::ResetBefore);
        house.pass(HOUR * 9 / 10);
        let grant = house.ask(&connection).await.expect("a token");
        assert_eq!(access_token(&grant), issued.access_token);
        house.settled().await;
        house.look().await;
        assert_eq!(
            house.provider.presented(refresh_token),
            1,
            "it works for six minutes more"
        );
        house.pass(Duration::from_mins(5));
        house.look().await;
        house.ask(&connection).await.expect("a token");
        assert_eq!(house.provider.presented(refresh_token), 1);
        house.pass(Duration::from_mins(2));
        house.ask(&connection).await.expect("a new token");
        assert_eq!(house.provider.presented(refresh_token), 2);
    }
);
