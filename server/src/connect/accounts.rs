//! "My connected accounts": what this person has connected, and how to end it.

use super::Connect;
use super::answer::{Stopped, assets, page, see_other};
use super::page::leads_to;
use super::view::Open;
use crate::catalog::translated;
use crate::domain::{Actor, Connection};
use app::hosted;
use app::wire::{AccountsView, ConnectProblem, ConnectedAccount, ConnectionState, RevokeReason};
use axum::extract::{Path, State};
use axum::response::Response;

/// `GET /connect/{token}/accounts`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path(token): Path<String>,
) -> Result<Response, Stopped> {
    let open = connect.usable_session(&token).await?;
    let mut accounts = Vec::new();
    for connection in connect.connections_of(&open).await? {
        let Some(provider) = connect.store.provider_by_id(&connection.provider).await? else {
            continue;
        };
        let Ok(definition) = connect.upstreams.definition(&provider) else {
            continue;
        };
        let by_hand = definition.revoke_by_hand.as_deref();
        accounts.push(ConnectedAccount {
            id: connection.id.to_string(),
            provider: definition.provider_mark(),
            provider_slug: provider.slug.to_string(),
            account: connection
                .account_label
                .clone()
                .or(connection.account_id.clone()),
            state: connection.state(),
            connected_at: connection.connected_at.millis(),
            last_used_at: connection
                .last_handed_out_at
                .map(crate::domain::Timestamp::millis),
            upstream_offered: definition.revocation.is_some(),
            by_hand: by_hand.map(|place| translated(open.host.language, place)),
        });
    }
    accounts.sort_by_key(|account| account.state != ConnectionState::ReconnectRequired);
    let view = AccountsView {
        host: open.host.clone(),
        for_whom: open.for_whom(),
        accounts,
        now: connect.store.now().millis(),
    };
    let origins: Vec<String> = open
        .offers
        .iter()
        .flat_map(|offer| leads_to(&connect, &open, offer))
        .collect();
    Ok(page(hosted::accounts(&view, &assets()), &origins))
}

/// `POST /connect/{token}/accounts/{connection}/disconnect`.
pub(super) async fn disconnect(
    State(connect): State<Connect>,
    Path((token, connection)): Path<(String, String)>,
) -> Result<Response, Stopped> {
    let open = connect.usable_session(&token).await?;
    let theirs = connect.connections_of(&open).await?;
    let Some(connection) = theirs.into_iter().find(|one| one.id.as_str() == connection) else {
        // disconnected already, by a double click say: the list shows how it stands
        return Ok(see_other(&format!("{}/accounts", open.host.path)));
    };
    let provider = connect.store.provider_by_id(&connection.provider).await?;
    let provider =
        provider.ok_or_else(|| open.stopped(ConnectProblem::ProviderRemoved, None, None))?;
    let offered = connect
        .upstreams
        .definition(&provider)
        .is_ok_and(|definition| definition.revocation.is_some());
    let actor = Actor {
        kind: "end_user",
        id: open.session.end_user.id.clone(),
        name: open.session.end_user.words().to_owned(),
    };
    connect
        .store
        .revoke(
            &connection,
            RevokeReason::Asked,
            "Disconnected by the end user.",
            actor,
            offered,
        )
        .await?;
    Ok(see_other(&format!("{}/accounts", open.host.path)))
}

/// The address of "Disconnect", typed or reloaded.
pub(super) async fn again(Path((token, _)): Path<(String, String)>) -> Response {
    see_other(&format!("{}/accounts", Connect::path(&token)))
}

impl Connect {
    /// Connections of the session's owner in its application that are not revoked.
    async fn connections_of(&self, open: &Open) -> Result<Vec<Connection>, Stopped> {
        let mut found = Vec::new();
        for provider in self.store.providers(&open.application.id).await? {
            found.extend(
                self.store
                    .connections_of_owner(&provider.id, &open.session.owner)
                    .await?,
            );
        }
        Ok(found)
    }
}
