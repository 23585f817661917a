//! One connection, for whatever a page or a form does with it.

use super::{OrFail, PortalRequest, Task, actor};
use crate::caller;
use crate::catalog::Definition;
use crate::domain::{Application, Connection, Member, Provider, Scopes};
use app::portal::Answer;
use app::wire::{ConnectionSummary, PortalError, ScopeWords};
use std::sync::Arc;

impl PortalRequest {
    /// A connection, for a page or a form about it. That this member looks at it is audited (R47).
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
        // pages are put together in tasks of their own, which know of no address
        let seen = self.state.store.note_view(&connection, actor(&member));
        let seen = caller::asked_from(self.visitor.address, seen);
        seen.await.or_fail()?;
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

    pub(super) async fn subject_summary(&self, subject: &Subject) -> Answer<ConnectionSummary> {
        let (provider, definition) = (&subject.provider, subject.definition.as_deref());
        self.summary(&subject.connection, Some(provider), definition)
            .await
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
    pub(super) fn revocation(&self) -> Option<&crate::catalog::Revocation> {
        self.definition.as_ref()?.revocation.as_ref()
    }

    /// Where the customer ends the grant by hand.
    pub(super) fn by_hand(&self) -> Option<String> {
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
