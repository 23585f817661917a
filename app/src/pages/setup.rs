//! `/setup`: the first run. Makes the organization and its owner.

use super::gate::at_the_gate;
use crate::actions::session::SetUpOrganization;
use crate::address;
use crate::components::field::{Hint, Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::gate::Gated;
use crate::components::notice::Refusal;
use crate::wire::Field;
use leptos::prelude::*;

/// The set-up form. It needs the one-time token that the server printed.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let action = ServerAction::<SetUpOrganization>::new();
    let refused = refusal(action);
    at_the_gate(address::SET_UP, move |_, draft| {
        let form = FormState::new(draft, refused);
        let lead = "Nobody is here yet. You make the organization and become its owner.";
        view! {
            <Gated title="Set up Grantport" lead=lead.into_any()>
                <Refusal form=form.clone() />
                <ActionForm action=action attr:class="stack">
                    <div class="field">
                        <label class="field__label" for="token">"Setup token"</label>
                        <Hint id="token" hint="The server printed it when it started. It works once.".to_owned() />
                        <input class="input input--mono" id="token" name="token" type="password" autocomplete="off" required=true aria-describedby="token-hint" />
                    </div>
                    <TextField field=Field::Organization name="organization" hint="Your end users read it when they connect." autocomplete="organization" required=true form=form.clone() />
                    <TextField field=Field::Name name="name" autocomplete="name" required=true form=form.clone() />
                    <TextField field=Field::Email name="email" kind=Kind::Email autocomplete="username" required=true form=form.clone() />
                    <TextField field=Field::Password name="password" kind=Kind::Secret hint="12 characters or more. Four words that have nothing to do with each other are good." autocomplete="new-password" required=true form=form />
                    <button class="button button--primary button--wide" type="submit">"Set up"</button>
                </ActionForm>
            </Gated>
        }
        .into_any()
    })
}
