//! Revocation: local first, in one transaction; the provider is told afterwards (R68).

use super::connections::event;
use super::db::{Row, Runs, Tx, sql};
use super::history::append;
use super::{Store, StoreError, place};
use crate::domain::{
    Actor, Connection, ConnectionId, OrganizationId, ReceiptId, Revocation, Timestamp, Tokens,
    Upstream,
};
use crate::vault::{Place, Secret};
use app::wire::{HistoryKind, RevokeReason, UpstreamResult};
use serde_json::json;

/// A revocation that the provider is still to be told about.
#[derive(Debug)]
pub struct DueRevocation {
    /// The receipt.
    pub revocation: Revocation,
    /// The tokens to name to the provider.
    pub tokens: Tokens,
}

const COLUMNS: &str = "SELECT id, organization_id, connection_id, reason, note, revoked_by, revoked_at, token_valid_until, \
     generation, upstream, upstream_at, attempts, next_try_at, audit_seq, sealed_tokens FROM revocations";

fn revocation(row: &Row) -> Result<Revocation, StoreError> {
    Ok(Revocation {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        connection: row.parsed("connection_id")?,
        reason: reason_from(&row.text("reason")?)?,
        note: row.text("note")?,
        revoked_by: row.text("revoked_by")?,
        revoked_at: row.time("revoked_at")?,
        token_valid_until: row.maybe_time("token_valid_until")?,
        upstream: row.parsed("upstream")?,
        upstream_at: row.maybe_time("upstream_at")?,
        attempts: row.int("attempts")?,
        next_try_at: row.maybe_time("next_try_at")?,
        audit_seq: row.int("audit_seq")?,
    })
}

fn reason_word(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Leaving => "leaving",
        RevokeReason::Incident => "incident",
        RevokeReason::Asked => "asked",
    }
}

fn reason_from(word: &str) -> Result<RevokeReason, StoreError> {
    [
        RevokeReason::Leaving,
        RevokeReason::Incident,
        RevokeReason::Asked,
    ]
    .into_iter()
    .find(|reason| reason_word(*reason) == word)
    .ok_or_else(|| StoreError::Corrupt {
        column: "reason".to_owned(),
    })
}

/// Keeps a receipt, with what the provider is still to be told sealed beside it.
async fn insert(
    tx: &mut Tx,
    revocation: &Revocation,
    generation: i64,
    sealed: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let statement = sql(
        "INSERT INTO revocations (id, organization_id, connection_id, reason, note, revoked_by, revoked_at,
             token_valid_until, sealed_tokens, generation, upstream, upstream_at, attempts, next_try_at, audit_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(revocation.id.as_str())
    .bind(revocation.organization.as_str())
    .bind(revocation.connection.as_str())
    .bind(reason_word(revocation.reason))
    .bind(revocation.note.as_str())
    .bind(revocation.revoked_by.as_str())
    .bind(revocation.revoked_at)
    .bind(revocation.token_valid_until)
    .bind(sealed)
    .bind(generation)
    .bind(revocation.upstream.as_str())
    .bind(revocation.upstream_at)
    .bind(revocation.attempts)
    .bind(revocation.next_try_at)
    .bind(revocation.audit_seq);
    tx.run(statement).await?;
    Ok(())
}

impl Store {
    /// Revokes a connection here: no token leaves from now on, a refresh in flight cannot bring it
    /// back, and its secrets are destroyed but for what the provider must still be told.
    ///
    /// A second time changes nothing and answers the first receipt. `None`: there is no such connection.
    pub async fn revoke(
        &self,
        connection: &Connection,
        reason: RevokeReason,
        note: &str,
        actor: Actor,
        upstream_offered: bool,
    ) -> Result<Option<Revocation>, StoreError> {
        let mut tx = self.db.begin().await?;
        let now = self.now();
        // takes the row first: a refresh that commits now waits, and then finds another generation
        let freeze = sql(
            "UPDATE connections SET status = 'revoked', status_since = $1, generation = generation + 1, lease_owner = NULL,
                 lease_until = NULL, intent_generation = NULL, intent_at = NULL, next_refresh_at = NULL, fail_count = 0,
                 updated_at = $1
             WHERE id = $2 AND status <> 'revoked' RETURNING generation, sealed_tokens, access_token_expires_at",
        )
        .bind(now)
        .bind(connection.id.as_str());
        let Some(row) = tx.row(freeze).await? else {
            drop(tx);
            return self.revocation_of(&connection.id).await;
        };
        let generation = row.int("generation")?;
        let tokens = match row.maybe_bytes("sealed_tokens")? {
            // what cannot be opened can still be revoked here
            Some(sealed) => self
                .open_tokens(
                    &connection.organization,
                    &connection.id,
                    generation - 1,
                    sealed,
                )
                .await
                .ok(),
            None => None,
        };
        let destroy = sql(
            "UPDATE connections SET sealed_tokens = NULL, access_token_sha256 = NULL WHERE id = $1",
        )
        .bind(connection.id.as_str());
        tx.run(destroy).await?;

        let id = ReceiptId::random();
        let upstream = match (&tokens, upstream_offered) {
            (None, _) => Upstream::NothingToRevoke,
            (Some(_), false) => Upstream::NotOffered,
            (Some(_), true) => Upstream::Waiting,
        };
        let waiting = upstream == Upstream::Waiting;
        let sealed = match tokens.filter(|_| waiting) {
            Some(tokens) => Some(
                self.seal_revoked(&connection.organization, &id, &tokens)
                    .await?,
            ),
            None => None,
        };
        let valid_until = row
            .maybe_time("access_token_expires_at")?
            .filter(|_| connection.last_handed_out_at.is_some());
        let detail = json!({"reason": reason_word(reason), "note": note, "receipt": id.as_str()});
        let by = actor.name.clone();
        let seq = self
            .audit(
                &mut tx,
                &connection.organization,
                event(actor, "connection.revoked", &connection.id, detail),
            )
            .await?;
        let revocation = Revocation {
            id,
            organization: connection.organization.clone(),
            connection: connection.id.clone(),
            reason,
            note: note.to_owned(),
            revoked_by: by.clone(),
            revoked_at: now,
            token_valid_until: valid_until,
            upstream,
            upstream_at: (!waiting).then_some(now),
            attempts: 0,
            next_try_at: waiting.then_some(now),
            audit_seq: seq,
        };
        insert(&mut tx, &revocation, generation, sealed).await?;
        append(
            &mut tx,
            &connection.organization,
            &connection.id,
            now,
            &HistoryKind::Revoked { by, reason },
        )
        .await?;
        tx.commit().await?;
        Ok(Some(revocation))
    }

    /// The receipt of a connection that was revoked.
    pub async fn revocation_of(
        &self,
        connection: &ConnectionId,
    ) -> Result<Option<Revocation>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE connection_id = $1")
            .bind(connection.as_str());
        (&self.db)
            .row(statement)
            .await?
            .as_ref()
            .map(revocation)
            .transpose()
    }

    /// Takes a revocation that the provider is to be told about now. It is put off by `hold_ms` at
    /// once, so that no other node takes it too. One whose tokens cannot be opened has failed.
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

    /// Notes how it went at the provider. Unless it is to be tried again, the tokens are destroyed.
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
                 sealed_tokens = CASE WHEN $4 = 1 THEN sealed_tokens ELSE NULL END
             WHERE id = $5 AND upstream = 'waiting'",
        )
        .bind(upstream.as_str())
        .bind(now)
        .bind(next_try_at)
        .bind(upstream == Upstream::Waiting)
        .bind(revocation.id.as_str());
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

    async fn seal_revoked(
        &self,
        organization: &OrganizationId,
        id: &ReceiptId,
        tokens: &Tokens,
    ) -> Result<Vec<u8>, StoreError> {
        let text = json!({"access_token": tokens.access_token.expose(),
            "refresh_token": tokens.refresh_token.as_ref().map(Secret::expose),
            "client_secret": tokens.client_secret.as_ref().map(Secret::expose)});
        self.seal(
            &tokens_place(organization, id),
            &Secret::new(text.to_string()),
        )
        .await
    }

    async fn open_revoked(
        &self,
        organization: &OrganizationId,
        id: &ReceiptId,
        sealed: Vec<u8>,
    ) -> Result<Tokens, StoreError> {
        #[derive(serde::Deserialize)]
        struct Stored {
            access_token: String,
            refresh_token: Option<String>,
            client_secret: Option<String>,
        }
        let text = self
            .open_sealed(&tokens_place(organization, id), sealed)
            .await?;
        let stored: Stored =
            serde_json::from_str(text.expose()).map_err(|_| StoreError::Corrupt {
                column: "sealed_tokens".to_owned(),
            })?;
        Ok(Tokens {
            access_token: Secret::new(stored.access_token),
            refresh_token: stored.refresh_token.map(Secret::new),
            raw: Secret::new(String::new()),
            client_secret: stored.client_secret.map(Secret::new),
        })
    }
}

/// How a state of [`Upstream`] reads on pages and in the API.
#[must_use]
pub fn upstream_result(
    upstream: Upstream,
    attempts: i64,
    next_try_at: Option<Timestamp>,
) -> UpstreamResult {
    match upstream {
        Upstream::Waiting if attempts > 0 => UpstreamResult::Failed {
            next_try_at: next_try_at.map(Timestamp::millis),
        },
        Upstream::Waiting => UpstreamResult::Waiting,
        Upstream::Revoked => UpstreamResult::Revoked,
        Upstream::NotOffered => UpstreamResult::NotOffered,
        Upstream::Failed => UpstreamResult::Failed { next_try_at: None },
        Upstream::NothingToRevoke => UpstreamResult::NothingToRevoke,
    }
}

fn tokens_place<'a>(organization: &'a OrganizationId, id: &'a ReceiptId) -> Place<'a> {
    place("revocations", "sealed_tokens", organization, id.as_str(), 0)
}
