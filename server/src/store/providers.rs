//! Providers and their client secrets.

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError, place};
use crate::catalog::CustomDefinition;
use crate::domain::{
    Actor, Application, ApplicationId, AuditEvent, ClientSecretHint, ClientSecretId,
    OrganizationId, Provider, ProviderId, Scopes, Slug, Timestamp,
};
use crate::vault::Secret;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A new provider.
#[derive(Debug)]
pub struct NewProvider {
    /// Id, derived before the form was shown, so that its redirect URI could be.
    pub id: ProviderId,
    /// Id of the definition.
    pub definition: String,
    /// Part of its addresses.
    pub slug: Slug,
    /// Client ID.
    pub client_id: String,
    /// Client secrets, the one in use first.
    pub client_secrets: Vec<Secret<String>>,
    /// What the admin filled in.
    pub inputs: BTreeMap<String, String>,
    /// What the admin said of a provider that is in no catalog.
    pub custom: Option<CustomDefinition>,
    /// Scopes to ask for.
    pub scopes: Scopes,
    /// An external account serves one owner only.
    pub one_owner_per_account: bool,
}

/// Which hosts receive secrets and tokens after a change.
#[derive(Debug)]
pub enum Hosts {
    /// Those that did before, or any, where whoever changes it holds the keys anyway.
    Trusted,
    /// A new one, with the secret that belongs to it; none where each customer brings their own.
    New(Option<Secret<String>>),
}

const COLUMNS: &str = "SELECT id, organization_id, application_id, definition, slug, client_id, inputs, custom, scopes, \
     one_owner_per_account, credentials_rejected_at, created_at FROM providers";

fn provider(row: &Row) -> Result<Provider, StoreError> {
    let scopes: Vec<String> = row.json("scopes")?;
    Ok(Provider {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        definition: row.text("definition")?,
        slug: row.parsed("slug")?,
        client_id: row.text("client_id")?,
        inputs: row.json("inputs")?,
        custom: custom(row)?,
        scopes: Scopes::new(scopes).map_err(|_| StoreError::Corrupt {
            column: "scopes".to_owned(),
        })?,
        one_owner_per_account: row.flag("one_owner_per_account")?,
        credentials_rejected_at: row.maybe_time("credentials_rejected_at")?,
        created_at: row.time("created_at")?,
    })
}

fn custom(row: &Row) -> Result<Option<CustomDefinition>, StoreError> {
    let Some(text) = row.maybe_text("custom")? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|_| StoreError::Corrupt {
            column: "custom".to_owned(),
        })
}

fn custom_json(custom: Option<&CustomDefinition>) -> Option<String> {
    custom.map(|custom| json!(custom).to_string())
}

/// What a page may show of a secret: its last four characters, if enough stays hidden.
fn ends_in(secret: &Secret<String>) -> String {
    let length = secret.expose().chars().count();
    if length < 12 {
        String::new()
    } else {
        secret.expose().chars().skip(length - 4).collect()
    }
}

impl Store {
    /// Saves a new provider with its secrets. A slug or id that is taken is [`StoreError::Conflict`].
    pub async fn create_provider(
        &self,
        application: &Application,
        new: NewProvider,
        actor: Actor,
    ) -> Result<Provider, StoreError> {
        let now = self.now();
        let provider = Provider {
            id: new.id,
            organization: application.organization.clone(),
            application: application.id.clone(),
            definition: new.definition,
            slug: new.slug,
            client_id: new.client_id,
            inputs: new.inputs,
            custom: new.custom,
            scopes: new.scopes,
            one_owner_per_account: new.one_owner_per_account,
            credentials_rejected_at: None,
            created_at: now,
        };
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "INSERT INTO providers (id, organization_id, application_id, definition, slug, client_id, scopes,
                 one_owner_per_account, inputs, custom, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        )
        .bind(provider.id.as_str())
        .bind(provider.organization.as_str())
        .bind(provider.application.as_str())
        .bind(&provider.definition)
        .bind(provider.slug.as_str())
        .bind(&provider.client_id)
        .bind(json!(provider.scopes.iter().collect::<Vec<_>>()).to_string())
        .bind(provider.one_owner_per_account)
        .bind(json!(provider.inputs).to_string())
        .bind(custom_json(provider.custom.as_ref()))
        .bind(now);
        tx.run(statement).await?;
        for (position, secret) in (0_i64..).zip(&new.client_secrets) {
            self.insert_secret(&mut tx, &provider, position, secret, &actor.name)
                .await?;
        }
        let detail = json!({"definition": provider.definition, "slug": provider.slug.as_str(), "scopes": provider.scopes.join(" ")});
        self.audit(
            &mut tx,
            &provider.organization,
            event(actor, "provider.created", &provider.id, detail),
        )
        .await?;
        tx.commit().await?;
        Ok(provider)
    }

    async fn insert_secret(
        &self,
        tx: &mut Tx,
        provider: &Provider,
        position: i64,
        secret: &Secret<String>,
        added_by: &str,
    ) -> Result<ClientSecretId, StoreError> {
        let id = ClientSecretId::random();
        let sealed = self
            .seal(&secret_place(&provider.organization, &id), secret)
            .await?;
        let statement = sql(
            "INSERT INTO client_secrets (id, organization_id, provider_id, position, sealed_secret, ends_in, added_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id.as_str())
        .bind(provider.organization.as_str())
        .bind(provider.id.as_str())
        .bind(position)
        .bind(sealed)
        .bind(ends_in(secret))
        .bind(added_by)
        .bind(self.now());
        tx.run(statement).await?;
        Ok(id)
    }

    /// Changes Client ID, scopes and rules. The refusal that was noted is forgotten: the next refresh tells.
    pub async fn update_provider(
        &self,
        changed: &Provider,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE providers SET client_id = $1, scopes = $2, one_owner_per_account = $3, inputs = $4, credentials_rejected_at = NULL,
                 updated_at = $5
             WHERE organization_id = $6 AND id = $7",
        )
        .bind(&changed.client_id)
        .bind(json!(changed.scopes.iter().collect::<Vec<_>>()).to_string())
        .bind(changed.one_owner_per_account)
        .bind(json!(changed.inputs).to_string())
        .bind(self.now())
        .bind(changed.organization.as_str())
        .bind(changed.id.as_str());
        tx.run(statement).await?;
        let detail = json!({"client_id": changed.client_id, "scopes": changed.scopes.join(" "),
            "one_owner_per_account": changed.one_owner_per_account});
        self.audit(
            &mut tx,
            &changed.organization,
            event(actor, "provider.changed", &changed.id, detail),
        )
        .await?;
        tx.commit().await
    }

    /// Changes where a provider is: its own definition, or what the admin filled in. `changed_keys` is for the audit, which keeps names
    /// and no values. To a new host go a new secret and no other, and no token that is kept: while
    /// there are any, that is a [`StoreError::Conflict`].
    pub async fn update_place(
        &self,
        changed: &Provider,
        changed_keys: &[&'static str],
        hosts: &Hosts,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        if matches!(hosts, Hosts::New(_)) && holds_tokens(&mut tx, changed).await? {
            return Err(StoreError::Conflict);
        }
        let statement = sql(
            "UPDATE providers SET custom = $1, inputs = $2, credentials_rejected_at = NULL, updated_at = $3
             WHERE organization_id = $4 AND id = $5",
        )
        .bind(custom_json(changed.custom.as_ref()))
        .bind(json!(changed.inputs).to_string())
        .bind(self.now())
        .bind(changed.organization.as_str())
        .bind(changed.id.as_str());
        tx.run(statement).await?;
        if let Hosts::New(secret) = hosts {
            let old =
                sql("DELETE FROM client_secrets WHERE organization_id = $1 AND provider_id = $2")
                    .bind(changed.organization.as_str())
                    .bind(changed.id.as_str());
            tx.run(old).await?;
            if let Some(secret) = secret {
                self.insert_secret(&mut tx, changed, 0, secret, &actor.name)
                    .await?;
            }
        }
        let detail = json!({"changed": changed_keys, "new_hosts": matches!(hosts, Hosts::New(_))});
        self.audit(
            &mut tx,
            &changed.organization,
            event(actor, "provider.place_changed", &changed.id, detail),
        )
        .await?;
        tx.commit().await
    }

    /// Adds a client secret in front of the others; the refusal that was noted is forgotten.
    pub async fn add_client_secret(
        &self,
        provider: &Provider,
        secret: &Secret<String>,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let first = tx
            .row(sql("SELECT COALESCE(MIN(position), 1) AS first FROM client_secrets WHERE provider_id = $1").bind(provider.id.as_str()))
            .await?
            .map_or(Ok(1), |row| row.int("first"))?;
        let id = self
            .insert_secret(&mut tx, provider, first - 1, secret, &actor.name)
            .await?;
        clear_rejection(&mut tx, provider).await?;
        let event = event(
            actor,
            "provider.secret_added",
            &provider.id,
            json!({"secret": id.as_str()}),
        );
        self.audit(&mut tx, &provider.organization, event).await?;
        tx.commit().await
    }

    /// Removes a client secret unless it is the one in use; answers whether it did.
    pub async fn remove_client_secret(
        &self,
        provider: &Provider,
        id: &str,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "DELETE FROM client_secrets WHERE provider_id = $1 AND id = $2
             AND position > (SELECT MIN(position) FROM client_secrets WHERE provider_id = $1)",
        )
        .bind(provider.id.as_str())
        .bind(id);
        let removed = tx.run(statement).await? == 1;
        if removed {
            let event = event(
                actor,
                "provider.secret_removed",
                &provider.id,
                json!({"secret": id}),
            );
            self.audit(&mut tx, &provider.organization, event).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// The secrets that are set, the one in use first, without the secrets.
    pub async fn client_secret_hints(
        &self,
        provider: &ProviderId,
    ) -> Result<Vec<ClientSecretHint>, StoreError> {
        let statement = sql("SELECT id, ends_in, added_by, created_at FROM client_secrets WHERE provider_id = $1 ORDER BY position")
            .bind(provider.as_str());
        let rows = (&self.db).rows(statement).await?;
        rows.iter()
            .map(|row| {
                Ok(ClientSecretHint {
                    id: row.parsed("id")?,
                    ends_in: row.text("ends_in")?,
                    added_by: row.text("added_by")?,
                    created_at: row.time("created_at")?,
                })
            })
            .collect()
    }

    /// The client secrets, the one in use first, for a request to the provider.
    pub async fn client_secrets(
        &self,
        provider: &Provider,
    ) -> Result<Vec<Arc<Secret<String>>>, StoreError> {
        let statement = sql("SELECT id, sealed_secret FROM client_secrets WHERE organization_id = $1 AND provider_id = $2 ORDER BY position")
            .bind(provider.organization.as_str())
            .bind(provider.id.as_str());
        let rows = (&self.db).rows(statement).await?;
        let mut secrets = Vec::with_capacity(rows.len());
        for row in rows {
            let id: ClientSecretId = row.parsed("id")?;
            let place = secret_place(&provider.organization, &id);
            secrets.push(Arc::new(
                self.open_sealed(&place, row.bytes("sealed_secret")?)
                    .await?,
            ));
        }
        Ok(secrets)
    }

    /// All providers of an application, by slug.
    pub async fn providers(
        &self,
        application: &ApplicationId,
    ) -> Result<Vec<Provider>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 ORDER BY slug")
            .bind(application.as_str());
        (&self.db)
            .rows(statement)
            .await?
            .iter()
            .map(provider)
            .collect()
    }

    /// The provider with this slug.
    pub async fn provider(
        &self,
        application: &ApplicationId,
        slug: &str,
    ) -> Result<Option<Provider>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND slug = $2")
            .bind(application.as_str())
            .bind(slug);
        (&self.db)
            .row(statement)
            .await?
            .as_ref()
            .map(provider)
            .transpose()
    }

    /// The provider with this id, in whichever organization: for its callback, which has no other clue.
    pub async fn provider_by_id(&self, id: &ProviderId) -> Result<Option<Provider>, StoreError> {
        let statement = sql(COLUMNS).and(" WHERE id = $1").bind(id.as_str());
        (&self.db)
            .row(statement)
            .await?
            .as_ref()
            .map(provider)
            .transpose()
    }

    /// Notes that the provider refuses our credentials (since the first time), or that it accepts them again.
    pub async fn note_credentials(
        &self,
        provider: &Provider,
        rejected: bool,
    ) -> Result<(), StoreError> {
        if rejected == provider.credentials_rejected_at.is_some() {
            return Ok(());
        }
        let since: Option<Timestamp> = rejected.then(|| self.now());
        let mut tx = self.db.begin().await?;
        // many refreshes learn it at the same time, and one of them is the first
        let statement = sql("UPDATE providers SET credentials_rejected_at = $1
             WHERE id = $2 AND CASE WHEN credentials_rejected_at IS NULL THEN 0 ELSE 1 END <> $3")
        .bind(since)
        .bind(provider.id.as_str())
        .bind(rejected);
        if tx.run(statement).await? == 0 {
            return Ok(());
        }
        let action = if rejected {
            "provider.credentials_rejected"
        } else {
            "provider.credentials_accepted"
        };
        self.audit(
            &mut tx,
            &provider.organization,
            event(Actor::server(), action, &provider.id, json!({})),
        )
        .await?;
        tx.commit().await
    }
}

/// Whether tokens of this provider are kept, those included that it is still to be told about.
async fn holds_tokens(tx: &mut Tx, provider: &Provider) -> Result<bool, StoreError> {
    let statement = sql("SELECT COUNT(*) AS many FROM connections
         LEFT JOIN revocations ON revocations.connection_id = connections.id
         WHERE connections.organization_id = $1 AND connections.provider_id = $2
         AND (connections.sealed_tokens IS NOT NULL OR revocations.sealed_tokens IS NOT NULL)")
    .bind(provider.organization.as_str())
    .bind(provider.id.as_str());
    let held = tx
        .row(statement)
        .await?
        .map_or(Ok(0), |row| row.count("many"))?;
    Ok(held > 0)
}

async fn clear_rejection(tx: &mut Tx, provider: &Provider) -> Result<(), StoreError> {
    tx.run(
        sql("UPDATE providers SET credentials_rejected_at = NULL WHERE id = $1")
            .bind(provider.id.as_str()),
    )
    .await?;
    Ok(())
}

fn secret_place<'a>(
    organization: &'a OrganizationId,
    id: &'a ClientSecretId,
) -> crate::vault::Place<'a> {
    place(
        "client_secrets",
        "sealed_secret",
        organization,
        id.as_str(),
        0,
    )
}

fn event(
    actor: Actor,
    action: &'static str,
    id: &ProviderId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "provider",
        subject_id: id.to_string(),
        detail,
    }
}
