//! What a failed refresh means: only a grant that is gone condemns (R94), and what is still valid
//! is handed out while the provider is down (R62).

use crate::support::house::{House, access_token};
use crate::support::provider::Fault;
use crate::support::seed::{HOUR, admin};
use crate::support::together::together;
use app::wire::{BrokenReason, ConnectionState, HistoryKind};
use server::domain::{Connection, Status};
use server::tokens::TokenError;
use server::vault::Secret;
use std::time::Duration;

/// Due, and valid for some minutes more.
const DUE: Duration = Duration::from_mins(55);
/// Longer than any pause after a few failures.
const A_WHILE: Duration = Duration::from_mins(1);

impl House {
    /// Expired connections, each of whose next refresh fails in one of these ways.
    async fn failing_with(&self, faults: &[Fault]) -> Vec<Connection> {
        let mut connections = Vec::new();
        for (number, fault) in faults.iter().enumerate() {
            let (connection, issued) = self.connect(&format!("person-{number}")).await;
            let refresh_token = issued.refresh_token.expect("a refresh token");
            self.provider.next_fails_with(&refresh_token, *fault);
            connections.push(connection);
        }
        self.pass(HOUR * 2);
        connections
    }

    /// What is valid is handed out at once; a refresh that began because of it has ended then.
    async fn must_serve(&self, connection: &Connection, token: &str) {
        let grant = self.ask(connection).await.expect("a token");
        assert_eq!(access_token(&grant), token);
        self.settled().await;
    }

    async fn must_be_unavailable(&self, connection: &Connection) -> Duration {
        match self.ask(connection).await {
            Err(TokenError::ProviderUnavailable { retry_after }) => retry_after,
            other => panic!("{other:?}"),
        }
    }

    async fn must_need_a_person(&self, connection: &Connection, because: BrokenReason) {
        match self.ask(connection).await {
            Err(TokenError::ReconnectRequired {
                connection: id,
                reason,
            }) => {
                assert_eq!((id, reason), (connection.id.clone(), because));
            }
            other => panic!("{other:?}"),
        }
        let now = self.read(connection).await;
        assert_eq!(now.state(), ConnectionState::ReconnectRequired);
        assert_eq!(now.broken_reason, Some(because));
    }

    async fn last_in_history(&self, connection: &Connection) -> HistoryKind {
        let history = self
            .db
            .store
            .history(&connection.id, None, 50)
            .await
            .unwrap()
            .entries;
        let mut told = history.into_iter().map(|entry| entry.what);
        told.find(|what| !matches!(what, HistoryKind::HandedOut { .. }))
            .expect("a history")
    }
}

db_test!(a_grant_that_is_gone_needs_a_person, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    let (healthy, _) = house.connect("bo").await;
    house.provider.forget("mia");
    house.pass(HOUR * 2);
    for _ in 0..3 {
        house
            .must_need_a_person(&connection, BrokenReason::GrantRevokedOrExpired)
            .await;
    }
    assert_eq!(
        house.provider.refreshes(),
        1,
        "a dead grant is not asked for again"
    );
    let broken = house.last_in_history(&connection).await;
    let expected = HistoryKind::Broken {
        reason: BrokenReason::GrantRevokedOrExpired,
        status: Some(400),
        code: Some("invalid_grant".to_owned()),
    };
    assert_eq!(broken, expected);
    house
        .ask(&healthy)
        .await
        .expect("another account is not touched");
});

db_test!(
    an_outage_is_tried_once_more_and_then_served_from_what_is_valid,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        let refresh_token = issued.refresh_token.as_deref().expect("a refresh token");
        house.pass(DUE);
        house.provider.fails(Fault::Status(500));
        house.must_serve(&connection, &issued.access_token).await;
        assert_eq!(
            house.provider.presented(refresh_token),
            2,
            "the same token, once more"
        );
        let degraded = house.read(&connection).await;
        assert_eq!(degraded.state(), ConnectionState::Degraded);
        assert_eq!(degraded.last_error_class.as_deref(), Some("ambiguous"));
        for _ in 0..5 {
            house.must_serve(&connection, &issued.access_token).await;
        }
        assert_eq!(house.provider.refreshes(), 2, "it backs off");

        house.pass(HOUR);
        let wait = house.must_be_unavailable(&connection).await;
        assert!(wait <= Duration::from_secs(30), "{wait:?}");
        assert_eq!(house.read(&connection).await.status, Status::Active);

        house.provider.recover();
        house.pass(A_WHILE);
        let grant = house.ask(&connection).await.expect("a token");
        assert_eq!(grant.connection.state(), ConnectionState::Active);
        assert_eq!(
            house.last_in_history(&connection).await,
            HistoryKind::Recovered
        );
    }
);

db_test!(an_answer_that_makes_no_sense_condemns_nothing, async |db| {
    let house = House::new(db).await;
    // nothing was spent, so the same token works when it is tried again
    let faults = [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(204),
        Fault::Status(302),
        Fault::Status(404),
        Fault::Html,
        Fault::ResetBefore,
        Fault::Refusal(400, "invalid_request"),
        Fault::Refusal(400, "temporarily_unavailable"),
        Fault::Refusal(400, "invalid_scope"),
        Fault::Refusal(418, "an error of its own"),
    ];
    let connections = house.failing_with(&faults).await;
    together(faults.len(), |number| house.asking(&connections[number])).await;
    for (connection, fault) in connections.iter().zip(faults) {
        let now = house.read(connection).await;
        assert_eq!(
            (now.status, now.broken_reason),
            (Status::Active, None),
            "{fault:?}"
        );
    }
    house.pass(A_WHILE);
    for (connection, fault) in connections.iter().zip(faults) {
        house
            .ask(connection)
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(
            house.read(connection).await.state(),
            ConnectionState::Active,
            "{fault:?}"
        );
    }
});

db_test!(
    scopes_that_are_refused_are_left_out_of_the_second_request,
    async |db| {
        let house = House::of(db, "scoped").await;
        let (connection, issued) = house.connect("mia").await;
        let refresh_token = issued.refresh_token.expect("a refresh token");
        house.pass(HOUR * 2);
        house
            .provider
            .next_fails(Fault::Refusal(400, "invalid_scope"));
        let grant = house.ask(&connection).await.expect("a token");
        assert_ne!(access_token(&grant), issued.access_token);
        assert_eq!(house.provider.presented(&refresh_token), 2);
        let now = house.read(&connection).await;
        assert_eq!(now.scopes_granted, connection.scopes_granted);
        assert_eq!(now.state(), ConnectionState::Active);
    }
);

db_test!(
    an_answer_that_was_lost_after_the_exchange_is_told_apart,
    async |db| {
        let house = House::new(db).await;
        let faults = [Fault::ResetAfter, Fault::HalfAnAnswer];
        let connections = house.failing_with(&faults).await;
        // the provider has spent the token, so the second try is refused
        together(faults.len(), |number| house.asking(&connections[number])).await;
        for connection in &connections {
            house
                .must_need_a_person(connection, BrokenReason::RefreshOutcomeUnknown)
                .await;
        }
        assert_eq!(house.provider.refreshes(), 4);
    }
);

db_test!(
    an_unfinished_refresh_of_a_node_that_died_is_told_apart,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        house.pass(HOUR * 2);
        let lease = house
            .db
            .store
            .acquire_lease(&connection, "a node that dies", Duration::ZERO);
        lease.await.expect("a lease");
        house
            .provider
            .spend(&issued.refresh_token.expect("a refresh token"));
        tokio::time::sleep(Duration::from_millis(20)).await;
        house
            .must_need_a_person(&connection, BrokenReason::RefreshOutcomeUnknown)
            .await;
    }
);

db_test!(
    a_rejected_client_is_for_the_admin_and_condemns_nothing,
    async |db| {
        let house = House::new(db).await;
        let (mia, valid) = house.connect("mia").await;
        let (bo, _) = house.connect("bo").await;
        house.provider.accept_only_secret("s3cret-after-a-rotation");
        house.pass(DUE);
        house.must_serve(&mia, &valid.access_token).await;
        house.pass(HOUR);
        for connection in [&mia, &bo] {
            let refused = house.ask(connection).await;
            assert!(
                matches!(refused, Err(TokenError::ClientCredentialsRejected)),
                "{refused:?}"
            );
            let now = house.read(connection).await;
            assert_eq!((now.status, now.broken_reason), (Status::Active, None));
        }
        let provider = house.seed.read_provider().await;
        assert!(
            provider.credentials_rejected_at.is_some(),
            "the page says so"
        );

        let secret = Secret::from("s3cret-after-a-rotation");
        house
            .db
            .store
            .add_client_secret(&provider, &secret, admin())
            .await
            .unwrap();
        house.pass(A_WHILE);
        for connection in [&mia, &bo] {
            house.ask(connection).await.expect("a token");
            assert_eq!(
                house.read(connection).await.state(),
                ConnectionState::Active
            );
        }
        assert_eq!(
            house.seed.read_provider().await.credentials_rejected_at,
            None
        );
    }
);

db_test!(a_client_that_is_accepted_again_is_noticed, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.pass(HOUR * 2);
    house
        .provider
        .next_fails(Fault::Refusal(401, "invalid_client"));
    house.ask(&connection).await.expect_err("refused");
    let rejected_at = house.seed.read_provider().await.credentials_rejected_at;
    assert_eq!(rejected_at, Some(house.now()));
    house.pass(A_WHILE);
    house.ask(&connection).await.expect("a token");
    assert_eq!(
        house.seed.read_provider().await.credentials_rejected_at,
        None
    );
});

db_test!(a_provider_that_asks_to_wait_is_waited_for, async |db| {
    let house = House::new(db).await;
    for (status, refreshes) in [(429, 1), (503, 3)] {
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        house.provider.next_fails(Fault::RetryAfter(status, "120"));
        let wait = house.must_be_unavailable(&connection).await;
        assert_eq!(wait, Duration::from_mins(2), "{status}");
        house.pass(Duration::from_secs(119));
        let wait = house.must_be_unavailable(&connection).await;
        assert_eq!(wait, Duration::from_secs(1), "{status}");
        assert_eq!(house.provider.refreshes(), refreshes, "{status}");
        house.pass(Duration::from_secs(2));
        house.ask(&connection).await.expect("a token");
    }
});

db_test!(a_provider_that_nobody_reaches_is_unavailable, async |db| {
    let mut house = House::new(db).await;
    let (connection, issued) = house.connect("mia").await;
    house.pass(DUE);
    house.provider.stop().await;
    house.must_serve(&connection, &issued.access_token).await;
    house.pass(HOUR);
    house.must_be_unavailable(&connection).await;
    let now = house.read(&connection).await;
    assert_eq!(now.status, Status::Active);
    assert_eq!(now.last_error_class.as_deref(), Some("unreached"));
});

db_test!(
    a_provider_that_says_nothing_is_not_waited_for_long,
    async |db| {
        let house = House::impatient(db, Duration::from_millis(400)).await;
        let (connection, issued) = house.connect("mia").await;
        house.pass(DUE);
        house.provider.fails(Fault::Silence);
        let began = tokio::time::Instant::now();
        house.must_serve(&connection, &issued.access_token).await;
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(house.provider.refreshes(), 2);
        assert_eq!(
            house.read(&connection).await.state(),
            ConnectionState::Degraded
        );
    }
);
