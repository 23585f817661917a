//! How a flow ended, for the browser that began it. Reloading shows the same.

use super::Connect;
use super::answer::{Stopped, assets, last_page, page};
use super::callback::with_result;
use super::page::leads_to;
use super::view::{Offer, Open};
use crate::domain::{Flow, FlowStatus, SessionStatus};
use crate::store::StoreError;
use app::hosted;
use app::wire::{ConnectProblem, DoneView, Grants, Host, WaitingView};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /connect/{token}/outcome/{flow}`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path((token, flow)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let mut open = connect.session(&token).await?;
    let flow = connect.flow_here(&open, &flow, &headers).await?;
    open.note_opener(flow.opener.as_deref());
    let offer = open.offer_of(&flow)?;
    match flow.status {
        FlowStatus::Connected => connect.done(&open, offer, &flow).await,
        FlowStatus::Choosing => connect.ask_to_choose(&open, offer, &flow).await,
        FlowStatus::AwaitingCompletion => connect.waiting(open, &flow).await,
        FlowStatus::Waiting | FlowStatus::Exchanging | FlowStatus::Failed => {
            Ok(problem(&connect, open, &flow))
        }
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
    let offer = open.offer_of(flow).ok();
    let origins = offer
        .map(|offer| leads_to(connect, &open, offer))
        .unwrap_or_default();
    open.stopped(problem, offer, Some(flow))
        .leading_to(&origins)
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
    /// The backend has not completed yet: the way to it once more.
    async fn waiting(&self, open: Open, flow: &Flow) -> Result<Response, Stopped> {
        let way = self.way_to_complete(&open, flow).await?;
        let offer = open.offer_of(flow)?;
        let Some(way) = way.filter(|_| flow.expires_at > self.store.now()) else {
            return Err(open.stopped(ConnectProblem::NotCompleted, Some(offer), Some(flow)));
        };
        let view = WaitingView {
            provider: offer.definition.provider_mark(),
            host: Host {
                back: Some(way),
                ..open.host
            },
        };
        Ok(page(hosted::waiting(&view, &assets()), &[]))
    }

    /// How often the provider keeps a grant for this account, where it keeps few and they are nearly
    /// used up.
    pub(super) async fn grants(
        &self,
        offer: &Offer,
        account: Option<&str>,
    ) -> Result<Option<Grants>, StoreError> {
        let Some((most, account)) = offer.definition.most_grants_per_account.zip(account) else {
            return Ok(None);
        };
        let now = self
            .store
            .grants_of_account(&offer.provider, account)
            .await?;
        Ok((now + 1 >= most).then_some(Grants { most, now }))
    }

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
        let account = connection.account_id.as_deref();
        let grants = self.grants(offer, account).await?;
        let missing = connection.scopes_asked.without(&connection.scopes_granted);
        let (definition, language) = (&offer.definition, open.host.language);
        let left = open.offers.iter().filter(|offer| !offer.connected).count();
        let view = DoneView {
            host,
            for_whom: open.for_whom(),
            provider: definition.provider_mark(),
            account: connection
                .account_label
                .clone()
                .or(connection.account_id.clone()),
            granted: definition.user_words_for(&connection.scopes_granted, language),
            missing: definition.user_words_for(&missing, language),
            known: flow.reconnect.is_none() && connection.created_at < connection.connected_at,
            grants,
            left: u32::try_from(left).unwrap_or(u32::MAX),
        };
        Ok(last_page(hosted::done(&view, &assets()), &[], &view.host))
    }
}
