//! `/apps/{slug}/webhooks/new`: makes an endpoint.

use super::fields::EndpointFields;
use crate::actions::webhooks::CreateWebhook;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::Refusal;
use crate::pages::visit::{param, visit};
use leptos::prelude::*;

/// The form for a new endpoint.
#[component]
pub fn NewWebhook() -> impl IntoView {
    let slug = param("app");
    let action = ServerAction::<CreateWebhook>::new();
    let refused = refusal(action);
    let asked = slug.clone();
    visit(
        Place::Webhooks,
        address::new_webhook(&slug),
        move |portal| {
            let slug = asked.clone();
            async move { portal.webhook_form(&slug).await }
        },
        move |visit, application| {
            let form = FormState::new(visit.draft, refused);
            let lead = format!(
                "A backend of {application} that is told what happens. Its secret is shown once, on the next page."
            );
            let list = address::webhooks(&slug);
            let events = vec!["connection.*".to_owned()];
            view! {
                <Framed frame=visit.frame place=Place::Webhooks title="New endpoint">
                    <PageHead title="New endpoint" lead=lead crumb=(list.clone(), "Webhooks") />
                    <div class="first stack stack--loose">
                        <Refusal form=form.clone() />
                        <ActionForm action=action attr:class="stack">
                            <input type="hidden" name="application" value=slug />
                            <EndpointFields url=String::new() description=String::new() events=events form=form />
                            <div class="bar">
                                <button class="button button--primary" type="submit">"Save"</button>
                                <a class="button button--quiet" href=list>"Cancel"</a>
                            </div>
                        </ActionForm>
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}
