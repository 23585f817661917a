//! Who has a team's connection in care, and handing it over.

use crate::actions::handing_over::HandOver;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::FormState;
use crate::wire::{ConnectionState, ConnectionView, Field, OwnerView};
use crate::words::owner;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Of a team's connection: whose account it acts as, who gets the link to reconnect, and the form with
/// which somebody else gets it. Nothing for a personal one.
#[component]
pub(crate) fn InCare(
    slug: String,
    view: ConnectionView,
    may: bool,
    form: FormState,
) -> impl IntoView {
    let OwnerView::Team { .. } = &view.summary.owner else {
        return ().into_any();
    };
    let provider = view.provider_short_name.clone();
    let sentence = owner::acts_as(&view.summary.owner, &provider);
    let advice = owner::ADVICE;
    let live = view.summary.state != ConnectionState::Revoked;
    let hand_over =
        (may && live).then(|| view! { <HandOverForm slug=slug id=view.summary.id form=form /> });
    view! {
        <section class="panel panel--sunken stack stack--tight" aria-labelledby="in-care">
            <h2 id="in-care">"Team connection"</h2>
            <p>{sentence}</p>
            <p class="quiet">{advice}</p>
            {hand_over}
        </section>
    }
    .into_any()
}

#[component]
fn HandOverForm(slug: String, id: String, form: FormState) -> impl IntoView {
    let action = ServerAction::<HandOver>::new();
    let open = form.is_filled();
    view! {
        <details open=open>
            <summary>"Hand over"</summary>
            <ActionForm action=action attr:class="stack stack--tight" attr:aria-label="Hand over">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="connection" value=id />
                <TextField field=Field::PersonId name="person_id" kind=Kind::Code hint="As your application knows them." required=true form=form.clone() />
                <TextField field=Field::PersonName name="person_name" form=form.clone() />
                <TextField field=Field::PersonEmail name="person_email" kind=Kind::Email form=form />
                <p class="small quiet">"They get the link to reconnect from now on, and links that were made before stop working. The tokens stay as they are."</p>
                <button class="button" type="submit">"Hand over"</button>
            </ActionForm>
        </details>
    }
    .into_any()
}
