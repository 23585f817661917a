//! It did not work: why, what helps, and one button that goes on.
//!
//! No way of failing is a dead end. Where starting again can help, the button does it with the same
//! intent; else it leads back to the application; and where not even that is known, the page says
//! what to do.

use super::Assets;
use super::frame::{self, Card, document};
use super::opener;
use super::words::{self, Names, Step, Told, Words};
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::{ConnectProblem, ProblemView};
use leptos::prelude::*;

/// The page for a connection that did not come about.
#[must_use]
pub fn problem(view: &ProblemView, assets: &Assets) -> String {
    let words = words::of(view.language);
    let told = words.problem.told(Names::from(view), view.problem);
    let body = view! {
        <header class="connect__title">
            {drawing(view, &told)} <h1>{told.heading.clone()}</h1>
            <p class="quiet">{told.sentence.clone()}</p>
        </header>
        {provider_words(view, &told)}
        {what_helps(words, told.steps)}
        <div class="stack stack--tight connect__act">
            {way_on(view, words, &told.go_back_yourself)}
        </div>
        {message_for_admin(view, words, told.message_for_admin)}
        {view.support_code.as_deref().map(|code| frame::support_code(words, code))}
        {opener::tell_problem(view)}
    };
    let card = Card {
        words,
        title: told.heading,
        body: body.into_any(),
        foot: view
            .support_code
            .as_ref()
            .map(|_| told.about_the_code)
            .into_iter()
            .collect(),
    };
    document(card, view.host.as_ref(), assets)
}

/// The broken wire, where we know what lies at its two ends.
fn drawing(view: &ProblemView, told: &Told) -> impl IntoView + use<> {
    let ends = view.host.as_ref().zip(view.provider.as_ref());
    let label = told.wire.clone();
    ends.map(|(host, provider)| {
        view! {
            <Wire
                lamp=Lamp::Reconnect
                from=frame::application_mark(host).huge()
                to=Mark::provider(provider).huge()
                label
            />
        }
    })
}

/// The provider's own words, as a quotation and nothing more (R10).
fn provider_words(view: &ProblemView, told: &Told) -> impl IntoView + use<> {
    let heading = told.provider_said.clone();
    view.provider_words.clone().map(|said| {
        view! {
            <section class="stack stack--tight" aria-labelledby="said">
                <h2 id="said">{heading}</h2>
                <p class="code">
                    <q>{said}</q>
                </p>
            </section>
        }
    })
}

fn what_helps(words: Words, steps: Vec<Step>) -> impl IntoView + use<> {
    view! {
        <section class="stack" aria-labelledby="do">
            <h2 id="do">{words.problem.what_helps()}</h2>
            <ol class="guide">
                {steps
                    .into_iter()
                    .map(|step| {
                        view! {
                            <li>
                                <h3>{step.title}</h3>
                                <p>{step.text}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </section>
    }
}

/// A link that is dead cannot start anything again, whoever asks for it.
fn link_is_dead(problem: ConnectProblem) -> bool {
    matches!(
        problem,
        ConnectProblem::UnknownLink
            | ConnectProblem::LinkExpired
            | ConnectProblem::LinkUsed
            | ConnectProblem::LinkStopped
    )
}

/// The one way on.
fn way_on(view: &ProblemView, words: Words, go_back_yourself: &str) -> AnyView {
    let host = view.host.as_ref();
    let retry = view.retry.clone().filter(|_| !link_is_dead(view.problem));
    if let Some((host, provider)) = host.zip(retry) {
        let renews = view.renews.clone();
        return view! {
            <form method="post" action=format!("{}/start", host.path)>
                <input type="hidden" name="provider" value=provider />
                {renews.map(|connection| {
                    view! { <input type="hidden" name="connection" value=connection /> }
                })}
                {opener::field(host)}
                <button class="button button--app" type="submit">
                    {words.problem.try_again()}
                </button>
            </form>
        }
        .into_any();
    }
    match host.filter(|host| frame::address_back(host).is_some()) {
        Some(host) => frame::way_back(host, "button button--app"),
        None => view! { <p>{go_back_yourself.to_owned()}</p> }.into_any(),
    }
}

fn message_for_admin(view: &ProblemView, words: Words, message: String) -> impl IntoView + use<> {
    let helps = matches!(
        view.problem,
        ConnectProblem::NotAllowedToApprove | ConnectProblem::Denied
    ) && view.who_may_approve.is_some();
    helps.then(|| {
        view! {
            <details class="fold">
                <summary>{words.problem.message_heading()}</summary>
                <p class="code">{message}</p>
            </details>
        }
    })
}
