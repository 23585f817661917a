//! What sets connections that work apart: scopes that they lack, and an earlier Client ID.
//!
//! Both follow from what stands there already, so nothing has to be kept in step when a provider
//! changes or somebody reconnects.

use super::{OrFail, PortalRequest};
use crate::catalog::{Credentials, Definition};
use crate::domain::{ApplicationId, Connection, Provider, ProviderId, Scopes, Status};
use crate::store::{GrantGroup, Marked};
use app::portal::Answer;
use app::wire::ConnectionMark;
use std::sync::Arc;

/// The grants of an application, beside what its providers ask for now.
pub(super) struct Survey {
    groups: Vec<GrantGroup>,
    providers: Vec<(Provider, Arc<Definition>)>,
}

impl PortalRequest {
    pub(super) async fn survey(
        &self,
        application: &ApplicationId,
        providers: &[Provider],
    ) -> Answer<Survey> {
        let groups = self.state.store.grants(application).await.or_fail()?;
        let upstreams = &self.state.upstreams;
        let known = providers.iter().filter_map(|provider| {
            let definition = upstreams.definition(provider).ok()?;
            Some((provider.clone(), definition))
        });
        Ok(Survey {
            groups,
            providers: known.collect(),
        })
    }
}

impl Survey {
    fn of(&self, id: &ProviderId) -> Option<&(Provider, Arc<Definition>)> {
        self.providers
            .iter()
            .find(|(provider, _)| provider.id == *id)
    }

    fn groups_of(&self, id: &ProviderId) -> impl Iterator<Item = &GrantGroup> {
        self.groups
            .iter()
            .filter(move |group| group.provider == *id)
    }

    /// Names that were asked for and never told as granted. Such a provider has other names for
    /// them, or none, so that their absence says nothing.
    fn never_told(&self, provider: &ProviderId, definition: &Definition, names: &Scopes) -> Scopes {
        let never = names.iter().filter(|name| {
            let mut asked_by = self
                .groups_of(provider)
                .filter(|group| group.asked.contains(name))
                .peekable();
            let was_asked = asked_by.peek().is_some();
            was_asked
                && !asked_by.any(|group| definition.with_implied(&group.granted).contains(name))
        });
        Scopes::new(never).unwrap_or_default()
    }

    /// What a grant would lack if the provider asked for `asked`.
    fn lacking(
        &self,
        provider: &ProviderId,
        definition: &Definition,
        asked: &Scopes,
        granted: &Scopes,
    ) -> Scopes {
        let lacking = definition.lacking(asked, granted);
        if lacking.is_empty() {
            return lacking;
        }
        let never_told = self.never_told(provider, definition, &lacking);
        lacking.without(&never_told)
    }

    /// What a connection lacks of what its provider asks for now.
    pub(super) fn lacked_by(&self, connection: &Connection) -> Scopes {
        match self.of(&connection.provider) {
            Some((provider, definition)) if connection.status == Status::Active => self.lacking(
                &provider.id,
                definition,
                &provider.scopes,
                &connection.scopes_granted,
            ),
            _ => Scopes::default(),
        }
    }

    /// How many connections of a provider work, and how many of them would lack something if it
    /// asked for `asked`.
    pub(super) fn would_lack(
        &self,
        provider: &Provider,
        definition: &Definition,
        asked: &Scopes,
    ) -> (u64, u64) {
        let of_all = self.groups_of(&provider.id).map(|group| {
            let lacking = self.lacking(&provider.id, definition, asked, &group.granted);
            (group.connections, lacking.is_empty())
        });
        of_all.fold((0, 0), |(all, lacking), (many, whole)| {
            (all + many, if whole { lacking } else { lacking + many })
        })
    }

    /// What sets a connection apart.
    pub(super) fn marks(&self, connection: &Connection) -> Vec<ConnectionMark> {
        let lacks = !self.lacked_by(connection).is_empty();
        let earlier = connection.status == Status::Active
            && self
                .of(&connection.provider)
                .is_some_and(|known| is_earlier(known, &connection.client_id));
        let marks = [
            (ConnectionMark::LacksScopes, lacks),
            (ConnectionMark::EarlierClientId, earlier),
        ];
        let there = marks.into_iter().filter(|(_, there)| *there);
        there.map(|(mark, _)| mark).collect()
    }

    /// How a list is narrowed to the connections with this mark.
    pub(super) fn only(&self, mark: ConnectionMark) -> Marked {
        match mark {
            ConnectionMark::LacksScopes => {
                let mut grants: Vec<(ProviderId, Scopes)> = Vec::new();
                for group in &self.groups {
                    let Some((provider, definition)) = self.of(&group.provider) else {
                        continue;
                    };
                    let asked = &provider.scopes;
                    let lacking = self.lacking(&provider.id, definition, asked, &group.granted);
                    let grant = (group.provider.clone(), group.granted.clone());
                    if !lacking.is_empty() && !grants.contains(&grant) {
                        grants.push(grant);
                    }
                }
                Marked::Granted(grants)
            }
            ConnectionMark::EarlierClientId => {
                let earlier = self.groups.iter().filter(|group| {
                    self.of(&group.provider)
                        .is_some_and(|known| is_earlier(known, &group.client_id))
                });
                let mut ids: Vec<_> = earlier
                    .map(|group| (group.provider.clone(), group.client_id.clone()))
                    .collect();
                ids.dedup();
                Marked::ClientIds(ids)
            }
        }
    }
}

/// Not where each customer brings a Client ID of their own.
fn is_earlier((provider, definition): &(Provider, Arc<Definition>), client_id: &str) -> bool {
    definition.credentials == Credentials::PerProvider && provider.client_id != client_id
}
