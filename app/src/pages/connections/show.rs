//! `/apps/{slug}/connections/{id}`: why does it not work, and who must act?

use super::in_care::InCare;
use super::marks::{Link, Mending};
use crate::actions::handing_over::HandOver;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::notice::{Refusal, Saved};
use crate::components::time::{Day, Moment, MomentOrNever};
use crate::components::timeline::Timeline;
use crate::components::wire::Wire;
use crate::pages::visit::{param, query, visit};
use crate::wire::{ConnectionState, ConnectionView, OwnerView, ProviderState, QuarantineView};
use crate::words::scopes::in_words;
use crate::words::{diagnosis, number, owner, role};
use leptos::prelude::*;

/// One connection: the diagnosis, its history, and what it is.
#[component]
pub fn Connection() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let older = query("history");
    let refused = refusal(ServerAction::<HandOver>::new());
    let page = address::connection(&slug, &id);
    let asked = slug.clone();
    visit(
        Place::Connections,
        page,
        move |portal| {
            let (slug, id, older) = (asked.clone(), id.clone(), older.clone());
            async move { portal.connection(&slug, &id, &older).await }
        },
        move |visit, view: ConnectionView| {
            let in_care_slug = slug.clone();
            let may_revoke = role::may_revoke(visit.frame.role);
            let may_configure = role::may_configure(visit.frame.role);
            let may_mend = role::may_mend(visit.frame.role);
            let saved = visit.saved.then(
                || view! { <Saved words="The scopes are reduced, and the connection goes on." /> },
            );
            let title = title(&view);
            let form = FormState::new(visit.draft, refused).of("hand-over");
            let quarantine = visit.frame.quarantine;
            view! {
                <Framed frame=visit.frame place=Place::Connections title=title>
                    <Head slug=slug.clone() view=view.clone() may_revoke=may_revoke />
                    <Refusal form=form.clone() />
                    {saved}
                    <Diagnosis slug=slug.clone() view=view.clone() quarantine=quarantine may_configure=may_configure />
                    <Mending slug=slug.clone() view=view.clone() may=may_mend />
                    <div class="split">
                        <section class="stack" aria-labelledby="history">
                            <h2 id="history">"History "<span class="quiet small">"(UTC)"</span></h2>
                            <Timeline entries=view.history.clone() provider=view.provider_short_name.clone() />
                            <Pages slug=slug view=view.clone() />
                        </section>
                        <div class="stack">
                            <Details view=view.clone() />
                            <InCare slug=in_care_slug view=view may=may_mend form=form />
                        </div>
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

/// "Dana Whitfield, Salesforce".
fn title(view: &ConnectionView) -> String {
    format!(
        "{}, {}",
        owner::name(&view.summary.owner),
        view.provider_short_name
    )
}

#[component]
fn Head(slug: String, view: ConnectionView, may_revoke: bool) -> impl IntoView {
    let id = view.summary.id.clone();
    let act = match view.summary.state {
        ConnectionState::Revoked => Some(
            view! { <a class="button" href=address::receipt(&slug, &id)>"Receipt"</a> }.into_any(),
        ),
        _ if may_revoke => Some(
            view! { <a class="button button--warned" href=address::revoke(&slug, &id)>"Revoke"</a> }
                .into_any(),
        ),
        _ => None,
    };
    view! {
        <div class="page__head">
            <div class="page__title">
                <Crumb address=address::connections(&slug) words="Connections" />
                <h1>{title(&view)}</h1>
                <p class="row">
                    <State lamp=view.summary.state.into() class="state--word" />
                    " "
                    <span class="quiet">"since "<Moment at=view.state_since /></span>
                    " "
                    <code class="quiet">{id}</code>
                </p>
            </div>
            {act}
        </div>
    }
    .into_any()
}

#[component]
fn Diagnosis(
    slug: String,
    view: ConnectionView,
    quarantine: Option<QuarantineView>,
    may_configure: bool,
) -> impl IntoView {
    let found = diagnosis::of(&view, quarantine);
    let class = if found.bad {
        "diagnosis diagnosis--bad"
    } else {
        "diagnosis"
    };
    let lamp = Lamp::from(view.summary.state);
    let (application, provider) = (&view.application, &view.provider_short_name);
    let label = match view.summary.state {
        ConnectionState::Active => {
            format!("The wire between {application} and {provider} is whole")
        }
        ConnectionState::Degraded => {
            format!("The wire between {application} and {provider} is strained")
        }
        ConnectionState::ReconnectRequired => {
            format!("The wire between {application} and {provider} is broken")
        }
        ConnectionState::Revoked => format!("The wire between {application} and {provider} is cut"),
    };
    let refused = matches!(
        view.provider_state,
        ProviderState::CredentialsRejected { .. }
    ) && view.summary.state != ConnectionState::Revoked;
    let broken = view.summary.state == ConnectionState::ReconnectRequired;
    let open = (refused && may_configure).then(|| {
        view! {
            <p><a class="button button--primary" href=address::provider(&slug, &view.provider_slug)>"Open "{provider.clone()}</a></p>
        }
    });
    view! {
        <section class=class aria-labelledby="why">
            <h2 class="unseen" id="why">"Why, and what to do"</h2>
            <Wire lamp=lamp from=Mark::application(application).big() to=Mark::provider(&view.summary.provider).big() label=label />
            <p>{found.sentence}</p>
            <dl>
                <div><dt>"Who has to act"</dt><dd>{found.who}</dd></div>
                <div><dt>"What to do now"</dt><dd>{found.now}</dd></div>
                <div><dt>"Until then"</dt><dd>{found.until}</dd></div>
            </dl>
            {open}
            {broken.then(|| view! { <Link view=view.clone() /> })}
        </section>
    }
    .into_any()
}

/// Back and forth through a long history.
#[component]
fn Pages(slug: String, view: ConnectionView) -> impl IntoView {
    let id = &view.summary.id;
    let newest = view
        .history_is_older
        .then(|| address::connection(&slug, id))
        .map(|page| view! { <a class="button button--small" href=page>"Newest"</a> });
    let older = view
        .older_history
        .as_ref()
        .map(|cursor| address::older_history(&slug, id, cursor))
        .map(|page| view! { <a class="button button--small" href=page rel="next">"Older"</a> });
    (newest.is_some() || older.is_some()).then(|| {
        view! { <nav class="row" aria-label="Pages of the history">{newest}{older}</nav> }
    })
}

#[component]
fn Details(view: ConnectionView) -> impl IntoView {
    let summary = view.summary;
    let missing = (!view.missing_scopes.is_empty()).then(|| {
        view! { <div><dt>"Not granted"</dt><dd>{in_words(&view.missing_scopes)}</dd></div> }
    });
    let account_id = view
        .account_id
        .filter(|id| summary.account.as_ref() != Some(id))
        .map(|id| view! { " "<code class="quiet">{id}</code> });
    let connected_by = match &summary.owner {
        OwnerView::Team {
            connected_by: Some(person),
            ..
        } => format!(" by {person}"),
        _ => String::new(),
    };
    let id = owner::id(&summary.owner).to_owned();
    let id =
        (id != owner::name(&summary.owner)).then(|| view! { " "<code class="quiet">{id}</code> });
    view! {
        <aside class="stack stack--tight" aria-labelledby="details">
            <h2 id="details">"Connection"</h2>
            <dl class="facts">
                <div><dt>"Account"</dt><dd>{summary.account.unwrap_or_else(|| "The provider did not tell".to_owned())}{account_id}</dd></div>
                <div><dt>"Owner"</dt><dd>{owner::kind(&summary.owner)}": "{owner::name(&summary.owner).to_owned()}{id}</dd></div>
                <div><dt>"Connected"</dt><dd><Day at=summary.connected_at />{connected_by}</dd></div>
                <div><dt>"Last used"</dt><dd><MomentOrNever at=summary.last_handed_out_at now=view.now /></dd></div>
                <div><dt>"Scopes"</dt><dd>{in_words(&view.scopes)}</dd></div>
                {missing}
                {view
                    .metadata
                    .into_iter()
                    .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
                    .collect_view()}
                <div><dt>"Generation"</dt><dd class="num">{number::grouped(u64::try_from(view.generation).unwrap_or_default())}</dd></div>
            </dl>
        </aside>
    }
    .into_any()
}
