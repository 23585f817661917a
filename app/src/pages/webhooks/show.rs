//! `/apps/{slug}/webhooks/{id}`: one endpoint, how it stands, and what was delivered to it.

use super::deliveries::Deliveries;
use super::fields::EndpointFields;
use crate::actions::webhooks::{
    DeleteWebhook, EndOldWebhookSecret, RotateWebhookSecret, SaveWebhook, SendWebhookAgain,
    SwitchWebhook, TestWebhook,
};
use crate::address;
use crate::components::copy_field::CopyField;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::{Notice, Refusal, Saved, Tone};
use crate::components::time::{Day, Moment};
use crate::pages::visit::{Visit, param, query, visit};
use crate::wire::{EndpointState, EndpointSummary, EndpointView, Millis, PortalError};
use crate::words::{role, webhook};
use leptos::prelude::*;

/// What the page's forms are sent by.
#[derive(Clone, Copy)]
struct Deeds {
    save: ServerAction<SaveWebhook>,
    rotate: ServerAction<RotateWebhookSecret>,
    end_old: ServerAction<EndOldWebhookSecret>,
    switch: ServerAction<SwitchWebhook>,
    delete: ServerAction<DeleteWebhook>,
    test: ServerAction<TestWebhook>,
    again: ServerAction<SendWebhookAgain>,
}

impl Deeds {
    fn new() -> Self {
        Self {
            save: ServerAction::new(),
            rotate: ServerAction::new(),
            end_old: ServerAction::new(),
            switch: ServerAction::new(),
            delete: ServerAction::new(),
            test: ServerAction::new(),
            again: ServerAction::new(),
        }
    }

    fn refusal(self) -> Option<PortalError> {
        refusal(self.save)
            .or_else(|| refusal(self.rotate))
            .or_else(|| refusal(self.end_old))
            .or_else(|| refusal(self.switch))
            .or_else(|| refusal(self.delete))
            .or_else(|| refusal(self.test))
            .or_else(|| refusal(self.again))
    }
}

/// One endpoint; a secret that was just made is shown in full, once.
#[component]
pub fn Webhook() -> impl IntoView {
    let (slug, id, older) = (param("app"), param("webhook"), query("deliveries"));
    let deeds = Deeds::new();
    let refused = deeds.refusal();
    let asked = (slug.clone(), id.clone());
    visit(
        Place::Webhooks,
        address::webhook(&slug, &id),
        move |portal| {
            let ((slug, id), older) = (asked.clone(), older.clone());
            async move { portal.webhook(&slug, &id, &older).await }
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
    view: EndpointView,
    form: FormState,
    deeds: Deeds,
) -> impl IntoView {
    let may = role::may_configure(visit.frame.role);
    let (id, now) = (view.endpoint.id.clone(), visit.frame.now);
    let state = view.endpoint.state;
    let disabled = matches!(state, EndpointState::Disabled { .. });
    let title = view.endpoint.url.clone();
    let lead = if view.endpoint.description.is_empty() {
        format!(
            "A backend of {} that is told what happens.",
            view.application
        )
    } else {
        view.endpoint.description.clone()
    };
    let trouble = webhook::trouble(&state).map(|(strong, rest)| {
        let tone = if disabled { Tone::Bad } else { Tone::Warn };
        view! { <Notice tone=tone><p><strong>{strong}</strong>" "{rest}</p></Notice> }
    });
    let made = view.secret.map(|secret| {
        view! {
            <section class="panel" aria-labelledby="made" role="status">
                <h2 id="made">"Signing secret"</h2>
                <CopyField
                    id="webhook-secret"
                    label="Signing secret"
                    value=secret.0
                    hint="Copy it now into your backend, which verifies with it what it is sent. It is shown once."
                />
            </section>
        }
    });
    let saved = visit
        .saved
        .then(|| view! { <Saved words="The next event is sent as it says below." /> });
    let which = {
        let (slug, id) = (slug.clone(), id.clone());
        move || (slug.clone(), id.clone())
    };
    let test = (may && !disabled).then(|| {
        let (slug, id) = which();
        view! {
            <ActionForm action=deeds.test>
                <Which slug=slug id=id />
                <button class="button" type="submit">"Send a test event"</button>
            </ActionForm>
        }
    });
    let older = view.older.map(|cursor| {
        let page = address::older_deliveries(&slug, &id, &cursor);
        view! { <nav class="row" aria-label="Pages of the deliveries"><a class="button button--small" href=page rel="next">"Older"</a></nav> }
    });
    let refusal = form.clone();
    let settings = may.then(|| {
        let (slug, _) = which();
        view! { <Settings slug=slug endpoint=view.endpoint.clone() form=form deeds=deeds /> }
    });
    let secrets = may.then(|| {
        let (slug, id) = which();
        view! { <Secrets slug=slug id=id old_until=view.old_secret_until now=now deeds=deeds /> }
    });
    let ends = may.then(|| {
        let (slug, id) = which();
        view! { <Ends slug=slug id=id disabled=disabled deeds=deeds /> }
    });
    let (lamp, word) = webhook::state(&state);
    view! {
        <Framed frame=visit.frame place=Place::Webhooks title=title.clone()>
            <PageHead title=title lead=lead crumb=(address::webhooks(&slug), "Webhooks")>{test}</PageHead>
            <Refusal form=refusal />
            {saved}
            {made}
            {trouble}
            <dl class="facts">
                <div><dt>"State"</dt><dd><crate::components::lamp::State lamp=lamp words=word /></dd></div>
                <div><dt>"Events"</dt><dd><code>{view.endpoint.events.join(" ")}</code></dd></div>
                <div><dt>"Made"</dt><dd><Day at=view.created_at />" by "{view.created_by}</dd></div>
            </dl>
            <section class="stack stack--tight" aria-labelledby="deliveries">
                <h2 id="deliveries">"Deliveries"</h2>
                <Deliveries slug=slug.clone() endpoint=id deliveries=view.deliveries may=may && !disabled again=deeds.again />
                {older}
            </section>
            {settings}
            {secrets}
            {ends}
        </Framed>
    }
    .into_any()
}

/// Which endpoint a form is about.
#[component]
fn Which(slug: String, id: String) -> impl IntoView {
    view! {
        <input type="hidden" name="application" value=slug />
        <input type="hidden" name="webhook" value=id />
    }
}

#[component]
fn Settings(
    slug: String,
    endpoint: EndpointSummary,
    form: FormState,
    deeds: Deeds,
) -> impl IntoView {
    view! {
        <section class="panel panel--sunken" aria-labelledby="settings">
            <h2 id="settings">"Where, and which events"</h2>
            <ActionForm action=deeds.save attr:class="stack">
                <Which slug=slug id=endpoint.id />
                <EndpointFields url=endpoint.url description=endpoint.description events=endpoint.events form=form />
                <p><button class="button" type="submit">"Save"</button></p>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn Secrets(
    slug: String,
    id: String,
    old_until: Option<Millis>,
    now: Millis,
    deeds: Deeds,
) -> impl IntoView {
    let (of_old, of_new) = ((slug.clone(), id.clone()), (slug, id));
    let rotating = old_until.filter(|until| *until > now).map(|until| {
        view! {
            <p>"The secret before this one signs too, until "<Moment at=until />". Each event carries both signatures until then."</p>
            <ActionForm action=deeds.end_old>
                <Which slug=of_old.0 id=of_old.1 />
                <button class="button" type="submit">"End the old secret now"</button>
            </ActionForm>
        }
    });
    view! {
        <section class="panel panel--sunken stack" aria-labelledby="secret">
            <h2 id="secret">"Rotate the secret"</h2>
            <p>"A new secret is shown once. The one in use signs too for 24 hours, so nothing is refused while your backend changes over."</p>
            <ActionForm action=deeds.rotate>
                <Which slug=of_new.0 id=of_new.1 />
                <button class="button" type="submit">"Make a new secret"</button>
            </ActionForm>
            {rotating}
        </section>
    }
    .into_any()
}

#[component]
fn Ends(slug: String, id: String, disabled: bool, deeds: Deeds) -> impl IntoView {
    let (on, words, switch) = if disabled {
        (
            "1",
            "It is told of what happens from then on. What it missed stands in the event log.",
            "Enable",
        )
    } else {
        (
            "",
            "Nothing is sent to it any more, and what waits is given up. It stands in the event log.",
            "Disable",
        )
    };
    let (of_switch, of_delete) = ((slug.clone(), id.clone()), (slug, id));
    view! {
        <section class="panel panel--sunken stack" aria-labelledby="ends">
            <h2 id="ends">{switch}" or delete"</h2>
            <p>{words}</p>
            <div class="row">
                <ActionForm action=deeds.switch>
                    <Which slug=of_switch.0 id=of_switch.1 />
                    <input type="hidden" name="on" value=on />
                    <button class="button" type="submit">{switch}</button>
                </ActionForm>
                <ActionForm action=deeds.delete>
                    <Which slug=of_delete.0 id=of_delete.1 />
                    <button class="button button--warned" type="submit">"Delete with all its deliveries"</button>
                </ActionForm>
            </div>
        </section>
    }
    .into_any()
}
