//! What stands around every hosted page: the document, the card, and the line below it.

use super::Assets;
use super::words::{self, Words};
use crate::address;
use crate::components::icon::Icon;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::wire::{ForWhom, Grants, Host, ProviderMark, ScopeWords};
use leptos::prelude::*;

/// A page before it is written out.
pub(super) struct Card {
    /// The words of its language.
    pub(super) words: Words,
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
        words,
        title,
        body,
        mut foot,
    } = card;
    foot.push(
        words
            .frame
            .kept_by(host.map(|host| host.organization.as_str())),
    );
    let stylesheet = assets.stylesheet.clone();
    let favicon = assets.favicon.clone();
    let theme = host.and_then(|host| host.brand.accent.as_deref().map(address::theme));
    let write = move || {
        view! {
            <!DOCTYPE html>
            <html lang=words.language.tag()>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="robots" content="noindex" />
                    <title>{title}</title>
                    <link rel="icon" href=favicon />
                    <link rel="stylesheet" href=stylesheet />
                    {theme.map(|theme| view! { <link rel="stylesheet" href=theme /> })}
                </head>
                <body class="hosted">
                    <a class="skip" href="#main">
                        {words.frame.skip()}
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
pub(super) fn for_whom(words: Words, person: &ForWhom) -> impl IntoView + use<> {
    let identity = person.email.as_deref().unwrap_or(&person.name);
    let second = words.frame.below_name(person).map(|line| {
        view! {
            <br />
            <span class="quiet">{line}</span>
        }
    });
    view! {
        <div class="connect__for">
            <Mark mark=Mark::person(identity, &person.name).big() />
            <p>{words.frame.before_name()} <strong>{person.name.clone()}</strong> {second}</p>
        </div>
    }
}

/// What staff can look up.
pub(super) fn support_code(words: Words, code: &str) -> impl IntoView + use<> {
    let code = code.to_owned();
    view! {
        <p class="code connect__code">
            <span>{words.problem.support_code()}</span>
            <strong>{code}</strong>
        </p>
    }
}

/// A provider that keeps few grants for one account, before the next one ends the oldest.
pub(super) fn few_grants(words: Words, name: &str, grants: Grants) -> impl IntoView + use<> {
    view! {
        <section class="notice notice--warn" aria-labelledby="grants">
            <Icon icon=Icon::Warning />
            <div>
                <h2 id="grants">{words.frame.grants_heading(name)}</h2>
                <p class="small">{words.frame.grants(name, grants)}</p>
            </div>
        </section>
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
    let words = words::of(host.language).frame;
    match address_back(host) {
        Some(address) => view! {
            <a class=class href=address>
                {words.back_to(&host.application)}
            </a>
        }
        .into_any(),
        None => view! { <p>{words.close_this_page(&host.application)}</p> }.into_any(),
    }
}

/// The return URL, if it is an address that a browser opens as a page. Return URLs are checked when
/// they are registered (R15); a link is the last place where another scheme would do harm.
pub(super) fn address_back(host: &Host) -> Option<String> {
    let opens_a_page =
        |address: &String| address.starts_with("https://") || address.starts_with("http://");
    host.back.clone().filter(opens_a_page)
}

/// The application's mark: its logo, else its initials.
pub(super) fn application_mark(host: &Host) -> Mark {
    Mark::application(&host.application).with_logo(&host.brand)
}

/// The application's mark and "CRM Sync by Acme", where no single connection is the subject.
pub(super) fn application(host: &Host) -> impl IntoView + use<> {
    let words = words::of(host.language).frame;
    view! {
        <div class="who">
            <Mark mark=application_mark(host).big() />
            <span class="quiet small">{words.by(&host.application, &host.organization)}</span>
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
