//! `/signin/factor`: the second step of a sign-in.

use super::gate::at_the_gate;
use crate::actions::session::{ShowFactor, SignOut};
use crate::address;
use crate::components::code_field::CodeField;
use crate::components::form_state::{FormState, refusal};
use crate::components::gate::Gated;
use crate::components::notice::Refusal;
use leptos::prelude::*;

/// The code of the second factor, after the password was right.
#[component]
pub fn SignInFactor() -> impl IntoView {
    let show = ServerAction::<ShowFactor>::new();
    let leave = ServerAction::<SignOut>::new();
    let refused = refusal(show);
    at_the_gate(address::SIGN_IN_FACTOR, move |_, draft| {
        let form = FormState::new(draft, refused);
        let lead = "Your password is right. Your account asks for a second factor, too.";
        view! {
            <Gated title="Second factor" lead=lead.into_any()>
                <Refusal form=form.clone() />
                <ActionForm action=show attr:class="stack">
                    <CodeField form=form />
                    <button class="button button--primary button--wide" type="submit">"Sign in"</button>
                </ActionForm>
                <ActionForm action=leave>
                    <button class="button button--quiet button--wide" type="submit">"Sign in as somebody else"</button>
                </ActionForm>
                <p class="small quiet">"No phone and no recovery code? An owner can take your second factor away on the Members page."</p>
            </Gated>
        }
        .into_any()
    })
}
