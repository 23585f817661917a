//! `/apps/{slug}/keys/{id}`: one key, what it may do, and how it ends: rotated, deprecated, revoked.

use super::super::visit::{Visit, param, visit};
use super::fields::{KeyFields, Saved};
use super::index::Standing;
use super::made::Made;
use crate::actions::keys::{DeprecateKey, RevokeKey, RotateKey, SaveKey};
use crate::address;
use crate::components::field::{Problem, described_by};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::{Notice, Refusal, Saved as SavedNotice, Tone};
use crate::components::time::{Day, MomentOrNever};
use crate::wire::{ApiKeySummary, Field, KeyChoices, KeyState, KeyView, Millis, Overlap};
use crate::words::{key as words, problem, role};
use leptos::prelude::*;

/// What can be done about a key.
#[derive(Clone, Copy)]
struct Deeds {
    save: ServerAction<SaveKey>,
    rotate: ServerAction<RotateKey>,
    deprecate: ServerAction<DeprecateKey>,
    revoke: ServerAction<RevokeKey>,
}

/// One API key.
#[component]
pub fn Key() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let deeds = Deeds {
        save: ServerAction::new(),
        rotate: ServerAction::new(),
        deprecate: ServerAction::new(),
        revoke: ServerAction::new(),
    };
    let refused = refusal(deeds.save)
        .or_else(|| refusal(deeds.rotate))
        .or_else(|| refusal(deeds.deprecate))
        .or_else(|| refusal(deeds.revoke));
    let page = address::key(&slug, &id);
    let asked = (slug.clone(), id);
    visit(
        Place::Keys,
        page,
        move |portal| {
            let (slug, id) = asked.clone();
            async move { portal.key(&slug, &id).await }
        },
        move |visit, view| {
            let form = FormState::new(visit.draft.clone(), refused);
            view! { <Content visit=visit slug=slug view=view form=form deeds=deeds /> }.into_any()
        },
    )
}

#[component]
fn Content(
    visit: Visit,
    slug: String,
    view: KeyView,
    form: FormState,
    deeds: Deeds,
) -> impl IntoView {
    let now = visit.frame.now;
    let saved = visit.saved && form.error().is_none() && view.made.is_none();
    let works = matches!(view.key.state, KeyState::Live | KeyState::Deprecated);
    let ends = view.key.state != KeyState::Revoked;
    let may = role::may_configure(visit.frame.role) && ends;
    let title = view.key.name.clone();
    let lead = words::lead(&view.key, now);
    let crumb = (address::keys(&slug), "API keys");
    let controls = may.then(|| {
        let (key, choices) = (view.key.clone(), view.choices.clone());
        view! {
            <Settings slug=slug.clone() key_=key choices=choices form=form.clone() action=deeds.save />
            <Rotation slug=slug.clone() view=view.clone() works=works form=form.clone() deeds=deeds />
            <Revocation slug=slug.clone() view=view.clone() form=form.clone() action=deeds.revoke />
        }
    });
    view! {
        <Framed frame=visit.frame place=Place::Keys title=title.clone()>
            <PageHead title=title lead=lead crumb=crumb />
            {saved.then(|| view! { <SavedNotice words="It holds from the next call on, on every node." /> })}
            <Refusal form=form />
            {view.made.clone().map(|made| view! { <Made made=made /> })}
            <Pair slug=slug view=view.clone() now=now />
            <Facts key_=view.key usual_rate=view.choices.usual_rate now=now />
            {controls}
        </Framed>
    }
    .into_any()
}

/// What follows the key, or what it follows: whoever rotates wants to know whether the old one is quiet.
#[component]
fn Pair(slug: String, view: KeyView, now: Millis) -> impl IntoView {
    let successor = view.successor.map(|link| {
        let page = address::key(&slug, &link.id);
        view! { <p>"It is followed by "<a href=page><code>{link.hint}</code></a>". Once nothing uses this one any more, revoke it."</p> }
    });
    let replaced = view.replaces.map(|link| {
        let page = address::key(&slug, &link.id);
        view! {
            <p>
                "It follows "<a href=page><code>{link.hint}</code></a>
                ", which was last used: "<MomentOrNever at=link.last_used_at now=now />"."
            </p>
        }
    });
    (successor.is_some() || replaced.is_some()).then(|| {
        view! { <Notice tone=Tone::Plain><div class="stack stack--tight">{successor}{replaced}</div></Notice> }
    })
}

#[component]
fn Facts(key_: ApiKeySummary, usual_rate: u32, now: Millis) -> impl IntoView {
    let listed = |all: &'static str, parts: &[String]| {
        if parts.is_empty() {
            all.to_owned()
        } else {
            parts.join(", ")
        }
    };
    let scopes = key_
        .scopes
        .iter()
        .map(|scope| view! { <li>{words::scope(*scope)}" "<small><code>{scope.as_str()}</code></small></li> })
        .collect_view();
    let rate = key_.rate_per_s.unwrap_or(usual_rate);
    view! {
        <dl class="facts">
            <div><dt>"Key"</dt><dd><code>{key_.hint.clone()}</code></dd></div>
            <div><dt>"State"</dt><dd><Standing key_=key_.clone() now=now /></dd></div>
            <div><dt>"Last used"</dt><dd><MomentOrNever at=key_.last_used_at now=now /></dd></div>
            <div><dt>"Made"</dt><dd><Day at=key_.created_at />" by "{key_.created_by.clone()}</dd></div>
            <div><dt>{problem::label(Field::KeyScopes)}</dt><dd><ul>{scopes}</ul></dd></div>
            <div><dt>{problem::label(Field::KeyProviders)}</dt><dd>{listed("All", &key_.providers)}</dd></div>
            <div><dt>{problem::label(Field::IpRanges)}</dt><dd>{listed("From everywhere", &key_.ip_ranges)}</dd></div>
            <div><dt>{problem::label(Field::Rate)}</dt><dd>{rate}</dd></div>
        </dl>
    }
    .into_any()
}

#[component]
fn Settings(
    slug: String,
    key_: ApiKeySummary,
    choices: KeyChoices,
    form: FormState,
    action: ServerAction<SaveKey>,
) -> impl IntoView {
    let saved = Saved::of(&key_);
    view! {
        <section class="panel panel--sunken" aria-labelledby="settings">
            <h2 id="settings">"What it may do"</h2>
            <ActionForm action=action attr:class="stack">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="key" value=key_.id />
                <KeyFields saved=saved choices=choices form=form />
                <p><button class="button button--primary" type="submit">"Save"</button></p>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn Rotation(
    slug: String,
    view: KeyView,
    works: bool,
    form: FormState,
    deeds: Deeds,
) -> impl IntoView {
    let key = view.key.id.clone();
    let rotate = view.successor.is_none().then(|| {
        view! { <Rotate slug=slug.clone() id_=key.clone() form=form action=deeds.rotate /> }
    });
    let deprecate = works.then(|| {
        view! { <Deprecate slug=slug id_=key key_state=view.key.state action=deeds.deprecate /> }
    });
    view! {
        <section class="stack" aria-labelledby="rotation">
            <h2 id="rotation">"Replace it"</h2>
            {rotate}
            {deprecate}
        </section>
    }
    .into_any()
}

#[component]
fn Rotate(
    slug: String,
    id_: String,
    form: FormState,
    action: ServerAction<RotateKey>,
) -> impl IntoView {
    let id = problem::control(Field::Overlap);
    let wrong = form.problem(Field::Overlap);
    let described = described_by(id, false, wrong.is_some());
    let choices = Overlap::ALL
        .map(|overlap| {
            let checked = overlap == Overlap::UntilRevoked;
            view! {
                <label class="check choice">
                    <input type="radio" name="overlap" value=overlap.value() checked=checked />
                    <span>{words::overlap(overlap)}</span>
                </label>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <ActionForm action=action attr:class="stack">
            <input type="hidden" name="application" value=slug />
            <input type="hidden" name="key" value=id_ />
            <p>"A new key with the same settings is made and shown once. Both work, so nothing breaks while you put the new one in place."</p>
            <fieldset class="field" id=id tabindex="-1" aria-describedby=described>
                <legend class="field__label">{problem::label(Field::Overlap)}</legend>
                <div class="stack stack--tight">{choices}</div>
                <Problem id=id wrong=wrong />
            </fieldset>
            <p><button class="button" type="submit">"Rotate"</button></p>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Deprecate(
    slug: String,
    id_: String,
    key_state: KeyState,
    action: ServerAction<DeprecateKey>,
) -> impl IntoView {
    let (deed, words, effect) = if key_state == KeyState::Deprecated {
        (
            "undo",
            "Undo deprecation",
            "Its answers no longer say that it is on its way out. Its last day stays as it is set above.",
        )
    } else {
        (
            "deprecate",
            "Deprecate",
            "It works on, and each answer says in its headers that it is on its way out, so that whoever still uses it can see it.",
        )
    };
    view! {
        <ActionForm action=action attr:class="stack stack--tight">
            <input type="hidden" name="application" value=slug />
            <input type="hidden" name="key" value=id_ />
            <input type="hidden" name="deed" value=deed />
            <p><button class="button" type="submit">{words}</button></p>
            <p class="small quiet">{effect}</p>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Revocation(
    slug: String,
    view: KeyView,
    form: FormState,
    action: ServerAction<RevokeKey>,
) -> impl IntoView {
    let id = problem::control(Field::StillUsed);
    let wrong = form.problem(Field::StillUsed);
    let described = described_by(id, false, wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    let asked = view.used_lately.then(|| {
        view! {
            <Notice tone=Tone::Warn>
                <p><strong>"Something used this key in the last 24 hours."</strong>" Its calls fail as soon as you revoke it. Rotate it first, and revoke it when it is quiet."</p>
            </Notice>
            <div class="field">
                <label class="check">
                    <input type="checkbox" id=id name="although_used" value="yes" aria-invalid=invalid aria-describedby=described />
                    <span>"Revoke it although it is in use"</span>
                </label>
                <Problem id=id wrong=wrong />
            </div>
        }
    });
    view! {
        <section class="stack" aria-labelledby="revocation">
            <h2 id="revocation">"Revoke"</h2>
            <ActionForm action=action attr:class="stack">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="key" value=view.key.id />
                {asked}
                <p><button class="button button--danger" type="submit">"Revoke"</button></p>
                <p class="small quiet">"Calls with it are refused from then on. A key that was revoked does not come back; the connections stay."</p>
            </ActionForm>
        </section>
    }
    .into_any()
}
