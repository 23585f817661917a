//! Proof at save: is a provider that was just saved right, before any user meets it?
//!
//! What was saved is saved; the trial comes afterwards, in a task of its own, and the page waits a
//! moment for it. It changes nothing but the three marks: a provider whose trial went wrong is as
//! active as any other, and no connection hears of it.

use super::{OrFail, PortalRequest, Task};
use crate::catalog::Credentials;
use crate::domain::Provider;
use crate::oauth::trial::{Marks, try_out};
use crate::state::AppState;
use crate::store::Trial;
use crate::upstreams::UpstreamError;
use app::portal::Answer;
use app::wire::{CredentialsMark, PortalError, Proof, ProofView, ReachableMark, RedirectMark};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// A page waits for its trial no longer; whoever reloads it sees the marks.
const WAIT: Duration = Duration::from_secs(5);

impl PortalRequest {
    /// Tries a provider that was just saved, and waits a moment for what comes of it. Whatever goes
    /// wrong here is for the log: saving is done.
    pub(super) async fn prove(&self, provider: &Provider) {
        let trial = match self.state.store.begin_trial(provider).await {
            Ok(trial) => trial,
            Err(error) => {
                tracing::error!(%error, provider = %provider.id, "a trial could not be begun");
                return;
            }
        };
        let (state, provider) = (self.state.clone(), provider.clone());
        let running = self
            .state
            .tasks
            .spawn(async move { run(&state, &provider, &trial).await });
        drop(timeout(WAIT, running).await);
    }

    /// How the trial of a provider stands.
    pub(super) async fn proof_of(&self, provider: &Provider) -> Answer<ProofView> {
        let (proof, running) = self.state.store.proof(provider).await.or_fail()?;
        Ok(match (proof, running) {
            (Some(proof), _) => ProofView::Tried(proof),
            (None, true) => ProofView::Trying,
            (None, false) => ProofView::Untried,
        })
    }

    pub(super) async fn try_again(&self, application: &str, provider: &str) -> Answer<()> {
        let (_, _, provider) = self
            .within_provider(Task::Configure, application, provider)
            .await?;
        let (_, running) = self.state.store.proof(&provider).await.or_fail()?;
        // one at a time: nobody hammers a provider with this button
        if running {
            return Err(PortalError::TooManyAttempts { retry_after_s: 10 });
        }
        self.prove(&provider).await;
        Ok(())
    }
}

async fn run(state: &AppState, provider: &Provider, trial: &Trial) {
    let proof = match proof(state, provider).await {
        Ok(proof) => proof,
        Err(error) => {
            tracing::error!(%error, provider = %provider.id, "a provider could not be tried");
            return;
        }
    };
    tracing::info!(provider = %provider.id, ?proof, "a provider was tried");
    if let Err(error) = state.store.finish_trial(provider, trial, proof).await {
        tracing::error!(%error, provider = %provider.id, "what a trial told could not be kept");
    }
}

async fn proof(state: &AppState, provider: &Provider) -> Result<Proof, UpstreamError> {
    let upstreams = &state.upstreams;
    let nothing = BTreeMap::new();
    let definition = upstreams.definition(provider)?;
    let (marks, host) = if definition.credentials == Credentials::PerConnection {
        (NOT_OURS, String::new())
    } else {
        match upstreams.as_configured(provider, &nothing, &nothing).await {
            Ok(upstream) => {
                let redirect_uri = upstreams.redirect_uri(&provider.id);
                let egress = upstreams.egress();
                let marks = try_out(egress, &upstream, &redirect_uri, &provider.scopes).await;
                let host = upstream.endpoints.token.host_str().unwrap_or_default();
                (marks, host.to_owned())
            }
            Err(UpstreamError::NoAddress) => (NEEDS_ADDRESS, String::new()),
            Err(other) => return Err(other),
        }
    };
    Ok(Proof {
        tried_at: state.store.now().millis(),
        host,
        credentials: marks.credentials,
        redirect_uri: marks.redirect_uri,
        reachable: marks.reachable,
    })
}

/// Nothing of ours is there to be tried.
const NOT_OURS: Marks = Marks {
    credentials: CredentialsMark::NotOurs,
    redirect_uri: RedirectMark::NotOurs,
    reachable: ReachableMark::NotOurs,
};

/// Where to ask is not known before somebody connects.
const NEEDS_ADDRESS: Marks = Marks {
    credentials: CredentialsMark::NeedsAddress,
    redirect_uri: RedirectMark::NeedsAddress,
    reachable: ReachableMark::NeedsAddress,
};
