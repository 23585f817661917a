//! Browsers in which an account was signed in to before (R36).
//!
//! A stranger who guesses at an account closes it to further guesses for a while. Its owner shall
//! not be shut out with them: after a sign-in the browser keeps a signed cookie, and with it the
//! tries on that account are counted apart. The cookie is good for nothing else; it holds a random
//! number and a signature over that number and the e-mail.

use super::store_failure;
use crate::domain::{Member, OrganizationId, random_base62};
use crate::store::{Store, fold_email};
use app::wire::PortalError;
use axum::extract::{Request, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::{Arc, OnceLock};
use subtle::ConstantTimeEq;

const A_YEAR_S: u32 = 365 * 24 * 60 * 60;

/// What a browser brought along, and what it is given to keep.
#[derive(Clone, Default)]
pub(super) struct Device {
    brought: Option<String>,
    given: Arc<OnceLock<String>>,
}

impl Device {
    /// The number of this browser, if it was signed in to this account before.
    pub(super) async fn known_to(
        &self,
        store: &Store,
        email: &str,
    ) -> Result<Option<&str>, PortalError> {
        let Some((number, signature)) = self
            .brought
            .as_deref()
            .and_then(|value| value.split_once('.'))
        else {
            return Ok(None);
        };
        let organizations = store
            .organizations()
            .await
            .map_err(|error| store_failure(&error))?;
        let signed = organizations.iter().any(|organization| {
            signature_of(store, &organization.id, email, number)
                .is_some_and(|expected| expected.as_bytes().ct_eq(signature.as_bytes()).into())
        });
        Ok(signed.then_some(number))
    }

    /// Lets the browser be known to the account from now on.
    pub(super) fn remember(&self, store: &Store, member: &Member) {
        let number = random_base62(20);
        if let Some(signature) = signature_of(store, &member.organization, &member.email, &number) {
            // a request signs in once; were it twice, the first cookie would do as well
            let _ = self.given.set(format!("{number}.{signature}"));
        }
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device(..)")
    }
}

fn signature_of(
    store: &Store,
    organization: &OrganizationId,
    email: &str,
    number: &str,
) -> Option<String> {
    let input = format!("{number} {}", fold_email(email));
    let signature = store
        .keyring()
        .derive(organization, "sign-in device", input.as_bytes());
    signature.ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// What the cookie is called, and what stands behind its value.
#[derive(Clone, Copy)]
pub(super) struct DeviceCookie {
    pub(super) name: &'static str,
    pub(super) secure: bool,
}

/// Hands a browser's cookie to the request, and gives it a new one where the request says so.
pub(super) async fn recognise_device(
    State(cookie): State<DeviceCookie>,
    mut request: Request,
    next: Next,
) -> Response {
    let device = Device {
        brought: brought(request.headers(), cookie.name),
        given: Arc::default(),
    };
    request.extensions_mut().insert(device.clone());
    let mut response = next.run(request).await;
    if let Some(value) = device.given.get() {
        let secure = if cookie.secure { "; Secure" } else { "" };
        let name = cookie.name;
        let line =
            format!("{name}={value}; Max-Age={A_YEAR_S}; Path=/; HttpOnly; SameSite=Lax{secure}");
        if let Ok(line) = HeaderValue::from_str(&line) {
            response.headers_mut().append(SET_COOKIE, line);
        }
    }
    response
}

fn brought(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
