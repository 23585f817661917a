//! How often a key may ask, and what others notice of one that asks too often.

use super::{Stage, key_of, problem};
use crate::support::databases::Database;
use crate::support::seed::{Seed, new_provider};
use server::domain::{KeyLimits, KeySettings};
use std::time::{Duration, Instant};

const SLOW: [(&str, &str); 2] = [("RATE_PER_KEY", "10"), ("RATE_PER_ORGANIZATION", "20")];

db_test!(
    a_key_that_asks_too_often_is_told_when_to_come_back,
    async |db| {
        let stage = Stage::with(db, &SLOW).await;
        let key = stage.limited(KeyLimits::default()).await;
        let first = stage.get(&key, "/connections").await;
        assert_eq!(first.header("ratelimit-policy"), "\"key\";q=50;w=5");
        assert_eq!(first.header("ratelimit"), "\"key\";r=49;t=1");
        for _ in 1..50 {
            assert_eq!(stage.get(&key, "/connections").await.status, 200);
        }
        let refused = stage.get(&key, "/connections").await;
        assert_eq!(problem(&refused), (429, "rate_limited".to_owned()));
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.header("ratelimit"), "\"key\";r=0;t=5");
        stage.site.db.clock.advance(100);
        assert_eq!(stage.get(&key, "/connections").await.status, 200);
        assert_eq!(stage.get(&key, "/connections").await.status, 429);

        let own = KeyLimits {
            rate: "1".parse().ok(),
            ..KeyLimits::default()
        };
        let slow = stage.limited(own).await;
        let through = async || stage.get(&slow, "/connections").await.status == 200;
        let mut passed = 0;
        for _ in 0..10 {
            passed += usize::from(through().await);
        }
        assert_eq!(passed, 5, "a rate of its own");
    }
);

db_test!(all_keys_of_an_organization_share_its_rate, async |db| {
    let stage = Stage::with(db, &SLOW).await;
    let mut passed = 0;
    for _ in 0..3 {
        let key = stage.limited(KeyLimits::default()).await;
        for _ in 0..50 {
            passed += usize::from(stage.get(&key, "/connections").await.status == 200);
        }
    }
    assert_eq!(passed, 100);
    let key = stage.limited(KeyLimits::default()).await;
    let refused = stage.get(&key, "/connections").await;
    assert!(refused.text.contains("organization"), "{}", refused.text);
    assert!(refused.header("ratelimit").starts_with("\"organization\""));
});

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_that_do_not_work_are_not_looked_up_for_ever() {
    let stage = Stage::new(Database::sqlite().await).await;
    let works = stage.limited(KeyLimits::default()).await;
    assert_eq!(stage.get(&works, "/connections").await.status, 200);
    let mut refused = Vec::new();
    for _ in 0..60 {
        let text = server::api::key::ApiKeyText::make().text.expose().clone();
        let unknown = super::Made {
            id: works.id.clone(),
            text,
        };
        refused.push(stage.get(&unknown, "/connections").await.status.as_u16());
    }
    assert!(
        refused[..50].iter().all(|status| *status == 401),
        "{refused:?}"
    );
    assert!(
        refused[50..].iter().all(|status| *status == 429),
        "{refused:?}"
    );
    assert_eq!(
        stage.get(&works, "/connections").await.status,
        200,
        "whoever works from there goes on"
    );
}

/// R70: one tenant at ten times its rate, and another that asks as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tenant_at_ten_times_its_rate_leaves_the_other_alone() {
    let stage = Stage::with(Database::sqlite().await, &SLOW).await;
    let loud = stage.limited(KeyLimits::default()).await;
    let other = Seed::with(&stage.site.db, new_provider("cellar")).await;
    let calm = key_of(&other.application, &other, &KeySettings::unlimited("calm")).await;
    let (mut passed, mut slowest) = (0, Duration::ZERO);
    for round in 0..40 {
        for _ in 0..25 {
            passed += usize::from(stage.get(&loud, "/connections").await.status == 200);
        }
        let began = Instant::now();
        let answer = stage.get(&calm, "/connections").await;
        slowest = slowest.max(began.elapsed());
        assert_eq!(answer.status, 200, "round {round}");
        stage.site.db.clock.advance(100);
    }
    assert!((50..=90).contains(&passed), "{passed} of 1000");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
}
