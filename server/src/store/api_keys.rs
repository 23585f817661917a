//! API keys: made, found, changed, revoked. Only a hash is stored (R55). How one follows another stands
//! in [`super::key_rotation`].

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{
    Actor, ApiKey, ApiKeyId, Application, ApplicationId, AuditAction, AuditEvent, KeyAddresses,
    KeyLimits, KeyProviders, KeyRate, KeyScopes, KeySettings, Timestamp,
};
use crate::vault::TokenHash;
use serde_json::{Value, json};

const COLUMNS: &str = "SELECT id, organization_id, application_id, key_sha256, name, hint, scopes, providers, ip_ranges, expires_at, rate_per_s, \
     created_by, created_at, last_used_at, deprecated_at, revoked_at, replaces, \
     (SELECT stopped_at FROM applications WHERE applications.id = application_id) AS stopped_at FROM api_keys";

fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        name: row.text("name")?,
        hint: row.text("hint")?,
        scopes: row
            .maybe_text("scopes")?
            .map_or_else(KeyScopes::all, |text| KeyScopes::from_stored(&text)),
        limits: limits(row)?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
        deprecated_at: row.maybe_time("deprecated_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
        replaces: row.maybe_parsed("replaces")?,
        stopped: row.maybe_int("stopped_at")?.is_some(),
    })
}

/// What cannot be read is an error: a limit that nobody understands must not become none.
fn limits(row: &Row) -> Result<KeyLimits, StoreError> {
    let corrupt = |column: &str| StoreError::Corrupt {
        column: column.to_owned(),
    };
    let providers = row.maybe_text("providers")?;
    let addresses = row.maybe_text("ip_ranges")?;
    let rate = row.maybe_int("rate_per_s")?.map(|number| {
        let number = u32::try_from(number).ok();
        number.and_then(|number| KeyRate::per_second(number).ok())
    });
    Ok(KeyLimits {
        providers: KeyProviders::from_stored(providers.as_deref())
            .map_err(|_| corrupt("providers"))?,
        addresses: KeyAddresses::from_stored(addresses.as_deref())
            .map_err(|_| corrupt("ip_ranges"))?,
        expires_at: row.maybe_time("expires_at")?,
        rate: match rate {
            None => None,
            Some(None) => return Err(corrupt("rate_per_s")),
            Some(rate) => rate,
        },
    })
}

/// A key that was just made.
#[derive(Debug)]
pub struct NewKey<'a> {
    /// What it may do.
    pub settings: &'a KeySettings,
    /// First and last characters.
    pub hint: &'a str,
    /// Of the whole key.
    pub hash: &'a TokenHash,
}

impl Store {
    /// Keeps the hash of a new key that may do everything.
    pub async fn create_api_key(
        &self,
        application: &Application,
        name: &str,
        hint: &str,
        hash: &TokenHash,
        actor: Actor,
    ) -> Result<ApiKeyId, StoreError> {
        let settings = &KeySettings::unlimited(name);
        let new = NewKey {
            settings,
            hint,
            hash,
        };
        self.keep_api_key(application, &new, actor).await
    }

    /// Keeps the hash of a new key.
    pub async fn keep_api_key(
        &self,
        application: &Application,
        new: &NewKey<'_>,
        actor: Actor,
    ) -> Result<ApiKeyId, StoreError> {
        let mut tx = self.db.begin().await?;
        let id = self
            .insert_key(&mut tx, application, new, None, &actor)
            .await?;
        let detail = json!({"name": new.settings.name, "scopes": new.settings.scopes.stored()});
        let event = event(actor, AuditAction::KeyCreated, &id, detail);
        self.audit(&mut tx, &application.organization, event)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Writes the row of a new key, which follows `replaces` if that is given.
    pub(super) async fn insert_key(
        &self,
        tx: &mut Tx,
        application: &Application,
        new: &NewKey<'_>,
        replaces: Option<&ApiKeyId>,
        actor: &Actor,
    ) -> Result<ApiKeyId, StoreError> {
        let id = ApiKeyId::random();
        let (settings, limits) = (new.settings, &new.settings.limits);
        let statement = sql(
            "INSERT INTO api_keys (id, organization_id, application_id, name, hint, key_sha256, created_by, created_at,
                 scopes, providers, ip_ranges, expires_at, rate_per_s, replaces)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(id.as_str())
        .bind(application.organization.as_str())
        .bind(application.id.as_str())
        .bind(&settings.name)
        .bind(new.hint)
        .bind(new.hash.as_bytes())
        .bind(&actor.name)
        .bind(self.now())
        .bind(settings.scopes.stored())
        .bind(limits.providers.stored())
        .bind(limits.addresses.stored())
        .bind(limits.expires_at)
        .bind(limits.rate.map(|rate| i64::from(rate.get())))
        .bind(replaces.map(ApiKeyId::as_str));
        tx.run(statement).await?;
        Ok(id)
    }

    /// Changes what a key may do; what is as it was changes nothing. Answers whether the application has
    /// such a key that was not revoked.
    pub async fn change_api_key(
        &self,
        application: &Application,
        id: &str,
        settings: &KeySettings,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(key) = self.take_key(&mut tx, application, id).await? else {
            return Ok(false);
        };
        let changed = KeySettings::from(&key).differences(settings);
        if changed.is_empty() {
            return Ok(true);
        }
        let limits = &settings.limits;
        let statement = sql(
            "UPDATE api_keys SET name = $1, scopes = $2, providers = $3, ip_ranges = $4, expires_at = $5, rate_per_s = $6
             WHERE id = $7",
        )
        .bind(&settings.name)
        .bind(settings.scopes.stored())
        .bind(limits.providers.stored())
        .bind(limits.addresses.stored())
        .bind(limits.expires_at)
        .bind(limits.rate.map(|rate| i64::from(rate.get())))
        .bind(key.id.as_str());
        tx.run(statement).await?;
        let detail = json!({"name": settings.name, "fields": changed});
        let event = event(actor, AuditAction::KeyChanged, &key.id, detail);
        self.audit(&mut tx, &application.organization, event)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Revokes a key; a second time changes nothing. Answers whether the application has such a key.
    pub async fn revoke_api_key(
        &self,
        application: &Application,
        id: &str,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(key) = self.take_key(&mut tx, application, id).await? else {
            drop(tx);
            return Ok(self.api_key(&application.id, id).await?.is_some());
        };
        let statement = sql("UPDATE api_keys SET revoked_at = $1 WHERE id = $2")
            .bind(self.now())
            .bind(key.id.as_str());
        tx.run(statement).await?;
        let detail = json!({"name": key.name});
        let event = event(actor, AuditAction::KeyRevoked, &key.id, detail);
        self.audit(&mut tx, &application.organization, event)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// An application's key that was not revoked, which nobody else changes until `tx` is over.
    pub(super) async fn take_key(
        &self,
        tx: &mut Tx,
        application: &Application,
        id: &str,
    ) -> Result<Option<ApiKey>, StoreError> {
        let take = sql(
            "UPDATE api_keys SET name = name WHERE application_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(application.id.as_str())
        .bind(id);
        if tx.run(take).await? == 0 {
            return Ok(None);
        }
        let found = sql(COLUMNS).and(" WHERE id = $1").bind(id);
        tx.row(found).await?.as_ref().map(api_key).transpose()
    }

    /// One key of an application.
    pub async fn api_key(
        &self,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Option<ApiKey>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.as_str())
            .bind(id);
        self.db.read_one(statement, api_key).await
    }

    /// The key with this hash that was not revoked. Whether its time is over is asked by whoever lets it in.
    pub async fn live_api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
        let read = |hashes: Vec<[u8; 32]>| async move {
            let statement = sql(COLUMNS)
                .and(" WHERE revoked_at IS NULL AND key_sha256")
                .and_in(&hashes);
            let rows = (&self.db).rows(statement).await?;
            let keys = rows.iter().map(|row| {
                let hash = row.maybe_hash("key_sha256")?.unwrap_or_default();
                Ok((hash, api_key(row)))
            });
            keys.collect::<Result<_, StoreError>>()
        };
        self.key_reads.read(*hash.as_bytes(), read).await
    }

    /// The revoked key with this hash, for the audit.
    pub async fn revoked_api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE key_sha256 = $1 AND revoked_at IS NOT NULL")
            .bind(hash.as_bytes());
        self.db.read_one(statement, api_key).await
    }

    /// All keys of an application: those that were not revoked first, the newest first.
    pub async fn api_keys(&self, application: &ApplicationId) -> Result<Vec<ApiKey>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id")
            .bind(application.as_str());
        self.db.read_all(statement, api_key).await
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

pub(super) fn event(actor: Actor, action: AuditAction, id: &ApiKeyId, detail: Value) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "api_key",
        subject_id: id.to_string(),
        detail,
    }
}
