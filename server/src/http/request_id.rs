//! An id for each request, made here, and its one line in the log.
//!
//! The line names the route's pattern, not the address: addresses of the connect flow carry tokens,
//! and query strings carry codes and states.

use crate::domain::random_base62;
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Names a request in the log, in the `x-request-id` header and on error pages.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    fn random() -> Self {
        Self(random_base62(16).into())
    }

    /// As shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives a request its id, and writes its line when it was answered.
pub(super) async fn identify(mut request: Request, next: Next) -> Response {
    let id = RequestId::random();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    let span = tracing::info_span!("request", id = id.as_str(), method = %request.method(), route);
    request.extensions_mut().insert(id.clone());
    let answer = async move {
        let began = Instant::now();
        let mut response = next.run(request).await;
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            status = response.status().as_u16(),
            milliseconds,
            "answered"
        );
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert("x-request-id", value);
        }
        response
    };
    answer.instrument(span).await
}
