//! Opening a database: lock it, check the keys, bring the schema up to date, load the keyring.
//!
//! The order matters. Nothing is written before the keys were found to be the right ones (R53),
//! and no second process gets as far as reading on SQLite (R104).

use super::db::{Db, Pools, Runs, sql};
use super::held::PATIENCE;
use super::pool::pool;
use super::{MigrateError, Parts, SharedReads, Store, StoreError, instance, keys, migrate};
use crate::clock::SharedClock;
use crate::vault::{KekId, KekSet, KeyError, KeyFileError, KeyTextError, Keyring};
use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Of the file, as far as SQLite's readers see it in memory: a search fetches thousands of rows, and a call
/// of the system for each would take half as long again.
const MAPPED: &str = "268435456";

/// Why a database could not be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither SQLite nor PostgreSQL.
    #[error("GRANTPORT_DATABASE_URL begins with sqlite:// or postgres://; this one does not")]
    UnknownDatabase,
    /// The URL cannot be read. Its text is not repeated: it may hold a password.
    #[error("GRANTPORT_DATABASE_URL cannot be read as a database URL")]
    InvalidUrl,
    /// Another process has the SQLite file.
    #[error("another Grantport process uses {path}. Stop it first; several nodes need PostgreSQL.")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// A file could not be made or opened.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// There is no database of ours there, and the command makes none.
    #[error(
        "there is no Grantport database yet where GRANTPORT_DATABASE_URL points. Put the restored or copied one there first."
    )]
    NotThere,
    /// The database was written with other keys.
    #[error(
        "the key does not fit this database: {0}. Nothing was changed. Put the right key back \
         (GRANTPORT_KEY_FILE or GRANTPORT_KEY); a new one cannot open what is stored."
    )]
    WrongKey(KeyError),
    /// There is no key, and the database is not new, so none may be made.
    #[error(
        "there is no key at {path}, but the database has data that was sealed with one. Nothing was changed. \
         Put the key file back, or name it with GRANTPORT_KEY_FILE."
    )]
    MissingKey {
        /// Where a key was expected.
        path: PathBuf,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The keys in `GRANTPORT_KEY` cannot be used.
    #[error("GRANTPORT_KEY: {0}")]
    KeyText(#[from] KeyTextError),
    /// The schema does not fit.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Held for the life of the process: no other process opens the same SQLite file.
#[derive(Debug)]
pub struct StoreLock(
    #[expect(dead_code, reason = "the lock goes when the file is closed")] Option<File>,
);

/// Opens the database at `url`. `key` is called once it is known whether the database is new, and
/// gives the key-encryption keys: only a new database may have new ones.
pub async fn open(
    url: &str,
    clock: SharedClock,
    key: impl FnOnce(bool) -> Result<KekSet, OpenError>,
) -> Result<(Store, StoreLock), OpenError> {
    let (db, lock) = connect(url).await?;
    instance::set_clock(&db, &*clock).await?;
    let is_new = !has_tables(&db).await?;
    let keks = key(is_new)?;
    if !is_new {
        verify(&db, &keks).await?;
    }
    migrate::migrate(&db).await?;
    keys::save_key_check(&db, keks.check_value(), clock.now()).await?;
    let keyring =
        Keyring::unlock(keks, keys::wrapped_keys(&db).await?).map_err(OpenError::WrongKey)?;
    let store = Store(Arc::new(Parts {
        db,
        keyring,
        clock,
        node: rustix::system::uname().nodename().to_string_lossy().into(),
        known: super::quarantine::Known::default(),
        key_reads: SharedReads::default(),
        connection_reads: SharedReads::default(),
        provider_reads: SharedReads::default(),
        secret_reads: SharedReads::default(),
        standing_reads: SharedReads::default(),
        grants_lately: super::grants::GrantsLately::default(),
    }));
    store.ensure_instance().await?;
    store.reload_quarantine().await?;
    Ok((store, lock))
}

/// Every key that seals something, and the newest one that was ever used, must be among `keks`
/// and be the same key. One that seals nothing any more may be gone: it was rotated out (R52).
async fn verify(db: &Db, keks: &KekSet) -> Result<(), OpenError> {
    let checks = keys::key_checks(db).await?;
    let in_use: Vec<KekId> = keys::wrapped_keys(db)
        .await?
        .into_iter()
        .map(|key| key.kek_id)
        .collect();
    if let Some(missing) = in_use
        .iter()
        .find(|id| !keks.ids().any(|known| known == *id))
    {
        return Err(OpenError::WrongKey(KeyError::UnknownKek(missing.clone())));
    }
    let newest = checks.len().saturating_sub(1);
    for (index, check) in checks.iter().enumerate() {
        if in_use.contains(&check.kek_id) || (in_use.is_empty() && index == newest) {
            keks.verify_check(check).map_err(OpenError::WrongKey)?;
        }
    }
    Ok(())
}

async fn has_tables(mut db: &Db) -> Result<bool, StoreError> {
    let statement = match &*db.0 {
        Pools::Sqlite { .. } => {
            sql("SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'key_checks'")
        }
        Pools::Postgres(_) => sql(
            "SELECT 1 AS one FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'key_checks'",
        ),
    };
    Ok(db.row(statement).await?.is_some())
}

async fn connect(url: &str) -> Result<(Db, StoreLock), OpenError> {
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::InvalidUrl)?;
        sqlite(options).await
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::InvalidUrl)?;
        Ok((
            Db(Arc::new(Pools::Postgres(pool(options)))),
            StoreLock(None),
        ))
    } else {
        Err(OpenError::UnknownDatabase)
    }
}

async fn sqlite(options: SqliteConnectOptions) -> Result<(Db, StoreLock), OpenError> {
    let path = options.get_filename().to_owned();
    private_directory(&path)?;
    let lock = lock(&path)?;
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // a refresh token is single-use: the commit that holds its successor must survive power loss
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("secure_delete", "ON")
        // as on PostgreSQL
        .pragma("case_sensitive_like", "ON")
        .pragma("temp_store", "MEMORY");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .idle_timeout(None)
        .after_release(|writer, _| Box::pin(left_in_order(writer)))
        .connect_with(options.clone())
        .await
        .map_err(StoreError::from)?;
    private_file(&path)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(16)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_with(
            options
                .pragma("query_only", "ON")
                .pragma("mmap_size", MAPPED),
        )
        .await
        .map_err(StoreError::from)?;
    Ok((
        Db(Arc::new(Pools::Sqlite {
            writer,
            readers,
            file: path,
        })),
        StoreLock(Some(lock)),
    ))
}

/// SQLite ends a transaction by itself when the disk is full. sqlx counts one that is still open,
/// and would begin no other on this connection.
async fn left_in_order(writer: &mut SqliteConnection) -> sqlx::Result<bool> {
    // until the end of a transaction that was dropped
    writer.ping().await?;
    Ok(!writer.is_in_transaction())
}

/// `flock` on a file beside the database, for the life of the process.
fn lock(database: &Path) -> Result<File, OpenError> {
    let path = database.with_extension("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| OpenError::File {
            path: path.clone(),
            source,
        })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: database.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(source)) => Err(OpenError::File { path, source }),
    }
}

/// Makes the directory of the database, open to its owner alone (R85).
fn private_directory(database: &Path) -> Result<(), OpenError> {
    let Some(directory) = database
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty() && !parent.exists())
    else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|source| OpenError::File {
        path: directory.to_owned(),
        source,
    })
}

/// The database belongs to its owner alone (R85).
fn private_file(database: &Path) -> Result<(), OpenError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(database, std::fs::Permissions::from_mode(0o600)).map_err(
            |source| OpenError::File {
                path: database.to_owned(),
                source,
            },
        )?;
    }
    Ok(())
}
