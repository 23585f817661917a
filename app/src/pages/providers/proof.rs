//! The three marks at the top of a provider's page, and the button that tries again.

use crate::actions::proof::TryProvider;
use crate::components::form_state::{FormState, refusal};
use crate::components::icon::Icon;
use crate::components::notice::Refusal;
use crate::components::time::Moment;
use crate::wire::{ProofView, ProviderView, Verdict};
use crate::words::proof;
use leptos::prelude::*;

/// What the trial of a provider told, when, and "Try again" for those who may.
pub(crate) fn proofs(slug: &str, view: &ProviderView, may: bool) -> AnyView {
    let action = ServerAction::<TryProvider>::new();
    let refused = FormState::new(None, refusal(action));
    let (marks, when) = match &view.proof {
        ProofView::Untried => (
            untried("Not tried yet", "Nobody has asked yet."),
            "Not tried yet.".into_any(),
        ),
        ProofView::Trying => (
            untried("Still trying", "The answer has not come yet."),
            view! { "Still trying. Reload the page in a few seconds; what you saved stays." }
                .into_any(),
        ),
        ProofView::Tried(told) => (
            proof::marks(told, &view.definition.short_name)
                .into_iter()
                .map(|mark| {
                    draw(
                        mark.title,
                        Some(mark.verdict),
                        proof::word(mark.verdict),
                        mark.words,
                    )
                })
                .collect(),
            view! { "Tried "<Moment at=told.tried_at />"." }.into_any(),
        ),
    };
    let again = may.then(|| {
        let (slug, provider) = (slug.to_owned(), view.slug.clone());
        view! {
            <ActionForm action=action>
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="provider" value=provider />
                <button class="button button--small" type="submit">"Try again"</button>
            </ActionForm>
        }
    });
    view! {
        <section class="stack stack--tight" aria-labelledby="proofs">
            <h2 class="unseen" id="proofs">"Checks"</h2>
            <Refusal form=refused />
            <ul class="proofs">{marks}</ul>
            <div class="row">
                <p class="small quiet">{when}</p>
                {again}
            </div>
        </section>
    }
    .into_any()
}

fn untried(word: &'static str, words: &'static str) -> Vec<AnyView> {
    ["Credentials", "Redirect URI", "Reachable"]
        .into_iter()
        .map(|title| draw(title, None, word, words.to_owned()))
        .collect()
}

fn draw(
    title: &'static str,
    verdict: Option<Verdict>,
    word: &'static str,
    words: String,
) -> AnyView {
    let (class, icon) = match verdict {
        Some(Verdict::Right) => ("proof proof--right", Icon::Right),
        Some(Verdict::Wrong) => ("proof proof--wrong", Icon::Wrong),
        Some(Verdict::Unsure) => ("proof proof--unsure", Icon::Unsure),
        None => ("proof", Icon::Untried),
    };
    view! {
        <li class=class>
            <Icon icon=icon size=18 />
            <h3>{title}</h3>
            <p class="proof__word">{word}</p>
            <p>{words}</p>
        </li>
    }
    .into_any()
}
