//! The audit. Events are written in the transaction of the change they tell of (R72), and nothing
//! here or anywhere else changes one again.

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::caller;
use crate::domain::{
    Actor, AuditAction, AuditEvent, AuditRecord, Connection, OrganizationId, Timestamp,
};

/// Who looks at the same connection again within this time does so once.
const ONE_VIEW_MS: i64 = 10 * 60 * 1000;

/// What [`record`] reads.
pub(super) const RECORD: &str =
    "SELECT e.seq, e.organization_id, e.at, e.actor_kind, e.actor_id, e.actor_name, e.action,
     e.subject_kind, e.subject_id, e.detail, e.node, e.address, e.application_id";

pub(super) fn record(row: &Row) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        seq: row.int("seq")?,
        organization: row.parsed("organization_id")?,
        at: row.time("at")?,
        actor_kind: row.text("actor_kind")?,
        actor_id: row.text("actor_id")?,
        actor_name: row.text("actor_name")?,
        action: row.text("action")?,
        subject_kind: row.text("subject_kind")?,
        subject_id: row.text("subject_id")?,
        detail: row.text("detail")?,
        node: row.maybe_text("node")?,
        address: row.maybe_text("address")?,
        application: row.maybe_text("application_id")?,
    })
}

impl Store {
    /// Notes that a member looks at a connection (R47), unless it was noted a moment ago.
    pub async fn note_view(&self, connection: &Connection, actor: Actor) -> Result<(), StoreError> {
        let noted = |now: Timestamp| {
            sql("SELECT 1 AS one FROM audit_events WHERE subject_id = $1 AND action = 'connection.viewed' AND actor_id = $2
                 AND at > $3 LIMIT 1")
            .bind(connection.id.as_str())
            .bind(actor.id.as_str())
            .bind(now.millis() - ONE_VIEW_MS)
        };
        if (&self.db).row(noted(self.now())).await?.is_some() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        // two views at once are one
        let take = sql("UPDATE connections SET updated_at = updated_at WHERE id = $1")
            .bind(connection.id.as_str());
        tx.run(take).await?;
        if tx.row(noted(self.now())).await?.is_some() {
            return Ok(());
        }
        let event = AuditEvent {
            actor: actor.clone(),
            action: AuditAction::ConnectionViewed,
            subject_kind: "connection",
            subject_id: connection.id.to_string(),
            detail: serde_json::json!({}),
        };
        self.audit(&mut tx, &connection.organization, event).await?;
        tx.commit().await
    }

    /// Appends an event and answers its number.
    pub(super) async fn audit(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        event: AuditEvent,
    ) -> Result<i64, StoreError> {
        self.audit_at(tx, organization, self.now(), event).await
    }

    /// Appends an event that tells of an earlier moment, such as a minute that was counted.
    pub(super) async fn audit_at(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        at: Timestamp,
        event: AuditEvent,
    ) -> Result<i64, StoreError> {
        let statement = sql(
            "INSERT INTO audit_events (organization_id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail,
                 node, address, application_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, CASE $7
                 WHEN 'application' THEN $8
                 WHEN 'provider' THEN (SELECT application_id FROM providers WHERE id = $8)
                 WHEN 'connection' THEN (SELECT application_id FROM connections WHERE id = $8)
                 WHEN 'connect_session' THEN (SELECT application_id FROM connect_sessions WHERE id = $8)
                 WHEN 'api_key' THEN (SELECT application_id FROM api_keys WHERE id = $8)
                 END)
             RETURNING seq",
        )
        .bind(organization.as_str())
        .bind(at)
        .bind(event.actor.kind)
        .bind(event.actor.id)
        .bind(event.actor.name)
        .bind(event.action.as_str())
        .bind(event.subject_kind)
        .bind(event.subject_id)
        .bind(event.detail.to_string())
        .bind(&*self.node)
        .bind(caller::address().map(|address| address.to_string()));
        tx.row(statement)
            .await?
            .ok_or(StoreError::Conflict)?
            .int("seq")
    }

    /// Appends an event that stands alone, such as a failed sign-in.
    pub async fn audit_alone(
        &self,
        organization: &OrganizationId,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        self.audit(&mut tx, organization, event).await?;
        tx.commit().await
    }
}
