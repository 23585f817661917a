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
    /// `None`: not read yet.
    groups: Option<Arc<Vec<GrantGroup>>>,
    providers: Vec<(Provider, Arc<Definition>)>,
}

impl PortalRequest {
    /// What providers ask for, without the grants: enough to see who lacks nothing.
    pub(super) fn bare_survey(&self, providers: &[Provider]) -> Survey {
        let upstreams = &self.state.upstreams;
        let known = providers.iter().filter_map(|provider| {
            let definition = upstreams.definition(provider).ok()?;
            Some((provider.clone(), definition))
        });
        Survey {
            groups: None,
            providers: known.collect(),
        }
    }

    /// Reads the grants: those of one provider, or all. It reads every connection that works.
    pub(super) async fn load_groups(
        &self,
        survey: &mut Survey,
        application: &ApplicationId,
        provider: Option<&ProviderId>,
    ) -> Answer<()> {
        let groups = self.state.store.grants(application, provider).await;
        survey.groups = Some(Arc::new(groups.or_fail()?));
        Ok(())
    }

    /// The same, but as they were a moment ago.
    pub(super) async fn load_groups_lately(
        &self,
        survey: &mut Survey,
        application: &ApplicationId,
    ) -> Answer<()> {
        let groups = self.state.store.grants_lately(application).await;
        survey.groups = Some(groups.or_fail()?);
        Ok(())
    }

    pub(super) async fn survey(
        &self,
        application: &ApplicationId,
        providers: &[Provider],
    ) -> Answer<Survey> {
        let mut survey = self.bare_survey(providers);
        self.load_groups(&mut survey, application, None).await?;
        Ok(survey)
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
            .flat_map(|groups| groups.iter())
            .filter(move |group| group.provider == *id)
    }

    pub(super) fn has_groups(&self) -> bool {
        self.groups.is_some()
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

    /// How a list is narrowed to the connections that lack one scope, of the providers that ask for it.
    pub(super) fn only_without(&self, scope: &str) -> Marked {
        self.lacking_of(|provider| {
            let asked = provider.scopes.iter().filter(|name| *name == scope);
            Scopes::new(asked).unwrap_or_default()
        })
    }

    fn lacking_of(&self, asked: impl Fn(&Provider) -> Scopes) -> Marked {
        let mut grants: Vec<(ProviderId, Scopes)> = Vec::new();
        for group in self.groups.iter().flat_map(|groups| groups.iter()) {
            let Some((provider, definition)) = self.of(&group.provider) else {
                continue;
            };
            let lacking = self.lacking(&provider.id, definition, &asked(provider), &group.granted);
            let grant = (group.provider.clone(), group.granted.clone());
            if !lacking.is_empty() && !grants.contains(&grant) {
                grants.push(grant);
            }
        }
        Marked::Granted(grants)
    }

    /// How a list is narrowed to the connections with this mark.
    pub(super) fn only(&self, mark: ConnectionMark) -> Marked {
        match mark {
            ConnectionMark::LacksScopes => self.lacking_of(|provider| provider.scopes.clone()),
            ConnectionMark::EarlierClientId => {
                let groups = self.groups.iter().flat_map(|groups| groups.iter());
                let earlier = groups.filter(|group| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::domain::{ApplicationId, OrganizationId, Timestamp};

    fn scopes(names: &[&str]) -> Scopes {
        Scopes::new(names.iter().copied()).expect("scope names")
    }

    fn provider(asked: &[&str]) -> Provider {
        Provider {
            id: ProviderId::random(),
            organization: OrganizationId::random(),
            application: ApplicationId::random(),
            definition: "apollo".to_owned(),
            slug: "apollo".parse().expect("a slug"),
            client_id: "now".to_owned(),
            inputs: std::collections::BTreeMap::new(),
            custom: None,
            scopes: scopes(asked),
            one_owner_per_account: false,
            team_fallback: true,
            credentials_rejected_at: None,
            created_at: Timestamp::from_millis(0),
            stop: None,
        }
    }

    /// Groups of connections: Client ID, asked, granted, how many.
    fn survey(provider: &Provider, groups: &[(&str, &[&str], &[&str], u64)]) -> Survey {
        let catalog = Catalog::load(None).expect("the built-in catalog");
        let definition = catalog.get("apollo").expect("apollo");
        let group =
            |(client_id, asked, granted, connections): &(&str, &[&str], &[&str], u64)| GrantGroup {
                provider: provider.id.clone(),
                client_id: (*client_id).to_owned(),
                asked: scopes(asked),
                granted: scopes(granted),
                connections: *connections,
            };
        Survey {
            groups: Some(Arc::new(groups.iter().map(group).collect())),
            providers: vec![(provider.clone(), definition)],
        }
    }

    fn would_lack(survey: &Survey, provider: &Provider, asked: &[&str]) -> (u64, u64) {
        let (_, definition) = survey.of(&provider.id).expect("the provider");
        survey.would_lack(provider, definition, &scopes(asked))
    }

    #[test]
    fn a_new_scope_concerns_all_that_were_not_granted_it() {
        let provider = provider(&["a"]);
        let survey = survey(
            &provider,
            &[
                ("now", &["a"], &["a"], 30),
                ("now", &["a", "b"], &["a", "b"], 7),
            ],
        );
        assert_eq!(would_lack(&survey, &provider, &["a", "b"]), (37, 30));
        assert_eq!(would_lack(&survey, &provider, &["b"]), (37, 30));
        assert_eq!(would_lack(&survey, &provider, &["a"]), (37, 0));
    }

    #[test]
    fn a_name_that_is_asked_for_and_never_told_marks_nobody() {
        let provider = provider(&["a", "profile"]);
        let groups: &[(&str, &[&str], &[&str], u64)] = &[
            ("now", &["a", "profile"], &["a"], 30),
            ("now", &["a"], &["a"], 5),
        ];
        assert_eq!(
            would_lack(&survey(&provider, groups), &provider, &["a", "profile"]),
            (35, 0)
        );
        // somebody has it, so the others could
        let told = [groups, &[("now", &["profile"], &["profile"], 1)]].concat();
        assert_eq!(
            would_lack(&survey(&provider, &told), &provider, &["a", "profile"]),
            (36, 36)
        );
    }

    #[test]
    fn a_list_is_narrowed_to_what_is_marked() {
        let provider = provider(&["a", "b"]);
        let survey = survey(
            &provider,
            &[
                ("now", &["a"], &["a"], 1),
                ("before", &["a"], &["a"], 1),
                ("before", &["a", "b"], &["a", "b"], 1),
            ],
        );
        let lacking = survey.only(ConnectionMark::LacksScopes);
        assert!(
            matches!(&lacking, Marked::Granted(grants) if grants.len() == 1 && grants[0].1 == scopes(&["a"])),
            "{lacking:?}"
        );
        let earlier = survey.only(ConnectionMark::EarlierClientId);
        assert!(
            matches!(&earlier, Marked::ClientIds(ids) if ids.iter().all(|(_, id)| id == "before")),
            "{earlier:?}"
        );
    }
}
