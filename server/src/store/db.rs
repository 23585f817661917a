//! One SQL text, two native drivers.
//!
//! Store functions write a statement once, with `$1..$n`, and bind plain values ([`sql`]). The
//! statement runs on whichever driver the database was opened with, through [`Runs`]: on the
//! database itself, or inside a transaction ([`Tx`]). Both drivers are used natively, so WAL,
//! `BEGIN IMMEDIATE` and TLS are there; only three kinds of value cross (text, whole numbers,
//! bytes), which both databases store and compare alike.
//!
//! `{now}` inside a statement is the database's own clock in Unix milliseconds. Leases compare
//! with nothing else, so that nodes with different clocks agree (R106).

use super::StoreError;
use super::held::Held;
use super::pool::{self, Pool};
use sqlx::{AssertSqlSafe, Column, Row as _, TypeInfo, ValueRef};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A value on its way into a statement.
#[derive(Clone)]
pub enum Value {
    /// TEXT.
    Text(Option<String>),
    /// INTEGER or BIGINT.
    Int(Option<i64>),
    /// BLOB or BYTEA.
    Bytes(Option<Vec<u8>>),
}

macro_rules! into_value {
    ($($from:ty => |$v:ident| $make:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($v: $from) -> Self { $make }
        }
    )*};
}

into_value! {
    &str => |v| Self::Text(Some(v.to_owned()));
    String => |v| Self::Text(Some(v));
    &String => |v| Self::Text(Some(v.clone()));
    Option<String> => |v| Self::Text(v);
    Option<&str> => |v| Self::Text(v.map(str::to_owned));
    i64 => |v| Self::Int(Some(v));
    Option<i64> => |v| Self::Int(v);
    bool => |v| Self::Int(Some(i64::from(v)));
    crate::domain::Timestamp => |v| Self::Int(Some(v.millis()));
    Option<crate::domain::Timestamp> => |v| Self::Int(v.map(crate::domain::Timestamp::millis));
    Vec<u8> => |v| Self::Bytes(Some(v));
    &[u8] => |v| Self::Bytes(Some(v.to_vec()));
    [u8; 32] => |v| Self::Bytes(Some(v.to_vec()));
    &[u8; 32] => |v| Self::Bytes(Some(v.to_vec()));
    Option<Vec<u8>> => |v| Self::Bytes(v);
    Option<[u8; 32]> => |v| Self::Bytes(v.map(|bytes| bytes.to_vec()));
}

/// A statement with its values.
#[derive(Clone)]
pub struct Statement {
    text: std::borrow::Cow<'static, str>,
    values: Vec<Value>,
}

/// Begins a statement. `text` is a constant: values are bound, never written into it.
pub fn sql(text: &'static str) -> Statement {
    Statement {
        text: text.into(),
        values: Vec::new(),
    }
}

impl Statement {
    /// Binds the next `$n`.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends constant text, for filters that are there or not.
    #[must_use]
    pub fn and(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Appends `text` with each `?` replaced by the number of the value that is bound with it.
    #[must_use]
    pub fn and_bind(mut self, text: &'static str, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        let number = format!("${}", self.values.len());
        let text = text.replace('?', &number);
        self.text.to_mut().push_str(&text);
        self
    }

    /// Appends ` IN (..)` with these values. The list is filled up to a power of two, so that lists of many
    /// lengths are few statements.
    #[must_use]
    pub fn and_in<V: Into<Value> + Clone>(mut self, values: &[V]) -> Self {
        let Some(last) = values.last() else {
            return self.and(" IN (NULL)");
        };
        let padding = values.len().next_power_of_two() - values.len();
        let padding = std::iter::repeat_n(last, padding);
        self = self.and(" IN (");
        for (index, value) in values.iter().chain(padding).enumerate() {
            let place = if index == 0 { "?" } else { ", ?" };
            self = self.and_bind(place, value.clone());
        }
        self.and(")")
    }

    /// The same, asked how it would be answered and not what; for tests.
    #[must_use]
    pub fn explained(mut self, db: &Db) -> Self {
        let explain = match &*db.0 {
            Pools::Sqlite { .. } => "EXPLAIN QUERY PLAN",
            Pools::Postgres(_) => "EXPLAIN",
        };
        self.text = format!("{explain} {}", self.text).into();
        self
    }

    fn text_for(&self, now: &str) -> String {
        self.text.replace("{now}", now)
    }
}

const SQLITE_NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const POSTGRES_NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// A database that was opened. Cheap to clone.
#[derive(Clone)]
pub struct Db(pub(super) Arc<Pools>);

pub(super) enum Pools {
    /// One writer, so that no two transactions of this process ever compete, and readers beside it.
    Sqlite {
        writer: sqlx::SqlitePool,
        readers: sqlx::SqlitePool,
        file: PathBuf,
    },
    Postgres(Pool),
}

/// A transaction that may write. Dropped without [`Tx::commit`], it is rolled back.
pub enum Tx {
    /// Begun with `BEGIN IMMEDIATE`: a read that is followed by a write cannot fail half-way.
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    /// READ COMMITTED; what must not change meanwhile is compared in the UPDATE itself. All of it
    /// has one deadline.
    Postgres(Held),
}

impl Db {
    /// Begins a transaction that may write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match &*self.0 {
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => {
                let mut held = Held::from(pool).await?;
                held.begin().await?;
                Tx::Postgres(held)
            }
        })
    }

    /// The first row, if there is one, read.
    pub(super) async fn read_one<T>(
        &self,
        statement: Statement,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut db = self;
        db.row(statement).await?.as_ref().map(read).transpose()
    }

    /// All rows, each read.
    pub(super) async fn read_all<T>(
        &self,
        statement: Statement,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut db = self;
        db.rows(statement).await?.iter().map(read).collect()
    }

    /// The file, on SQLite.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &*self.0 {
            Pools::Sqlite { file, .. } => Some(file),
            Pools::Postgres(_) => None,
        }
    }

    /// Closes all connections, after what is under way has finished.
    pub async fn close(&self) {
        match &*self.0 {
            Pools::Sqlite {
                writer, readers, ..
            } => {
                readers.close().await;
                // leaves one file behind instead of three
                drop(
                    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                        .execute(writer)
                        .await,
                );
                writer.close().await;
            }
            Pools::Postgres(pool) => pool::close(pool).await,
        }
    }
}

impl Tx {
    /// Makes it durable: when this answers, it is on disk. After [`StoreError::Unavailable`] nobody
    /// knows whether it is, since only the confirmation may be missing: read before you judge.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(mut held) => held.commit().await?,
        }
        Ok(())
    }
}

/// Where a statement can run: the database, or a transaction.
pub trait Runs: Send {
    /// All rows.
    fn rows(
        &mut self,
        statement: Statement,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
    /// The first row, if there is one.
    fn row(
        &mut self,
        statement: Statement,
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send;
    /// Runs a write and answers how many rows it changed.
    fn run(&mut self, statement: Statement)
    -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// Binds a statement's values for one driver.
macro_rules! bound {
    ($statement:expr, $now:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($statement.text_for($now)));
        for value in $statement.values {
            query = match value {
                Value::Text(text) => query.bind(text.map(storable)),
                Value::Int(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
            };
        }
        query
    }};
}

/// PostgreSQL's text holds no NUL. Nothing that we store has one, so text with one finds nothing.
fn storable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// Runs one expression against whichever driver is there. Reads and writes go to different pools
/// on SQLite, so the caller says which.
macro_rules! on_db {
    ($db:expr, $statement:expr, $pool:ident, $call:ident) => {
        match &*$db.0 {
            Pools::Sqlite { $pool, .. } => bound!($statement, SQLITE_NOW)
                .$call($pool)
                .await
                .map(Into::into)
                .map_err(StoreError::from),
            Pools::Postgres(pool) => {
                let mut held = Held::from(pool).await?;
                held.ask(|connection| bound!($statement, POSTGRES_NOW).$call(connection))
                    .await
                    .map(Into::into)
            }
        }
    };
}

macro_rules! on_tx {
    ($tx:expr, $statement:expr, $call:ident) => {
        match $tx {
            Tx::Sqlite(tx) => bound!($statement, SQLITE_NOW)
                .$call(&mut **tx)
                .await
                .map(Into::into)
                .map_err(StoreError::from),
            Tx::Postgres(held) => held
                .ask(|connection| bound!($statement, POSTGRES_NOW).$call(connection))
                .await
                .map(Into::into),
        }
    };
}

impl Runs for &Db {
    async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let rows: Rows = on_db!(self, statement, readers, fetch_all)?;
        Ok(rows.0)
    }

    async fn row(&mut self, statement: Statement) -> Result<Option<Row>, StoreError> {
        let row: MaybeRow = on_db!(self, statement, readers, fetch_optional)?;
        Ok(row.0)
    }

    async fn run(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let done: Changed = on_db!(self, statement, writer, execute)?;
        Ok(done.0)
    }
}

impl Runs for Tx {
    async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let rows: Rows = on_tx!(self, statement, fetch_all)?;
        Ok(rows.0)
    }

    async fn row(&mut self, statement: Statement) -> Result<Option<Row>, StoreError> {
        let row: MaybeRow = on_tx!(self, statement, fetch_optional)?;
        Ok(row.0)
    }

    async fn run(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let done: Changed = on_tx!(self, statement, execute)?;
        Ok(done.0)
    }
}

struct Rows(Vec<Row>);
struct MaybeRow(Option<Row>);
struct Changed(u64);

macro_rules! from_driver {
    ($kind:ident, $row:ty, $done:ty) => {
        impl From<Vec<$row>> for Rows {
            fn from(rows: Vec<$row>) -> Self {
                Self(rows.into_iter().map(Row::$kind).collect())
            }
        }
        impl From<Option<$row>> for MaybeRow {
            fn from(row: Option<$row>) -> Self {
                Self(row.map(Row::$kind))
            }
        }
        impl From<$done> for Changed {
            fn from(done: $done) -> Self {
                Self(done.rows_affected())
            }
        }
    };
}

from_driver!(
    Sqlite,
    sqlx::sqlite::SqliteRow,
    sqlx::sqlite::SqliteQueryResult
);
from_driver!(
    Postgres,
    sqlx::postgres::PgRow,
    sqlx::postgres::PgQueryResult
);

/// A row, read by column name. A column that holds something else than expected is
/// [`StoreError::Corrupt`], which names it.
pub enum Row {
    /// From SQLite.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL.
    Postgres(sqlx::postgres::PgRow),
}

macro_rules! read {
    ($self:expr, $column:expr, $type:ty) => {
        match $self {
            Row::Sqlite(row) => row.try_get::<$type, _>($column),
            Row::Postgres(row) => row.try_get::<$type, _>($column),
        }
        .map_err(|_| StoreError::Corrupt {
            column: $column.to_owned(),
        })
    };
}

impl Row {
    /// TEXT NOT NULL.
    pub fn text(&self, column: &str) -> Result<String, StoreError> {
        read!(self, column, String)
    }

    /// TEXT.
    pub fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        read!(self, column, Option<String>)
    }

    /// INTEGER NOT NULL.
    pub fn int(&self, column: &str) -> Result<i64, StoreError> {
        read!(self, column, i64)
    }

    /// INTEGER NOT NULL that counts something.
    pub fn count(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| StoreError::Corrupt {
            column: column.to_owned(),
        })
    }

    /// INTEGER.
    pub fn maybe_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        read!(self, column, Option<i64>)
    }

    /// A flag: 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// A moment.
    pub fn time(&self, column: &str) -> Result<crate::domain::Timestamp, StoreError> {
        self.int(column).map(crate::domain::Timestamp::from_millis)
    }

    /// A moment that may not have come.
    pub fn maybe_time(&self, column: &str) -> Result<Option<crate::domain::Timestamp>, StoreError> {
        Ok(self
            .maybe_int(column)?
            .map(crate::domain::Timestamp::from_millis))
    }

    /// BLOB NOT NULL.
    pub fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        read!(self, column, Vec<u8>)
    }

    /// BLOB.
    pub fn maybe_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        read!(self, column, Option<Vec<u8>>)
    }

    /// A hash: 32 bytes.
    pub fn maybe_hash(&self, column: &str) -> Result<Option<[u8; 32]>, StoreError> {
        self.maybe_bytes(column)?
            .map(|bytes| {
                bytes.try_into().map_err(|_| StoreError::Corrupt {
                    column: column.to_owned(),
                })
            })
            .transpose()
    }

    /// Text that reads as `T`: an id, a slug, one of a closed set of words.
    pub fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::Corrupt {
            column: column.to_owned(),
        })
    }

    /// The same where there may be none.
    pub fn maybe_parsed<T: std::str::FromStr>(
        &self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?
            .map(|text| {
                text.parse().map_err(|_| StoreError::Corrupt {
                    column: column.to_owned(),
                })
            })
            .transpose()
    }

    /// Text that is JSON of `T`.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| StoreError::Corrupt {
            column: column.to_owned(),
        })
    }

    /// Every column as text, for tests and tools that search the whole database.
    #[must_use]
    pub fn dump(&self) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::Sqlite(row) => row
                .columns()
                .iter()
                .map(|column| {
                    let value = row
                        .try_get_raw(column.ordinal())
                        .ok()
                        .filter(|v| !v.is_null());
                    let bytes = match value.map(|v| v.type_info().name().to_owned()).as_deref() {
                        Some("TEXT") => row.get::<String, _>(column.ordinal()).into_bytes(),
                        Some("BLOB") => row.get::<Vec<u8>, _>(column.ordinal()),
                        Some(_) => row.get::<i64, _>(column.ordinal()).to_string().into_bytes(),
                        None => Vec::new(),
                    };
                    (column.name().to_owned(), bytes)
                })
                .collect(),
            Self::Postgres(row) => row
                .columns()
                .iter()
                .map(|column| {
                    let bytes = match column.type_info().name() {
                        "TEXT" => row
                            .get::<Option<String>, _>(column.ordinal())
                            .unwrap_or_default()
                            .into_bytes(),
                        "BYTEA" => row
                            .get::<Option<Vec<u8>>, _>(column.ordinal())
                            .unwrap_or_default(),
                        "INT8" => row
                            .get::<Option<i64>, _>(column.ordinal())
                            .map(|n| n.to_string().into_bytes())
                            .unwrap_or_default(),
                        _ => Vec::new(),
                    };
                    (column.name().to_owned(), bytes)
                })
                .collect(),
        }
    }
}
