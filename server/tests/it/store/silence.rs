//! A database that falls silent: nobody waits for it, and it costs no connection for good (R100).

use crate::support::databases::{Database, KEY};
use crate::support::line::Line;
use crate::support::together::together;
use server::store::db::{Runs, Tx, sql};
use server::store::{Store, StoreError};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Connections of a node.
const POOL: usize = 8;
const SLOW: &str = "SELECT 1 AS one FROM pg_sleep(1)";
const LONGEST: Duration = Duration::from_secs(3);

/// A store on a database of its own, and the line between them.
async fn behind_a_line(test: impl AsyncFnOnce(&Store, &Line)) {
    let db = Database::postgres().await;
    let (place, line) = db.place.over_line().await;
    let (store, _lock) = place.open(KEY).await.expect("the database");
    Box::pin(test(&store, &line)).await;
    db.stop().await.remove().await;
}

/// Every place of the pool is to be had, all at once, and leads to a database that answers.
async fn must_have_every_place(store: &Store) {
    let began = Instant::now();
    let mut all: Vec<Tx> = Vec::new();
    for _ in 0..POOL {
        let mut tx = store.db().begin().await.expect("a place");
        let row = tx.row(sql("SELECT id FROM instance")).await;
        assert_eq!(
            row.expect("an answer")
                .expect("a row")
                .int("id")
                .expect("a number"),
            1
        );
        all.push(tx);
    }
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
}

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

async fn queries_under_way_are_given_up(store: &Store, line: &Line, back: fn(&Line)) {
    must_have_every_place(store).await;
    let asking = {
        let store = store.clone();
        tokio::spawn(together(40, move |_| {
            let store = store.clone();
            async move {
                let began = Instant::now();
                let answer = store.db().row(sql(SLOW)).await;
                (is_unavailable(&answer), began.elapsed())
            }
        }))
    };
    sleep(Duration::from_millis(300)).await;
    line.hush();
    let began = Instant::now();
    for (unavailable, took) in asking.await.expect("answers") {
        assert!(
            unavailable && took < LONGEST,
            "{unavailable} after {took:?}"
        );
    }
    // those who come while it is silent wait no longer
    assert!(is_unavailable(&store.ping().await));
    assert!(is_unavailable(&store.db().begin().await));
    assert!(began.elapsed() < 3 * LONGEST, "{:?}", began.elapsed());

    back(line);
    let began = Instant::now();
    let answers = together(40, |_| {
        let store = store.clone();
        async move { store.ping().await }
    })
    .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    must_have_every_place(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_silence_that_ends_leaves_nothing_behind() {
    behind_a_line(async |store, line| {
        queries_under_way_are_given_up(store, line, Line::speak).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_never_speak_again_are_replaced() {
    behind_a_line(async |store, line| {
        queries_under_way_are_given_up(store, line, Line::forget).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_died_in_the_pool_costs_a_second_and_no_answer() {
    behind_a_line(async |store, line| {
        must_have_every_place(store).await;
        sleep(Duration::from_millis(200)).await;
        line.forget();
        let began = Instant::now();
        let answers = together(POOL, |_| {
            let store = store.clone();
            async move { store.ping().await }
        })
        .await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
        must_have_every_place(store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_that_died_in_the_pool_cost_who_comes_alone_a_second() {
    behind_a_line(async |store, line| {
        must_have_every_place(store).await;
        sleep(Duration::from_millis(200)).await;
        line.forget();
        let began = Instant::now();
        store.ping().await.expect("an answer");
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_the_database_ends_is_not_given_out_again() {
    behind_a_line(async |store, _| {
        let end = || sql("SELECT pg_terminate_backend(pg_backend_pid())");
        for _ in 0..3 {
            assert!(store.db().row(end()).await.is_err());
            store.ping().await.expect("an answer");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_under_way_ends_before_the_database_is_closed() {
    behind_a_line(async |store, _| {
        let mut tx = store.db().begin().await.expect("begun");
        let closing = {
            let store = store.clone();
            tokio::spawn(async move { store.close().await })
        };
        sleep(Duration::from_millis(300)).await;
        assert!(!closing.is_finished(), "it waits");
        let write = sql("UPDATE instance SET setup_token_expires_at = 7 WHERE id = 1");
        assert_eq!(tx.run(write).await.expect("written"), 1);
        tx.commit().await.expect("committed");
        closing.await.expect("closed");
        assert!(is_unavailable(&store.ping().await));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn statements_one_after_the_other_need_one_connection() {
    behind_a_line(async |store, _| {
        must_have_every_place(store).await;
        let mut used = BTreeSet::new();
        for _ in 0..20 {
            let who = sql("SELECT CAST(pg_backend_pid() AS BIGINT) AS pid");
            let row = store.db().row(who).await.unwrap().unwrap();
            used.insert(row.int("pid").unwrap());
        }
        assert_eq!(used.len(), 1, "{used:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_ends_with_its_first_unanswered_statement() {
    behind_a_line(async |store, line| {
        let write = || sql("UPDATE instance SET setup_token_expires_at = 7 WHERE id = 1");
        let mut tx = store.db().begin().await.expect("begun");
        assert_eq!(tx.run(write()).await.expect("written"), 1);
        line.hush();
        let began = Instant::now();
        assert!(is_unavailable(&tx.row(sql(SLOW)).await));
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
        line.speak();
        // half of it must not be committed
        assert!(is_unavailable(&tx.run(write()).await));
        assert!(is_unavailable(&tx.commit().await));
        let read = sql("SELECT setup_token_expires_at AS at FROM instance");
        let row = store.db().row(read.clone()).await.expect("an answer");
        assert_eq!(row.expect("a row").maybe_int("at").expect("a moment"), None);

        // nobody knows what became of a commit whose confirmation does not come
        let mut tx = store.db().begin().await.expect("begun");
        assert_eq!(tx.run(write()).await.expect("written"), 1);
        line.hush();
        let began = Instant::now();
        assert!(is_unavailable(&tx.commit().await));
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
        line.forget();
        let row = store.db().row(read).await.expect("an answer");
        assert_eq!(row.expect("a row").maybe_int("at").expect("a moment"), None);
        must_have_every_place(store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_has_one_deadline() {
    behind_a_line(async |store, _line| {
        let began = Instant::now();
        let mut tx = store.db().begin().await.expect("begun");
        assert!(tx.row(sql(SLOW)).await.is_ok());
        assert!(tx.row(sql(SLOW)).await.is_ok());
        assert!(is_unavailable(&tx.row(sql(SLOW)).await));
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
        drop(tx);
        must_have_every_place(store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_that_is_dropped_is_rolled_back_and_gives_its_place_back() {
    behind_a_line(async |store, _line| {
        for _ in 0..3 * POOL {
            let mut tx = store.db().begin().await.expect("begun");
            let write = sql("UPDATE instance SET setup_token_expires_at = 7 WHERE id = 1");
            assert_eq!(tx.run(write).await.expect("written"), 1);
            let again = sql("INSERT INTO instance (id, instance_id, created_at) VALUES (1, '', 0)");
            assert!(matches!(tx.run(again).await, Err(StoreError::Conflict)));
        }
        let read = sql("SELECT setup_token_expires_at AS at FROM instance");
        let row = store.db().row(read).await.expect("an answer");
        assert_eq!(row.expect("a row").maybe_int("at").expect("a moment"), None);
        must_have_every_place(store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_go_away_leave_no_connection_in_disorder() {
    behind_a_line(async |store, line| {
        for silent in [false, true] {
            let callers: Vec<_> = (0..40)
                .map(|number| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        // in a statement, in a transaction, at its beginning
                        let mut tx = store.db().begin().await?;
                        if number % 2 == 0 {
                            tx.row(sql(SLOW)).await
                        } else {
                            drop(tx);
                            store.db().row(sql(SLOW)).await
                        }
                    })
                })
                .collect();
            sleep(Duration::from_millis(200)).await;
            if silent {
                line.hush();
            }
            for caller in callers {
                caller.abort();
                assert!(caller.await.is_err(), "it had not been answered");
            }
            line.forget();
            must_have_every_place(store).await;
        }
    })
    .await;
}
