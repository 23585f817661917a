//! The frame of every portal page: the rail with the navigation, and the page beside it.
//!
//! The rail is a popover on phones and a column on desks, by CSS alone. It shows only pages that
//! exist and that this member's role may open.

use super::icon::{BrandSign, Icon};
use super::mark::Mark;
use super::quarantine::Quarantined;
use super::stop::StoppedNotice;
use crate::actions::session::SignOut;
use crate::address;
use crate::wire::{ApplicationLink, Frame, Role};
use crate::words::role;
use leptos::prelude::*;
use leptos_meta::{Body, Title};

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The list of applications, and the form for a new one.
    Applications,
    /// Overview of an application.
    Overview,
    /// Its providers.
    Providers,
    /// Its connections.
    Connections,
    /// Its API keys.
    Keys,
    /// Where its backends are told what happens.
    Webhooks,
    /// Its settings.
    Settings,
    /// Who did what.
    Audit,
    /// The members of the organization.
    Members,
    /// The member who is signed in.
    Account,
}

/// A portal page: document title, rail, and its content inside `<main>`, below what holds for the
/// whole installation.
#[component]
pub(crate) fn Framed(
    frame: Frame,
    place: Place,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    let quarantined = frame
        .quarantine
        .map(|quarantine| view! { <Quarantined quarantine=quarantine /> });
    let slug = frame.current.as_ref().map(|current| current.slug.clone());
    let stops = frame
        .stops
        .iter()
        .cloned()
        .zip(std::iter::repeat(slug.unwrap_or_default()))
        .map(|(stop, slug)| view! { <StoppedNotice slug=slug stop=stop /> })
        .collect_view();
    view! {
        <Title text=title />
        <Body attr:class="shell" />
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="head">
            <a class="brand" href=address::APPLICATIONS><BrandSign />" Grantport"</a>
            <button class="button button--quiet" type="button" popovertarget="menu" aria-label="Menu">
                <Icon icon=Icon::Menu size=20 />
            </button>
        </header>
        <nav class="side" id="menu" aria-label="Main" popover="auto">
            <Rail frame=frame place=place />
        </nav>
        <main class="page" id="main" tabindex="-1">{quarantined}{stops}{children()}</main>
    }
    .into_any()
}

#[component]
fn Rail(frame: Frame, place: Place) -> impl IntoView {
    let inside = frame
        .current
        .clone()
        .filter(|_| role::may_open_application(frame.role));
    view! {
        {inside
            .clone()
            .filter(|_| role::may_read_connections(frame.role))
            .map(|current| view! { <FindConnection application=current.slug /> })}
        {inside
            .map(|current| {
                view! { <ApplicationNav current=current all=frame.applications.clone() role=frame.role place=place /> }
            })}
        <div>
            <p class="nav__title" id="nav-org">{frame.organization.clone()}</p>
            <ul class="nav" aria-labelledby="nav-org">
                <Item address=address::APPLICATIONS icon=Icon::Applications words="Applications" here=place == Place::Applications />
                {role::may_read_audit(frame.role)
                    .then(|| view! { <Item address=address::AUDIT icon=Icon::Audit words="Audit" here=place == Place::Audit /> })}
                {role::may_read_members(frame.role)
                    .then(|| {
                        view! { <Item address=address::MEMBERS icon=Icon::People words="Members" here=place == Place::Members /> }
                    })}
            </ul>
        </div>
        <MemberMenu frame=frame here=place == Place::Account />
    }
    .into_any()
}

#[component]
fn FindConnection(application: String) -> impl IntoView {
    view! {
        <form class="search" role="search" action=address::connections(&application) aria-label="Everywhere">
            <Icon icon=Icon::Search />
            <label class="unseen" for="find">"Find a connection"</label>
            <input class="input" id="find" name="q" type="search" placeholder="Find a connection" />
        </form>
    }
    .into_any()
}

#[component]
fn ApplicationNav(
    current: ApplicationLink,
    all: Vec<ApplicationLink>,
    role: Role,
    place: Place,
) -> impl IntoView {
    let slug = current.slug.clone();
    let items = [
        (
            Place::Overview,
            address::application(&slug),
            Icon::Overview,
            "Overview",
            role::may_read_connections(role),
        ),
        (
            Place::Providers,
            address::providers(&slug),
            Icon::Provider,
            "OAuth Providers",
            role::may_read_configuration(role),
        ),
        (
            Place::Connections,
            address::connections(&slug),
            Icon::Connection,
            "Connections",
            role::may_read_connections(role),
        ),
        (
            Place::Keys,
            address::keys(&slug),
            Icon::Key,
            "API keys",
            role::may_read_configuration(role),
        ),
        (
            Place::Webhooks,
            address::webhooks(&slug),
            Icon::Webhook,
            "Webhooks",
            role::may_read_configuration(role),
        ),
        (
            Place::Settings,
            address::settings(&slug),
            Icon::Settings,
            "Settings",
            role::may_read_configuration(role),
        ),
    ];
    view! {
        <div>
            <ApplicationMenu current=current.clone() all=all />
            <p class="unseen" id="nav-app">{current.name}</p>
            <ul class="nav" aria-labelledby="nav-app">
                {items
                    .into_iter()
                    .filter(|(.., shown)| *shown)
                    .map(|(item, address, icon, words, _)| {
                        view! { <Item address=address icon=icon words=words here=item == place /> }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

#[component]
fn ApplicationMenu(current: ApplicationLink, all: Vec<ApplicationLink>) -> impl IntoView {
    let others = all
        .into_iter()
        .map(|application| {
            let here = (application.slug == current.slug).then_some("true");
            view! {
                <li>
                    <a class="nav__item" href=address::application(&application.slug) aria-current=here>
                        <Mark mark=Mark::application(&application.name) />
                        " "
                        {application.name}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="menu">
            <summary>
                <Mark mark=Mark::application(&current.name) />
                " "
                <span><strong>{current.name}</strong></span>
                <Icon icon=Icon::Chevron />
            </summary>
            <ul class="menu__list">
                {others}
                <Item address=address::APPLICATIONS icon=Icon::Applications words="All applications" here=false />
            </ul>
        </details>
    }
    .into_any()
}

#[component]
fn MemberMenu(frame: Frame, here: bool) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    view! {
        <details class="menu side__foot">
            <summary>
                <Mark mark=Mark::person(&frame.member_id, &frame.member_name) />
                " "
                <span>{frame.member_name}<br /><small class="quiet">{role::name(frame.role)}</small></span>
                <Icon icon=Icon::Chevron />
            </summary>
            <ul class="menu__list">
                <Item address=address::ACCOUNT icon=Icon::Person words="Account and sessions" here=here />
                <Item address=address::API_REFERENCE icon=Icon::File words="API reference" here=false />
                <li>
                    <ActionForm action=sign_out>
                        <button class="nav__item" type="submit"><Icon icon=Icon::Leave />" Sign out"</button>
                    </ActionForm>
                </li>
            </ul>
        </details>
    }
    .into_any()
}

#[component]
fn Item(
    #[prop(into)] address: String,
    icon: Icon,
    words: &'static str,
    here: bool,
) -> impl IntoView {
    view! {
        <li>
            <a class="nav__item" href=address aria-current=here.then_some("page")>
                <Icon icon=icon />
                " "
                {words}
            </a>
        </li>
    }
    .into_any()
}

/// The top of a page: heading, a sentence, and what can be done.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    /// One sentence: what is the case.
    #[prop(optional, into)]
    lead: String,
    /// Where it leads back to: address and words.
    #[prop(optional)]
    crumb: Option<(String, &'static str)>,
    /// At most two buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page__head">
            <div class="page__title">
                {crumb.map(|(address, words)| view! { <Crumb address=address words=words /> })}
                <h1>{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="page__lead">{lead}</p> })}
            </div>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

/// The way back to the list above.
#[component]
pub(crate) fn Crumb(address: String, words: &'static str) -> impl IntoView {
    view! { <a class="crumb" href=address><Icon icon=Icon::Chevron size=14 />{words}</a> }
        .into_any()
}
