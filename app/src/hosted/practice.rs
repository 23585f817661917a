//! The practice provider's two pages: the one where its users approve, and the desk from which a
//! newcomer makes it fail.
//!
//! It plays a foreign provider, so both pages say first that they are not ours. They are plain
//! forms like every hosted page.

use super::Assets;
use super::frame::{self, Card, document};
use super::words::practice as words;
use super::words::{self as languages, Words};
use crate::components::icon::Icon;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::wire::{
    Language, PracticeConsentView, PracticeDeskView, PracticePerson, ProviderMark, ScopeWords,
};
use leptos::prelude::*;

/// The practice provider asks whether the client may.
#[must_use]
pub fn practice_consent(view: &PracticeConsentView, assets: &Assets) -> String {
    let request = view.request.iter().map(|(name, value)| {
        view! { <input type="hidden" name=name.clone() value=value.clone() /> }
    });
    let body = view! {
        {sign()}
        <h1>{words::consent_heading(&view.client)}</h1>
        {wants(view)}
        <form class="stack" method="post" action=view.path.clone()>
            {request.collect_view()} {people(&view.people)}
            <div class="stack stack--tight connect__act">
                <button class="button button--primary button--wide" name="decision" value="approve">
                    {words::APPROVE}
                </button>
                <button class="button button--wide" name="decision" value="deny">
                    {words::DENY}
                </button>
                <p>{words::next(&view.next_host)}</p>
            </div>
        </form>
    };
    let card = Card {
        words: english(),
        title: words::consent_title(&view.client),
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, None, assets)
}

/// A request that the practice provider cannot answer, and why.
#[must_use]
pub fn practice_problem(sentence: &str, assets: &Assets) -> String {
    let body = view! {
        {sign()}
        <header class="stack stack--tight">
            <h1>{words::PROBLEM_HEADING}</h1>
            <p class="quiet">{sentence.to_owned()}</p>
        </header>
        <a class="button button--wide" href="/">
            {words::BACK}
        </a>
    };
    let card = Card {
        words: english(),
        title: words::PROBLEM_HEADING.to_owned(),
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, None, assets)
}

/// The desk: outage, lifetime of access tokens, end of all grants.
#[must_use]
pub fn practice_desk(view: &PracticeDeskView, assets: &Assets) -> String {
    let just_done = view.just_done.map(|deed| {
        view! {
            <p class="notice notice--ok" role="status">
                <Icon icon=Icon::Right />
                <span>{words::just_done(deed, view)}</span>
            </p>
        }
    });
    let body = view! {
        {sign()}
        <header class="stack stack--tight">
            <h1>{words::DESK_HEADING}</h1>
            <p class="quiet">{words::DESK_LEAD}</p>
        </header>
        {just_done}
        {outage(view)}
        {token_life(view)}
        {grants(view)}
        <a class="button button--wide" href=view.back.clone()>
            {words::BACK}
        </a>
    };
    let card = Card {
        words: english(),
        title: words::DESK_TITLE.to_owned(),
        body: body.into_any(),
        foot: Vec::new(),
    };
    document(card, None, assets)
}

/// The practice provider speaks English, whoever reads.
fn english() -> Words {
    languages::of(Language::En)
}

/// Whose page this is.
fn sign() -> impl IntoView + use<> {
    let mark = ProviderMark {
        name: words::NAME.to_owned(),
        initials: words::INITIALS.to_owned(),
        hue: 11,
    };
    view! {
        <div class="who">
            <Mark mark=Mark::provider(&mark).big() />
            <span>
                <strong>{words::NAME}</strong>
            </span>
        </div>
        <p class="notice small">
            <Icon icon=Icon::Info />
            <span>{words::ABOUT}</span>
        </p>
    }
}

fn wants(view: &PracticeConsentView) -> impl IntoView + use<> {
    let scopes = if view.scopes.is_empty() {
        frame::allowed(&[ScopeWords {
            name: String::new(),
            words: words::WANTS_NOTHING.to_owned(),
        }])
    } else {
        frame::allowed(&view.scopes)
    };
    view! {
        <section class="stack" aria-labelledby="wants">
            <h2 id="wants">{words::wants(&view.client)}</h2>
            {scopes}
        </section>
    }
}

fn people(people: &[PracticePerson]) -> impl IntoView + use<> {
    let choices = people.iter().enumerate().map(|(place, person)| {
        let about = [person.email.as_str(), person.remark.as_str()];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        view! {
            <label class="check choice">
                <input
                    type="radio"
                    name="person"
                    value=person.id.clone()
                    checked=place == 0
                    required
                />
                <span>{person.name.clone()}</span>
                <small>{about.join(", ")}</small>
            </label>
        }
    });
    view! {
        <fieldset class="stack stack--tight">
            <legend class="field__label">{words::SIGN_IN_AS}</legend>
            {choices.collect_view()}
        </fieldset>
    }
}

fn outage(view: &PracticeDeskView) -> impl IntoView + use<> {
    let (path, on) = (&view.path, view.outage);
    let lamp = if on { Lamp::Reconnect } else { Lamp::Active };
    view! {
        <section class="stack stack--tight" aria-labelledby="outage">
            <div class="row row--apart">
                <h2 id="outage">{words::OUTAGE}</h2>
                <State lamp words=words::outage_state(on) class="small" />
            </div>
            <p class="small quiet">{words::outage_means(on)}</p>
            <form method="post" action=format!("{path}/outage")>
                <button
                    class="button button--small"
                    type="submit"
                    name="on"
                    value=if on { "false" } else { "true" }
                >
                    {words::outage_button(on)}
                </button>
            </form>
        </section>
    }
}

fn token_life(view: &PracticeDeskView) -> impl IntoView + use<> {
    let (path, seconds) = (&view.path, view.token_life_s);
    let choices = PracticeDeskView::TOKEN_LIVES_S.map(|life| {
        view! {
            <label class="check choice">
                <input
                    type="radio"
                    name="seconds"
                    value=life.to_string()
                    checked=life == seconds
                    required
                />
                <span>{words::token_life(life)}</span>
            </label>
        }
    });
    view! {
        <section class="stack stack--tight" aria-labelledby="token-life">
            <h2 id="token-life">{words::TOKEN_LIFE}</h2>
            <form class="stack stack--tight" method="post" action=format!("{path}/token-life")>
                <fieldset class="stack stack--tight">
                    <legend class="small quiet">{words::TOKEN_LIFE_LABEL}</legend>
                    {choices.into_iter().collect_view()}
                </fieldset>
                <p>
                    <button class="button button--small" type="submit">
                        {words::SAVE}
                    </button>
                </p>
            </form>
        </section>
    }
}

fn grants(view: &PracticeDeskView) -> impl IntoView + use<> {
    let (path, alive) = (&view.path, view.grants);
    view! {
        <section class="stack stack--tight" aria-labelledby="grants">
            <h2 id="grants">{words::GRANTS}</h2>
            <p class="small quiet">{words::grants_mean(alive)}</p>
            <form method="post" action=format!("{path}/revoke-all")>
                <button class="button button--small button--danger" type="submit">
                    {words::REVOKE_ALL}
                </button>
            </form>
        </section>
    }
}
