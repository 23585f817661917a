//! "Copy": puts the value of an input into the clipboard.

#![expect(missing_docs, reason = "the island macro writes a struct without any")]

use crate::components::icon::Icon;
use leptos::prelude::*;

/// Copies the value of the input with the id `target`. The word changes to "Copied" and is
/// announced. Where the browser has no clipboard (plain http on another host), the value is
/// selected, ready for the keyboard.
#[island]
pub fn CopyButton(
    /// Id of the input.
    target: String,
    /// What is copied, for those who do not see the input beside it.
    label: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let selected = RwSignal::new(false);
    let press = move |_| copy(&target, copied, selected);
    let words = move || if copied.get() { "Copied" } else { "Copy" };
    let announced = move || match (copied.get(), selected.get()) {
        (true, _) => "Copied",
        (false, true) => "Selected. Copy it with your keyboard.",
        (false, false) => "",
    };
    view! {
        <button class="button" type="button" on:click=press>
            <Icon icon=Icon::Copy />
            <span>{words}<span class="unseen">" "{label}</span></span>
        </button>
        <span class="unseen" role="status">{announced}</span>
    }
}

#[cfg(feature = "hydrate")]
fn copy(target: &str, copied: RwSignal<bool>, selected: RwSignal<bool>) {
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};

    let Some(input) = document()
        .get_element_by_id(target)
        .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return;
    };
    input.select();
    if !window().is_secure_context() {
        selected.set(true);
        return;
    }
    let done = Closure::<dyn FnMut(JsValue)>::new(move |_| copied.set(true));
    let _ = window()
        .navigator()
        .clipboard()
        .write_text(&input.value())
        .then(&done);
    // the browser calls it once, after this function has ended
    done.forget();
}

#[cfg(not(feature = "hydrate"))]
fn copy(_target: &str, _copied: RwSignal<bool>, _selected: RwSignal<bool>) {}
