//! How a flow ended, for the browser that began it. Reloading shows the same.

use super::Connect;
use super::answer::{Stopped, assets, page};
use super::callback::with_result;
use super::cookie;
use super::page::leads_to;
use super::view::{Offer, Open};
use crate::domain::{Flow, FlowId, FlowStatus, SessionStatus};
use app::hosted;
use app::wire::{ConnectProblem, DoneView};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

/// `GET /connect/{token}/outcome/{flow}`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path((token, flow)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let open = connect.session(&token).await?;
    let id: FlowId = flow
        .parse()
        .map_err(|_| open.stopped(ConnectProblem::UnknownAttempt, None, None))?;
    let flow = connect
        .store
        .flow(&id)
        .await?
        .filter(|flow| flow.session == open.session.id);
    let flow = flow.ok_or_else(|| open.stopped(ConnectProblem::UnknownAttempt, None, None))?;
    if !cookie::began(connect.upstreams.public_url(), &headers, &flow) {
        return Err(open.stopped(ConnectProblem::OtherBrowser, None, None));
    }
    let offer = open
        .offers
        .iter()
        .find(|offer| offer.provider.id == flow.provider);
    let Some(offer) = offer else {
        return Err(open.stopped(ConnectProblem::ProviderRemoved, None, Some(&flow)));
    };
    match flow.status {
        FlowStatus::Connected => connect.done(&open, offer, &flow).await,
        _ => Ok(problem(&connect, open, &flow)),
    }
}

/// The page of a flow that failed. Its "Try again" leads to the provider, so its policy lists it.
fn problem(connect: &Connect, mut open: Open, flow: &Flow) -> Response {
    let problem = flow.problem.unwrap_or(ConnectProblem::Internal);
    // the application learns from the address why its user comes back
    open.host.back = open
        .session
        .return_url
        .as_ref()
        .map(|url| with_error(url, open.session.id.as_str(), problem));
    let offer = open
        .offers
        .iter()
        .find(|offer| offer.provider.id == flow.provider);
    let origins = offer
        .map(|offer| leads_to(connect, &open, offer))
        .unwrap_or_default();
    let stopped = open.stopped(problem, offer, Some(flow));
    let status = stopped.status();
    (
        status,
        page(hosted::problem(&stopped.0, &assets()), &origins),
    )
        .into_response()
}

fn with_error(return_url: &str, session: &str, problem: ConnectProblem) -> String {
    let status = if problem == ConnectProblem::Denied {
        SessionStatus::Denied
    } else {
        SessionStatus::Failed
    };
    let with_status = with_result(return_url, session, status.as_str());
    match url::Url::parse(&with_status) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair("error", problem.as_str());
            url.into()
        }
        Err(_) => with_status,
    }
}

impl Connect {
    async fn done(&self, open: &Open, offer: &Offer, flow: &Flow) -> Result<Response, Stopped> {
        let connection = match &flow.connection {
            Some(id) => {
                self.store
                    .connection(&open.application.id, id.as_str())
                    .await?
            }
            None => None,
        };
        let Some(connection) = connection else {
            return Err(open.stopped(ConnectProblem::UnknownAttempt, Some(offer), Some(flow)));
        };
        let mut host = open.host.clone();
        host.back = open.session.return_url.as_ref().map(|url| {
            with_result(
                url,
                open.session.id.as_str(),
                SessionStatus::Connected.as_str(),
            )
        });
        let missing = connection.scopes_asked.without(&connection.scopes_granted);
        let left = open.offers.iter().filter(|offer| !offer.connected).count();
        let view = DoneView {
            host,
            for_whom: open.for_whom(),
            provider: offer.definition.provider_mark(),
            account: connection
                .account_label
                .clone()
                .or(connection.account_id.clone()),
            granted: offer.definition.user_words_for(&connection.scopes_granted),
            missing: offer.definition.user_words_for(&missing),
            left: u32::try_from(left).unwrap_or(u32::MAX),
        };
        Ok(page(hosted::done(&view, &assets()), &[]))
    }
}
