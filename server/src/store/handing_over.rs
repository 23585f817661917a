//! A team's connection gets into somebody else's care (seed 002): whoever approved it has left, and the
//! next link to reconnect has to reach somebody who is there.
//!
//! Nothing of the grant changes. At the provider it is still the account of whoever approved; who that was
//! stays with the connection, and until somebody approves again nobody else's account is behind it.

use super::connections::event;
use super::db::{Runs, sql};
use super::{Store, StoreError, history};
use crate::domain::{Actor, AuditAction, Connection, EndUser};
use app::wire::HistoryKind;
use serde_json::json;

impl Store {
    /// Puts a connection that is not revoked into this person's care. Links under way that were made for
    /// the one before end. The same person once more changes nothing. `false`: it was revoked.
    pub async fn hand_over(
        &self,
        connection: &Connection,
        to: &EndUser,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        if connection.responsible() == to {
            return Ok(true);
        }
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let change = sql(
            "UPDATE connections SET in_care_of_id = $1, in_care_of_name = $2, in_care_of_email = $3, updated_at = $4
             WHERE organization_id = $5 AND id = $6 AND status <> 'revoked'",
        )
        .bind(&to.id)
        .bind(to.name.clone())
        .bind(to.email.clone())
        .bind(now)
        .bind(connection.organization.as_str())
        .bind(connection.id.as_str());
        if tx.run(change).await? == 0 {
            return Ok(false);
        }
        let end = sql(
            "UPDATE connect_sessions SET expires_at = $1
             WHERE organization_id = $2 AND reconnect_connection_id = $3 AND status = 'pending' AND expires_at > $1",
        )
        .bind(now)
        .bind(connection.organization.as_str())
        .bind(connection.id.as_str());
        tx.run(end).await?;
        let what = HistoryKind::HandedOver {
            by: actor.name.clone(),
            to: to.words().to_owned(),
        };
        history::append(
            &mut tx,
            &connection.organization,
            &connection.id,
            now,
            &what,
        )
        .await?;
        let detail = json!({"from": connection.responsible().id, "to": to.id});
        let handed_over = event(actor, AuditAction::HandedOver, &connection.id, detail);
        self.audit(&mut tx, &connection.organization, handed_over)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}
