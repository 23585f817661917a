//! The end user approved, and the application's backend has to complete it: the way back to it.

use super::Assets;
use super::frame::{self, Card, document};
use super::words;
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::WaitingView;
use leptos::prelude::*;

/// The page of a flow that waits for its backend.
#[must_use]
pub fn waiting(view: &WaitingView, assets: &Assets) -> String {
    let words = words::of(view.host.language);
    let (application, provider) = (&view.host.application, &view.provider.name);
    let heading = words.waiting.heading(provider);
    let body = view! {
        <header class="connect__title">
            <Wire
                lamp=Lamp::Waiting
                from=frame::application_mark(&view.host).huge()
                to=Mark::provider(&view.provider).huge()
                label=heading.clone()
            />
            <h1>{heading.clone()}</h1>
            <p class="quiet">{words.waiting.lead(application)}</p>
        </header>
        <div class="connect__act">{frame::way_back(&view.host, "button button--app")}</div>
    };
    let card = Card {
        words,
        title: heading,
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, Some(&view.host), assets)
}
