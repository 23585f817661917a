//! `/connect/{token}/accounts`: what this person has connected, and how to renew or end it.

use super::Assets;
use super::frame::{self, Card, document};
use super::words::{self, TimeWords, Words};
use crate::components::lamp::Lamp;
use crate::wire::{AccountsView, ConnectedAccount, ConnectionState, Host, Millis};
use crate::words::time;
use leptos::prelude::*;

/// The page of a person's connections to one application.
#[must_use]
pub fn accounts(view: &AccountsView, assets: &Assets) -> String {
    let words = words::of(view.host.language);
    let host = &view.host;
    let body = view! {
        <header class="stack stack--tight">
            {frame::application(host)} <h1>{words.accounts.heading()}</h1>
            <p class="quiet small">{words.accounts.who(&view.for_whom)}</p>
        </header>
        {list(view)}
        {frame::way_back(host, "button button--wide")}
    };
    let card = Card {
        words,
        title: words.accounts.heading().to_owned(),
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, Some(host), assets)
}

fn list(view: &AccountsView) -> AnyView {
    let words = words::of(view.host.language);
    if view.accounts.is_empty() {
        return view! { <p>{words.accounts.empty(&view.host.application)}</p> }.into_any();
    }
    let items = view.accounts.iter().map(|account| {
        view! {
            <li class="stack stack--tight">
                {what_holds(&view.host, account)} {since_when(words, account, view.now)}
                {what_can_be_done(&view.host, account)}
            </li>
        }
    });
    view! { <ul class="accounts">{items.collect_view()}</ul> }.into_any()
}

/// The account and its state, with a sentence where the word is not enough.
fn what_holds(host: &Host, account: &ConnectedAccount) -> impl IntoView + use<> {
    let words = words::of(host.language);
    let state = account.state;
    let meaning = words
        .accounts
        .meaning(state, &host.application, &account.provider.name);
    view! {
        {frame::provider_with_state(
            &account.provider,
            account.account.as_deref(),
            Lamp::from(state),
            words.accounts.state(state),
        )}
        {meaning.map(|words| view! { <p class="small">{words}</p> })}
    }
}

fn since_when(words: Words, account: &ConnectedAccount, now: Millis) -> impl IntoView + use<> {
    let connected_at = account.connected_at;
    let day = moment(words.time, connected_at, words.time.date(connected_at));
    let last_used = match account.last_used_at {
        Some(at) => {
            let ago = moment(words.time, at, words.time.ago(at, now));
            view! { {words.accounts.last_used()} {ago} }.into_any()
        }
        None => words.accounts.never_used().into_any(),
    };
    view! { <p class="small quiet">{words.accounts.connected()} {day} {last_used}</p> }
}

/// `shown` for people, the exact instant for machines.
fn moment(words: &dyn TimeWords, at: Millis, shown: String) -> impl IntoView + use<> {
    view! { <time datetime=time::machine(at) title=words.moment(at)>{shown}</time> }
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
    let words = words::of(host.language);
    view! {
        <form method="post" action=format!("{}/start", host.path)>
            <input type="hidden" name="provider" value=account.provider_slug.clone() />
            <input type="hidden" name="connection" value=account.id.clone() />
            <button class="button button--small button--primary" type="submit">
                {words.accounts.reconnect()}
                <span class="unseen">{words.accounts.of_provider(&account.provider.name)}</span>
            </button>
        </form>
    }
}

/// Says what disconnecting does; the button that does it stands beside those words.
fn disconnect(host: &Host, account: &ConnectedAccount) -> impl IntoView + use<> {
    let words = words::of(host.language);
    let action = format!("{}/accounts/{}/disconnect", host.path, account.id);
    let provider = &account.provider.name;
    view! {
        <details class="fold">
            <summary class="button button--small">
                {words.accounts.disconnect()} <span class="unseen">{words.accounts.of_provider(provider)}</span>
            </summary>
            <form class="panel panel--sunken" method="post" action=action>
                <p>{words.accounts.disconnect_means(&host.application, account)}</p>
                <p>
                    <button class="button button--small button--danger" type="submit">
                        {words.accounts.disconnect_now(provider)}
                    </button>
                </p>
            </form>
        </details>
    }
}
