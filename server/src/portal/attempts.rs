//! Attempts to connect, for whoever has a support code read to them.

use super::{OrFail, PortalRequest};
use crate::domain::{Application, FlowStatus, Provider, read_support_code};
use crate::store::AttemptStanding;
use app::portal::Answer;
use app::wire::{AttemptOutcome, AttemptView, ConnectProblem};

impl PortalRequest {
    /// The attempt that the words name by its support code.
    pub(super) async fn attempt(
        &self,
        application: &Application,
        providers: &[Provider],
        words: &str,
    ) -> Answer<Option<AttemptView>> {
        let Some(code) = read_support_code(words) else {
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
}
