//! What an answer says about the key that it was asked with: how much of its rate is left, and, if it is
//! deprecated, since when and until when it works (R70).
//!
//! The extractor of a handler knows the key, and a layer around all of them writes the headers, so that
//! refusals carry them too.

use crate::api::rates::Standing;
use crate::domain::{ApiKey, Timestamp};
use axum::extract::{Request, State};
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, OnceLock};

/// RFC 9745.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// RFC 8594.
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Where the extractor leaves what is to be told. An extension of the request.
#[derive(Clone, Default)]
pub(super) struct Telling(Arc<OnceLock<Told>>);

struct Told {
    standing: Standing,
    deprecated_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl Telling {
    /// Tells of this key.
    pub(super) fn of(&self, key: &ApiKey, standing: Standing) {
        let told = Told {
            standing,
            deprecated_at: key.deprecated_at,
            ends_at: key.limits.expires_at,
        };
        // the first one stays, and a request has one key
        let _ = self.0.set(told);
    }
}

/// Adds the headers to an answer. `docs` is where a person can read about it.
pub(in crate::api) async fn tell_of_key(
    State(docs): State<Arc<str>>,
    mut request: Request,
    next: Next,
) -> Response {
    let telling = Telling::default();
    request.extensions_mut().insert(telling.clone());
    let mut response = next.run(request).await;
    if let Some(told) = telling.0.get() {
        told.write(response.headers_mut(), &docs);
    }
    response
}

impl Told {
    fn write(&self, headers: &mut HeaderMap, docs: &str) {
        self.standing.write(headers);
        let Some(since) = self.deprecated_at else {
            return;
        };
        put(headers, DEPRECATION, &format!("@{}", since.seconds()));
        if let Some(end) = self.ends_at {
            put(headers, SUNSET, &end.http_date());
        }
        let link = format!("<{docs}>; rel=\"deprecation\"; type=\"text/html\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.append(LINK, link);
        }
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
