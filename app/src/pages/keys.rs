//! `/apps/{slug}/keys`: the keys with which the backend signs its calls.

use super::overview::connect_example;
use super::visit::{Visit, param, visit};
use crate::actions::keys::{CreateKey, RevokeKey};
use crate::address;
use crate::components::copy_field::CopyField;
use crate::components::field::TextField;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::notice::Refusal;
use crate::components::time::{Day, Moment, MomentOrNever};
use crate::wire::{ApiKeySummary, Field, KeysView, Millis, NewApiKey};
use crate::words::role;
use leptos::prelude::*;

/// The API keys of an application; one that was just made is shown in full, once.
#[component]
pub fn Keys() -> impl IntoView {
    let slug = param("app");
    let create = ServerAction::<CreateKey>::new();
    let revoke = ServerAction::<RevokeKey>::new();
    let refused = refusal(create).or_else(|| refusal(revoke));
    let asked = slug.clone();
    visit(
        Place::Keys,
        address::keys(&slug),
        move |portal| {
            let slug = asked.clone();
            async move { portal.keys(&slug).await }
        },
        move |visit, keys| {
            let form = FormState::new(visit.draft.clone(), refused);
            view! { <Content visit=visit slug=slug keys=keys form=form create=create revoke=revoke /> }
                .into_any()
        },
    )
}

#[component]
fn Content(
    visit: Visit,
    slug: String,
    keys: KeysView,
    form: FormState,
    create: ServerAction<CreateKey>,
    revoke: ServerAction<RevokeKey>,
) -> impl IntoView {
    let may = role::may_configure(visit.frame.role);
    let now = visit.frame.now;
    let KeysView {
        application,
        keys,
        made,
        public_url,
        example_provider,
    } = keys;
    let example = connect_example(
        &public_url,
        example_provider.as_deref().unwrap_or("practice"),
        "$GRANTPORT_API_KEY",
    );
    let list = if keys.is_empty() {
        view! { <p class="quiet">"No key yet. The backend of "{application.clone()}" needs one to ask for tokens."</p> }.into_any()
    } else {
        let caption = format!("API keys of {application}");
        view! { <Table caption=caption slug=slug.clone() keys=keys may=may now=now revoke=revoke /> }
            .into_any()
    };
    let refusal = form.clone();
    let make = may.then(|| {
        view! {
            <section class="panel panel--sunken" aria-labelledby="new">
                <h2 id="new">"New API key"</h2>
                <ActionForm action=create attr:class="stack">
                    <input type="hidden" name="application" value=slug />
                    <TextField field=Field::KeyName name="name" hint="What uses it, such as backend. The audit names it." required=true form=form />
                    <p><button class="button button--primary" type="submit">"Make an API key"</button></p>
                </ActionForm>
            </section>
        }
    });
    view! {
        <Framed frame=visit.frame place=Place::Keys title="API keys">
            <PageHead title="API keys" lead=format!("The backend of {application} signs its calls with one of these. We keep only a hash.") />
            <Refusal form=refusal />
            {made.map(|made| view! { <Made made=made /> })}
            {list}
            {make}
            <section class="stack stack--tight" aria-labelledby="try">
                <h2 id="try">"Try it"</h2>
                <pre class="code" tabindex="0" aria-label="Example with curl">{example}</pre>
            </section>
        </Framed>
    }
    .into_any()
}

/// The key, in full, for the only time.
#[component]
fn Made(made: NewApiKey) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="made" role="status">
            <h2 id="made">"API key “"{made.name}"” is made"</h2>
            <CopyField id="api-key" label="API key" value=made.key hint="Copy it now. It is shown once: when you leave this page, nobody can read it again." />
        </section>
    }
    .into_any()
}

#[component]
fn Table(
    caption: String,
    slug: String,
    keys: Vec<ApiKeySummary>,
    may: bool,
    now: Millis,
    revoke: ServerAction<RevokeKey>,
) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col">"Made"</th>
                        {may.then(|| view! { <th scope="col"><span class="unseen">"Revoke"</span></th> })}
                    </tr>
                </thead>
                <tbody>
                    {keys
                        .into_iter()
                        .map(|key| view! { <Row slug=slug.clone() key_=key may=may now=now revoke=revoke /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    slug: String,
    key_: ApiKeySummary,
    may: bool,
    now: Millis,
    revoke: ServerAction<RevokeKey>,
) -> impl IntoView {
    let live = key_.revoked_at.is_none();
    let state = match key_.revoked_at {
        None => view! { <State lamp=Lamp::Active /> }.into_any(),
        Some(at) => view! {
            <span><State lamp=Lamp::Revoked /><small><Moment at=at now=now /></small></span>
        }
        .into_any(),
    };
    let name = key_.name.clone();
    let end = may.then(|| {
        view! {
            <td>
                {live
                    .then(|| {
                        view! {
                            <ActionForm action=revoke>
                                <input type="hidden" name="application" value=slug />
                                <input type="hidden" name="key" value=key_.id />
                                <button class="button button--small button--warned" type="submit">
                                    "Revoke"
                                    <span class="unseen">" "{name}</span>
                                </button>
                            </ActionForm>
                        }
                    })}
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">{key_.name}</th>
            <td data-label="State">{state}</td>
            <td data-label="Key"><code>{key_.hint}</code></td>
            <td data-label="Last used"><MomentOrNever at=key_.last_used_at now=now /></td>
            <td data-label="Made"><span><Day at=key_.created_at />" by "{key_.created_by}</span></td>
            {end}
        </tr>
    }
    .into_any()
}
