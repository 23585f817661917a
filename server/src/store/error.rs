//! What can go wrong with the database. "Not found" is no error: it is `None`.

use sqlx::sqlite::SqliteError;

const DISK_FULL: &str = "the disk is full";

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique or foreign key refused the row: someone else was first, or what it refers to is gone.
    #[error("the row conflicts with another one")]
    Conflict,
    /// A column holds what this version cannot read. Names the column, never its content.
    #[error("column {column} holds something unexpected")]
    Corrupt {
        /// The column.
        column: String,
    },
    /// A sealed column cannot be opened: it was changed, moved, or its key is gone (R49, R50).
    #[error("column {column} cannot be opened with the keys at hand")]
    Unsealable {
        /// The column.
        column: &'static str,
    },
    /// The database cannot be reached, is busy for too long, or is full. Nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(&'static str),
    /// Anything else that the driver reports; a fault of ours.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether the disk under the database is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Unavailable(reason) if *reason == DISK_FULL)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db)
                if db.is_unique_violation() || db.is_foreign_key_violation() =>
            {
                Self::Conflict
            }
            sqlx::Error::Database(db) if db.try_downcast_ref::<SqliteError>().is_some() => {
                let code = db.code().and_then(|code| code.parse::<u16>().ok());
                // the lower byte says what, the upper one where
                match code.unwrap_or_default() & 0xff {
                    5 | 6 => Self::Unavailable("busy"),
                    13 => Self::Unavailable(DISK_FULL),
                    // I/O error, cannot open, read-only
                    10 | 14 | 8 => Self::Unavailable("its file cannot be written"),
                    _ => Self::Database(error),
                }
            }
            sqlx::Error::Database(db) => match db.code().as_deref() {
                // connection lost, shutting down
                Some(code) if code.starts_with("08") || code.starts_with("57P") => {
                    Self::Unavailable("no connection")
                }
                // a lock or a statement that took too long, and transactions that waited for each other
                Some("55P03" | "57014" | "40P01" | "40001") => Self::Unavailable("busy"),
                Some("53100") => Self::Unavailable(DISK_FULL),
                Some("53300") => Self::Unavailable("it takes no more connections"),
                _ => Self::Database(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_) => Self::Unavailable("no connection"),
            _ => Self::Database(error),
        }
    }
}
