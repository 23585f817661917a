//! The exchange: from a code to a connection. Runs in a task of its own, once per flow.

use super::Connect;
use crate::domain::{Flow, Provider, Scopes, Timestamp};
use crate::oauth::classify::{Class, Failure};
use crate::oauth::identity::{Identity, identify};
use crate::oauth::token_answer::TokenSet;
use crate::oauth::{self, exchange, revoke};
use crate::store::{NewConnection, OwnerConflict, StoreError};
use crate::tokens::received;
use crate::upstreams::UpstreamError;
use crate::vault::Secret;
use app::wire::ConnectProblem;
use std::time::Duration;
use tokio::time::sleep;

/// Pause before the identity endpoint is asked a second time.
const SECOND_TRY: Duration = Duration::from_millis(500);

/// Why a claimed flow does not become a connection.
enum Failed {
    /// Its page.
    Problem(ConnectProblem),
    Upstream(UpstreamError),
}

impl From<UpstreamError> for Failed {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Upstream(error.into())
    }
}

impl Connect {
    /// Exchanges the code and stores what it brought, or notes why not.
    pub(super) async fn finish(
        &self,
        flow: &Flow,
        provider: &Provider,
        code: &Secret<String>,
        verifier: Option<Secret<String>>,
    ) {
        let problem = match self.try_finish(flow, provider, code, verifier).await {
            Ok(()) => return,
            Err(Failed::Problem(problem)) => problem,
            Err(Failed::Upstream(error)) => {
                tracing::error!(flow = %flow.id, %error, "a connect flow could not be finished");
                ConnectProblem::Internal
            }
        };
        if let Err(error) = self.store.fail_flow(flow, problem, None).await {
            tracing::error!(flow = %flow.id, %error, "the end of a connect flow could not be noted");
        }
    }

    async fn try_finish(
        &self,
        flow: &Flow,
        provider: &Provider,
        code: &Secret<String>,
        verifier: Option<Secret<String>>,
    ) -> Result<(), Failed> {
        let upstream = self.upstreams.for_flow(provider, flow).await?;
        let sent_at = self.store.now();
        let verifier = verifier.unwrap_or_else(|| Secret::new(String::new()));
        let answer = exchange::exchange_code(
            self.upstreams.egress(),
            &upstream,
            code,
            &flow.redirect_uri,
            &verifier,
        )
        .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Err(self.exchange_failed(flow, provider, failure).await),
        };
        if provider.credentials_rejected_at.is_some() {
            self.store.note_credentials(provider, false).await?;
        }
        let identity = match self.identity(flow, provider, &upstream, &answer).await {
            Ok(identity) => identity,
            Err(problem) => {
                self.give_back(&upstream, answer).await;
                return Err(Failed::Problem(problem));
            }
        };
        self.store_it(flow, provider, &upstream, answer, identity, sent_at)
            .await
    }

    async fn exchange_failed(&self, flow: &Flow, provider: &Provider, failure: Failure) -> Failed {
        tracing::warn!(flow = %flow.id, provider = %provider.id, %failure, "the code was not exchanged");
        match failure.class {
            Class::ConfigRejected => match self.store.note_credentials(provider, true).await {
                Ok(()) => Failed::Problem(ConnectProblem::ProviderMisconfigured),
                Err(error) => error.into(),
            },
            Class::Unreached | Class::Ambiguous | Class::Throttled { .. } => {
                Failed::Problem(ConnectProblem::ProviderUnavailable)
            }
            Class::Dead | Class::ForbiddenAddress | Class::InvalidScope | Class::Unexpected => {
                Failed::Problem(ConnectProblem::ProviderError)
            }
        }
    }

    /// Whose account it is. Where the rules depend on the answer, no answer is a problem; elsewhere
    /// the connection is worth more than its label.
    async fn identity(
        &self,
        flow: &Flow,
        provider: &Provider,
        upstream: &oauth::Provider,
        answer: &TokenSet,
    ) -> Result<Option<Identity>, ConnectProblem> {
        let egress = self.upstreams.egress();
        let mut found = identify(egress, upstream, &answer.access_token).await;
        if found.is_err() {
            sleep(SECOND_TRY).await;
            found = identify(egress, upstream, &answer.access_token).await;
        }
        match found {
            Ok(identity) => Ok(Some(identity)),
            Err(failure) => {
                tracing::warn!(flow = %flow.id, provider = %provider.id, %failure, "the account could not be identified");
                let needed = provider.one_owner_per_account || flow.reconnect.is_some();
                if needed {
                    Err(ConnectProblem::ProviderUnavailable)
                } else {
                    Ok(None)
                }
            }
        }
    }

    async fn store_it(
        &self,
        flow: &Flow,
        provider: &Provider,
        upstream: &oauth::Provider,
        mut answer: TokenSet,
        identity: Option<Identity>,
        sent_at: Timestamp,
    ) -> Result<(), Failed> {
        let Some((session, _)) = self
            .store
            .connect_session_of_flow(&flow.organization, &flow.session)
            .await?
        else {
            return Err(Failed::Problem(ConnectProblem::UnknownAttempt));
        };
        let (account_id, account_label, told) = match identity {
            Some(identity) => (identity.account_id, identity.account_label, identity.scopes),
            None => (None, None, None),
        };
        answer.scopes = told.or(answer.scopes);
        let always = upstream
            .definition
            .scopes
            .always_granted
            .iter()
            .map(|scope| scope.name.clone());
        let granted_when_silent = Scopes::new(always)
            .unwrap_or_default()
            .union(&flow.scopes_asked);
        let new = NewConnection {
            owner: session.owner,
            end_user: session.end_user,
            account_id,
            account_label,
            saved: received(
                answer,
                &upstream.definition,
                sent_at,
                &granted_when_silent,
                None,
            ),
        };
        match self.store.finish_flow(flow, provider, &new).await? {
            Ok(connection) => {
                tracing::info!(flow = %flow.id, connection = %connection, "connected");
                Ok(())
            }
            Err(conflict) => {
                self.give_back_saved(upstream, &new).await;
                Err(Failed::Problem(match conflict {
                    OwnerConflict::OtherAccount => ConnectProblem::OtherAccount,
                    OwnerConflict::AccountAlreadyConnected => {
                        ConnectProblem::AccountAlreadyConnected
                    }
                    OwnerConflict::Revoked => ConnectProblem::LinkUsed,
                }))
            }
        }
    }

    async fn give_back(&self, upstream: &oauth::Provider, answer: TokenSet) {
        self.end(
            upstream,
            &answer.access_token,
            answer.refresh_token.as_ref(),
        )
        .await;
    }

    async fn give_back_saved(&self, upstream: &oauth::Provider, new: &NewConnection) {
        let tokens = &new.saved.tokens;
        self.end(
            upstream,
            &tokens.access_token,
            tokens.refresh_token.as_ref(),
        )
        .await;
    }

    /// Ends tokens that nobody will use. Where that would end the account's whole grant, and with
    /// it a connection that works, they are only forgotten.
    async fn end(
        &self,
        upstream: &oauth::Provider,
        access_token: &Secret<String>,
        refresh_token: Option<&Secret<String>>,
    ) {
        let ends_whole_grant = upstream
            .definition
            .revocation
            .as_ref()
            .is_none_or(|way| way.ends_whole_grant);
        if !ends_whole_grant {
            let ended = revoke::revoke(
                self.upstreams.egress(),
                upstream,
                access_token,
                refresh_token,
            )
            .await;
            tracing::info!(?ended, "tokens that are not wanted were given back");
        }
    }
}
