//! A value to be carried elsewhere: it can be selected without script, and copied with one press
//! with it.

use crate::islands::copy_button::CopyButton;
use leptos::prelude::*;

/// A read-only value with "Copy" beside it.
#[component]
pub(crate) fn CopyField(
    /// Id of the control.
    id: &'static str,
    label: &'static str,
    #[prop(into)] value: String,
    #[prop(optional, into)] hint: String,
) -> impl IntoView {
    let copy = view! { <CopyButton target=id.to_owned() label=label.to_owned() /> }.into_any();
    let described = super::field::described_by(id, !hint.is_empty(), false);
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <super::field::Hint id=id hint=hint />
            <div class="field__line">
                <input class="input input--mono" id=id type="text" value=value readonly=true autocomplete="off" aria-describedby=described />
                {copy}
            </div>
        </div>
    }
    .into_any()
}
