//! How much a request may bring (R31): 64 KiB of body, 8 KiB of query, 32 KiB of headers. The one
//! form that brings a file may be longer, and so may the one call that brings connections; both answer
//! for their length themselves. What goes through the proxy is streamed, and has no limit here.

use super::{RequestId, refusal::Refusal, unread::HeardOut};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::Limited;

/// No form and no call needs more.
pub const LONGEST_BODY: usize = 64 * 1024;
/// A logo may have half of it; the rest lets the form say that a file is too large.
const LONGEST_UPLOAD: usize = 1024 * 1024;
/// Five hundred connections, with tokens of the longest kind.
pub const LONGEST_IMPORT: usize = 5 * 1024 * 1024;
/// The call that brings connections.
const IMPORT: &str = "/api/v1/connections/import";
const LONGEST_QUERY: usize = 8 * 1024;
const LONGEST_HEADERS: usize = 32 * 1024;

const BODY: Refusal = Refusal {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    code: "body_too_long",
    blame: "caller",
    title: "That is too much at once",
    sentence: "What was sent is longer than 64 KiB. Go back and shorten it.",
};
const QUERY: Refusal = Refusal {
    status: StatusCode::URI_TOO_LONG,
    code: "query_too_long",
    blame: "caller",
    title: "This address is too long",
    sentence: "The part behind the question mark is longer than 8 KiB. Shorten the search, or start again.",
};
const HEADERS: Refusal = Refusal {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    code: "headers_too_long",
    blame: "caller",
    title: "The browser sent too many headers",
    sentence: "They are longer than 32 KiB together. Remove this site's cookies and try again.",
};

/// The codes with which a call is refused before it gets to the API.
pub const TOO_LONG: [&str; 3] = [BODY.code, QUERY.code, HEADERS.code];

/// Refuses what is too long, and cuts off a body that turns out to be.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let request = request.map(|body| Body::new(HeardOut::new(body)));
    if let Some(refusal) = too_long(&request) {
        let id = request.extensions().get::<RequestId>();
        return refusal.answer(request.uri().path(), id);
    }
    if passes(request.uri().path()) {
        return next.run(request).await;
    }
    let longest = longest_body(request.uri().path());
    let (parts, body) = request.into_parts();
    let body = Body::new(Limited::new(body, longest));
    next.run(Request::from_parts(parts, body)).await
}

fn too_long(request: &Request) -> Option<Refusal> {
    let headers: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if request
        .uri()
        .query()
        .is_some_and(|query| query.len() > LONGEST_QUERY)
    {
        return Some(QUERY);
    }
    if headers > LONGEST_HEADERS {
        return Some(HEADERS);
    }
    // a body without a length is cut off when it gets there; and so is a file that is too large, so
    // that its form can lead back to its page
    let announced = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
    let path = request.uri().path();
    let long = path == IMPORT || brings_a_file(path) || passes(path);
    (announced > LONGEST_BODY && !long).then_some(BODY)
}

/// What goes through the proxy is never held here, so it may be as long as its provider takes.
fn passes(path: &str) -> bool {
    path.starts_with("/api/v1/proxy/")
}

fn longest_body(path: &str) -> usize {
    if path == IMPORT {
        // one byte more, so that whoever reads it can say that it is too long
        LONGEST_IMPORT + 1
    } else if brings_a_file(path) {
        LONGEST_UPLOAD
    } else {
        LONGEST_BODY
    }
}

/// Where an application's logo is sent to.
fn brings_a_file(path: &str) -> bool {
    path.strip_prefix("/apps/")
        .and_then(|rest| rest.strip_suffix("/settings/logo"))
        .is_some_and(|slug| !slug.is_empty() && !slug.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_brings_many_connections() {
        assert_eq!(longest_body(IMPORT), LONGEST_IMPORT + 1);
        for path in ["/api/v1/connections", "/api/v1/connections/import/"] {
            assert_eq!(longest_body(path), LONGEST_BODY, "{path}");
        }
    }

    #[test]
    fn one_form_brings_a_file() {
        assert!(brings_a_file("/apps/crm-sync/settings/logo"));
        for path in [
            "/apps/crm-sync/settings",
            "/apps/settings/logo",
            "/apps//settings/logo",
            "/apps/a/b/settings/logo",
            "/apps/crm-sync/settings/logo/",
            "/api/v1/apps/crm-sync/settings/logo",
        ] {
            assert!(!brings_a_file(path), "{path}");
        }
    }
}
