//! Another account came back than the one to be renewed: the person says what becomes of it.
//!
//! Until then the token set that works stays as it is, and the new one lies sealed in the flow. It
//! may replace the old one, become a connection of its own, or go back to the provider while the
//! person signs in once more. Who does not choose in time has chosen nothing.

use super::Connect;
use super::answer::{Stopped, assets, page, see_other};
use super::cookie;
use super::page::leads_to;
use super::view::{Offer, Open};
use crate::domain::{Flow, FlowId, Provider};
use crate::store::{Account, HeldAnswer, OwnerConflict, StoreError};
use crate::upstreams::UpstreamError;
use app::hosted;
use app::wire::{ChooseView, ConnectProblem};
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

/// Late choices that are tidied up in one go.
const PER_ROUND: i64 = 20;

/// What a person may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    /// Sign in once more, with the account that it was.
    Same,
    /// The new account replaces the old one.
    Replace,
    /// Both stay.
    Both,
}

/// The form of the page.
#[derive(Deserialize)]
pub(super) struct Chosen {
    choice: Choice,
}

/// `POST /connect/{token}/outcome/{flow}/choose`.
pub(super) async fn choose(
    State(connect): State<Connect>,
    Path((token, flow)): Path<(String, String)>,
    headers: HeaderMap,
    form: Result<Form<Chosen>, FormRejection>,
) -> Result<Response, Stopped> {
    let mut open = connect.session(&token).await?;
    let outcome = format!("{}/outcome/{flow}", open.host.path);
    let flow = connect.flow_here(&open, &flow, &headers).await?;
    open.note_opener(flow.opener.as_deref());
    let offer = open.offer_of(&flow)?;
    let Ok(Form(Chosen { choice })) = form else {
        return Ok(see_other(&outcome));
    };
    let account = match choice {
        Choice::Same => return connect.once_more(&open, offer, &flow, &headers).await,
        Choice::Replace => Account::Replacing,
        Choice::Both => Account::Beside,
    };
    connect.keep_chosen(&flow, &offer.provider, account).await?;
    Ok(see_other(&outcome))
}

/// The address of a choice, typed or reloaded.
pub(super) async fn again(Path((token, flow)): Path<(String, String)>) -> Response {
    see_other(&format!("{}/outcome/{flow}", Connect::path(&token)))
}

impl Connect {
    /// A flow of this session that this browser began.
    pub(super) async fn flow_here(
        &self,
        open: &Open,
        flow: &str,
        headers: &HeaderMap,
    ) -> Result<Flow, Stopped> {
        let unknown = || open.stopped(ConnectProblem::UnknownAttempt, None, None);
        let id: FlowId = flow.parse().map_err(|_| unknown())?;
        let found = self.store.flow(&id).await?;
        let flow = found
            .filter(|flow| flow.session == open.session.id)
            .ok_or_else(unknown)?;
        if cookie::began(self.upstreams.public_url(), headers, &flow) {
            Ok(flow)
        } else {
            Err(open.stopped(ConnectProblem::OtherBrowser, None, None))
        }
    }

    /// The page of a flow in which the person has to choose.
    pub(super) async fn ask_to_choose(
        &self,
        open: &Open,
        offer: &Offer,
        flow: &Flow,
    ) -> Result<Response, Stopped> {
        let too_late = || open.stopped(ConnectProblem::AttemptExpired, Some(offer), Some(flow));
        let held = self.store.held_answer(flow).await?.ok_or_else(too_late)?;
        let now = self.store.now();
        if flow.expires_at <= now {
            return Err(too_late());
        }
        let before = match &flow.reconnect {
            Some(id) => {
                self.store
                    .connection(&open.application.id, id.as_str())
                    .await?
            }
            None => None,
        };
        let new = held.renewing();
        let theirs = self
            .store
            .connections_of_owner(&offer.provider.id, &open.session.owner)
            .await?;
        let known =
            new.account_id.is_some() && theirs.iter().any(|one| one.account_id == new.account_id);
        let view = ChooseView {
            host: open.host.clone(),
            for_whom: open.for_whom(),
            provider: offer.definition.provider_mark(),
            short_name: offer.definition.short_name.clone(),
            action: format!("{}/outcome/{}/choose", open.host.path, flow.id),
            before: before.and_then(|before| before.account_label.or(before.account_id)),
            now: new.account_label.clone().or_else(|| new.account_id.clone()),
            known,
            grants: self.grants(offer, new.account_id.as_deref()).await?,
            minutes_left: u32::try_from(now.until(flow.expires_at).as_secs().div_ceil(60))
                .unwrap_or(u32::MAX),
            support_code: flow.support_code.clone(),
        };
        Ok(page(
            hosted::choose(&view, &assets()),
            &leads_to(self, open, offer),
        ))
    }

    /// Gives back what came, and leads to the provider once more, for the same connection.
    async fn once_more(
        &self,
        open: &Open,
        offer: &Offer,
        flow: &Flow,
        headers: &HeaderMap,
    ) -> Result<Response, Stopped> {
        if let Some(held) = self
            .store
            .release_answer(flow, ConnectProblem::OtherAccount)
            .await?
        {
            self.give_back_held(flow, &offer.provider, &held).await?;
        }
        self.still_usable(open)?;
        self.begin_again(open, offer, flow, headers).await
    }

    async fn keep_chosen(
        &self,
        flow: &Flow,
        provider: &Provider,
        account: Account,
    ) -> Result<(), Stopped> {
        // chosen already, by a double click say: the outcome tells
        let Some(held) = self.store.held_answer(flow).await? else {
            return Ok(());
        };
        if flow.expires_at <= self.store.now() {
            return Ok(());
        }
        let HeldAnswer { first, second } = &held;
        let finished = self
            .store
            .finish_flow(flow, provider, first, second.as_ref(), account)
            .await?;
        match finished {
            Ok(connection) => {
                let upstream = self
                    .upstreams
                    .for_flow(provider, flow, &first.saved.metadata)
                    .await?
                    .with_own_secret(first.saved.tokens.client_secret.as_ref());
                self.learn_end(&upstream, &connection, first).await?;
                tracing::info!(flow = %flow.id, connection = %connection, ?account, "connected, as the person chose");
            }
            Err(conflict) => self.not_kept(flow, provider, conflict).await?,
        }
        Ok(())
    }

    /// The choice cannot be had: what came goes back, and the flow says why.
    async fn not_kept(
        &self,
        flow: &Flow,
        provider: &Provider,
        conflict: OwnerConflict,
    ) -> Result<(), Stopped> {
        if let Some(held) = self.store.release_answer(flow, conflict.into()).await? {
            self.give_back_held(flow, provider, &held).await?;
        }
        Ok(())
    }

    async fn give_back_held(
        &self,
        flow: &Flow,
        provider: &Provider,
        held: &HeldAnswer,
    ) -> Result<(), UpstreamError> {
        let metadata = &held.first.saved.metadata;
        let upstream = self.upstreams.for_flow(provider, flow, metadata).await?;
        let second = held.second.as_ref().map(|second| &second.new);
        for new in std::iter::once(&held.first).chain(second) {
            let own = new.saved.tokens.client_secret.as_ref();
            let upstream = upstream.clone().with_own_secret(own);
            self.give_back_saved(&upstream, new).await;
        }
        Ok(())
    }

    /// Ends flows in which nobody chose, and gives back what waited in them. Not in quarantine:
    /// what waits there is the original's.
    pub(super) async fn end_late_choices(&self) -> Result<(), StoreError> {
        if self.store.quarantine().is_some() {
            return Ok(());
        }
        for flow in self.store.late_choices(PER_ROUND).await? {
            let Some(held) = self
                .store
                .release_answer(&flow, ConnectProblem::OtherAccount)
                .await?
            else {
                continue;
            };
            let Some(provider) = self.store.provider_by_id(&flow.provider).await? else {
                continue;
            };
            match self.give_back_held(&flow, &provider, &held).await {
                Ok(()) => {}
                Err(UpstreamError::Store(error)) => return Err(error),
                // without a definition or an address there is nobody to give it back to
                Err(error) => {
                    tracing::warn!(flow = %flow.id, %error, "tokens that nobody chose are only forgotten");
                }
            }
        }
        Ok(())
    }
}

impl From<OwnerConflict> for ConnectProblem {
    fn from(conflict: OwnerConflict) -> Self {
        match conflict {
            OwnerConflict::OtherAccount => Self::OtherAccount,
            OwnerConflict::AccountAlreadyConnected => Self::AccountAlreadyConnected,
            OwnerConflict::Revoked => Self::ConnectionRevoked,
            OwnerConflict::Ended => Self::AttemptExpired,
        }
    }
}
