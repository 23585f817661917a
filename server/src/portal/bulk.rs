//! Many revocations at once: what would be hit, the run, and taking it back.

use super::fields::note;
use super::finding::removed_definition;
use super::receipts::undone_view;
use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::{Application, BulkRevocation, Provider, ProviderId, Timestamp};
use crate::store::{ConnectionQuery, NewBulkRevocation};
use app::portal::Answer;
use app::wire::{
    BulkCriteria, BulkFormView, BulkProvider, BulkRunLink, BulkRunView, Field, PortalError,
    Problem, RevokeReason, StateCounts,
};
use std::collections::BTreeMap;

/// Of those that would be hit, the first so many are shown.
const ROWS: i64 = 10;
/// Runs that are listed.
const RUNS: i64 = 10;

impl PortalRequest {
    /// What the criteria mean for the store.
    async fn bulk_query(
        &self,
        application: &Application,
        providers: &[Provider],
        criteria: &BulkCriteria,
    ) -> Answer<ConnectionQuery> {
        let filter = &criteria.filter;
        let mut survey = self.bare_survey(providers);
        if filter.mark().is_some() || !filter.scope.trim().is_empty() {
            self.load_groups(&mut survey, &application.id, None).await?;
        }
        let filled = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let handed_to = match filled(&criteria.key) {
            None => None,
            Some(key) => Some(key.parse().map_err(|_| PortalError::NotFound)?),
        };
        let (query, ignored) = self.read_filter(filter, providers, &survey);
        // a list shows more where a filter names nothing that exists; what revokes must not
        if !ignored.is_empty() {
            return Err(PortalError::NotFound);
        }
        Ok(ConnectionQuery {
            end_user: filled(&criteria.end_user),
            handed_to,
            limit: ROWS,
            ..query
        })
    }

    pub(super) async fn form_for_many(
        &self,
        application: &str,
        criteria: BulkCriteria,
    ) -> Answer<BulkFormView> {
        let (member, application) = self.within(Task::PreviewBulk, application).await?;
        let people = self.people_in_lists(&member).await?;
        let store = &self.state.store;
        // which key was given what, until now
        self.state.tokens.hand_outs().store(store).await.or_fail()?;
        let providers = store.providers(&application.id).await.or_fail()?;
        let query = self.bulk_query(&application, &providers, &criteria).await?;
        let found = store
            .connections_to_revoke(&application.id, &query)
            .await
            .or_fail()?;
        let mut counts = StateCounts::default();
        let mut by_provider: BTreeMap<ProviderId, u64> = BTreeMap::new();
        for (provider, state, many) in found {
            *counts.of_mut(state) += many;
            *by_provider.entry(provider).or_default() += many;
        }
        let mut hit = Vec::new();
        for (id, connections) in by_provider {
            let provider = providers.iter().find(|one| one.id == id);
            let definition =
                provider.and_then(|provider| self.state.upstreams.definition(provider).ok());
            hit.push(BulkProvider {
                mark: definition
                    .as_ref()
                    .map_or_else(removed_definition, |one| one.provider_mark()),
                connections,
                upstream_offered: definition.is_some_and(|one| one.revocation.is_some()),
            });
        }
        hit.sort_by(|one, other| one.mark.name.cmp(&other.mark.name));
        let mut rows = Vec::new();
        for connection in store
            .connections(&application.id, &query)
            .await
            .or_fail()?
            .rows
        {
            if connection.status == crate::domain::Status::Revoked {
                continue;
            }
            let provider = providers.iter().find(|one| one.id == connection.provider);
            let definition =
                provider.and_then(|provider| self.state.upstreams.definition(provider).ok());
            let summary = self.summary(&connection, provider, definition.as_deref());
            rows.push(people.in_row(summary.await?));
        }
        let keys = store.api_keys(&application.id).await.or_fail()?;
        let runs = store
            .bulk_revocations(&application.id, RUNS)
            .await
            .or_fail()?;
        Ok(BulkFormView {
            application: application.name.clone(),
            counts,
            providers: hit,
            rows,
            provider_choices: providers
                .iter()
                .map(|one| (one.slug.to_string(), self.name_of(one)))
                .collect(),
            key_choices: keys
                .into_iter()
                .map(|key| (key.id.to_string(), key.name))
                .collect(),
            runs: runs.into_iter().map(link).collect(),
            criteria,
            now: store.now().millis(),
        })
    }

    pub(super) async fn revoke_many(
        &self,
        application: &str,
        criteria: BulkCriteria,
        reason: RevokeReason,
        (words, confirmation): (&str, &str),
    ) -> Answer<String> {
        let (member, application) = self.within(Task::RevokeInBulk, application).await?;
        let note = note(Field::Note, words)?;
        let expected = number(confirmation)?;
        let store = &self.state.store;
        // the receipts say until when tokens that were handed out may live
        self.state.tokens.hand_outs().store(store).await.or_fail()?;
        let providers = store.providers(&application.id).await.or_fail()?;
        let query = self.bulk_query(&application, &providers, &criteria).await?;
        let new = NewBulkRevocation {
            query: &query,
            criteria: serde_json::to_string(&criteria).map_err(|_| PortalError::Internal)?,
            expected,
            reason,
            note,
        };
        let begun = store
            .begin_bulk_revocation(&application, new, actor(&member))
            .await
            .or_fail()?;
        match begun {
            Some(run) => Ok(run.id.to_string()),
            None => Err(PortalError::field(Field::Confirmation, Problem::Wrong)),
        }
    }

    pub(super) async fn run_of_many(&self, application: &str, id: &str) -> Answer<BulkRunView> {
        let (_, application) = self.within(Task::PreviewBulk, application).await?;
        let store = &self.state.store;
        let run = store
            .bulk_revocation(&application.id, id)
            .await
            .or_fail()?
            .ok_or(PortalError::NotFound)?;
        let mut criteria: BulkCriteria = serde_json::from_str(&run.criteria).unwrap_or_default();
        if !criteria.key.is_empty() {
            let keys = store.api_keys(&application.id).await.or_fail()?;
            if let Some(key) = keys.into_iter().find(|key| key.id.as_str() == criteria.key) {
                criteria.key = key.name;
            }
        }
        let (upstream, undo_until) = store.bulk_upstream(&run.id).await.or_fail()?;
        let now = store.now();
        let is_open = run.undone.is_none();
        Ok(BulkRunView {
            id: run.id.to_string(),
            application: application.name,
            criteria,
            reason: run.reason,
            counts: store.bulk_counts(&run.id).await.or_fail()?,
            upstream,
            note: run.note,
            by: run.revoked_by,
            begun_at: run.begun_at.millis(),
            audit_seq: run.audit_seq,
            total: run.total,
            finished_at: run.finished_at.map(Timestamp::millis),
            undo_until: undo_until
                .filter(|until| is_open && *until > now)
                .map(Timestamp::millis),
            undone: run.undone.map(undone_view),
            now: now.millis(),
        })
    }

    pub(super) async fn undo_many(&self, application: &str, id: &str) -> Answer<()> {
        let (member, application) = self.within(Task::RevokeInBulk, application).await?;
        let store = &self.state.store;
        let run = store
            .bulk_revocation(&application.id, id)
            .await
            .or_fail()?
            .ok_or(PortalError::NotFound)?;
        if run.undone.is_some() {
            return Ok(());
        }
        let (_, until) = store.bulk_upstream(&run.id).await.or_fail()?;
        let in_time = until.is_some_and(|until| until > store.now());
        if !in_time && run.finished_at.is_some() {
            return Err(PortalError::TooLateToUndo);
        }
        store
            .undo_bulk_revocation(&run, actor(&member))
            .await
            .or_fail()
    }
}

/// "1,204" and "1204" are the same number.
fn number(typed: &str) -> Answer<u64> {
    let digits: String = typed
        .chars()
        .filter(|one| !matches!(one, ',' | '.' | ' ' | '\u{a0}' | '\u{202f}'))
        .collect();
    let problem = if digits.is_empty() {
        Problem::Missing
    } else {
        Problem::Wrong
    };
    digits
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| PortalError::field(Field::Confirmation, problem))
}

fn link(run: BulkRevocation) -> BulkRunLink {
    BulkRunLink {
        id: run.id.to_string(),
        begun_at: run.begun_at.millis(),
        by: run.revoked_by,
        total: run.total,
        finished: run.finished_at.is_some(),
    }
}
