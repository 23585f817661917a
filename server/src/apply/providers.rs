//! Providers and their scopes.

use super::document::{Document, WantedProvider};
use super::{ApplyError, DocumentError, Mistake, Work};
use crate::catalog::{Catalog, Definition};
use crate::domain::{Actor, Application, Provider, Scopes};
use crate::store::NewProvider;
use crate::upstreams::provider_id;

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
    let Some(definition) = catalog.get(&wanted.definition) else {
        let alike = catalog.alike(&wanted.definition);
        let alike = alike.map_or_else(String::new, |id| format!(" Did you mean `{id}`?"));
        return Some(format!(
            "`definition` is not in the catalog.{alike} `grantport catalog list` shows all."
        ));
    };
    if definition.practice {
        return Some(
            "Add the practice provider in the portal: it registers itself there.".to_owned(),
        );
    }
    let needs_secret = definition.client_auth.needs_secret();
    (needs_secret && wanted.client_secrets.is_empty())
        .then(|| "Add `client_secrets`: the provider asks for one.".to_owned())
}

impl Work<'_> {
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
        let Some(definition) = self.upstreams.catalog().get(&wanted.definition) else {
            return Err(refused("`definition` is not in the catalog."));
        };
        let scopes = scopes(&definition, wanted.scopes.as_ref());
        let Some(existing) = self
            .store
            .provider(&application.id, wanted.slug.as_str())
            .await?
        else {
            return self.new_provider(application, wanted, scopes).await;
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
        self.changed_provider(application, &existing, &wanted, scopes)
            .await?;
        self.unlisted_secrets(application, &now, &listed).await
    }

    async fn new_provider(
        &mut self,
        application: &Application,
        wanted: WantedProvider,
        scopes: Scopes,
    ) -> Result<(), ApplyError> {
        let new = NewProvider {
            id: provider_id(self.store.keyring(), application, &wanted.slug)?,
            definition: wanted.definition,
            slug: wanted.slug,
            client_id: wanted.client_id,
            client_secrets: wanted.client_secrets,
            inputs: std::collections::BTreeMap::new(),
            scopes,
            one_owner_per_account: wanted.one_owner_per_account,
        };
        let made = self
            .store
            .create_provider(application, new, Actor::apply())
            .await?;
        let redirect_uri = self.upstreams.redirect_uri(&made.id);
        self.changed(format_args!(
            "created provider {} of {}; its redirect URI is {redirect_uri}",
            made.slug, application.slug
        ))
    }

    async fn changed_provider(
        &mut self,
        application: &Application,
        existing: &Provider,
        wanted: &WantedProvider,
        scopes: Scopes,
    ) -> Result<(), ApplyError> {
        let mut what = Vec::new();
        if existing.client_id != wanted.client_id {
            what.push("client ID");
        }
        if existing.scopes != scopes {
            what.push("scopes");
        }
        if existing.one_owner_per_account != wanted.one_owner_per_account {
            what.push("one owner per account");
        }
        if what.is_empty() {
            return Ok(());
        }
        let changed = Provider {
            client_id: wanted.client_id.clone(),
            scopes,
            one_owner_per_account: wanted.one_owner_per_account,
            ..existing.clone()
        };
        self.store.update_provider(&changed, Actor::apply()).await?;
        self.changed(format_args!(
            "changed provider {} of {}: {}",
            changed.slug,
            application.slug,
            what.join(", ")
        ))
    }
}

/// Chosen scopes without those that are granted anyway; without a choice, the suggested ones.
fn scopes(definition: &Definition, chosen: Option<&Scopes>) -> Scopes {
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
