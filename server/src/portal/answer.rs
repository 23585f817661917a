//! What the answer to a request of the portal carries beside its page: where its forms may lead, and
//! cookies.

use crate::http::page_csp;
use axum::http::{HeaderValue, header};
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
