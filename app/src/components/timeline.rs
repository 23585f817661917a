//! The history of a connection: newest first, words first, the provider's answer folded.

use super::lamp::Lamp;
use crate::wire::HistoryEntry;
use crate::words::{history, time};
use leptos::prelude::*;

/// All entries; `provider` is the name inside sentences.
#[component]
pub(crate) fn Timeline(entries: Vec<HistoryEntry>, provider: String) -> impl IntoView {
    let entries = entries
        .into_iter()
        .map(|entry| {
            let told = history::tell(&entry, &provider);
            let answer = told.answer.map(|answer| {
                view! {
                    <details class="fold">
                        <summary>{format!("What {provider} answered")}</summary>
                        <pre class="code" tabindex="0" aria-label=format!("Answer of {provider}")>{answer}</pre>
                    </details>
                }
            });
            view! {
                <li>
                    <time datetime=time::machine(entry.at) title=time::moment(entry.at)>{time::short_moment(entry.at)}</time>
                    <Lamp lamp=told.lamp />
                    <div><strong>{told.what}</strong>" "<span class="quiet">{told.aside}</span>{answer}</div>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{entries}</ol> }.into_any()
}
