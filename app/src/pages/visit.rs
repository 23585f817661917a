//! A visit to a page: ask the port, then show the answer, or say why not.
//!
//! Everything is asked before the first byte leaves ([`leptos_router::SsrMode::Async`] on every
//! route), so a page can still redirect or set a status.

use super::not_found::Nothing;
use crate::actions::{portal, set_status};
use crate::address;
use crate::components::frame::{Framed, PageHead, Place};
use crate::portal::{Answer, PortalHandle};
use crate::wire::{Draft, Frame, PortalError};
use crate::words::error;
use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What every page of the portal knows besides its own answer.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Organization, member, applications.
    pub(crate) frame: Frame,
    /// What a form of this page held when it was refused, or holds to be looked at again.
    pub(crate) draft: Option<Draft>,
    /// Something on this page was saved a moment ago.
    pub(crate) saved: bool,
}

/// A part of the address, such as the application's slug.
pub(crate) fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name).unwrap_or_default())
}

/// A part of the query; empty when it is missing.
pub(crate) fn query(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get(name).unwrap_or_default())
}

/// All values of a part of the query that may be repeated.
pub(crate) fn queries(name: &str) -> Vec<String> {
    use_query_map().with_untracked(|query| query.get_all(name).unwrap_or_default())
}

/// A page of the portal. `ask` is its line to the port, `show` its content.
pub(crate) fn visit<T, Ask, Asked>(
    place: Place,
    page: String,
    ask: Ask,
    show: impl FnOnce(Visit, T) -> AnyView + Send + 'static,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Ask: Fn(PortalHandle) -> Asked + Send + Sync + 'static,
    Asked: Future<Output = Answer<T>> + Send + 'static,
{
    let application = use_params_map().with_untracked(|params| params.get("app"));
    let again = !query("again").is_empty();
    let refused = again || !query("__err").is_empty();
    let saved = !query("saved").is_empty();
    let response = use_context::<ResponseOptions>();
    let owner = Owner::current();
    let here = page.clone();
    let answer = Resource::new_blocking(
        || (),
        move |()| {
            let port = portal();
            let asked = port.clone().map(&ask);
            let (application, page) = (application.clone(), page.clone());
            async move {
                let port = port?;
                let frame = port.frame(application.as_deref()).await?;
                let view = asked?.await;
                let draft = if refused {
                    port.take_draft(&page).await?
                } else {
                    None
                };
                Ok::<_, PortalError>((frame, draft, view))
            }
        },
    );
    let content = async move {
        let answer = answer.await;
        let show = move || match answer {
            Ok((frame, draft, Ok(view))) => show(
                Visit {
                    frame,
                    draft,
                    saved,
                },
                view,
            ),
            Ok((frame, _, Err(refusal))) => refuse(&refusal, &here, Some((frame, place)), response),
            Err(refusal) => refuse(&refusal, &here, None, response),
        };
        match owner {
            Some(owner) => owner.with(show),
            None => show(),
        }
    };
    view! { <Suspense>{Suspend::new(content)}</Suspense> }.into_any()
}

/// What stands in the place of a page that cannot be shown, with its status; or the way to the
/// door when nobody is signed in.
fn refuse(
    refusal: &PortalError,
    page: &str,
    within: Option<(Frame, Place)>,
    response: Option<ResponseOptions>,
) -> AnyView {
    if let Some(door) = address::door(refusal, page) {
        lead_to(&door, response);
        return ().into_any();
    }
    set_status(refusal);
    let role = within.as_ref().map(|(frame, _)| frame.role);
    let (title, sentence) = error::of_page(refusal, role);
    match within {
        Some((frame, place)) => view! {
            <Framed frame=frame place=place title=title>
                <PageHead title=title lead=sentence />
                <p><a class="button button--primary" href=address::APPLICATIONS>"All applications"</a></p>
            </Framed>
        }
        .into_any(),
        None => view! { <Nothing title=title sentence=sentence /> }.into_any(),
    }
}

/// Sends the browser to another page instead of this one.
pub(crate) fn lead_to(address: &str, response: Option<ResponseOptions>) {
    if let (Some(response), Ok(address)) = (response, HeaderValue::from_str(address)) {
        response.insert_header(LOCATION, address);
        response.set_status(StatusCode::FOUND);
    }
}
