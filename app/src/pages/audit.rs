//! `/audit`: who did what, and is the record whole?

use super::visit::{Visit, query, visit};
use crate::actions::audit::CheckAudit;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::notice::{Notice, Refusal, Tone};
use crate::components::pager::Pager;
use crate::components::time::Moment;
use crate::wire::{
    ApplicationLink, AuditFilter, AuditKind, AuditRow, AuditView, ChainView, CheckOutcome, Millis,
};
use crate::words::{self, number, time};
use leptos::prelude::*;

/// The audit; search and filters stand in the address.
#[component]
pub fn Audit() -> impl IntoView {
    let check = ServerAction::<CheckAudit>::new();
    let refused = refusal(check);
    let filter = AuditFilter {
        q: query("q"),
        what: query("what"),
        application: query("application"),
        member: query("member"),
        from: query("from"),
        to: query("to"),
        cursor: query("cursor"),
    };
    visit(
        Place::Audit,
        address::AUDIT.to_owned(),
        move |portal| {
            let filter = filter.clone();
            async move { portal.audit(filter).await }
        },
        move |visit, audit| {
            let form = FormState::new(None, refused);
            view! { <Content visit=visit audit=audit form=form check=check /> }.into_any()
        },
    )
}

#[component]
fn Content(
    visit: Visit,
    audit: AuditView,
    form: FormState,
    check: ServerAction<CheckAudit>,
) -> impl IntoView {
    let AuditView {
        filter,
        members,
        page,
        chain,
        now,
    } = audit;
    let turn = |cursor: Option<String>| {
        cursor.map(|cursor| {
            let filter = AuditFilter {
                cursor,
                ..filter.clone()
            };
            address::audit_with(address::AUDIT, &filter)
        })
    };
    let (newer, older) = (turn(page.previous), turn(page.next));
    let all = AuditFilter {
        cursor: String::new(),
        ..filter.clone()
    };
    let (csv, json_lines) = (
        address::audit_with(address::AUDIT_CSV, &all),
        address::audit_with(address::AUDIT_JSON_LINES, &all),
    );
    let words = match (page.rows.first(), page.rows.last()) {
        (Some(first), Some(last)) => format!(
            "Rows {} to {}",
            number::grouped(first.seq.unsigned_abs()),
            number::grouped(last.seq.unsigned_abs())
        ),
        _ => String::new(),
    };
    let applications = visit.frame.applications.clone();
    let list = if page.rows.is_empty() {
        view! { <NoRows narrowed=all != AuditFilter::default() /> }.into_any()
    } else {
        view! { <Table rows=page.rows /> }.into_any()
    };
    view! {
        <Framed frame=visit.frame place=Place::Audit title="Audit">
            <PageHead title="Audit" lead="Who did what. Each row seals the one before it.">
                <div class="row">
                    <a class="button" href=csv download="">"CSV"</a>
                    <a class="button" href=json_lines download="">"JSON lines"</a>
                </div>
            </PageHead>
            <Refusal form=form />
            <Chain chain=chain check=check now=now />
            <div class="stack">
                <Filters filter=filter applications=applications members=members />
                {list}
                <Pager words=words previous=newer next=older />
            </div>
        </Framed>
    }
    .into_any()
}

/// Whether the record is whole, in one notice.
#[component]
fn Chain(chain: ChainView, check: ServerAction<CheckAudit>, now: Millis) -> impl IntoView {
    let head = chain.head.map(|head| {
        let exported = match chain.exported_at {
            Some(at) => view! { ", last exported " <Moment at=at now=now /> "." }.into_any(),
            None => view! { ", not exported yet." }.into_any(),
        };
        view! { " Head " <code title=head.clone()>{words::audit::short_hash(&head)}</code> {exported} }
    });
    let Some(last) = chain.check else {
        let sealed = number::counted(chain.rows, "row is sealed", "rows are sealed");
        return view! {
            <Notice tone=Tone::Plain>
                <p><strong>"The chain was not checked yet."</strong>" "{first_upper(&sealed)}"."{head}</p>
                <CheckButton check=check words="Check now" />
            </Notice>
        }
        .into_any();
    };
    let (what, more) = words::audit::outcome(&last.outcome);
    let (tone, sentence) = match last.outcome {
        CheckOutcome::Whole { .. } => (
            Tone::Ok,
            view! { {more} ", checked " <Moment at=last.at now=now /> "." {head} }.into_any(),
        ),
        CheckOutcome::Broken(_) => (
            Tone::Bad,
            view! {
                {more} " Checked " <Moment at=last.at now=now /> ". Somebody changed the database past this server: keep it as it is, and compare it with an export or a backup."
            }
            .into_any(),
        ),
        CheckOutcome::UnderWay { .. } => (Tone::Plain, more.into_any()),
    };
    let button = match last.outcome {
        CheckOutcome::UnderWay { .. } => {
            view! { <a class="button button--small" href=address::AUDIT>"Look again"</a> }
                .into_any()
        }
        _ => view! { <CheckButton check=check words="Check again" /> }.into_any(),
    };
    view! {
        <Notice tone=tone>
            <p><strong>{what}</strong>" "{sentence}</p>
            {button}
        </Notice>
    }
    .into_any()
}

fn first_upper(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[component]
fn CheckButton(check: ServerAction<CheckAudit>, words: &'static str) -> impl IntoView {
    view! {
        <ActionForm action=check>
            <button class="button button--small" type="submit">{words}</button>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Filters(
    filter: AuditFilter,
    applications: Vec<ApplicationLink>,
    members: Vec<(String, String)>,
) -> impl IntoView {
    let kinds = AuditKind::ALL
        .into_iter()
        .map(|kind| {
            (
                kind.as_str().to_owned(),
                words::audit::kind(kind).to_owned(),
            )
        })
        .collect();
    let applications = applications
        .into_iter()
        .map(|one| (one.slug, one.name))
        .collect();
    view! {
        <form class="filters" role="search" action=address::AUDIT aria-label="Audit">
            <div class="search">
                <Icon icon=Icon::Search />
                <label class="unseen" for="q">"Search the audit"</label>
                <input class="input" id="q" name="q" type="search" value=filter.q placeholder="Member, end user, connection, address" />
            </div>
            <Select name="what" label="What" all="Everything" options=kinds chosen=filter.what />
            <Select name="application" label="Application" all="Any" options=applications chosen=filter.application />
            <Select name="member" label="Member" all="Anybody" options=members chosen=filter.member />
            <Date name="from" label="From" value=filter.from />
            <Date name="to" label="To" value=filter.to />
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Select(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    options: Vec<(String, String)>,
    chosen: String,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <select class="input" id=name name=name>
                <option value="">{all}</option>
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
fn Date(name: &'static str, label: &'static str, value: String) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <input class="input" id=name name=name type="date" value=value />
        </div>
    }
    .into_any()
}

#[component]
fn NoRows(narrowed: bool) -> impl IntoView {
    if narrowed {
        view! {
            <section class="panel panel--sunken" aria-labelledby="none">
                <h2 id="none">"No row fits"</h2>
                <p class="quiet">"Look for a part of a name, an id, an address or a note, or widen the days."</p>
                <p><a class="button" href=address::AUDIT>"Show all"</a></p>
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="panel panel--sunken" aria-labelledby="none">
                <h2 id="none">"Nothing was done yet"</h2>
                <p class="quiet">"Whatever a member, a backend or an end user does from now on stands here."</p>
                <p><a class="button" href=address::APPLICATIONS>"All applications"</a></p>
            </section>
        }
        .into_any()
    }
}

#[component]
fn Table(rows: Vec<AuditRow>) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">"Audit rows, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"When (UTC)"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"About"</th>
                        <th scope="col">"From"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| view! { <Row row=row /> }).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(row: AuditRow) -> impl IntoView {
    let what = words::audit::what(&row);
    let kind = words::audit::actor_kind(&row.actor_kind);
    let who = match (&row.application, row.actor_kind.as_str()) {
        (Some(application), "api_key") => format!("{kind}, {}", application.name),
        _ => kind.to_owned(),
    };
    let from = match row.address.clone() {
        Some(address) => view! { <code>{address}</code> }.into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    view! {
        <tr>
            <td data-label="When"><time datetime=time::machine(row.at)>{time::exact_moment(row.at)}</time></td>
            <th scope="row"><span>{what}</span></th>
            <td data-label="Who"><span>{row.actor.clone()}<small>{who}</small></span></td>
            <td data-label="About"><About row=row /></td>
            <td data-label="From">{from}</td>
        </tr>
    }
    .into_any()
}

/// What a row is about, with a link where that has a page, and its details folded.
#[component]
fn About(row: AuditRow) -> impl IntoView {
    let kind = words::audit::subject_kind(&row.subject.kind);
    let name = match (&row.subject.name, &row.subject.provider) {
        (Some(name), Some(provider)) if row.subject.kind == "connection" => {
            format!("{name}, {provider}")
        }
        (_, Some(provider)) => provider.clone(),
        (Some(name), None) => name.clone(),
        (None, None) => kind.to_owned(),
    };
    let subject = match page_of(&row) {
        Some(page) => view! { <a href=page>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let aside = words::audit::aside(&row).map(|words| view! { <small>{words}</small> });
    let application = row
        .application
        .map(|application| ("Application".to_owned(), application.name));
    let facts: Vec<(String, String)> = [
        Some(("Row".to_owned(), row.seq.to_string())),
        Some((kind.to_owned(), row.subject.id))
            .filter(|(name, id)| !name.is_empty() && !id.is_empty()),
        application,
        row.node.map(|node| ("Node".to_owned(), node)),
    ]
    .into_iter()
    .flatten()
    .chain(row.detail)
    .collect();
    view! {
        <span>
            {subject}
            {aside}
            <details class="fold">
                <summary>"Details"</summary>
                <dl class="facts">
                    {facts
                        .into_iter()
                        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
                        .collect_view()}
                </dl>
            </details>
        </span>
    }
    .into_any()
}

/// The page of what a row is about, where it has one.
fn page_of(row: &AuditRow) -> Option<String> {
    let application = &row.application.as_ref()?.slug;
    let subject = &row.subject;
    subject.name.as_ref()?;
    match subject.kind.as_str() {
        "application" => Some(address::application(application)),
        "provider" => Some(address::provider(
            application,
            subject.provider_slug.as_ref()?,
        )),
        "connection" => Some(address::connection(application, &subject.id)),
        "api_key" => Some(address::keys(application)),
        _ => None,
    }
}
