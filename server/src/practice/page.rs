//! The pages of the practice provider. None needs JavaScript; `app::hosted` draws them.

use super::memory::Lifetime;
use super::people::Person;
use crate::catalog::{Catalog, Definition};
use crate::domain::Scopes;
use crate::http::assets;
use app::hosted;
use app::wire::{PracticeConsentView, PracticeDeed, PracticeDeskView, PracticePerson, ScopeWords};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::sync::{Arc, LazyLock};

/// Nothing but our own style sheet and forms. A browser may apply `form-action` to every stop of the
/// way back from the consent form, and the last stop is the application's own page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'";

/// What the scopes allow stands in the practice provider's own definition.
static DEFINITION: LazyLock<Option<Arc<Definition>>> = LazyLock::new(|| {
    Catalog::built_in()
        .ok()?
        .by_name()
        .into_iter()
        .find(|definition| definition.practice)
});

/// What the consent page shows.
pub(super) struct Consent<'a> {
    /// Who may approve.
    pub(super) people: &'a [Person],
    /// What is asked for.
    pub(super) scopes: Vec<&'a str>,
    /// The request, which the form sends along.
    pub(super) carried: Vec<(&'static str, String)>,
    /// Where the browser goes next, as a host.
    pub(super) next_host: String,
}

/// What the desk shows.
pub(super) struct Desk {
    /// There is an outage.
    pub(super) outage: bool,
    /// Of new access tokens.
    pub(super) lifetime: Lifetime,
    /// Grants that are known to live.
    pub(super) grants: usize,
    /// What was done a moment ago.
    pub(super) just_done: Option<PracticeDeed>,
}

/// The question whether to approve.
pub(super) fn consent(consent: Consent<'_>) -> Response {
    let view = PracticeConsentView {
        path: "/practice/authorize".to_owned(),
        request: consent
            .carried
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        client: "Your application".to_owned(),
        scopes: scope_words(&consent.scopes),
        people: consent.people.iter().map(person).collect(),
        next_host: consent.next_host,
    };
    document(StatusCode::OK, hosted::practice_consent(&view, &files()))
}

fn scope_words(names: &[&str]) -> Vec<ScopeWords> {
    match &*DEFINITION {
        Some(definition) => definition.words_for(&Scopes::parse_lenient(&names.join(" "))),
        None => names
            .iter()
            .map(|name| ScopeWords {
                name: (*name).to_owned(),
                words: String::new(),
            })
            .collect(),
    }
}

fn person(person: &Person) -> PracticePerson {
    PracticePerson {
        id: person.id.to_owned(),
        name: person.name.to_owned(),
        email: person.email.to_owned(),
        remark: String::new(),
    }
}

/// The desk.
pub(super) fn desk(desk: &Desk) -> Response {
    let view = PracticeDeskView {
        path: "/practice/desk".to_owned(),
        outage: desk.outage,
        token_life_s: desk.lifetime.seconds(),
        grants: u64::try_from(desk.grants).unwrap_or(u64::MAX),
        just_done: desk.just_done,
        back: "/".to_owned(),
    };
    document(StatusCode::OK, hosted::practice_desk(&view, &files()))
}

/// A page that says what is wrong.
pub(super) fn problem(status: StatusCode, sentence: &str) -> Response {
    document(status, hosted::practice_problem(sentence, &files()))
}

fn files() -> hosted::Assets {
    hosted::Assets {
        stylesheet: assets::stylesheet_href(),
        favicon: "/favicon.svg".to_owned(),
    }
}

fn document(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, Html(html)).into_response()
}
