//! The HTTP API for backends: `/api/v1`, JSON, one API key per application.
//!
//! ```text
//! key.rs      who is calling: `Authorization: Bearer gp_..`, and whether their key works here and now
//! rates.rs    how often a key may ask
//! body.rs     what came in: JSON and query strings, or a sentence that says what is wrong with them
//! once.rs     requests that are made once, however often they are sent
//! v1/         what can be asked
//! page.rs     lists, a page at a time
//! etag.rs     what a caller has seen already
//! problem.rs  what goes out when it cannot be done: problem+json with a stable code
//! document.rs the OpenAPI document of all this, made from the types
//! ```
//!
//! A caller sees its own application and nothing else: an id of another one answers the same 404 as
//! a made-up one. An access token is put into a body in one place, `v1::tokens::TokenAnswer`.

mod body;
pub mod document;
mod etag;
pub mod key;
mod once;
mod page;
mod problem;
mod rates;
pub mod return_url;
#[cfg(test)]
mod tests;
mod v1;
mod words;

use crate::connect::Connect;
use crate::metrics::Metrics;
use crate::proxy::{Proxy, ProxyLimits};
use crate::store::Store;
use crate::tokens::FreshTokens;
use crate::upstreams::Upstreams;
use axum::Router;
use axum::http::{HeaderValue, header::CACHE_CONTROL};
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use key::tell_of_key;
use problem::ApiError;
pub use rates::RateSettings;
use rates::Rates;
use std::ops::Deref;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// What the handlers share. Cheap to clone, which each layer around a handler does for each request.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

/// What all clones share.
#[derive(Clone)]
pub struct Parts {
    store: Store,
    upstreams: Upstreams,
    tokens: FreshTokens,
    /// Completes what an end user has approved.
    connect: Connect,
    metrics: Metrics,
    rates: Rates,
    /// Calls providers for backends.
    proxy: Proxy,
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
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
        let proxy = Proxy::new(
            store.clone(),
            upstreams.clone(),
            tokens.clone(),
            metrics.clone(),
        );
        Self(Arc::new(Parts {
            store,
            upstreams,
            tokens,
            connect,
            metrics,
            rates: Rates::default(),
            proxy,
        }))
    }

    /// With these rates instead of the usual ones.
    #[must_use]
    pub fn limited_to(mut self, settings: RateSettings) -> Self {
        Arc::make_mut(&mut self.0).rates = Rates::new(settings);
        self
    }

    /// With other limits for the proxy than the usual ones.
    #[must_use]
    pub fn proxying_within(mut self, limits: ProxyLimits) -> Self {
        let proxy = self.proxy.clone().within(limits);
        Arc::make_mut(&mut self.0).proxy = proxy;
        self
    }

    /// The routes under `/api`. Nothing of it may be kept by a cache (R61), but for the document.
    pub fn router(self) -> Router {
        let docs: Arc<str> = self.upstreams.absolute("/docs/api").into();
        let document = document::served(&self.upstreams.absolute(""));
        let api = Router::new()
            .nest("/v1", v1::routes().into())
            .fallback(async || ApiError::NoSuchAddress)
            .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
            .with_state(self)
            .layer(from_fn_with_state(docs, tell_of_key));
        Router::new()
            .nest("/api", api)
            // the one path below `/api` that a nested fallback does not see
            .route("/api/", any(async || ApiError::NoSuchAddress))
            .layer(SetResponseHeaderLayer::overriding(
                CACHE_CONTROL,
                HeaderValue::from_static("no-store"),
            ))
            .route("/api/v1/openapi.json", document)
    }
}
