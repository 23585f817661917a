//! `/connect/{token}`: the application asks, the person decides.
//!
//! This page is the confirmation that the connect flow rests on (R2): it names who asks, for what
//! and for whom before there is anything to press, and only its POST starts the flow. One provider
//! is asked in full; several are listed, each with its own button.

use super::Assets;
use super::ask_inputs::input_fields;
use super::frame::{self, Card, document};
use super::opener;
use super::words::{self, Asked, Words};
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
    let words = words::of(view.host.language);
    let asked = asked(view);
    let host = &view.host;
    let (application, provider) = (&host.application, &one.mark.name);
    let body = view! {
        <header class="connect__title">
            <Wire
                lamp=if asked.reconnect { Lamp::Reconnect } else { Lamp::Waiting }
                from=frame::application_mark(host).huge()
                to=Mark::provider(&one.mark).huge()
                label=words.ask.wire(asked, application, provider)
            />
            <h1>{words.ask.heading(asked, application, provider)}</h1>
            <p class="quiet small">{words.ask.made_by(application, &host.organization)}</p>
        </header>
        {frame::for_whom(words, &view.for_whom)}
        {may_and_may_not(words, one, application)}
        {needs(words, one)}
        {few_grants(words, one)}
        {team_advice(view)}
        {start(view, one, "button button--app")}
        {stop(host, &view.for_whom)}
        {connected_already(view)}
    };
    Card {
        words,
        title: title(view, words.ask.title(asked, application, provider)),
        body: body.into_any(),
        foot: vec![words.ask.time_left(view.minutes_left)],
    }
}

fn asks_for_several(view: &AskView, several: &[ProviderAsk]) -> Card {
    let words = words::of(view.host.language);
    let host = &view.host;
    let application = &host.application;
    let items = several.iter().map(|one| {
        view! {
            <li class="stack">
                {frame::provider(&one.mark, None)} {needs(words, one)} {few_grants(words, one)}
                <details class="fold">
                    <summary>{words.ask.details(application)}</summary>
                    <div class="stack">{may_and_may_not(words, one, application)}</div>
                </details>
                {start(view, one, "button button--wide")}
            </li>
        }
    });
    let body = view! {
        <header class="stack stack--tight">
            {frame::application(host)}
            <h1>{words.ask.heading_several(asked(view), application, several.len())}</h1>
            <p class="quiet small">{words.ask.lead_several()}</p>
        </header>
        {frame::for_whom(words, &view.for_whom)}
        {team_advice(view)}
        <ul class="accounts">{items.collect_view()}</ul>
        {connected_already(view)}
        {stop(host, &view.for_whom)}
    };
    Card {
        words,
        title: title(view, words.ask.title_several(application)),
        body: body.into_any(),
        foot: vec![words.ask.time_left(view.minutes_left)],
    }
}

fn nothing_left(view: &AskView) -> Card {
    let words = words::of(view.host.language);
    let host = &view.host;
    let body = view! {
        <header class="stack stack--tight">
            {frame::application(host)} <h1>{words.ask.heading_nothing_left()}</h1>
            <p class="quiet">{words.ask.lead_nothing_left(&host.application)}</p>
        </header>
        {connected_already(view)}
        <div class="connect__act">{frame::way_back(host, "button button--app")}</div>
    };
    Card {
        words,
        title: words.ask.heading_nothing_left().to_owned(),
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
    let words = words::of(view.host.language);
    if view.refused.is_some() {
        words.ask.title_refused(&title)
    } else {
        title
    }
}

/// Both lists: what the application may do at this provider, and what it may not.
fn may_and_may_not(words: Words, one: &ProviderAsk, application: &str) -> impl IntoView + use<> {
    let (may_id, may_not_id) = (format!("{}-may", one.slug), format!("{}-may-not", one.slug));
    let may = if one.may.is_empty() {
        frame::allowed(&[ScopeWords {
            name: String::new(),
            words: words.ask.may_unlisted(&one.short_name),
        }])
    } else {
        frame::allowed(&one.may)
    };
    let may_not = one
        .may_not
        .clone()
        .unwrap_or_else(|| words.ask.may_never().to_owned());
    view! {
        <section class="stack" aria-labelledby=may_id>
            <h2 id=may_id.clone()>{words.ask.may(application)}</h2>
            {may}
        </section>
        <section class="stack" aria-labelledby=may_not_id>
            <h2 id=may_not_id.clone()>{words.ask.may_not()}</h2>
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
fn needs(words: Words, one: &ProviderAsk) -> impl IntoView + use<> {
    let id = format!("{}-needs", one.slug);
    let heading = words.ask.needs(&one.short_name);
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

fn few_grants(words: Words, one: &ProviderAsk) -> impl IntoView + use<> {
    let grants = one.grants;
    grants.map(|grants| frame::few_grants(words, &one.short_name, grants))
}

/// For a team connection: whose account everyone will be working as.
fn team_advice(view: &AskView) -> impl IntoView + use<> {
    let words = words::of(view.host.language);
    let team = view.for_whom.team.as_ref();
    let advice = team.map(|team| words.ask.team_advice(&view.host.application, team));
    advice.map(|advice| {
        view! {
            <section class="notice" aria-labelledby="team">
                <Icon icon=Icon::People />
                <div>
                    <h2 id="team">{words.ask.team_heading()}</h2>
                    <p class="small">{advice}</p>
                </div>
            </section>
        }
    })
}

/// The form that starts the flow at one provider.
fn start(view: &AskView, one: &ProviderAsk, class: &'static str) -> impl IntoView + use<> {
    let words = words::of(view.host.language);
    let refused = view
        .refused
        .as_ref()
        .filter(|refused| refused.provider == one.slug);
    view! {
        <form class="stack" method="post" action=format!("{}/start", view.host.path)>
            <input type="hidden" name="provider" value=one.slug.clone() />
            {opener::field(&view.host)}
            {input_fields(words, one, refused)}
            <div class="stack stack--tight connect__act">
                <button class=class type="submit">
                    {words.ask.button(asked(view), &one.mark.name)}
                </button>
                <p>{words.ask.next(&one.sign_in_host)}</p>
            </div>
        </form>
    }
}

/// For whoever was sent a link that is not theirs: ends the session without connecting anything.
fn stop(host: &Host, for_whom: &ForWhom) -> impl IntoView + use<> {
    let words = words::of(host.language);
    view! {
        <form
            class="stack stack--tight connect__act"
            method="post"
            action=format!("{}/stop", host.path)
        >
            <p>{words.ask.not_you(for_whom)}</p>
            <p>
                <button class="button button--small" type="submit">
                    {words.ask.stop()}
                </button>
            </p>
        </form>
    }
}

/// The providers of this session that need nothing more.
fn connected_already(view: &AskView) -> impl IntoView + use<> {
    let words = words::of(view.host.language);
    let items = view
        .connected
        .iter()
        .map(|mark| {
            let row = frame::provider_with_state(mark, None, Lamp::Active, words.ask.connected());
            view! { <li>{row}</li> }
        })
        .collect_view();
    let accounts = format!("{}/accounts", view.host.path);
    (!view.connected.is_empty()).then(|| {
        view! {
            <section class="stack stack--tight" aria-labelledby="connected">
                <h2 id="connected">{words.ask.connected_already()}</h2>
                <ul class="accounts">{items}</ul>
                <p class="small">
                    <a href=accounts>{words.ask.my_accounts()}</a>
                </p>
            </section>
        }
    })
}
