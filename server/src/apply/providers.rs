//! Providers and their scopes.

use super::change::{Change, Deed, yes_or_no};
use super::custom::WantedCustom;
use super::document::{Document, WantedProvider};
use super::{ApplyError, DocumentError, Mistake, Work};
use crate::catalog::{AskedOf, Catalog, Credentials, Definition};
use crate::domain::{Actor, Application, Provider, Scopes};
use crate::store::{Hosts, NewProvider};
use crate::upstreams::provider_id;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the catalog says against the file, before anything is written.
pub(super) fn check(document: &Document, catalog: &Catalog) -> Result<(), DocumentError> {
    let providers = document
        .applications
        .iter()
        .flat_map(|application| &application.providers);
    let mistakes: Vec<Mistake> = providers
        .filter_map(|provider| {
            Some(Mistake {
                line: provider.line,
                what: against(provider, catalog)?,
            })
        })
        .collect();
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(DocumentError(mistakes))
    }
}

fn against(wanted: &WantedProvider, catalog: &Catalog) -> Option<String> {
    let credentials_missing = || {
        if wanted.client_id.is_empty() {
            Some("Add `client_id`.".to_owned())
        } else {
            None
        }
    };
    if wanted.custom.is_some() {
        let secret = || {
            let missing = wanted.client_secrets.is_empty() && !wanted.secrets_left_out;
            missing.then(|| "Add `client_secrets`: the provider asks for one.".to_owned())
        };
        return credentials_missing().or_else(secret);
    }
    let Some(definition) = catalog.get(&wanted.definition) else {
        let alike = catalog.alike(&wanted.definition);
        let alike = alike.map_or_else(String::new, |id| format!(" Did you mean `{id}`?"));
        return Some(format!(
            "`definition` is not in the catalog.{alike} `grantport catalog list` shows all; `custom` is for those in no catalog."
        ));
    };
    if definition.practice {
        let given = !wanted.client_id.is_empty() || !wanted.client_secrets.is_empty();
        return given.then(|| {
            "Remove `client_id` and `client_secrets`: the practice provider registers itself."
                .to_owned()
        });
    }
    if let Some(wrong) = inputs_against(wanted, &definition) {
        return Some(wrong);
    }
    if definition.credentials == Credentials::PerConnection {
        let given = !wanted.client_id.is_empty() || !wanted.client_secrets.is_empty();
        return given.then(|| {
            "Remove `client_id` and `client_secrets`: each customer brings their own.".to_owned()
        });
    }
    if let Some(missing) = credentials_missing() {
        return Some(missing);
    }
    let needs_secret = definition.client_auth.needs_secret();
    (needs_secret && wanted.client_secrets.is_empty() && !wanted.secrets_left_out)
        .then(|| "Add `client_secrets`: the provider asks for one.".to_owned())
}

fn inputs_against(wanted: &WantedProvider, definition: &Definition) -> Option<String> {
    let asked: Vec<&str> = definition
        .inputs_of(AskedOf::Admin)
        .map(|input| input.name.as_str())
        .collect();
    if let Some(unknown) = wanted
        .inputs
        .keys()
        .find(|name| !asked.contains(&name.as_str()))
    {
        return Some(match asked.as_slice() {
            [] => format!("Remove `inputs.{unknown}`: the definition asks an admin for nothing."),
            asked => format!(
                "Remove `inputs.{unknown}`: the definition asks an admin for {}.",
                asked.join(", ")
            ),
        });
    }
    let refused = definition
        .resolve_inputs(AskedOf::Admin, &wanted.inputs)
        .err()?;
    let mut inputs = definition.inputs_of(AskedOf::Admin);
    let input = inputs.find(|input| input.name == refused.input)?;
    Some(format!(
        "`inputs.{}` is missing, or is nothing that can stand there. {} {}",
        input.name, input.label, input.hint
    ))
}

impl Work<'_> {
    /// The definition that a provider of the file follows.
    fn definition(&self, wanted: &WantedProvider) -> Option<Arc<Definition>> {
        match self.found.get(&wanted.line) {
            Some(found) => found.definition.definition().ok().map(Arc::new),
            None => self.upstreams.catalog().get(&wanted.definition),
        }
    }

    pub(super) async fn provider(
        &mut self,
        application: &Application,
        wanted: WantedProvider,
    ) -> Result<(), ApplyError> {
        let refused = |what: &str| {
            ApplyError::Refused(Mistake {
                line: wanted.line,
                what: what.to_owned(),
            })
        };
        let Some(definition) = self.definition(&wanted) else {
            return Err(refused("`definition` is not in the catalog."));
        };
        let scopes = match (self.found.get(&wanted.line), &wanted.scopes) {
            // what the issuer names is a better suggestion than none
            (Some(found), None) => Scopes::new(&found.scopes).unwrap_or_default(),
            (_, chosen) => scopes(&definition, chosen.as_ref()),
        };
        let inputs = definition
            .resolve_inputs(AskedOf::Admin, &wanted.inputs)
            .unwrap_or_default();
        let existing = self
            .store
            .provider(&application.id, wanted.slug.as_str())
            .await?;
        if definition.practice {
            return self
                .practice_provider(application, &definition, wanted, existing)
                .await;
        }
        let Some(existing) = existing else {
            let needs_secret = definition.client_auth.needs_secret()
                && definition.credentials != Credentials::PerConnection;
            if needs_secret && wanted.client_secrets.is_empty() {
                return Err(refused(
                    "Set the variable in `client_secrets`: there is no provider with this `slug` yet, and it asks for one.",
                ));
            }
            return self.new_provider(application, wanted, scopes, inputs).await;
        };
        if existing.definition != wanted.definition {
            return Err(refused(
                "The provider with this `slug` follows another definition: give this one another `slug`.",
            ));
        }
        // first, so that another Client ID has a secret from its first moment on
        let now = Provider {
            client_id: wanted.client_id.clone(),
            ..existing.clone()
        };
        let listed = self
            .listed_secrets(application, &now, &wanted.client_secrets)
            .await?;
        self.changed_provider(application, &existing, &wanted, scopes, inputs)
            .await?;
        self.changed_definition(application, &existing, &wanted)
            .await?;
        // what the environment leaves out is none that the file no longer lists
        if wanted.secrets_left_out {
            return Ok(());
        }
        self.unlisted_secrets(application, &now, &listed).await
    }

    async fn new_provider(
        &mut self,
        application: &Application,
        wanted: WantedProvider,
        scopes: Scopes,
        inputs: BTreeMap<String, String>,
    ) -> Result<(), ApplyError> {
        let change = Change::new(
            Deed::Create,
            format_args!("provider {} of {}", wanted.slug, application.slug),
        );
        if self.plans(&change)? {
            return Ok(());
        }
        let custom = self.found.get(&wanted.line);
        let new = NewProvider {
            id: provider_id(self.store.keyring(), application, &wanted.slug)?,
            definition: wanted.definition,
            slug: wanted.slug,
            client_id: wanted.client_id,
            client_secrets: wanted.client_secrets,
            inputs,
            custom: custom.map(|found| found.definition.clone()),
            scopes,
            one_owner_per_account: wanted.one_owner_per_account,
            team_fallback: wanted.team_fallback,
        };
        let made = self
            .store
            .create_provider(application, new, Actor::apply())
            .await?;
        let redirect_uri = self.upstreams.redirect_uri(&made.id);
        self.done_with(
            &change,
            format_args!("; its redirect URI is {redirect_uri}"),
        )
    }

    pub(super) async fn changed_provider(
        &mut self,
        application: &Application,
        existing: &Provider,
        wanted: &WantedProvider,
        scopes: Scopes,
        inputs: BTreeMap<String, String>,
    ) -> Result<(), ApplyError> {
        let change = Change::new(
            Deed::Change,
            format_args!("provider {} of {}", existing.slug, application.slug),
        )
        .field("client ID", &existing.client_id, &wanted.client_id)
        .field("scopes", existing.scopes.join(" "), scopes.join(" "))
        .field(
            "one owner per account",
            yes_or_no(existing.one_owner_per_account),
            yes_or_no(wanted.one_owner_per_account),
        )
        .field(
            "team fallback",
            yes_or_no(existing.team_fallback),
            yes_or_no(wanted.team_fallback),
        )
        .field("inputs", listed(&existing.inputs), listed(&inputs));
        if change.is_nothing() || self.plans(&change)? {
            return Ok(());
        }
        let changed = Provider {
            client_id: wanted.client_id.clone(),
            inputs,
            scopes,
            one_owner_per_account: wanted.one_owner_per_account,
            team_fallback: wanted.team_fallback,
            ..existing.clone()
        };
        self.store.update_provider(&changed, Actor::apply()).await?;
        self.done(&change)
    }

    /// A custom provider's addresses. Whoever can apply a file holds the keys anyway, so hosts may
    /// change here without more ado.
    async fn changed_definition(
        &mut self,
        application: &Application,
        existing: &Provider,
        wanted: &WantedProvider,
    ) -> Result<(), ApplyError> {
        let (Some(found), Some(before)) = (self.found.get(&wanted.line), &existing.custom) else {
            return Ok(());
        };
        let mut custom = found.definition.clone();
        if let Some(WantedCustom::Issuer { name: None, .. }) = wanted.custom {
            custom.name.clone_from(&before.name);
        }
        let keys = custom.changes_since(before);
        if keys.is_empty() {
            return Ok(());
        }
        let mut change = Change::new(
            Deed::Change,
            format_args!("provider {} of {}", existing.slug, application.slug),
        );
        for key in &keys {
            change = change.field(key, "as it is", "as the file says");
        }
        if self.plans(&change)? {
            return Ok(());
        }
        let changed = Provider {
            custom: Some(custom),
            ..existing.clone()
        };
        self.store
            .update_place(&changed, &keys, &Hosts::Trusted, Actor::apply())
            .await?;
        self.done(&change)
    }
}

fn listed(inputs: &BTreeMap<String, String>) -> String {
    let listed: Vec<String> = inputs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    listed.join(", ")
}

/// Chosen scopes without those that are granted anyway; without a choice, the suggested ones.
pub(super) fn scopes(definition: &Definition, chosen: Option<&Scopes>) -> Scopes {
    let always = definition
        .scopes
        .always_granted
        .iter()
        .map(|scope| scope.name.as_str());
    let always = Scopes::new(always).unwrap_or_default();
    chosen
        .cloned()
        .unwrap_or_else(|| definition.suggested())
        .without(&always)
}
