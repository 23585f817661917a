//! The statements of a refresh: acquire, hold on, commit, put back, condemn.
//!
//! A lease row lets one holder refresh a connection at a time without holding a database
//! connection over the provider's answer. But the lease decides nothing: the *generation* does.
//! Whoever really got new tokens wins, even when the lease ran out meanwhile, and nobody can
//! condemn a connection that someone else just renewed.
//!
//! The intent (`intent_generation`) is durable before the first byte goes to the provider (R89).
//! It is the proof that the disk takes writes, and, after a crash, the sign that the refresh token
//! may be spent.

use super::connections::{SavedTokens, event, scopes_json};
use super::db::{Row, Runs, sql};
use super::events::{tell, tell_replaced};
use super::history::{append, append_with_answer};
use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, ClientSecretId, Connection, ConnectionId, Scopes, Timestamp, Tokens,
};
use crate::vault::Secret;
use app::wire::{BrokenReason, EventKind, HistoryKind};
use serde_json::json;
use std::time::Duration;

/// The right to refresh one generation of one connection.
#[derive(Debug)]
pub struct Lease {
    /// The generation that is being refreshed.
    pub generation: i64,
    /// Goes up with every lease of the connection; names this one.
    pub epoch: i64,
    /// An earlier refresh of the same generation was begun and its outcome is not known.
    pub earlier_intent: bool,
}

impl Lease {
    /// Stands for a lease that is over, whose tokens come late: the generation decides.
    #[must_use]
    pub fn late(generation: i64) -> Self {
        Self {
            generation,
            epoch: 0,
            earlier_intent: true,
        }
    }
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum Acquired {
    /// It is ours. The tokens are those of `lease.generation`.
    Ours(Lease, Tokens),
    /// Someone else refreshes, or the connection has changed: read it again.
    Busy,
}

/// Scopes that are given up on purpose, with a refresh that asks for fewer.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// All that is to be left.
    pub keep: Scopes,
    /// Who wants it.
    pub by: Actor,
}

/// How far somebody else's refresh of a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The generation that is stored.
    pub generation: i64,
    /// Somebody holds the lease.
    pub leased: bool,
    /// It can be refreshed at all.
    pub active: bool,
}

fn standing(row: &Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        generation: row.int("generation")?,
        leased: row.flag("leased")?,
        active: row.flag("active")?,
    })
}

impl Store {
    /// A small look at a connection, for whoever waits for another's refresh; many who look at the same
    /// moment look once. `None`: it is gone.
    pub async fn standing(&self, id: &ConnectionId) -> Result<Option<Standing>, StoreError> {
        let select = "SELECT id, generation, CAST(CASE WHEN lease_until >= {now} THEN 1 ELSE 0 END AS BIGINT) AS leased,
                 CAST(CASE WHEN status = 'active' THEN 1 ELSE 0 END AS BIGINT) AS active
             FROM connections";
        let read = |ids| self.by_ids(sql(select), ids, standing);
        self.standing_reads.read(id.clone(), read).await
    }

    /// Takes the lease and writes the intent, in one durable transaction. Time is the database's.
    /// [`Acquired::Busy`] also where an attempt failed since `seen` was read: its pause counts.
    pub async fn acquire_lease(
        &self,
        seen: &Connection,
        holder: &str,
        ttl: Duration,
    ) -> Result<Acquired, StoreError> {
        let mut tx = self.db.begin().await?;
        // the intent that was open until now is read with the row already taken
        let acquire = sql(
            "UPDATE connections SET lease_owner = $1, lease_epoch = lease_epoch + 1, lease_until = {now} + $2
             WHERE id = $3 AND generation = $4 AND status = 'active' AND (lease_until IS NULL OR lease_until < {now})
                 AND COALESCE(next_refresh_at, 0) = $5
             RETURNING lease_epoch, sealed_tokens, intent_generation",
        )
        .bind(holder)
        .bind(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX))
        .bind(seen.id.as_str())
        .bind(seen.generation)
        .bind(seen.next_refresh_at.map_or(0, Timestamp::millis));
        let Some(row) = tx.row(acquire).await? else {
            return Ok(Acquired::Busy);
        };
        let epoch = row.int("lease_epoch")?;
        let intent = row.maybe_int("intent_generation")?;
        let sealed = row
            .maybe_bytes("sealed_tokens")?
            .ok_or_else(|| StoreError::Corrupt {
                column: "sealed_tokens".to_owned(),
            })?;
        let tokens = self
            .open_tokens(&seen.organization, &seen.id, seen.generation, sealed)
            .await?;
        let write = sql("UPDATE connections SET intent_generation = generation, intent_at = {now} WHERE id = $1").bind(seen.id.as_str());
        tx.run(write).await?;
        tx.commit().await?;
        let lease = Lease {
            generation: seen.generation,
            epoch,
            earlier_intent: intent == Some(seen.generation),
        };
        Ok(Acquired::Ours(lease, tokens))
    }

    /// Holds on to a lease for another request to the provider. `false`: it went to someone else.
    pub async fn extend_lease(
        &self,
        connection: &Connection,
        lease: &Lease,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let statement = sql("UPDATE connections SET lease_until = {now} + $1
             WHERE id = $2 AND generation = $3 AND lease_epoch = $4 AND status = 'active' AND lease_until IS NOT NULL")
        .bind(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX))
        .bind(connection.id.as_str())
        .bind(lease.generation)
        .bind(lease.epoch);
        Ok((&self.db).run(statement).await? == 1)
    }

    /// Gives the lease back as it was, after requests that certainly did nothing.
    pub async fn put_back(&self, connection: &Connection, lease: &Lease) -> Result<(), StoreError> {
        let statement = sql(
            "UPDATE connections SET lease_owner = NULL, lease_until = NULL,
                 intent_generation = CASE WHEN $1 = 1 THEN NULL ELSE intent_generation END,
                 intent_at = CASE WHEN $1 = 1 THEN NULL ELSE intent_at END
             WHERE id = $2 AND generation = $3 AND lease_epoch = $4 AND status = 'active'",
        )
        .bind(!lease.earlier_intent)
        .bind(connection.id.as_str())
        .bind(lease.generation)
        .bind(lease.epoch);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Stores the new token set as the next generation, if the connection is still at the one that
    /// was refreshed. One that was given up meanwhile because nobody knew what had become of its
    /// refresh token is mended: here is what became of it. `false`: someone reconnected or revoked
    /// meanwhile, and what was received is not wanted.
    pub async fn commit_refresh(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
    ) -> Result<bool, StoreError> {
        self.commit_generation(connection, lease, saved, None).await
    }

    /// The same for a refresh that gave scopes up: they are not asked for any more, and who wanted
    /// it stands in history and audit.
    pub async fn commit_narrowing(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
        narrowing: &Narrowing,
    ) -> Result<bool, StoreError> {
        self.commit_generation(connection, lease, saved, Some(narrowing))
            .await
    }

    async fn commit_generation(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
        narrowing: Option<&Narrowing>,
    ) -> Result<bool, StoreError> {
        let next = lease.generation + 1;
        let sealed = self
            .seal_tokens(
                &connection.organization,
                &connection.id,
                next,
                &saved.tokens,
            )
            .await?;
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let store = |condition: &'static str| {
            sql("UPDATE connections SET generation = $1, sealed_tokens = $2, has_refresh_token = $3, token_type = $4,
                 access_token_sha256 = $5, access_token_expires_at = $6, refresh_due_at = $7, scopes_granted = $8,
                 metadata = $9, lease_owner = NULL, lease_until = NULL, intent_generation = NULL, intent_at = NULL,
                 next_refresh_at = NULL, fail_count = 0, last_error_class = NULL, updated_at = $10, scopes_asked = $11,
                 client_secret_since = CASE WHEN client_secret_id = $12 THEN client_secret_since ELSE $13 END,
                 client_secret_id = $12, look_at = $14, look_generation = $1, claimed_until = NULL, token_set_at = $10,
                 status_since = CASE WHEN status = 'active' THEN status_since ELSE $10 END, status = 'active',
                 broken_reason = NULL
             WHERE id = $15 AND generation = $16")
            .and(condition)
            .bind(next)
            .bind(sealed.clone())
            .bind(saved.tokens.refresh_token.is_some())
            .bind(&saved.token_type)
            .bind(crate::vault::sha256(saved.tokens.access_token.expose().as_bytes()))
            .bind(saved.expires_at)
            .bind(saved.refresh_due_at)
            .bind(scopes_json(&saved.scopes_granted))
            .bind(json!(saved.metadata).to_string())
            .bind(now)
            .bind(scopes_json(narrowing.map_or(&connection.scopes_asked, |narrowing| &narrowing.keep)))
            .bind(saved.client_secret.as_ref().map(ClientSecretId::as_str))
            .bind(saved.client_secret.as_ref().map(|_| now))
            .bind(saved.look_at)
            .bind(connection.id.as_str())
            .bind(lease.generation)
        };
        let mut mended = false;
        if tx.run(store(" AND status = 'active'")).await? == 0 {
            mended = tx
                .run(store(" AND status = 'reconnect_required' AND broken_reason = 'refresh_outcome_unknown'"))
                .await?
                == 1;
            if !mended {
                return Ok(false);
            }
            let what = (EventKind::ConnectionRecovered, &json!({}));
            let which = std::iter::once(&connection.id);
            tell(&mut tx, &connection.organization, which, now, what).await?;
        }
        tell_replaced(&mut tx, connection, next, now).await?;
        if let Some(narrowing) = narrowing {
            let given_up = connection.scopes_granted.without(&saved.scopes_granted);
            let what = HistoryKind::ScopesReduced {
                by: narrowing.by.name.clone(),
                scopes: given_up.iter().map(str::to_owned).collect(),
            };
            append(
                &mut tx,
                &connection.organization,
                &connection.id,
                now,
                &what,
            )
            .await?;
            let detail =
                json!({"given_up": given_up.join(" "), "kept": saved.scopes_granted.join(" ")});
            let action = AuditAction::ScopesReduced;
            let event = event(narrowing.by.clone(), action, &connection.id, detail);
            self.audit(&mut tx, &connection.organization, event).await?;
            tx.commit().await?;
            return Ok(true);
        }
        let what = if mended || connection.fail_count > 0 {
            HistoryKind::Recovered
        } else {
            HistoryKind::Refreshed
        };
        append(
            &mut tx,
            &connection.organization,
            &connection.id,
            now,
            &what,
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes when the access token of this generation really ends, when it is to be renewed, and when
    /// the server looks at it by itself.
    pub async fn note_end(
        &self,
        connection: &ConnectionId,
        generation: i64,
        ends: Timestamp,
        due: Timestamp,
        look_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let statement = sql(
            "UPDATE connections SET access_token_expires_at = $1, refresh_due_at = $2, look_at = $3, look_generation = generation
             WHERE id = $4 AND generation = $5",
        )
        .bind(ends)
        .bind(due)
        .bind(look_at)
        .bind(connection.as_str())
        .bind(generation);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Gives the lease back after a failure that condemns nothing. `clear_intent` when the provider
    /// certainly did not use the refresh token up. `answer` is what it said, with nothing secret in it.
    pub async fn release_lease(
        &self,
        connection: &Connection,
        lease: &Lease,
        clear_intent: bool,
        next_try_at: Timestamp,
        (failure, answer): (&HistoryKind, Option<&Secret<String>>),
    ) -> Result<(), StoreError> {
        let HistoryKind::RefreshFailed { class, .. } = failure else {
            return Ok(());
        };
        let now = self.now();
        let (organization, id) = (&connection.organization, &connection.id);
        let answer = self.seal_answer(organization, id, now, answer).await?;
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE connections SET lease_owner = NULL, lease_until = NULL, fail_count = fail_count + 1,
                 intent_generation = CASE WHEN $1 = 1 THEN NULL ELSE intent_generation END,
                 intent_at = CASE WHEN $1 = 1 THEN NULL ELSE intent_at END,
                 next_refresh_at = $2, last_error_class = $3, updated_at = $4, look_at = $2, look_generation = generation,
                 claimed_until = NULL
             WHERE id = $5 AND generation = $6 AND lease_epoch = $7 AND status = 'active'",
        )
        .bind(clear_intent && !lease.earlier_intent)
        .bind(next_try_at)
        .bind(class)
        .bind(now)
        .bind(connection.id.as_str())
        .bind(lease.generation)
        .bind(lease.epoch);
        if tx.run(statement).await? == 1 {
            append_with_answer(&mut tx, organization, id, now, (failure, answer)).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Marks the connection as needing a person, if nobody renewed it meanwhile. Answers whether it did.
    pub async fn condemn(
        &self,
        connection: &Connection,
        lease: &Lease,
        (why, answer): (&HistoryKind, Option<&Secret<String>>),
    ) -> Result<bool, StoreError> {
        let HistoryKind::Broken { reason, .. } = why else {
            return Ok(false);
        };
        let now = self.now();
        let (organization, id) = (&connection.organization, &connection.id);
        let answer = self.seal_answer(organization, id, now, answer).await?;
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE connections SET status = 'reconnect_required', status_since = $1, broken_reason = $2, lease_owner = NULL,
                 lease_until = NULL, intent_generation = NULL, intent_at = NULL, next_refresh_at = NULL, updated_at = $1
             WHERE id = $3 AND generation = $4 AND lease_epoch = $5 AND status = 'active'",
        )
        .bind(now)
        .bind(reason.as_str())
        .bind(connection.id.as_str())
        .bind(lease.generation)
        .bind(lease.epoch);
        if tx.run(statement).await? == 0 {
            return Ok(false);
        }
        append_with_answer(&mut tx, organization, id, now, (why, answer)).await?;
        let detail = json!({"reason": reason.as_str()});
        let what = (EventKind::ConnectionReconnectRequired, &detail);
        tell(&mut tx, organization, std::iter::once(id), now, what).await?;
        let event = event(
            Actor::server(),
            AuditAction::ReconnectRequired,
            &connection.id,
            detail,
        );
        self.audit(&mut tx, &connection.organization, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Marks a connection whose access token ended and that never had a refresh token, or whose
    /// token set cannot be opened. Answers whether it did.
    pub async fn break_without_refresh(
        &self,
        connection: &Connection,
        reason: BrokenReason,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE connections SET status = 'reconnect_required', status_since = $1, broken_reason = $2, updated_at = $1
             WHERE id = $3 AND generation = $4 AND status = 'active'",
        )
        .bind(now)
        .bind(reason.as_str())
        .bind(connection.id.as_str())
        .bind(connection.generation);
        let did = tx.run(statement).await? == 1;
        if did {
            let why = HistoryKind::Broken {
                reason,
                status: None,
                code: None,
            };
            append(&mut tx, &connection.organization, &connection.id, now, &why).await?;
            let detail = json!({"reason": reason.as_str()});
            let what = (EventKind::ConnectionReconnectRequired, &detail);
            let which = std::iter::once(&connection.id);
            tell(&mut tx, &connection.organization, which, now, what).await?;
            let event = event(
                Actor::server(),
                AuditAction::ReconnectRequired,
                &connection.id,
                detail,
            );
            self.audit(&mut tx, &connection.organization, event).await?;
            tx.commit().await?;
        }
        Ok(did)
    }
}
