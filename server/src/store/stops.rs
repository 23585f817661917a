//! Emergency stops: no token of a provider, or of a whole application, leaves until somebody lets them
//! go again. Nothing is destroyed, and connections are kept alive as ever.
//!
//! Nobody reads a stop for itself: that of an application comes with the API key of each call, that of
//! a provider with the connection. So it holds on all nodes from the next call on.

use super::db::{Row, Runs, Statement, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, Application, AuditAction, AuditEvent, Provider, Stop};
use serde_json::json;

/// Reads the stop in a row of an application or a provider.
pub(super) fn stop(row: &Row) -> Result<Option<Stop>, StoreError> {
    let Some(at) = row.maybe_time("stopped_at")? else {
        return Ok(None);
    };
    Ok(Some(Stop {
        at,
        by: row.maybe_text("stopped_by")?.unwrap_or_default(),
        reason: row.maybe_text("stop_reason")?.unwrap_or_default(),
    }))
}

/// Whose tokens are stopped.
#[derive(Clone, Copy, Debug)]
pub enum Stopped<'a> {
    /// All of an application.
    Application(&'a Application),
    /// Those of one provider.
    Provider(&'a Provider),
}

impl Store {
    /// Stops all tokens. Where they are stopped already, nothing changes.
    pub async fn stop_tokens(
        &self,
        whose: Stopped<'_>,
        reason: &str,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let statement = whose
            .update(" SET stopped_at = $1, stopped_by = $2, stop_reason = $3")
            .bind(self.now())
            .bind(&actor.name)
            .bind(reason);
        let statement = whose.only(statement).and(" AND stopped_at IS NULL");
        let action = match whose {
            Stopped::Application(_) => AuditAction::ApplicationStopped,
            Stopped::Provider(_) => AuditAction::ProviderStopped,
        };
        let event = whose.event(actor, action, json!({"reason": reason}));
        self.change_stop(whose, statement, event).await
    }

    /// Lets tokens go again.
    pub async fn let_tokens_go(&self, whose: Stopped<'_>, actor: Actor) -> Result<(), StoreError> {
        let statement =
            whose.update(" SET stopped_at = NULL, stopped_by = NULL, stop_reason = NULL");
        let statement = whose.only(statement).and(" AND stopped_at IS NOT NULL");
        let action = match whose {
            Stopped::Application(_) => AuditAction::ApplicationLetGo,
            Stopped::Provider(_) => AuditAction::ProviderLetGo,
        };
        let event = whose.event(actor, action, json!({}));
        self.change_stop(whose, statement, event).await
    }

    async fn change_stop(
        &self,
        whose: Stopped<'_>,
        statement: Statement,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        let organization = match whose {
            Stopped::Application(application) => &application.organization,
            Stopped::Provider(provider) => &provider.organization,
        };
        let mut tx = self.db.begin().await?;
        if tx.run(statement).await? == 1 {
            self.audit(&mut tx, organization, event).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Stopped<'_> {
    fn update(self, set: &'static str) -> Statement {
        let table = match self {
            Self::Application(_) => "UPDATE applications",
            Self::Provider(_) => "UPDATE providers",
        };
        sql(table).and(set)
    }

    fn only(self, statement: Statement) -> Statement {
        let (organization, id) = match self {
            Self::Application(one) => (one.organization.as_str(), one.id.as_str()),
            Self::Provider(one) => (one.organization.as_str(), one.id.as_str()),
        };
        statement
            .and_bind(" WHERE organization_id = ?", organization)
            .and_bind(" AND id = ?", id)
    }

    fn event(self, actor: Actor, action: AuditAction, detail: serde_json::Value) -> AuditEvent {
        let (subject_kind, subject_id) = match self {
            Self::Application(one) => ("application", one.id.to_string()),
            Self::Provider(one) => ("provider", one.id.to_string()),
        };
        AuditEvent {
            actor,
            action,
            subject_kind,
            subject_id,
            detail,
        }
    }
}
