//! API keys: only a hash is stored (R55).

use super::db::{Row, Runs, sql};
use super::{Store, StoreError};
use crate::domain::{
    Actor, ApiKey, ApiKeyId, Application, ApplicationId, AuditAction, AuditEvent, Timestamp,
};
use crate::vault::TokenHash;
use serde_json::json;

const COLUMNS: &str = "SELECT id, organization_id, application_id, name, hint, created_by, created_at, last_used_at, revoked_at, \
     (SELECT stopped_at FROM applications WHERE applications.id = application_id) AS stopped_at FROM api_keys";

fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        name: row.text("name")?,
        hint: row.text("hint")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
        stopped: row.maybe_int("stopped_at")?.is_some(),
    })
}

impl Store {
    /// Keeps the hash of a new key.
    pub async fn create_api_key(
        &self,
        application: &Application,
        name: &str,
        hint: &str,
        hash: &TokenHash,
        actor: Actor,
    ) -> Result<ApiKeyId, StoreError> {
        let id = ApiKeyId::random();
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "INSERT INTO api_keys (id, organization_id, application_id, name, hint, key_sha256, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id.as_str())
        .bind(application.organization.as_str())
        .bind(application.id.as_str())
        .bind(name)
        .bind(hint)
        .bind(hash.as_bytes())
        .bind(&actor.name)
        .bind(self.now());
        tx.run(statement).await?;
        self.audit(
            &mut tx,
            &application.organization,
            event(actor, AuditAction::KeyCreated, &id, name),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Revokes a key; a second time changes nothing. Answers whether the application has such a key.
    pub async fn revoke_api_key(
        &self,
        application: &Application,
        id: &str,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let found = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.id.as_str())
            .bind(id);
        let Some(key) = tx.row(found).await?.as_ref().map(api_key).transpose()? else {
            return Ok(false);
        };
        if key.revoked_at.is_none() {
            tx.run(
                sql("UPDATE api_keys SET revoked_at = $1 WHERE id = $2")
                    .bind(self.now())
                    .bind(key.id.as_str()),
            )
            .await?;
            self.audit(
                &mut tx,
                &application.organization,
                event(actor, AuditAction::KeyRevoked, &key.id, &key.name),
            )
            .await?;
            tx.commit().await?;
        }
        Ok(true)
    }

    /// The live key with this hash.
    pub async fn live_api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE key_sha256 = $1 AND revoked_at IS NULL")
            .bind(hash.as_bytes());
        let read = || async {
            let row = (&self.db).row(statement).await?;
            row.as_ref().map(api_key).transpose()
        };
        self.key_reads.read(*hash.as_bytes(), read).await
    }

    /// The revoked key with this hash, for the audit.
    pub async fn revoked_api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE key_sha256 = $1 AND revoked_at IS NOT NULL")
            .bind(hash.as_bytes());
        let row = (&self.db).row(statement).await?;
        row.as_ref().map(api_key).transpose()
    }

    /// Whether a key with this hash was ever stored for the application: `apply` keeps it then.
    pub async fn has_api_key(
        &self,
        application: &ApplicationId,
        hash: &TokenHash,
    ) -> Result<bool, StoreError> {
        let statement = sql("SELECT id FROM api_keys WHERE application_id = $1 AND key_sha256 = $2 AND revoked_at IS NULL")
            .bind(application.as_str())
            .bind(hash.as_bytes());
        Ok((&self.db).row(statement).await?.is_some())
    }

    /// All keys of an application: live ones first, the newest first.
    pub async fn api_keys(&self, application: &ApplicationId) -> Result<Vec<ApiKey>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id")
            .bind(application.as_str());
        (&self.db)
            .rows(statement)
            .await?
            .iter()
            .map(api_key)
            .collect()
    }

    /// Notes when keys were last used.
    pub async fn note_keys_used(&self, used: &[(ApiKeyId, Timestamp)]) -> Result<(), StoreError> {
        if used.is_empty() {
            return Ok(());
        }
        // all nodes take the rows in the same order, so that none waits for another in a circle
        let mut used: Vec<_> = used.iter().collect();
        used.sort();
        let mut tx = self.db.begin().await?;
        for (id, at) in used {
            tx.run(
                sql("UPDATE api_keys SET last_used_at = $1 WHERE id = $2")
                    .bind(*at)
                    .bind(id.as_str()),
            )
            .await?;
        }
        tx.commit().await
    }
}

fn event(actor: Actor, action: AuditAction, id: &ApiKeyId, name: &str) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "api_key",
        subject_id: id.to_string(),
        detail: json!({"name": name}),
    }
}
