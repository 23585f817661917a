//! The form that narrows a list of connections, and what it is narrowed to: all of it stands in the address.

use crate::address;
use crate::components::icon::Icon;
use crate::pages::visit::query;
use crate::wire::{ConnectionFilter, FilterPart};
use crate::words::finding;
use leptos::prelude::*;

/// The filter that stands in the address, without a place in the list.
pub(super) fn asked_filter() -> ConnectionFilter {
    ConnectionFilter {
        q: query("q"),
        state: query("state"),
        provider: query("provider"),
        reason: query("reason"),
        owner: query("owner"),
        team: query("team"),
        age: query("age"),
        used: query("used"),
        scope: query("scope"),
        mark: query("mark"),
        cursor: String::new(),
    }
}

/// Parts that are asked for less often.
const MORE: [FilterPart; 3] = [FilterPart::Team, FilterPart::Age, FilterPart::Scope];

/// Search and filters, as a form that a browser sends by itself.
#[component]
pub(crate) fn Filters(
    slug: String,
    filter: ConnectionFilter,
    providers: Vec<(String, String)>,
    scopes: Vec<String>,
) -> impl IntoView {
    let state = (!filter.state.is_empty())
        .then(|| view! { <input type="hidden" name="state" value=filter.state.clone() /> });
    let open = MORE.iter().any(|part| !filter.part(*part).is_empty());
    let scopes = scopes
        .into_iter()
        .map(|name| (name.clone(), name))
        .collect();
    view! {
        <form class="filters" role="search" action=address::connections(&slug) aria-label="Connections">
            <div class="search">
                <Icon icon=Icon::Search />
                <label class="unseen" for="q">{finding::label(FilterPart::Words)}</label>
                <input class="input" id="q" name="q" type="search" value=filter.q.clone() placeholder="End user, e-mail, account, code" />
            </div>
            {state}
            <Select part=FilterPart::Provider options=providers filter=filter.clone() />
            <Select part=FilterPart::Reason options=finding::choices(FilterPart::Reason) filter=filter.clone() />
            <Select part=FilterPart::Owner options=finding::choices(FilterPart::Owner) filter=filter.clone() />
            <Select part=FilterPart::Used options=finding::choices(FilterPart::Used) filter=filter.clone() />
            <Select part=FilterPart::Mark options=finding::choices(FilterPart::Mark) filter=filter.clone() />
            <button class="button" type="submit">"Filter"</button>
            <details class="fold" open=open>
                <summary>"More filters"</summary>
                <div class="filters">
                    <div class="field">
                        <label class="field__label" for="team">{finding::label(FilterPart::Team)}</label>
                        <input class="input" id="team" name="team" value=filter.team.clone() autocomplete="off" />
                    </div>
                    <Select part=FilterPart::Age options=finding::choices(FilterPart::Age) filter=filter.clone() />
                    <Select part=FilterPart::Scope options=scopes filter=filter />
                </div>
            </details>
        </form>
    }
    .into_any()
}

#[component]
fn Select(
    part: FilterPart,
    options: Vec<(String, String)>,
    filter: ConnectionFilter,
) -> impl IntoView {
    let name = part.as_str();
    let chosen = filter.part(part).to_owned();
    view! {
        <div class="field">
            <label class="field__label" for=name>{finding::label(part)}</label>
            <select class="input" id=name name=name>
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
    .into_any()
}

/// What the list is narrowed to; each can be taken away by itself, or all at once.
#[component]
pub(crate) fn Narrowed(
    slug: String,
    filter: ConnectionFilter,
    providers: Vec<(String, String)>,
) -> impl IntoView {
    let on: Vec<FilterPart> = filter.parts().collect();
    if on.is_empty() {
        return ().into_any();
    }
    let tags = on
        .into_iter()
        .map(|part| {
            let words = finding::part(&filter, part, &providers);
            let without = address::connections_with(&slug, &filter.clone().with(part, ""));
            view! {
                <li><a class="tag" href=without><span class="unseen">"Without "</span>{words}" "<span aria-hidden="true">"×"</span></a></li>
            }
        })
        .collect_view();
    view! {
        <ul class="row" aria-label="Narrowed to">
            {tags}
            <li><a href=address::connections(&slug)>"Clear all"</a></li>
        </ul>
    }
    .into_any()
}

/// No connection is on this page: what was looked for, and what to do next.
#[component]
pub(crate) fn NoConnections(
    slug: String,
    application: String,
    filter: ConnectionFilter,
    providers: Vec<(String, String)>,
    found_attempt: bool,
) -> impl IntoView {
    let looked_for: Vec<String> = filter
        .parts()
        .map(|part| finding::part(&filter, part, &providers))
        .collect();
    if looked_for.is_empty() && filter.cursor.is_empty() {
        return view! {
            <section class="panel panel--sunken" aria-labelledby="none">
                <h2 id="none">"No connection yet"</h2>
                <p class="quiet">{format!("The backend of {application} makes a connect session, and its user approves.")}</p>
                <p><a class="button" href=address::application(&slug)>"How to begin"</a></p>
            </section>
        }
        .into_any();
    }
    let advice = if found_attempt {
        "No connection came of the attempt above."
    } else {
        "Look for the beginning of a name, an e-mail, an account or an id, or for the support code that the person reads to you."
    };
    let words_alone = (filter.parts().count() > 1 && !filter.q.trim().is_empty()).then(|| {
        let everywhere = ConnectionFilter::default().with(FilterPart::Words, &filter.q);
        view! { <a class="button" href=address::connections_with(&slug, &everywhere)>"Search without filters"</a> }
    });
    let looked_for = (!looked_for.is_empty()).then(|| {
        view! { <p>"Looked for: " {looked_for.join(", ")} "."</p> }
    });
    view! {
        <section class="panel panel--sunken stack stack--tight" aria-labelledby="none">
            <h2 id="none">"No connection fits"</h2>
            {looked_for}
            <p class="quiet">{advice}</p>
            <p class="row">{words_alone}<a class="button" href=address::connections(&slug)>"Show all"</a></p>
        </section>
    }
    .into_any()
}
