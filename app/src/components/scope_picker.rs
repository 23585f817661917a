//! Choosing scopes: plain words first, the provider's name for each below.

use super::field::{Kind, Problem, TextField};
use super::form_state::FormState;
use super::icon::Icon;
use super::notice::{Notice, Tone};
use crate::islands::scope_filter::ScopeFilter;
use crate::wire::{DefinitionView, Field, ScopeChoice, ScopeGroup};
use leptos::prelude::*;

/// Name of the boxes in the form.
const BOXES: &str = "scopes[]";

/// All scopes of a definition: those that are always granted (locked), the groups, and a field for
/// names that we do not know. Everything can be reached without script; with it, a search narrows
/// the list and the counts are live.
#[component]
pub(crate) fn ScopePicker(
    definition: DefinitionView,
    /// Chosen scopes that the definition does not list.
    other_scopes: String,
    form: FormState,
) -> impl IntoView {
    let groups: Vec<ScopeGroup> = definition
        .scope_groups
        .into_iter()
        .map(|group| as_typed(group, &form))
        .collect();
    let locked = definition.always_granted.len();
    let all = locked + groups.iter().map(|group| group.scopes.len()).sum::<usize>();
    let chosen = locked + groups.iter().map(chosen_in).sum::<usize>();
    let problem = form.problem(Field::Scopes);
    let described = problem.is_some().then_some("scopes-error");
    let notice = definition.scopes_set_at_provider.map(|sentence| {
        view! { <Notice tone=Tone::Plain><p><super::marked::Marked text=sentence /></p></Notice> }
    });
    let filter =
        view! { <ScopeFilter picker="scopes".to_owned() all=all chosen=chosen /> }.into_any();
    let few = groups.len() <= 3;
    view! {
        <fieldset class="stack" aria-describedby=described>
            <legend class="h2">"Scopes"</legend>
            {notice}
            {filter}
            <div class="scopes" id="scopes" tabindex="-1">
                <Locked provider=definition.short_name scopes=definition.always_granted />
                {groups
                    .into_iter()
                    .enumerate()
                    .map(|(place, group)| {
                        let open = few || place == 0 || chosen_in(&group) > 0;
                        view! { <Group group=group open=open /> }
                    })
                    .collect_view()}
            </div>
            <Problem id="scopes" wrong=problem />
            <TextField
                field=Field::OtherScopes
                name="other_scopes"
                kind=Kind::Code
                hint="Names that are not in our list, with a space between."
                saved=other_scopes
                form=form
            />
        </fieldset>
    }
    .into_any()
}

#[component]
fn Locked(provider: String, scopes: Vec<ScopeChoice>) -> impl IntoView {
    (!scopes.is_empty()).then(|| {
        view! {
            <div>
                <p class="scopes__title"><Icon icon=Icon::Lock />" "{provider}" grants these always"</p>
                <div class="scopes__grid">
                    {scopes
                        .into_iter()
                        .map(|scope| view! { <Box scope=ScopeChoice { chosen: true, ..scope } locked=true /> })
                        .collect_view()}
                </div>
            </div>
        }
    })
}

#[component]
fn Group(group: ScopeGroup, open: bool) -> impl IntoView {
    let count = format!("{} of {}", chosen_in(&group), group.scopes.len());
    view! {
        <details open=open>
            <summary>{group.title}" "<span>{count}</span></summary>
            <div class="scopes__grid">
                {group.scopes.into_iter().map(|scope| view! { <Box scope=scope locked=false /> }).collect_view()}
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Box(scope: ScopeChoice, locked: bool) -> impl IntoView {
    let words = if scope.words.is_empty() {
        scope.name.clone()
    } else {
        scope.words
    };
    view! {
        <label class="check">
            <input type="checkbox" name=BOXES value=scope.name.clone() checked=scope.chosen disabled=locked />
            <span>{words}</span>
            <small><code>{scope.name}</code></small>
        </label>
    }
    .into_any()
}

fn as_typed(group: ScopeGroup, form: &FormState) -> ScopeGroup {
    ScopeGroup {
        scopes: group
            .scopes
            .into_iter()
            .map(|scope| ScopeChoice {
                chosen: form.ticked(BOXES, &scope.name, scope.chosen),
                ..scope
            })
            .collect(),
        ..group
    }
}

fn chosen_in(group: &ScopeGroup) -> usize {
    group.scopes.iter().filter(|scope| scope.chosen).count()
}
