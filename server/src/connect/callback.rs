//! The provider sends the browser back.
//!
//! Anybody can send a browser here with anything. So, in this order: the query must be one that a
//! provider could send (R11); its state must be of a flow (R5) of *this* provider (R3), begun in
//! *this* browser (R6), not expired, and the issuer the expected one (R9). Up to there nothing is
//! used up. Then exactly one request claims the flow; others wait for what comes of it.

use super::Connect;
use super::answer::{Stopped, see_other};
use super::cookie;
use super::finish::CodeInHand;
use super::view::Open;
use crate::catalog::Definition;
use crate::domain::{Completion, Flow, FlowStatus, Provider, ProviderId, SessionStatus};
use crate::oauth::callback::{
    CallbackAnswer, Outcome, RefusedKind, check_issuer, is_signed, parse,
};
use crate::playground::Arrival;
use crate::store::{Claim, StoreError};
use app::address;
use app::wire::ConnectProblem;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// An exchange takes at most one request to the token endpoint and two to the identity endpoint.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(50);

/// `GET /oauth/callback/{provider_id}`.
pub(super) async fn callback(
    State(connect): State<Connect>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let unknown = || Stopped::bare(ConnectProblem::UnknownAttempt);
    let id: ProviderId = provider.parse().map_err(|_| unknown())?;
    let provider = connect
        .store
        .provider_by_id(&id)
        .await?
        .ok_or_else(unknown)?;
    let definition = connect.upstreams.definition(&provider)?;
    let query = query.unwrap_or_default();
    let answer =
        parse(&query, &definition.callback, &definition.callback_errors).map_err(|_| unknown())?;
    let Some(flow) = connect.flow_of(&answer, &provider, &headers).await? else {
        return connect
            .to_playground(&query, answer, &provider, &headers)
            .await;
    };
    if !cookie::began(connect.upstreams.public_url(), &headers, &flow) {
        return Err(Stopped::bare(ConnectProblem::OtherBrowser));
    }
    let (_, token) = connect
        .store
        .connect_session_of_flow(&flow.organization, &flow.session)
        .await?
        .ok_or_else(unknown)?;
    let open = connect.session(token.expose()).await?;
    if flow.status == FlowStatus::Waiting {
        if flow.expires_at <= connect.store.now() {
            return Err(open.stopped(
                ConnectProblem::AttemptExpired,
                open.offer(provider.slug.as_str()),
                Some(&flow),
            ));
        }
        match connect
            .brought(&query, answer, &flow, &provider, &definition)
            .await?
        {
            Some(brought) => {
                let bound = open.session.completion == Completion::Bound;
                connect.take(&flow, &provider, brought, bound).await?;
            }
            None => {
                connect
                    .store
                    .fail_flow(&flow, ConnectProblem::ProviderError, None)
                    .await?;
            }
        }
    }
    let flow = connect.settled(&flow).await?.ok_or_else(unknown)?;
    Ok(see_other(&connect.next(&open, &flow).await?))
}

impl Connect {
    /// The flow that an answer belongs to: by its state, or, where a provider leaves the state out
    /// of a refusal, the only one that this browser has under way there.
    async fn flow_of(
        &self,
        answer: &CallbackAnswer,
        provider: &Provider,
        headers: &HeaderMap,
    ) -> Result<Option<Flow>, Stopped> {
        if let Some(state) = &answer.state {
            let found = self.store.flow_by_state(state.expose()).await?;
            return Ok(found.filter(|flow| flow.provider == provider.id));
        }
        if matches!(answer.outcome, Outcome::Code(_)) {
            return Ok(None);
        }
        let mut waiting = Vec::new();
        for (id, _) in cookie::flows(self.upstreams.public_url(), headers) {
            let found = self.store.flow(&id).await?;
            waiting.extend(
                found.filter(|flow| {
                    flow.provider == provider.id && flow.status == FlowStatus::Waiting
                }),
            );
        }
        Ok(if waiting.len() == 1 {
            waiting.pop()
        } else {
            None
        })
    }

    /// A callback of no end user: of a member's own run, which goes on at its page in the portal.
    async fn to_playground(
        &self,
        query: &str,
        answer: CallbackAnswer,
        provider: &Provider,
        headers: &HeaderMap,
    ) -> Result<Response, Stopped> {
        let arrival = self
            .playgrounds
            .come_back(query, answer, provider, headers)
            .await?;
        match arrival {
            Arrival::Of(_) => {
                let application = self
                    .store
                    .application_by_id(&provider.organization, &provider.application)
                    .await?
                    .ok_or_else(|| Stopped::bare(ConnectProblem::UnknownAttempt))?;
                let (application, provider) = (application.slug.as_str(), provider.slug.as_str());
                Ok(see_other(&address::playground(application, provider)))
            }
            Arrival::OtherBrowser => Err(Stopped::bare(ConnectProblem::OtherBrowser)),
            Arrival::Nobody => Err(Stopped::bare(ConnectProblem::UnknownAttempt)),
        }
    }

    /// What an answer brought, if it really comes from the provider: from the expected issuer,
    /// signed where the provider signs (C14), with parameters that are what they have to be (C12).
    async fn brought(
        &self,
        query: &str,
        answer: CallbackAnswer,
        flow: &Flow,
        provider: &Provider,
        definition: &Definition,
    ) -> Result<Option<Brought>, Stopped> {
        let iss = answer.iss.as_deref();
        if check_issuer(
            definition.issuer.as_deref(),
            definition.issuer_always_sent,
            iss,
        )
        .is_err()
        {
            tracing::warn!(flow = %flow.id, provider = %provider.id, "the issuer of a callback is not the provider's");
            return Ok(None);
        }
        let is_code = matches!(answer.outcome, Outcome::Code(_));
        if let Some(rule) = definition.callback.signature.as_ref().filter(|_| is_code) {
            let upstream = self
                .upstreams
                .for_flow(provider, flow, &BTreeMap::new())
                .await?;
            if !is_signed(query, rule, &upstream.client) {
                tracing::warn!(flow = %flow.id, provider = %provider.id, "the signature of a callback is not the provider's");
                return Ok(None);
            }
        }
        let mut filled_in = provider.inputs.clone();
        filled_in.extend(flow.inputs.clone());
        let captured = if is_code {
            match answer.captured(&definition.callback, &filled_in) {
                Ok(captured) => captured,
                Err(wrong) => {
                    tracing::warn!(flow = %flow.id, provider = %provider.id, %wrong, "a callback was refused");
                    return Ok(None);
                }
            }
        } else {
            BTreeMap::new()
        };
        Ok(Some(Brought {
            echoed: answer.echoed(&definition.callback),
            outcome: answer.outcome,
            captured,
        }))
    }

    /// Claims the flow and sees it through, or keeps its code for the backend where it completes.
    async fn take(
        &self,
        flow: &Flow,
        provider: &Provider,
        brought: Brought,
        bound: bool,
    ) -> Result<(), Stopped> {
        match brought.outcome {
            Outcome::Refused { kind, words } => {
                self.store
                    .fail_flow(flow, problem_of(kind), words.as_deref())
                    .await?;
            }
            Outcome::Code(code) if bound => {
                self.hold(flow, code, (brought.captured, brought.echoed))
                    .await?;
            }
            Outcome::Code(code) => {
                if let Claim::Ours(secrets) = self.store.claim_flow(flow).await? {
                    let code = CodeInHand {
                        code,
                        secrets,
                        captured: brought.captured,
                        echoed: brought.echoed,
                    };
                    self.exchange(flow, provider, code).await;
                }
            }
        }
        Ok(())
    }

    /// The flow once nothing more is under way. Whoever did not claim it waits here. `None`: it is gone.
    pub(super) async fn settled(&self, flow: &Flow) -> Result<Option<Flow>, StoreError> {
        let give_up = Instant::now() + LONGEST_EXCHANGE;
        loop {
            let now = self.store.flow(&flow.id).await?;
            let under_way =
                |flow: &Flow| flow.status == FlowStatus::Exchanging && Instant::now() < give_up;
            if !now.as_ref().is_some_and(under_way) {
                return Ok(now);
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Where the browser goes now: back to the application, or to a page of ours without the code
    /// in its address (R21).
    async fn next(&self, open: &Open, flow: &Flow) -> Result<String, Stopped> {
        let all_connected = open
            .offers
            .iter()
            .all(|offer| offer.connected || offer.provider.id == flow.provider);
        let way_back = open.session.return_url.as_deref();
        // in a window that the application opened the end is always ours: it tells and closes it
        let is_connected =
            flow.status == FlowStatus::Connected && all_connected && flow.opener.is_none();
        Ok(match (way_back, self.way_to_complete(open, flow).await?) {
            (_, Some(address)) => address,
            (Some(url), None) if is_connected => with_result(
                url,
                open.session.id.as_str(),
                SessionStatus::Connected.as_str(),
            ),
            _ => format!("{}/outcome/{}", open.host.path, flow.id),
        })
    }

    /// Where the browser brings the connect code of a flow that the backend has to complete.
    pub(super) async fn way_to_complete(
        &self,
        open: &Open,
        flow: &Flow,
    ) -> Result<Option<String>, Stopped> {
        let Some(url) = open.session.return_url.as_deref() else {
            return Ok(None);
        };
        if flow.status != FlowStatus::AwaitingCompletion {
            return Ok(None);
        }
        let held = self.store.held_code(flow).await?;
        Ok(held.and_then(|held| {
            let mut url = url::Url::parse(url).ok()?;
            url.query_pairs_mut()
                .append_pair("session", open.session.id.as_str())
                .append_pair("connect_code", held.connect_code.expose());
            Some(url.into())
        }))
    }
}

/// What a callback brought that can be believed.
struct Brought {
    outcome: Outcome,
    captured: BTreeMap<String, String>,
    echoed: Vec<(String, String)>,
}

/// A return URL with the session's id and what came of it.
pub(super) fn with_result(return_url: &str, session: &str, status: &str) -> String {
    match url::Url::parse(return_url) {
        Ok(mut url) => {
            url.query_pairs_mut()
                .append_pair("session", session)
                .append_pair("status", status);
            url.into()
        }
        Err(_) => return_url.to_owned(),
    }
}

fn problem_of(kind: RefusedKind) -> ConnectProblem {
    match kind {
        RefusedKind::Denied => ConnectProblem::Denied,
        RefusedKind::NotAllowedToApprove => ConnectProblem::NotAllowedToApprove,
        RefusedKind::Config => ConnectProblem::ProviderMisconfigured,
        RefusedKind::Temporary => ConnectProblem::ProviderUnavailable,
        RefusedKind::Other => ConnectProblem::ProviderError,
    }
}
