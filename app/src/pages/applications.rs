//! `/`: which of the applications needs me?

use super::visit::{Visit, visit};
use crate::address;
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::time::MomentOrNever;
use crate::wire::{ApplicationSummary, Millis};
use crate::words::{number, role};
use leptos::prelude::*;

/// The list of applications, those that need someone first.
#[component]
pub fn Applications() -> impl IntoView {
    visit(
        Place::Applications,
        address::APPLICATIONS.to_owned(),
        |portal| async move { portal.applications().await },
        |visit, applications| {
            view! { <Content visit=visit applications=applications /> }.into_any()
        },
    )
}

#[component]
fn Content(visit: Visit, mut applications: Vec<ApplicationSummary>) -> impl IntoView {
    let frame = visit.frame;
    let may_add = role::may_configure(frame.role);
    let may_open = role::may_open_application(frame.role);
    let now = frame.now;
    // those with a stopped provider first, then those that need a person; else as they come
    applications
        .sort_by_key(|one| std::cmp::Reverse((one.providers_stopped > 0, one.need_a_person > 0)));
    let caption = format!("Applications of {}", frame.organization);
    let list = if applications.is_empty() {
        view! { <NoApplications may_add=may_add /> }.into_any()
    } else {
        view! { <Table caption=caption applications=applications may_open=may_open now=now /> }
            .into_any()
    };
    view! {
        <Framed frame=frame place=Place::Applications title="Applications">
            <PageHead title="Applications" lead="Each application has its own providers, connections and API keys.">
                {may_add.then(|| view! { <NewApplicationLink /> })}
            </PageHead>
            {list}
        </Framed>
    }
    .into_any()
}

#[component]
fn NewApplicationLink() -> impl IntoView {
    view! {
        <a class="button button--primary" href=address::NEW_APPLICATION><Icon icon=Icon::Plus />" New application"</a>
    }
    .into_any()
}

#[component]
fn NoApplications(may_add: bool) -> impl IntoView {
    let next = if may_add {
        "Make the first one: the product whose users connect their accounts."
    } else {
        "An owner or an admin makes the first one."
    };
    view! {
        <section class="panel panel--sunken" aria-labelledby="none">
            <h2 id="none">"No application yet"</h2>
            <p class="quiet">{next}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Table(
    caption: String,
    applications: Vec<ApplicationSummary>,
    may_open: bool,
    now: Millis,
) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Application"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"OAuth Providers"</th>
                        <th scope="col" class="table__num">"Connections"</th>
                        <th scope="col">"Last used"</th>
                    </tr>
                </thead>
                <tbody>
                    {applications
                        .into_iter()
                        .map(|one| view! { <Row application=one may_open=may_open now=now /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(application: ApplicationSummary, may_open: bool, now: Millis) -> impl IntoView {
    let (lamp, state) = state(&application);
    let names: Vec<_> = application
        .providers
        .iter()
        .map(|mark| mark.name.clone())
        .collect();
    let name = if may_open {
        view! { <a href=address::application(&application.slug)>{application.name.clone()}</a> }
            .into_any()
    } else {
        view! { <strong>{application.name.clone()}</strong> }.into_any()
    };
    view! {
        <tr>
            <th scope="row">
                <div class="who">
                    <Mark mark=Mark::application(&application.name) />
                    <span>{name}<small>{application.slug}</small></span>
                </div>
            </th>
            <td data-label="State"><State lamp=lamp words=state /></td>
            <td data-label="OAuth Providers">
                <span class="row">
                    {application.providers.iter().map(|mark| view! { <Mark mark=Mark::provider(mark) /> }).collect_view()}
                    <span class="unseen">{if names.is_empty() { "None".to_owned() } else { names.join(", ") }}</span>
                </span>
            </td>
            <td class="table__num" data-label="Connections">{number::grouped(application.connections)}</td>
            <td data-label="Last used"><MomentOrNever at=application.last_handed_out_at now=now /></td>
        </tr>
    }
    .into_any()
}

fn state(application: &ApplicationSummary) -> (Lamp, String) {
    match (
        application.providers_stopped,
        application.need_a_person,
        application.connections,
    ) {
        (1, ..) => (Lamp::Reconnect, "1 provider stopped".to_owned()),
        (2.., ..) => (
            Lamp::Reconnect,
            format!("{} providers stopped", application.providers_stopped),
        ),
        (0, 1, _) => (Lamp::Degraded, "1 needs a person".to_owned()),
        (0, 2.., _) => (
            Lamp::Degraded,
            format!(
                "{} need a person",
                number::grouped(application.need_a_person)
            ),
        ),
        (0, 0, 0) => (Lamp::Waiting, "No connection yet".to_owned()),
        (0, 0, _) => (Lamp::Active, "All working".to_owned()),
    }
}
