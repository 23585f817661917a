//! What forms send to the server: one function per form, one line to the port each.
//!
//! All of them are plain POST forms. A browser that asked for a page is sent on: to the next
//! sensible page when the port did it, and back to the form when it did not, with the error in the
//! address (a closed enum, see [`PortalError`]) and what was typed kept on the server, so that
//! nothing is lost. Other callers get the error as JSON with its HTTP status.

pub mod account;
pub mod applications;
pub mod audit;
pub mod connections;
pub mod custom;
pub mod ending;
pub mod handing_over;
pub mod keys;
pub mod playground;
pub mod proof;
pub mod providers;
pub mod session;
pub mod team;
pub mod webhooks;

use crate::address;
use crate::portal::{Answer, PortalHandle};
use crate::wire::{CustomFields, Draft, Field, PortalError, Problem, SecretInput};
use http::StatusCode;
use http::header::{ACCEPT, HeaderValue, LOCATION};
use http::request::Parts;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_axum::ResponseOptions;
use std::collections::BTreeMap;

/// The port, for the request that is being answered.
pub(crate) fn portal() -> Answer<PortalHandle> {
    use_context::<PortalHandle>().ok_or(PortalError::Internal)
}

/// A form that was sent: the page it stands on, and what it held (never a secret).
#[derive(Debug)]
pub(crate) struct Form {
    page: String,
    /// Under which name what it held is kept.
    kept_as: String,
    draft: Draft,
}

impl Form {
    /// The form of this page. The page's address is also the name under which its draft is kept.
    pub(crate) fn on(page: impl Into<String>) -> Self {
        let page = page.into();
        Self {
            kept_as: page.clone(),
            page,
            draft: Draft::default(),
        }
    }

    /// The same for a page whose address is a secret, and no name to keep anything under.
    pub(crate) fn kept_as(self, name: &str) -> Self {
        Self {
            kept_as: name.to_owned(),
            ..self
        }
    }

    /// It held this value. Not for secrets.
    pub(crate) fn holding(mut self, field: &str, value: &str) -> Self {
        self.draft.fields.push((field.to_owned(), value.to_owned()));
        self
    }

    /// It held these values of a repeated field.
    pub(crate) fn holding_all(self, field: &str, values: &[String]) -> Self {
        values
            .iter()
            .fold(self, |form, value| form.holding(field, value))
    }

    /// It held these answers to what a definition asks an admin for.
    pub(crate) fn holding_inputs(self, inputs: &BTreeMap<String, String>) -> Self {
        inputs.iter().fold(self, |form, (name, value)| {
            form.holding(&format!("inputs[{name}]"), value)
        })
    }

    /// It held these members of a custom provider.
    pub(crate) fn holding_custom(self, fields: &CustomFields) -> Self {
        fields
            .named()
            .into_iter()
            .fold(self, |form, (name, value)| form.holding(name, value))
    }

    /// It holds something else instead, where the outcome says that Client ID and Client Secret were
    /// swapped: what stood in the field of the ID is a secret, and what stood in that of the secret is
    /// the ID if it looks like one.
    pub(crate) fn unswapped<T>(mut self, outcome: &Answer<T>, pasted_secret: SecretInput) -> Self {
        let Err(error) = outcome else {
            return self;
        };
        let swapped = |field| error.problem_with(field) == Some(Problem::LooksSwapped);
        if swapped(Field::ClientId) {
            let id = if swapped(Field::ClientSecret) {
                pasted_secret.into_inner()
            } else {
                String::new()
            };
            self.draft.fields.retain(|(name, _)| name != "client_id");
            self.draft.fields.push(("client_id".to_owned(), id));
        }
        self
    }

    /// Keeps what it held, for the page that asks before it is saved.
    pub(crate) async fn keep(&self) -> Answer<()> {
        portal()?
            .keep_draft(&self.kept_as, self.draft.clone())
            .await
    }

    /// Sends the browser back to the page, whatever came of it.
    pub(crate) async fn answer_here<S>(self, outcome: Answer<()>) -> Answer<()>
    where
        S: ServerFn<Error = PortalError>,
    {
        let page = self.page.clone();
        self.answer::<S>(outcome.map(|()| page)).await
    }

    /// The same, and where it was done the page says that it was saved.
    pub(crate) async fn answer_saved<S>(self, outcome: Answer<()>) -> Answer<()>
    where
        S: ServerFn<Error = PortalError>,
    {
        let page = address::saved(self.page.clone());
        self.answer::<S>(outcome.map(|()| page)).await
    }

    /// Sends the browser on: to `outcome`'s address, or back to the form that `S` was sent from.
    pub(crate) async fn answer<S>(self, outcome: Answer<String>) -> Answer<()>
    where
        S: ServerFn<Error = PortalError>,
    {
        match outcome {
            Ok(next) => {
                leptos_axum::redirect(&next);
                Ok(())
            }
            Err(error @ (PortalError::SignedOut | PortalError::SecondFactorNeeded)) => {
                set_status(&error);
                if let Some(door) = address::door(&error, &self.page) {
                    leptos_axum::redirect(&door);
                }
                Err(error)
            }
            Err(PortalError::ConfirmationNeeded) => {
                let next = if self.draft.fields.is_empty() {
                    self.page
                } else {
                    // a draft that cannot be kept must not hide what is asked for
                    let _ = self.keep().await;
                    address::again(self.page)
                };
                set_status(&PortalError::ConfirmationNeeded);
                leptos_axum::redirect(&address::confirm(&next));
                Err(PortalError::ConfirmationNeeded)
            }
            Err(error) => {
                if !self.draft.fields.is_empty() {
                    // the error is told in any case; a draft that cannot be kept must not hide it
                    let _ = portal()?.keep_draft(&self.kept_as, self.draft).await;
                }
                set_status(&error);
                go_back::<S>(&self.page, &error);
                Err(error)
            }
        }
    }
}

/// Gives the response the status of `error`, the one place where a status is set. A browser that
/// posted a form gets a redirect instead, which must stay one.
pub(crate) fn set_status(error: &PortalError) {
    if wants_a_page() && is_a_post() {
        return;
    }
    if let (Some(options), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(error.status()),
    ) {
        options.set_status(status);
    }
}

/// Leads a browser back to the form's page. We name the page instead of trusting `Referer`, which
/// may be missing, or hold the error of the attempt before.
fn go_back<S: ServerFn<Error = PortalError>>(page: &str, error: &PortalError) {
    if !wants_a_page() {
        return;
    }
    if let (Some(options), Some(Ok(value))) = (
        use_context::<ResponseOptions>(),
        refused(page, S::PATH, error).map(|address| HeaderValue::from_str(&address)),
    ) {
        options.insert_header(LOCATION, value);
        options.set_status(StatusCode::FOUND);
    }
}

/// The address of a page that says why the form it sent to `target` was refused.
#[must_use]
pub fn refused(page: &str, target: &str, error: &PortalError) -> Option<String> {
    let base = format!("http://portal.invalid{page}");
    let url = ServerFnUrlError::new(target, error.clone())
        .to_url(&base)
        .ok()?;
    let query = url.query().unwrap_or_default();
    Some(format!("{}?{query}", url.path()))
}

/// Whether the request takes HTML: a browser's navigation or form, not a script.
fn wants_a_page() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    })
}

fn is_a_post() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.method == http::Method::POST)
}
