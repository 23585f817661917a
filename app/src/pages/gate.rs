//! What the two signed-out pages share: where the visitor stands decides whether they are shown.

use super::not_found::Nothing;
use super::visit::{lead_to, query};
use crate::actions::{portal, set_status};
use crate::address;
use crate::wire::{Draft, Gate, PortalError};
use crate::words::error;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// Shows the page of `address` when it is the visitor's turn for it, and leads elsewhere if not:
/// to `/setup` while there is no organization, to `/` when someone is signed in.
pub(crate) fn at_the_gate(
    address: &'static str,
    show: impl FnOnce(Gate, Option<Draft>) -> AnyView + Send + 'static,
) -> AnyView {
    let refused = !query("__err").is_empty();
    let response = use_context::<ResponseOptions>();
    let owner = Owner::current();
    let answer = Resource::new_blocking(
        || (),
        move |()| {
            let port = portal();
            async move {
                let port = port?;
                let gate = port.gate().await?;
                let draft = if refused {
                    port.take_draft(address).await?
                } else {
                    None
                };
                Ok::<_, PortalError>((gate, draft))
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
            Ok((gate, draft)) => {
                let right = match gate {
                    Gate::SetupNeeded => address::SET_UP,
                    Gate::SignedOut { .. } => address::SIGN_IN,
                    Gate::SignedIn => address::APPLICATIONS,
                };
                if right == address {
                    show(gate, draft)
                } else {
                    lead_to(right, response);
                    ().into_any()
                }
            }
        };
        match owner {
            Some(owner) => owner.with(show),
            None => show(),
        }
    };
    view! { <Suspense>{Suspend::new(content)}</Suspense> }.into_any()
}
