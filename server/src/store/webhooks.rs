//! Webhook endpoints: set up, changed, and their secrets.
//!
//! A secret is sealed in its endpoint's row and bound to its number, which goes up when it is rotated;
//! the one before stays where it was sealed and signs too, until its time is over.

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError, place};
use crate::domain::{
    Actor, ApplicationId, AuditAction, AuditEvent, BOTH_SECRETS_SIGN, Endpoint, MOST_ENDPOINTS,
    OrganizationId, Subscription, WebhookId, WebhookSecret,
};
use crate::vault::Place;
use app::wire::{DisabledReason, EventKind};
use serde_json::json;

pub(super) const COLUMNS: &str = "SELECT id, organization_id, application_id, url, description, events, secret_number, old_secret_until, created_by, \
     created_at, disabled_at, disabled_reason, failing_since, delivered_at FROM webhook_endpoints";

/// What an endpoint is to be.
#[derive(Clone, Debug)]
pub struct EndpointSetting {
    /// Where events are sent to: checked against the outbound policy by whoever asks.
    pub url: String,
    /// What it is; may be empty.
    pub description: String,
    /// Which events.
    pub events: Subscription,
}

pub(super) fn endpoint(row: &Row) -> Result<Endpoint, StoreError> {
    let disabled = match row.maybe_time("disabled_at")? {
        Some(at) => Some((
            at,
            row.maybe_parsed("disabled_reason")?
                .unwrap_or(DisabledReason::ByHand),
        )),
        None => None,
    };
    Ok(Endpoint {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        url: row.text("url")?,
        description: row.text("description")?,
        events: row.parsed("events")?,
        old_secret_until: row.maybe_time("old_secret_until")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        disabled,
        failing_since: row.maybe_time("failing_since")?,
        delivered_at: row.maybe_time("delivered_at")?,
    })
}

fn secret_place<'a>(organization: &'a OrganizationId, id: &'a WebhookId, number: i64) -> Place<'a> {
    let (table, column) = ("webhook_endpoints", "sealed_secret");
    place(table, column, organization, id.as_str(), number)
}

impl Store {
    /// Makes an endpoint. `None`: the application has as many as it may have.
    pub async fn create_endpoint(
        &self,
        (organization, application): (&OrganizationId, &ApplicationId),
        wanted: &EndpointSetting,
        secret: &WebhookSecret,
        actor: Actor,
    ) -> Result<Option<Endpoint>, StoreError> {
        let (id, now) = (WebhookId::random(), self.now());
        let sealed = self
            .seal(&secret_place(organization, &id, 1), &secret.text)
            .await?;
        let mut tx = self.db.begin().await?;
        // two that are made at once are counted one after the other
        let take =
            sql("UPDATE applications SET name = name WHERE id = $1").bind(application.as_str());
        tx.run(take).await?;
        let count = sql("SELECT COUNT(*) AS many FROM webhook_endpoints WHERE application_id = $1")
            .bind(application.as_str());
        let many = tx
            .row(count)
            .await?
            .map_or(Ok(0), |row| row.count("many"))?;
        if usize::try_from(many).unwrap_or(usize::MAX) >= MOST_ENDPOINTS {
            return Ok(None);
        }
        let insert = sql(
            "INSERT INTO webhook_endpoints (id, organization_id, application_id, url, description, events, wants_tokens,
                 sealed_secret, secret_number, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)",
        )
        .bind(id.as_str())
        .bind(organization.as_str())
        .bind(application.as_str())
        .bind(&wanted.url)
        .bind(&wanted.description)
        .bind(wanted.events.stored())
        .bind(wanted.events.has(EventKind::TokenReplaced))
        .bind(sealed)
        .bind(&actor.name)
        .bind(now);
        tx.run(insert).await?;
        let made = Endpoint {
            id,
            organization: organization.clone(),
            application: application.clone(),
            url: wanted.url.clone(),
            description: wanted.description.clone(),
            events: wanted.events.clone(),
            old_secret_until: None,
            created_by: actor.name.clone(),
            created_at: now,
            disabled: None,
            failing_since: None,
            delivered_at: None,
        };
        self.audit_endpoint(&mut tx, &made, actor, AuditAction::WebhookCreated)
            .await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// All endpoints of an application, the oldest first.
    pub async fn endpoints(
        &self,
        application: &ApplicationId,
    ) -> Result<Vec<Endpoint>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 ORDER BY created_at, id")
            .bind(application.as_str());
        self.db.read_all(statement, endpoint).await
    }

    /// One endpoint of an application. A foreign id is no different from a made-up one (R65).
    pub async fn endpoint(
        &self,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Option<Endpoint>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.as_str())
            .bind(id);
        self.db.read_one(statement, endpoint).await
    }

    /// Changes where and which.
    pub async fn update_endpoint(
        &self,
        existing: &Endpoint,
        wanted: &EndpointSetting,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let update = sql(
            "UPDATE webhook_endpoints SET url = $1, description = $2, events = $3, wants_tokens = $4 WHERE organization_id = $5 AND id = $6",
        )
        .bind(&wanted.url)
        .bind(&wanted.description)
        .bind(wanted.events.stored())
        .bind(wanted.events.has(EventKind::TokenReplaced))
        .bind(existing.organization.as_str())
        .bind(existing.id.as_str());
        let mut tx = self.db.begin().await?;
        tx.run(update).await?;
        let changed = Endpoint {
            url: wanted.url.clone(),
            events: wanted.events.clone(),
            ..existing.clone()
        };
        self.audit_endpoint(&mut tx, &changed, actor, AuditAction::WebhookChanged)
            .await?;
        tx.commit().await
    }

    /// Sends nothing to an endpoint any more: what waits is given up. Disabled before, nothing changes.
    pub async fn disable_endpoint(
        &self,
        endpoint: &Endpoint,
        reason: DisabledReason,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        if self.disable(&mut tx, endpoint, reason, actor).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    pub(super) async fn disable(
        &self,
        tx: &mut Tx,
        endpoint: &Endpoint,
        reason: DisabledReason,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let disable = sql(
            "UPDATE webhook_endpoints SET disabled_at = $1, disabled_reason = $2, paused_until = NULL WHERE id = $3 AND disabled_at IS NULL",
        )
        .bind(now)
        .bind(reason.as_str())
        .bind(endpoint.id.as_str());
        if tx.run(disable).await? == 0 {
            return Ok(false);
        }
        let give_up = sql(
            "UPDATE webhook_deliveries SET state = 'failed', finished_at = $1 WHERE endpoint_id = $2 AND state = 'waiting'",
        )
        .bind(now)
        .bind(endpoint.id.as_str());
        tx.run(give_up).await?;
        self.audit_endpoint(tx, endpoint, actor, AuditAction::WebhookDisabled)
            .await?;
        Ok(true)
    }

    /// Sends to an endpoint again, what happens from now on.
    pub async fn enable_endpoint(
        &self,
        endpoint: &Endpoint,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let enable = sql(
            "UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, paused_until = NULL
             WHERE id = $1 AND disabled_at IS NOT NULL",
        )
        .bind(endpoint.id.as_str());
        let mut tx = self.db.begin().await?;
        if tx.run(enable).await? == 1 {
            self.audit_endpoint(&mut tx, endpoint, actor, AuditAction::WebhookEnabled)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Removes an endpoint with all that was delivered to it. A second time changes nothing.
    pub async fn delete_endpoint(
        &self,
        endpoint: &Endpoint,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let remove = sql("DELETE FROM webhook_endpoints WHERE organization_id = $1 AND id = $2")
            .bind(endpoint.organization.as_str())
            .bind(endpoint.id.as_str());
        let mut tx = self.db.begin().await?;
        if tx.run(remove).await? == 1 {
            self.audit_endpoint(&mut tx, endpoint, actor, AuditAction::WebhookDeleted)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Gives an endpoint a new secret. The one it has signs too for [`BOTH_SECRETS_SIGN`]; one before that
    /// is gone. `StoreError::Conflict`: it was rotated or deleted meanwhile.
    pub async fn rotate_endpoint_secret(
        &self,
        endpoint: &Endpoint,
        secret: &WebhookSecret,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let take = sql(
            "UPDATE webhook_endpoints SET secret_number = secret_number WHERE organization_id = $1 AND id = $2 RETURNING secret_number",
        )
        .bind(endpoint.organization.as_str())
        .bind(endpoint.id.as_str());
        let row = tx.row(take).await?.ok_or(StoreError::Conflict)?;
        let number = row.int("secret_number")? + 1;
        let place = secret_place(&endpoint.organization, &endpoint.id, number);
        let sealed = self.seal(&place, &secret.text).await?;
        let replace = sql(
            "UPDATE webhook_endpoints SET sealed_old_secret = sealed_secret, old_secret_until = $1, sealed_secret = $2, secret_number = $3
             WHERE id = $4",
        )
        .bind(self.now() + BOTH_SECRETS_SIGN)
        .bind(sealed)
        .bind(number)
        .bind(endpoint.id.as_str());
        tx.run(replace).await?;
        self.audit_endpoint(&mut tx, endpoint, actor, AuditAction::WebhookSecretRotated)
            .await?;
        tx.commit().await
    }

    /// Ends the rotation: only the newest secret signs, and the one before is destroyed.
    pub async fn end_old_secret(
        &self,
        endpoint: &Endpoint,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let end = sql(
            "UPDATE webhook_endpoints SET sealed_old_secret = NULL, old_secret_until = NULL WHERE id = $1 AND sealed_old_secret IS NOT NULL",
        )
        .bind(endpoint.id.as_str());
        let mut tx = self.db.begin().await?;
        if tx.run(end).await? == 1 {
            self.audit_endpoint(&mut tx, endpoint, actor, AuditAction::WebhookSecretEnded)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Destroys secrets whose rotation is over.
    pub async fn destroy_old_secrets(&self) -> Result<(), StoreError> {
        let destroy = sql(
            "UPDATE webhook_endpoints SET sealed_old_secret = NULL, old_secret_until = NULL WHERE old_secret_until <= $1",
        )
        .bind(self.now());
        (&self.db).run(destroy).await?;
        Ok(())
    }

    /// The secrets that sign for an endpoint now, the newest first.
    pub async fn signing_secrets(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Vec<WebhookSecret>, StoreError> {
        let read = sql(
            "SELECT sealed_secret, secret_number, sealed_old_secret, old_secret_until FROM webhook_endpoints WHERE id = $1",
        )
        .bind(endpoint.id.as_str());
        let row = (&self.db).row(read).await?.ok_or(StoreError::Conflict)?;
        let number = row.int("secret_number")?;
        let mut sealed = vec![(number, row.bytes("sealed_secret")?)];
        let until = row.maybe_time("old_secret_until")?;
        if let Some(old) = row.maybe_bytes("sealed_old_secret")?
            && until.is_some_and(|until| until > self.now())
        {
            sealed.push((number - 1, old));
        }
        let mut secrets = Vec::with_capacity(sealed.len());
        for (number, sealed) in sealed {
            let place = secret_place(&endpoint.organization, &endpoint.id, number);
            let text = self.open_sealed(&place, sealed).await?;
            secrets.push(WebhookSecret { text });
        }
        Ok(secrets)
    }

    async fn audit_endpoint(
        &self,
        tx: &mut Tx,
        endpoint: &Endpoint,
        actor: Actor,
        action: AuditAction,
    ) -> Result<(), StoreError> {
        // what follows the host of such an address is often a secret
        let host = url::Url::parse(&endpoint.url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let event = AuditEvent {
            actor,
            action,
            subject_kind: "application",
            subject_id: endpoint.application.to_string(),
            detail: json!({"webhook": endpoint.id.as_str(), "host": host, "events": endpoint.events.stored()}),
        };
        self.audit(tx, &endpoint.organization, event).await?;
        Ok(())
    }
}
