//! What comes in: bodies, query strings and ids, or a sentence that says what is wrong with them.
//!
//! Only fields that a caller may set exist (R66); an unknown one is refused by name. Sentences name
//! the field and what is expected, and never repeat a value.

use super::ApiError;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::str::FromStr;

/// No body is longer, in bytes.
const LONGEST_BODY: usize = 64 * 1024;
/// What we repeat of a name that the caller made up, in characters.
const LONGEST_NAME: usize = 60;

/// A JSON body. Whatever `Content-Type` says, nothing else is spoken here.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(&bytes(request).await?).map(Self)
    }
}

/// A JSON body that may be left out.
pub(super) struct MaybeBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Sync> FromRequest<S> for MaybeBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = bytes(request).await?;
        if bytes.trim_ascii().is_empty() {
            Ok(Self(T::default()))
        } else {
            read(&bytes).map(Self)
        }
    }
}

async fn bytes(request: Request) -> Result<Vec<u8>, ApiError> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > LONGEST_BODY) {
        return Err(ApiError::BodyTooLong);
    }
    match to_bytes(request.into_body(), LONGEST_BODY).await {
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

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        ApiError::Invalid(mistake(&path, error.inner()))
    })?;
    json.end()
        .map_err(|error| ApiError::Invalid(mistake("", &error)))?;
    Ok(value)
}

fn mistake(path: &str, error: &serde_json::Error) -> String {
    if error.is_data() {
        return said(path, &error.to_string());
    }
    format!(
        "Send a body that is valid JSON: this one is not, at line {} column {}.",
        error.line(),
        error.column()
    )
}

/// A sentence about `path` from what a deserializer says, without the values that it quotes.
fn said(path: &str, message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let quoted = |text: &str| {
        text.split('`')
            .nth(1)
            .unwrap_or_default()
            .chars()
            .take(LONGEST_NAME)
            .collect::<String>()
    };
    let expected = message
        .rsplit_once(", expected ")
        .map(|(_, expected)| expected);
    if message.starts_with("unknown field") {
        let others = expected.map_or_else(String::new, |expected| {
            format!(" Known here: {}.", expected.trim_start_matches("one of "))
        });
        return format!(
            "Leave `{}` out or correct its spelling: there is no such field.{others}",
            quoted(message)
        );
    }
    if message.starts_with("missing field") {
        return format!(
            "Add `{}`: it is needed.",
            [parent(path), quoted(message)].concat()
        );
    }
    if message.starts_with("duplicate field") {
        return format!("Send `{}` once: it is there twice.", quoted(message));
    }
    let subject = if path.is_empty() || path == "." {
        "The body".to_owned()
    } else {
        format!("`{path}`")
    };
    match expected {
        Some(expected) => format!("{subject} has to be {}.", plainly(expected)),
        None => format!("{subject} is not valid."),
    }
}

/// `end_user.` of the path `end_user`, to which a missing field's name is appended.
fn parent(path: &str) -> String {
    if path.is_empty() || path == "." {
        String::new()
    } else {
        format!("{path}.")
    }
}

/// Rust's words for types in those of JSON.
fn plainly(expected: &str) -> String {
    match expected {
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        "u32" | "u64" => "a whole number, zero or more".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
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
            ApiError::Invalid(said("query", &text[begins..]))
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
