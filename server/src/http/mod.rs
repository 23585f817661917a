//! What every request passes through on its way in, every answer on its way out, and what every
//! page loads.

pub mod assets;
pub(crate) mod browser_cookie;
mod client_ip;
pub mod connect_js;
mod health;
mod limits;
mod listen;
mod panics;
mod refusal;
mod request_id;
mod room;
mod same_origin;
mod security_headers;
mod unread;

pub use client_ip::{ClientIp, InvalidNetwork, Network, subscriber};
pub use health::{healthz, readyz};
pub use limits::{LONGEST_BODY, LONGEST_IMPORT, TOO_LONG};
pub use listen::{bind, listen};
pub use request_id::RequestId;
pub use room::make_room;
pub use security_headers::{hosted_csp, page_csp, telling_csp};

use crate::config::Config;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// Puts the layers around all routes, and their fallback. From the outside in: the id and the log
/// line, the headers, a page in the place of a panic, the limits, the client's address, the check
/// of where a request comes from. A layer that answers itself still gets the headers and the id.
pub fn layers(routes: Router, config: &Config) -> Router {
    let origin: Arc<str> = config.origin().into();
    let trusted: Arc<[Network]> = config.trusted_proxies.clone().into();
    routes
        .layer(from_fn_with_state(origin, same_origin::same_origin))
        .layer(from_fn_with_state(trusted, client_ip::find_client))
        .layer(from_fn(limits::limit))
        .layer(CatchPanicLayer::custom(panics::caught))
        .layer(from_fn(panics::explain))
        .layer(from_fn_with_state(
            config.is_https(),
            security_headers::secure,
        ))
        .layer(from_fn(request_id::identify))
}

#[cfg(test)]
mod tests;
