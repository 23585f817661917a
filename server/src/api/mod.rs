//! The HTTP API for backends: `/api/v1`, JSON, one API key per application.
//!
//! ```text
//! key.rs      who is calling: `Authorization: Bearer gp_..`
//! body.rs     what came in: JSON and query strings, or a sentence that says what is wrong with them
//! v1/         what can be asked
//! problem.rs  what goes out when it cannot be done: problem+json with a stable code
//! ```
//!
//! A caller sees its own application and nothing else: an id of another one answers the same 404 as
//! a made-up one. An access token is put into a body in one place, `v1::tokens::TokenAnswer`.

mod body;
pub mod key;
mod problem;
pub mod return_url;
#[cfg(test)]
mod tests;
mod v1;

use crate::connect::Connect;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::tokens::FreshTokens;
use crate::upstreams::Upstreams;
use axum::Router;
use axum::http::{HeaderValue, header::CACHE_CONTROL};
use axum::routing::any;
use problem::ApiError;
use tower_http::set_header::SetResponseHeaderLayer;

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    store: Store,
    upstreams: Upstreams,
    tokens: FreshTokens,
    /// Completes what an end user has approved.
    connect: Connect,
    metrics: Metrics,
}

impl Api {
    /// Brings together what the API answers from.
    #[must_use]
    pub fn new(
        store: Store,
        upstreams: Upstreams,
        tokens: FreshTokens,
        connect: Connect,
        metrics: Metrics,
    ) -> Self {
        Self {
            store,
            upstreams,
            tokens,
            connect,
            metrics,
        }
    }

    /// The routes under `/api`. Nothing of it may be kept by a cache (R61).
    pub fn router(self) -> Router {
        let api = Router::new()
            .nest("/v1", v1::routes())
            .fallback(async || ApiError::NoSuchAddress)
            .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
            .with_state(self);
        Router::new()
            .nest("/api", api)
            // the one path below `/api` that a nested fallback does not see
            .route("/api/", any(async || ApiError::NoSuchAddress))
            .layer(SetResponseHeaderLayer::overriding(
                CACHE_CONTROL,
                HeaderValue::from_static("no-store"),
            ))
    }
}
