//! How much a request may bring (R31): 64 KiB of body, 8 KiB of query, 32 KiB of headers.

use super::{RequestId, refusal::Refusal, unread::HeardOut};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::Limited;

/// No form and no call needs more.
pub const LONGEST_BODY: usize = 64 * 1024;
const LONGEST_QUERY: usize = 8 * 1024;
const LONGEST_HEADERS: usize = 32 * 1024;

const BODY: Refusal = Refusal {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    code: "invalid_request",
    blame: "caller",
    title: "That is too much at once",
    sentence: "What was sent is longer than 64 KiB. Go back and shorten it.",
};
const QUERY: Refusal = Refusal {
    status: StatusCode::URI_TOO_LONG,
    code: "invalid_request",
    blame: "caller",
    title: "This address is too long",
    sentence: "The part behind the question mark is longer than 8 KiB. Shorten the search, or start again.",
};
const HEADERS: Refusal = Refusal {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    code: "invalid_request",
    blame: "caller",
    title: "The browser sent too many headers",
    sentence: "They are longer than 32 KiB together. Remove this site's cookies and try again.",
};

/// Refuses what is too long, and cuts off a body that turns out to be.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let request = request.map(|body| Body::new(HeardOut::new(body)));
    if let Some(refusal) = too_long(&request) {
        let id = request.extensions().get::<RequestId>();
        return refusal.answer(request.uri().path(), id);
    }
    let (parts, body) = request.into_parts();
    let body = Body::new(Limited::new(body, LONGEST_BODY));
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
    // a body without a length is cut off when it gets there
    let announced = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
    (announced > LONGEST_BODY).then_some(BODY)
}
