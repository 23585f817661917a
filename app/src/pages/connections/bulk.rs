//! `/apps/{slug}/connections/revoke`: many at once. Who is hit? The page shows it before anything can
//! be pressed, and changes nothing by itself.

use super::filters::asked_filter;
use crate::actions::ending::RevokeInBulk;
use crate::address;
use crate::components::field::{Kind, Problem, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::lamp::State;
use crate::components::mark::Mark;
use crate::components::notice::Refusal;
use crate::components::time::Moment;
use crate::pages::visit::{param, query, visit};
use crate::wire::{
    BulkCriteria, BulkFormView, BulkProvider, BulkRunLink, ConnectionState, ConnectionSummary,
    Field, FilterPart, RevokeReason,
};
use crate::words::{bulk, number, owner, revocation};
use leptos::prelude::*;

/// Criteria, what they hit, and the form that revokes it.
#[component]
pub fn RevokeMany() -> impl IntoView {
    let slug = param("app");
    let criteria = BulkCriteria {
        filter: asked_filter(),
        end_user: query("end_user"),
        key: query("key"),
    };
    let action = ServerAction::<RevokeInBulk>::new();
    let refused = refusal(action);
    let page = address::bulk_form_with(&slug, &criteria);
    let asked = slug.clone();
    visit(
        Place::Connections,
        page,
        move |portal| {
            let (slug, criteria) = (asked.clone(), criteria.clone());
            async move { portal.bulk_form(&slug, criteria).await }
        },
        move |visit, view: BulkFormView| {
            let form = FormState::new(visit.draft, refused);
            let total = view.counts.total();
            let crumb = (address::connections(&slug), "Connections");
            let lead = match total {
                0 => "No connection that is not revoked already fits.".to_owned(),
                1 => format!("1 connection of {} would be revoked.", view.application),
                many => format!(
                    "{} connections of {} would be revoked.",
                    number::grouped(many),
                    view.application
                ),
            };
            let decide = (total > 0).then(|| {
                let (slug, view) = (slug.clone(), view.clone());
                view! { <Decide slug=slug view=view form=form.clone() action=action /> }
            });
            view! {
                <Framed frame=visit.frame place=Place::Connections title="Revoke many connections">
                    <PageHead title="Revoke many connections" lead=lead crumb=crumb />
                    <Refusal form=form />
                    <div class="split">
                        <div class="stack stack--loose">
                            <Criteria slug=slug.clone() view=view.clone() />
                            <Hit view=view.clone() />
                            {decide}
                        </div>
                        <Earlier slug=slug runs=view.runs />
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

/// The parts of the list's filter that [`Criteria`] has fields for.
const ASKED_HERE: [FilterPart; 3] = [FilterPart::Words, FilterPart::Provider, FilterPart::Team];

/// Which ones: a form that only looks.
#[component]
fn Criteria(slug: String, view: BulkFormView) -> impl IntoView {
    let BulkCriteria {
        filter,
        end_user,
        key,
    } = view.criteria;
    let text = |id: &'static str, label: &'static str, value: String| {
        view! {
            <div class="field">
                <label class="field__label" for=id>{label}</label>
                <input class="input" id=id name=id value=value autocomplete="off" spellcheck="false" />
            </div>
        }
    };
    let choice =
        |id: &'static str, label: &'static str, options: Vec<(String, String)>, chosen: String| {
            view! {
                <div class="field">
                    <label class="field__label" for=id>{label}</label>
                    <select class="input" id=id name=id>
                        <option value="">"Any"</option>
                        {options
                            .into_iter()
                            .map(|(value, words)| {
                                let selected = value == chosen;
                                view! { <option value=value selected=selected>{words}</option> }
                            })
                            .collect_view()}
                    </select>
                </div>
            }
        };
    // what the list was narrowed to beyond this form
    let kept = filter
        .parts()
        .filter(|part| !ASKED_HERE.contains(part))
        .map(|part| {
            let value = filter.part(part).to_owned();
            view! { <input type="hidden" name=part.as_str() value=value /> }
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="which">
            <h2 id="which">"Which ones"</h2>
            <form class="stack" action=address::bulk_form(&slug) aria-label="Which ones">
                {choice("provider", "Provider", view.provider_choices, filter.provider)}
                {text("end_user", "End user’s id", end_user)}
                {text("team", "Team’s id", filter.team)}
                {choice("key", "Handed out to API key", view.key_choices, key)}
                {text("q", "Search", filter.q)}
                {kept}
                <div class="bar"><button class="button" type="submit">"Look"</button></div>
            </form>
        </section>
    }
    .into_any()
}

const STATES: [ConnectionState; 3] = [
    ConnectionState::Active,
    ConnectionState::Degraded,
    ConnectionState::ReconnectRequired,
];

/// What would be hit: by state, by provider, and the first of them.
#[component]
fn Hit(view: BulkFormView) -> impl IntoView {
    let states = STATES
        .into_iter()
        .map(|state| {
            let count = number::grouped(view.counts.of(state));
            view! { <div><dt><State lamp=state.into() /></dt><dd class="num">{count}</dd></div> }
        })
        .collect_view();
    let shown = view.rows.len();
    let rows = (!view.rows.is_empty()).then(|| {
        let caption = format!(
            "The first {shown} of {}",
            bulk::connections(view.counts.total())
        );
        view! { <First caption=caption rows=view.rows /> }
    });
    let providers = (!view.providers.is_empty()).then(|| {
        view! { <ul class="effects">{view.providers.into_iter().map(of_provider).collect_view()}</ul> }
    });
    view! {
        <section class="stack" aria-labelledby="hit">
            <h2 id="hit">"Who would be hit"</h2>
            <dl class="facts">{states}</dl>
            {providers}
            {rows}
        </section>
    }
    .into_any()
}

fn of_provider(provider: BulkProvider) -> impl IntoView {
    let told = if provider.upstream_offered {
        "It will be told, too."
    } else {
        "It cannot be told from here: each customer ends it there."
    };
    view! {
        <li>
            <span class="who">
                <Mark mark=Mark::provider(&provider.mark) />
                <span>{provider.mark.name}", "{bulk::connections(provider.connections)}</span>
            </span>
            <span class="quiet">{told}</span>
        </li>
    }
}

#[component]
fn First(caption: String, rows: Vec<ConnectionSummary>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let account = row
                .account
                .unwrap_or_else(|| "The provider did not tell".to_owned());
            view! {
                <tr>
                    <th scope="row">{account}<small>{row.provider.name}</small></th>
                    <td data-label="State"><State lamp=row.state.into() /></td>
                    <td data-label="Owner">{owner::name(&row.owner).to_owned()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Account"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Owner"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Decide(
    slug: String,
    view: BulkFormView,
    form: FormState,
    action: ServerAction<RevokeInBulk>,
) -> impl IntoView {
    let total = view.counts.total();
    let BulkCriteria {
        filter,
        end_user,
        key,
    } = view.criteria;
    let parts = filter.parts().map(|part| {
        let name = format!("criteria[filter][{}]", part.as_str());
        (name, filter.part(part).to_owned())
    });
    let beyond = [
        ("application".to_owned(), slug.clone()),
        ("criteria[end_user]".to_owned(), end_user),
        ("criteria[key]".to_owned(), key),
    ];
    let hidden = parts
        .chain(beyond)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let problem = form.problem(Field::Reason);
    let described = problem.is_some().then_some("reason-error");
    let choices = revocation::REASONS
        .into_iter()
        .map(|reason| {
            let value = revocation::value(reason);
            let checked = form.ticked("reason", value, reason == RevokeReason::Leaving);
            view! {
                <label class="check choice">
                    <input type="radio" name="reason" value=value checked=checked required=true />
                    <span>{revocation::reason(reason)}</span>
                    <small>{bulk::consequence(reason)}</small>
                </label>
            }
        })
        .collect_view();
    let hint = format!("Write {} to confirm it.", number::grouped(total));
    let press = format!("Revoke {}", bulk::connections(total));
    view! {
        <ActionForm action=action attr:class="stack" attr:aria-label="Revoke them">
            {hidden}
            <fieldset class="stack" id="reason" tabindex="-1" aria-describedby=described>
                <legend class="h2">"Why do they end?"</legend>
                <div class="stack stack--tight">{choices}</div>
                <Problem id="reason" wrong=problem />
                <TextField field=Field::Note name="note" kind=Kind::Lines hint="Ticket number or who asked. Required." required=true form=form.clone() />
                <TextField field=Field::Confirmation name="confirmation" hint=hint required=true form=form />
            </fieldset>
            <div class="bar">
                <button class="button button--danger" type="submit">{press}</button>
                <a class="button button--quiet" href=address::connections(&slug)>"Keep them"</a>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// Runs that were begun before, so that nobody begins one twice.
#[component]
fn Earlier(slug: String, runs: Vec<BulkRunLink>) -> impl IntoView {
    (!runs.is_empty()).then(|| {
        let runs = runs
            .into_iter()
            .map(|run| {
                let state = if run.finished { "done" } else { "under way" };
                view! {
                    <li>
                        <a href=address::bulk_run(&slug, &run.id)>{bulk::connections(run.total)}</a>
                        <span class="quiet small">" by "{run.by}", "<Moment at=run.begun_at />", "{state}</span>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="panel panel--sunken" aria-labelledby="earlier">
                <h2 id="earlier">"Earlier runs"</h2>
                <ul class="stack stack--tight">{runs}</ul>
            </section>
        }
    })
}
