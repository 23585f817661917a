//! The set-up guide of a provider: what to do there, beside what to paste here.

use super::icon::Icon;
use super::marked::Marked;
use crate::wire::{DefinitionView, GuideStep};
use leptos::prelude::*;

/// The steps at the provider, and what else to know.
#[component]
pub(crate) fn Guide(definition: DefinitionView) -> impl IntoView {
    let notes = (!definition.good_to_know.is_empty()).then(|| {
        let notes = definition.good_to_know.join(" ");
        view! {
            <div class="notice">
                <Icon icon=Icon::Info />
                <p class="small"><strong>"Good to know."</strong>" "<Marked text=notes /></p>
            </div>
        }
    });
    view! {
        <aside class="stack stays" aria-labelledby="guide">
            <h2 id="guide">"At "{definition.short_name}</h2>
            <ol class="guide">
                {definition.steps.into_iter().map(|step| view! { <Step step=step /> }).collect_view()}
            </ol>
            {notes}
        </aside>
    }
    .into_any()
}

#[component]
fn Step(step: GuideStep) -> impl IntoView {
    let link = step.link.map(|link| {
        let words = link
            .trim_start_matches("https://")
            .trim_end_matches('/')
            .to_owned();
        view! {
            <p>
                <a href=link target="_blank" rel="noreferrer">
                    {words}
                    <span class="unseen">" (opens in a new tab)"</span>
                </a>
            </p>
        }
    });
    view! {
        <li>
            <h3>{step.title}</h3>
            <p><Marked text=step.text /></p>
            {link}
        </li>
    }
    .into_any()
}
