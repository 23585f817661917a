//! The fields of an endpoint: where, what it is, and which events.

use crate::components::field::{Kind, Problem, TextField};
use crate::components::form_state::FormState;
use crate::wire::{EVENT_PATTERNS, EventKind, Field};
use crate::words::{problem, webhook};
use leptos::prelude::*;

const BOXES: &str = "events[]";

/// All of them, with what is saved.
#[component]
pub(crate) fn EndpointFields(
    url: String,
    description: String,
    events: Vec<String>,
    form: FormState,
) -> impl IntoView {
    view! {
        <TextField
            field=Field::WebhookUrl
            name="url"
            kind=Kind::Code
            saved=url
            hint="Of your backend, with https and a public host name. Events are sent there by POST."
            required=true
            form=form.clone()
        />
        <TextField field=Field::WebhookDescription name="description" saved=description hint="For your colleagues. It can stay empty." form=form.clone() />
        <Events chosen=events form=form />
    }
    .into_any()
}

#[component]
fn Events(chosen: Vec<String>, form: FormState) -> impl IntoView {
    let id = problem::control(Field::WebhookEvents);
    let wrong = form.problem(Field::WebhookEvents);
    let described = wrong.is_some().then(|| format!("{id}-error"));
    let names = EventKind::ALL.iter().filter(|kind| kind.is_chosen());
    let boxes = EVENT_PATTERNS
        .into_iter()
        .chain(names.map(|kind| kind.as_str()))
        .map(|name| {
            let saved = chosen.iter().any(|one| one == name);
            let ticked = form.ticked(BOXES, name, saved);
            view! {
                <label class="check">
                    <input type="checkbox" name=BOXES value=name checked=ticked />
                    <span>{webhook::event(name)}</span>
                    <small><code>{name}</code></small>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" id=id tabindex="-1" aria-describedby=described>
            <legend class="field__label">{problem::label(Field::WebhookEvents)}</legend>
            <div class="scopes__grid">{boxes}</div>
            <Problem id=id wrong=wrong />
        </fieldset>
    }
    .into_any()
}
