//! Which connections the server looks at by itself, and which node does.
//!
//! `look_at` says when. A node claims what it looks at for a minute, so that several nodes share
//! the work; the claim only spares work, the lease of a refresh is what keeps two apart. One that is
//! not kept, because its node died, runs out by itself.

use super::connections::{COLUMNS, connection};
use super::db::{Pools, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{Connection, ProviderId, Timestamp};
use std::time::Duration;

/// A provider with connections to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLooks {
    /// The provider.
    pub provider: ProviderId,
    /// It refuses our credentials, so one look at a time is plenty.
    pub credentials_rejected: bool,
}

impl Store {
    /// Providers with connections that are due and that nobody has in hand, the most urgent first.
    pub async fn due_looks(&self) -> Result<Vec<DueLooks>, StoreError> {
        let statement = sql(
            "SELECT provider_id, rejected FROM
                 (SELECT id AS provider_id, CAST(CASE WHEN credentials_rejected_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS rejected,
                      (SELECT look_at FROM connections WHERE provider_id = providers.id AND status = 'active' AND look_at <= $1
                           AND (claimed_until IS NULL OR claimed_until < {now}) ORDER BY look_at LIMIT 1) AS oldest
                  FROM providers) AS due
             WHERE oldest IS NOT NULL ORDER BY oldest",
        )
        .bind(self.now());
        let rows = (&self.db).rows(statement).await?;
        rows.iter()
            .map(|row| {
                Ok(DueLooks {
                    provider: row.parsed("provider_id")?,
                    credentials_rejected: row.count("rejected")? > 0,
                })
            })
            .collect()
    }

    /// Claims up to `most` connections of a provider that are due, the oldest first.
    pub async fn claim_looks(
        &self,
        provider: &ProviderId,
        most: usize,
        hold: Duration,
    ) -> Result<Vec<Connection>, StoreError> {
        let mut claim = sql(
            "UPDATE connections SET claimed_until = {now} + $1 WHERE id IN
                 (SELECT id FROM connections WHERE provider_id = $2 AND status = 'active' AND look_at <= $3
                      AND (claimed_until IS NULL OR claimed_until < {now}) ORDER BY look_at LIMIT $4",
        )
        .bind(i64::try_from(hold.as_millis()).unwrap_or(i64::MAX))
        .bind(provider.as_str())
        .bind(self.now())
        .bind(i64::try_from(most).unwrap_or(i64::MAX));
        // SQLite has one writer
        if matches!(&*self.db.0, Pools::Postgres(_)) {
            claim = claim.and(" FOR UPDATE SKIP LOCKED");
        }
        let claim = claim.and(") RETURNING id");
        let mut tx = self.db.begin().await?;
        let ids = tx.rows(claim).await?;
        let mut claimed = Vec::with_capacity(ids.len());
        for id in &ids {
            let statement = sql(COLUMNS).and(" WHERE id = $1").bind(id.text("id")?);
            claimed.extend(
                tx.row(statement)
                    .await?
                    .as_ref()
                    .map(connection)
                    .transpose()?,
            );
        }
        tx.commit().await?;
        claimed.sort_by_key(|connection| connection.look_at);
        Ok(claimed)
    }

    /// Gives a claimed connection back, to be looked at again at `at`; one that was renewed or failed
    /// meanwhile has its moment already.
    pub async fn look_later(
        &self,
        seen: &Connection,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let statement = sql("UPDATE connections SET look_at = $1, look_generation = generation, claimed_until = NULL
             WHERE id = $2 AND generation = $3 AND claimed_until IS NOT NULL")
        .bind(at)
        .bind(seen.id.as_str())
        .bind(seen.generation);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// A provider that did not answer is back: connections that were to wait because of that are
    /// tried again now, as fast as its gate lets them. `also_unsure`: those too whose refresh token
    /// may have been used up.
    pub async fn end_waiting(
        &self,
        provider: &ProviderId,
        also_unsure: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let which = if also_unsure {
            " AND last_error_class IN ('unreached', 'ambiguous')"
        } else {
            " AND last_error_class = 'unreached' AND intent_generation IS NULL"
        };
        retry_now(&mut tx, provider, which, self.now()).await?;
        tx.commit().await
    }
}

/// Lets connections of a provider that wait after a failure of some kind be tried again now.
pub(super) async fn retry_now(
    tx: &mut Tx,
    provider: &ProviderId,
    which: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = sql(
        "UPDATE connections SET next_refresh_at = NULL, look_at = CASE WHEN look_at > $1 THEN $1 ELSE look_at END
         WHERE provider_id = $2 AND status = 'active' AND (next_refresh_at > $1 OR look_at > $1)",
    )
    .and(which)
    .bind(now)
    .bind(provider.as_str());
    tx.run(statement).await?;
    Ok(())
}

/// The credentials are accepted again, or new ones were saved.
pub(super) async fn credentials_changed(
    tx: &mut Tx,
    provider: &ProviderId,
    now: Timestamp,
) -> Result<(), StoreError> {
    retry_now(
        tx,
        provider,
        " AND last_error_class = 'config_rejected'",
        now,
    )
    .await
}
