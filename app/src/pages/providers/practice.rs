//! The practice provider, offered where there is no other yet.

use crate::actions::providers::AddPracticeProvider;
use leptos::prelude::*;

/// The button that adds it with credentials of its own.
#[component]
pub(crate) fn AddPractice(
    action: ServerAction<AddPracticeProvider>,
    application: String,
    #[prop(default = "button")] class: &'static str,
) -> impl IntoView {
    view! {
        <ActionForm action=action>
            <input type="hidden" name="application" value=application />
            <button class=class type="submit">"Add the practice provider"</button>
        </ActionForm>
    }
    .into_any()
}

/// What it is, and the button.
#[component]
pub(crate) fn OfferPractice(
    action: ServerAction<AddPracticeProvider>,
    application: String,
) -> impl IntoView {
    view! {
        <section class="panel panel--sunken" aria-labelledby="practice">
            <div class="row row--apart">
                <div class="stack stack--tight">
                    <h2 id="practice">"Want to try it without an account anywhere?"</h2>
                    <p class="quiet">"The practice provider plays all parts: it approves, denies, expires and goes down when you tell it to."</p>
                </div>
                <AddPractice action=action application=application />
            </div>
        </section>
    }
    .into_any()
}
