//! Counted tries, kept in the database so that limits hold across nodes and restarts (R36).
//!
//! A try is counted before it is known how it ends. Whoever sends two hundred guesses at once gets
//! no more of them looked at than whoever sends them one by one.

use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::Timestamp;
use crate::vault::TokenHash;
use std::time::Duration;

/// How many tries a subject has, and what follows.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Tries within a window.
    pub tries: u32,
    /// The window, and how long the first block lasts. Each further try doubles the block.
    pub window: Duration,
    /// No block lasts longer.
    pub longest_block: Duration,
}

impl Allowance {
    /// Until when nothing more is looked at, after try number `tries`.
    fn blocked_until(&self, tries: u64, now: Timestamp) -> Option<Timestamp> {
        let over = tries.checked_sub(u64::from(self.tries))?;
        let doublings = u32::try_from(over).unwrap_or(u32::MAX).min(16);
        let block = self.window.saturating_mul(1 << doublings);
        Some(now + block.min(self.longest_block))
    }
}

impl Store {
    /// Counts a try of `subject`. `Err` says how long to wait; that try was not counted.
    pub async fn take_try(
        &self,
        subject: &TokenHash,
        allowance: &Allowance,
    ) -> Result<Result<(), Duration>, StoreError> {
        let now = self.now();
        let forgotten = now - allowance.window;
        let mut tx = self.db.begin().await?;
        // writes the row even where nothing changes: it is locked until this transaction ends
        let statement = sql(
            "INSERT INTO attempts (subject_sha256, failures, window_started_at, blocked_until) VALUES ($1, 0, $2, NULL)
             ON CONFLICT (subject_sha256) DO UPDATE SET
                 failures = CASE WHEN COALESCE(attempts.blocked_until, attempts.window_started_at) <= $3 THEN 0 ELSE attempts.failures END,
                 window_started_at = CASE WHEN COALESCE(attempts.blocked_until, attempts.window_started_at) <= $3 THEN $2 ELSE attempts.window_started_at END,
                 blocked_until = CASE WHEN COALESCE(attempts.blocked_until, attempts.window_started_at) <= $3 THEN NULL ELSE attempts.blocked_until END
             RETURNING failures, blocked_until",
        )
        .bind(subject.as_bytes().to_vec())
        .bind(now)
        .bind(forgotten);
        let row = tx.row(statement).await?.ok_or(StoreError::Conflict)?;
        let blocked_until = row.maybe_time("blocked_until")?;
        if let Some(until) = blocked_until.filter(|until| *until > now) {
            return Ok(Err(now.until(until)));
        }
        let tries = row.count("failures")?.saturating_add(1);
        let statement =
            sql("UPDATE attempts SET failures = $1, blocked_until = $2 WHERE subject_sha256 = $3")
                .bind(i64::try_from(tries).unwrap_or(i64::MAX))
                .bind(allowance.blocked_until(tries, now))
                .bind(subject.as_bytes().to_vec());
        tx.run(statement).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// Gives back a try that turned out to be right.
    pub async fn return_try(&self, subject: &TokenHash) -> Result<(), StoreError> {
        let statement = sql(
            "UPDATE attempts SET failures = failures - 1, blocked_until = NULL WHERE subject_sha256 = $1 AND failures > 0",
        )
        .bind(subject.as_bytes().to_vec());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Forgets the tries of `subject`: it has shown who it is.
    pub async fn forget_tries(&self, subject: &TokenHash) -> Result<(), StoreError> {
        let statement =
            sql("DELETE FROM attempts WHERE subject_sha256 = $1").bind(subject.as_bytes().to_vec());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Removes the counts that no longer matter.
    pub async fn purge_attempts(&self, window: Duration) -> Result<u64, StoreError> {
        let statement =
            sql("DELETE FROM attempts WHERE COALESCE(blocked_until, window_started_at) <= $1")
                .bind(self.now() - window);
        (&self.db).run(statement).await
    }
}
