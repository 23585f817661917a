//! The schema's versions, embedded, and how they are applied.
//!
//! sqlx takes an advisory lock on PostgreSQL while it migrates. On SQLite its lock does nothing,
//! but [`super::lock`] has made sure that no second process is there.

use super::StoreError;
use super::db::{Db, Pools};
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

struct Version {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const VERSIONS: &[Version] = &[
    Version {
        number: 1,
        name: "init",
        sqlite: include_str!("../../../migrations/sqlite/0001_init.sql"),
        postgres: include_str!("../../../migrations/postgres/0001_init.sql"),
    },
    Version {
        number: 2,
        name: "catalog",
        sqlite: include_str!("../../../migrations/sqlite/0002_catalog.sql"),
        postgres: include_str!("../../../migrations/postgres/0002_catalog.sql"),
    },
    Version {
        number: 3,
        name: "refreshing",
        sqlite: include_str!("../../../migrations/sqlite/0003_refreshing.sql"),
        postgres: include_str!("../../../migrations/postgres/0003_refreshing.sql"),
    },
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
    let result = match &*db.0 {
        Pools::Sqlite { writer, .. } => migrator(|version| version.sqlite).run(writer).await,
        Pools::Postgres(pool) => migrator(|version| version.postgres).run(pool).await,
    };
    result.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error) => MigrateError::Store(error.into()),
        other => MigrateError::DoesNotFit(other.to_string()),
    })
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
