//! What comes in: bodies, query strings and ids, or a sentence that says what is wrong with them.
//!
//! Only fields that a caller may set exist (R66); an unknown one is refused by name. Sentences name
//! the field and what is expected, and never repeat a value.

use super::ApiError;
use crate::http::{LONGEST_BODY, LONGEST_IMPORT};
use crate::json;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::str::FromStr;

/// A JSON body. Whatever `Content-Type` says, nothing else is spoken here.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(&bytes(request, LONGEST_BODY).await?).map(Self)
    }
}

/// A JSON body that may be left out.
pub(super) struct MaybeBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Sync> FromRequest<S> for MaybeBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = bytes(request, LONGEST_BODY).await?;
        if bytes.trim_ascii().is_empty() {
            Ok(Self(T::default()))
        } else {
            read(&bytes).map(Self)
        }
    }
}

/// A body with many connections in it: the one that may be long.
pub(super) struct LongBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for LongBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(&bytes(request, LONGEST_IMPORT).await?).map(Self)
    }
}

/// The whole of a body that has at most `longest` bytes.
pub(super) async fn bytes(request: Request, longest: usize) -> Result<Vec<u8>, ApiError> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > longest) {
        return Err(ApiError::BodyTooLong);
    }
    match to_bytes(request.into_body(), longest).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error)
            if error
                .source()
                .is_some_and(<dyn Error>::is::<LengthLimitError>) =>
        {
            Err(ApiError::BodyTooLong)
        }
        Err(_) => Err(ApiError::Invalid(
            "Send the body again: it did not arrive as a whole.".to_owned(),
        )),
    }
}

/// What the JSON in a body says.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // a list of the members in their order would be read as well
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::Invalid(
            "The body has to be an object.".to_owned(),
        ));
    }
    json::read(bytes).map_err(|mistake| ApiError::Invalid(mistake.sentence))
}

/// A query string.
pub(super) struct Search<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Search<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(search)| Self(search)).map_err(|error| {
            // all fields are texts that may be left out, so that a name is all that can be wrong
            let text = error.body_text();
            let begins = text
                .find("unknown field")
                .or_else(|| text.find("duplicate field"))
                .unwrap_or_default();
            ApiError::Invalid(json::said("query", &text[begins..]))
        })
    }
}

/// The id in an address. What cannot be one of its kind is not found, without asking the database.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
            return Err(ApiError::NotFound);
        };
        text.parse().map(Self).map_err(|_| ApiError::NotFound)
    }
}

/// The same for an address with two ids, one below the other.
pub(super) struct Ids<T, U>(pub(super) T, pub(super) U);

impl<T: FromStr, U: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<T, U> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await;
        let ids = texts
            .ok()
            .and_then(|Path((one, other))| Some(Self(one.parse().ok()?, other.parse().ok()?)));
        ids.ok_or(ApiError::NotFound)
    }
}

/// What is wrong with a text that has to have 1 to `longest` characters without control characters.
pub(super) fn check_text(field: &str, text: &str, longest: usize) -> Result<(), ApiError> {
    if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(ApiError::Invalid(format!(
            "`{field}` has to have 1 to {longest} characters, without control characters."
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only how it is refused matters")]
    struct Order {
        end_user: EndUser,
        times: Option<u32>,
        tags: Option<Vec<String>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only how it is refused matters")]
    struct EndUser {
        id: String,
    }

    #[test]
    fn a_sentence_names_the_field_and_what_is_expected_and_repeats_no_value() {
        for (body, expected) in [
            (
                "",
                "Send a body that is valid JSON: this one is not, at line 1 column 0.",
            ),
            (
                "{",
                "Send a body that is valid JSON: this one is not, at line 1 column 1.",
            ),
            ("{} {}", "Add `end_user`: it is needed."),
            (
                r#"{"end_user": {"id": "a"}} x"#,
                "Send a body that is valid JSON: this one is not, at line 1 column 27.",
            ),
            ("[]", "The body has to be an object."),
            (
                r#"[{"id": "a"}, null, null]"#,
                "The body has to be an object.",
            ),
            ("7", "The body has to be an object."),
            (r#"{"end_user": {}}"#, "Add `end_user.id`: it is needed."),
            (
                r#"{"end_user": {"id": 5}}"#,
                "`end_user.id` has to be a string.",
            ),
            (
                r#"{"end_user": "hunter2"}"#,
                "`end_user` has to be an object.",
            ),
            (
                r#"{"end_user": {"id": "a"}, "times": -1}"#,
                "`times` has to be a whole number, zero or more.",
            ),
            (
                r#"{"end_user": {"id": "a"}, "tags": ["a", 7]}"#,
                "`tags[1]` has to be a string.",
            ),
            (
                r#"{"end_user": {"id": "a"}, "tags": {}}"#,
                "`tags` has to be a list.",
            ),
            (
                r#"{"end_user": {"id": "a", "rôle": 1}}"#,
                "Leave `rôle` out or correct its spelling: there is no such field. Known here: `id`.",
            ),
        ] {
            let error = read::<Order>(body.as_bytes()).expect_err("not an order");
            assert_eq!(error.to_string(), expected, "{body}");
        }
    }

    #[test]
    fn a_long_made_up_name_is_cut() {
        let body = format!(r#"{{"{}": 1}}"#, "x".repeat(1000));
        let error = read::<Order>(body.as_bytes()).expect_err("not an order");
        assert!(error.to_string().len() < 250, "{error}");
    }
}
