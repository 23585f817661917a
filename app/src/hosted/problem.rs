//! It did not work: why, what helps, and one button that goes on.
//!
//! No way of failing is a dead end. Where starting again can help, the button does it with the same
//! intent; else it leads back to the application; and where not even that is known, the page says
//! what to do.

use super::Assets;
use super::frame::{self, Card, document};
use super::words::problem::{self as words, Names};
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::{ConnectProblem, ProblemView};
use leptos::prelude::*;

/// The page for a connection that did not come about.
#[must_use]
pub fn problem(view: &ProblemView, assets: &Assets) -> String {
    let names = Names::from(view);
    let heading = names.heading(view.problem);
    let body = view! {
        <header class="connect__title">
            {drawing(view, &names)} <h1>{heading.clone()}</h1>
            <p class="quiet">{names.sentence(view.problem)}</p>
        </header>
        {provider_words(view, &names)}
        {what_helps(view, &names)}
        <div class="stack stack--tight connect__act">{way_on(view, &names)}</div>
        {message_for_admin(view, &names)}
        {support_code(view)}
    };
    let card = Card {
        title: heading,
        body: body.into_any(),
        foot: view
            .support_code
            .as_ref()
            .map(|_| names.about_the_code())
            .into_iter()
            .collect(),
    };
    document(card, view.host.as_ref(), assets)
}

/// The broken wire, where we know what lies at its two ends.
fn drawing(view: &ProblemView, names: &Names) -> impl IntoView + use<> {
    let ends = view.host.as_ref().zip(view.provider.as_ref());
    let label = names.wire();
    ends.map(|(host, provider)| {
        view! {
            <Wire
                lamp=Lamp::Reconnect
                from=Mark::application(&host.application).huge()
                to=Mark::provider(provider).huge()
                label
            />
        }
    })
}

/// The provider's own words, as a quotation and nothing more (R10).
fn provider_words(view: &ProblemView, names: &Names) -> impl IntoView + use<> {
    let heading = names.provider_said();
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

fn what_helps(view: &ProblemView, names: &Names) -> impl IntoView + use<> {
    let steps = names.steps(view.problem);
    view! {
        <section class="stack" aria-labelledby="do">
            <h2 id="do">{words::WHAT_HELPS}</h2>
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
        ConnectProblem::UnknownLink | ConnectProblem::LinkExpired | ConnectProblem::LinkUsed
    )
}

/// The one way on.
fn way_on(view: &ProblemView, names: &Names) -> AnyView {
    let host = view.host.as_ref();
    let retry = view.retry.clone().filter(|_| !link_is_dead(view.problem));
    if let Some((host, provider)) = host.zip(retry) {
        return view! {
            <form method="post" action=format!("{}/start", host.path)>
                <input type="hidden" name="provider" value=provider />
                <button class="button button--app" type="submit">
                    {words::TRY_AGAIN}
                </button>
            </form>
        }
        .into_any();
    }
    match host.filter(|host| frame::address_back(host).is_some()) {
        Some(host) => frame::way_back(host, "button button--app"),
        None => view! { <p>{names.go_back_yourself(view.problem)}</p> }.into_any(),
    }
}

fn message_for_admin(view: &ProblemView, names: &Names) -> impl IntoView + use<> {
    let helps = matches!(
        view.problem,
        ConnectProblem::NotAllowedToApprove | ConnectProblem::Denied
    ) && view.who_may_approve.is_some();
    let message = names.message_for_admin();
    helps.then(|| {
        view! {
            <details class="fold">
                <summary>{words::MESSAGE_FOR_ADMIN}</summary>
                <p class="code">{message}</p>
            </details>
        }
    })
}

fn support_code(view: &ProblemView) -> impl IntoView + use<> {
    view.support_code.clone().map(|code| {
        view! {
            <p class="code connect__code">
                <span>{words::SUPPORT_CODE}</span>
                <strong>{code}</strong>
            </p>
        }
    })
}
