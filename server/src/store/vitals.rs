//! How the installation stands, in a few numbers: read again and again for the metrics (R109).
//!
//! Each of them is counted in an index, so that a hundred thousand connections cost some
//! milliseconds and no token set is read on the way.

use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::Status;
use app::wire::StateCounts;
use std::time::Duration;

/// A few numbers about all connections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vitals {
    /// How many are in which state.
    pub connections: StateCounts,
    /// Active ones with a refresh that is under way, or whose outcome is not known.
    pub open_intents: u64,
    /// Active ones that are due to be looked at, new ones included, whose moment is not known yet.
    pub looks_due: u64,
    /// How long the oldest of those whose moment is known has been due.
    pub lag: Duration,
    /// How long the oldest event that an endpoint has not taken has been waiting.
    pub webhook_lag: Duration,
    /// Nothing is refreshed until an operator has confirmed (R103).
    pub quarantined: bool,
    /// How far this machine's clock is ahead of the database's, in seconds; negative: behind.
    pub clock_ahead_s: f64,
}

impl Store {
    /// The numbers as they are now.
    pub async fn vitals(&self) -> Result<Vitals, StoreError> {
        let asked_at = self.now();
        // `look_at` 0: at once, to find out when; it has no age
        let statement = sql(
            "SELECT
                 (SELECT COUNT(*) FROM connections WHERE status = 'active' AND intent_generation IS NOT NULL) AS intents,
                 (SELECT COUNT(*) FROM connections WHERE status = 'active' AND fail_count > 0) AS degraded,
                 (SELECT COUNT(*) FROM connections WHERE status = 'active' AND look_at <= $1) AS due,
                 (SELECT MIN(look_at) FROM connections WHERE status = 'active' AND look_at > 0 AND look_at <= $1) AS oldest,
                 (SELECT COUNT(*) FROM instance WHERE quarantined_at IS NOT NULL) AS quarantined,
                 {now} AS database_now",
        )
        .bind(asked_at);
        let row = (&self.db).row(statement).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt {
            column: "database_now".to_owned(),
        })?;
        // the database looked at its clock somewhere between asking and answering
        let asking_ms = asked_at.until(self.now()).as_millis();
        let here_ms = asked_at.millis() + i64::try_from(asking_ms / 2).unwrap_or_default();
        // this node goes by the database's clock, and the machine need not
        let here_ms = here_ms + self.machine_ahead_ms();
        let oldest = row.maybe_time("oldest")?;
        let degraded = row.count("degraded")?;
        Ok(Vitals {
            connections: self.states(degraded).await?,
            open_intents: row.count("intents")?,
            looks_due: row.count("due")?,
            lag: oldest.map_or(Duration::ZERO, |oldest| oldest.until(asked_at)),
            webhook_lag: self.oldest_undelivered().await?,
            quarantined: row.flag("quarantined")?,
            clock_ahead_s: seconds(here_ms - row.int("database_now")?),
        })
    }

    async fn states(&self, degraded: u64) -> Result<StateCounts, StoreError> {
        let mut counts = StateCounts::default();
        let statement = sql("SELECT status, COUNT(*) AS many FROM connections GROUP BY status");
        for row in (&self.db).rows(statement).await? {
            let many = row.count("many")?;
            match row.parsed("status")? {
                Status::Active => {
                    // counted a moment apart
                    counts.degraded = degraded.min(many);
                    counts.active = many - counts.degraded;
                }
                Status::ReconnectRequired => counts.reconnect_required = many,
                Status::Revoked => counts.revoked = many,
            }
        }
        Ok(counts)
    }
}

/// Milliseconds as seconds, exact for all that clocks differ by.
fn seconds(millis: i64) -> f64 {
    let span = Duration::from_millis(millis.unsigned_abs()).as_secs_f64();
    if millis < 0 { -span } else { span }
}
