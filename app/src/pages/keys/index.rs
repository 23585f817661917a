//! `/apps/{slug}/keys`: the keys with which the backend signs its calls.

use super::super::overview::connect_example;
use super::super::visit::{Visit, param, visit};
use super::fields::{KeyFields, Saved};
use super::made::Made;
use crate::actions::keys::CreateKey;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::notice::Refusal;
use crate::components::time::{Day, Moment, MomentOrNever};
use crate::wire::{ApiKeySummary, KeyChoices, KeyState, KeysView, Millis};
use crate::words::{key as words, role};
use leptos::prelude::*;

/// The API keys of an application; one that was just made is shown in full, once.
#[component]
pub fn Keys() -> impl IntoView {
    let slug = param("app");
    let create = ServerAction::<CreateKey>::new();
    let refused = refusal(create);
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
            view! { <Content visit=visit slug=slug keys=keys form=form create=create /> }.into_any()
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
) -> impl IntoView {
    let may = role::may_configure(visit.frame.role);
    let now = visit.frame.now;
    let KeysView {
        application,
        keys,
        made,
        choices,
        public_url,
    } = keys;
    let provider = choices.providers.first();
    let example = connect_example(
        &public_url,
        provider.map_or("practice", |(slug, _)| slug),
        "$GRANTPORT_API_KEY",
    );
    let list = if keys.is_empty() {
        view! { <p class="quiet">"No key yet. The backend of "{application.clone()}" needs one to ask for tokens."</p> }.into_any()
    } else {
        let caption = format!("API keys of {application}");
        view! { <Table caption=caption slug=slug.clone() keys=keys now=now /> }.into_any()
    };
    let refusal = form.clone();
    let make = may.then(|| view! { <NewKey slug=slug choices=choices form=form create=create /> });
    view! {
        <Framed frame=visit.frame place=Place::Keys title="API keys">
            <PageHead title="API keys" lead=format!("The backend of {application} signs its calls with one of these. We keep only a hash.") />
            <Refusal form=refusal />
            {made.map(|made| view! { <Made made=made /> })}
            {list}
            {make}
            <section class="stack stack--tight" aria-labelledby="try">
                <h2 id="try">"Try it"</h2>
                <p class="quiet">"All calls, with what they need and answer, are in the "<a href=address::API_REFERENCE rel="external">"API reference"</a>"."</p>
                <pre class="code" tabindex="0" aria-label="Example with curl">{example}</pre>
            </section>
        </Framed>
    }
    .into_any()
}

#[component]
fn NewKey(
    slug: String,
    choices: KeyChoices,
    form: FormState,
    create: ServerAction<CreateKey>,
) -> impl IntoView {
    view! {
        <section class="panel panel--sunken" aria-labelledby="new">
            <h2 id="new">"New API key"</h2>
            <ActionForm action=create attr:class="stack">
                <input type="hidden" name="application" value=slug />
                <KeyFields saved=Saved::new() choices=choices form=form />
                <p><button class="button button--primary" type="submit">"Make an API key"</button></p>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn Table(caption: String, slug: String, keys: Vec<ApiKeySummary>, now: Millis) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Scopes"</th>
                        <th scope="col">"Limits"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col" class="table__wide">"Made"</th>
                    </tr>
                </thead>
                <tbody>
                    {keys
                        .into_iter()
                        .map(|key| view! { <Row slug=slug.clone() key_=key now=now /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(slug: String, key_: ApiKeySummary, now: Millis) -> impl IntoView {
    let page = address::key(&slug, &key_.id);
    let limits = words::limits(&key_);
    let limits = if limits.is_empty() {
        view! { <span class="quiet">"None"</span> }.into_any()
    } else {
        limits.join("; ").into_any()
    };
    view! {
        <tr>
            <th scope="row"><a href=page>{key_.name.clone()}</a></th>
            <td data-label="State"><Standing key_=key_.clone() now=now /></td>
            <td data-label="Key"><code>{key_.hint}</code></td>
            <td data-label="Scopes">{words::scopes_in_short(&key_.scopes)}</td>
            <td data-label="Limits">{limits}</td>
            <td data-label="Last used"><MomentOrNever at=key_.last_used_at now=now /></td>
            <td data-label="Made" class="table__wide"><span><Day at=key_.created_at />" by "{key_.created_by}</span></td>
        </tr>
    }
    .into_any()
}

/// How a key stands, and since when.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "Leptos hands it over")]
pub(crate) fn Standing(key_: ApiKeySummary, now: Millis) -> impl IntoView {
    let (lamp, since) = match key_.state {
        KeyState::Live => (Lamp::Active, None),
        KeyState::Deprecated => (Lamp::Degraded, key_.deprecated_at),
        KeyState::Expired => (Lamp::Revoked, key_.expires_at),
        KeyState::Revoked => (Lamp::Revoked, key_.revoked_at),
    };
    let since = since.map(|at| view! { <small><Moment at=at now=now /></small> });
    view! { <span><State lamp=lamp words=words::state(key_.state) />{since}</span> }.into_any()
}
