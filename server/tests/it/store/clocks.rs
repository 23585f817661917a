//! The database's clock is the only one (R106).

use crate::support::databases::{Database, KEY, Place};
use axum::extract::State;
use http_body_util::BodyExt;
use server::clock::{AnchoredClock, Clock, FixedClock, SystemClock};
use server::config::Config;
use server::domain::Timestamp;
use server::http::readyz;
use server::state::AppState;
use server::store::Store;
use server::store::db::{Runs, sql};

const HOUR: i64 = 3_600_000;

/// Milliseconds by which the node is ahead of its database.
async fn ahead(store: &Store) -> i64 {
    let row = store.db().row(sql("SELECT {now} AS now")).await;
    let there = row.unwrap().expect("a row").time("now").unwrap();
    store.now().millis() - there.millis()
}

async fn a_node_goes_by_the_clock_of_its_database(place: Place) {
    let machine = FixedClock::at(Timestamp::from_millis(SystemClock.now().millis() + HOUR));
    let clock = AnchoredClock::on(machine.clone());
    let (store, lock) = place.open_at(clock, KEY).await.expect("a database");
    let state = AppState::new(Config::read(|_| None).unwrap(), store.clone()).unwrap();
    let ready = async || {
        let answer = readyz(State(state.clone())).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (
            parts.status.as_u16(),
            String::from_utf8(body.to_vec()).unwrap(),
        )
    };
    for (step, machine_ahead) in [(0, HOUR), (-2 * HOUR, -HOUR)] {
        machine.advance(step);
        let ahead = ahead(&store).await;
        assert!(ahead.abs() < 1000, "{ahead} ms");
        // the test's machine has a clock that stands still
        let off = store.machine_ahead_ms() - machine_ahead;
        assert!((-10_000..1000).contains(&off), "{off} ms");
        let told = store.vitals().await.unwrap().clock_ahead_s;
        assert_eq!(told.is_sign_negative(), machine_ahead < 0, "{told} s");
        assert!((3500.0..3700.0).contains(&told.abs()), "{told} s");
        let (status, words) = ready().await;
        assert_eq!(status, 503);
        let seconds = words.strip_prefix("the clock of this node differs from the database's by ");
        let seconds = seconds.and_then(|rest| rest.strip_suffix(" s\n"));
        assert!(seconds.is_some_and(|n| n.parse::<u32>().is_ok()), "{words}");
        store.set_clock().await.expect("an answer");
    }
    machine.advance(HOUR - 20_000);
    assert_eq!(ready().await, (200, "ready\n".to_owned()));
    store.close().await;
    drop(lock);
    place.remove().await;
}

#[tokio::test]
async fn a_node_goes_by_the_clock_of_its_database_on_sqlite() {
    a_node_goes_by_the_clock_of_its_database(Place::sqlite()).await;
}

#[tokio::test]
async fn a_node_goes_by_the_clock_of_its_database_on_postgres() {
    let place = Database::postgres().await.stop().await;
    a_node_goes_by_the_clock_of_its_database(place).await;
}
