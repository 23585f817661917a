//! What can go wrong with the database. "Not found" is no error: it is `None`.

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

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db)
                if db.is_unique_violation() || db.is_foreign_key_violation() =>
            {
                Self::Conflict
            }
            sqlx::Error::Database(db) => match db.code().as_deref() {
                // SQLite: busy, locked, I/O error, full, cannot open, read-only
                Some("5" | "6" | "517" | "261" | "773") => Self::Unavailable("busy"),
                Some("13") => Self::Unavailable("the disk is full"),
                Some("10" | "14" | "8") => Self::Unavailable("its file cannot be written"),
                // PostgreSQL: connection lost, shutting down, too many connections, disk full
                Some(code) if code.starts_with("08") || code.starts_with("57P") => {
                    Self::Unavailable("no connection")
                }
                // a lock or a statement that took too long, and transactions that waited for each other
                Some("55P03" | "57014" | "40P01" | "40001") => Self::Unavailable("busy"),
                Some("53100") => Self::Unavailable("the disk is full"),
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
