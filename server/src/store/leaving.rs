//! Connections that leave: read with their tokens, page by page, to be sealed for somebody else.

use super::connections::{COLUMNS, connection};
use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::{
    Actor, Application, ApplicationId, AuditAction, AuditEvent, Connection, ConnectionId, Tokens,
};
use serde_json::json;

/// Connections that are read at once.
const PAGE: i64 = 200;

impl Store {
    /// Some connections of an application that are not revoked, with their tokens, by id: those after
    /// `after`. None are left where none come.
    pub async fn leaving(
        &self,
        application: &ApplicationId,
        after: Option<&ConnectionId>,
    ) -> Result<Vec<(Connection, Tokens)>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id > $2 AND status <> 'revoked' AND sealed_tokens IS NOT NULL ORDER BY id LIMIT $3")
            .bind(application.as_str())
            .bind(after.map_or("", ConnectionId::as_str))
            .bind(PAGE);
        let rows = (&self.db).rows(statement).await?;
        let mut leaving = Vec::with_capacity(rows.len());
        for row in &rows {
            let connection = connection(row)?;
            let Some(sealed) = row.maybe_bytes("sealed_tokens")? else {
                continue;
            };
            let tokens = self
                .open_tokens(
                    &connection.organization,
                    &connection.id,
                    connection.generation,
                    sealed,
                )
                .await?;
            leaving.push((connection, tokens));
        }
        Ok(leaving)
    }

    /// How many there are.
    pub async fn count_leaving(&self, application: &ApplicationId) -> Result<u64, StoreError> {
        let statement = sql("SELECT COUNT(*) AS many FROM connections
             WHERE application_id = $1 AND status <> 'revoked' AND sealed_tokens IS NOT NULL")
        .bind(application.as_str());
        let row = (&self.db).row(statement).await?;
        row.map_or(Ok(0), |row| row.count("many"))
    }

    /// Writes down that all tokens of an application leave, and for whom they are sealed.
    pub async fn note_leaving(
        &self,
        application: &Application,
        connections: u64,
        recipients: &[String],
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let event = AuditEvent {
            actor,
            action: AuditAction::ConnectionsTaken,
            subject_kind: "application",
            subject_id: application.id.to_string(),
            detail: json!({"connections": connections, "sealed_to": recipients}),
        };
        self.audit(&mut tx, &application.organization, event)
            .await?;
        tx.commit().await
    }
}
