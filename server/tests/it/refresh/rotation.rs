//! A client secret takes over from another one without an outage (seed 004).

use crate::support::house::{House, access_token};
use crate::support::seed::{HOUR, admin};
use crate::support::together::together;
use app::wire::{BrokenReason, ConnectionState, HistoryKind};
use server::domain::{ClientSecretHint, Connection, Keeps, Provider, SecretState};
use server::store::Removal;
use server::tokens::{Ask, TokenError};
use server::vault::Secret;
use std::time::Duration;

const OLD: &str = "s3cret-of-client-1";
const NEW: &str = "s3cret-after-a-rotation";

impl House {
    async fn add_secret(&self, secret: &str) -> SecretState {
        let provider = self.seed.read_provider().await;
        let store = &self.db.store;
        let secret = Secret::from(secret);
        let added = store.add_client_secret(&provider, &secret, admin());
        added.await.expect("added")
    }

    async fn secret(&self, secret: &str) -> ClientSecretHint {
        let hints = self.db.store.client_secret_hints(&self.seed.provider.id);
        let mut hints = hints.await.expect("hints").into_iter();
        let same = |hint: &ClientSecretHint| secret.ends_with(&hint.ends_in);
        hints.find(same).expect("the secret")
    }

    async fn connect_many(&self, count: usize) -> Vec<Connection> {
        let mut connections = Vec::new();
        for number in 0..count {
            connections.push(self.connect(&format!("person-{number}")).await.0);
        }
        connections
    }

    /// Both nodes ask for a token of each connection.
    async fn all_ask(&self, connections: &[Connection]) {
        let other = self.another_node().await;
        let answers = together(connections.len(), |number| {
            let desk = if number % 2 == 0 {
                self.tokens.clone()
            } else {
                other.clone()
            };
            let (key, id) = (self.seed.key.clone(), connections[number].id.to_string());
            async move { desk.of_connection(&key, &id, Ask::default()).await }
        })
        .await;
        for (number, answer) in answers.into_iter().enumerate() {
            let live = self.provider.live(&format!("person-{number}"));
            let live = live.expect("a live grant").access_token;
            assert_eq!(access_token(&answer.expect("a token")), live, "{number}");
        }
    }

    async fn must_not_be_rejected(&self) {
        let provider = self.seed.read_provider().await;
        assert_eq!(provider.credentials_rejected_at, None);
    }

    async fn told(&self, connection: &Connection) -> Vec<HistoryKind> {
        let history = self
            .db
            .store
            .history(&connection.id, None, 50)
            .await
            .unwrap()
            .entries;
        let told = history.into_iter().map(|entry| entry.what);
        told.filter(|what| !matches!(what, HistoryKind::HandedOut { .. }))
            .collect()
    }
}

db_test!(of_fifty_refreshes_one_tries_the_new_secret, async |db| {
    let house = House::new(db).await;
    let connections = house.connect_many(50).await;
    house
        .provider
        .knows(&[("client-1", OLD), ("client-1", NEW)]);
    assert_eq!(house.add_secret(NEW).await, SecretState::OnTrial);
    house.pass(HOUR * 2);
    let gate = house.provider.close_gate();
    let opened = async {
        gate.reached_by(50).await;
        assert_eq!(house.provider.asked_with(NEW), 1, "until it is accepted");
        assert_eq!(house.provider.asked_with(OLD), 49);
        gate.open();
    };
    tokio::join!(house.all_ask(&connections), opened);
    assert_eq!(house.provider.refreshes(), 50, "one request each");

    let (new, old) = (house.secret(NEW).await, house.secret(OLD).await);
    assert_eq!((new.state, new.in_use), (SecretState::Active, true));
    assert_eq!((old.state, old.in_use), (SecretState::Active, false));
    assert_eq!((new.connections, old.connections), (1, 49));
    let removed = house
        .db
        .store
        .remove_client_secret(&house.seed.provider, old.id.as_str(), admin())
        .await;
    assert_eq!(removed.unwrap(), Removal::Kept(Keeps::Connections(49)));

    house.pass(HOUR * 2);
    house.all_ask(&connections).await;
    assert_eq!(house.provider.asked_with(NEW), 51, "then all use it");
    let (new, old) = (house.secret(NEW).await, house.secret(OLD).await);
    assert_eq!((new.connections, old.connections), (50, 0));
    let removed = house
        .db
        .store
        .remove_client_secret(&house.seed.provider, old.id.as_str(), admin())
        .await;
    assert_eq!(removed.unwrap(), Removal::Removed);
    house.must_not_be_rejected().await;
});

db_test!(a_refused_trial_loses_nothing, async |db| {
    let house = House::new(db).await;
    let (connection, issued) = house.connect("mia").await;
    let refresh_token = issued.refresh_token.expect("a refresh token");
    assert_eq!(
        house.add_secret("mistyped-secret").await,
        SecretState::OnTrial
    );
    house.pass(HOUR * 2);
    let grant = house.ask(&connection).await.expect("a token");
    assert_eq!(grant.connection.generation, 2);
    assert_eq!(grant.connection.state(), ConnectionState::Active);
    assert_eq!(house.provider.presented(&refresh_token), 2);
    assert_eq!(house.provider.asked_with("mistyped-secret"), 1);
    let told = house.told(&connection).await;
    assert_eq!(told.first(), Some(&HistoryKind::Refreshed), "{told:?}");
    assert!(
        !told
            .iter()
            .any(|what| matches!(what, HistoryKind::RefreshFailed { .. }))
    );
    house.must_not_be_rejected().await;
    let refused = house.secret("mistyped-secret").await;
    assert_eq!(refused.state, SecretState::Rejected);
    assert_eq!(refused.state_since, house.now());
    assert_eq!(house.secret(OLD).await.connections, 1);

    house.pass(HOUR * 2);
    house.ask(&connection).await.expect("a token");
    assert_eq!(
        house.provider.asked_with("mistyped-secret"),
        1,
        "never again"
    );
});

db_test!(
    a_trial_whose_answer_is_lost_leaves_the_old_secret_in_use,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.add_secret("mistyped-secret").await;
        house.pass(HOUR * 2);
        house
            .provider
            .next_fails(crate::support::provider::Fault::Status(500));
        house.ask(&connection).await.expect("a token");
        // the fault came before the provider looked at the secret
        assert_eq!(house.provider.asked_with("mistyped-secret"), 0);
        assert_eq!(
            house.provider.asked_with(OLD),
            1,
            "the second try is no second trial"
        );
        assert_eq!(
            house.secret("mistyped-secret").await.state,
            SecretState::OnTrial
        );
    }
);

db_test!(a_refused_grant_accepts_the_secret, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.connect("bo").await;
    house
        .provider
        .knows(&[("client-1", OLD), ("client-1", NEW)]);
    house.add_secret(NEW).await;
    house.provider.forget("mia");
    house.pass(HOUR * 2);
    let refused = house.ask(&connection).await;
    assert!(
        matches!(
            refused,
            Err(TokenError::ReconnectRequired {
                reason: BrokenReason::GrantRevokedOrExpired,
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(
        house.provider.refreshes(),
        1,
        "a dead grant is asked for once"
    );
    assert!(house.secret(NEW).await.in_use);
});

db_test!(
    where_the_one_in_use_is_refused_the_kept_one_goes_on,
    async |db| {
        let house = House::new(db).await;
        // before there was anything to refresh, so there was no trial
        assert_eq!(house.add_secret(NEW).await, SecretState::Active);
        let connections = house.connect_many(8).await;
        house.pass(HOUR * 2);
        house.all_ask(&connections).await;
        house.must_not_be_rejected().await;
        assert!(house.secret(OLD).await.in_use);
        assert_eq!(house.secret(NEW).await.state, SecretState::Rejected);
    }
);

db_test!(
    the_old_secret_ends_at_the_provider_before_the_new_one_was_tried,
    async |db| {
        let house = House::new(db).await;
        let connections = house.connect_many(20).await;
        assert_eq!(house.add_secret(NEW).await, SecretState::OnTrial);
        house.provider.accept_only_secret(NEW);
        house.provider.takes(Duration::from_millis(100));
        house.pass(HOUR * 2);
        house.all_ask(&connections).await;
        house.must_not_be_rejected().await;
        assert!(house.secret(NEW).await.in_use);
        for connection in &connections {
            assert_eq!(house.read(connection).await.fail_count, 0);
        }
    }
);

db_test!(
    connections_of_an_earlier_client_id_go_on_refreshing,
    async |db| {
        let house = House::new(db).await;
        let (earlier, _) = house.connect("mia").await;
        let changed = Provider {
            client_id: "client-2".to_owned(),
            ..house.seed.provider.clone()
        };
        let store = &house.db.store;
        store
            .add_client_secret(&changed, &Secret::from(NEW), admin())
            .await
            .expect("added");
        store
            .update_provider(&changed, admin())
            .await
            .expect("changed");
        house
            .provider
            .knows(&[("client-1", OLD), ("client-2", NEW)]);
        for _ in 0..2 {
            house.pass(HOUR * 2);
            house.ask(&earlier).await.expect("a token");
            let asked = house.provider.last_client();
            assert_eq!(asked, ("client-1".to_owned(), OLD.to_owned()));
        }

        // the provider removes the earlier one: its connections wait, the others are not touched
        house.provider.knows(&[("client-2", NEW)]);
        house.pass(HOUR * 2);
        for _ in 0..2 {
            let refused = house.ask(&earlier).await;
            assert!(
                matches!(refused, Err(TokenError::ClientCredentialsRejected)),
                "{refused:?}"
            );
        }
        house.must_not_be_rejected().await;
        assert_eq!(
            house.read(&earlier).await.state(),
            ConnectionState::Degraded
        );
    }
);
