//! `/signin`: is this the right door?

use super::gate::at_the_gate;
use crate::actions::session::SignIn;
use crate::address;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::gate::Gated;
use crate::components::notice::Refusal;
use crate::wire::{Field, Gate};
use leptos::prelude::*;

/// The sign-in form, under the organization's name and host.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let refused = refusal(action);
    at_the_gate(address::SIGN_IN, move |gate, draft| {
        let form = FormState::new(draft, refused);
        let (organization, host) = match gate {
            Gate::SignedOut { organization, host } => (organization, host),
            Gate::SetupNeeded | Gate::HalfSignedIn | Gate::SignedIn => return ().into_any(),
        };
        let lead = view! {
            "The connections of "
            <strong>{organization.clone()}</strong>
            ", kept at "
            {host}
            "."
        };
        view! {
            <Gated title="Sign in" lead=lead.into_any()>
                <Refusal form=form.clone() />
                <ActionForm action=action attr:class="stack">
                    <TextField field=Field::Email name="email" kind=Kind::Email autocomplete="username" required=true form=form.clone() />
                    <TextField field=Field::Password name="password" kind=Kind::Secret autocomplete="current-password" required=true form=form />
                    <button class="button button--primary button--wide" type="submit">"Sign in"</button>
                </ActionForm>
                <p class="small quiet">"Forgot your password? Whoever runs the server for "{organization}" can set a new one. Lost your second factor? An owner can take it away on the Members page."</p>
            </Gated>
        }
        .into_any()
    })
}
