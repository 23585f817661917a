//! Another account came back than the one to be renewed: what becomes of it?
//!
//! The account that works goes on working while this page stands open. Each way has one button, and
//! beside it what it does.

use super::Assets;
use super::frame::{self, Card, document};
use super::words::{self, Words};
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::ChooseView;
use leptos::prelude::*;

/// The page on which a person chooses between two accounts.
#[must_use]
pub fn choose(view: &ChooseView, assets: &Assets) -> String {
    let words = words::of(view.host.language);
    let (application, provider) = (&view.host.application, &view.provider.name);
    let heading = words.choose.heading(&view.short_name);
    let lead = words
        .choose
        .lead(application, view.before.as_deref(), view.now.as_deref());
    let body = view! {
        <header class="connect__title">
            <Wire
                lamp=Lamp::Degraded
                from=frame::application_mark(&view.host).huge()
                to=Mark::provider(&view.provider).huge()
                label=words.done.wire(application, provider)
            />
            <h1>{heading.clone()}</h1>
            <p class="quiet">{lead}</p>
        </header>
        {frame::for_whom(words, &view.for_whom)}
        {view.grants.map(|grants| frame::few_grants(words, &view.short_name, grants))}
        {choices(view, words)}
        {frame::support_code(words, &view.support_code)}
    };
    let card = Card {
        words,
        title: heading,
        body: body.into_any(),
        foot: vec![words.choose.time_left(view.minutes_left)],
    };
    document(card, Some(&view.host), assets)
}

fn choices(view: &ChooseView, words: Words) -> impl IntoView + use<> {
    let (application, words) = (&view.host.application, words.choose);
    let both = if view.known {
        words.both_known()
    } else {
        words.both_means()
    };
    let same = (
        "same",
        words.same(),
        words.same_means(&view.short_name),
        "button button--app",
    );
    let replace = (!view.known).then(|| {
        let means = words.replace_means(application);
        ("replace", words.replace(), means, "button button--wide")
    });
    let both = ("both", words.both(), both.to_owned(), "button button--wide");
    let items = std::iter::once(same).chain(replace).chain([both]);
    let items = items.map(|(choice, button, means, class)| {
        let id = format!("means-{choice}");
        view! {
            <li class="stack stack--tight">
                <button class=class type="submit" name="choice" value=choice aria-describedby=id.clone()>
                    {button}
                </button>
                <p class="small quiet" id=id>
                    {means}
                </p>
            </li>
        }
    });
    view! {
        <form class="stack" method="post" action=view.action.clone()>
            <h2>{words.question(application)}</h2>
            <ul class="accounts">{items.collect_view()}</ul>
        </form>
    }
}
