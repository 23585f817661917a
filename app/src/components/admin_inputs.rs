//! What a definition asks an admin for beside credentials, such as the host of a server that the
//! organization runs itself. A choice is a group of radio buttons; where a text is accepted beside
//! the choices, the last button stands for the text field behind it.

use super::field::{Hint, Problem, described_by};
use super::form_state::FormState;
use crate::wire::{Field, InputView};
use crate::words::problem;
use leptos::prelude::*;

/// All of them, in the order of the definition. Nothing when it asks for none.
#[component]
pub(crate) fn AdminInputs(inputs: Vec<InputView>, form: FormState) -> impl IntoView {
    (0_u8..)
        .zip(inputs)
        .map(|(place, input)| {
            let field = Field::Input(place);
            if input.choices.is_empty() {
                view! { <Text field=field input=input form=form.clone() /> }.into_any()
            } else {
                view! { <Choices field=field input=input form=form.clone() /> }.into_any()
            }
        })
        .collect_view()
}

fn name_of(input: &str) -> String {
    format!("inputs[{input}]")
}

#[component]
fn Text(field: Field, input: InputView, form: FormState) -> impl IntoView {
    let id = problem::control(field);
    let name = name_of(&input.name);
    let wrong = form.problem(field);
    let described = described_by(id, !input.hint.is_empty(), wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    let value = form.value(&name, &input.value);
    view! {
        <div class="field">
            <label class="field__label" for=id>{input.label}</label>
            <Hint id=id hint=input.hint />
            <input class="input input--mono" id=id name=name type="text" value=value required autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=invalid aria-describedby=described />
            <Problem id=id wrong=wrong />
        </div>
    }
    .into_any()
}

#[component]
fn Choices(field: Field, input: InputView, form: FormState) -> impl IntoView {
    let id = problem::control(field);
    let name = name_of(&input.name);
    let wrong = form.problem(field);
    let described = described_by(id, !input.hint.is_empty(), wrong.is_some());
    let listed = |value: &str| input.choices.iter().any(|(choice, _)| choice == value);
    let typed_beside = !input.value.is_empty() && !listed(&input.value);
    let saved = if typed_beside {
        InputView::OTHER
    } else {
        &input.value
    };
    let chosen = form.value(&name, saved);
    let radio = |value: String, words: String| {
        let checked = chosen == value;
        view! {
            <label class="check">
                <input type="radio" name=name.clone() value=value checked=checked required />
                <span>{words}</span>
            </label>
        }
    };
    let choices = input.choices.clone().into_iter();
    let choices = choices
        .map(|(value, words)| radio(value, words))
        .collect_view();
    let other = input.other.clone().map(|words| {
        let field_name = name_of(&input.other_name());
        let saved = if typed_beside { input.value.as_str() } else { "" };
        let value = form.value(&field_name, saved);
        let label = format!("Ends in {}", input.endings.join(" or "));
        let other_id = format!("{id}-other");
        view! {
            {radio(InputView::OTHER.to_owned(), words)}
            <label class="field__label" for=other_id.clone()>{label}</label>
            <input class="input input--mono" id=other_id name=field_name type="text" value=value autocomplete="off" autocapitalize="none" spellcheck="false" />
        }
    });
    view! {
        <fieldset class="field" id=id tabindex="-1" aria-describedby=described>
            <legend class="field__label">{input.label.clone()}</legend>
            <Hint id=id hint=input.hint.clone() />
            <div class="stack stack--tight">{choices}{other}</div>
            <Problem id=id wrong=wrong />
        </fieldset>
    }
    .into_any()
}
