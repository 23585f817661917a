//! Connections as support staff see them: find, read why, revoke, keep the receipt.

use super::providers::state_of;
use super::{OrFail, PortalRequest, Task, actor};
use crate::catalog::Definition;
use crate::domain::{
    Application, Connection, FlowStatus, Member, Owner, Provider, Revocation, Scopes, Timestamp,
};
use crate::store::{AttemptStanding, ConnectionQuery, upstream_result};
use app::portal::Answer;
use app::wire::{
    AttemptOutcome, AttemptView, ConnectProblem, ConnectionFilter, ConnectionSummary,
    ConnectionView, ConnectionsView, Field, OwnerView, Page, PortalError, Problem, ProviderMark,
    ReceiptView, RevokeReason, RevokeView, ScopeWords,
};
use std::collections::HashMap;
use std::sync::Arc;

const ROWS: i64 = 50;
const HISTORY: i64 = 100;
const LONGEST_NOTE: usize = 500;

impl PortalRequest {
    pub(super) async fn connection_list(
        &self,
        application: &str,
        filter: ConnectionFilter,
    ) -> Answer<ConnectionsView> {
        let (_, application) = self.within(Task::ReadConnections, application).await?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let survey = self.survey(&application.id, &providers).await?;
        let query = ConnectionQuery {
            words: filter.q.clone(),
            state: filter.state.parse().ok(),
            provider: providers
                .iter()
                .find(|one| one.slug.as_str() == filter.provider)
                .map(|one| one.id.clone()),
            owner_kind: Some(filter.owner.clone())
                .filter(|kind| kind == "personal" || kind == "team"),
            marked: filter.mark.parse().ok().map(|mark| survey.only(mark)),
            cursor: filter.cursor.clone(),
            limit: ROWS,
            ..ConnectionQuery::default()
        };
        let found = self
            .state
            .store
            .connections(&application.id, &query)
            .await
            .or_fail()?;
        let names: HashMap<&str, &Provider> = providers
            .iter()
            .map(|provider| (provider.id.as_str(), provider))
            .collect();
        let mut rows = Vec::with_capacity(found.rows.len());
        for connection in found.rows {
            let provider = names.get(connection.provider.as_str());
            let definition =
                provider.and_then(|provider| self.state.upstreams.definition(provider).ok());
            let summary = self.summary(&connection, definition.as_deref()).await?;
            rows.push(ConnectionSummary {
                marks: survey.marks(&connection),
                ..summary
            });
        }
        let mut choices: Vec<(String, String)> = providers
            .iter()
            .map(|provider| (provider.slug.to_string(), self.name_of(provider)))
            .collect();
        choices.sort_by_key(|(_, name)| name.to_lowercase());
        let attempt = self.attempt(&application, &providers, &filter.q).await?;
        Ok(ConnectionsView {
            attempt,
            application: application.name.clone(),
            counts: self
                .state
                .store
                .connection_counts(&application.id, &query)
                .await
                .or_fail()?,
            filter,
            providers: choices,
            page: Page {
                rows,
                next: found.next,
                previous: found.previous,
            },
            now: self.state.store.now().millis(),
        })
    }

    /// The attempt that the words name by its support code.
    async fn attempt(
        &self,
        application: &Application,
        providers: &[Provider],
        words: &str,
    ) -> Answer<Option<AttemptView>> {
        let Some(code) = as_support_code(words) else {
            return Ok(None);
        };
        let store = &self.state.store;
        let found = store.attempt_by_code(&application.id, &code).await;
        let Some(attempt) = found.or_fail()? else {
            return Ok(None);
        };
        let (provider, provider_words, outcome) = match attempt.standing {
            AttemptStanding::Session { problem } => (
                None,
                None,
                problem.map_or(AttemptOutcome::UnderWay, AttemptOutcome::Problem),
            ),
            AttemptStanding::Flow {
                provider,
                status,
                problem,
                provider_words,
                connection,
            } => {
                let provider = providers.iter().find(|one| one.id == provider);
                let outcome = match (status, connection) {
                    (_, Some(connection)) => AttemptOutcome::Connected(connection.to_string()),
                    (FlowStatus::AwaitingCompletion, None) => AttemptOutcome::AwaitingCompletion,
                    (FlowStatus::Choosing, None) => AttemptOutcome::Choosing,
                    (FlowStatus::Failed, None) => {
                        AttemptOutcome::Problem(problem.unwrap_or(ConnectProblem::Internal))
                    }
                    (
                        FlowStatus::Waiting | FlowStatus::Exchanging | FlowStatus::Connected,
                        None,
                    ) => AttemptOutcome::UnderWay,
                };
                (
                    provider.map(|one| self.name_of(one)),
                    provider_words,
                    outcome,
                )
            }
        };
        Ok(Some(AttemptView {
            code,
            end_user: attempt.end_user.words().to_owned(),
            email: attempt.end_user.email,
            provider,
            at: attempt.at.millis(),
            outcome,
            provider_words,
        }))
    }

    fn name_of(&self, provider: &Provider) -> String {
        self.state.upstreams.definition(provider).map_or_else(
            |_| provider.slug.to_string(),
            |definition| definition.name.clone(),
        )
    }

    async fn summary(
        &self,
        connection: &Connection,
        definition: Option<&Definition>,
    ) -> Answer<ConnectionSummary> {
        let receipt = match connection.status {
            crate::domain::Status::Revoked => self
                .state
                .store
                .revocation_of(&connection.id)
                .await
                .or_fail()?,
            _ => None,
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
        })
    }

    pub(super) async fn found(&self, task: Task, application: &str, id: &str) -> Answer<Subject> {
        let (member, application) = self.within(task, application).await?;
        let connection = self
            .state
            .store
            .connection(&application.id, id)
            .await
            .or_fail()?
            .ok_or(PortalError::NotFound)?;
        let provider = self
            .state
            .store
            .provider_by_id(&connection.provider)
            .await
            .or_fail()?
            .ok_or(PortalError::NotFound)?;
        // a connection outlives the definition of its provider, and must still be seen and revoked
        let definition = self.state.upstreams.definition(&provider).ok();
        Ok(Subject {
            member,
            application,
            connection,
            provider,
            definition,
        })
    }

    pub(super) async fn one_connection(
        &self,
        application: &str,
        id: &str,
    ) -> Answer<ConnectionView> {
        let subject = self.found(Task::ReadConnections, application, id).await?;
        let connection = &subject.connection;
        let missing = connection.scopes_asked.without(&connection.scopes_granted);
        let store = &self.state.store;
        let providers = std::slice::from_ref(&subject.provider);
        let survey = self.survey(&subject.application.id, providers).await?;
        let organization = &subject.member.organization;
        Ok(ConnectionView {
            application: subject.application.name.clone(),
            summary: ConnectionSummary {
                marks: survey.marks(connection),
                ..self.subject_summary(&subject).await?
            },
            lacks: subject.words_for(&survey.lacked_by(connection)),
            reducible: subject.is_reducible(),
            reconnect_link: self.take_reconnect_link(organization, id).await?,
            provider_short_name: subject.short_name(),
            provider_slug: subject.provider.slug.to_string(),
            account_id: connection.account_id.clone(),
            metadata: connection.metadata.clone().into_iter().collect(),
            scopes: subject.words_for(&connection.scopes_granted),
            missing_scopes: subject.words_for(&missing),
            generation: connection.generation,
            state_since: connection.status_since.millis(),
            provider_state: state_of(&subject.provider),
            history: store.history(&connection.id, HISTORY).await.or_fail()?,
            now: store.now().millis(),
        })
    }

    pub(super) async fn subject_summary(&self, subject: &Subject) -> Answer<ConnectionSummary> {
        self.summary(&subject.connection, subject.definition.as_deref())
            .await
    }

    pub(super) async fn revocation_form(&self, application: &str, id: &str) -> Answer<RevokeView> {
        let subject = self.found(Task::RevokeConnections, application, id).await?;
        let last_key = self.state.store.last_key_of(&subject.connection.id).await;
        Ok(RevokeView {
            application: subject.application.name.clone(),
            summary: self.subject_summary(&subject).await?,
            provider_short_name: subject.short_name(),
            upstream_offered: subject.revocation().is_some(),
            ends_whole_grant: subject.revocation().is_some_and(|way| way.ends_whole_grant),
            by_hand: subject.by_hand(),
            last_key: last_key.or_fail()?,
        })
    }

    pub(super) async fn revoke_connection(
        &self,
        application: &str,
        id: &str,
        reason: RevokeReason,
        note: &str,
    ) -> Answer<()> {
        let subject = self.found(Task::RevokeConnections, application, id).await?;
        let note = note.trim();
        if note.is_empty() {
            return Err(PortalError::field(Field::Note, Problem::Missing));
        }
        if note.chars().count() > LONGEST_NOTE {
            return Err(PortalError::field(Field::Note, Problem::TooLong(500)));
        }
        let store = &self.state.store;
        // the receipt says until when a token that was handed out may live
        self.state.tokens.hand_outs().store(store).await.or_fail()?;
        let offered = subject.revocation().is_some();
        let revoked = store.revoke(
            &subject.connection,
            reason,
            note,
            actor(&subject.member),
            offered,
        );
        revoked.await.or_fail().map(drop)
    }

    pub(super) async fn revocation_receipt(
        &self,
        application: &str,
        id: &str,
    ) -> Answer<ReceiptView> {
        let subject = self.found(Task::ReadConnections, application, id).await?;
        let store = &self.state.store;
        let receipt = store
            .revocation_of(&subject.connection.id)
            .await
            .or_fail()?;
        let receipt = receipt.ok_or(PortalError::NotFound)?;
        let organization = store
            .organization(&subject.member.organization)
            .await
            .or_fail()?;
        let summary = self.subject_summary(&subject).await?;
        let organization = organization.map(|one| one.name).unwrap_or_default();
        Ok(receipt_view(receipt, &subject, organization, summary))
    }
}

/// What a page about one connection is about.
pub(super) struct Subject {
    pub(super) member: Member,
    pub(super) application: Application,
    pub(super) connection: Connection,
    pub(super) provider: Provider,
    pub(super) definition: Option<Arc<Definition>>,
}

impl Subject {
    /// The provider's name inside sentences.
    pub(super) fn short_name(&self) -> String {
        match &self.definition {
            Some(definition) => definition.short_name.clone(),
            None => self.provider.slug.to_string(),
        }
    }

    /// How the provider can be told about a revocation.
    fn revocation(&self) -> Option<&crate::catalog::Revocation> {
        self.definition.as_ref()?.revocation.as_ref()
    }

    /// Where the customer ends the grant by hand.
    fn by_hand(&self) -> Option<String> {
        self.definition.as_ref()?.revoke_by_hand.clone()
    }

    pub(super) fn words_for(&self, scopes: &Scopes) -> Vec<ScopeWords> {
        match &self.definition {
            Some(definition) => definition.words_for(scopes),
            None => scopes
                .iter()
                .map(|name| ScopeWords {
                    name: name.to_owned(),
                    words: String::new(),
                })
                .collect(),
        }
    }
}

fn receipt_view(
    receipt: Revocation,
    subject: &Subject,
    organization: String,
    summary: ConnectionSummary,
) -> ReceiptView {
    ReceiptView {
        id: receipt.id.to_string(),
        application: subject.application.name.clone(),
        organization,
        summary,
        provider_short_name: subject.short_name(),
        reason: receipt.reason,
        upstream: upstream_result(receipt.upstream, receipt.attempts, receipt.next_try_at),
        upstream_at: receipt
            .upstream_at
            .or(receipt.next_try_at)
            .map(Timestamp::millis),
        note: receipt.note,
        by: receipt.revoked_by,
        revoked_at: receipt.revoked_at.millis(),
        by_hand: subject.by_hand(),
        token_valid_until: receipt.token_valid_until.map(Timestamp::millis),
        audit_seq: receipt.audit_seq,
    }
}

fn owner(connection: &Connection) -> OwnerView {
    match &connection.owner {
        Owner::Personal(id) => OwnerView::Personal {
            id: id.clone(),
            name: connection.end_user.name.clone(),
            email: connection.end_user.email.clone(),
        },
        Owner::Team(id) => OwnerView::Team {
            id: id.clone(),
            connected_by: Some(connection.end_user.words().to_owned()),
        },
    }
}

/// A connection outlives the definition of its provider.
fn removed_definition() -> ProviderMark {
    ProviderMark {
        name: "Removed provider".to_owned(),
        initials: "?".to_owned(),
        hue: 12,
    }
}

/// `k7qf 2m9d` is the code K7QF-2M9D: people type what they heard. `None`: it is none.
fn as_support_code(words: &str) -> Option<String> {
    let letters: String = words
        .chars()
        .filter(|letter| !matches!(letter, '-' | ' '))
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let is_code = letters.len() == 8 && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    let (left, right) = letters.split_at_checked(4).filter(|_| is_code)?;
    Some(format!("{left}-{right}"))
}
