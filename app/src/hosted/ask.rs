//! `/connect/{token}`: the application asks, the person decides.
//!
//! This page is the confirmation that the connect flow rests on (R2): it names who asks, for what
//! and for whom before there is anything to press, and only its POST starts the flow. One provider
//! is asked in full; several are listed, each with its own button.

use super::Assets;
use super::ask_inputs::input_fields;
use super::frame::{self, Card, document};
use super::words::ask::{self as words, Asked};
use crate::components::icon::Icon;
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::{AskView, ForWhom, Host, ProviderAsk, ScopeWords};
use leptos::prelude::*;

/// The page that asks for what is still to be connected.
#[must_use]
pub fn ask(view: &AskView, assets: &Assets) -> String {
    let card = match view.asks.as_slice() {
        [] => nothing_left(view),
        [one] => asks_for_one(view, one),
        several => asks_for_several(view, several),
    };
    document(card, Some(&view.host), assets)
}

fn asks_for_one(view: &AskView, one: &ProviderAsk) -> Card {
    let asked = asked(view);
    let host = &view.host;
    let (application, provider) = (&host.application, &one.mark.name);
    let body = view! {
        <header class="connect__title">
            <Wire
                lamp=if asked.reconnect { Lamp::Reconnect } else { Lamp::Waiting }
                from=Mark::application(application).huge()
                to=Mark::provider(&one.mark).huge()
                label=words::wire(asked, application, provider)
            />
            <h1>{words::heading(asked, application, provider)}</h1>
            <p class="quiet small">{words::made_by(application, &host.organization)}</p>
        </header>
        {frame::for_whom(&view.for_whom)}
        {may_and_may_not(one, application)}
        {needs(one)}
        {team_advice(view)}
        {start(view, one, "button button--app")}
        {stop(host, &view.for_whom)}
        {connected_already(view)}
    };
    Card {
        title: title(view, words::title(asked, application, provider)),
        body: body.into_any(),
        foot: vec![words::time_left(view.minutes_left)],
    }
}

fn asks_for_several(view: &AskView, several: &[ProviderAsk]) -> Card {
    let host = &view.host;
    let application = &host.application;
    let items = several.iter().map(|one| {
        view! {
            <li class="stack">
                {frame::provider(&one.mark, None)} {needs(one)}
                <details class="fold">
                    <summary>{words::details(application)}</summary>
                    <div class="stack">{may_and_may_not(one, application)}</div>
                </details>
                {start(view, one, "button button--wide")}
            </li>
        }
    });
    let body = view! {
        <header class="stack stack--tight">
            {frame::application(host)}
            <h1>{words::heading_several(asked(view), application, several.len())}</h1>
            <p class="quiet small">{words::LEAD_SEVERAL}</p>
        </header>
        {frame::for_whom(&view.for_whom)}
        {team_advice(view)}
        <ul class="accounts">{items.collect_view()}</ul>
        {connected_already(view)}
        {stop(host, &view.for_whom)}
    };
    Card {
        title: title(view, words::title_several(application)),
        body: body.into_any(),
        foot: vec![words::time_left(view.minutes_left)],
    }
}

fn nothing_left(view: &AskView) -> Card {
    let host = &view.host;
    let body = view! {
        <header class="stack stack--tight">
            {frame::application(host)} <h1>{words::HEADING_NOTHING_LEFT}</h1>
            <p class="quiet">{words::lead_nothing_left(&host.application)}</p>
        </header>
        {connected_already(view)}
        <div class="connect__act">{frame::way_back(host, "button button--app")}</div>
    };
    Card {
        title: words::HEADING_NOTHING_LEFT.to_owned(),
        body: body.into_any(),
        foot: Vec::new(),
    }
}

fn asked(view: &AskView) -> Asked {
    Asked {
        reconnect: view.reconnect,
        team: view.for_whom.team.is_some(),
    }
}

/// A refused form says so first, before anything else is read out.
fn title(view: &AskView, title: String) -> String {
    if view.refused.is_some() {
        words::title_refused(&title)
    } else {
        title
    }
}

/// Both lists: what the application may do at this provider, and what it may not.
fn may_and_may_not(one: &ProviderAsk, application: &str) -> impl IntoView + use<> {
    let (may_id, may_not_id) = (format!("{}-may", one.slug), format!("{}-may-not", one.slug));
    let may = if one.may.is_empty() {
        frame::allowed(&[ScopeWords {
            name: String::new(),
            words: words::may_unlisted(&one.short_name),
        }])
    } else {
        frame::allowed(&one.may)
    };
    let may_not = one
        .may_not
        .clone()
        .unwrap_or_else(|| words::MAY_NEVER.to_owned());
    view! {
        <section class="stack" aria-labelledby=may_id>
            <h2 id=may_id.clone()>{words::may(application)}</h2>
            {may}
        </section>
        <section class="stack" aria-labelledby=may_not_id>
            <h2 id=may_not_id.clone()>{words::MAY_NOT}</h2>
            <ul class="allows">
                <li class="not">
                    <Icon icon=Icon::Cross />
                    <span>{may_not}</span>
                </li>
            </ul>
        </section>
    }
}

/// What the person needs at the provider, before it is missed there.
fn needs(one: &ProviderAsk) -> impl IntoView + use<> {
    let id = format!("{}-needs", one.slug);
    let heading = words::needs(&one.short_name);
    one.needs.clone().map(|needs| {
        view! {
            <section class="notice" aria-labelledby=id>
                <Icon icon=Icon::Info />
                <div>
                    <h2 id=id.clone()>{heading}</h2>
                    <p class="small">{needs}</p>
                </div>
            </section>
        }
    })
}

/// For a team connection: whose account everyone will be working as.
fn team_advice(view: &AskView) -> impl IntoView + use<> {
    let team = view.for_whom.team.as_ref();
    let advice = team.map(|team| words::team_advice(&view.host.application, team));
    advice.map(|advice| {
        view! {
            <section class="notice" aria-labelledby="team">
                <Icon icon=Icon::People />
                <div>
                    <h2 id="team">{words::TEAM_HEADING}</h2>
                    <p class="small">{advice}</p>
                </div>
            </section>
        }
    })
}

/// The form that starts the flow at one provider.
fn start(view: &AskView, one: &ProviderAsk, class: &'static str) -> impl IntoView + use<> {
    let refused = view
        .refused
        .as_ref()
        .filter(|refused| refused.provider == one.slug);
    view! {
        <form class="stack" method="post" action=format!("{}/start", view.host.path)>
            <input type="hidden" name="provider" value=one.slug.clone() />
            {input_fields(one, refused)}
            <div class="stack stack--tight connect__act">
                <button class=class type="submit">
                    {words::button(asked(view), &one.mark.name)}
                </button>
                <p>{words::next(&one.sign_in_host)}</p>
            </div>
        </form>
    }
}

/// For whoever was sent a link that is not theirs: ends the session without connecting anything.
fn stop(host: &Host, for_whom: &ForWhom) -> impl IntoView + use<> {
    view! {
        <form
            class="stack stack--tight connect__act"
            method="post"
            action=format!("{}/stop", host.path)
        >
            <p>{words::not_you(for_whom)}</p>
            <p>
                <button class="button button--small" type="submit">
                    {words::STOP}
                </button>
            </p>
        </form>
    }
}

/// The providers of this session that need nothing more.
fn connected_already(view: &AskView) -> impl IntoView + use<> {
    let items = view
        .connected
        .iter()
        .map(|mark| {
            let row = frame::provider_with_state(mark, None, Lamp::Active, words::CONNECTED);
            view! { <li>{row}</li> }
        })
        .collect_view();
    let accounts = format!("{}/accounts", view.host.path);
    (!view.connected.is_empty()).then(|| {
        view! {
            <section class="stack stack--tight" aria-labelledby="connected">
                <h2 id="connected">{words::CONNECTED_ALREADY}</h2>
                <ul class="accounts">{items}</ul>
                <p class="small">
                    <a href=accounts>{words::MY_ACCOUNTS}</a>
                </p>
            </section>
        }
    })
}
