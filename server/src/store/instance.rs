//! The one row about this installation: its id, and the set-up token of a first run (R32). And the
//! clock of the database, by which all of the installation goes.

use super::db::{Db, Runs, sql};
use super::{Store, StoreError};
use crate::clock::{Clock, Reading};
use crate::domain::{Timestamp, random_base62};
use crate::vault::TokenHash;
use std::time::Instant;

/// Sets a node's clock by the database's (R106): by the best of a few readings, since the first may
/// have waited for a connection.
pub(super) async fn set_clock(db: &Db, clock: &dyn Clock) -> Result<(), StoreError> {
    let reading = read_clock(db).await?;
    let reading = reading.or(read_clock(db).await?);
    clock.hear(reading.or(read_clock(db).await?));
    Ok(())
}

async fn read_clock(mut db: &Db) -> Result<Reading, StoreError> {
    let asked = Instant::now();
    let row = db.row(sql("SELECT {now} AS now")).await?;
    let said = row.ok_or_else(|| StoreError::Corrupt {
        column: "now".to_owned(),
    })?;
    Ok(Reading::new(said.time("now")?, asked))
}

impl Store {
    /// Sets this node's clock by the database's again: no two clocks run alike for ever.
    pub async fn set_clock(&self) -> Result<(), StoreError> {
        set_clock(&self.db, &*self.clock).await
    }

    /// Milliseconds by which this machine's own clock is ahead of the database's; negative: behind.
    #[must_use]
    pub fn machine_ahead_ms(&self) -> i64 {
        self.clock.machine_ahead_ms()
    }

    /// Makes the instance row of a new database; changes nothing in an old one.
    pub async fn ensure_instance(&self) -> Result<(), StoreError> {
        let statement = sql("INSERT INTO instance (id, instance_id, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(random_base62(20))
            .bind(self.now());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Replaces the set-up token; the one before stops working.
    pub async fn set_setup_token(
        &self,
        token: &TokenHash,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = sql(
            "UPDATE instance SET setup_token_sha256 = $1, setup_token_expires_at = $2 WHERE id = 1",
        )
        .bind(token.as_bytes())
        .bind(expires_at);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        (&self.db)
            .row(sql("SELECT id FROM instance WHERE id = 1"))
            .await?;
        Ok(())
    }
}
