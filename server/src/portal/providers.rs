//! OAuth providers: the list, the gallery, a new one, changes.

use super::custom::custom_view;
use super::fields::{self, Findings};
use super::pasted::Pasted;
use super::{OrFail, PortalRequest, Task, actor, may};
use crate::catalog::{AskedOf, Catalog, Credentials, Definition};
use crate::domain::{Application, Member, Provider, ProviderId, Scopes, Slug};
use crate::store::{Hosts, NewProvider as StoredProvider, StoreError};
use crate::upstreams::provider_id;
use app::portal::Answer;
use app::wire::{
    Field, GalleryView, InputView, Language, NewProvider, PortalError, Problem, ProviderChange,
    ProviderFormView, ProviderSaved, ProviderState, ProviderSummary, ProviderView, ProvidersView,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A provider that was saved this recently says so at the top of its page.
const JUST_SAVED_MS: i64 = 15_000;
/// The category of what is in no catalog.
const GENERIC: &str = "Generic";

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
        let (member, application) = self.within(Task::ReadConfiguration, application).await?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let catalog = self.state.upstreams.catalog();
        let left_out = catalog.problems().iter().map(ToString::to_string);
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
            categories: categories(catalog),
            total: u32::try_from(catalog.len() + 1).unwrap_or(u32::MAX),
            custom: custom_fits(q, category),
            left_out: if may(member.role, Task::Configure) {
                left_out.collect()
            } else {
                Vec::new()
            },
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
            inputs: definition.input_views(AskedOf::Admin, Language::En),
        })
    }

    /// The slug and id that the next provider of this definition will have. They follow from what
    /// exists, so the redirect URI that the form shows is the one that is saved, hours later too.
    pub(super) async fn free_place(
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
        let inputs = admin_inputs(&mut findings, &definition, &form.inputs);
        let credentials = match definition.credentials {
            Credentials::PerProvider => {
                let client_id = findings.check(Field::ClientId, fields::client_id(&form.client_id));
                let secret = findings.check(
                    Field::ClientSecret,
                    fields::client_secret(form.client_secret),
                );
                client_id.zip(secret.map(|secret| vec![secret]))
            }
            // each customer brings their own
            Credentials::PerConnection => Some((String::new(), Vec::new())),
        };
        let scopes = match fields::scopes(form.scopes, &form.other_scopes) {
            Ok(scopes) => Some(scopes),
            Err(field) => {
                findings.add(field, Problem::BadCharacters);
                None
            }
        };
        if let Some((client_id, client_secrets)) = &credentials {
            let pasted = Pasted {
                client_id,
                client_secret: client_secrets.first(),
                known_secrets: &[],
            };
            findings.extend(pasted.swapped(&definition));
        }
        let (((client_id, client_secrets), scopes), inputs) =
            findings.or(credentials.zip(scopes).zip(inputs))?;
        let (slug, id) = self.free_place(&application, &definition.id).await?;
        let new = StoredProvider {
            id,
            definition: definition.id.clone(),
            slug,
            client_id,
            client_secrets,
            inputs,
            custom: None,
            scopes: chosen_only(&definition, &scopes),
            one_owner_per_account: form.one_owner_per_account,
            team_fallback: true,
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
            custom: None,
            scopes: definition.suggested(),
            one_owner_per_account: false,
            team_fallback: true,
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
            team_fallback: provider.team_fallback,
            just_saved: self.state.store.now().millis() - provider.created_at.millis()
                < JUST_SAVED_MS,
            inputs: saved_inputs(&definition, &provider),
            custom: provider.custom.as_ref().map(custom_view),
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
        let inputs = if form.inputs.is_empty() {
            // the preview sends them no second time
            Some(provider.inputs.clone())
        } else {
            admin_inputs(&mut findings, &definition, &form.inputs)
        };
        let client_id = match definition.credentials {
            Credentials::PerProvider => {
                findings.check(Field::ClientId, fields::client_id(&form.client_id))
            }
            Credentials::PerConnection => Some(provider.client_id.clone()),
        };
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
        let moves = inputs
            .as_ref()
            .is_some_and(|inputs| *inputs != provider.inputs);
        let secret = match definition.credentials {
            Credentials::PerProvider if moves => {
                findings.check(Field::HostSecret, fields::client_secret(form.host_secret))
            }
            _ => None,
        };
        let ((client_id, scopes), inputs) = findings.or(client_id.zip(scopes).zip(inputs))?;
        let replaces = moves || client_id != provider.client_id || !form.client_secret.is_empty();
        if replaces {
            // before anything is written
            self.allowed(Task::ChangeSecrets).await?;
        }
        let provider = Provider { inputs, ..provider };
        if moves {
            let hosts = Hosts::New(secret);
            // the secret comes with the Client ID that is sent along
            let moved = Provider {
                client_id: client_id.clone(),
                ..provider.clone()
            };
            let store = &self.state.store;
            match store
                .update_place(&moved, &["inputs"], &hosts, actor(&member))
                .await
            {
                Err(StoreError::Conflict) => {
                    return Err(PortalError::field(Field::Input(0), Problem::HoldsTokens));
                }
                saved => saved.or_fail()?,
            }
        }
        let asked_otherwise = moves || client_id != provider.client_id;
        let changed = Provider {
            client_id,
            scopes: chosen_only(&definition, &scopes),
            one_owner_per_account: form.one_owner_per_account,
            team_fallback: form.team_fallback,
            ..provider.clone()
        };
        let secret = self
            .secret_of_new_id(&provider, &changed, form.client_secret, form.confirmed)
            .await?;
        if secret.is_some() {
            // it may have waited for the answer to the preview
            self.allowed(Task::ChangeSecrets).await?;
        }
        if !form.confirmed && self.asks_first(&application, &provider, &changed).await? {
            if let Some(secret) = &secret {
                self.keep_typed_secret(&provider, secret).await?;
            }
            return Ok(ProviderSaved::AsksFirst);
        }
        if let Some(secret) = &secret {
            // first, so that the new Client ID has a secret from its first moment on
            self.add_secret(&member, &changed, secret, Field::NewClientSecret)
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

/// What the admin filled in, checked; each refused one is noted at its place.
fn admin_inputs(
    findings: &mut Findings,
    definition: &Definition,
    sent: &BTreeMap<String, String>,
) -> Option<BTreeMap<String, String>> {
    let resolved = definition.resolve_inputs(AskedOf::Admin, sent);
    let refused = match resolved {
        Ok(inputs) => return Some(inputs),
        Err(refused) => refused.input,
    };
    let mut asked = (0_u8..).zip(definition.inputs_of(AskedOf::Admin));
    if let Some((place, input)) = asked.find(|(_, input)| input.name == refused) {
        let nothing = sent.get(&refused).is_none_or(|text| text.trim().is_empty());
        let problem = match (nothing, input.choices.is_empty()) {
            (true, true) => Problem::Missing,
            (false, true) => Problem::BadCharacters,
            (_, false) => Problem::NotAChoice,
        };
        findings.add(Field::Input(place), problem);
    }
    None
}

/// The same as a form shows them, with what is saved in them.
fn saved_inputs(definition: &Definition, provider: &Provider) -> Vec<InputView> {
    let asked = definition
        .input_views(AskedOf::Admin, Language::En)
        .into_iter();
    asked
        .map(|input| InputView {
            value: provider
                .inputs
                .get(&input.name)
                .cloned()
                .unwrap_or_default(),
            ..input
        })
        .collect()
}

/// The categories of the gallery, that of its last tile included.
fn categories(catalog: &Catalog) -> Vec<(String, u32)> {
    let mut categories: BTreeMap<_, _> = catalog.categories().into_iter().collect();
    *categories.entry(GENERIC.to_owned()).or_default() += 1;
    categories.into_iter().collect()
}

/// Whether the tile for what is in no catalog fits a search.
fn custom_fits(q: &str, category: &str) -> bool {
    const SAID: &str =
        "custom oauth 2.0 / openid connect oauth2 oidc generic any other provider issuer";
    let in_category = category.is_empty() || category == GENERIC;
    in_category && SAID.contains(&q.trim().to_lowercase())
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
