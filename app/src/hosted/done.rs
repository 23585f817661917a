//! The connection stands: what was connected, what was allowed, and the way back.

use super::Assets;
use super::frame::{self, Card, document};
use super::words::done as words;
use crate::components::icon::Icon;
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::DoneView;
use leptos::prelude::*;

/// The page after a connection was made or renewed.
#[must_use]
pub fn done(view: &DoneView, assets: &Assets) -> String {
    let (application, provider) = (&view.host.application, &view.provider.name);
    let heading = words::heading(provider);
    let body = view! {
        <header class="connect__title">
            <Wire
                lamp=Lamp::Active
                from=Mark::application(application).huge()
                to=Mark::provider(&view.provider).huge()
                label=words::wire(application, provider)
            />
            <h1>{heading.clone()}</h1>
            <p class="quiet">{words::lead(view)}</p>
        </header>
        {missing(view)}
        <dl class="facts">
            {view.account.clone().map(|account| fact(words::ACCOUNT, account))}
            {fact(words::FOR, words::for_whom(view))}
            {fact(words::ALLOWED, words::allowed(&view.granted, view.missing.is_empty()))}
        </dl>
        {way_on(view)}
    };
    let card = Card {
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
    let scopes = view.missing.iter().map(|missing| {
        view! {
            <li class="not">
                <Icon icon=Icon::Cross />
                <span>{frame::scope(missing)}</span>
            </li>
        }
    });
    let scopes = scopes.collect_view();
    let meaning = words::missing_means(&view.host.application, &view.provider.name);
    (!view.missing.is_empty()).then(|| {
        view! {
            <section class="notice notice--warn" aria-labelledby="missing">
                <Icon icon=Icon::Warning />
                <div class="stack stack--tight">
                    <h2 id="missing">{words::MISSING}</h2>
                    <ul class="allows small">{scopes}</ul>
                    <p class="small">{meaning}</p>
                </div>
            </section>
        }
    })
}

/// What comes next: the accounts that are left, else back to the application.
fn way_on(view: &DoneView) -> impl IntoView + use<> {
    let (before, link, after) = words::SEE_LATER;
    let path = &view.host.path;
    let others = (view.left > 0).then(|| {
        view! {
            <a class="button button--app" href=path.clone()>
                {words::connect_the_others(view.left)}
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
