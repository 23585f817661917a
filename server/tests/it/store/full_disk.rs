//! A disk that is full, under SQLite: nothing begins that could not be stored, what has arrived is
//! stored all the same, and nothing has to be restarted (R101).

use crate::support::databases::{Database, Place};
use crate::support::seed::{HOUR, Seed, saved, tokens};
use axum::extract::State;
use server::config::Config;
use server::domain::Connection;
use server::http::readyz;
use server::state::AppState;
use server::store::db::{Runs, sql};
use server::store::{Acquired, Lease, Store, StoreError};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// A small disk of its own.
struct Disk {
    directory: Arc<TempDir>,
}

impl Disk {
    /// `None`, with a reason, where we may not mount one.
    fn mounted() -> Option<Self> {
        let directory = TempDir::with_prefix("grantport-disk-").expect("a directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=80m", "tmpfs"])
            .arg(directory.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self {
                directory: Arc::new(directory),
            }),
            other => {
                eprintln!(
                    "left out: no disk to fill, since this user may not mount one: {other:?}"
                );
                None
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.path("filler")).expect("a file");
        let piece = vec![7; 4096];
        while file.write_all(&piece).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path("filler")).expect("the filler");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // there is nobody left to tell
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.directory.path())
            .status();
    }
}

/// A transaction that needs room.
async fn write(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.db().begin().await?;
    for _ in 0..2 {
        let insert = "INSERT INTO attempts (subject_sha256, failures, window_started_at) VALUES (randomblob(20000), 1, 0)";
        tx.run(sql(insert)).await?;
    }
    tx.commit().await
}

async fn lease(store: &Store, connection: &Connection) -> Result<Lease, StoreError> {
    match store.acquire_lease(connection, "node-1", HOUR).await? {
        Acquired::Ours(lease, _) => Ok(lease),
        Acquired::Busy => panic!("nobody else has it"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_stops_what_begins_and_not_what_must_be_stored() {
    let Some(disk) = Disk::mounted() else {
        return;
    };
    let place = Place::sqlite_in(Arc::clone(&disk.directory));
    let db = Database::again(place).await;
    let store = db.store.clone();
    let state = AppState::new(Config::read(|_| None).unwrap(), store.clone()).unwrap();
    let ready = async || readyz(State(state.clone())).await.status().as_u16();
    let seed = Seed::of(&db).await;
    let (under_way, due) = (seed.connect("mia").await, seed.connect("bo").await);
    store.keep_ballast().await.unwrap();
    assert!(disk.path("data/grantport.ballast").exists());
    assert_eq!(ready().await, 200);
    // its refresh was sent while there was room
    let sent = lease(&store, &under_way).await.expect("room");

    disk.fill();
    assert_eq!(ready().await, 503);
    // what there is of the log is used up first
    let mut refused = 0;
    for _ in 0..200 {
        match write(&store).await {
            Ok(()) => assert_eq!(refused, 0, "room does not come back by itself"),
            Err(error) => {
                assert!(error.is_disk_full(), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 20, "{refused}");
    // nothing begins
    let begun = lease(&store, &due).await;
    assert!(begun.is_err_and(|error| error.is_disk_full()));
    // what is valid is served
    let (access, _) = seed.tokens_of(&under_way.id).await;
    assert!(access.starts_with("at-"));

    // what has arrived is stored, with the room that was kept for it
    let arrived = saved(tokens("at-next", Some("rt-next")), store.now(), Some(HOUR));
    let full = store.commit_refresh(&under_way, &sent, &arrived).await;
    assert!(full.is_err_and(|error| error.is_disk_full()));
    assert!(store.give_up_ballast());
    assert!(!store.give_up_ballast(), "there is one");
    let stored = store.commit_refresh(&under_way, &sent, &arrived).await;
    assert!(stored.expect("stored"));
    assert_eq!(seed.tokens_of(&under_way.id).await.0, "at-next");
    assert_eq!(
        ready().await,
        503,
        "the room that is left is for more of them"
    );
    store.keep_ballast().await.unwrap();
    assert!(!disk.path("data/grantport.ballast").exists());

    // and all goes on when there is room
    disk.make_room();
    store.keep_ballast().await.unwrap();
    assert!(disk.path("data/grantport.ballast").exists());
    assert_eq!(ready().await, 200);
    lease(&store, &due).await.expect("a refresh");
    let check = store.db().row(sql("PRAGMA integrity_check")).await;
    let word = check.unwrap().expect("a word").text("integrity_check");
    assert_eq!(word.unwrap(), "ok");
    db.stop().await;
}
