//! Quarantine of a restored or copied installation (R103): the heartbeat that makes it noticeable, and
//! the commands that begin and end it.
//!
//! While a server runs, the database notes every minute that it is alive, and the server notes the
//! same in a small file beside the key, which a restored database does not bring along. A server that starts
//! holds both against each other, and where the database lives against where it lived; the rules stand in
//! `store/quarantine.rs`. In quarantine no refresh token leaves and no provider is told anything; what
//! is valid is served, people can connect, and members read on every page what is the case.

pub mod commands;
mod note;

use crate::config::KeySource;
use crate::domain::Sighting;
use crate::store::{Store, StoreError};
use note::Note;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The heartbeat of one node. Cheap to clone.
#[derive(Clone)]
pub struct Heartbeat {
    store: Store,
    note: Option<Note>,
    /// Said once, not every minute.
    complained: Arc<AtomicBool>,
}

impl Heartbeat {
    /// Notes beside the key file. A key that is in no file leaves the place beside a SQLite file, and
    /// none for PostgreSQL.
    #[must_use]
    pub fn new(store: &Store, keys: &KeySource) -> Self {
        let beside = match keys {
            KeySource::File(path) | KeySource::Usual(path) => Some(path.clone()),
            KeySource::Text(_) => store.db().file().map(PathBuf::from),
        };
        Self {
            store: store.clone(),
            note: beside.as_deref().map(Note::beside),
            complained: Arc::default(),
        }
    }

    /// What was last noted outside of the database.
    async fn seen(&self) -> Option<Sighting> {
        let note = self.note.clone()?;
        tokio::task::spawn_blocking(move || note.read())
            .await
            .ok()
            .flatten()
    }

    /// When a server starts: finds out whether this is the database that was here before.
    pub async fn recognise(&self) -> Result<(), StoreError> {
        self.store.recognise(self.seen().await.as_ref()).await?;
        self.beat().await
    }

    /// Notes that the database is alive, in it and outside of it. A note that cannot be written is said
    /// in the log: an old backup would not be noticed then, and all else works.
    pub async fn beat(&self) -> Result<(), StoreError> {
        let sighting = self.store.beat().await?;
        let Some(note) = self.note.clone() else {
            return Ok(());
        };
        let path = note.path().display().to_string();
        let written = tokio::task::spawn_blocking(move || note.write(&sighting)).await;
        let Err(error) = written.unwrap_or_else(|ended| Err(std::io::Error::other(ended))) else {
            self.complained.store(false, Ordering::Relaxed);
            return Ok(());
        };
        if !self.complained.swap(true, Ordering::Relaxed) {
            tracing::warn!(%path, %error, "cannot note that the database is alive: an old backup in its place would not be noticed");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::store;
    use crate::vault::{KekSet, Secret};
    use app::wire::QuarantineReason;
    use std::path::Path;

    const KEY: &str = "gpk1_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    async fn open(directory: &Path) -> Store {
        let url = format!("sqlite://{}/grantport.db", directory.display());
        store::open(&url, Arc::new(SystemClock), |_| Ok(KekSet::from_text(KEY)?))
            .await
            .expect("a database")
            .0
    }

    #[tokio::test]
    async fn the_note_stands_beside_the_key_or_else_beside_the_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = open(directory.path()).await;
        let key = directory.path().join("key");
        for (keys, name) in [
            (KeySource::File(key.clone()), "key.seen"),
            (KeySource::Usual(key), "key.seen"),
            (KeySource::Text(Secret::from(KEY)), "grantport.db.seen"),
        ] {
            let note = directory.path().join(name);
            Heartbeat::new(&store, &keys).beat().await.expect("alive");
            assert!(note.is_file(), "{name}");
            std::fs::remove_file(note).expect("ours");
        }
    }

    #[tokio::test]
    async fn a_place_that_takes_no_note_is_no_failure() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = open(directory.path()).await;
        let keys = KeySource::File(PathBuf::from("/nowhere/key"));
        let heartbeat = Heartbeat::new(&store, &keys);
        heartbeat.recognise().await.expect("alive");
        heartbeat.beat().await.expect("alive");
        assert_eq!(store.quarantine(), None);
    }

    #[tokio::test]
    async fn every_command_says_what_to_do_next() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = open(directory.path()).await;
        let heartbeat = Heartbeat::new(&store, &KeySource::File(directory.path().join("key")));
        heartbeat.recognise().await.expect("alive");
        let status = async || heartbeat.status().await.expect("sentences");
        assert!(
            status().await.contains("restore begin"),
            "{}",
            status().await
        );
        assert!(
            heartbeat
                .confirm()
                .await
                .expect("sentences")
                .contains("nothing to confirm")
        );

        let begun = heartbeat.begin().await.expect("sentences");
        assert!(begun.contains("In quarantine from now on"), "{begun}");
        let again = heartbeat.begin().await.expect("sentences");
        assert!(again.contains("In quarantine since"), "{again}");
        assert!(
            status()
                .await
                .contains("Then run `grantport restore confirm`")
        );
        let quarantine = store.quarantine().expect("a quarantine");
        assert_eq!(quarantine.reason, QuarantineReason::ByHand);

        let lifted = heartbeat.confirm().await.expect("sentences");
        assert!(lifted.contains("lifted"), "{lifted}");
        assert!(
            status().await.contains("last lifted on"),
            "{}",
            status().await
        );
        assert_eq!(store.quarantine(), None);
    }
}
