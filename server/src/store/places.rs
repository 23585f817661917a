//! Where a provider is: the definition of a custom one, and what an admin filled in.
//!
//! Both decide which hosts receive secrets and tokens, so a change has a rule of its own: what was
//! made for one host does not go to another.

use super::db::{Row, Runs, Tx, sql};
use super::looks::credentials_changed;
use super::providers::{event, forget_rejection};
use super::{Store, StoreError};
use crate::catalog::CustomDefinition;
use crate::domain::{Actor, AuditAction, Provider, SecretState};
use crate::vault::Secret;
use serde_json::json;

/// Which hosts receive secrets and tokens after a change.
#[derive(Debug)]
pub enum Hosts {
    /// Those that did before, or any, where whoever changes it holds the keys anyway.
    Trusted,
    /// A new one, with the secret that belongs to it; none where each customer brings their own.
    New(Option<Secret<String>>),
}

pub(super) fn custom(row: &Row) -> Result<Option<CustomDefinition>, StoreError> {
    let Some(text) = row.maybe_text("custom")? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|_| StoreError::Corrupt {
            column: "custom".to_owned(),
        })
}

pub(super) fn custom_json(custom: Option<&CustomDefinition>) -> Option<String> {
    custom.map(|custom| json!(custom).to_string())
}

impl Store {
    /// Changes where a provider is: its own definition, or what the admin filled in. `changed_keys`
    /// is for the audit, which keeps names and no values. To a new host go a new secret and no other, and no token that is kept: while
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
        forget_rejection(&mut tx, changed, self.now()).await?;
        let statement = sql(
            "UPDATE providers SET custom = $1, inputs = $2, updated_at = $3
             WHERE organization_id = $4 AND id = $5",
        )
        .bind(custom_json(changed.custom.as_ref()))
        .bind(json!(changed.inputs).to_string())
        .bind(self.now())
        .bind(changed.organization.as_str())
        .bind(changed.id.as_str());
        tx.run(statement).await?;
        credentials_changed(&mut tx, &changed.id, self.now()).await?;
        if let Hosts::New(secret) = hosts {
            let old =
                sql("DELETE FROM client_secrets WHERE organization_id = $1 AND provider_id = $2")
                    .bind(changed.organization.as_str())
                    .bind(changed.id.as_str());
            tx.run(old).await?;
            if let Some(secret) = secret {
                let place = (0, SecretState::Active);
                self.insert_secret(&mut tx, changed, place, secret, &actor.name)
                    .await?;
            }
        }
        let detail = json!({"changed": changed_keys, "new_hosts": matches!(hosts, Hosts::New(_))});
        self.audit(
            &mut tx,
            &changed.organization,
            event(
                actor,
                AuditAction::ProviderPlaceChanged,
                &changed.id,
                detail,
            ),
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
