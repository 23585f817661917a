//! Tokens that have arrived while the database does not take them: they wait in `recovery.d`, and
//! not even the end of the process loses them.

use crate::support::house::{House, access_token};
use crate::support::seed::{HOUR, admin};
use app::wire::RevokeReason;
use server::domain::Connection;
use server::store::db::{Runs, Tx, sql};
use server::tokens::RecoveryDirectory;
use std::time::Duration;
use tempfile::TempDir;

impl House {
    /// Tokens that cannot be stored wait here.
    fn recovers_in(&mut self, home: &TempDir) -> RecoveryDirectory {
        let directory = RecoveryDirectory::at(home.path().join("recovery.d"));
        self.tokens = self.tokens.clone().recovering_in(directory.clone());
        directory
    }

    /// Keeps the database from storing anything for a connection.
    async fn occupy(&self, connection: &Connection) -> Tx {
        let mut tx = self.db.store.db().begin().await.expect("a database");
        let take = sql("UPDATE connections SET updated_at = updated_at WHERE id = $1");
        tx.run(take.bind(connection.id.as_str()))
            .await
            .expect("the row");
        tx
    }
}

/// A server that is asked to end while new tokens are on their way and the database does not take
/// them.
async fn ended_in_between(house: &House) -> Connection {
    let (connection, _) = house.connect("mia").await;
    house.pass(HOUR * 2);
    let gate = house.provider.close_gate();
    let caller = house.asking(&connection);
    gate.reached_by(1).await;
    let busy = house.occupy(&connection).await;
    house.tracker.close();
    gate.open();
    house.tracker.wait().await;
    let answer = caller.await.expect("no panic");
    answer.expect_err("it could not be stored");
    drop(busy);
    connection
}

async fn written(directory: &RecoveryDirectory) {
    for _ in 0..100 {
        if directory.count() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing was written");
}

db_test!(
    tokens_wait_in_a_file_and_are_stored_when_that_is_possible,
    async |db| {
        let mut house = House::new(db).await;
        let home = tempfile::tempdir().expect("a directory");
        let directory = house.recovers_in(&home);
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        let gate = house.provider.close_gate();
        let caller = house.asking(&connection);
        gate.reached_by(1).await;
        let busy = house.occupy(&connection).await;
        gate.open();
        written(&directory).await;
        let live = house.provider.live("mia").expect("a live grant");
        for (_, bytes) in directory.entries().expect("readable") {
            let told = String::from_utf8_lossy(&bytes).into_owned();
            assert!(!told.contains(&live.access_token), "it is sealed");
        }
        drop(busy);

        let grant = caller.await.expect("no panic").expect("a token");
        assert_eq!(access_token(&grant), live.access_token);
        assert_eq!((house.provider.refreshes(), directory.count()), (1, 0));
    }
);

db_test!(
    the_next_start_takes_in_what_the_last_process_left,
    async |db| {
        let mut house = House::new(db).await;
        let home = tempfile::tempdir().expect("a directory");
        let directory = house.recovers_in(&home);
        let connection = ended_in_between(&house).await;
        assert_eq!(directory.count(), 1);

        let desk = house
            .desk_on(&house.db.store)
            .recovering_in(directory.clone());
        desk.take_in().await.expect("a database");
        let now = house.read(&connection).await;
        assert_eq!((now.generation, directory.count()), (2, 0));
        let (access, refresh) = house.seed.tokens_of(&connection.id).await;
        let live = house.provider.live("mia").expect("a live grant");
        assert_eq!((access, refresh), (live.access_token, live.refresh_token));
        desk.take_in().await.expect("nothing is left to do");
    }
);

db_test!(what_comes_too_late_from_a_file_is_given_back, async |db| {
    let mut house = House::new(db).await;
    let home = tempfile::tempdir().expect("a directory");
    let directory = house.recovers_in(&home);
    let connection = ended_in_between(&house).await;
    let live = house.provider.live("mia").expect("a live grant");
    let store = &house.db.store;
    let revoked = store.revoke(&connection, RevokeReason::Leaving, "", admin(), true);
    revoked.await.expect("a database").expect("a receipt");

    let desk = house.desk_on(store).recovering_in(directory.clone());
    desk.take_in().await.expect("a database");
    assert_eq!(directory.count(), 0);
    assert!(
        !house.provider.accepts(&live.access_token),
        "nobody needs it"
    );
});

db_test!(a_file_of_another_key_is_set_aside_and_kept, async |db| {
    let mut house = House::new(db).await;
    let home = tempfile::tempdir().expect("a directory");
    let directory = house.recovers_in(&home);
    let (connection, _) = house.connect("mia").await;
    let written = directory.write(&connection.id, 1, b"{\"sealed\":\"by nobody\"}");
    written.expect("written");
    house.tokens.take_in().await.expect("a database");
    assert_eq!(directory.count(), 0);
    let left = std::fs::read_dir(home.path().join("recovery.d")).expect("readable");
    assert_eq!(left.count(), 1);
});
