//! Revoking: local first, in one transaction; the provider is told afterwards (R68).
//!
//! From the commit on no token leaves, and a refresh in flight finds another generation. What differs
//! is what becomes of the tokens: [`Store::revoke`] destroys them, but for what the provider is still to
//! be told at once; [`Store::freeze`] keeps them, sealed in the row of the revocation, for as long as it
//! can be undone, and then they go the same way.

use super::connections::event;
use super::db::{Runs, Tx, sql};
use super::events::tell;
use super::history::append_all;
use super::revocations::{Kept, insert, reason_word};
use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, BulkId, Connection, ConnectionId, OrganizationId, ProviderId, ReceiptId,
    Revocation, Timestamp, Tokens, UNDO_TIME, Upstream,
};
use app::wire::{EventKind, HistoryKind, RevokeReason, TokenResults};
use serde_json::json;

/// Why connections end, and by whose word.
pub(super) struct Ending<'a> {
    pub(super) reason: RevokeReason,
    pub(super) note: &'a str,
    pub(super) by: &'a str,
    pub(super) audit_seq: i64,
    pub(super) bulk: Option<&'a BulkId>,
}

/// What becomes of the tokens.
#[derive(Clone, Copy)]
pub(super) enum Order<'a> {
    /// They are destroyed; the providers that can be told are told at once.
    AtOnce {
        /// Whether a provider can be told.
        can_be_told: &'a (dyn Fn(&ProviderId) -> bool + Sync),
    },
    /// They are kept until it can no longer be undone.
    AfterUndoTime,
}

/// A connection that is being ended, its row held by the transaction.
pub(super) struct Taken {
    pub(super) id: ConnectionId,
    receipt: ReceiptId,
    provider: ProviderId,
    generation: i64,
    tokens: Option<Tokens>,
    status_before: String,
    intent_open: bool,
    refresh_until: Option<i64>,
    token_valid_until: Option<Timestamp>,
}

impl Store {
    /// Revokes a connection at once: no token leaves from now on, a refresh in flight cannot bring it
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
        let can_be_told = |_: &ProviderId| upstream_offered;
        let order = Order::AtOnce {
            can_be_told: &can_be_told,
        };
        self.end_one(connection, (reason, note), actor, order).await
    }

    /// The same, and it can be undone for [`UNDO_TIME`]: until then nothing is destroyed, and no
    /// provider is told.
    pub async fn freeze(
        &self,
        connection: &Connection,
        reason: RevokeReason,
        note: &str,
        actor: Actor,
    ) -> Result<Option<Revocation>, StoreError> {
        let order = Order::AfterUndoTime;
        self.end_one(connection, (reason, note), actor, order).await
    }

    async fn end_one(
        &self,
        connection: &Connection,
        (reason, note): (RevokeReason, &str),
        actor: Actor,
        order: Order<'_>,
    ) -> Result<Option<Revocation>, StoreError> {
        let organization = &connection.organization;
        let mut tx = self.db.begin().await?;
        let now = self.now();
        let taken = self
            .take_row(&mut tx, organization, &connection.id, now)
            .await?;
        let Some(taken) = taken else {
            drop(tx);
            return self.revocation_of(&connection.id).await;
        };
        let detail =
            json!({"reason": reason_word(reason), "note": note, "receipt": taken.receipt.as_str()});
        let by = actor.name.clone();
        let event = event(actor, AuditAction::Revoked, &connection.id, detail);
        let ending = Ending {
            reason,
            note,
            by: &by,
            audit_seq: self.audit(&mut tx, organization, event).await?,
            bulk: None,
        };
        let revocations = self
            .end_taken(&mut tx, organization, vec![taken], &ending, order, now)
            .await?;
        tx.commit().await?;
        Ok(revocations.into_iter().next())
    }

    /// Takes a connection's row, with its tokens. `None`: it is revoked already, or there is none.
    pub(super) async fn take_row(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        id: &ConnectionId,
        now: Timestamp,
    ) -> Result<Option<Taken>, StoreError> {
        // takes the row first: a refresh that commits now waits, and then finds another generation
        let take = sql(
            "UPDATE connections SET updated_at = $1 WHERE organization_id = $2 AND id = $3 AND status <> 'revoked'
             RETURNING provider_id, status, generation, sealed_tokens, access_token_expires_at,
                 CAST(CASE WHEN EXISTS (SELECT 1 FROM hand_outs WHERE hand_outs.connection_id = connections.id) THEN 1 ELSE 0 END AS BIGINT) AS handed_out,
                 CAST(CASE WHEN intent_generation = generation THEN 1 ELSE 0 END AS BIGINT) AS intent_open,
                 CAST(CASE WHEN lease_until >= {now} THEN lease_until END AS BIGINT) AS refresh_until",
        )
        .bind(now)
        .bind(organization.as_str())
        .bind(id.as_str());
        let Some(row) = tx.row(take).await? else {
            return Ok(None);
        };
        let generation = row.int("generation")?;
        let tokens = match row.maybe_bytes("sealed_tokens")? {
            // what cannot be opened can still be revoked here
            Some(sealed) => self
                .open_tokens(organization, id, generation, sealed)
                .await
                .ok(),
            None => None,
        };
        // a call through the proxy gave no token away
        let was_handed_out = row.flag("handed_out")?;
        Ok(Some(Taken {
            id: id.clone(),
            receipt: ReceiptId::random(),
            provider: row.parsed("provider_id")?,
            generation: generation + 1,
            tokens,
            status_before: row.text("status")?,
            intent_open: row.flag("intent_open")?,
            refresh_until: row.maybe_int("refresh_until")?,
            token_valid_until: row
                .maybe_time("access_token_expires_at")?
                .filter(|_| was_handed_out),
        }))
    }

    /// Freezes connections whose rows were taken, and writes their receipts and their history.
    pub(super) async fn end_taken(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        taken: Vec<Taken>,
        ending: &Ending<'_>,
        order: Order<'_>,
        now: Timestamp,
    ) -> Result<Vec<Revocation>, StoreError> {
        freeze_all(tx, &taken, now).await?;
        let mut receipts = Vec::with_capacity(taken.len());
        for one in taken {
            let undo_until = match order {
                Order::AfterUndoTime if one.tokens.is_some() => Some(now + UNDO_TIME),
                _ => None,
            };
            let upstream = match (&one.tokens, order) {
                (None, _) => Upstream::NothingToRevoke,
                // whether it can be told is found out when the time has come
                (Some(_), Order::AfterUndoTime) => Upstream::Waiting,
                (Some(_), Order::AtOnce { can_be_told }) if can_be_told(&one.provider) => {
                    Upstream::Waiting
                }
                (Some(_), Order::AtOnce { .. }) => Upstream::NotOffered,
            };
            let waiting = upstream == Upstream::Waiting;
            let sealed = match one.tokens.filter(|_| waiting) {
                Some(tokens) => Some(
                    self.seal_revoked(organization, &one.receipt, &tokens)
                        .await?,
                ),
                None => None,
            };
            let revocation = Revocation {
                id: one.receipt,
                organization: organization.clone(),
                connection: one.id,
                reason: ending.reason,
                note: ending.note.to_owned(),
                revoked_by: ending.by.to_owned(),
                revoked_at: now,
                token_valid_until: one.token_valid_until,
                upstream,
                upstream_at: (!waiting).then_some(now),
                attempts: 0,
                next_try_at: waiting.then(|| undo_until.unwrap_or(now)),
                results: TokenResults::default(),
                undo_until,
                bulk: ending.bulk.cloned(),
                undone: None,
                audit_seq: ending.audit_seq,
            };
            let kept = Kept {
                generation: one.generation,
                sealed,
                status_before: one.status_before,
                intent_open: one.intent_open,
                refresh_until: one.refresh_until,
            };
            receipts.push((revocation, kept));
        }
        let (revocations, kept): (Vec<_>, Vec<_>) = receipts.into_iter().unzip();
        insert(tx, revocations.iter().zip(kept).collect()).await?;
        let what = HistoryKind::Revoked {
            by: ending.by.to_owned(),
            reason: ending.reason,
        };
        let connections = revocations.iter().map(|one| &one.connection);
        append_all(tx, organization, connections.clone(), now, &what).await?;
        let detail = json!({"reason": reason_word(ending.reason)});
        let told = (EventKind::ConnectionRevoked, &detail);
        tell(tx, organization, connections, now, told).await?;
        Ok(revocations)
    }
}

/// No token leaves from here on. The rows are held already, so nobody waits in a circle.
async fn freeze_all(tx: &mut Tx, taken: &[Taken], now: Timestamp) -> Result<(), StoreError> {
    if taken.is_empty() {
        return Ok(());
    }
    let mut freeze = sql(
        "UPDATE connections SET status = 'revoked', status_since = $1, generation = generation + 1, lease_owner = NULL,
             lease_until = NULL, intent_generation = NULL, intent_at = NULL, next_refresh_at = NULL, fail_count = 0,
             sealed_tokens = NULL, access_token_sha256 = NULL
         WHERE id IN (",
    )
    .bind(now);
    for (place, one) in taken.iter().enumerate() {
        freeze = freeze.and_bind(if place == 0 { "?" } else { ", ?" }, one.id.as_str());
    }
    tx.run(freeze.and(")")).await?;
    Ok(())
}
