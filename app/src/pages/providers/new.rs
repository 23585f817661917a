//! `/apps/{slug}/providers/new/{definition}`: what do I do there, what do I paste here?

use super::practice::AddPractice;
use crate::actions::providers::{AddPracticeProvider, CreateProvider};
use crate::address;
use crate::components::admin_inputs::AdminInputs;
use crate::components::copy_field::CopyField;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::guide::Guide;
use crate::components::mark::Mark;
use crate::components::marked::Marked;
use crate::components::notice::{Notice, Refusal, Tone};
use crate::components::scope_picker::ScopePicker;
use crate::components::tick::OneOwnerPerAccount;
use crate::components::trust::TrustSign;
use crate::pages::visit::{Visit, param, visit};
use crate::portal::PortalHandle;
use crate::wire::{DefinitionView, Field, PortalError, ProviderFormView};
use crate::words::{role, time};
use leptos::prelude::*;

/// The form for a new provider, beside its set-up guide.
#[component]
pub fn NewProvider() -> impl IntoView {
    let (slug, definition) = (param("app"), param("definition"));
    let create = ServerAction::<CreateProvider>::new();
    let practice = ServerAction::<AddPracticeProvider>::new();
    let refused = refusal(create).or_else(|| refusal(practice));
    let page = address::new_provider(&slug, &definition);
    let asked = slug.clone();
    visit(
        Place::Providers,
        page,
        move |portal| ask(portal, asked.clone(), definition.clone()),
        move |visit, view| {
            let form = FormState::new(visit.draft.clone(), refused).naming(&view.inputs);
            let here = if view.definition.is_practice {
                view! { <AddPractice action=practice application=slug.clone() class="button button--primary" /> }
                    .into_any()
            } else {
                view! { <Here slug=slug.clone() view=view.clone() form=form.clone() action=create /> }
                    .into_any()
            };
            let Visit { frame, .. } = visit;
            let definition = view.definition;
            view! {
                <Framed frame=frame place=Place::Providers title=definition.mark.name.clone()>
                    <Head slug=slug definition=definition.clone() />
                    <Refusal form=form />
                    <div class="split split--guide">
                        <Guide definition=definition />
                        {here}
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

/// The form is of no use to those who may not save it.
async fn ask(
    portal: PortalHandle,
    slug: String,
    definition: String,
) -> Result<ProviderFormView, PortalError> {
    let view = portal.provider_form(&slug, &definition).await?;
    let frame = portal.frame(None).await?;
    if role::may_configure(frame.role) {
        Ok(view)
    } else {
        Err(PortalError::Forbidden)
    }
}

#[component]
fn Head(slug: String, definition: DefinitionView) -> impl IntoView {
    let since = (!definition.trust_since.is_empty()).then(|| {
        view! { <span class="quiet small">"since "{time::written_day(&definition.trust_since)}</span> }
    });
    view! {
        <div class="page__head">
            <div class="page__title">
                <Crumb address=address::gallery(&slug) words="Add Provider" />
                <div class="who">
                    <Mark mark=Mark::provider(&definition.mark).big() />
                    <h1>{definition.mark.name}</h1>
                </div>
                <p class="page__lead"><Marked text=definition.lead /></p>
            </div>
            <div class="row"><TrustSign trust=definition.trust />{since}</div>
        </div>
    }
    .into_any()
}

#[component]
fn Here(
    slug: String,
    view: ProviderFormView,
    form: FormState,
    action: ServerAction<CreateProvider>,
) -> impl IntoView {
    let ProviderFormView {
        definition,
        redirect_uri,
        inputs,
        ..
    } = view;
    let credentials = if definition.brings_own_credentials {
        view! { <OwnCredentials provider=definition.short_name.clone() /> }.into_any()
    } else {
        view! {
            <div class="split split--half">
                <TextField field=Field::ClientId name="client_id" kind=Kind::Code hint=definition.client_id_hint.clone() required=true form=form.clone() />
                <TextField field=Field::ClientSecret name="client_secret" kind=Kind::Secret hint="Sealed when you save. Never shown again." required=true form=form.clone() />
            </div>
        }
        .into_any()
    };
    let provider = definition.short_name.clone();
    let name = definition.mark.name.clone();
    view! {
        <ActionForm action=action attr:class="stack stack--loose">
            <input type="hidden" name="application" value=slug.clone() />
            <input type="hidden" name="definition" value=definition.id.clone() />
            <section class="stack" aria-labelledby="here">
                <h2 id="here">"Here"</h2>
                <CopyField id="redirect-uri" label="Redirect URI" value=redirect_uri hint=format!("Paste this at {provider}, exactly as it is.") />
                <AdminInputs inputs=inputs form=form.clone() />
                {credentials}
            </section>
            <ScopePicker definition=definition other_scopes=String::new() form=form.clone() />
            <OneOwnerPerAccount saved=false form=form />
            <div class="bar">
                <button class="button button--primary" type="submit">"Save"</button>
                <a class="button button--quiet" href=address::gallery(&slug)>"Cancel"</a>
                <p class="small quiet">{format!("Saving makes {name} active. It works even while {provider} is down.")}</p>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// In the place of Client ID and Client Secret, where each customer has their own.
#[component]
pub(crate) fn OwnCredentials(provider: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Plain>
            <p>
                <strong>"Nothing to paste here."</strong>
                {format!(" Each customer registers an application of their own at {provider}: whoever connects is asked for its Client ID and Client Secret.")}
            </p>
        </Notice>
    }
    .into_any()
}
