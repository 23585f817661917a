//! `/apps/{slug}/webhooks`: where the application's backends are told what happens.

use crate::address;
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::lamp::State;
use crate::components::time::MomentOrNever;
use crate::pages::visit::{Visit, param, visit};
use crate::wire::{EndpointSummary, Millis, WebhooksView};
use crate::words::{role, webhook};
use leptos::prelude::*;

/// The endpoints of an application.
#[component]
pub fn Webhooks() -> impl IntoView {
    let slug = param("app");
    let asked = slug.clone();
    visit(
        Place::Webhooks,
        address::webhooks(&slug),
        move |portal| {
            let slug = asked.clone();
            async move { portal.webhooks(&slug).await }
        },
        move |visit, view| view! { <Content visit=visit slug=slug view=view /> }.into_any(),
    )
}

#[component]
fn Content(visit: Visit, slug: String, view: WebhooksView) -> impl IntoView {
    let may = role::may_configure(visit.frame.role);
    let now = visit.frame.now;
    let WebhooksView {
        application,
        endpoints,
    } = view;
    let add = may.then(|| {
        view! {
            <a class="button button--primary" href=address::new_webhook(&slug)><Icon icon=Icon::Plus />"New endpoint"</a>
        }
    });
    let list = if endpoints.is_empty() {
        view! {
            <p class="quiet">"No endpoint yet. The backend of "{application.clone()}" can also read the event log with GET /api/v1/events."</p>
        }
        .into_any()
    } else {
        let caption = format!("Webhook endpoints of {application}");
        view! { <Table caption=caption slug=slug endpoints=endpoints now=now /> }.into_any()
    };
    view! {
        <Framed frame=visit.frame place=Place::Webhooks title="Webhooks">
            <PageHead title="Webhooks" lead=format!("Backends of {application} that are told what happens to its connections.")>
                {add}
            </PageHead>
            {list}
        </Framed>
    }
    .into_any()
}

#[component]
fn Table(
    caption: String,
    slug: String,
    endpoints: Vec<EndpointSummary>,
    now: Millis,
) -> impl IntoView {
    let rows = endpoints
        .into_iter()
        .map(|endpoint| {
            let (lamp, word) = webhook::state(&endpoint.state);
            let description = (!endpoint.description.is_empty())
                .then(|| view! { <small>{endpoint.description.clone()}</small> });
            view! {
                <tr>
                    <th scope="row">
                        <span><a href=address::webhook(&slug, &endpoint.id)>{endpoint.url}</a>{description}</span>
                    </th>
                    <td data-label="State"><State lamp=lamp words=word /></td>
                    <td data-label="Events"><code>{endpoint.events.join(" ")}</code></td>
                    <td data-label="Last delivered"><MomentOrNever at=endpoint.delivered_at now=now /></td>
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
                        <th scope="col">"Endpoint"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Events"</th>
                        <th scope="col">"Last delivered"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
