//! "Copy": puts the value of an input into the clipboard.

use crate::components::icon::Icon;
use leptos::prelude::*;

/// What came of the last press.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    NotPressed,
    Copied,
    Selected,
}

/// Copies the value of the input with the id `target`. The word changes to "Copied" and is
/// announced. Where the browser has no clipboard (plain http on another host), the value is
/// selected, ready for the keyboard.
#[island]
pub fn CopyButton(target: String, label: String) -> impl IntoView {
    let outcome = RwSignal::new(Outcome::NotPressed);
    let press = move |_| copy(&target, outcome);
    let words = move || match outcome.get() {
        Outcome::Copied => "Copied",
        Outcome::NotPressed | Outcome::Selected => "Copy",
    };
    let announced = move || match outcome.get() {
        Outcome::NotPressed => "",
        Outcome::Copied => "Copied",
        Outcome::Selected => "Selected. Copy it with your keyboard.",
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
fn copy(target: &str, outcome: RwSignal<Outcome>) {
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};

    let Some(input) = document()
        .get_element_by_id(target)
        .and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return;
    };
    input.select();
    if !window().is_secure_context() {
        outcome.set(Outcome::Selected);
        return;
    }
    let copied = Closure::<dyn FnMut(JsValue)>::new(move |_| outcome.set(Outcome::Copied));
    let _ = window()
        .navigator()
        .clipboard()
        .write_text(&input.value())
        .then(&copied);
    // the browser calls it once, after this function has ended
    copied.forget();
}

#[cfg(not(feature = "hydrate"))]
fn copy(_target: &str, _outcome: RwSignal<Outcome>) {}
