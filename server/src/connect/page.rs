//! The page that asks (R2): who, for what, for whom. It never leads on by itself.

use super::Connect;
use super::answer::{Stopped, assets, page, see_other};
use super::view::{Offer, Open};
use super::{cookie, opener};
use crate::domain::FlowStatus;
use app::hosted;
use app::wire::{AskView, ConnectProblem, Grants, RefusedInput};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /connect/{token}`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let mut open = connect.invited(&token).await?;
    open.note_opener(opener::in_query(query.as_deref()).as_deref());
    if !open.is_done() {
        return ask(&connect, &open, None).await;
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
    /// The account of theirs that has come closest to what the provider keeps.
    async fn nearly_used_up(&self, open: &Open, offer: &Offer) -> Result<Option<Grants>, Stopped> {
        if offer.definition.most_grants_per_account.is_none() {
            return Ok(None);
        }
        let theirs = self
            .store
            .connections_of_owner(&offer.provider.id, &open.session.owner)
            .await?;
        let mut closest = None;
        for account in theirs.iter().filter_map(|one| one.account_id.as_deref()) {
            let grants = self.grants(offer, Some(account)).await?;
            closest = closest.max(grants);
        }
        Ok(closest)
    }

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
    let open = connect.begun(&token).await?;
    connect.store.stop_connect_session(&open.session).await?;
    Ok(see_other(&open.host.path))
}

/// The ask page, with the input that was refused, if one was.
pub(super) async fn ask(
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
    let mut asks = Vec::with_capacity(asked.len());
    for offer in &asked {
        asks.push(open.ask(offer, connect.nearly_used_up(open, offer).await?));
    }
    let view = AskView {
        host: open.host.clone(),
        for_whom: open.for_whom(),
        asks,
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
