//! Opening a database: with the right keys or not at all, and by one process where there is one file.

use crate::support::canary::dump;
use crate::support::databases::{Database, KEY, OTHER_KEY, Place};
use crate::support::seed::Seed;
use server::clock::SystemClock;
use server::store::{self, OpenError};
use server::vault::KekSet;
use std::path::PathBuf;
use std::sync::Arc;

/// The SQLite file, or nothing for PostgreSQL, whose files are shared by all databases.
fn bytes(place: &Place) -> Vec<u8> {
    let file = place.file();
    file.map(|file| std::fs::read(file).expect("a file"))
        .unwrap_or_default()
}

db_test!(a_wrong_key_is_refused_and_changes_nothing, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let tokens = seed.tokens_of(&connection.id).await;
    let content = dump(&db).await;
    let place = db.stop().await;
    let before = bytes(&place);

    let refused = place
        .open(OTHER_KEY)
        .await
        .map(drop)
        .expect_err("another key");
    assert!(matches!(refused, OpenError::WrongKey(_)), "{refused}");
    let sentence = refused.to_string();
    assert!(
        sentence.contains("Nothing was changed") && sentence.contains("GRANTPORT_KEY"),
        "{sentence}"
    );
    assert_eq!(bytes(&place), before, "not one byte of the file");

    let db = Database::again(place).await;
    assert_eq!(dump(&db).await, content, "not one row");
    let seed = Seed {
        store: db.store.clone(),
        ..seed
    };
    assert_eq!(seed.tokens_of(&connection.id).await, tokens);
});

db_test!(a_missing_key_is_refused_and_changes_nothing, async |db| {
    Seed::of(&db).await.connect("mia").await;
    let content = dump(&db).await;
    let place = db.stop().await;
    let before = bytes(&place);
    let missing = |is_new: bool| {
        assert!(!is_new, "a database with data is not new");
        Err(OpenError::MissingKey {
            path: PathBuf::from("data/key"),
        })
    };
    let refused = store::open(&place.url, Arc::new(SystemClock), missing)
        .await
        .map(drop);
    let refused = refused.expect_err("no key");
    assert!(matches!(refused, OpenError::MissingKey { .. }), "{refused}");
    assert_eq!(bytes(&place), before);
    let db = Database::again(place).await;
    assert_eq!(dump(&db).await, content);
});

async fn a_new_database_may_have_a_new_key(place: Place) {
    let refused = store::open(&place.url, Arc::new(SystemClock), |is_new| {
        assert!(is_new, "there is nothing in it");
        Err(OpenError::MissingKey {
            path: PathBuf::from("data/key"),
        })
    });
    refused.await.map(drop).expect_err("no key");
    let opened = store::open(&place.url, Arc::new(SystemClock), |is_new| {
        assert!(is_new, "nothing was written before there was a key");
        Ok(KekSet::from_text(KEY)?)
    });
    let (store, lock) = opened.await.expect("a key");
    store.ping().await.expect("it answers");
    store.close().await;
    drop(lock);
    // the key is bound to the database, although nothing was sealed with it yet
    let refused = place
        .open(OTHER_KEY)
        .await
        .map(drop)
        .expect_err("another key");
    assert!(matches!(refused, OpenError::WrongKey(_)), "{refused}");
    place.remove().await;
}

#[tokio::test]
async fn a_new_database_may_have_a_new_key_on_sqlite() {
    a_new_database_may_have_a_new_key(Place::sqlite()).await;
}

#[tokio::test]
async fn a_new_database_may_have_a_new_key_on_postgres() {
    a_new_database_may_have_a_new_key(Place::postgres().await).await;
}

db_test!(
    keys_are_rotated_while_everything_stays_readable,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let tokens = seed.tokens_of(&connection.id).await;
        let place = db.stop().await;

        let both = format!("{OTHER_KEY} {KEY}");
        let (store, lock) = place
            .open(&both)
            .await
            .expect("the new key and the old one");
        for key in store.keyring().rewrapped() {
            store
                .save_rewrapped(&key, server::domain::Actor::command_line())
                .await
                .expect("saved");
        }
        store.reload_data_keys().await.expect("its own rows");
        let seed = Seed {
            store: store.clone(),
            ..seed
        };
        assert_eq!(
            seed.tokens_of(&connection.id).await,
            tokens,
            "while it rotates"
        );
        store.close().await;
        drop(lock);

        let refused = place
            .open(KEY)
            .await
            .map(drop)
            .expect_err("the old key is retired");
        assert!(matches!(refused, OpenError::WrongKey(_)), "{refused}");
        let (store, _lock) = place.open(OTHER_KEY).await.expect("the new key alone");
        let seed = Seed {
            store: store.clone(),
            ..seed
        };
        assert_eq!(seed.tokens_of(&connection.id).await, tokens, "afterwards");
        store.close().await;
    }
);

#[tokio::test]
async fn a_second_process_is_refused_and_the_first_goes_on() {
    let db = Database::sqlite().await;
    let seed = Seed::of(&db).await;
    let began = tokio::time::Instant::now();
    let refused = db
        .place
        .open(KEY)
        .await
        .map(drop)
        .expect_err("somebody has it");
    assert!(began.elapsed().as_millis() < 1000, "{:?}", began.elapsed());
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    let sentence = refused.to_string();
    assert!(
        sentence.contains("another Grantport process") && sentence.contains("PostgreSQL"),
        "{sentence}"
    );
    seed.connect("mia").await;
    let place = db.stop().await;
    place.open(KEY).await.map(drop).expect("now it is free");
}

#[tokio::test]
async fn several_nodes_share_a_postgres_database() {
    let db = Database::postgres().await;
    let other = db.another_node().await;
    let seed = Seed::of(&db).await;
    // the organization is younger than the other node
    other.reload_data_keys().await.expect("the new data key");
    let connection = seed.connect("mia").await;
    let there = Seed {
        store: other,
        ..seed.clone()
    };
    assert_eq!(
        there.tokens_of(&connection.id).await,
        seed.tokens_of(&connection.id).await
    );
    db.stop().await.remove().await;
}

#[tokio::test]
async fn what_is_no_database_address_is_refused_without_repeating_it() {
    for url in [
        "mysql://root:hunter2@db/x",
        "hunter2",
        "",
        "postgres://[hunter2",
        "sqlite://?hunter2=x",
    ] {
        let refused = store::open(url, Arc::new(SystemClock), |_| Ok(KekSet::from_text(KEY)?));
        let refused = refused.await.map(drop).expect_err(url);
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
        assert!(
            refused.to_string().contains("GRANTPORT_DATABASE_URL"),
            "{url}: {refused}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let db = Database::sqlite().await;
    Seed::of(&db).await.connect("mia").await;
    let file = db.place.file().expect("a file");
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(file.parent().expect("a directory")), 0o700);
    assert_eq!(mode(&file), 0o600);
}
