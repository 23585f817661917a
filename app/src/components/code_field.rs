//! The field for a code of the second factor: of the app, or a recovery code.

use super::field::{Hint, Problem, described_by};
use super::form_state::FormState;
use crate::wire::Field;
use crate::words::problem;
use leptos::prelude::*;

/// Never filled in again.
#[component]
pub(crate) fn CodeField(
    form: FormState,
    /// Only a code of the app counts.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let id = problem::control(Field::Code);
    let wrong = form.problem(Field::Code);
    let hint = if first {
        "The six digits that the app shows now."
    } else {
        "The six digits that your app shows, or one of your recovery codes."
    };
    let described = described_by(id, true, wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    view! {
        <div class="field">
            <label class="field__label" for=id>{problem::label(Field::Code)}</label>
            <Hint id=id hint=hint.to_owned() />
            <input class="input input--mono" id=id name="code" type="text" required=true autocomplete="one-time-code" autocapitalize="none" spellcheck="false" aria-invalid=invalid aria-describedby=described />
            <Problem id=id wrong=wrong />
        </div>
    }
    .into_any()
}
