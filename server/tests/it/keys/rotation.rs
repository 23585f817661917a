//! Two keys for one purpose.

use super::{Made, Stage, problem};
use crate::support::seed::admin;
use server::api::key::ApiKeyText;
use server::domain::{KeyLimits, KeySettings, KeyState};
use server::store::KeyRotation;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

impl Stage {
    async fn rotate(&self, key: &Made, days: Option<u32>) -> Result<Made, KeyRotation> {
        let ApiKeyText { text, hash, hint } = ApiKeyText::make();
        let store = &self.seed.store;
        let ends = days.map(|days| store.now() + DAY * days);
        let id = key.id.as_str();
        let rotated = store.rotate_api_key(&self.seed.application, id, &hint, &hash, ends, admin());
        match rotated.await.unwrap() {
            KeyRotation::Done(id) => Ok(Made {
                id,
                text: text.expose().clone(),
            }),
            refused => Err(refused),
        }
    }
}

db_test!(
    both_keys_work_and_the_old_one_says_that_it_goes,
    async |db| {
        let stage = Stage::new(db).await;
        let old = stage.limited(KeyLimits::default()).await;
        let quiet = stage.get(&old, "/connections").await;
        assert_eq!(quiet.header("deprecation"), "");
        let new = stage.rotate(&old, Some(7)).await.expect("a successor");

        let told = stage.get(&old, "/connections").await;
        assert_eq!(told.status, 200);
        let now = stage.seed.store.now();
        assert_eq!(told.header("deprecation"), format!("@{}", now.seconds()));
        assert_eq!(told.header("sunset"), (now + DAY * 7).http_date());
        let link = told.header("link");
        assert!(link.contains("rel=\"deprecation\""), "{link}");
        let refused = stage
            .get(&old, "/connections/con_00000000000000000000")
            .await;
        assert!(
            refused.header("deprecation").starts_with('@'),
            "refusals say it too"
        );

        let fresh = stage.get(&new, "/connections").await;
        assert_eq!(
            (fresh.status.as_u16(), fresh.header("deprecation")),
            (200, "")
        );
        assert_eq!(
            stage.rotate(&old, None).await.map(|_| ()),
            Err(KeyRotation::HasSuccessor)
        );
        stage.site.db.clock.advance(7 * 24 * 3_600_000);
        assert_eq!(problem(&stage.get(&old, "/connections").await).0, 401);
        assert_eq!(stage.get(&new, "/connections").await.status, 200);
    }
);

db_test!(
    a_successor_has_the_same_settings_and_lives_as_long,
    async |db| {
        let stage = Stage::new(db).await;
        let store = &stage.seed.store;
        let ends = store.now() + DAY * 30;
        let settings = KeySettings {
            limits: KeyLimits {
                expires_at: Some(ends),
                rate: "7".parse().ok(),
                ..KeyLimits::default()
            },
            ..KeySettings::unlimited("jobs")
        };
        let old = stage.key(&settings).await;
        stage.site.db.clock.advance(20 * 24 * 3_600_000);
        let new = stage.rotate(&old, Some(30)).await.expect("a successor");
        let read = async |key: &Made| {
            let found = store.api_key(&stage.seed.application.id, key.id.as_str());
            found.await.unwrap().expect("the key")
        };
        let (old, new) = (read(&old).await, read(&new).await);
        assert_eq!(old.limits.expires_at, Some(ends), "never later than before");
        assert_eq!(new.limits.expires_at, Some(store.now() + DAY * 30));
        assert_eq!(new.limits.rate, settings.limits.rate);
        assert_eq!(
            (new.name.as_str(), new.replaces),
            ("jobs", Some(old.id.clone()))
        );
        assert_eq!(old.state(store.now()), KeyState::Deprecated);
    }
);

db_test!(
    a_deprecation_is_undone_and_a_revoked_successor_makes_room,
    async |db| {
        let stage = Stage::new(db).await;
        let store = &stage.seed.store;
        let application = &stage.seed.application;
        let old = stage.limited(KeyLimits::default()).await;
        let new = stage.rotate(&old, None).await.expect("a successor");
        for _ in 0..2 {
            let id = old.id.as_str();
            assert!(
                store
                    .deprecate_api_key(application, id, false, admin())
                    .await
                    .unwrap()
            );
        }
        assert_eq!(
            stage.get(&old, "/connections").await.header("deprecation"),
            ""
        );
        assert!(
            store
                .revoke_api_key(application, new.id.as_str(), admin())
                .await
                .unwrap()
        );
        let again = stage.rotate(&old, None).await.expect("another successor");
        assert_eq!(stage.get(&again, "/connections").await.status, 200);
        assert_eq!(
            stage.rotate(&new, None).await.map(|_| ()),
            Err(KeyRotation::NotFound),
            "it was revoked"
        );
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_rotations_at_once_one_makes_a_key() {
    let stage = Stage::new(crate::support::databases::Database::postgres().await).await;
    let old = stage.limited(KeyLimits::default()).await;
    let (store, application) = (stage.seed.store.clone(), stage.seed.application.clone());
    let rotated = crate::support::together::together(8, |_| {
        let (store, application, id) = (store.clone(), application.clone(), old.id.clone());
        async move {
            let ApiKeyText { hash, hint, .. } = ApiKeyText::make();
            let rotated =
                store.rotate_api_key(&application, id.as_str(), &hint, &hash, None, admin());
            rotated.await.unwrap()
        }
    });
    let done = |one: &&KeyRotation| matches!(one, KeyRotation::Done(_));
    assert_eq!(rotated.await.iter().filter(done).count(), 1);
    let place = stage.site.db.place.clone();
    place.remove().await;
}
