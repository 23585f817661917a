//! `/apps/{slug}/connections`: where is this person's, does it work?

use super::marks;
use crate::address;
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::lamp::State;
use crate::components::mark::Mark;
use crate::components::pager::Pager;
use crate::components::time::{Day, Moment, MomentOrNever};
use crate::pages::visit::{Visit, param, query, visit};
use crate::wire::{
    AttemptOutcome, AttemptView, ConnectionFilter, ConnectionState, ConnectionSummary,
    ConnectionsView, Millis, OwnerView, StateCounts,
};
use crate::words::{self, diagnosis, number, owner};
use leptos::prelude::*;

/// The connections of an application; search and filters stand in the address.
#[component]
pub fn Connections() -> impl IntoView {
    let slug = param("app");
    let filter = ConnectionFilter {
        q: query("q"),
        state: query("state"),
        provider: query("provider"),
        owner: query("owner"),
        mark: query("mark"),
        cursor: query("cursor"),
    };
    let asked = slug.clone();
    visit(
        Place::Connections,
        address::connections(&slug),
        move |portal| {
            let (slug, filter) = (asked.clone(), filter.clone());
            async move { portal.connections(&slug, filter).await }
        },
        move |visit, connections| {
            view! { <Content visit=visit slug=slug view=connections /> }.into_any()
        },
    )
}

#[component]
fn Content(visit: Visit, slug: String, view: ConnectionsView) -> impl IntoView {
    let ConnectionsView {
        application,
        filter,
        providers,
        counts,
        page,
        attempt,
        now,
    } = view;
    let turn = |cursor: Option<String>| {
        cursor.map(|cursor| {
            let filter = ConnectionFilter {
                cursor,
                ..filter.clone()
            };
            address::connections_with(&slug, &filter)
        })
    };
    let (previous, next) = (turn(page.previous), turn(page.next));
    let shown = page.rows.len();
    let all = match filter.state.parse::<ConnectionState>() {
        Ok(state) => of_state(counts, state),
        Err(()) => counts.total(),
    };
    let quarantined = visit.frame.quarantine.is_some();
    let list = if page.rows.is_empty() {
        view! { <NoConnections slug=slug.clone() application=application filter=filter.clone() /> }
            .into_any()
    } else {
        let caption = format!("Connections of {application}, the newest first");
        view! { <Table slug=slug.clone() caption=caption rows=page.rows quarantined=quarantined now=now /> }.into_any()
    };
    let words = format!("{shown} of {}, the newest first", number::grouped(all));
    view! {
        <Framed frame=visit.frame place=Place::Connections title="Connections">
            <PageHead title="Connections" lead="Who connected what, whether it works, and who has to act if not." />
            <div class="stack">
                <Tabs slug=slug.clone() filter=filter.clone() counts=counts />
                <Filters slug=slug.clone() filter=filter providers=providers />
                {attempt.map(|attempt| view! { <Attempt slug=slug attempt=attempt now=now /> })}
                {list}
                <Pager words=words previous=previous next=next />
            </div>
        </Framed>
    }
    .into_any()
}

/// What became of the attempt whose support code was searched for.
#[component]
fn Attempt(slug: String, attempt: AttemptView, now: Millis) -> impl IntoView {
    let what = words::attempt::what(&attempt.outcome);
    let to_do = words::attempt::what_to_do(&attempt.outcome);
    let connection = match &attempt.outcome {
        AttemptOutcome::Connected(id) => Some(address::connection(&slug, id)),
        _ => None,
    };
    let who = match attempt.email {
        Some(email) if email != attempt.end_user => format!("{} ({email})", attempt.end_user),
        _ => attempt.end_user,
    };
    let tried = match attempt.provider {
        Some(provider) => format!("{who} tried to connect {provider}, "),
        None => format!("{who} was invited to connect, "),
    };
    view! {
        <section class="panel stack stack--tight" aria-labelledby="attempt">
            <h2 id="attempt">"Support code " <span class="num">{attempt.code}</span></h2>
            <p>{tried} <Moment at=attempt.at now=now /> ". " <strong>{what}</strong></p>
            {attempt.provider_words.map(|said| view! { <p class="code"><q>{said}</q></p> })}
            <p>"What to do: " {to_do}</p>
            {connection.map(|address| view! { <p><a href=address>"Open the connection"</a></p> })}
        </section>
    }
    .into_any()
}

const STATES: [ConnectionState; 4] = [
    ConnectionState::ReconnectRequired,
    ConnectionState::Degraded,
    ConnectionState::Active,
    ConnectionState::Revoked,
];

fn of_state(counts: StateCounts, state: ConnectionState) -> u64 {
    match state {
        ConnectionState::Active => counts.active,
        ConnectionState::Degraded => counts.degraded,
        ConnectionState::ReconnectRequired => counts.reconnect_required,
        ConnectionState::Revoked => counts.revoked,
    }
}

#[component]
fn Tabs(slug: String, filter: ConnectionFilter, counts: StateCounts) -> impl IntoView {
    let address = |state: &str| {
        let filter = ConnectionFilter {
            state: state.to_owned(),
            cursor: String::new(),
            ..filter.clone()
        };
        address::connections_with(&slug, &filter)
    };
    let here = |state: &str| (filter.state == state).then_some("true");
    view! {
        <nav class="tabs" aria-label="State">
            <a href=address("") aria-current=here("")>"All "<span class="num">{number::grouped(counts.total())}</span></a>
            {STATES
                .into_iter()
                .map(|state| {
                    view! {
                        <a href=address(state.as_str()) aria-current=here(state.as_str())>
                            <State lamp=state.into() />
                            " "
                            <span class="num">{number::grouped(of_state(counts, state))}</span>
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
}

#[component]
fn Filters(
    slug: String,
    filter: ConnectionFilter,
    providers: Vec<(String, String)>,
) -> impl IntoView {
    let owners = vec![
        ("personal".to_owned(), "Personal".to_owned()),
        ("team".to_owned(), "Team".to_owned()),
    ];
    let state = (!filter.state.is_empty())
        .then(|| view! { <input type="hidden" name="state" value=filter.state /> });
    view! {
        <form class="filters" role="search" action=address::connections(&slug) aria-label="Connections">
            <div class="search">
                <Icon icon=Icon::Search />
                <label class="unseen" for="q">"Search connections"</label>
                <input class="input" id="q" name="q" type="search" value=filter.q placeholder="End user, e-mail, account, support code" />
            </div>
            {state}
            <Select name="provider" label="Provider" options=providers chosen=filter.provider />
            <Select name="owner" label="Owner" options=owners chosen=filter.owner />
            <Select name="mark" label="Needs" options=marks::options() chosen=filter.mark />
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Select(
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: String,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
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

#[component]
fn NoConnections(slug: String, application: String, filter: ConnectionFilter) -> impl IntoView {
    if filter == ConnectionFilter::default() {
        view! {
            <section class="panel panel--sunken" aria-labelledby="none">
                <h2 id="none">"No connection yet"</h2>
                <p class="quiet">{format!("The backend of {application} makes a connect session, and its user approves.")}</p>
                <p><a class="button" href=address::application(&slug)>"How to begin"</a></p>
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="panel panel--sunken" aria-labelledby="none">
                <h2 id="none">"No connection fits"</h2>
                <p class="quiet">"Look for a part of the name, the e-mail or the account, or for the support code that the person reads to you."</p>
                <p><a class="button" href=address::connections(&slug)>"Show all"</a></p>
            </section>
        }
        .into_any()
    }
}

#[component]
fn Table(
    slug: String,
    caption: String,
    rows: Vec<ConnectionSummary>,
    quarantined: bool,
    now: Millis,
) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Account"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Why, and who has to act"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col" class="table__wide">"Last handed out"</th>
                        <th scope="col" class="table__wide">"Connected"</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.into_iter().map(|row| view! { <Row slug=slug.clone() row=row quarantined=quarantined now=now /> }).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(slug: String, row: ConnectionSummary, quarantined: bool, now: Millis) -> impl IntoView {
    let (why, who) = diagnosis::in_a_row(&row, quarantined, now);
    let who = if who.is_empty() {
        view! { <small><span class="unseen">"Nobody has to act"</span></small> }.into_any()
    } else {
        view! { <small>{who}</small> }.into_any()
    };
    let account = row
        .account
        .clone()
        .unwrap_or_else(|| format!("{} of {}", row.provider.name, owner::name(&row.owner)));
    let kind = match row.owner {
        OwnerView::Personal { .. } => Icon::Person,
        OwnerView::Team { .. } => Icon::People,
    };
    view! {
        <tr>
            <th scope="row">
                <div class="who">
                    <Mark mark=Mark::provider(&row.provider) />
                    <span>
                        <a href=address::connection(&slug, &row.id)>{account}</a>
                        <small>{row.provider.name}", "<code>{row.id}</code></small>
                    </span>
                </div>
            </th>
            <td data-label="State"><span><State lamp=row.state.into() /><marks::Tags marks=row.marks /></span></td>
            <td data-label="Why"><span>{why}{who}</span></td>
            <td data-label="Owner">
                <span>{owner::name(&row.owner).to_owned()}<small><Icon icon=kind size=14 />{owner::kind(&row.owner)}</small></span>
            </td>
            <td class="table__wide" data-label="Last handed out"><MomentOrNever at=row.last_handed_out_at now=now /></td>
            <td class="table__wide" data-label="Connected"><Day at=row.connected_at /></td>
        </tr>
    }
    .into_any()
}
