//! Client secrets: added, tried, in use, kept, removed.

use crate::support::seed::{Seed, admin};
use crate::support::together::together;
use server::domain::{ClientSecretHint, Keeps, Provider, SecretState};
use server::store::{Removal, StoreError};
use server::vault::Secret;
use std::time::Duration;

const SECOND: &str = "the-second-secret-Tw5x";
const THIRD: &str = "the-third-secret-9QzA";
const A_WHILE: Duration = Duration::from_secs(30);

impl Seed {
    async fn add(&self, secret: &str) -> SecretState {
        let secret = Secret::from(secret);
        let added = self
            .store
            .add_client_secret(&self.provider, &secret, admin());
        added.await.unwrap()
    }

    async fn remove(&self, ends_in: &str) -> Removal {
        let id = self.hint(ends_in).await.id;
        let provider = self.read_provider().await;
        let removed = self
            .store
            .remove_client_secret(&provider, id.as_str(), admin());
        removed.await.unwrap()
    }

    async fn hint(&self, ends_in: &str) -> ClientSecretHint {
        let hints = self.store.client_secret_hints(&self.provider.id).await;
        let mut hints = hints.unwrap().into_iter();
        hints
            .find(|hint| hint.ends_in == ends_in)
            .expect("a secret")
    }

    /// The active secrets, the one in use first.
    async fn in_order(&self, client_id: &str) -> Vec<String> {
        let secrets = self.store.client_secrets(&self.provider, client_id).await;
        let secrets = secrets.unwrap().into_iter();
        secrets.map(|one| one.text.expose().clone()).collect()
    }

    async fn claim(&self, ttl: Duration) -> Option<String> {
        let claimed = self
            .store
            .claim_trial(&self.provider, "client-1", ttl)
            .await;
        claimed.unwrap().map(|one| one.text.expose().clone())
    }
}

db_test!(without_a_refresh_there_is_no_trial, async |db| {
    let seed = Seed::of(&db).await;
    assert_eq!(seed.add(SECOND).await, SecretState::Active);
    assert_eq!(
        seed.in_order("client-1").await,
        [SECOND, "s3cret-of-client-1"]
    );
    assert!(seed.hint("Tw5x").await.in_use);
    assert!(!seed.hint("nt-1").await.in_use);
    assert_eq!(seed.hint("Tw5x").await.added_by, "Ada");
    assert_eq!(seed.remove("Tw5x").await, Removal::Kept(Keeps::InUse));
    assert_eq!(seed.remove("nt-1").await, Removal::Removed);
    assert_eq!(seed.in_order("client-1").await, [SECOND]);
});

db_test!(
    a_secret_that_is_refused_anyway_is_replaced_at_once,
    async |db| {
        let seed = Seed::of(&db).await;
        seed.connect("mia").await;
        db.store
            .note_credentials(&seed.provider, true)
            .await
            .unwrap();
        assert_eq!(seed.add(SECOND).await, SecretState::Active);
        let now = seed.read_provider().await;
        assert_eq!(
            now.credentials_rejected_at, None,
            "a new secret, a new chance"
        );
    }
);

db_test!(
    one_of_many_claims_a_trial_until_its_time_is_over,
    async |db| {
        let seed = Seed::of(&db).await;
        seed.connect("mia").await;
        assert_eq!(seed.claim(A_WHILE).await, None);
        assert_eq!(seed.add(SECOND).await, SecretState::OnTrial);
        assert_eq!(seed.in_order("client-1").await, ["s3cret-of-client-1"]);
        let other = db.another_node().await;
        let claims = together(20, |number| {
            let store = if number % 2 == 0 {
                seed.store.clone()
            } else {
                other.clone()
            };
            let provider = seed.provider.clone();
            async move { store.claim_trial(&provider, "client-1", A_WHILE).await }
        })
        .await;
        let claimed = claims.into_iter().filter_map(|claim| claim.unwrap());
        assert_eq!(claimed.count(), 1);

        // another one waits until the first is settled
        assert_eq!(seed.add(THIRD).await, SecretState::OnTrial);
        assert_eq!(seed.claim(A_WHILE).await, None);
        let second = seed.hint("Tw5x").await.id;
        db.store
            .refuse_client_secret(&seed.provider, &second)
            .await
            .unwrap();
        assert_eq!(seed.claim(Duration::ZERO).await.as_deref(), Some(THIRD));
        tokio::time::sleep(Duration::from_millis(20)).await;
        let again = seed.claim(A_WHILE).await;
        assert_eq!(
            again.as_deref(),
            Some(THIRD),
            "whoever claimed it did not come back"
        );
    }
);

db_test!(
    an_accepted_secret_is_first_and_a_refused_one_waits_for_nothing,
    async |db| {
        let seed = Seed::of(&db).await;
        seed.connect("mia").await;
        seed.add(SECOND).await;
        let second = seed.hint("Tw5x").await.id;
        for _ in 0..2 {
            db.store
                .accept_client_secret(&seed.provider, &second)
                .await
                .unwrap();
        }
        assert_eq!(
            seed.in_order("client-1").await,
            [SECOND, "s3cret-of-client-1"]
        );
        seed.add(THIRD).await;
        let third = seed.hint("9QzA").await.id;
        for _ in 0..2 {
            db.store
                .refuse_client_secret(&seed.provider, &third)
                .await
                .unwrap();
        }
        assert_eq!(seed.hint("9QzA").await.state, SecretState::Rejected);
        assert_eq!(seed.claim(A_WHILE).await, None);
        // pasted again, it gets another trial, and what is live is not taken twice
        assert_eq!(seed.add(THIRD).await, SecretState::OnTrial);
        for live in [THIRD, SECOND] {
            let twice = db
                .store
                .add_client_secret(&seed.provider, &Secret::from(live), admin())
                .await;
            assert!(matches!(twice, Err(StoreError::Conflict)), "{twice:?}");
        }
        assert_eq!(seed.remove("9QzA").await, Removal::Removed);
    }
);

db_test!(
    a_secret_of_an_earlier_client_id_stays_as_long_as_it_is_needed,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let changed = Provider {
            client_id: "client-2".to_owned(),
            ..seed.provider.clone()
        };
        let second = Secret::from(SECOND);
        let added = db.store.add_client_secret(&changed, &second, admin());
        assert_eq!(
            added.await.unwrap(),
            SecretState::Active,
            "the first of its ID"
        );
        db.store.update_provider(&changed, admin()).await.unwrap();
        assert_eq!(seed.in_order("client-1").await, ["s3cret-of-client-1"]);
        assert_eq!(seed.in_order("client-2").await, [SECOND]);
        let old = seed.hint("nt-1").await;
        assert_eq!((old.in_use, old.of_client_id), (true, 1));
        assert_eq!(seed.remove("nt-1").await, Removal::Kept(Keeps::InUse));

        db.store
            .break_without_refresh(&connection, app::wire::BrokenReason::NoRefreshToken)
            .await
            .unwrap();
        assert_eq!(seed.remove("nt-1").await, Removal::Removed);
        assert_eq!(seed.remove("Tw5x").await, Removal::Kept(Keeps::InUse));
    }
);
