//! Undoing a revocation: the connection lives again, with the same tokens under a new generation.
//!
//! Undo and the job that tells the provider want the same row, and each takes it with one condition:
//! nobody has tried to tell (`attempts = 0`). So exactly one of them wins. A refresh that was under way
//! when the connection was frozen may still bring tokens, and then the old ones are spent: what it
//! brings is put into the row, too, and until its time is over nothing is undone.

use super::connections::{SavedTokens, event, scopes_json};
use super::db::{Runs, Tx, sql};
use super::events::tell;
use super::history::append;
use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, BulkId, ClientSecretId, Connection, ConnectionId, OrganizationId,
    ReceiptId, Revocation, Timestamp, Undone,
};
use app::wire::{EventKind, HistoryKind};
use serde_json::json;
use std::time::Duration;

/// What came of undoing a revocation.
#[derive(Debug)]
pub enum Undo {
    /// The connection works again; so it does when it had been undone before.
    Done(Box<Revocation>),
    /// Its time is over, or it left none: the tokens are destroyed, or the provider is told.
    TooLate,
    /// A refresh that was under way may still bring tokens; it has this long.
    RefreshUnderWay(Duration),
    /// The account was connected again, and two connections would take each other's tokens away.
    ConnectedAgain,
    /// There is no such revocation.
    NotRevoked,
}

/// By whose word, and where the audit tells of it.
#[derive(Clone, Copy)]
pub(super) struct Undoing<'a> {
    pub(super) by: &'a str,
    pub(super) at: Timestamp,
    pub(super) audit_seq: i64,
    /// Only what this run of many revoked.
    pub(super) bulk: Option<&'a BulkId>,
}

/// What came of it for one connection, within a transaction.
pub(super) enum Restored {
    /// It lives.
    Yes,
    /// It stays revoked.
    No(Undo),
}

impl Store {
    /// Undoes a revocation, if there is still time.
    pub async fn undo_revocation(
        &self,
        connection: &Connection,
        actor: Actor,
    ) -> Result<Undo, StoreError> {
        let Some(receipt) = self.receipt_of(&connection.id).await? else {
            return Ok(Undo::NotRevoked);
        };
        if receipt.undone.is_some() {
            return Ok(Undo::Done(Box::new(receipt)));
        }
        let (by, at) = (actor.name.clone(), self.now());
        let mut tx = self.db.begin().await?;
        let detail = json!({"receipt": receipt.id.as_str()});
        let event = event(actor, AuditAction::Restored, &connection.id, detail);
        let audit_seq = self.audit(&mut tx, &connection.organization, event).await?;
        let undoing = Undoing {
            by: &by,
            at,
            audit_seq,
            bulk: None,
        };
        let restored = self
            .restore(&mut tx, &connection.organization, &connection.id, undoing)
            .await?;
        match restored {
            Restored::No(why) => Ok(why),
            Restored::Yes => {
                tx.commit().await?;
                Ok(Undo::Done(Box::new(Revocation {
                    undone: Some(Undone { by, at, audit_seq }),
                    undo_until: None,
                    ..receipt
                })))
            }
        }
    }

    /// Brings a connection back. Nothing was changed where it says no.
    pub(super) async fn restore(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        id: &ConnectionId,
        undoing: Undoing<'_>,
    ) -> Result<Restored, StoreError> {
        if connected_again(tx, id).await? {
            return Ok(Restored::No(Undo::ConnectedAgain));
        }
        // takes the row: the job that tells the provider waits, and then finds none
        let take = sql(
            "UPDATE revocations SET next_try_at = next_try_at
             WHERE organization_id = $1 AND connection_id = $2 AND upstream = 'waiting' AND attempts = 0 AND undo_until > $3",
        )
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(undoing.at);
        let take = match undoing.bulk {
            Some(bulk) => take.and_bind(" AND bulk_id = ?", bulk.as_str()),
            None => take,
        };
        let take = take.and(
            " RETURNING id, generation, sealed_tokens, status_before, intent_open,
                 CAST(CASE WHEN refresh_until >= {now} THEN refresh_until - {now} ELSE 0 END AS BIGINT) AS wait",
        );
        let Some(row) = tx.row(take).await? else {
            return Ok(Restored::No(Undo::TooLate));
        };
        let wait = row.count("wait")?;
        if wait > 0 {
            let wait = Duration::from_millis(wait);
            return Ok(Restored::No(Undo::RefreshUnderWay(wait)));
        }
        let sealed = row.maybe_bytes("sealed_tokens")?.unwrap_or_default();
        let receipt: ReceiptId = row.parsed("id")?;
        let tokens = self.open_revoked(organization, &receipt, sealed).await?;
        let generation = row.int("generation")? + 1;
        let sealed = self
            .seal_tokens(organization, id, generation, &tokens)
            .await?;
        // to be looked at at once: much may have come due meanwhile
        let restore = sql(
            "UPDATE connections SET status = $1, status_since = $2, generation = $3, sealed_tokens = $4, access_token_sha256 = $5,
                 intent_generation = $6, look_at = 0, look_generation = $3, claimed_until = NULL, updated_at = $2
             WHERE id = $7 AND status = 'revoked' AND generation = $8",
        )
        .bind(row.text("status_before")?)
        .bind(undoing.at)
        .bind(generation)
        .bind(sealed)
        .bind(crate::vault::sha256(
            tokens.access_token.expose().as_bytes(),
        ))
        .bind(row.flag("intent_open")?.then_some(generation))
        .bind(id.as_str())
        .bind(generation - 1);
        if tx.run(restore).await? == 0 {
            return Err(StoreError::Conflict);
        }
        let keep = sql(
            "INSERT INTO undone_revocations (id, organization_id, connection_id, reason, note, revoked_by, revoked_at,
                 token_valid_until, bulk_id, audit_seq, undone_by, undone_at, undone_seq)
             SELECT id, organization_id, connection_id, reason, note, revoked_by, revoked_at, token_valid_until, bulk_id,
                 audit_seq, CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM revocations WHERE connection_id = $4",
        )
        .bind(undoing.by)
        .bind(undoing.at)
        .bind(undoing.audit_seq)
        .bind(id.as_str());
        tx.run(keep).await?;
        let remove = sql("DELETE FROM revocations WHERE connection_id = $1").bind(id.as_str());
        tx.run(remove).await?;
        let what = HistoryKind::Restored {
            by: undoing.by.to_owned(),
        };
        append(tx, organization, id, undoing.at, &what).await?;
        let told = (EventKind::ConnectionRestored, &json!({}));
        tell(tx, organization, std::iter::once(id), undoing.at, told).await?;
        Ok(Restored::Yes)
    }

    /// Keeps what a refresh brought whose connection was frozen meanwhile, for whoever undoes that, or
    /// for the provider. `false`: it is not wanted.
    pub async fn keep_late(
        &self,
        connection: &Connection,
        refreshed: i64,
        saved: &SavedTokens,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let take = sql(
            "UPDATE revocations SET refresh_until = NULL, intent_open = 0
             WHERE connection_id = $1 AND generation = $2 AND upstream = 'waiting' AND attempts = 0 AND undo_until > $3
             RETURNING id",
        )
        .bind(connection.id.as_str())
        .bind(refreshed + 1)
        .bind(self.now());
        let Some(row) = tx.row(take).await? else {
            return Ok(false);
        };
        let receipt: ReceiptId = row.parsed("id")?;
        let sealed = self
            .seal_revoked(&connection.organization, &receipt, &saved.tokens)
            .await?;
        let replace = sql("UPDATE revocations SET sealed_tokens = $1 WHERE id = $2")
            .bind(sealed)
            .bind(receipt.as_str());
        tx.run(replace).await?;
        let describe = sql(
            "UPDATE connections SET has_refresh_token = $1, token_type = $2, access_token_expires_at = $3, refresh_due_at = $4,
                 scopes_granted = $5, metadata = $6, client_secret_id = $7, token_set_at = $8
             WHERE id = $9 AND status = 'revoked' AND generation = $10",
        )
        .bind(saved.tokens.refresh_token.is_some())
        .bind(&saved.token_type)
        .bind(saved.expires_at)
        .bind(saved.refresh_due_at)
        .bind(scopes_json(&saved.scopes_granted))
        .bind(json!(saved.metadata).to_string())
        .bind(saved.client_secret.as_ref().map(ClientSecretId::as_str))
        .bind(self.now())
        .bind(connection.id.as_str())
        .bind(refreshed + 1);
        tx.run(describe).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Whether the owner has connected the account again, or somebody else has who must not share it.
async fn connected_again(tx: &mut Tx, id: &ConnectionId) -> Result<bool, StoreError> {
    let statement = sql(
        "SELECT other.id FROM connections this JOIN providers ON providers.id = this.provider_id
         JOIN connections other ON other.provider_id = this.provider_id AND other.account_id = this.account_id
         WHERE this.id = $1 AND other.id <> this.id AND other.status <> 'revoked'
             AND (providers.one_owner_per_account = 1 OR (other.owner_kind = this.owner_kind AND other.owner_id = this.owner_id))
         LIMIT 1",
    )
    .bind(id.as_str());
    Ok(tx.row(statement).await?.is_some())
}
