//! A key that was just made.

use crate::components::copy_field::CopyField;
use crate::wire::NewApiKey;
use leptos::prelude::*;

/// The key, in full, for the only time.
#[component]
pub(crate) fn Made(made: NewApiKey) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="made" role="status">
            <h2 id="made">"API key “"{made.name}"” is made"</h2>
            <CopyField id="api-key" label="API key" value=made.key hint="Copy it now. It is shown once: when you leave this page, nobody can read it again." />
        </section>
    }
    .into_any()
}
