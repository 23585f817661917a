//! `/apps/{slug}/settings`: name, return URLs and origins of an application.

use super::visit::{Visit, param, visit};
use crate::actions::applications::SaveSettings;
use crate::address;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::{Refusal, Saved};
use crate::wire::{Field, SettingsView};
use crate::words::role;
use leptos::prelude::*;

/// The settings of an application.
#[component]
pub fn Settings() -> impl IntoView {
    let slug = param("app");
    let action = ServerAction::<SaveSettings>::new();
    let refused = refusal(action);
    visit(
        Place::Settings,
        address::settings(&slug),
        move |portal| {
            let slug = slug.clone();
            async move { portal.settings(&slug).await }
        },
        move |visit, settings| {
            let form = FormState::new(visit.draft.clone(), refused);
            let saved = visit.saved && form.error().is_none();
            let may_save = role::may_configure(visit.frame.role);
            let body = if may_save {
                view! { <Editor action=action settings=settings form=form /> }.into_any()
            } else {
                view! { <Facts settings=settings /> }.into_any()
            };
            let Visit { frame, .. } = visit;
            view! {
                <Framed frame=frame place=Place::Settings title="Settings">
                    <PageHead title="Settings" lead="What end users read, and where they come back to." />
                    {saved.then(|| view! { <Saved words="It holds from now on." /> })}
                    <div class="first">{body}</div>
                </Framed>
            }
            .into_any()
        },
    )
}

#[component]
fn Editor(
    action: ServerAction<SaveSettings>,
    settings: SettingsView,
    form: FormState,
) -> impl IntoView {
    view! {
        <Refusal form=form.clone() />
        <ActionForm action=action attr:class="stack">
            <input type="hidden" name="application" value=settings.slug />
            <TextField field=Field::ApplicationName name="name" saved=settings.name hint="End users read it when they connect." required=true form=form.clone() />
            <TextField field=Field::ReturnUrls name="return_urls" kind=Kind::Lines saved=settings.return_urls.join("\n") hint="Where end users may come back to after they connected, one per line." form=form.clone() />
            <TextField field=Field::AllowedOrigins name="allowed_origins" kind=Kind::Lines saved=settings.allowed_origins.join("\n") hint="Where your own pages live, one per line, such as https://app.acme.example." form=form />
            <div class="bar"><button class="button button--primary" type="submit">"Save"</button></div>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Facts(settings: SettingsView) -> impl IntoView {
    let lines = |lines: Vec<String>| {
        if lines.is_empty() {
            "None".to_owned()
        } else {
            lines.join(", ")
        }
    };
    view! {
        <dl class="facts">
            <div><dt>"Name"</dt><dd>{settings.name}</dd></div>
            <div><dt>"Slug"</dt><dd><code>{settings.slug}</code></dd></div>
            <div><dt>"Return URLs"</dt><dd>{lines(settings.return_urls)}</dd></div>
            <div><dt>"Allowed origins"</dt><dd>{lines(settings.allowed_origins)}</dd></div>
        </dl>
    }
    .into_any()
}
