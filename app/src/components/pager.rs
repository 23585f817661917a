//! Back and forth through a list.

use leptos::prelude::*;

/// Links to the neighbouring pages; what does not exist is shown as such. Nothing when the whole
/// list is on this page.
#[component]
pub(crate) fn Pager(
    /// What stands on this page.
    #[prop(into)]
    words: String,
    previous: Option<String>,
    next: Option<String>,
) -> impl IntoView {
    (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                <p>{words}</p>
                <div class="row">
                    <Turn address=previous words="Back" rel="prev" />
                    <Turn address=next words="Next" rel="next" />
                </div>
            </nav>
        }
    })
}

#[component]
fn Turn(address: Option<String>, words: &'static str, rel: &'static str) -> impl IntoView {
    match address {
        Some(address) => {
            view! { <a class="button button--small" href=address rel=rel>{words}</a> }.into_any()
        }
        None => view! {
            <span class="button button--small" role="link" aria-disabled="true">{words}</span>
        }
        .into_any(),
    }
}
