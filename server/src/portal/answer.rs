//! What the answer to a request of the portal carries beside its page: where its forms may lead, and
//! cookies.

use crate::http::page_csp;
use app::actions::refused;
use app::address;
use app::wire::PortalError;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos_axum::ResponseOptions;

/// The answer that is being made.
#[derive(Clone, Debug)]
pub struct PageAnswer {
    options: ResponseOptions,
    /// Of the answer's scripts; `None` where it has none.
    nonce: Option<String>,
}

impl PageAnswer {
    /// With the policy of a page whose forms lead to us only.
    #[must_use]
    pub fn new(options: ResponseOptions, nonce: Option<String>) -> Self {
        let answer = Self { options, nonce };
        answer.leads_to(&[]);
        answer
    }

    /// Lets the forms of the page lead to these origins too: browsers hold a form's policy against the
    /// redirect that follows its POST.
    pub(super) fn leads_to(&self, origins: &[String]) {
        if let Some(nonce) = &self.nonce {
            self.options
                .insert_header(header::CONTENT_SECURITY_POLICY, page_csp(nonce, origins));
        }
    }

    /// Gives the browser a cookie.
    pub(super) fn set_cookie(&self, cookie: HeaderValue) {
        self.options.append_header(header::SET_COOKIE, cookie);
    }
}

/// Whether the request takes HTML: a browser's navigation or form, not a script.
pub(super) fn wants_a_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// What a route of files answers when it does not do it, as the other forms do: a browser is sent to
/// `page` with what is wrong, or to the door, and any other caller gets the error as JSON.
pub(super) fn refusal(error: &PortalError, page: &str, target: &str, as_page: bool) -> Response {
    if let (true, Some(door)) = (as_page, address::door(error, page)) {
        return Redirect::to(&door).into_response();
    }
    match refused(page, target, error) {
        Some(back) if as_page => Redirect::to(&back).into_response(),
        _ => {
            let status = StatusCode::from_u16(error.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(error)).into_response()
        }
    }
}
