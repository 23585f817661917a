//! The page that asks (R2): who, for what, for whom. It never leads on by itself.

use super::Connect;
use super::answer::{Stopped, assets, page, see_other};
use super::cookie;
use super::view::{Offer, Open};
use crate::domain::FlowStatus;
use app::hosted;
use app::wire::{AskView, ConnectProblem, RefusedInput};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /connect/{token}`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let open = connect.usable_session(&token).await?;
    if !open.is_done() {
        return ask(&connect, &open, None);
    }
    match connect.outcome_here(&open, &headers).await? {
        Some(outcome) => Ok(see_other(&outcome)),
        None => Err(open.stopped(ConnectProblem::LinkUsed, None, None)),
    }
}

/// An address below a session that only a form posts to.
pub(super) async fn again(Path(token): Path<String>) -> Response {
    see_other(&Connect::path(&token))
}

impl Connect {
    /// Where this browser sees how its own flow of the session ended: the back button leads here.
    async fn outcome_here(
        &self,
        open: &Open,
        headers: &HeaderMap,
    ) -> Result<Option<String>, Stopped> {
        for (id, _) in cookie::flows(self.upstreams.public_url(), headers) {
            let found = self.store.flow(&id).await?;
            if found.is_some_and(|flow| {
                flow.session == open.session.id && flow.status == FlowStatus::Connected
            }) {
                return Ok(Some(format!("{}/outcome/{id}", open.host.path)));
            }
        }
        Ok(None)
    }
}

/// `POST /connect/{token}/stop`: "someone sent me this link". The session can do nothing any more.
pub(super) async fn stop(
    State(connect): State<Connect>,
    Path(token): Path<String>,
) -> Result<Response, Stopped> {
    let open = connect.usable_session(&token).await?;
    connect.store.stop_connect_session(&open.session).await?;
    Err(open.stopped(ConnectProblem::Denied, None, None))
}

/// The ask page, with the input that was refused, if one was.
pub(super) fn ask(
    connect: &Connect,
    open: &Open,
    refused: Option<RefusedInput>,
) -> Result<Response, Stopped> {
    let (connected, asked): (Vec<_>, Vec<_>) =
        open.offers.iter().partition(|offer| offer.connected);
    if open.offers.is_empty() {
        return Err(open.stopped(ConnectProblem::ProviderRemoved, None, None));
    }
    let left = connect.store.now().until(open.session.expires_at);
    let view = AskView {
        host: open.host.clone(),
        for_whom: open.for_whom(),
        asks: asked.iter().map(|offer| open.ask(offer)).collect(),
        connected: connected
            .iter()
            .map(|offer| offer.definition.provider_mark())
            .collect(),
        minutes_left: u32::try_from(left.as_secs().div_ceil(60)).unwrap_or(u32::MAX),
        reconnect: open.session.reconnect.is_some(),
        refused,
    };
    let origins: Vec<String> = asked
        .iter()
        .flat_map(|offer| leads_to(connect, open, offer))
        .collect();
    Ok(page(hosted::ask(&view, &assets()), &origins))
}

/// Origins to which starting at this provider can lead: its own, those that its sign-in passes
/// through, and, where it asks nothing because the person approved before, the application's own that
/// follows at the end.
pub(super) fn leads_to(connect: &Connect, open: &Open, offer: &Offer) -> Vec<String> {
    let mut origins = connect
        .upstreams
        .sign_in_origins(&offer.provider, &offer.definition);
    let back = open
        .session
        .return_url
        .as_deref()
        .and_then(|url| url::Url::parse(url).ok());
    origins.extend(back.map(|url| url.origin().ascii_serialization()));
    origins.sort();
    origins.dedup();
    origins
}
