//! `/apps/new`: makes an application.

use super::visit::visit;
use crate::actions::applications::CreateApplication;
use crate::address;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::Refusal;
use crate::portal::PortalHandle;
use crate::wire::{Field, PortalError};
use crate::words::role;
use leptos::prelude::*;

/// The form for a new application.
#[component]
pub fn NewApplication() -> impl IntoView {
    let action = ServerAction::<CreateApplication>::new();
    let refused = refusal(action);
    visit(
        Place::Applications,
        address::NEW_APPLICATION.to_owned(),
        may_configure,
        move |visit, ()| {
            let form = FormState::new(visit.draft, refused);
            view! {
                <Framed frame=visit.frame place=Place::Applications title="New application">
                    <PageHead
                        title="New application"
                        lead="The product whose users connect their accounts. It has its own providers, connections and API keys."
                        crumb=(address::APPLICATIONS.to_owned(), "Applications")
                    />
                    <div class="first stack stack--loose">
                        <Refusal form=form.clone() />
                        <ActionForm action=action attr:class="stack">
                            <TextField field=Field::ApplicationName name="name" hint="End users read it when they connect." required=true form=form.clone() />
                            <TextField field=Field::Slug name="slug" kind=Kind::Code hint="Part of the address: a-z, 0-9 and hyphens. Left empty, it is made from the name." form=form.clone() />
                            <TextField field=Field::ReturnUrls name="return_urls" kind=Kind::Lines hint="Where end users come back to after they connected, one per line. It can stay empty for now." form=form />
                            <div class="bar">
                                <button class="button button--primary" type="submit">"Save"</button>
                                <a class="button button--quiet" href=address::APPLICATIONS>"Cancel"</a>
                            </div>
                        </ActionForm>
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

/// The page has nothing to ask for; it only must not be shown to those who cannot use it.
async fn may_configure(portal: PortalHandle) -> Result<(), PortalError> {
    let frame = portal.frame(None).await?;
    if role::may_configure(frame.role) {
        Ok(())
    } else {
        Err(PortalError::Forbidden)
    }
}
