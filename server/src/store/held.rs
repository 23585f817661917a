//! A connection to PostgreSQL in somebody's hands, against the clock.
//!
//! A database that falls silent in the middle of a query is silent for as long as the network hides
//! it, and `statement_timeout` lives on its side. So the clock is ours (R100): one deadline for
//! everything from asking the pool for a connection to the last answer on it. A connection that was
//! left in the middle of an exchange, because time ran out or because its caller went away, is
//! closed. Any other goes back to the pool, against the clock as well.

use super::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgConnection, PgPool, Postgres};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

/// For a statement, or for all of a transaction: a request that fails at its first one is answered
/// within three seconds.
pub(super) const PATIENCE: Duration = Duration::from_millis(2500);
/// For a place in the pool, so that whoever gets one at the last moment has time to use it: running out
/// of it would cost the connection, just when there are too few.
pub(super) const LONGEST_QUEUE: Duration = Duration::from_secs(2);
const TOO_LATE: StoreError = StoreError::Unavailable("it does not answer in time");

/// A connection until its deadline.
pub struct Held {
    connection: Option<PoolConnection<Postgres>>,
    until: Instant,
    /// Nothing is under way on it, and what was has been answered.
    sound: bool,
    /// A transaction was begun and not committed.
    open: bool,
}

impl Held {
    /// Takes one out of the pool, for [`PATIENCE`] from now. The pool's own patience is
    /// [`LONGEST_QUEUE`].
    pub(super) async fn from(pool: &PgPool) -> Result<Self, StoreError> {
        let until = Instant::now() + PATIENCE;
        Ok(Self {
            connection: Some(pool.acquire().await?),
            until,
            sound: true,
            open: false,
        })
    }

    /// Asks the database. After a question that was not answered there are no others.
    pub(super) async fn ask<'a, T, A>(
        &'a mut self,
        question: impl FnOnce(&'a mut PgConnection) -> A,
    ) -> Result<T, StoreError>
    where
        A: Future<Output = sqlx::Result<T>>,
    {
        let (Some(connection), true) = (&mut self.connection, std::mem::take(&mut self.sound))
        else {
            return Err(TOO_LATE);
        };
        let answer = timeout_at(self.until, question(connection))
            .await
            .map_err(|_| TOO_LATE)?;
        // a refusal is an answer
        self.sound = matches!(answer, Ok(_) | Err(sqlx::Error::Database(_)));
        Ok(answer?)
    }

    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.open = true;
        self.ask(|connection| connection.execute("BEGIN")).await?;
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        self.ask(|connection| connection.execute("COMMIT")).await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        // unless it is back in the pool by then
        connection.close_on_drop();
        let (Ok(runtime), true) = (Handle::try_current(), self.sound) else {
            return;
        };
        let open = self.open;
        runtime.spawn(timeout(PATIENCE, async move {
            if open && connection.execute("ROLLBACK").await.is_err() {
                return;
            }
            // what its own drop does too, but that waits for the database as long as it takes
            connection.return_to_pool().await;
        }));
    }
}
