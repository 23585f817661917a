//! Which providers are still to be told about a revocation, and what they answered (R68).

use super::db::{Runs, sql};
use super::history::append;
use super::revocations::{COLUMNS, revocation, upstream_result};
use super::{Store, StoreError};
use crate::domain::{Connection, Revocation, Timestamp, Tokens, Upstream};
use app::wire::HistoryKind;
use serde_json::json;

/// A revocation that the provider is still to be told about.
#[derive(Debug)]
pub struct DueRevocation {
    /// The receipt.
    pub revocation: Revocation,
    /// The tokens to name to the provider.
    pub tokens: Tokens,
}

impl Store {
    /// Takes a revocation that the provider is to be told about now: from here on nobody can undo it. It
    /// is put off by `hold_ms` at once, so that no other node takes it too. One whose tokens cannot be opened has failed.
    pub async fn take_due_revocation(
        &self,
        hold_ms: i64,
    ) -> Result<Option<DueRevocation>, StoreError> {
        // the clock by which they were put off
        let now = self.now();
        let due = sql(COLUMNS)
            .and(" WHERE upstream = 'waiting' AND next_try_at <= $1 ORDER BY next_try_at, id LIMIT 8")
            .bind(now);
        for row in (&self.db).rows(due).await? {
            let found = revocation(&row)?;
            let claim = sql(
                "UPDATE revocations SET next_try_at = $1, attempts = attempts + 1
                 WHERE id = $2 AND attempts = $3 AND upstream = 'waiting'",
            )
            .bind(now.millis() + hold_ms)
            .bind(found.id.as_str())
            .bind(found.attempts);
            if (&self.db).run(claim).await? == 0 {
                continue;
            }
            let taken = Revocation {
                attempts: found.attempts + 1,
                ..found
            };
            let sealed = row.maybe_bytes("sealed_tokens")?.unwrap_or_default();
            match self
                .open_revoked(&taken.organization, &taken.id, sealed)
                .await
            {
                Ok(tokens) => {
                    return Ok(Some(DueRevocation {
                        revocation: taken,
                        tokens,
                    }));
                }
                Err(StoreError::Unsealable { .. } | StoreError::Corrupt { .. }) => {
                    tracing::error!(connection = %taken.connection, "the tokens of a revocation cannot be opened");
                    self.note_upstream(&taken, Upstream::Failed, None).await?;
                }
                Err(other) => return Err(other),
            }
        }
        Ok(None)
    }

    /// Notes how it went at the provider, for each token as `revocation.results` has it. Unless it is to be tried again, the tokens are destroyed.
    pub async fn note_upstream(
        &self,
        revocation: &Revocation,
        upstream: Upstream,
        next_try_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE revocations SET upstream = $1, upstream_at = $2, next_try_at = $3,
                 sealed_tokens = CASE WHEN $4 = 1 THEN sealed_tokens ELSE NULL END, results = $6
             WHERE id = $5 AND upstream = 'waiting'",
        )
        .bind(upstream.as_str())
        .bind(now)
        .bind(next_try_at)
        .bind(upstream == Upstream::Waiting)
        .bind(revocation.id.as_str())
        .bind(json!(revocation.results).to_string());
        if tx.run(statement).await? == 1 {
            let result = upstream_result(upstream, revocation.attempts, next_try_at);
            append(
                &mut tx,
                &revocation.organization,
                &revocation.connection,
                now,
                &HistoryKind::RevokedUpstream { result },
            )
            .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether the same account of the same provider was connected (again) since, and works.
    pub async fn is_connected_again(
        &self,
        connection: &Connection,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = sql("SELECT id FROM connections
             WHERE provider_id = $1 AND account_id = $2 AND id <> $3 AND status <> 'revoked' AND connected_at >= $4 LIMIT 1")
        .bind(connection.provider.as_str())
        .bind(connection.account_id.as_deref())
        .bind(connection.id.as_str())
        .bind(since);
        Ok((&self.db).row(statement).await?.is_some())
    }
}
