//! What a file says an API key may do, and what it is limited to.

use super::document::Reading;
use crate::domain::{
    KeyAddresses, KeyProviders, KeyRate, KeyScopes, KeySettings, ProviderId, Slug, Timestamp,
};

/// The keys of `[[applications.api_keys]]` that limit a key. What is left out stays as it is; an empty
/// list, `"never"` and 0 take a limit away.
pub(super) struct LimitsTable {
    pub(super) scopes: Option<Vec<String>>,
    pub(super) providers: Option<Vec<String>>,
    pub(super) ip_ranges: Option<Vec<String>>,
    pub(super) expires_at: Option<String>,
    pub(super) rate_per_s: Option<u32>,
}

/// The same, read. `None`: as it is.
#[derive(Debug, Default)]
pub(super) struct WantedLimits {
    scopes: Option<KeyScopes>,
    /// Slugs of providers of the application.
    pub(super) providers: Option<Vec<Slug>>,
    addresses: Option<KeyAddresses>,
    expires_at: Option<Limit<Timestamp>>,
    rate: Option<Limit<KeyRate>>,
}

/// A limit as a file says it: this one, or none.
#[derive(Clone, Copy, Debug)]
enum Limit<T> {
    At(T),
    Gone,
}

impl<T> From<Limit<T>> for Option<T> {
    fn from(limit: Limit<T>) -> Self {
        match limit {
            Limit::At(limit) => Some(limit),
            Limit::Gone => None,
        }
    }
}

impl WantedLimits {
    /// `settings` with what is wanted. `providers` are the ids of those that it names.
    pub(super) fn over(&self, settings: KeySettings, providers: Vec<ProviderId>) -> KeySettings {
        let KeySettings {
            name,
            scopes,
            mut limits,
        } = settings;
        if self.providers.is_some() {
            limits.providers = KeyProviders::new(providers);
        }
        if let Some(addresses) = &self.addresses {
            limits.addresses = addresses.clone();
        }
        if let Some(expires_at) = self.expires_at {
            limits.expires_at = expires_at.into();
        }
        if let Some(rate) = self.rate {
            limits.rate = rate.into();
        }
        KeySettings {
            name,
            scopes: self.scopes.clone().unwrap_or(scopes),
            limits,
        }
    }
}

impl Reading<'_> {
    pub(super) fn limits(&mut self, line: usize, table: LimitsTable) -> WantedLimits {
        let scopes = table.scopes.map(|words| {
            let scopes: Result<KeyScopes, ()> = words.iter().map(|word| word.parse()).collect();
            scopes.ok().filter(|scopes| !scopes.is_empty()).ok_or(
                "`scopes` has to be a list of at least one of connect:create, connections:read, connections:revoke, tokens:read, proxy, events:read, webhooks:manage.",
            )
        });
        let providers = table.providers.map(|slugs| {
            let slugs: Result<Vec<Slug>, _> = slugs.iter().map(|slug| slug.parse()).collect();
            slugs.map_err(
                |_| "`providers` has to be a list of slugs of providers of the application.",
            )
        });
        let addresses = table.ip_ranges.map(|ranges| {
            KeyAddresses::read(ranges.iter().map(String::as_str)).map_err(|_| {
                "`ip_ranges` has to be a list of addresses and blocks of them, such as \"203.0.113.0/24\"."
            })
        });
        let expires_at = table.expires_at.map(|text| match text.as_str() {
            "never" => Ok(Limit::Gone),
            text => Timestamp::from_rfc3339(text).map(Limit::At).ok_or(
                "`expires_at` has to be a moment such as \"2027-01-31T00:00:00Z\", or \"never\".",
            ),
        });
        let rate = table.rate_per_s.map(|number| match number {
            0 => Ok(Limit::Gone),
            number => KeyRate::per_second(number)
                .map(Limit::At)
                .map_err(|_| "`rate_per_s` has to be a whole number from 1 to 10000, or 0 for the installation's."),
        });
        WantedLimits {
            scopes: self.right(line, scopes),
            providers: self.right(line, providers),
            addresses: self.right(line, addresses),
            expires_at: self.right(line, expires_at),
            rate: self.right(line, rate),
        }
    }

    /// A value that can be used, or a mistake noted.
    fn right<T>(&mut self, line: usize, value: Option<Result<T, &str>>) -> Option<T> {
        value?.map_err(|what| self.wrong(line, what)).ok()
    }
}
