//! `/apps/{slug}/connections`: where is this person's, does it work?

use super::filters::{Filters, Narrowed, NoConnections, asked_filter};
use super::marks;
use crate::address;
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::lamp::State;
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Tone};
use crate::components::pager::Pager;
use crate::components::refused::Refused;
use crate::components::time::{Day, Moment, MomentOrNever};
use crate::pages::visit::{Visit, param, query, visit};
use crate::wire::{
    AttemptOutcome, AttemptView, BulkCriteria, ConnectionFilter, ConnectionState,
    ConnectionSummary, ConnectionsView, FilterPart, ListCounts, Millis, OwnerView,
};
use crate::words::{self, diagnosis, finding, owner, role};
use leptos::prelude::*;

/// The connections of an application; search and filters stand in the address.
#[component]
pub fn Connections() -> impl IntoView {
    let slug = param("app");
    let filter = ConnectionFilter {
        cursor: query("cursor"),
        ..asked_filter()
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
        scopes,
        ignored,
        refused,
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
        Ok(state) => counts.of(state),
        Err(()) => counts.total(),
    };
    let quarantined = visit.frame.quarantine.is_some();
    let revoke_many = role::may_revoke_in_bulk(visit.frame.role).then(|| {
        let criteria = BulkCriteria {
            filter: ConnectionFilter {
                cursor: String::new(),
                ..filter.clone()
            },
            ..BulkCriteria::default()
        };
        let address = address::bulk_form_with(&slug, &criteria);
        view! { <a class="button button--warned" href=address>"Revoke many"</a> }
    });
    let list = if page.rows.is_empty() {
        view! {
            <NoConnections
                slug=slug.clone()
                application=application
                filter=filter.clone()
                providers=providers.clone()
                found_attempt=attempt.is_some()
            />
        }
        .into_any()
    } else {
        let caption = format!("Connections of {application}, the newest first");
        view! { <Table slug=slug.clone() caption=caption rows=page.rows quarantined=quarantined now=now /> }.into_any()
    };
    let words = finding::page(shown, all);
    let ignored = (!ignored.is_empty()).then(|| {
        view! { <Notice tone=Tone::Warn><p>{finding::ignored(&ignored)}</p></Notice> }
    });
    let may_configure = role::may_configure(visit.frame.role);
    view! {
        <Framed frame=visit.frame place=Place::Connections title="Connections">
            <PageHead title="Connections" lead="Who connected what, whether it works, and who has to act if not.">{revoke_many}</PageHead>
            <div class="stack">
                <Refused slug=slug.clone() refused=refused may_configure=may_configure />
                {ignored}
                <Tabs slug=slug.clone() filter=filter.clone() counts=counts />
                <Filters slug=slug.clone() filter=filter.clone() providers=providers.clone() scopes=scopes />
                <Narrowed slug=slug.clone() filter=filter providers=providers />
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

#[component]
fn Tabs(slug: String, filter: ConnectionFilter, counts: ListCounts) -> impl IntoView {
    let address = |state: &str| {
        address::connections_with(&slug, &filter.clone().with(FilterPart::State, state))
    };
    let here = |state: &str| (filter.state == state).then_some("true");
    view! {
        <nav class="tabs" aria-label="State">
            <a href=address("") aria-current=here("")>"All "<span class="num">{finding::capped(counts.total())}</span></a>
            {STATES
                .into_iter()
                .map(|state| {
                    view! {
                        <a href=address(state.as_str()) aria-current=here(state.as_str())>
                            <State lamp=state.into() />
                            " "
                            <span class="num">{finding::capped(counts.of(state))}</span>
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
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
                        <th scope="col" class="table__wide">"Last used"</th>
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
            <td class="table__wide" data-label="Last used"><MomentOrNever at=row.last_handed_out_at now=now /></td>
            <td class="table__wide" data-label="Connected"><Day at=row.connected_at /></td>
        </tr>
    }
    .into_any()
}
