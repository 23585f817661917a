//! The choice of a role.

use super::field::Problem;
use super::form_state::FormState;
use crate::wire::{Field, Role};
use crate::words::{problem, role};
use leptos::prelude::*;

/// One of `roles`, with what each is for.
#[component]
pub(crate) fn RoleField(roles: Vec<Role>, chosen: Role, form: FormState) -> impl IntoView {
    let id = problem::control(Field::Role);
    let wrong = form.problem(Field::Role);
    let described = super::field::described_by(id, false, wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    let options = roles
        .into_iter()
        .map(|one| {
            let selected = form.value("role", chosen.as_str()) == one.as_str();
            view! {
                <option value=one.as_str() selected=selected>
                    {format!("{}: {}", role::name(one), role::purpose(one))}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for=id>{problem::label(Field::Role)}</label>
            <select class="input" id=id name="role" aria-invalid=invalid aria-describedby=described>
                {options}
            </select>
            <Problem id=id wrong=wrong />
        </div>
    }
    .into_any()
}
