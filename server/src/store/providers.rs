//! Providers. Their client secrets have a file of their own.

use super::db::{Row, Runs, Tx, sql};
use super::events::tell_of_provider;
use super::looks::credentials_changed;
use super::places::{custom, custom_json};
use super::stops::stop;
use super::{Store, StoreError};
use crate::catalog::CustomDefinition;
use crate::domain::{
    Actor, Application, ApplicationId, AuditAction, AuditEvent, Provider, ProviderId, Scopes,
    SecretState, Slug, Timestamp,
};
use crate::vault::Secret;
use app::wire::EventKind;
use serde_json::json;
use std::collections::BTreeMap;

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
    /// A team's connection stands in for a person who has none that works.
    pub team_fallback: bool,
}

pub(super) const COLUMNS: &str = "SELECT id, organization_id, application_id, definition, slug, client_id, inputs, custom, scopes, \
     one_owner_per_account, team_fallback, credentials_rejected_at, created_at, stopped_at, stopped_by, stop_reason FROM providers";

pub(super) fn provider(row: &Row) -> Result<Provider, StoreError> {
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
        team_fallback: row.flag("team_fallback")?,
        credentials_rejected_at: row.maybe_time("credentials_rejected_at")?,
        created_at: row.time("created_at")?,
        stop: stop(row)?,
    })
}

/// The names of what was changed; the audit holds no values (R71).
fn differences(before: &Provider, after: &Provider) -> Vec<&'static str> {
    [
        ("client_id", before.client_id != after.client_id),
        ("scopes", before.scopes != after.scopes),
        ("inputs", before.inputs != after.inputs),
        (
            "one_owner_per_account",
            before.one_owner_per_account != after.one_owner_per_account,
        ),
        ("team_fallback", before.team_fallback != after.team_fallback),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect()
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
            team_fallback: new.team_fallback,
            credentials_rejected_at: None,
            created_at: now,
            stop: None,
        };
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "INSERT INTO providers (id, organization_id, application_id, definition, slug, client_id, scopes,
                 one_owner_per_account, inputs, custom, created_at, updated_at, team_fallback)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)",
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
        .bind(now)
        .bind(provider.team_fallback);
        tx.run(statement).await?;
        for (position, secret) in (0_i64..).zip(&new.client_secrets) {
            let state = SecretState::Active;
            self.insert_secret(&mut tx, &provider, (position, state), secret, &actor.name)
                .await?;
        }
        let detail = json!({"definition": provider.definition, "slug": provider.slug.as_str()});
        self.audit(
            &mut tx,
            &provider.organization,
            event(actor, AuditAction::ProviderCreated, &provider.id, detail),
        )
        .await?;
        tx.commit().await?;
        Ok(provider)
    }

    /// Changes Client ID, scopes and rules. The refusal that was noted is forgotten: the next refresh tells.
    pub async fn update_provider(
        &self,
        changed: &Provider,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        forget_rejection(&mut tx, changed, self.now()).await?;
        let before = sql(COLUMNS)
            .and_bind(" WHERE organization_id = ?", changed.organization.as_str())
            .and_bind(" AND id = ?", changed.id.as_str());
        let before = tx.row(before).await?.as_ref().map(provider).transpose()?;
        let statement = sql(
            "UPDATE providers SET client_id = $1, scopes = $2, one_owner_per_account = $3, inputs = $4,
                 updated_at = $5, team_fallback = $8
             WHERE organization_id = $6 AND id = $7",
        )
        .bind(&changed.client_id)
        .bind(json!(changed.scopes.iter().collect::<Vec<_>>()).to_string())
        .bind(changed.one_owner_per_account)
        .bind(json!(changed.inputs).to_string())
        .bind(self.now())
        .bind(changed.organization.as_str())
        .bind(changed.id.as_str())
        .bind(changed.team_fallback);
        tx.run(statement).await?;
        credentials_changed(&mut tx, &changed.id, self.now()).await?;
        let fields = before.map(|before| differences(&before, changed));
        let detail = json!({"slug": changed.slug.as_str(), "fields": fields});
        self.audit(
            &mut tx,
            &changed.organization,
            event(actor, AuditAction::ProviderChanged, &changed.id, detail),
        )
        .await?;
        tx.commit().await
    }

    /// All providers of an application, by slug.
    pub async fn providers(
        &self,
        application: &ApplicationId,
    ) -> Result<Vec<Provider>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 ORDER BY slug")
            .bind(application.as_str());
        self.db.read_all(statement, provider).await
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
        self.db.read_one(statement, provider).await
    }

    /// The provider with this id, in whichever organization: for its callback, which has no other clue.
    pub async fn provider_by_id(&self, id: &ProviderId) -> Result<Option<Provider>, StoreError> {
        let read = |ids| self.by_ids(sql(COLUMNS), ids, provider);
        self.provider_reads.read(id.clone(), read).await
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
        if !rejected {
            credentials_changed(&mut tx, &provider.id, self.now()).await?;
        }
        let (action, told) = if rejected {
            (
                AuditAction::CredentialsRejected,
                EventKind::CredentialsRejected,
            )
        } else {
            (
                AuditAction::CredentialsAccepted,
                EventKind::CredentialsRestored,
            )
        };
        tell_of_provider(&mut tx, provider, self.now(), told).await?;
        self.audit(
            &mut tx,
            &provider.organization,
            event(Actor::server(), action, &provider.id, json!({})),
        )
        .await?;
        tx.commit().await
    }
}

/// Forgets that the provider refuses our credentials, since an admin has changed them; those who were
/// told of it are told of that, too.
pub(super) async fn forget_rejection(
    tx: &mut Tx,
    provider: &Provider,
    at: Timestamp,
) -> Result<(), StoreError> {
    let forget = sql(
        "UPDATE providers SET credentials_rejected_at = NULL WHERE id = $1 AND credentials_rejected_at IS NOT NULL",
    )
    .bind(provider.id.as_str());
    if tx.run(forget).await? == 1 {
        tell_of_provider(tx, provider, at, EventKind::CredentialsRestored).await?;
    }
    Ok(())
}

pub(super) fn event(
    actor: Actor,
    action: AuditAction,
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
