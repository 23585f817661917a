//! Providers that refuse our credentials: one notice, however many connections wait.

use super::notice::{Notice, Tone};
use crate::address;
use crate::wire::RefusedProvider;
use crate::words::finding;
use leptos::prelude::*;

/// The notice, with the way to each provider's page for whoever may change it. Nothing where all is well.
#[component]
pub(crate) fn Refused(
    slug: String,
    refused: Vec<RefusedProvider>,
    may_configure: bool,
) -> impl IntoView {
    if refused.is_empty() {
        return ().into_any();
    }
    let sentences = refused
        .into_iter()
        .map(|provider| {
            let words = finding::refused(&provider);
            let way = if may_configure {
                let page = address::provider(&slug, &provider.slug);
                view! { <a href=page>{format!("Open {}", provider.short_name)}</a> }.into_any()
            } else {
                view! { "An admin has to act." }.into_any()
            };
            view! { <p><strong>{words}</strong>" Tokens that are still valid are handed out. "{way}</p> }
        })
        .collect_view();
    view! { <Notice tone=Tone::Bad><div class="stack stack--tight">{sentences}</div></Notice> }
        .into_any()
}
