//! The plain answers of the layers that every request passes: too large, from elsewhere, a fault.
//!
//! A person gets a page with a sentence and a way on, a backend gets RFC 9457 problem+json. Both
//! get the request's id, under which the log has the detail (R30).

use super::RequestId;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

/// What is wrong, and what to do now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// The `code` of the API.
    pub(super) code: &'static str,
    /// Who can mend it, in the API's words.
    pub(super) blame: &'static str,
    pub(super) title: &'static str,
    pub(super) sentence: &'static str,
}

impl Refusal {
    /// In the form that whoever asked for `path` can read.
    pub(super) fn answer(&self, path: &str, id: Option<&RequestId>) -> Response {
        let id = id.map(RequestId::as_str).unwrap_or_default();
        let (content_type, body) = if path.starts_with("/api/") {
            ("application/problem+json", self.problem(id))
        } else {
            ("text/html; charset=utf-8", self.page(id))
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }

    fn problem(&self, id: &str) -> String {
        json!({
            "type": format!("urn:grantport:problem:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.sentence,
            "code": self.code,
            "blame": self.blame,
            "request_id": id,
        })
        .to_string()
    }

    fn page(&self, id: &str) -> String {
        let Self {
            title, sentence, ..
        } = self;
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Grantport</title>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n<p>{sentence}</p>\n<p><a href=\"/\">Back to the start</a></p>\n\
             <p><small>Request {id}</small></p>\n</main>\n</body>\n</html>\n"
        )
    }
}
