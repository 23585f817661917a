//! Our database, as it stands on disk: read with SQL of our own, never through the server.

use super::Line;
use anyhow::Context as _;
use cluster::Kept;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgPool, Row as _, SqlitePool};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::task::block_in_place;

const CONNECTIONS: &str = "SELECT id, status, broken_reason, generation, access_token_sha256, \
     intent_generation, next_refresh_at, fail_count, last_error_class FROM connections";
const HISTORY: &str = "SELECT connection_id, what FROM connection_events ORDER BY id";
const HAND_OUTS: &str = "SELECT connection_id, CAST(SUM(times) AS BIGINT) AS times FROM hand_outs GROUP BY connection_id";

/// A connection, with its history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) status: String,
    pub(crate) broken_reason: Option<String>,
    pub(crate) generation: i64,
    pub(crate) access_sha256: Option<Vec<u8>>,
    pub(crate) intent: Option<i64>,
    pub(crate) next_refresh_at: Option<i64>,
    pub(crate) fail_count: i64,
    pub(crate) last_error_class: Option<String>,
    /// What happened, the oldest first.
    pub(crate) history: Vec<Value>,
    pub(crate) handed_out: i64,
}

impl Row {
    /// How often something of this kind happened.
    pub(crate) fn happened(&self, kind: &str) -> usize {
        self.history
            .iter()
            .filter(|what| what["kind"] == kind)
            .count()
    }

    /// Classes of the refreshes that failed, the oldest first.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.history
            .iter()
            .filter(|what| what["kind"] == "refresh_failed")
            .filter_map(|what| what["class"].as_str().map(str::to_owned))
            .collect()
    }
}

/// Where it is; connected to when it is first read.
pub(crate) enum Database {
    Sqlite(Box<SqliteConnectOptions>, OnceCell<SqlitePool>),
    /// With the URL that leads there directly.
    Postgres(PgPool, String),
}

/// One text for both drivers, whose rows are of different types.
macro_rules! rows {
    ($pool:expr, $found:expr) => {{
        for row in sqlx::query(CONNECTIONS).fetch_all($pool).await? {
            let view = Row {
                status: row.try_get("status")?,
                broken_reason: row.try_get("broken_reason")?,
                generation: row.try_get("generation")?,
                access_sha256: row.try_get("access_token_sha256")?,
                intent: row.try_get("intent_generation")?,
                next_refresh_at: row.try_get("next_refresh_at")?,
                fail_count: row.try_get("fail_count")?,
                last_error_class: row.try_get("last_error_class")?,
                ..Row::default()
            };
            $found.insert(row.try_get::<String, _>("id")?, view);
        }
        for row in sqlx::query(HISTORY).fetch_all($pool).await? {
            let what = serde_json::from_str(row.try_get("what")?)?;
            if let Some(view) = $found.get_mut(row.try_get::<&str, _>("connection_id")?) {
                view.history.push(what);
            }
        }
        for row in sqlx::query(HAND_OUTS).fetch_all($pool).await? {
            if let Some(view) = $found.get_mut(row.try_get::<&str, _>("connection_id")?) {
                view.handed_out = row.try_get("times")?;
            }
        }
    }};
}

impl Database {
    /// A file that the server will make. Answers its URL, too.
    pub(super) fn file(path: &Path) -> (String, Self) {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let url = format!("sqlite://{}", path.display());
        (url, Self::Sqlite(Box::new(options), OnceCell::new()))
    }

    /// A new database in this PostgreSQL. Answers its URL, too: that of the line, where there is one.
    pub(super) async fn made_in(
        server: &str,
        line: Option<&Line>,
    ) -> anyhow::Result<(String, Self)> {
        let mut bytes = [0_u8; 6];
        getrandom::fill(&mut bytes).context("no randomness for a name")?;
        let name = bytes
            .iter()
            .fold("soak_".to_owned(), |name, byte| format!("{name}{byte:02x}"));
        let options = PgConnectOptions::from_str(server)?;
        let admin = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        // the name is ours, of letters and digits
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&admin)
            .await?;
        admin.close().await;
        let mut url = url::Url::parse(server)?;
        url.set_path(&name);
        let direct = url.to_string();
        if let Some(line) = line {
            url = url::Url::parse(&format!("postgres://postgres@{}/{name}", line.address()))?;
        }
        // lazily, so that a server that is stopped and started is found again
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(20))
            .connect_lazy_with(options.database(&name));
        Ok((url.into(), Self::Postgres(pool, direct)))
    }

    /// What is in it now, as another database: a file there, or one more in this PostgreSQL. Answers
    /// its URL, too.
    pub(super) async fn copy(&self, file: &Path, kept: &Kept) -> anyhow::Result<(String, Self)> {
        match self {
            Self::Sqlite(options, pool) => {
                let into = sqlx::query("VACUUM INTO ?").bind(file.display().to_string());
                into.execute(sqlite(options, pool).await?).await?;
                Ok(Self::file(file))
            }
            Self::Postgres(_, from) => {
                let (to, copy) = Self::made_in(kept.url(), None).await?;
                block_in_place(|| cluster::copy(from, &to))?;
                Ok((to, copy))
            }
        }
    }

    /// All connections, by their ids.
    pub(crate) async fn read(&self) -> anyhow::Result<BTreeMap<String, Row>> {
        let mut found = BTreeMap::new();
        match self {
            Self::Sqlite(options, pool) => {
                let pool = sqlite(options, pool).await?;
                rows!(pool, found);
            }
            Self::Postgres(pool, _) => rows!(pool, found),
        }
        Ok(found)
    }

    /// Writes with a statement of ours; on SQLite, while no server is at work.
    pub(crate) async fn write(&self, statement: &str) -> anyhow::Result<()> {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(options, _) => {
                let options = options.as_ref().clone().read_only(false);
                let mut connection = options.connect().await?;
                sqlx::query(statement).execute(&mut connection).await?;
                connection.close().await?;
            }
            Self::Postgres(pool, _) => {
                sqlx::query(statement).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// A number that a query of ours answers.
    pub(crate) async fn number(&self, query: &'static str) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Sqlite(options, pool) => {
                let pool = sqlite(options, pool).await?;
                sqlx::query_scalar(query).fetch_one(pool).await?
            }
            Self::Postgres(pool, _) => sqlx::query_scalar(query).fetch_one(pool).await?,
        })
    }

    /// What SQLite says about its file: `ok` where all is well. PostgreSQL has no such question.
    pub(crate) async fn integrity(&self) -> anyhow::Result<Option<String>> {
        let Self::Sqlite(options, pool) = self else {
            return Ok(None);
        };
        let pool = sqlite(options, pool).await?;
        Ok(Some(
            sqlx::query_scalar("PRAGMA integrity_check")
                .fetch_one(pool)
                .await?,
        ))
    }

    /// PostgreSQL, for locks that a scenario wants to hold.
    pub(crate) fn postgres(&self) -> Option<&PgPool> {
        match self {
            Self::Sqlite(..) => None,
            Self::Postgres(pool, _) => Some(pool),
        }
    }
}

/// Opened when it is first read: before that, the server has not made it.
async fn sqlite<'a>(
    options: &SqliteConnectOptions,
    pool: &'a OnceCell<SqlitePool>,
) -> sqlx::Result<&'a SqlitePool> {
    let one = SqlitePoolOptions::new().max_connections(1);
    pool.get_or_try_init(|| one.connect_with(options.clone()))
        .await
}
