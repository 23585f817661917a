//! Bound completion (R1): the backend finishes what its own user approved.
//!
//! State and PKCE prove that one browser went the whole way; they do not prove whose browser it was.
//! Whoever begins "Connect Apollo" and sends the link to somebody else would get that person's
//! account. So the code stays sealed until the backend, in the session of its own user, says for whom
//! it completes. Where that is somebody else, the code is destroyed and the provider is never asked.

use super::Connect;
use super::finish::CodeInHand;
use crate::caller;
use crate::domain::{ConnectSession, Flow, FlowStatus, Provider, random_base62};
use crate::store::{HeldCode, StoreError};
use crate::vault::Secret;
use app::wire::ConnectProblem;

/// 62^43 is more than 2^256.
const CONNECT_CODE: usize = 43;

/// What the backend sends to complete.
pub struct Proof<'a> {
    /// What the browser brought to the return URL.
    pub connect_code: &'a str,
    /// Whose session it was brought in.
    pub end_user_id: &'a str,
    /// What the session's challenge was made of, if it has one.
    pub code_verifier: Option<&'a str>,
}

/// Why a flow was not completed.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// The session has no such connect code.
    #[error("no such connect code")]
    UnknownCode,
    /// It came too late, or for a second time after a failure: the code is destroyed.
    #[error("the connect code has expired")]
    Expired,
    /// It was brought by another end user, or without the verifier. The code is destroyed.
    #[error("the connect code was brought by somebody else")]
    OtherPerson,
    /// Another account came back than the one to be renewed; the end user has to choose there.
    #[error("the end user has to choose between two accounts")]
    Choose {
        /// The page on which they do.
        url: String,
    },
    /// It could not be finished.
    #[error("the connection could not be made")]
    Failed(ConnectProblem),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Connect {
    /// Keeps a code for the backend, if nobody else was faster.
    pub(super) async fn hold(
        &self,
        flow: &Flow,
        code: Secret<String>,
        (captured, echoed): (
            std::collections::BTreeMap<String, String>,
            Vec<(String, String)>,
        ),
    ) -> Result<(), StoreError> {
        let held = HeldCode {
            code,
            connect_code: Secret::new(random_base62(CONNECT_CODE)),
            captured,
            echoed,
        };
        self.store.hold_code(flow, &held).await?;
        Ok(())
    }

    /// Completes a flow of a session. Who says it again after it was completed hears the same.
    pub async fn complete(
        &self,
        session: &ConnectSession,
        proof: &Proof<'_>,
    ) -> Result<(), CompleteError> {
        let found = self
            .store
            .flow_by_connect_code(&session.id, proof.connect_code)
            .await?;
        let flow = found.ok_or(CompleteError::UnknownCode)?;
        if !is_right_person(session, proof) {
            tracing::warn!(flow = %flow.id, "a connect code was brought by another end user; it is destroyed");
            self.store
                .fail_flow(&flow, ConnectProblem::OtherPerson, None)
                .await?;
            return Err(CompleteError::OtherPerson);
        }
        if flow.status == FlowStatus::AwaitingCompletion
            && let Some((held, secrets)) = self.store.claim_code(&flow).await?
        {
            let provider = self.store.provider_by_id(&flow.provider).await?;
            let provider =
                provider.ok_or(CompleteError::Failed(ConnectProblem::ProviderRemoved))?;
            let code = CodeInHand {
                code: held.code,
                secrets,
                captured: held.captured,
                echoed: held.echoed,
            };
            self.exchange(&flow, &provider, code).await;
        }
        self.completed(session, &flow).await
    }

    /// Exchanges in a task of its own: it goes on whatever the request does (R17, R95).
    pub(super) async fn exchange(&self, flow: &Flow, provider: &Provider, code: CodeInHand) {
        let (connect, flow, provider) = (self.clone(), flow.clone(), provider.clone());
        let exchange = async move { connect.finish(&flow, &provider, code).await };
        drop(self.tracker.spawn(caller::carried(exchange)).await);
    }

    /// What came of it, for the backend.
    async fn completed(&self, session: &ConnectSession, flow: &Flow) -> Result<(), CompleteError> {
        let flow = self
            .settled(flow)
            .await?
            .ok_or(CompleteError::UnknownCode)?;
        match flow.status {
            FlowStatus::Connected => Ok(()),
            FlowStatus::Choosing => {
                let found = self
                    .store
                    .connect_session_of_flow(&session.organization, &session.id)
                    .await?;
                let (_, token) = found.ok_or(CompleteError::UnknownCode)?;
                let path = format!("{}/outcome/{}", Self::path(token.expose()), flow.id);
                let url = self.upstreams.absolute(&path);
                Err(CompleteError::Choose { url })
            }
            FlowStatus::Failed => Err(match flow.problem {
                Some(ConnectProblem::NotCompleted) | None => CompleteError::Expired,
                Some(ConnectProblem::OtherPerson) => CompleteError::OtherPerson,
                Some(problem) => CompleteError::Failed(problem),
            }),
            FlowStatus::AwaitingCompletion => Err(CompleteError::Expired),
            FlowStatus::Waiting | FlowStatus::Exchanging => {
                Err(CompleteError::Failed(ConnectProblem::ProviderUnavailable))
            }
        }
    }
}

/// The session's own end user, with the verifier where the session has a challenge.
fn is_right_person(session: &ConnectSession, proof: &Proof<'_>) -> bool {
    let proven = match &session.code_challenge {
        Some(challenge) => proof
            .code_verifier
            .is_some_and(|verifier| challenge.fits(verifier)),
        None => true,
    };
    proven && session.end_user.id == proof.end_user_id
}
