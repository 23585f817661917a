//! The schema's versions, embedded, and how they are applied.
//!
//! sqlx takes an advisory lock on PostgreSQL while it migrates. On SQLite its lock does nothing,
//! but [`super::lock`] has made sure that no second process is there.
//!
//! On PostgreSQL the release before may be at work meanwhile (R105). Whoever waits for a table makes
//! all wait who come later, so a migration waits a second for each lock at most, and then comes
//! again; once it has them it may take its time.

use super::StoreError;
use super::db::{Db, Pools};
use super::pool::Pool;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{ConnectOptions, Connection, SqlSafeStr};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Locks that are not to be had for this long are not waited for: another node migrates, or does
/// something that nobody should do to a database at work.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Between two attempts, for those who had to wait behind the first.
const PAUSE: Duration = Duration::from_millis(500);

struct Version {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! version {
    ($number:literal, $name:literal, $file:literal) => {
        Version {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../../../migrations/postgres/", $file)),
        }
    };
}

const VERSIONS: &[Version] = &[
    version!(1, "init", "0001_init.sql"),
    version!(2, "catalog", "0002_catalog.sql"),
    version!(3, "refreshing", "0003_refreshing.sql"),
    version!(4, "connecting", "0004_connecting.sql"),
    version!(5, "working_together", "0005_working_together.sql"),
    version!(6, "backends", "0006_backends.sql"),
    version!(7, "house_rules", "0007_house_rules.sql"),
    version!(8, "lookups", "0008_lookups.sql"),
];

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was written by a newer release, or a released migration was edited.
    #[error(
        "the database does not fit this release ({0}). Start the release that last wrote it, or a newer one."
    )]
    DoesNotFit(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies what is missing.
pub(super) async fn migrate(db: &Db) -> Result<(), MigrateError> {
    match &*db.0 {
        Pools::Sqlite { writer, .. } => {
            let migrator = migrator(|version| version.sqlite);
            Ok(migrator.run(writer).await?)
        }
        Pools::Postgres(pool) => {
            let give_up = Instant::now() + LONGEST_WAIT;
            loop {
                match migrate_postgres(pool).await {
                    Err(MigrateError::Store(StoreError::Unavailable("busy")))
                        if Instant::now() < give_up =>
                    {
                        sleep(PAUSE).await;
                    }
                    other => return other,
                }
            }
        }
    }
}

/// On a connection of its own: the pool's are in a hurry, and a failure leaves sqlx's lock behind.
async fn migrate_postgres(pool: &Pool) -> Result<(), MigrateError> {
    let options = pool.manager().options().clone();
    let options = options.options([("statement_timeout", "0"), ("lock_timeout", "1s")]);
    let mut connection = options.connect().await.map_err(StoreError::from)?;
    let migrated = migrator(|version| version.postgres)
        .run(&mut connection)
        .await;
    // what was migrated is, whether or not it closes in order
    drop(connection.close().await);
    Ok(migrated?)
}

impl From<sqlx::migrate::MigrateError> for MigrateError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(error) | ExecuteMigration(error, _) => Self::Store(error.into()),
            other => Self::DoesNotFit(other.to_string()),
        }
    }
}

fn migrator(text: impl Fn(&Version) -> &'static str) -> Migrator {
    let migrations = VERSIONS.iter().map(|version| {
        let sql = text(version).into_sql_str();
        Migration::new(
            version.number,
            version.name.into(),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Indexes in whose place version 7 made others, by which the release before already finds.
    const NOT_USED_BEFORE: [&str; 2] = ["CONNECTIONS_WORDLESS", "CONNECTIONS_REASON_LIST"];

    /// Whether the release before can run on what a migration makes: it only adds, and nothing that
    /// a row which knows nothing of it would break (R105). What guards the audit may stand there: no
    /// release ever changed or deleted what is in it. Answers the first statement that does not fit.
    fn breaks_the_release_before(migration: &str) -> Option<String> {
        let lines = migration.lines().map(|line| line.split("--").next());
        let text: String = lines.flatten().collect::<Vec<_>>().join(" ");
        let mut new_tables = BTreeSet::new();
        for statement in text.split(';') {
            let words: Vec<String> = statement
                .split_whitespace()
                .map(str::to_uppercase)
                .collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let has = |word: &str| words.iter().any(|one| one.split('(').next() == Some(word));
            let fits = match words.as_slice() {
                []
                | ["CREATE", "INDEX", ..]
                | ["UPDATE", ..]
                | ["CREATE", "FUNCTION", "AUDIT_IS_ONLY_ADDED_TO()", ..]
                | ["END" | "END$$" | "$$"]
                | ["END", "$$"]
                | [
                    "CREATE",
                    "TRIGGER",
                    _,
                    "BEFORE",
                    "UPDATE" | "DELETE" | "TRUNCATE",
                    "ON",
                    "AUDIT_EVENTS",
                    ..,
                ]
                | [
                    "CREATE",
                    "TRIGGER",
                    _,
                    "BEFORE",
                    "UPDATE",
                    "OR",
                    "DELETE",
                    "ON",
                    "AUDIT_EVENTS",
                    ..,
                ] => true,
                ["CREATE", "TABLE", table, ..] => new_tables.insert((*table).to_owned()),
                ["DROP", "INDEX", index] => NOT_USED_BEFORE.contains(index),
                ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => new_tables.contains(*table),
                ["ALTER", "TABLE", _, "ADD", "COLUMN", ..] => {
                    let free = !has("UNIQUE") && !has("CHECK") && !has("REFERENCES");
                    free && (!has("NOT") || has("DEFAULT"))
                }
                _ => false,
            };
            if !fits {
                return Some(statement.trim().to_owned());
            }
        }
        None
    }

    #[test]
    fn the_release_before_can_run_on_every_version() {
        for version in VERSIONS.iter().skip(1) {
            for text in [version.sqlite, version.postgres] {
                assert_eq!(breaks_the_release_before(text), None, "{}", version.name);
            }
        }
    }

    #[test]
    fn what_the_release_before_cannot_run_on_is_seen() {
        for fits in [
            "-- DROP TABLE flows;\n",
            "ALTER TABLE flows ADD COLUMN note TEXT; -- NOT NULL",
            "ALTER TABLE flows ADD COLUMN note TEXT NOT NULL DEFAULT '';",
            "CREATE TABLE notes (id TEXT PRIMARY KEY); CREATE UNIQUE INDEX n ON notes (id);",
            "UPDATE flows SET note = '';",
        ] {
            assert_eq!(breaks_the_release_before(fits), None);
        }
        for breaks in [
            "DROP TABLE flows",
            "drop index flows_session",
            "ALTER TABLE flows DROP COLUMN problem",
            "ALTER TABLE flows RENAME TO attempts",
            "ALTER TABLE flows RENAME COLUMN problem TO trouble",
            "ALTER TABLE flows ALTER COLUMN problem SET NOT NULL",
            "ALTER TABLE flows ADD CONSTRAINT one UNIQUE (problem)",
            "ALTER TABLE flows ADD COLUMN note TEXT NOT NULL",
            "ALTER TABLE flows ADD COLUMN note TEXT UNIQUE",
            "CREATE UNIQUE INDEX one ON flows (problem)",
            "DELETE FROM flows",
            "CREATE TRIGGER t AFTER INSERT ON flows BEGIN SELECT 1; END",
            "CREATE TRIGGER t BEFORE UPDATE ON flows BEGIN SELECT 1; END",
            "CREATE TRIGGER t BEFORE INSERT ON audit_events BEGIN SELECT 1; END",
        ] {
            assert!(breaks_the_release_before(breaks).is_some(), "{breaks}");
        }
    }
}
