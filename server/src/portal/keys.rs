//! API keys: made, shown once, listed, changed, rotated, revoked.

use super::key_fields::settings;
use super::{OrFail, PortalRequest, Task, actor};
use crate::api::key::ApiKeyText;
use crate::domain::{
    ApiKey, Application, KeyProviders, KeyRate, KeyState, Member, OrganizationId, Provider,
    Timestamp,
};
use crate::store::{KeyRotation, NewKey};
use crate::vault::Secret;
use app::portal::{Answer, Keying};
use app::wire::{
    ApiKeySummary, Field, KeyChoices, KeyForm, KeyLink, KeyView, KeysView, NewApiKey, Overlap,
    PortalError, Problem,
};
use async_trait::async_trait;
use std::time::Duration;

/// A key that was used within this time is one that something uses.
const LATELY: Duration = Duration::from_hours(24);
const DAY: Duration = Duration::from_hours(24);

#[async_trait]
impl Keying for PortalRequest {
    async fn keys(&self, application: &str) -> Answer<KeysView> {
        let (member, application) = self.within(Task::ReadConfiguration, application).await?;
        let keys = self.state.store.api_keys(&application.id).await.or_fail()?;
        let providers = self.providers_of(&application).await?;
        let made = self
            .shown_once(&member, &kept_for_list(&application))
            .await?;
        let newest = keys.iter().find(|key| key.revoked_at.is_none());
        let now = self.state.store.now();
        Ok(KeysView {
            made: made.zip(newest).map(|(key, newest)| NewApiKey {
                name: newest.name.clone(),
                key: key.expose().clone(),
            }),
            keys: keys
                .iter()
                .map(|key| summary(key, &providers, now))
                .collect(),
            choices: self.choices(&providers),
            application: application.name,
            public_url: self.state.config.origin(),
        })
    }

    async fn create_key(&self, application: &str, form: KeyForm) -> Answer<()> {
        let (member, application) = self.within(Task::ManageKeys, application).await?;
        let store = &self.state.store;
        let providers = self.providers_of(&application).await?;
        let settings = settings(&form, &providers, None, store.now())?;
        let ApiKeyText { text, hash, hint } = ApiKeyText::make();
        let new = NewKey {
            settings: &settings,
            hint: &hint,
            hash: &hash,
        };
        let kept = store.keep_api_key(&application, &new, actor(&member));
        kept.await.or_fail()?;
        self.show_once(&member.organization, &kept_for_list(&application), &text)
            .await
    }

    async fn key(&self, application: &str, id: &str) -> Answer<KeyView> {
        let (member, application) = self.within(Task::ReadConfiguration, application).await?;
        let keys = self.state.store.api_keys(&application.id).await.or_fail()?;
        let key = keys.iter().find(|key| key.id.as_str() == id);
        let key = key.ok_or(PortalError::NotFound)?;
        let providers = self.providers_of(&application).await?;
        let made = self.shown_once(&member, &kept_for_page(id)).await?;
        let now = self.state.store.now();
        let successor = keys
            .iter()
            .find(|one| one.replaces.as_ref() == Some(&key.id) && one.revoked_at.is_none());
        let replaced = keys
            .iter()
            .find(|one| key.replaces.as_ref() == Some(&one.id) && one.revoked_at.is_none());
        Ok(KeyView {
            key: summary(key, &providers, now),
            made: made.map(|text| NewApiKey {
                name: key.name.clone(),
                key: text.expose().clone(),
            }),
            successor: successor.map(link),
            replaces: replaced.map(link),
            used_lately: is_in_use(key, now),
            choices: self.choices(&providers),
            application: application.name,
        })
    }

    async fn change_key(&self, application: &str, id: &str, form: KeyForm) -> Answer<()> {
        let (member, application, key) = self.managed(application, id).await?;
        let store = &self.state.store;
        let providers = self.providers_of(&application).await?;
        let settings = settings(&form, &providers, Some(&key), store.now())?;
        let changed = store.change_api_key(&application, id, &settings, actor(&member));
        found(changed.await.or_fail()?)
    }

    async fn rotate_key(&self, application: &str, id: &str, overlap: Overlap) -> Answer<String> {
        let (member, application, _) = self.managed(application, id).await?;
        let store = &self.state.store;
        let ends = match overlap {
            Overlap::UntilRevoked => None,
            Overlap::Days(days) => Some(store.now() + DAY * u32::from(days)),
        };
        let ApiKeyText { text, hash, hint } = ApiKeyText::make();
        let rotated = store.rotate_api_key(&application, id, &hint, &hash, ends, actor(&member));
        match rotated.await.or_fail()? {
            KeyRotation::Done(new) => {
                self.show_once(&member.organization, &kept_for_page(new.as_str()), &text)
                    .await?;
                Ok(new.to_string())
            }
            KeyRotation::NotFound => Err(PortalError::NotFound),
            KeyRotation::HasSuccessor => Err(PortalError::KeyHasSuccessor),
        }
    }

    async fn deprecate_key(&self, application: &str, id: &str, deprecated: bool) -> Answer<()> {
        let (member, application, _) = self.managed(application, id).await?;
        let store = &self.state.store;
        let changed = store.deprecate_api_key(&application, id, deprecated, actor(&member));
        found(changed.await.or_fail()?)
    }

    async fn revoke_key(&self, application: &str, id: &str, although_used: bool) -> Answer<()> {
        let (member, application, key) = self.managed(application, id).await?;
        let store = &self.state.store;
        if is_in_use(&key, store.now()) && !although_used {
            return Err(PortalError::field(Field::StillUsed, Problem::Missing));
        }
        let revoked = store.revoke_api_key(&application, id, actor(&member));
        found(revoked.await.or_fail()?)
    }
}

impl PortalRequest {
    /// A key that this member may change, as it is.
    async fn managed(&self, application: &str, id: &str) -> Answer<(Member, Application, ApiKey)> {
        let (member, application) = self.within(Task::ManageKeys, application).await?;
        let key = self
            .state
            .store
            .api_key(&application.id, id)
            .await
            .or_fail()?;
        Ok((member, application, key.ok_or(PortalError::NotFound)?))
    }

    async fn providers_of(&self, application: &Application) -> Answer<Vec<Provider>> {
        let providers = self.state.store.providers(&application.id).await;
        providers.or_fail()
    }

    fn choices(&self, providers: &[Provider]) -> KeyChoices {
        let named = |provider: &Provider| {
            let definition = self.state.upstreams.definition(provider);
            let name = definition.map_or_else(|_| provider.slug.to_string(), |it| it.name.clone());
            (provider.slug.to_string(), name)
        };
        KeyChoices {
            providers: providers.iter().map(named).collect(),
            usual_rate: self.state.config.rates.per_key,
        }
    }

    async fn show_once(
        &self,
        organization: &OrganizationId,
        name: &str,
        key: &Secret<String>,
    ) -> Answer<()> {
        self.session.keep_secret(name, organization, key).await
    }

    async fn shown_once(&self, member: &Member, name: &str) -> Answer<Option<Secret<String>>> {
        self.session.take_secret(name, &member.organization).await
    }
}

/// Under this name a new key waits in the session for the list.
fn kept_for_list(application: &Application) -> String {
    format!("api-key {}", application.slug)
}

/// And under this one for its own page.
fn kept_for_page(id: &str) -> String {
    format!("api-key {id}")
}

fn found(found: bool) -> Answer<()> {
    if found {
        Ok(())
    } else {
        Err(PortalError::NotFound)
    }
}

/// What does not work cannot be in use.
fn is_in_use(key: &ApiKey, now: Timestamp) -> bool {
    let works = matches!(key.state(now), KeyState::Live | KeyState::Deprecated);
    works && key.last_used_at.is_some_and(|at| at > now - LATELY)
}

fn link(key: &ApiKey) -> KeyLink {
    KeyLink {
        id: key.id.to_string(),
        hint: key.hint.clone(),
        last_used_at: key.last_used_at.map(Timestamp::millis),
    }
}

fn summary(key: &ApiKey, known: &[Provider], now: Timestamp) -> ApiKeySummary {
    let slug = |id: &crate::domain::ProviderId| {
        let provider = known.iter().find(|provider| provider.id == *id);
        provider.map_or_else(|| id.to_string(), |provider| provider.slug.to_string())
    };
    ApiKeySummary {
        id: key.id.to_string(),
        name: key.name.clone(),
        hint: key.hint.clone(),
        state: key.state(now),
        scopes: key.scopes.iter().collect(),
        providers: match &key.limits.providers {
            KeyProviders::All => Vec::new(),
            KeyProviders::These(ids) => ids.iter().map(slug).collect(),
        },
        ip_ranges: key.limits.addresses.ranges(),
        expires_at: key.limits.expires_at.map(Timestamp::millis),
        rate_per_s: key.limits.rate.map(KeyRate::get),
        created_at: key.created_at.millis(),
        created_by: key.created_by.clone(),
        last_used_at: key.last_used_at.map(Timestamp::millis),
        deprecated_at: key.deprecated_at.map(Timestamp::millis),
        revoked_at: key.revoked_at.map(Timestamp::millis),
    }
}
