//! What no address leads to.

use crate::actions::set_status;
use crate::address;
use crate::components::gate::Gated;
use crate::wire::PortalError;
use crate::words::error;
use leptos::prelude::*;

/// An address that is not one of ours.
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(&PortalError::NotFound);
    let (title, sentence) = error::of_page(&PortalError::NotFound, None);
    view! { <Nothing title=title sentence=sentence /> }.into_any()
}

/// A page that asks the server for nothing: what is the case, and the way out.
#[component]
pub(crate) fn Nothing(title: &'static str, sentence: String) -> impl IntoView {
    view! {
        <Gated title=title lead=sentence.into_any()>
            <p><a class="button button--primary" href=address::APPLICATIONS>"All applications"</a></p>
        </Gated>
    }
    .into_any()
}
