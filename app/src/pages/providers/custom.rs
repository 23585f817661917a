//! `/apps/{slug}/providers/new/custom`: the provider is in no catalog. What does it take?
//!
//! Two ways lead to the one form: an issuer that tells of itself, and one's own hand. What the
//! issuer told stands in the form to be looked at, and nothing is saved before somebody did.

use crate::actions::custom::{CreateCustomProvider, DiscoverIssuer};
use crate::address;
use crate::components::copy_field::CopyField;
use crate::components::custom_fields::{CustomFieldset, CustomNotes};
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::Refusal;
use crate::components::tick::OneOwnerPerAccount;
use crate::pages::visit::{param, visit};
use crate::portal::PortalHandle;
use crate::wire::{CustomFields, CustomFormView, CustomNote, Field, PortalError};
use crate::words::role;
use leptos::prelude::*;

/// The issuer's form, and the one that saves.
#[component]
pub fn NewCustomProvider() -> impl IntoView {
    let slug = param("app");
    let discover = ServerAction::<DiscoverIssuer>::new();
    let create = ServerAction::<CreateCustomProvider>::new();
    let refused = refusal(create).or_else(|| refusal(discover));
    let asked = slug.clone();
    visit(
        Place::Providers,
        address::new_custom_provider(&slug),
        move |portal| ask(portal, asked.clone()),
        move |visit, view| {
            let form = FormState::new(visit.draft, refused);
            view! {
                <Framed frame=visit.frame place=Place::Providers title="Custom provider">
                    <PageHead
                        title="Custom OAuth 2.0 / OpenID Connect"
                        lead="For a provider that is in no catalog. Start from its issuer, or write its addresses by hand."
                        crumb=(address::gallery(&slug), "Add Provider")
                    />
                    <Refusal form=form.clone() />
                    <div class="split split--guide">
                        <FromIssuer slug=slug.clone() view=view.clone() form=form.clone() action=discover />
                        <ByHand slug=slug view=view form=form action=create />
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

/// The form is of no use to those who may not save it.
async fn ask(portal: PortalHandle, slug: String) -> Result<CustomFormView, PortalError> {
    let view = portal.custom_form(&slug).await?;
    let frame = portal.frame(None).await?;
    if role::may_configure(frame.role) {
        Ok(view)
    } else {
        Err(PortalError::Forbidden)
    }
}

#[component]
fn FromIssuer(
    slug: String,
    view: CustomFormView,
    form: FormState,
    action: ServerAction<DiscoverIssuer>,
) -> impl IntoView {
    view! {
        <aside class="stack stays" aria-labelledby="at-the-provider">
            <h2 id="at-the-provider">"At the provider"</h2>
            <ol class="guide">
                <li>
                    <h3>"Register an application"</h3>
                    <p>"Of the kind with a Client Secret, for the authorization code flow: often called web or confidential."</p>
                    <CopyField id="redirect-uri" label="Redirect URI" value=view.redirect_uri hint="Paste this there, exactly as it is." />
                </li>
                <li>
                    <h3>"Find its issuer"</h3>
                    <p>"Servers of OpenID Connect, and many others, tell all their addresses at one. Look for “issuer” or “discovery” in the documentation."</p>
                    <ActionForm action=action attr:class="stack stack--tight" attr:aria-label="Look up an issuer">
                        <input type="hidden" name="application" value=slug />
                        <TextField field=Field::Issuer name="issuer" kind=Kind::Code hint="Such as https://login.example.com" required=true form=form />
                        <p><button class="button" type="submit">"Look it up"</button></p>
                    </ActionForm>
                </li>
                <li>
                    <h3>"Or read its documentation"</h3>
                    <p>"Without an issuer, copy the addresses from there into the form."</p>
                </li>
            </ol>
        </aside>
    }
    .into_any()
}

#[component]
fn ByHand(
    slug: String,
    view: CustomFormView,
    form: FormState,
    action: ServerAction<CreateCustomProvider>,
) -> impl IntoView {
    let application = view.application;
    let found = form.error().is_none() && form.is_filled();
    let heading = if found {
        "What the issuer told"
    } else {
        "Here"
    };
    let lead = found.then(|| {
        view! { <p role="status">"Look through it, give the provider a name, and paste Client ID and Client Secret."</p> }
    });
    let noted = form.values("note");
    let notes: Vec<CustomNote> = CustomNote::NAMES
        .into_iter()
        .filter(|(name, _)| noted.iter().any(|one| one == name))
        .map(|(_, note)| note)
        .collect();
    let saved = CustomFields {
        pkce: "yes".to_owned(),
        ..CustomFields::default()
    };
    view! {
        <ActionForm action=action attr:class="stack stack--loose" attr:aria-label="Custom provider">
            <input type="hidden" name="application" value=slug.clone() />
            <section class="stack" aria-labelledby="here">
                <h2 id="here">{heading}</h2>
                {lead}
                <CustomNotes notes=notes />
                <CustomFieldset saved=saved form=form.clone() />
            </section>
            <section class="stack" aria-labelledby="credentials">
                <h2 id="credentials">"Credentials and scopes"</h2>
                <div class="split split--half">
                    <TextField field=Field::ClientId name="client_id" kind=Kind::Code hint="Public. It stands beside the secret." required=true form=form.clone() />
                    <TextField field=Field::ClientSecret name="client_secret" kind=Kind::Secret hint="Sealed when you save. Never shown again." required=true form=form.clone() />
                </div>
                <TextField field=Field::Scopes name="scopes" kind=Kind::Code hint="Names as the provider writes them, with a space between." form=form.clone() />
                <OneOwnerPerAccount saved=false form=form />
            </section>
            <div class="bar">
                <button class="button button--primary" type="submit">"Save"</button>
                <a class="button button--quiet" href=address::gallery(&slug)>"Cancel"</a>
                <p class="small quiet">{format!("Saving makes it active: the users of {application} can connect it.")}</p>
            </div>
        </ActionForm>
    }
    .into_any()
}
