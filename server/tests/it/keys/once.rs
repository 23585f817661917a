//! `Idempotency-Key`: a connect session that is asked for again and again is made once.

use super::{Made, Stage, ask, problem};
use crate::support::databases::Database;
use crate::support::site::{Reply, Site};
use server::domain::KeyLimits;
use server::store::db::{Runs, sql};
use server::store::{OnceClaim, OnceRequest, Store};
use server::vault::Secret;

const MIA: &str = r#"{"end_user": {"id": "mia"}}"#;
const DAY_MS: i64 = 24 * 3_600_000;

impl Stage {
    async fn invite(&self, key: &Made, once: &str, body: &str) -> Reply {
        invite(&self.site, key, once, body).await
    }
}

async fn invite(site: &Site, key: &Made, once: &str, body: &str) -> Reply {
    let headers = [("idempotency-key", once)];
    ask(site, key, "POST", "/connect-sessions", &headers, body).await
}

async fn sessions(store: &Store) -> i64 {
    let counted = sql("SELECT COUNT(*) AS many FROM connect_sessions");
    let row = store.db().row(counted).await.unwrap().unwrap();
    row.int("many").unwrap()
}

db_test!(
    a_request_that_is_sent_again_gets_the_first_answer,
    async |db| {
        let stage = Stage::new(db).await;
        let key = stage.limited(KeyLimits::default()).await;
        let first = stage.invite(&key, "order-7", MIA).await;
        assert_eq!(first.status, 201, "{}", first.text);
        assert_eq!(first.header("idempotency-replayed"), "");
        let again = stage.invite(&key, "order-7", MIA).await;
        assert_eq!((again.status.as_u16(), &again.text), (201, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(again.header("cache-control"), "no-store");
        assert_eq!(sessions(&stage.seed.store).await, 1);

        let other_body = stage
            .invite(&key, "order-7", r#"{"end_user": {"id": "leo"}}"#)
            .await;
        assert_eq!(
            problem(&other_body),
            (422, "idempotency_key_reused".to_owned())
        );
        let unreadable = stage.invite(&key, "two words", MIA).await;
        assert_eq!(problem(&unreadable), (422, "invalid_request".to_owned()));
        let other_key = stage.limited(KeyLimits::default()).await;
        let of_other = stage.invite(&other_key, "order-7", MIA).await;
        assert_ne!(of_other.text, first.text, "each API key has its own");

        stage.site.db.clock.advance(DAY_MS);
        let tomorrow = stage.invite(&key, "order-7", MIA).await;
        assert_ne!(tomorrow.text, first.text, "remembered for a day");
        stage.site.db.clock.advance(DAY_MS);
        assert_eq!(stage.seed.store.purge_once().await.unwrap(), 2);
    }
);

db_test!(a_request_that_was_refused_may_be_corrected, async |db| {
    let stage = Stage::new(db).await;
    let key = stage.limited(KeyLimits::default()).await;
    let wrong = r#"{"end_user": {"id": "mia"}, "providers": ["nobody"]}"#;
    let refused = stage.invite(&key, "order-8", wrong).await;
    assert_eq!(problem(&refused), (422, "invalid_request".to_owned()));
    assert_eq!(stage.invite(&key, "order-8", MIA).await.status, 201);
});

db_test!(of_many_at_once_one_is_made, async |db| {
    let stage = Stage::new(db).await;
    let key = stage.limited(KeyLimits::default()).await;
    let asked = || stage.invite(&key, "order-9", MIA);
    let answers = tokio::join!(asked(), asked(), asked(), asked(), asked(), asked());
    let answers = <[Reply; 6]>::from(answers);
    for answer in &answers {
        assert_eq!(
            (answer.status.as_u16(), &answer.text),
            (201, &answers[0].text)
        );
    }
    assert_eq!(sessions(&stage.seed.store).await, 1);
});

db_test!(the_answer_outlives_a_restart_and_is_sealed, async |db| {
    let stage = Stage::new(db).await;
    let key = stage.limited(KeyLimits::default()).await;
    let first = stage.invite(&key, "order-10", MIA).await;
    let rows = sql("SELECT status, sealed_answer FROM idempotent_requests");
    let row = stage.seed.store.db().row(rows).await.unwrap().unwrap();
    let sealed = row.bytes("sealed_answer").unwrap();
    let shows = |part: &[u8]| sealed.windows(part.len()).any(|window| window == part);
    assert!(!shows(b"connect") && !shows(b"cs_"));

    let found = stage
        .seed
        .store
        .api_key(&stage.seed.application.id, key.id.as_str());
    let request = OnceRequest::of(&found.await.unwrap().unwrap(), [7; 32], [8; 32]);
    let OnceClaim::Ours(claim) = stage.seed.store.claim_once(&request).await.unwrap() else {
        panic!("nobody has it");
    };
    let Stage { site, .. } = stage;
    let site = Site::new(Database::again(site.db.stop().await).await).await;
    let again = invite(&site, &key, "order-10", MIA).await;
    assert_eq!((again.status.as_u16(), &again.text), (201, &first.text));

    // whoever claimed the other one is gone, and somebody else takes it in a minute
    let store = &site.db.store;
    assert!(matches!(
        store.claim_once(&request).await.unwrap(),
        OnceClaim::InProgress
    ));
    let passed = sql("UPDATE idempotent_requests SET claimed_until = 0 WHERE status IS NULL");
    store.db().run(passed).await.unwrap();
    assert!(matches!(
        store.claim_once(&request).await.unwrap(),
        OnceClaim::Ours(_)
    ));
    let late = Secret::from("late");
    let remembered = store.remember_answer(&request, &claim, 201, &late);
    remembered.await.unwrap();
    assert!(
        matches!(
            store.claim_once(&request).await.unwrap(),
            OnceClaim::InProgress
        ),
        "the first one no longer has it"
    );
});
