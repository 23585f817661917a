//! How one API key follows another: both work for a while, the old one says with each answer that it is
//! on its way out, and somebody revokes it once nothing uses it any more.

use super::api_keys::{NewKey, event};
use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, ApiKey, ApiKeyId, Application, AuditAction, KeySettings, Timestamp};
use crate::vault::TokenHash;
use serde_json::json;

/// What came of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRotation {
    /// This key follows.
    Done(ApiKeyId),
    /// There is no such key, or it was revoked.
    NotFound,
    /// The key has a successor that was not revoked: two for one purpose are enough.
    HasSuccessor,
}

impl Store {
    /// Makes a key that follows another with the same settings, and deprecates that one, which works until
    /// `ends` at the latest. If the old key had an end, the new one lives as long as the old one was to live.
    pub async fn rotate_api_key(
        &self,
        application: &Application,
        old: &str,
        hint: &str,
        hash: &TokenHash,
        ends: Option<Timestamp>,
        actor: Actor,
    ) -> Result<KeyRotation, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(key) = self.take_key(&mut tx, application, old).await? else {
            return Ok(KeyRotation::NotFound);
        };
        let followed = sql(
            "SELECT 1 AS one FROM api_keys WHERE replaces = $1 AND revoked_at IS NULL AND application_id = $2",
        )
        .bind(key.id.as_str())
        .bind(application.id.as_str());
        if tx.row(followed).await?.is_some() {
            return Ok(KeyRotation::HasSuccessor);
        }
        let now = self.now();
        let settings = &successor(&key, now);
        let new = NewKey {
            settings,
            hint,
            hash,
        };
        let id = self
            .insert_key(&mut tx, application, &new, Some(&key.id), &actor)
            .await?;
        let ends = key.limits.expires_at.into_iter().chain(ends).min();
        let statement = sql(
            "UPDATE api_keys SET deprecated_at = COALESCE(deprecated_at, $1), expires_at = $2 WHERE id = $3",
        )
        .bind(now)
        .bind(ends)
        .bind(key.id.as_str());
        tx.run(statement).await?;
        let detail = json!({"name": key.name, "successor": id.as_str(), "ends": ends.map(Timestamp::rfc3339)});
        let event = event(actor, AuditAction::KeyRotated, &key.id, detail);
        self.audit(&mut tx, &application.organization, event)
            .await?;
        tx.commit().await?;
        Ok(KeyRotation::Done(id))
    }

    /// Deprecates a key, or takes that back; a second time changes nothing. Answers whether the application
    /// has such a key that was not revoked.
    pub async fn deprecate_api_key(
        &self,
        application: &Application,
        id: &str,
        deprecated: bool,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(key) = self.take_key(&mut tx, application, id).await? else {
            return Ok(false);
        };
        if key.deprecated_at.is_some() == deprecated {
            return Ok(true);
        }
        let statement = sql("UPDATE api_keys SET deprecated_at = $1 WHERE id = $2")
            .bind(deprecated.then(|| self.now()))
            .bind(key.id.as_str());
        tx.run(statement).await?;
        let action = if deprecated {
            AuditAction::KeyDeprecated
        } else {
            AuditAction::KeyDeprecationUndone
        };
        let event = event(actor, action, &key.id, json!({"name": key.name}));
        self.audit(&mut tx, &application.organization, event)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The same settings; an end is as far away as the old key's was when that was made.
fn successor(key: &ApiKey, now: Timestamp) -> KeySettings {
    let mut settings = KeySettings::from(key);
    let lives = key.limits.expires_at.map(|end| key.created_at.until(end));
    settings.limits.expires_at = lives.map(|lives| now + lives);
    settings
}
