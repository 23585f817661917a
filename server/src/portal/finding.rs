//! Finding connections, and why one does not work.

use super::connections::Subject;
use super::marks::Survey;
use super::providers::state_of;
use super::roles::{Task, may};
use super::{OrFail, PortalRequest};
use crate::catalog::Definition;
use crate::connect::ReconnectLink;
use crate::domain::{ApplicationId, Connection, Owner, Provider, Scopes, Status, Timestamp};
use crate::store::{ConnectionQuery, Found, Unused};
use app::portal::{Answer, Finding};
use app::wire::{
    ConnectionFilter, ConnectionMark, ConnectionState, ConnectionSummary, ConnectionView,
    ConnectionsView, FilterPart, LastUse, ListCounts, OwnerView, Page, ProviderMark,
    RefusedProvider, StateCounts,
};
use async_trait::async_trait;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

const ROWS: i64 = 50;
/// Entries of a history on one page.
const HISTORY: usize = 50;
/// Longer than any id of a team.
const LONGEST_TEAM: usize = 400;
const DAY: Duration = Duration::from_hours(24);

#[async_trait]
impl Finding for PortalRequest {
    async fn connections(
        &self,
        application: &str,
        filter: ConnectionFilter,
    ) -> Answer<ConnectionsView> {
        let (member, application) = self.within(Task::ReadConnections, application).await?;
        let people = self.people_in_lists(&member).await?;
        let store = &self.state.store;
        let providers = store.providers(&application.id).await.or_fail()?;
        let mut survey = self.bare_survey(&providers);
        if filter.mark().is_some() || !filter.scope.trim().is_empty() {
            self.load_groups(&mut survey, &application.id, None).await?;
        }
        let (query, ignored) = self.read_filter(&filter, &providers, &survey);
        let list = store.list(&application.id, &query).await.or_fail()?;
        let (found, counts) = list.page_and_counts().await.or_fail()?;
        let lacks = |row: &Connection| survey.marks(row).contains(&ConnectionMark::LacksScopes);
        if !survey.has_groups() && found.rows.iter().any(lacks) {
            // whether they lack it or were never told of it is seen from the others
            self.load_groups_lately(&mut survey, &application.id)
                .await?;
        }
        let counts = counts_beside(&found, counts, query.state);
        let by_id: HashMap<&str, &Provider> = providers
            .iter()
            .map(|provider| (provider.id.as_str(), provider))
            .collect();
        let mut rows = Vec::with_capacity(found.rows.len());
        for connection in found.rows {
            let provider = by_id.get(connection.provider.as_str()).copied();
            let definition =
                provider.and_then(|provider| self.state.upstreams.definition(provider).ok());
            let summary = self.summary(&connection, provider, definition.as_deref());
            rows.push(ConnectionSummary {
                marks: survey.marks(&connection),
                ..people.in_row(summary.await?)
            });
        }
        let mut choices: Vec<(String, String)> = providers
            .iter()
            .map(|provider| (provider.slug.to_string(), self.name_of(provider)))
            .collect();
        choices.sort_by_key(|(_, name)| name.to_lowercase());
        Ok(ConnectionsView {
            attempt: self
                .attempt(&application, &providers, &filter.q)
                .await?
                .map(|attempt| people.in_attempt(attempt)),
            counts,
            application: application.name,
            filter,
            providers: choices,
            scopes: asked_for(&providers)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            ignored,
            refused: self.refused(&application.id, &providers).await?,
            page: Page {
                rows,
                next: found.next,
                previous: found.previous,
            },
            now: store.now().millis(),
        })
    }

    async fn connection(&self, application: &str, id: &str, older: &str) -> Answer<ConnectionView> {
        let subject = self.found(Task::ReadConnections, application, id).await?;
        let connection = &subject.connection;
        let missing = connection.scopes_asked.without(&connection.scopes_granted);
        let store = &self.state.store;
        let mut survey = self.bare_survey(std::slice::from_ref(&subject.provider));
        if !survey.lacked_by(connection).is_empty() {
            let (application, provider) = (&subject.application.id, &subject.provider.id);
            self.load_groups(&mut survey, application, Some(provider))
                .await?;
        }
        let before = older.parse().ok();
        let history = store.history(&connection.id, before, HISTORY);
        let history = history.await.or_fail()?;
        Ok(ConnectionView {
            application: subject.application.name.clone(),
            summary: ConnectionSummary {
                marks: survey.marks(connection),
                ..self.subject_summary(&subject).await?
            },
            lacks: subject.words_for(&survey.lacked_by(connection)),
            reducible: subject.is_reducible(),
            reconnect_link: self.reconnect_link(&subject),
            provider_short_name: subject.short_name(),
            provider_slug: subject.provider.slug.to_string(),
            account_id: connection.account_id.clone(),
            metadata: connection.metadata.clone().into_iter().collect(),
            scopes: subject.words_for(&connection.scopes_granted),
            missing_scopes: subject.words_for(&missing),
            generation: connection.generation,
            state_since: connection.status_since.millis(),
            provider_state: state_of(&subject.provider),
            history: history.entries,
            history_is_older: before.is_some(),
            older_history: history.older.map(|cursor| cursor.to_string()),
            now: store.now().millis(),
        })
    }
}

/// How many there are in each state, of which a list that is one page knows better itself.
fn counts_beside(
    found: &Found,
    mut counts: ListCounts,
    state: Option<ConnectionState>,
) -> ListCounts {
    if found.next.is_some() || found.previous.is_some() {
        return counts;
    }
    let on_page = found.rows.iter().map(Connection::state);
    let on_page: ListCounts = on_page.collect::<StateCounts>().into();
    let Some(state) = state else {
        return on_page;
    };
    *counts.of_mut(state) = on_page.of(state);
    counts
}

impl PortalRequest {
    /// What a filter means, and which parts of it mean nothing.
    pub(super) fn read_filter(
        &self,
        filter: &ConnectionFilter,
        providers: &[Provider],
        survey: &Survey,
    ) -> (ConnectionQuery, Vec<FilterPart>) {
        let now = self.state.store.now();
        let ago = |days: u16| now - DAY * u32::from(days);
        let scope = asked_for(providers)
            .into_iter()
            .find(|name| *name == filter.scope);
        let team = filter.team.trim();
        let query = ConnectionQuery {
            words: filter.q.clone(),
            state: filter.state(),
            reason: filter.reason(),
            provider: providers
                .iter()
                .find(|one| one.slug.as_str() == filter.provider)
                .map(|one| one.id.clone()),
            owner_kind: ["personal", "team"]
                .into_iter()
                .find(|kind| *kind == filter.owner)
                .map(str::to_owned),
            // no database takes the character that no id has
            team: (!team.is_empty() && team.len() <= LONGEST_TEAM && !team.contains('\0'))
                .then(|| team.to_owned()),
            connected_until: filter.age().map(|age| ago(age.days())),
            unused: filter.used().map(|used| match used {
                LastUse::Never => Unused::Ever,
                LastUse::Month => Unused::Since(ago(30)),
                LastUse::Quarter => Unused::Since(ago(90)),
            }),
            marked: filter
                .mark()
                .map(|mark| survey.only(mark))
                .into_iter()
                .chain(scope.map(|name| survey.only_without(name)))
                .collect(),
            cursor: filter.cursor.clone(),
            limit: ROWS,
            ..ConnectionQuery::default()
        };
        let means_nothing = |part: &FilterPart| match part {
            FilterPart::Words => false,
            FilterPart::State => query.state.is_none(),
            FilterPart::Provider => query.provider.is_none(),
            FilterPart::Reason => query.reason.is_none(),
            FilterPart::Owner => query.owner_kind.is_none(),
            FilterPart::Team => query.team.is_none(),
            FilterPart::Age => query.connected_until.is_none(),
            FilterPart::Used => query.unused.is_none(),
            FilterPart::Scope => scope.is_none(),
            FilterPart::Mark => filter.mark().is_none(),
        };
        let ignored = filter.parts().filter(means_nothing).collect();
        (query, ignored)
    }

    /// Providers that refuse our credentials, and how many connections wait for that to be mended.
    pub(super) async fn refused(
        &self,
        application: &ApplicationId,
        providers: &[Provider],
    ) -> Answer<Vec<RefusedProvider>> {
        let mut refused = Vec::new();
        for provider in providers {
            let Some(since) = provider.credentials_rejected_at else {
                continue;
            };
            let query = ConnectionQuery {
                provider: Some(provider.id.clone()),
                ..ConnectionQuery::default()
            };
            let list = self.state.store.list(application, &query).await.or_fail()?;
            let counts = list.counts().await.or_fail()?;
            let definition = self.state.upstreams.definition(provider).ok();
            refused.push(RefusedProvider {
                slug: provider.slug.to_string(),
                short_name: definition.map_or_else(
                    || provider.slug.to_string(),
                    |definition| definition.short_name.clone(),
                ),
                since: since.millis(),
                waiting: counts.active.and(counts.degraded),
            });
        }
        Ok(refused)
    }

    /// Ready to be sent, without anything being stored for it.
    fn reconnect_link(&self, subject: &Subject) -> Option<app::wire::ReconnectLink> {
        let live = subject.connection.status != Status::Revoked;
        if !live || !may(subject.member.role, Task::MendConnections) {
            return None;
        }
        let store = &self.state.store;
        let link = ReconnectLink::to(&subject.connection, store.keyring(), store.now()).ok()?;
        Some(app::wire::ReconnectLink {
            url: self.state.upstreams.absolute(&link.path()),
            until: link.until.millis(),
        })
    }

    pub(super) fn name_of(&self, provider: &Provider) -> String {
        self.state.upstreams.definition(provider).map_or_else(
            |_| provider.slug.to_string(),
            |definition| definition.name.clone(),
        )
    }

    pub(super) async fn summary(
        &self,
        connection: &Connection,
        provider: Option<&Provider>,
        definition: Option<&Definition>,
    ) -> Answer<ConnectionSummary> {
        let receipt = match connection.status {
            Status::Revoked => self
                .state
                .store
                .revocation_of(&connection.id)
                .await
                .or_fail()?,
            Status::Active | Status::ReconnectRequired => None,
        };
        Ok(ConnectionSummary {
            id: connection.id.to_string(),
            account: connection
                .account_label
                .clone()
                .or_else(|| connection.account_id.clone()),
            provider: definition.map_or_else(removed_definition, Definition::provider_mark),
            state: connection.state(),
            reason: connection.broken_reason,
            revoke_reason: receipt.as_ref().map(|receipt| receipt.reason),
            revoked_by: receipt.map(|receipt| receipt.revoked_by),
            owner: owner(connection),
            expires_at: connection.access_token_expires_at.map(Timestamp::millis),
            next_try_at: connection.next_refresh_at.map(Timestamp::millis),
            last_handed_out_at: connection.last_handed_out_at.map(Timestamp::millis),
            connected_at: connection.connected_at.millis(),
            marks: Vec::new(),
            credentials_rejected: provider
                .is_some_and(|provider| provider.credentials_rejected_at.is_some()),
        })
    }
}

/// Scopes that providers ask for, by name.
fn asked_for(providers: &[Provider]) -> BTreeSet<&str> {
    let scopes = providers.iter().map(|provider| &provider.scopes);
    scopes.flat_map(Scopes::iter).collect()
}

pub(super) fn owner(connection: &Connection) -> OwnerView {
    match &connection.owner {
        Owner::Personal(id) => OwnerView::Personal {
            id: id.clone(),
            name: connection.end_user.name.clone(),
            email: connection.end_user.email.clone(),
        },
        Owner::Team(id) => OwnerView::Team {
            id: id.clone(),
            connected_by: Some(connection.end_user.words().to_owned()),
            in_care_of: connection
                .in_care
                .as_ref()
                .map(|person| person.words().to_owned()),
        },
    }
}

/// A connection outlives the definition of its provider.
pub(super) fn removed_definition() -> ProviderMark {
    ProviderMark {
        name: "Removed provider".to_owned(),
        initials: "?".to_owned(),
        hue: 12,
    }
}
