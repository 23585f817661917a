//! What was delivered to an endpoint: the newest first, words first, payload and answers folded.

use crate::actions::webhooks::SendWebhookAgain;
use crate::components::lamp::Lamp;
use crate::wire::{AttemptRow, DeliveryRow, DeliveryState};
use crate::words::{time, webhook};
use leptos::prelude::*;

/// A page of deliveries.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "Leptos hands it over")]
pub(crate) fn Deliveries(
    slug: String,
    endpoint: String,
    deliveries: Vec<DeliveryRow>,
    /// Whether this member may send one again.
    may: bool,
    again: ServerAction<SendWebhookAgain>,
) -> impl IntoView {
    if deliveries.is_empty() {
        return view! { <p class="quiet">"Nothing was sent yet. A test event shows whether it arrives."</p> }
            .into_any();
    }
    let rows = deliveries
        .into_iter()
        .map(|delivery| {
            view! { <Delivery slug=slug.clone() endpoint=endpoint.clone() delivery=delivery may=may again=again /> }
        })
        .collect_view();
    view! { <ol class="timeline">{rows}</ol> }.into_any()
}

#[component]
fn Delivery(
    slug: String,
    endpoint: String,
    delivery: DeliveryRow,
    may: bool,
    again: ServerAction<SendWebhookAgain>,
) -> impl IntoView {
    let (lamp, word) = webhook::delivery(delivery.state);
    let last = delivery
        .attempts
        .first()
        .map(|last| webhook::attempt(last.outcome, last.status));
    let next = delivery
        .next_try_at
        .filter(|_| !delivery.attempts.is_empty())
        .map(webhook::next_try);
    let (event, named) = (delivery.event.clone(), delivery.event.clone());
    let label = format!("Payload of {event}");
    let send = may.then(|| {
        let words = match delivery.state {
            DeliveryState::Waiting => "Send now",
            DeliveryState::Delivered | DeliveryState::Failed => "Send again",
        };
        view! {
            <ActionForm action=again>
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="webhook" value=endpoint />
                <input type="hidden" name="delivery" value=delivery.id />
                <button class="button button--small" type="submit">
                    {words}
                    <span class="unseen">" "{named}</span>
                </button>
            </ActionForm>
        }
    });
    let attempts = (!delivery.attempts.is_empty()).then(|| {
        let count = delivery.attempts.len();
        let rows = delivery
            .attempts
            .into_iter()
            .map(|attempt| view! { <Attempt attempt=attempt /> })
            .collect_view();
        view! {
            <details class="fold">
                <summary>{format!("Attempts: {count}")}</summary>
                <ol class="stack stack--tight">{rows}</ol>
            </details>
        }
    });
    view! {
        <li>
            <time datetime=time::machine(delivery.at) title=time::moment(delivery.at)>{time::short_moment(delivery.at)}</time>
            <Lamp lamp=lamp />
            <div class="stack stack--tight">
                <p><strong>{word}": "<code>{delivery.kind}</code></strong>" "<span class="quiet">{last}" "{next}</span></p>
                <p class="quiet"><small><code>{event}</code></small></p>
                <details class="fold">
                    <summary>"Payload"</summary>
                    <pre class="code" tabindex="0" aria-label=label>{delivery.payload}</pre>
                </details>
                {attempts}
                {send}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Attempt(attempt: AttemptRow) -> impl IntoView {
    let label = format!("Answer to attempt {}", attempt.number);
    let answer = attempt.answer.map(|answer| {
        view! { <pre class="code" tabindex="0" aria-label=label>{answer}</pre> }
    });
    view! {
        <li>
            <p>
                <time datetime=time::machine(attempt.at)>{time::exact_moment(attempt.at)}</time>
                ", "
                {attempt.took_ms}
                " ms: "
                {webhook::attempt(attempt.outcome, attempt.status)}
            </p>
            {answer}
        </li>
    }
    .into_any()
}
