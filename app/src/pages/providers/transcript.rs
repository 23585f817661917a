//! What passed between us and a provider: first in words, then part by part, without its secrets.

use crate::components::notice::{Notice, Tone};
use crate::components::time::Moment;
use crate::wire::{AnswerView, ExchangeView, Part, RequestView};
use crate::words::playground;
use leptos::prelude::*;

/// Some exchanges, in order; the last one unfolded where `open`.
pub(crate) fn draw(exchanges: Vec<ExchangeView>, provider: &str, open: bool) -> AnyView {
    let last = exchanges.len().saturating_sub(1);
    exchanges
        .into_iter()
        .enumerate()
        .map(|(index, one)| exchange(one, provider, open && index == last))
        .collect_view()
        .into_any()
}

fn exchange(exchange: ExchangeView, provider: &str, open: bool) -> AnyView {
    let problem = exchange.problem.map(|problem| {
        let (what, then) = playground::problem(problem, provider);
        view! { <Notice tone=Tone::Bad><p><strong>{what}</strong>" "{then}</p></Notice> }
    });
    let read = (!exchange.read.is_empty()).then(|| {
        let facts = exchange
            .read
            .iter()
            .map(|reading| {
                let (name, value) = playground::reading(reading, provider);
                view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
            })
            .collect_view();
        view! { <dl class="facts">{facts}</dl> }
    });
    let details = exchange.request.map(|request| {
        let answer = exchange
            .answer
            .map(|answer| view! { <Answer answer=answer /> });
        view! {
            <details class="fold" open=open>
                <summary>{request.method.clone()}" "<code>{request.url.clone()}</code></summary>
                <div class="stack stack--tight">
                    <Sent request=request />
                    {answer}
                </div>
            </details>
        }
    });
    view! {
        <div class="stack stack--tight">
            <div class="row">
                <h3>{playground::aim(exchange.aim, provider)}</h3>
                <span class="quiet small"><Moment at=exchange.at /></span>
            </div>
            {problem}
            {read}
            {details}
        </div>
    }
    .into_any()
}

#[component]
fn Sent(request: RequestView) -> impl IntoView {
    let any = !request.parts.is_empty();
    view! {
        <p class="small quiet">{if any { "Sent" } else { "Sent without parameters" }}</p>
        <Parts parts=request.parts />
    }
}

#[component]
fn Answer(answer: AnswerView) -> impl IntoView {
    let what = match (answer.unreadable, answer.parts.is_empty()) {
        (true, _) => "a page or a text, no members",
        (false, true) => "empty",
        (false, false) => "with these members",
    };
    view! {
        <p class="small quiet">"Answered with status "{answer.status}", "{what}</p>
        <Parts parts=answer.parts />
    }
}

#[component]
fn Parts(parts: Vec<Part>) -> impl IntoView {
    (!parts.is_empty()).then(|| {
        let rows = parts
            .into_iter()
            .map(|part| {
                view! { <div><dt><code>{part.name}</code></dt><dd>{playground::value(&part.value)}</dd></div> }
            })
            .collect_view();
        view! { <dl class="facts">{rows}</dl> }
    })
}
