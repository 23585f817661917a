//! `/connect/{token}/accounts`: what this person has connected, and how to renew or end it.

use super::Assets;
use super::frame::{self, Card, document};
use super::words::accounts as words;
use crate::components::lamp::Lamp;
use crate::components::time::{Day, Moment};
use crate::wire::{AccountsView, ConnectedAccount, ConnectionState, Host, Millis};
use leptos::prelude::*;

/// The page of a person's connections to one application.
#[must_use]
pub fn accounts(view: &AccountsView, assets: &Assets) -> String {
    let host = &view.host;
    let body = view! {
        <header class="stack stack--tight">
            {frame::application(host)} <h1>{words::HEADING}</h1>
            <p class="quiet small">{words::who(&view.for_whom)}</p>
        </header>
        {list(view)}
        {frame::way_back(host, "button button--wide")}
    };
    let card = Card {
        title: words::HEADING.to_owned(),
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, Some(host), assets)
}

fn list(view: &AccountsView) -> AnyView {
    if view.accounts.is_empty() {
        return view! { <p>{words::empty(&view.host.application)}</p> }.into_any();
    }
    let items = view.accounts.iter().map(|account| {
        view! {
            <li class="stack stack--tight">
                {what_holds(&view.host, account)} {since_when(account, view.now)}
                {what_can_be_done(&view.host, account)}
            </li>
        }
    });
    view! { <ul class="accounts">{items.collect_view()}</ul> }.into_any()
}

/// The account and its state, with a sentence where the word is not enough.
fn what_holds(host: &Host, account: &ConnectedAccount) -> impl IntoView + use<> {
    let state = account.state;
    let meaning = words::meaning(state, &host.application, &account.provider.name);
    view! {
        {frame::provider_with_state(
            &account.provider,
            account.account.as_deref(),
            Lamp::from(state),
            words::state(state),
        )}
        {meaning.map(|words| view! { <p class="small">{words}</p> })}
    }
}

fn since_when(account: &ConnectedAccount, now: Millis) -> impl IntoView + use<> {
    let last_used = match account.last_used_at {
        Some(at) => view! { {words::LAST_USED} <Moment at now /> }.into_any(),
        None => words::NEVER_USED.into_any(),
    };
    view! {
        <p class="small quiet">
            {words::CONNECTED} <Day at=account.connected_at /> {last_used}
        </p>
    }
}

fn what_can_be_done(host: &Host, account: &ConnectedAccount) -> impl IntoView + use<> {
    let offers_reconnect = account.state == ConnectionState::ReconnectRequired;
    let offers_disconnect = account.state != ConnectionState::Revoked;
    let reconnect = offers_reconnect.then(|| reconnect(host, account));
    let disconnect = offers_disconnect.then(|| disconnect(host, account));
    offers_disconnect.then(|| view! { <div class="row">{reconnect} {disconnect}</div> })
}

/// Starts the flow again for this very connection (R22).
fn reconnect(host: &Host, account: &ConnectedAccount) -> impl IntoView + use<> {
    view! {
        <form method="post" action=format!("{}/start", host.path)>
            <input type="hidden" name="provider" value=account.provider_slug.clone() />
            <input type="hidden" name="connection" value=account.id.clone() />
            <button class="button button--small button--primary" type="submit">
                {words::RECONNECT}
                <span class="unseen">{words::of_provider(&account.provider.name)}</span>
            </button>
        </form>
    }
}

/// Says what disconnecting does; the button that does it stands beside those words.
fn disconnect(host: &Host, account: &ConnectedAccount) -> impl IntoView + use<> {
    let action = format!("{}/accounts/{}/disconnect", host.path, account.id);
    let provider = &account.provider.name;
    view! {
        <details class="fold">
            <summary class="button button--small">
                {words::DISCONNECT} <span class="unseen">{words::of_provider(provider)}</span>
            </summary>
            <form class="panel panel--sunken" method="post" action=action>
                <p>{words::disconnect_means(&host.application, account)}</p>
                <p>
                    <button class="button button--small button--danger" type="submit">
                        {words::disconnect(provider)}
                    </button>
                </p>
            </form>
        </details>
    }
}
