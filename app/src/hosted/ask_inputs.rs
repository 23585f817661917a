//! What must be filled in before the provider can be reached, such as the host of one's Salesforce.
//!
//! A closed choice is a group of radio buttons. Where a text is accepted beside the choices, the
//! last button is called "another address" and a text field follows it: the button sends
//! [`InputView::OTHER`], the field is called as the input with `_other` behind it.

use super::words::Words;
use crate::components::icon::Icon;
use crate::wire::{InputView, ProviderAsk, RefusedInput};
use leptos::prelude::*;

/// The field for a client ID of the end user's own.
const CLIENT_ID: &str = "client_id";

/// All inputs of one provider, with what was typed before when it was refused.
pub(super) fn input_fields(
    words: Words,
    one: &ProviderAsk,
    refused: Option<&RefusedInput>,
) -> Vec<AnyView> {
    let draw = |input: &InputView| {
        let field = InputField::new(words, one, input, refused);
        if input.choices.is_empty() {
            text(&field).into_any()
        } else {
            choices(words, &field).into_any()
        }
    };
    one.inputs.iter().map(draw).collect()
}

/// An input with its ids, what stands in it, and what is wrong with it.
struct InputField {
    input: InputView,
    id: String,
    value: String,
    other: String,
    error: Option<String>,
}

impl InputField {
    /// The slug in the id keeps fields apart where several providers stand on a page.
    fn new(
        words: Words,
        one: &ProviderAsk,
        input: &InputView,
        refused: Option<&RefusedInput>,
    ) -> Self {
        let typed = |name: &str| {
            let values = refused
                .map(|refused| refused.values.as_slice())
                .unwrap_or_default();
            values
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.clone())
        };
        let wrong = refused.is_some_and(|refused| refused.input == input.name);
        Self {
            id: format!("{}-{}", one.slug, input.name),
            value: typed(&input.name)
                .filter(|_| !input.secret)
                .unwrap_or_else(|| input.value.clone()),
            other: typed(&input.other_name()).unwrap_or_default(),
            error: wrong.then(|| {
                if input.secret || input.name == CLIENT_ID {
                    words.ask.refused_credential(&one.short_name)
                } else if input.choices.is_empty() {
                    words.ask.refused_text(&one.short_name)
                } else {
                    words.ask.refused_choice(&one.short_name, &input.endings)
                }
            }),
            input: input.clone(),
        }
    }

    fn hint_id(&self) -> String {
        format!("{}-hint", self.id)
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.id)
    }

    /// The ids of what explains this field.
    fn described_by(&self) -> Option<String> {
        let hint = (!self.input.hint.is_empty()).then(|| self.hint_id());
        let error = self.error.is_some().then(|| self.error_id());
        let ids: Vec<String> = [hint, error].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn aria_invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    fn hint(&self) -> impl IntoView + use<> {
        let id = self.hint_id();
        let hint = self.input.hint.clone();
        (!hint.is_empty()).then(|| {
            view! {
                <p class="field__hint" id=id>
                    {hint}
                </p>
            }
        })
    }

    fn error(&self) -> impl IntoView + use<> {
        let id = self.error_id();
        self.error.clone().map(|words| {
            view! {
                <p class="field__error" id=id>
                    <Icon icon=Icon::Wrong />
                    <span>{words}</span>
                </p>
            }
        })
    }
}

/// A text with an example.
fn text(field: &InputField) -> impl IntoView + use<> {
    view! {
        <div class="field">
            <label class="field__label" for=field.id.clone()>
                {field.input.label.clone()}
            </label>
            {field.hint()}
            <input
                class="input"
                type=if field.input.secret { "password" } else { "text" }
                id=field.id.clone()
                name=field.input.name.clone()
                value=field.value.clone()
                required
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=field.described_by()
                aria-invalid=field.aria_invalid()
            />
            {field.error()}
        </div>
    }
}

/// A closed choice, and the text that may be given instead.
fn choices(words: Words, field: &InputField) -> impl IntoView + use<> {
    let radio = |value: &str, words: String| {
        view! {
            <label class="check choice">
                <input
                    type="radio"
                    name=field.input.name.clone()
                    value=value.to_owned()
                    checked=field.value == value
                    required
                />
                <span>{words}</span>
            </label>
        }
    };
    let listed = field
        .input
        .choices
        .iter()
        .map(|(value, words)| radio(value, words.clone()))
        .collect_view();
    let endings = field.input.endings.clone();
    let other = (!endings.is_empty()).then(|| {
        let id = format!("{}-other", field.id);
        view! {
            {radio(InputView::OTHER, field.input.other.clone().unwrap_or_else(|| words.ask.other_address().to_owned()))}
            <div class="field">
                <label class="field__label" for=id.clone()>
                    {words.ask.other_address_label(&endings)}
                </label>
                <input
                    class="input"
                    type="text"
                    inputmode="url"
                    id=id
                    name=field.input.other_name()
                    value=field.other.clone()
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=field.error.is_some().then(|| field.error_id())
                    aria-invalid=field.aria_invalid()
                />
            </div>
        }
    });
    view! {
        <fieldset class="field" aria-describedby=field.described_by()>
            <legend class="field__label">{field.input.label.clone()}</legend>
            {field.hint()}
            <div class="stack stack--tight">{listed} {other}</div>
            {field.error()}
        </fieldset>
    }
}
