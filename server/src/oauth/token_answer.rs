//! Reads a token answer and never loses a token (R18, C18, C19).
//!
//! RFC 6749 section 5.1 describes an answer that hardly anybody sends. Lifetimes come as text or as
//! fractions, scopes as lists, token types not at all, bodies as forms under a JSON content type.
//! Behind each of these can stand a refresh token that replaced the only other one. So everything
//! but the access token is optional, every shape that was seen somewhere is understood, and the
//! whole answer is kept for the day on which something else in it turns out to matter.

use super::classify::ErrorCode;
use crate::domain::Scopes;
use crate::vault::Secret;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use url::form_urlencoded;

/// Longest metadata value that is kept in the open.
const LONGEST_METADATA: usize = 1000;

/// What a provider answered to a code or a refresh token.
#[derive(Debug)]
pub struct TokenSet {
    /// The access token.
    pub access_token: Secret<String>,
    /// The refresh token, if one came. If none came with a refresh, the one that was used stays
    /// valid (RFC 6749 section 6).
    pub refresh_token: Option<Secret<String>>,
    /// `Bearer`, unless the provider says otherwise.
    pub token_type: String,
    /// Seconds from the moment of the request. `None`: the answer does not say; a lifetime of zero
    /// counts as not saying.
    pub expires_in_s: Option<u64>,
    /// The granted scopes. `None`: the answer does not say.
    pub scopes: Option<Scopes>,
    /// Members that the definition keeps in the open, numbers as text.
    pub metadata: BTreeMap<String, String>,
    /// The whole answer as JSON, to be sealed.
    pub raw: Secret<String>,
}

/// There is no token in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoToken {
    /// The error that the answer names instead.
    pub(super) code: Option<ErrorCode>,
}

/// Reads the body of a successful answer. `kept_open` are the names that go into the metadata.
pub(super) fn parse(body: &[u8], kept_open: &[String]) -> Result<TokenSet, NoToken> {
    let (members, raw) = members(body).ok_or(NoToken { code: None })?;
    let access_token = words(&members, "access_token").ok_or_else(|| NoToken {
        code: error_of(&members),
    })?;
    let metadata = kept_open
        .iter()
        .filter(|name| !name.ends_with("_token"))
        .filter_map(|name| Some((name.clone(), words(&members, name)?)))
        .filter(|(_, value)| value.len() <= LONGEST_METADATA);
    Ok(TokenSet {
        access_token: Secret::new(access_token),
        refresh_token: words(&members, "refresh_token").map(Secret::new),
        token_type: token_type(&members),
        expires_in_s: members.get("expires_in").and_then(seconds),
        scopes: ["scope", "scopes"]
            .iter()
            .find_map(|name| members.get(*name).and_then(scopes)),
        metadata: metadata.collect(),
        raw,
    })
}

/// The error that a body names, if it names one.
pub(super) fn error_code(body: &[u8]) -> Option<ErrorCode> {
    members(body).and_then(|(members, _)| error_of(&members))
}

/// The members of an answer, JSON or form, whatever its content type claims; and all of it as JSON.
fn members(body: &[u8]) -> Option<(Map<String, Value>, Secret<String>)> {
    // Lossy: a broken character in some label must not cost the token beside it.
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let first = serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .next();
    if let Some(Ok(Value::Object(members))) = first {
        // as it was written, so that no number is rounded
        return Some((members, Secret::from(text)));
    }
    if text.starts_with(['<', '{', '[']) || !text.contains('=') {
        return None;
    }
    let members: Map<String, Value> = form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    let raw = Secret::new(Value::Object(members.clone()).to_string());
    Some((members, raw))
}

fn error_of(members: &Map<String, Value>) -> Option<ErrorCode> {
    match members.get("error")? {
        Value::Null | Value::Bool(false) => None,
        Value::String(code) if code.is_empty() => None,
        Value::String(code) => Some(ErrorCode::of(code)),
        _ => Some(ErrorCode::Other),
    }
}

/// A text or number that is not empty.
fn words(members: &Map<String, Value>, name: &str) -> Option<String> {
    members.get(name).and_then(scalar)
}

/// Text of a JSON value that can be one; `None` for empty text, null, lists and objects.
pub(super) fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Scopes from `"a b"`, `"a,b"` or `["a", "b"]`; `None` if there are none.
pub(super) fn scopes(value: &Value) -> Option<Scopes> {
    let text = match value {
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" "),
        other => other.as_str()?.to_owned(),
    };
    let scopes = Scopes::parse_lenient(&text);
    (!scopes.is_empty()).then_some(scopes)
}

/// Whole seconds from `3600`, `3599.5` or `"3600"`; `None` for zero, less, and what is no number.
fn seconds(value: &Value) -> Option<u64> {
    let text = scalar(value)?;
    let seconds = text.parse().ok().or_else(|| {
        let fraction: f64 = text.parse().ok()?;
        Duration::try_from_secs_f64(fraction)
            .ok()
            .map(|span| span.as_secs())
    })?;
    (seconds > 0).then_some(seconds)
}

fn token_type(members: &Map<String, Value>) -> String {
    words(members, "token_type")
        .filter(|kind| !kind.eq_ignore_ascii_case("bearer"))
        .unwrap_or_else(|| "Bearer".to_owned())
}

#[cfg(test)]
mod tests;
