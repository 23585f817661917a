//! Fields: label, hint, control, error; in this order, tied together for screen readers.

use super::form_state::FormState;
use super::icon::Icon;
use crate::wire::Field;
use crate::words::problem;
use leptos::prelude::*;

/// What kind of text a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    #[default]
    Text,
    /// One line that is compared letter by letter: ids, scopes.
    Code,
    /// An e-mail address.
    Email,
    /// A password or a client secret. Never filled in again.
    Secret,
    /// Several lines, one entry each.
    Lines,
    /// A day, as `2026-12-31`.
    Day,
}

/// A text field. Label, id and error words follow from `field`.
#[component]
pub(crate) fn TextField(
    field: Field,
    /// Name in the form.
    name: &'static str,
    form: FormState,
    /// What is saved.
    #[prop(optional, into)]
    saved: String,
    #[prop(optional, into)] hint: String,
    /// Instead of the field's own label.
    #[prop(optional)]
    label: Option<&'static str>,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] required: bool,
    #[prop(default = "off")] autocomplete: &'static str,
) -> impl IntoView {
    let id = problem::control(field);
    let label = label.unwrap_or_else(|| problem::label(field));
    let wrong = form.problem(field);
    let described = described_by(id, !hint.is_empty(), wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    let value = match kind {
        Kind::Secret => String::new(),
        _ => form.value(name, &saved),
    };
    let class = match kind {
        Kind::Text | Kind::Email | Kind::Lines | Kind::Day => "input",
        Kind::Code | Kind::Secret => "input input--mono",
    };
    let control = if kind == Kind::Lines {
        view! {
            <textarea class=class id=id name=name rows="3" required=required autocomplete=autocomplete spellcheck="false" aria-invalid=invalid aria-describedby=described>
                {value}
            </textarea>
        }
        .into_any()
    } else {
        let kind = match kind {
            Kind::Email => "email",
            Kind::Secret => "password",
            Kind::Day => "date",
            _ => "text",
        };
        view! {
            <input class=class id=id name=name type=kind value=value required=required autocomplete=autocomplete spellcheck="false" aria-invalid=invalid aria-describedby=described />
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <Hint id=id hint=hint />
            {control}
            <Problem id=id wrong=wrong />
        </div>
    }
    .into_any()
}

/// The hint of the control `id`. Nothing when there is none.
#[component]
pub(crate) fn Hint(id: &'static str, hint: String) -> impl IntoView {
    (!hint.is_empty())
        .then(|| view! { <span class="field__hint" id=format!("{id}-hint")>{hint}</span> })
}

/// What is wrong with the control `id`, and what to do. Nothing when all is well.
#[component]
pub(crate) fn Problem(id: &'static str, wrong: Option<String>) -> impl IntoView {
    wrong.map(|wrong| {
        view! {
            <p class="field__error" id=format!("{id}-error")><Icon icon=Icon::Wrong /><span>{wrong}</span></p>
        }
    })
}

/// The ids for `aria-describedby`: the hint, the error, both, or nothing.
#[must_use]
pub fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    let ids: Vec<String> = [(hint, "hint"), (error, "error")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| format!("{id}-{what}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
