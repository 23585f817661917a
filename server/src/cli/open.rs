//! Opening the database, with the keys that belong to it.

use super::Failure;
use crate::clock::{AnchoredClock, SharedClock, SystemClock};
use crate::config::{Config, KeySource};
use crate::store::{self, OpenError, Store, StoreLock};
use crate::vault::KekSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) async fn open(config: &Config) -> Result<(Store, StoreLock), Failure> {
    open_by(Arc::new(SystemClock), config).await
}

pub(super) async fn open_by(
    clock: SharedClock,
    config: &Config,
) -> Result<(Store, StoreLock), Failure> {
    let keys = |is_new| key_encryption_keys(&config.keys, is_new);
    Ok(store::open(config.database_url.expose(), clock, keys).await?)
}

/// Opens a database that was put there; makes none.
pub(super) async fn open_restored(config: &Config) -> Result<(Store, StoreLock), Failure> {
    let keys = |is_new| {
        if is_new {
            return Err(OpenError::NotThere);
        }
        key_encryption_keys(&config.keys, false)
    };
    // what is confirmed is compared with moments that servers noted, who go by the database's clock
    let clock = AnchoredClock::on(Arc::new(SystemClock));
    store::open(config.database_url.expose(), clock, keys)
        .await
        .map_err(|error| match error {
            OpenError::InUse { path } => Failure::ServerRuns { path },
            other => other.into(),
        })
}

/// The usual key file is made together with a new database. Beside a database that has data, a new
/// key would open nothing.
fn key_encryption_keys(source: &KeySource, new_database: bool) -> Result<KekSet, OpenError> {
    match source {
        KeySource::Text(text) => KekSet::from_text(text.expose()).map_err(OpenError::KeyText),
        KeySource::File(path) => Ok(KekSet::from_file(path)?),
        KeySource::Usual(path) if path.exists() => Ok(KekSet::from_file(path)?),
        KeySource::Usual(path) if new_database => {
            make_directory_of(path)?;
            let keys = KekSet::create_file(path)?;
            println!(
                "Made a new key: {}. Keep a copy, apart from the database: without it the data cannot be read.",
                path.display()
            );
            Ok(keys)
        }
        KeySource::Usual(path) => Err(OpenError::MissingKey { path: path.clone() }),
    }
}

fn make_directory_of(path: &Path) -> Result<(), OpenError> {
    let Some(directory) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(directory).map_err(|source| OpenError::File {
        path: PathBuf::from(directory),
        source,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::auth::{issue_setup_token, setup_token_hash};
    use crate::store::{NewMember, SetUpOutcome};
    use crate::vault::Secret;
    use app::wire::Role;

    pub(in crate::cli) fn key_line(path: &Path) -> String {
        KekSet::create_file(path).expect("a key");
        let text = std::fs::read_to_string(path).expect("a file");
        text.lines().last().expect("a line").to_owned()
    }

    pub(in crate::cli) async fn open_with(
        directory: &Path,
        keys: &str,
    ) -> Result<(Store, StoreLock), OpenError> {
        let url = format!("sqlite://{}/grantport.db", directory.display());
        let keys = KeySource::Text(Secret::from(keys));
        store::open(&url, Arc::new(SystemClock), |is_new| {
            key_encryption_keys(&keys, is_new)
        })
        .await
    }

    pub(in crate::cli) async fn with_organization(store: &Store) {
        let token = issue_setup_token(store)
            .await
            .expect("a database")
            .expect("nobody is here");
        let owner = NewMember {
            email: "ada@acme.example".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Owner,
            password: Secret::from("$argon2id$"),
        };
        let done = store
            .set_up_organization(&setup_token_hash(token.expose()), "Acme".to_owned(), owner)
            .await;
        assert!(matches!(done, Ok(SetUpOutcome::Done(..))));
    }

    #[test]
    fn a_key_is_made_for_a_new_database_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("data/key");
        let usual = KeySource::Usual(path.clone());
        let missing = key_encryption_keys(&usual, false);
        assert!(matches!(missing, Err(OpenError::MissingKey { .. })));
        assert!(!path.exists());
        assert!(key_encryption_keys(&usual, true).is_ok());
        assert!(
            key_encryption_keys(&usual, false).is_ok(),
            "it is there now"
        );
        let named = KeySource::File(directory.path().join("elsewhere"));
        assert!(
            key_encryption_keys(&named, true).is_err(),
            "a file that was named is never made"
        );
    }

    #[tokio::test]
    async fn a_restored_database_has_to_be_there_and_free() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = key_line(&directory.path().join("key"));
        let config = Config::read(|name| match name {
            "GRANTPORT_DATABASE_URL" => {
                let directory = directory.path().display();
                Some(format!("sqlite://{directory}/grantport.db"))
            }
            "GRANTPORT_KEY" => Some(key.clone()),
            _ => None,
        })
        .expect("settings");
        let refused = async || match open_restored(&config).await {
            Ok(_) => String::new(),
            Err(failure) => failure.to_string(),
        };
        let sentence = refused().await;
        assert!(sentence.contains("no Grantport database yet"), "{sentence}");
        let server = open_with(directory.path(), &key).await.expect("opened");
        let sentence = refused().await;
        assert!(sentence.contains("Stop the server"), "{sentence}");
        drop(server);
        assert_eq!(refused().await, "");
    }
}
