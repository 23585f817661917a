//! What stands around every hosted page: the document, the card, and the line below it.

use super::Assets;
use super::words::{self, frame};
use crate::components::icon::Icon;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::wire::{ForWhom, Host, ProviderMark, ScopeWords};
use leptos::prelude::*;

/// A page before it is written out.
pub(super) struct Card {
    /// The document's title.
    pub(super) title: String,
    /// What stands on the card, from the header down.
    pub(super) body: AnyView,
    /// Lines below the card, before the one that says who keeps this.
    pub(super) foot: Vec<String>,
}

/// Writes a complete document.
pub(super) fn document(card: Card, host: Option<&Host>, assets: &Assets) -> String {
    let Card {
        title,
        body,
        mut foot,
    } = card;
    foot.push(frame::kept_by(host.map(|host| host.organization.as_str())));
    let stylesheet = assets.stylesheet.clone();
    let favicon = assets.favicon.clone();
    let write = move || {
        view! {
            <!DOCTYPE html>
            <html lang=words::LANGUAGE>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="robots" content="noindex" />
                    <title>{title}</title>
                    <link rel="icon" href=favicon />
                    <link rel="stylesheet" href=stylesheet />
                </head>
                <body class="hosted">
                    <a class="skip" href="#main">
                        {frame::SKIP}
                    </a>
                    <main class="hosted__card" id="main" tabindex="-1">
                        {body}
                    </main>
                    <footer class="hosted__foot">
                        {foot.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                    </footer>
                </body>
            </html>
        }
        .to_html()
    };
    // The marker between neighbouring nodes is for a script that never comes. Text and attributes
    // have their `<` escaped, so no other `<!>` can stand here.
    Owner::new().with(write).replace("<!>", "")
}

/// Who the connection is for: a person, and their team where it is the team's.
pub(super) fn for_whom(person: &ForWhom) -> impl IntoView + use<> {
    let identity = person.email.as_deref().unwrap_or(&person.name);
    let second = frame::below_name(person).map(|line| {
        view! {
            <br />
            <span class="quiet">{line}</span>
        }
    });
    view! {
        <div class="connect__for">
            <Mark mark=Mark::person(identity, &person.name).big() />
            <p>{frame::FOR} <strong>{person.name.clone()}</strong> {second}</p>
        </div>
    }
}

/// What a scope allows, in its words; its name where the definition has none.
pub(super) fn scope(scope: &ScopeWords) -> AnyView {
    if scope.words.is_empty() {
        view! { <code>{scope.name.clone()}</code> }.into_any()
    } else {
        scope.words.clone().into_any()
    }
}

/// A list of what is allowed.
pub(super) fn allowed(scopes: &[ScopeWords]) -> impl IntoView + use<> {
    let items = scopes.iter().map(|allowed| {
        view! {
            <li>
                <Icon icon=Icon::Tick />
                <span>{scope(allowed)}</span>
            </li>
        }
    });
    view! { <ul class="allows">{items.collect_view()}</ul> }
}

/// The way back to the application as a button, else the words that the page can be closed.
pub(super) fn way_back(host: &Host, class: &'static str) -> AnyView {
    match address_back(host) {
        Some(address) => view! {
            <a class=class href=address>
                {frame::back_to(&host.application)}
            </a>
        }
        .into_any(),
        None => view! { <p>{frame::close_this_page(&host.application)}</p> }.into_any(),
    }
}

/// The return URL, if it is an address that a browser opens as a page. Return URLs are checked when
/// they are registered (R15); a link is the last place where another scheme would do harm.
pub(super) fn address_back(host: &Host) -> Option<String> {
    let opens_a_page =
        |address: &String| address.starts_with("https://") || address.starts_with("http://");
    host.back.clone().filter(opens_a_page)
}

/// The application's mark and "CRM Sync by Acme", where no single connection is the subject.
pub(super) fn application(host: &Host) -> impl IntoView + use<> {
    view! {
        <div class="who">
            <Mark mark=Mark::application(&host.application).big() />
            <span class="quiet small">{frame::by(&host.application, &host.organization)}</span>
        </div>
    }
}

/// A provider's mark and name, with the account below when there is one.
pub(super) fn provider(mark: &ProviderMark, account: Option<&str>) -> impl IntoView + use<> {
    let account = account.map(str::to_owned);
    view! {
        <div class="who">
            <Mark mark=Mark::provider(mark).big() />
            <span>
                <strong>{mark.name.clone()}</strong>
                {account.map(|account| view! { <small>{account}</small> })}
            </span>
        </div>
    }
}

/// A row: the provider on one side, its state on the other.
pub(super) fn provider_with_state(
    mark: &ProviderMark,
    account: Option<&str>,
    lamp: Lamp,
    words: &'static str,
) -> impl IntoView + use<> {
    view! {
        <div class="row row--apart">
            {provider(mark, account)} <State lamp words class="small" />
        </div>
    }
}
