//! Receipts of revocations: how they are kept, read and worded, and what is sealed beside them.
//!
//! A connection has at most one revocation. One that was undone moves to a table of its own, so that
//! its receipt can still be read while the connection lives on.

use super::db::{Row, Runs, Statement, Tx, sql};
use super::{Store, StoreError, place};
use crate::domain::{
    BulkId, ConnectionId, OrganizationId, ReceiptId, Revocation, Timestamp, Tokens, Undone,
    Upstream,
};
use crate::vault::{Place, Secret};
use app::wire::{RevokeReason, TokenResults, UpstreamResult};
use serde_json::json;

pub(super) const COLUMNS: &str = "SELECT id, organization_id, connection_id, reason, note, revoked_by, revoked_at, token_valid_until, \
     generation, upstream, upstream_at, attempts, next_try_at, audit_seq, sealed_tokens, results, undo_until, bulk_id FROM revocations";

pub(super) fn revocation(row: &Row) -> Result<Revocation, StoreError> {
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
        results: row.json("results")?,
        undo_until: row.maybe_time("undo_until")?,
        bulk: row.maybe_parsed("bulk_id")?,
        undone: None,
        audit_seq: row.int("audit_seq")?,
    })
}

fn undone(row: &Row) -> Result<Revocation, StoreError> {
    Ok(Revocation {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        connection: row.parsed("connection_id")?,
        reason: reason_from(&row.text("reason")?)?,
        note: row.text("note")?,
        revoked_by: row.text("revoked_by")?,
        revoked_at: row.time("revoked_at")?,
        token_valid_until: row.maybe_time("token_valid_until")?,
        // only who was told nothing can be undone
        upstream: Upstream::Waiting,
        upstream_at: None,
        attempts: 0,
        next_try_at: None,
        results: TokenResults::default(),
        undo_until: None,
        bulk: row.maybe_parsed("bulk_id")?,
        undone: Some(Undone {
            by: row.text("undone_by")?,
            at: row.time("undone_at")?,
            audit_seq: row.int("undone_seq")?,
        }),
        audit_seq: row.int("audit_seq")?,
    })
}

/// What a revocation keeps beside its receipt.
pub(super) struct Kept {
    /// The generation at which the connection was frozen.
    pub(super) generation: i64,
    /// Its tokens, sealed for here; `None` when they are destroyed.
    pub(super) sealed: Option<Vec<u8>>,
    /// The state it was in.
    pub(super) status_before: String,
    /// Nobody knows whether the refresh token is spent.
    pub(super) intent_open: bool,
    /// A refresh was under way that has until then, by the database's clock.
    pub(super) refresh_until: Option<i64>,
}

pub(super) fn reason_word(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Leaving => "leaving",
        RevokeReason::Incident => "incident",
        RevokeReason::Asked => "asked",
    }
}

pub(super) fn reason_from(word: &str) -> Result<RevokeReason, StoreError> {
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

/// Keeps receipts, all of one transaction.
pub(super) async fn insert(tx: &mut Tx, new: Vec<(&Revocation, Kept)>) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let mut statement = sql(
        "INSERT INTO revocations (id, organization_id, connection_id, reason, note, revoked_by, revoked_at, token_valid_until,
             generation, upstream, upstream_at, attempts, next_try_at, audit_seq, undo_until, bulk_id, sealed_tokens,
             status_before, intent_open, refresh_until) VALUES ",
    );
    for (place, (revocation, kept)) in new.into_iter().enumerate() {
        statement = with_values(
            statement.and(if place == 0 { "" } else { ", " }),
            revocation,
            kept,
        );
    }
    tx.run(statement).await?;
    Ok(())
}

fn with_values(statement: Statement, revocation: &Revocation, kept: Kept) -> Statement {
    statement
        .and_bind("(?", revocation.id.as_str())
        .and_bind(", ?", revocation.organization.as_str())
        .and_bind(", ?", revocation.connection.as_str())
        .and_bind(", ?", reason_word(revocation.reason))
        .and_bind(", ?", revocation.note.as_str())
        .and_bind(", ?", revocation.revoked_by.as_str())
        .and_bind(", ?", revocation.revoked_at)
        .and_bind(", ?", revocation.token_valid_until)
        .and_bind(", ?", kept.generation)
        .and_bind(", ?", revocation.upstream.as_str())
        .and_bind(", ?", revocation.upstream_at)
        .and_bind(", ?", revocation.attempts)
        .and_bind(", ?", revocation.next_try_at)
        .and_bind(", ?", revocation.audit_seq)
        .and_bind(", ?", revocation.undo_until)
        .and_bind(", ?", revocation.bulk.as_ref().map(BulkId::as_str))
        .and_bind(", ?", kept.sealed)
        .and_bind(", ?", kept.status_before)
        .and_bind(", ?", kept.intent_open)
        .and_bind(", ?)", kept.refresh_until)
}

impl Store {
    /// The revocation of a connection that is revoked.
    pub async fn revocation_of(
        &self,
        connection: &ConnectionId,
    ) -> Result<Option<Revocation>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE connection_id = $1")
            .bind(connection.as_str());
        self.db.read_one(statement, revocation).await
    }

    /// The latest receipt of a connection: also of a revocation that was undone.
    pub async fn receipt_of(
        &self,
        connection: &ConnectionId,
    ) -> Result<Option<Revocation>, StoreError> {
        if let Some(found) = self.revocation_of(connection).await? {
            return Ok(Some(found));
        }
        let statement = sql(
            "SELECT id, organization_id, connection_id, reason, note, revoked_by, revoked_at, token_valid_until, bulk_id,
                 audit_seq, undone_by, undone_at, undone_seq
             FROM undone_revocations WHERE connection_id = $1 ORDER BY undone_at DESC, undone_seq DESC LIMIT 1",
        )
        .bind(connection.as_str());
        self.db.read_one(statement, undone).await
    }

    /// Seals a token set for the row of a revocation.
    pub(super) async fn seal_revoked(
        &self,
        organization: &OrganizationId,
        id: &ReceiptId,
        tokens: &Tokens,
    ) -> Result<Vec<u8>, StoreError> {
        let text = json!({"access_token": tokens.access_token.expose(),
            "refresh_token": tokens.refresh_token.as_ref().map(Secret::expose),
            "client_secret": tokens.client_secret.as_ref().map(Secret::expose), "raw": tokens.raw.expose()});
        self.seal(
            &tokens_place(organization, id),
            &Secret::new(text.to_string()),
        )
        .await
    }

    /// Opens it again.
    pub(super) async fn open_revoked(
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
            #[serde(default)]
            raw: String,
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
            raw: Secret::new(stored.raw),
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
