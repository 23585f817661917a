//! What staff can do for a connection that works: fewer scopes, without asking the owner.

use super::connections::Subject;
use super::{PortalRequest, Task, actor};
use crate::domain::{Scopes, Status};
use crate::tokens::{NarrowError, TokenError};
use app::portal::Answer;
use app::wire::{Field, PortalError, Problem, ReduceView};

impl PortalRequest {
    pub(super) async fn form_to_reduce(&self, application: &str, id: &str) -> Answer<ReduceView> {
        let subject = self.found(Task::MendConnections, application, id).await?;
        let granted = &subject.connection.scopes_granted;
        let locked = match &subject.definition {
            Some(definition) => definition.kept_anyway(granted),
            None => Scopes::default(),
        };
        Ok(ReduceView {
            application: subject.application.name.clone(),
            summary: self.subject_summary(&subject).await?,
            provider_short_name: subject.short_name(),
            offered: subject.is_reducible(),
            scopes: subject.words_for(&granted.without(&locked)),
            locked: subject.words_for(&locked),
            asked: subject.provider.scopes.iter().map(str::to_owned).collect(),
        })
    }

    pub(super) async fn reduce(
        &self,
        application: &str,
        id: &str,
        keep: Vec<String>,
    ) -> Answer<()> {
        let subject = self.found(Task::MendConnections, application, id).await?;
        let not_a_choice = || PortalError::field(Field::Scopes, Problem::NotAChoice);
        let keep = Scopes::new(keep).map_err(|_| not_a_choice())?;
        let by = actor(&subject.member);
        let narrowed = self.state.tokens.narrow(&subject.connection, &keep, by);
        narrowed.await.map(drop).map_err(|error| match error {
            NarrowError::NothingLeft => PortalError::field(Field::Scopes, Problem::Missing),
            NarrowError::NotGranted(_) => not_a_choice(),
            NarrowError::NotOffered | NarrowError::Kept => PortalError::ScopesKept,
            NarrowError::Token(TokenError::Store(error)) => crate::auth::store_failure(&error),
            NarrowError::Token(TokenError::NotFound) => PortalError::NotFound,
            NarrowError::Token(TokenError::Revoked | TokenError::ReconnectRequired { .. }) => {
                PortalError::Changed
            }
            NarrowError::Token(TokenError::Quarantined) => PortalError::Quarantined,
            NarrowError::Token(TokenError::Stopped) => PortalError::TokensStopped,
            NarrowError::Token(
                TokenError::ClientCredentialsRejected
                | TokenError::ProviderUnavailable { .. }
                | TokenError::Upstream(_),
            ) => PortalError::ProviderAway,
        })
    }
}

impl Subject {
    /// Whether scopes can be given up without the owner.
    pub(super) fn is_reducible(&self) -> bool {
        let narrows = |definition: &std::sync::Arc<crate::catalog::Definition>| {
            definition.refresh.narrows_scopes
        };
        self.connection.status == Status::Active
            && self.connection.has_refresh_token
            && self.definition.as_ref().is_some_and(narrows)
    }
}
