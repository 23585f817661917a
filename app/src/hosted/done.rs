//! The connection stands: what was connected, what was allowed, and the way back.

use super::Assets;
use super::frame::{self, Card, document};
use super::opener;
use super::words;
use crate::components::icon::Icon;
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::DoneView;
use leptos::prelude::*;

/// The page after a connection was made or renewed.
#[must_use]
pub fn done(view: &DoneView, assets: &Assets) -> String {
    let words = words::of(view.host.language);
    let (application, provider) = (&view.host.application, &view.provider.name);
    let heading = words.done.heading(provider);
    let body = view! {
        <header class="connect__title">
            <Wire
                lamp=Lamp::Active
                from=frame::application_mark(&view.host).huge()
                to=Mark::provider(&view.provider).huge()
                label=words.done.wire(application, provider)
            />
            <h1>{heading.clone()}</h1>
            <p class="quiet">{words.done.lead(view)}</p>
            {view.known.then(|| view! { <p class="quiet small">{words.done.known()}</p> })}
        </header>
        {missing(view)}
        {view.grants.map(|grants| frame::few_grants(words, provider, grants))}
        <dl class="facts">
            {view.account.clone().map(|account| fact(words.done.account(), account))}
            {fact(words.done.whose(), words.done.for_whom(view))}
            {fact(words.done.allowed_heading(), words.done.allowed(&view.granted, view.missing.is_empty()))}
        </dl>
        {way_on(view)}
        {opener::tell_done(view)}
    };
    let card = Card {
        words,
        title: heading,
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, Some(&view.host), assets)
}

fn fact(name: &'static str, value: String) -> impl IntoView + use<> {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

/// What was asked for and not granted (R19), in words.
fn missing(view: &DoneView) -> impl IntoView + use<> {
    let words = words::of(view.host.language);
    let scopes = view.missing.iter().map(|missing| {
        view! {
            <li class="not">
                <Icon icon=Icon::Cross />
                <span>{frame::scope(missing)}</span>
            </li>
        }
    });
    let scopes = scopes.collect_view();
    let meaning = words
        .done
        .missing_means(&view.host.application, &view.provider.name);
    (!view.missing.is_empty()).then(|| {
        view! {
            <section class="notice notice--warn" aria-labelledby="missing">
                <Icon icon=Icon::Warning />
                <div class="stack stack--tight">
                    <h2 id="missing">{words.done.missing()}</h2>
                    <ul class="allows small">{scopes}</ul>
                    <p class="small">{meaning}</p>
                </div>
            </section>
        }
    })
}

/// What comes next: the accounts that are left, else back to the application.
fn way_on(view: &DoneView) -> impl IntoView + use<> {
    let words = words::of(view.host.language);
    let (before, link, after) = words.done.see_later();
    let path = &view.host.path;
    let others = (view.left > 0).then(|| {
        view! {
            <a class="button button--app" href=opener::carried(&view.host)>
                {words.done.connect_the_others(view.left)}
            </a>
        }
    });
    let class = if view.left > 0 {
        "button button--wide"
    } else {
        "button button--app"
    };
    view! {
        <div class="stack stack--tight connect__act">
            {others} {frame::way_back(&view.host, class)}
            <p>{before} <a href=format!("{path}/accounts")>{link}</a> {after}</p>
        </div>
    }
}
