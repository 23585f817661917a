//! An application's overview: where to begin, or how it goes and who has to act.

use super::{OrFail, PortalRequest, Task};
use crate::domain::{Application, Provider, Timestamp};
use crate::store::{ActivityKind, BrokenCount};
use app::portal::Answer;
use app::wire::{Attention, DayActivity, OverviewView, ProviderLink, ReasonCount, SecretUse};
use std::collections::BTreeMap;

/// Marks of definitions that are shown as a taste of the gallery.
const SOME: usize = 7;
/// Days that are shown.
const DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl PortalRequest {
    pub(super) async fn application_overview(&self, application: &str) -> Answer<OverviewView> {
        let (_, application) = self.within(Task::ReadConnections, application).await?;
        let store = &self.state.store;
        let providers = store.providers(&application.id).await.or_fail()?;
        let keys = store.api_keys(&application.id).await.or_fail()?;
        let catalog = self.state.upstreams.catalog();
        let offered: Vec<_> = catalog
            .by_name()
            .into_iter()
            .filter(|definition| !definition.practice)
            .collect();
        let broken = store.broken_connections(&application.id).await.or_fail()?;
        Ok(OverviewView {
            slug: application.slug.to_string(),
            name: application.name.clone(),
            return_url: application.return_urls.first().cloned(),
            providers: self.marks(&providers),
            // and the custom one
            definitions: u32::try_from(offered.len() + 1).unwrap_or(u32::MAX),
            some_definitions: offered
                .iter()
                .take(SOME)
                .map(|definition| definition.provider_mark())
                .collect(),
            practice_offered: self.practice_offered(&providers),
            api_keys: u32::try_from(keys.iter().filter(|key| key.revoked_at.is_none()).count())
                .unwrap_or(u32::MAX),
            counts: self.counts(&application).await?,
            public_url: self.state.config.origin(),
            example_provider: providers.first().map(|provider| provider.slug.to_string()),
            attention: self.attention(&application, &providers, &broken).await?,
            days: self.days(&application).await?,
            reasons: reasons(&broken),
        })
    }

    /// What somebody should look at: providers that stopped first, then people, then what we do
    /// ourselves, then tidying.
    async fn attention(
        &self,
        application: &Application,
        providers: &[Provider],
        broken: &[BrokenCount],
    ) -> Answer<Vec<Attention>> {
        let store = &self.state.store;
        let many = store
            .connections_per_provider(&application.id)
            .await
            .or_fail()?;
        let (mut stopped, mut unused) = (Vec::new(), Vec::new());
        for provider in providers {
            if let Some(since) = provider.credentials_rejected_at {
                stopped.push(Attention::CredentialsRejected {
                    provider: self.provider_link(provider),
                    since: since.millis(),
                    connections: many.get(provider.id.as_str()).copied().unwrap_or_default(),
                });
            }
            let secrets = self.secret_hints(provider).await?;
            let idle = |used: &SecretUse| {
                matches!(used, SecretUse::Kept | SecretUse::EarlierClientId { .. })
            };
            if secrets.iter().any(|one| one.removable && idle(&one.used)) {
                unused.push(Attention::SecretUnused {
                    provider: self.provider_link(provider),
                });
            }
        }
        let (mut people, mut retried) = (Vec::new(), Vec::new());
        for one in broken {
            let Some(provider) = providers
                .iter()
                .find(|provider| provider.id.as_str() == one.provider)
            else {
                continue;
            };
            match one.reason {
                Some(reason) => people.push(Attention::Reconnect {
                    provider: self.provider_link(provider),
                    reason,
                    connections: one.connections,
                }),
                // that line says it all
                None if provider.credentials_rejected_at.is_some() => {}
                None => retried.push(Attention::Degraded {
                    provider: self.provider_link(provider),
                    connections: one.connections,
                    next_try_at: one.next_try_at.map(Timestamp::millis),
                }),
            }
        }
        Ok([stopped, people, retried, unused].concat())
    }

    fn provider_link(&self, provider: &Provider) -> ProviderLink {
        ProviderLink {
            slug: provider.slug.to_string(),
            name: self.name_of(provider),
        }
    }

    async fn days(&self, application: &Application) -> Answer<Vec<DayActivity>> {
        let store = &self.state.store;
        let today = store.now().millis().div_euclid(DAY_MS) * DAY_MS;
        let first = today - (DAYS - 1) * DAY_MS;
        let mut days: Vec<DayActivity> = (0..DAYS)
            .map(|number| DayActivity {
                day: first + number * DAY_MS,
                ..DayActivity::default()
            })
            .collect();
        let happened = store
            .activity(&application.id, Timestamp::from_millis(first))
            .await
            .or_fail()?;
        for one in happened {
            let Some(day) = days.iter_mut().find(|day| day.day == one.day.millis()) else {
                continue;
            };
            match one.kind {
                ActivityKind::Connected => day.connected += one.times,
                ActivityKind::Refreshed => day.refreshed += one.times,
                ActivityKind::RefreshFailed => day.failed += one.times,
                ActivityKind::Broken | ActivityKind::Revoked => {}
            }
        }
        Ok(days)
    }
}

/// Why connections need a reconnect, over all providers, the most frequent first.
fn reasons(broken: &[BrokenCount]) -> Vec<ReasonCount> {
    let mut counts: BTreeMap<&str, ReasonCount> = BTreeMap::new();
    for one in broken {
        let Some(reason) = one.reason else { continue };
        counts
            .entry(reason.as_str())
            .or_insert(ReasonCount {
                reason,
                connections: 0,
            })
            .connections += one.connections;
    }
    let mut reasons: Vec<_> = counts.into_values().collect();
    reasons.sort_by_key(|one| std::cmp::Reverse(one.connections));
    reasons
}
