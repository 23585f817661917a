//! API keys of an application: made, or given, and changed to what the file says of them.

use super::change::{Change, Deed};
use super::document::WantedKey;
use super::key_limits::WantedLimits;
use super::{ApplyError, Mistake, Mode, Work};
use crate::api::key::ApiKeyText;
use crate::domain::{
    Actor, ApiKey, Application, KeyProviders, KeyRate, KeySettings, ProviderId, Slug, Timestamp,
};
use crate::store::{NewKey, StoreError};
use std::collections::BTreeMap;

impl Work<'_> {
    pub(super) async fn api_key(
        &mut self,
        application: &Application,
        wanted: WantedKey,
    ) -> Result<(), ApplyError> {
        let keys = self.store.api_keys(&application.id).await?;
        let mut live = keys.into_iter().filter(|key| key.revoked_at.is_none());
        let existing = match &wanted.key {
            Some(given) => self.store.live_api_key(&given.hash).await?,
            // of a key and its successor, which have one name, the newest is meant
            None => live.find(|key| key.name == wanted.name),
        };
        match existing.filter(|key| key.application == application.id) {
            Some(key) => self.changed_key(application, &key, &wanted).await,
            None => self.new_key(application, &wanted).await,
        }
    }

    async fn new_key(
        &mut self,
        application: &Application,
        wanted: &WantedKey,
    ) -> Result<(), ApplyError> {
        let as_before = KeySettings::unlimited(&wanted.name);
        let settings = self.wanted_settings(application, wanted, as_before).await?;
        let made;
        let (key, shown) = if let Some(given) = &wanted.key {
            (given, format!(": {}", given.hint))
        } else {
            made = ApiKeyText::make();
            // the only place where it can ever be read
            (&made, format!(", shown this once: {}", made.text.expose()))
        };
        let new = NewKey {
            settings: &settings,
            hint: &key.hint,
            hash: &key.hash,
        };
        let change = Change::new(
            Deed::Create,
            format_args!("API key {} of {}", wanted.name, application.slug),
        );
        if self.plans(&change)? {
            return Ok(());
        }
        let kept = self.store.keep_api_key(application, &new, Actor::apply());
        match kept.await {
            Ok(_) => self.done_with(&change, shown),
            Err(StoreError::Conflict) => Err(refused(
                wanted.line,
                "This `key` was revoked, or belongs to another application: use another one.",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// What the file does not say of a key stays as it is. So does the name of one that it gives.
    async fn changed_key(
        &mut self,
        application: &Application,
        key: &ApiKey,
        wanted: &WantedKey,
    ) -> Result<(), ApplyError> {
        let before = KeySettings::from(key);
        let settings = self
            .wanted_settings(application, wanted, before.clone())
            .await?;
        let slugs = self.slugs_of(application).await?;
        let change = Change::new(
            Deed::Change,
            format_args!("API key {} of {}", key.name, application.slug),
        )
        .field("scopes", before.scopes.stored(), settings.scopes.stored())
        .field(
            "providers",
            named(&before.limits.providers, &slugs),
            named(&settings.limits.providers, &slugs),
        )
        .field(
            "IP ranges",
            before.limits.addresses.ranges().join(" "),
            settings.limits.addresses.ranges().join(" "),
        )
        .field(
            "expiry",
            moment(before.limits.expires_at),
            moment(settings.limits.expires_at),
        )
        .field(
            "rate",
            per_second(before.limits.rate),
            per_second(settings.limits.rate),
        );
        if change.is_nothing() || self.plans(&change)? {
            return Ok(());
        }
        self.store
            .change_api_key(application, key.id.as_str(), &settings, Actor::apply())
            .await?;
        self.done(&change)
    }

    async fn slugs_of(
        &self,
        application: &Application,
    ) -> Result<BTreeMap<ProviderId, Slug>, ApplyError> {
        let providers = self.store.providers(&application.id).await?;
        let slugs = providers
            .into_iter()
            .map(|provider| (provider.id, provider.slug));
        Ok(slugs.collect())
    }

    async fn wanted_settings(
        &self,
        application: &Application,
        wanted: &WantedKey,
        otherwise: KeySettings,
    ) -> Result<KeySettings, ApplyError> {
        let WantedLimits { providers, .. } = &wanted.may;
        let mut ids = Vec::new();
        for slug in providers.iter().flatten() {
            match self.store.provider(&application.id, slug.as_str()).await? {
                Some(provider) => ids.push(provider.id),
                // the plan has told that it would be created, or else the file itself is wrong
                None if self.mode == Mode::Plan => {}
                None => {
                    let what =
                        format!("One of `providers` is no provider of the application: {slug}.");
                    return Err(refused(wanted.line, what));
                }
            }
        }
        Ok(wanted.may.over(otherwise, ids))
    }
}

fn named(providers: &KeyProviders, slugs: &BTreeMap<ProviderId, Slug>) -> String {
    if *providers == KeyProviders::All {
        return "all".to_owned();
    }
    let included = slugs.iter().filter(|(id, _)| providers.include(id));
    let included: Vec<&str> = included.map(|(_, slug)| slug.as_str()).collect();
    included.join(" ")
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(Timestamp::rfc3339).unwrap_or_default()
}

fn per_second(rate: Option<KeyRate>) -> String {
    rate.map(|rate| rate.get().to_string()).unwrap_or_default()
}

fn refused(line: usize, what: impl Into<String>) -> ApplyError {
    let what = what.into();
    ApplyError::Refused(Mistake { line, what })
}
