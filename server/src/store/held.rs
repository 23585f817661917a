//! A connection to PostgreSQL in somebody's hands, against the clock.
//!
//! A database that falls silent in the middle of a query is silent for as long as the network hides
//! it, and `statement_timeout` lives on its side. So the clock is ours (R100): one deadline for
//! everything from asking the pool for a connection to the last answer on it. A connection that was
//! left in the middle of an exchange, because time ran out or because its caller went away, is
//! closed. One with an open transaction goes back to the pool when that is rolled back, against the clock as
//! well; any other at once.

use super::StoreError;
use super::pool::{Pool, Taken, take};
use deadpool::managed::Object;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use sqlx::{Executor, PgConnection};
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
    link: Option<Taken>,
    until: Instant,
    /// Nothing is under way on it, and what was has been answered.
    sound: bool,
    /// A transaction was begun and not committed.
    open: bool,
}

impl Held {
    /// Takes one out of the pool, for [`PATIENCE`] from now. The pool's own patience is
    /// [`LONGEST_QUEUE`].
    pub(super) async fn from(pool: &Pool) -> Result<Self, StoreError> {
        let until = Instant::now() + PATIENCE;
        Ok(Self {
            link: Some(take(pool).await?),
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
        let (Some(link), true) = (&mut self.link, std::mem::take(&mut self.sound)) else {
            return Err(TOO_LATE);
        };
        let answer = timeout_at(self.until, question(&mut link.connection))
            .await
            .map_err(|_| TOO_LATE)?;
        self.sound = match &answer {
            Ok(_) => true,
            // a refusal is an answer, unless it ends the connection
            Err(sqlx::Error::Database(error)) => !is_last(&**error),
            Err(_) => false,
        };
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

/// Whether the database closes the connection after it said this.
fn is_last(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_none_or(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        match (self.sound, self.open, Handle::try_current()) {
            (true, false, _) => link.answered_at = Instant::now(),
            (true, true, Ok(runtime)) => drop(runtime.spawn(roll_back(link))),
            // closed, not given back
            _ => drop(Object::take(link)),
        }
    }
}

async fn roll_back(mut link: Taken) {
    let rolled_back = timeout(PATIENCE, link.connection.execute("ROLLBACK")).await;
    if matches!(rolled_back, Ok(Ok(_))) {
        link.answered_at = Instant::now();
    } else {
        drop(Object::take(link));
    }
}
