//! What a form says about a key: the same for a new one and for one that is changed.

use crate::components::field::{Hint, Kind, Problem, TextField, described_by};
use crate::components::form_state::FormState;
use crate::wire::{ApiKeySummary, Field, KeyChoices, KeyScope};
use crate::words::number::grouped;
use crate::words::{key as words, problem, time};
use leptos::prelude::*;

/// What is saved of a key, or what a new one begins with.
#[derive(Clone, Debug)]
pub struct Saved {
    pub(super) name: String,
    scopes: Vec<KeyScope>,
    providers: Vec<String>,
    ip_ranges: Vec<String>,
    last_day: String,
    rate: String,
}

impl Saved {
    /// All but webhooks is ticked, nothing is limited.
    pub(super) fn new() -> Self {
        let usual = KeyScope::ALL.into_iter();
        Self {
            name: String::new(),
            scopes: usual
                .filter(|scope| *scope != KeyScope::WebhooksManage)
                .collect(),
            providers: Vec::new(),
            ip_ranges: Vec::new(),
            last_day: String::new(),
            rate: String::new(),
        }
    }

    pub(super) fn of(key: &ApiKeySummary) -> Self {
        Self {
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            providers: key.providers.clone(),
            ip_ranges: key.ip_ranges.clone(),
            // it works to the end of that day
            last_day: key
                .expires_at
                .map(|at| time::machine_day(at - 1))
                .unwrap_or_default(),
            rate: key
                .rate_per_s
                .map(|rate| rate.to_string())
                .unwrap_or_default(),
        }
    }
}

/// Name, scopes, and what limits it.
#[component]
pub(crate) fn KeyFields(saved: Saved, choices: KeyChoices, form: FormState) -> impl IntoView {
    let usual = format!(
        "Empty: {}, as this installation says. Five seconds’ worth may come at once.",
        grouped(choices.usual_rate.into())
    );
    view! {
        <TextField field=Field::KeyName name="name" saved=saved.name hint="What uses it, such as backend. The audit names it." required=true form=form.clone() />
        <Scopes saved=saved.scopes form=form.clone() />
        <Providers saved=saved.providers choices=choices.providers form=form.clone() />
        <TextField field=Field::IpRanges name="ip_ranges" kind=Kind::Lines saved=saved.ip_ranges.join("\n") hint="From where it may be used, one address or block per line, such as 203.0.113.0/24. Empty: from everywhere." form=form.clone() />
        <TextField field=Field::Expires name="expires" kind=Kind::Day saved=saved.last_day hint="It works to the end of this day, UTC. Empty: until it is revoked." form=form.clone() />
        <TextField field=Field::Rate name="rate" saved=saved.rate hint=usual form=form />
    }
    .into_any()
}

#[component]
fn Scopes(saved: Vec<KeyScope>, form: FormState) -> impl IntoView {
    let id = problem::control(Field::KeyScopes);
    let wrong = form.problem(Field::KeyScopes);
    let described = described_by(id, false, wrong.is_some());
    let boxes = KeyScope::ALL
        .map(|scope| {
            let name = scope.as_str();
            let checked = form.ticked("scopes[]", name, saved.contains(&scope));
            view! {
                <label class="check">
                    <input type="checkbox" name="scopes[]" value=name checked=checked />
                    <span>{words::scope(scope)}</span>
                    <small><code>{name}</code></small>
                </label>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <fieldset class="field" id=id tabindex="-1" aria-describedby=described>
            <legend class="field__label">{problem::label(Field::KeyScopes)}</legend>
            <div class="stack stack--tight">{boxes}</div>
            <Problem id=id wrong=wrong />
        </fieldset>
    }
    .into_any()
}

#[component]
fn Providers(saved: Vec<String>, choices: Vec<(String, String)>, form: FormState) -> impl IntoView {
    let id = problem::control(Field::KeyProviders);
    let wrong = form.problem(Field::KeyProviders);
    let described = described_by(id, true, wrong.is_some());
    let limited = !saved.is_empty();
    let all = form.ticked("sees", "all", !limited);
    let these = form.ticked("sees", "these", limited);
    let boxes = choices
        .into_iter()
        .map(|(slug, name)| {
            let checked = form.ticked("providers[]", &slug, saved.contains(&slug));
            view! {
                <label class="check">
                    <input type="checkbox" name="providers[]" value=slug.clone() checked=checked />
                    <span>{name}</span>
                    <small><code>{slug}</code></small>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" id=id tabindex="-1" aria-describedby=described>
            <legend class="field__label">{problem::label(Field::KeyProviders)}</legend>
            <Hint id=id hint="What a key does not see answers as if it were not there.".to_owned() />
            <div class="stack stack--tight">
                <label class="check choice">
                    <input type="radio" name="sees" value="all" checked=all />
                    <span>"All, those to come included"</span>
                </label>
                <label class="check choice">
                    <input type="radio" name="sees" value="these" checked=these />
                    <span>"Only those that are ticked here"</span>
                </label>
                {boxes}
            </div>
            <Problem id=id wrong=wrong />
        </fieldset>
    }
    .into_any()
}
