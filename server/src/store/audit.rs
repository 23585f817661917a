//! The audit. Events are written in the transaction of the change they tell of (R72).

use super::db::{Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{AuditEvent, OrganizationId};

impl Store {
    /// Appends an event and answers its number.
    pub(super) async fn audit(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        event: AuditEvent,
    ) -> Result<i64, StoreError> {
        let statement = sql(
            "INSERT INTO audit_events (organization_id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING seq",
        )
        .bind(organization.as_str())
        .bind(self.now())
        .bind(event.actor.kind)
        .bind(event.actor.id)
        .bind(event.actor.name)
        .bind(event.action)
        .bind(event.subject_kind)
        .bind(event.subject_id)
        .bind(event.detail.to_string());
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
