//! What the signed-out pages share, and how it depends on where the visitor stands which of them is
//! shown.

use super::not_found::Nothing;
use super::visit::{lead_to, query};
use crate::actions::{portal, set_status};
use crate::address;
use crate::portal::{Answer, PortalHandle};
use crate::wire::{Draft, Gate, PortalError};
use crate::words::error;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Shows the page of `address` when it is the visitor's turn for it, and leads elsewhere if not:
/// to `/setup` while there is no organization, to the second step of a sign-in that has begun, to `/`
/// when someone is signed in.
pub(crate) fn at_the_gate(
    address: &'static str,
    show: impl FnOnce(Gate, Option<Draft>) -> AnyView + Send + 'static,
) -> AnyView {
    let response = use_context::<ResponseOptions>();
    signed_out(
        address,
        |port| async move { port.gate().await },
        move |gate, draft| {
            let right = match gate {
                Gate::SetupNeeded => address::SET_UP,
                Gate::SignedOut { .. } => address::SIGN_IN,
                Gate::HalfSignedIn => address::SIGN_IN_FACTOR,
                Gate::SignedIn => address::APPLICATIONS,
            };
            if right == address {
                show(gate, draft)
            } else {
                lead_to(right, response);
                ().into_any()
            }
        },
    )
}

/// A page that is shown to visitors. `draft` names what its form held when it was refused, `ask` is
/// its line to the port, `show` its content.
pub(crate) fn signed_out<T, Ask, Asked>(
    draft: &'static str,
    ask: Ask,
    show: impl FnOnce(T, Option<Draft>) -> AnyView + Send + 'static,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Ask: Fn(PortalHandle) -> Asked + Send + Sync + 'static,
    Asked: Future<Output = Answer<T>> + Send + 'static,
{
    let refused = !query("__err").is_empty();
    let owner = Owner::current();
    let answer = Resource::new_blocking(
        || (),
        move |()| {
            let port = portal();
            let asked = port.clone().map(&ask);
            async move {
                let port = port?;
                let view = asked?.await?;
                let draft = if refused {
                    port.take_draft(draft).await?
                } else {
                    None
                };
                Ok::<_, PortalError>((view, draft))
            }
        },
    );
    let content = async move {
        let answer = answer.await;
        let show = move || match answer {
            Err(refusal) => {
                set_status(&refusal);
                let (title, sentence) = error::of_page(&refusal, None);
                view! { <Nothing title=title sentence=sentence /> }.into_any()
            }
            Ok((view, draft)) => show(view, draft),
        };
        match owner {
            Some(owner) => owner.with(show),
            None => show(),
        }
    };
    view! { <Suspense>{Suspend::new(content)}</Suspense> }.into_any()
}
