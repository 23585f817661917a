//! Entity tags (RFC 9110 section 8.8.3): what a caller has seen, in 20 characters.
//!
//! A tag is made of the body itself, so it changes whenever anything that is shown changes.

use super::ApiError;
use crate::domain::base62_of;
use crate::vault::sha256;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A JSON body with its tag.
pub(super) struct Tagged {
    body: Vec<u8>,
    tag: HeaderValue,
}

impl Tagged {
    /// What `answer` is as JSON.
    pub(super) fn json<T: Serialize>(answer: &T) -> Self {
        // answers are structs of texts, numbers and lists, which can always be written
        Self::bytes(serde_json::to_vec(answer).unwrap_or_default())
    }

    /// JSON as it stands.
    pub(super) fn bytes(body: Vec<u8>) -> Self {
        let tag = format!("\"{}\"", base62_of(&sha256(&body)));
        // letters and digits
        let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { body, tag }
    }

    /// The answer to a GET: without the body where the caller has it already (section 13.1.2).
    pub(super) fn unless_known(&self, headers: &HeaderMap) -> Response {
        if names(headers, &IF_NONE_MATCH, &self.tag, true) {
            (StatusCode::NOT_MODIFIED, [(ETAG, self.tag.clone())]).into_response()
        } else {
            self.whole()
        }
    }

    /// The answer with its body.
    pub(super) fn whole(&self) -> Response {
        let headers = [
            (ETAG, self.tag.clone()),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ];
        (headers, self.body.clone()).into_response()
    }

    /// Refuses to change what the caller has not seen as it is now (section 13.1.1).
    pub(super) fn check_seen(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if headers.contains_key(IF_MATCH) && !names(headers, &IF_MATCH, &self.tag, false) {
            Err(ApiError::PreconditionFailed)
        } else {
            Ok(())
        }
    }
}

/// Whether a header's list of tags has this one, or stands for all. What a proxy on the way made a
/// weak tag of is good enough to spare a body, and not to allow a change.
fn names(headers: &HeaderMap, header: &HeaderName, tag: &HeaderValue, weakly: bool) -> bool {
    headers
        .get_all(header)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|one| {
            let strong = one.strip_prefix("W/").filter(|_| weakly).unwrap_or(one);
            strong == "*" || strong.as_bytes() == tag.as_bytes()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(header: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header, HeaderValue::from_str(value).expect("a value"))])
    }

    #[test]
    fn a_body_is_spared_whoever_has_it() {
        let body = Tagged::bytes(b"{}".to_vec());
        let tag = body.tag.to_str().expect("text").to_owned();
        assert_eq!(tag.len(), 22);
        for (sent, expected) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"x\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"x\"".to_owned(), 200),
            (tag.trim_matches('"').to_owned(), 200),
            (String::new(), 200),
        ] {
            let answer = body.unless_known(&asking(IF_NONE_MATCH, &sent));
            assert_eq!(answer.status(), expected, "{sent}");
            assert_eq!(answer.headers()[ETAG], tag);
        }
        assert_eq!(body.unless_known(&HeaderMap::new()).status(), 200);
    }

    #[test]
    fn only_what_was_seen_as_it_is_may_be_changed() {
        let body = Tagged::bytes(b"{}".to_vec());
        let tag = body.tag.to_str().expect("text").to_owned();
        for (sent, expected) in [
            (tag.clone(), true),
            ("*".to_owned(), true),
            (format!("W/{tag}"), false),
            ("\"x\"".to_owned(), false),
            (String::new(), false),
        ] {
            let seen = body.check_seen(&asking(IF_MATCH, &sent));
            assert_eq!(seen.is_ok(), expected, "{sent}");
        }
        assert!(body.check_seen(&HeaderMap::new()).is_ok());
    }
}
