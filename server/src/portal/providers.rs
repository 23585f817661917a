//! OAuth providers: the list, the gallery, a new one, changes.

use super::fields::{self, Findings};
use super::pasted::Pasted;
use super::{OrFail, PortalRequest, Task, actor};
use crate::catalog::Definition;
use crate::domain::{Application, Member, Provider, ProviderId, Scopes, Slug};
use crate::store::NewProvider as StoredProvider;
use crate::upstreams::provider_id;
use app::portal::Answer;
use app::wire::{
    Field, GalleryView, NewProvider, PortalError, Problem, ProviderChange, ProviderFormView,
    ProviderSaved, ProviderState, ProviderSummary, ProviderView, ProvidersView,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A provider that was saved this recently says so at the top of its page.
const JUST_SAVED_MS: i64 = 15_000;

impl PortalRequest {
    pub(super) fn practice_offered(&self, providers: &[Provider]) -> bool {
        let practice = self
            .state
            .upstreams
            .catalog()
            .by_name()
            .into_iter()
            .find(|definition| definition.practice);
        practice.is_some_and(|practice| {
            !providers
                .iter()
                .any(|provider| provider.definition == practice.id)
        })
    }

    pub(super) async fn provider_list(&self, application: &str) -> Answer<ProvidersView> {
        let (_, application) = self.within(Task::ReadConfiguration, application).await?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let connections = self
            .state
            .store
            .connections_per_provider(&application.id)
            .await
            .or_fail()?;
        let mut rows = Vec::new();
        for provider in &providers {
            let Ok(definition) = self.state.upstreams.definition(provider) else {
                continue;
            };
            rows.push(ProviderSummary {
                slug: provider.slug.to_string(),
                mark: definition.provider_mark(),
                state: state_of(provider),
                connections: connections.get(provider.id.as_str()).copied().unwrap_or(0),
                scopes: u32::try_from(provider.scopes.len()).unwrap_or(u32::MAX),
                scopes_set_at_provider: !definition.sends_scopes(),
                tokens: definition.token_life(),
                secrets: self.secret_hints(provider).await?,
            });
        }
        Ok(ProvidersView {
            application: application.name,
            providers: rows,
            practice_offered: self.practice_offered(&providers),
        })
    }

    pub(super) async fn definition_gallery(
        &self,
        application: &str,
        q: &str,
        category: &str,
    ) -> Answer<GalleryView> {
        let (_, application) = self.within(Task::ReadConfiguration, application).await?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let catalog = self.state.upstreams.catalog();
        let added = |definition: &Definition| {
            providers
                .iter()
                .any(|provider| provider.definition == definition.id)
        };
        Ok(GalleryView {
            application: application.name,
            tiles: catalog
                .search(q, category)
                .iter()
                .map(|definition| definition.tile(added(definition)))
                .collect(),
            categories: catalog.categories(),
            total: u32::try_from(catalog.len()).unwrap_or(u32::MAX),
        })
    }

    fn definition(&self, id: &str) -> Answer<Arc<Definition>> {
        self.state
            .upstreams
            .catalog()
            .get(id)
            .ok_or(PortalError::NotFound)
    }

    pub(super) async fn new_provider_form(
        &self,
        application: &str,
        definition: &str,
    ) -> Answer<ProviderFormView> {
        let (_, application) = self.within(Task::Configure, application).await?;
        let definition = self.definition(definition)?;
        let (_, id) = self.free_place(&application, &definition.id).await?;
        Ok(ProviderFormView {
            application: application.name,
            definition: definition.view(&definition.suggested(), self.state.upstreams.overrides()),
            redirect_uri: self.state.upstreams.redirect_uri(&id),
        })
    }

    /// The slug and id that the next provider of this definition will have. They follow from what
    /// exists, so the redirect URI that the form shows is the one that is saved, hours later too.
    async fn free_place(
        &self,
        application: &Application,
        definition: &str,
    ) -> Answer<(Slug, ProviderId)> {
        let plain: Slug = definition.parse().map_err(|_| PortalError::NotFound)?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let taken = |slug: &Slug| {
            slug.as_str() == "new" || providers.iter().any(|provider| provider.slug == *slug)
        };
        // one more than can be taken, as "new" always is
        let numbered = (2..)
            .map(|number| plain.numbered(number))
            .take(providers.len() + 1);
        let slug = std::iter::once(plain.clone())
            .chain(numbered)
            .find(|slug| !taken(slug));
        let slug = slug.ok_or(PortalError::Changed)?;
        let id = provider_id(self.state.store.keyring(), application, &slug)
            .map_err(|_| PortalError::Internal)?;
        Ok((slug, id))
    }

    pub(super) async fn new_provider(
        &self,
        application: &str,
        form: NewProvider,
    ) -> Answer<String> {
        let (member, application) = self.within(Task::Configure, application).await?;
        let definition = self.definition(&form.definition)?;
        if definition.practice {
            return self.add_practice(&member, &application).await;
        }
        let mut findings = Findings::default();
        let client_id = findings.check(Field::ClientId, fields::client_id(&form.client_id));
        let client_secret = findings.check(
            Field::ClientSecret,
            fields::client_secret(form.client_secret),
        );
        let scopes = match fields::scopes(form.scopes, &form.other_scopes) {
            Ok(scopes) => Some(scopes),
            Err(field) => {
                findings.add(field, Problem::BadCharacters);
                None
            }
        };
        if let (Some(client_id), client_secret) = (&client_id, client_secret.as_ref()) {
            let pasted = Pasted {
                client_id,
                client_secret,
                known_secrets: &[],
            };
            findings.extend(pasted.swapped(&definition));
        }
        let ((client_id, client_secret), scopes) =
            findings.or(client_id.zip(client_secret).zip(scopes))?;
        let (slug, id) = self.free_place(&application, &definition.id).await?;
        let new = StoredProvider {
            id,
            definition: definition.id.clone(),
            slug,
            client_id,
            client_secrets: vec![client_secret],
            inputs: BTreeMap::new(),
            scopes: chosen_only(&definition, &scopes),
            one_owner_per_account: form.one_owner_per_account,
        };
        let provider = self
            .state
            .store
            .create_provider(&application, new, actor(&member))
            .await
            .or_fail()?;
        self.prove(&provider).await;
        Ok(provider.slug.to_string())
    }

    pub(super) async fn new_practice_provider(&self, application: &str) -> Answer<String> {
        let (member, application) = self.within(Task::Configure, application).await?;
        self.add_practice(&member, &application).await
    }

    /// The practice provider registers itself: credentials of its own, and all scopes.
    async fn add_practice(&self, member: &Member, application: &Application) -> Answer<String> {
        let catalog = self.state.upstreams.catalog();
        let definition = catalog
            .by_name()
            .into_iter()
            .find(|definition| definition.practice)
            .ok_or(PortalError::NotFound)?;
        let practice = self
            .state
            .practice
            .get(&self.state.store)
            .await
            .or_fail()?
            .ok_or(PortalError::NotFound)?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        if let Some(there) = providers
            .iter()
            .find(|provider| provider.definition == definition.id)
        {
            return Ok(there.slug.to_string());
        }
        let (slug, id) = self.free_place(application, &definition.id).await?;
        let (client_id, client_secret) = practice.credentials_for(&id);
        let new = StoredProvider {
            id,
            definition: definition.id.clone(),
            slug,
            client_id,
            client_secrets: vec![client_secret],
            inputs: BTreeMap::new(),
            scopes: definition.suggested(),
            one_owner_per_account: false,
        };
        let provider = self
            .state
            .store
            .create_provider(application, new, actor(member))
            .await
            .or_fail()?;
        self.prove(&provider).await;
        Ok(provider.slug.to_string())
    }

    pub(super) async fn one_provider(
        &self,
        application: &str,
        provider: &str,
    ) -> Answer<ProviderView> {
        let (_, application, provider) = self
            .within_provider(Task::ReadConfiguration, application, provider)
            .await?;
        let definition = self.state.upstreams.definition(&provider).or_fail()?;
        let known: Vec<&str> = definition
            .all_scopes()
            .map(|scope| scope.name.as_str())
            .collect();
        let connections = self
            .state
            .store
            .connections_per_provider(&application.id)
            .await
            .or_fail()?;
        Ok(ProviderView {
            application: application.name,
            slug: provider.slug.to_string(),
            definition: definition.view(&provider.scopes, self.state.upstreams.overrides()),
            state: state_of(&provider),
            created_at: provider.created_at.millis(),
            redirect_uri: self.state.upstreams.redirect_uri(&provider.id),
            other_scopes: provider
                .scopes
                .iter()
                .filter(|name| !known.contains(name))
                .map(str::to_owned)
                .collect(),
            secrets: self.secret_hints(&provider).await?,
            connections: connections.get(provider.id.as_str()).copied().unwrap_or(0),
            one_owner_per_account: provider.one_owner_per_account,
            just_saved: self.state.store.now().millis() - provider.created_at.millis()
                < JUST_SAVED_MS,
            proof: self.proof_of(&provider).await?,
            client_id: provider.client_id,
        })
    }

    pub(super) async fn change_provider(
        &self,
        application: &str,
        provider: &str,
        form: ProviderChange,
    ) -> Answer<ProviderSaved> {
        let (member, application, provider) = self
            .within_provider(Task::Configure, application, provider)
            .await?;
        let definition = self.state.upstreams.definition(&provider).or_fail()?;
        let mut findings = Findings::default();
        let client_id = findings.check(Field::ClientId, fields::client_id(&form.client_id));
        let scopes = match fields::scopes(form.scopes, &form.other_scopes) {
            Ok(scopes) => Some(scopes),
            Err(field) => {
                findings.add(field, Problem::BadCharacters);
                None
            }
        };
        if let Some(client_id) = &client_id {
            let pasted = Pasted {
                client_id,
                client_secret: None,
                known_secrets: &self.live_secrets(&provider).await?,
            };
            findings.extend(pasted.swapped(&definition));
        }
        let (client_id, scopes) = findings.or(client_id.zip(scopes))?;
        let asked_otherwise = client_id != provider.client_id;
        let changed = Provider {
            client_id,
            scopes: chosen_only(&definition, &scopes),
            one_owner_per_account: form.one_owner_per_account,
            ..provider.clone()
        };
        let secret = self
            .secret_of_new_id(&provider, &changed, form.client_secret, form.confirmed)
            .await?;
        if !form.confirmed && self.asks_first(&application, &provider, &changed).await? {
            if let Some(secret) = &secret {
                self.keep_typed_secret(&provider, secret).await?;
            }
            return Ok(ProviderSaved::AsksFirst);
        }
        if let Some(secret) = &secret {
            // first, so that the new Client ID has a secret from its first moment on
            self.add_secret(&changed, secret, Field::NewClientSecret)
                .await?;
        }
        self.state
            .store
            .update_provider(&changed, actor(&member))
            .await
            .or_fail()?;
        if asked_otherwise {
            self.prove(&changed).await;
        }
        Ok(ProviderSaved::Saved)
    }
}

/// What holds for a provider.
pub(super) fn state_of(provider: &Provider) -> ProviderState {
    match provider.credentials_rejected_at {
        None => ProviderState::Active,
        Some(since) => ProviderState::CredentialsRejected {
            since: since.millis(),
        },
    }
}

/// Without those that are granted anyway: the form shows them locked.
pub(super) fn chosen_only(definition: &Definition, scopes: &Scopes) -> Scopes {
    let always = definition
        .scopes
        .always_granted
        .iter()
        .map(|scope| scope.name.clone());
    scopes.without(&Scopes::new(always).unwrap_or_default())
}
