//! The cookie of a session (R38): `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/`.
//!
//! `Lax` because a member who follows a link from a mail is signed in all the same. On plain http,
//! which only a loopback address may use, a `Secure` cookie would not come back; there the name
//! has no prefix.

use super::SessionTable;
use super::device::{DeviceCookie, recognise_device};
use crate::config::Config;
use crate::store::Store;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{HeaderName, SET_COOKIE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_sessions::SessionManagerLayer;
use tower_sessions::cookie::SameSite;

const CLEAR: HeaderName = HeaderName::from_static("clear-site-data");

/// What the cookie is called.
#[must_use]
pub fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-grantport_sid"
    } else {
        "grantport_sid"
    }
}

fn device_cookie(config: &Config) -> DeviceCookie {
    let secure = config.is_https();
    let name = if secure {
        "__Host-grantport_device"
    } else {
        "grantport_device"
    };
    DeviceCookie { name, secure }
}

/// Gives every route a session. It is loaded when it is first asked for.
pub fn session_layers(routes: Router, config: &Config, store: &Store) -> Router {
    let name = cookie_name(config);
    let sessions = SessionManagerLayer::new(SessionTable::new(store.clone()))
        .with_name(name)
        .with_secure(config.is_https())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/");
    let removal = removal_cookie(name, config.is_https());
    routes
        .layer(sessions)
        .layer(from_fn_with_state((name, removal), mend_removal))
        .layer(from_fn_with_state(device_cookie(config), recognise_device))
}

fn removal_cookie(name: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax{secure}"
    ))
    .ok()
}

/// tower-sessions 0.15 takes the cookie back without `Secure`, and browsers ignore a `__Host-`
/// cookie that lacks it: the old one would stay.
async fn mend_removal(
    State((name, removal)): State<(&'static str, Option<HeaderValue>)>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(removal) = removal else {
        return response;
    };
    let ours = |cookie: &HeaderValue| cookie.as_bytes().starts_with(format!("{name}=").as_bytes());
    let removes = |cookie: &HeaderValue| ours(cookie) && contains(cookie.as_bytes(), b"Max-Age=0");
    if !response.headers().get_all(SET_COOKIE).iter().any(removes) {
        return response;
    }
    let cookies: Vec<HeaderValue> = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .cloned()
        .collect();
    response.headers_mut().remove(SET_COOKIE);
    for cookie in cookies {
        let cookie = if removes(&cookie) {
            removal.clone()
        } else {
            cookie
        };
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    // what was shown to the member does not stay with the browser (R29)
    response
        .headers_mut()
        .insert(CLEAR, HeaderValue::from_static("\"cache\", \"storage\""));
    response
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
