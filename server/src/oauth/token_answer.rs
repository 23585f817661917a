//! Reads a token answer and never loses a token (R18, C18, C19).
//!
//! RFC 6749 section 5.1 describes an answer that hardly anybody sends. Lifetimes come as text or as
//! fractions, scopes as lists, token types not at all, bodies as forms under a JSON content type.
//! Behind each of these can stand a refresh token that replaced the only other one. So everything
//! but the access token is optional, every shape that was seen somewhere is understood, and the
//! whole answer is kept for the day on which something else in it turns out to matter.

use super::classify::ErrorCode;
use super::jwt;
use super::plain_text::plain_text;
use crate::catalog::pointer::find;
use crate::catalog::{Definition, Expiry, Metadata, SecondToken, TokenAnswer};
use crate::domain::{Scopes, Timestamp};
use crate::vault::Secret;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded;

/// Longest metadata value that is kept in the open.
const LONGEST_METADATA: usize = 1000;
/// Longest id or label of an account that is kept, in characters.
const LONGEST_WORDS: usize = 200;

/// The metadata that sets the connection of a second token set apart.
pub const TOKEN_KIND: &str = "token_kind";

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
    /// When the access token ends, if the answer or the token itself says so.
    pub ends: Ends,
    /// Seconds from the moment of the request until the refresh token lapses, if the answer says so.
    pub refresh_expires_in_s: Option<u64>,
    /// The granted scopes. `None`: the answer does not say.
    pub scopes: Option<Scopes>,
    /// Members that the definition keeps in the open, numbers as text.
    pub metadata: BTreeMap<String, String>,
    /// Another token set that came along.
    pub second: Option<Box<Second>>,
    /// The whole answer as JSON, to be sealed.
    pub raw: Secret<String>,
}

/// When an access token ends, as far as its answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// So many seconds after the request.
    After(u64),
    /// At this moment.
    At(Timestamp),
    /// It does not say. A lifetime of zero counts as not saying.
    NotTold,
}

/// A second token set with what is known of its account.
#[derive(Debug)]
pub struct Second {
    /// The token set.
    pub tokens: TokenSet,
    /// What sets it apart, e.g. `user`.
    pub kind: String,
    /// Its account's stable id.
    pub account_id: Option<String>,
    /// Its account in words.
    pub account_label: Option<String>,
}

/// There is no token in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoToken {
    /// The error that the answer names instead.
    pub(super) code: Option<ErrorCode>,
}

/// Reads the body of a successful answer.
pub(super) fn parse(body: &[u8], definition: &Definition) -> Result<TokenSet, NoToken> {
    let (answer, raw) = members(body).ok_or(NoToken { code: None })?;
    let rules = &definition.token_answer;
    let access_token = first(&answer, &rules.access_token, scalar).ok_or_else(|| NoToken {
        code: error_of(&answer, rules),
    })?;
    let second = definition.second_token.as_ref();
    Ok(TokenSet {
        second: second.and_then(|rules| second_set(&answer, rules, &access_token, &raw)),
        refresh_token: first(&answer, &rules.refresh_token, scalar).map(Secret::new),
        token_type: token_type(&answer),
        ends: ends(
            &answer,
            &rules.expires_in,
            &definition.expiry,
            &access_token,
        ),
        refresh_expires_in_s: first(&answer, &rules.refresh_expires_in, seconds),
        scopes: first(&answer, &rules.scope, scopes),
        metadata: metadata(&answer, &definition.token_metadata),
        access_token: Secret::new(access_token),
        raw,
    })
}

/// The first of `pointers` at which something stands that `read` understands.
fn first<T>(answer: &Value, pointers: &[String], read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let mut found = pointers.iter().filter_map(|pointer| find(answer, pointer));
    found.find_map(read)
}

fn metadata(answer: &Value, kept: &[Metadata]) -> BTreeMap<String, String> {
    let open = |kept: &&Metadata| !kept.pointer().ends_with("_token");
    kept.iter()
        .filter(open)
        .filter_map(|kept| {
            let value = find(answer, &kept.pointer()).and_then(scalar)?;
            Some((kept.name().to_owned(), value))
        })
        .filter(|(_, value)| value.len() <= LONGEST_METADATA)
        .collect()
}

fn second_set(
    answer: &Value,
    rules: &SecondToken,
    first_token: &str,
    raw: &Secret<String>,
) -> Option<Box<Second>> {
    let access_token = first(answer, &rules.access_token, scalar)?;
    // an answer with this one alone has it as its first
    if access_token == first_token {
        return None;
    }
    let words = |pointers| {
        let text: Option<String> = first(answer, pointers, scalar);
        text.and_then(|text| plain_text(&text, LONGEST_WORDS))
    };
    Some(Box::new(Second {
        kind: rules.kind.clone(),
        account_id: words(&rules.account_id),
        account_label: words(&rules.account_label),
        tokens: TokenSet {
            access_token: Secret::new(access_token),
            refresh_token: first(answer, &rules.refresh_token, scalar).map(Secret::new),
            token_type: "Bearer".to_owned(),
            ends: first(answer, &rules.expires_in, seconds).map_or(Ends::NotTold, Ends::After),
            refresh_expires_in_s: None,
            scopes: first(answer, &rules.scope, scopes),
            metadata: BTreeMap::from([(TOKEN_KIND.to_owned(), rules.kind.clone())]),
            second: None,
            raw: Secret::new(raw.expose().clone()),
        },
    }))
}

fn ends(answer: &Value, expires_in: &[String], expiry: &Expiry, access_token: &str) -> Ends {
    if let Some(seconds) = first(answer, expires_in, seconds) {
        return Ends::After(seconds);
    }
    let at = match expiry {
        Expiry::ExpiresAt { pointer, .. } => find(answer, pointer).and_then(moment),
        Expiry::Jwt { .. } => {
            jwt::claims(access_token).and_then(|claims| claims.get("exp").and_then(moment))
        }
        _ => None,
    };
    at.map_or(Ends::NotTold, Ends::At)
}

/// A moment in Unix seconds (a number or a text of one) or as RFC 3339 writes it.
fn moment(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = seconds(value) {
        return Some(Timestamp::from_millis(0) + Duration::from_secs(seconds));
    }
    let at = OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()?;
    Some(Timestamp::from_millis(
        at.unix_timestamp().checked_mul(1000)?,
    ))
}

/// The error that a body names, if it names one.
pub(super) fn error_code(body: &[u8], rules: &TokenAnswer) -> Option<ErrorCode> {
    members(body).and_then(|(answer, _)| error_of(&answer, rules))
}

/// The same where the definition says nothing about it.
pub(super) fn standard_error_code(body: &[u8]) -> Option<ErrorCode> {
    error_code(body, &TokenAnswer::default())
}

/// The members of an answer, JSON or form, whatever its content type claims; and all of it as JSON.
fn members(body: &[u8]) -> Option<(Value, Secret<String>)> {
    // Lossy: a broken character in some label must not cost the token beside it.
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let first = serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .next();
    if let Some(Ok(members @ Value::Object(_))) = first {
        // as it was written, so that no number is rounded
        return Some((members, Secret::from(text)));
    }
    if text.starts_with(['<', '{', '[']) || !text.contains('=') {
        return None;
    }
    let members: Map<String, Value> = form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    let members = Value::Object(members);
    let raw = Secret::new(members.to_string());
    Some((members, raw))
}

/// What an answer says went wrong. A code that the definition knows counts wherever it stands; else
/// the first one does.
fn error_of(answer: &Value, rules: &TokenAnswer) -> Option<ErrorCode> {
    let told = rules
        .error
        .iter()
        .filter_map(|pointer| find(answer, pointer));
    let codes: Vec<String> = told
        .filter_map(|value| match value {
            Value::Null | Value::Bool(false) => None,
            Value::Object(_) | Value::Array(_) => Some(String::new()),
            other => scalar(other),
        })
        .collect();
    let known = codes.iter().find_map(|code| known(code, rules));
    let ok = rules.ok.as_ref().and_then(|pointer| find(answer, pointer));
    let refused = ok.is_some_and(|ok| *ok != Value::Bool(true));
    known
        .or_else(|| codes.first().map(|code| ErrorCode::of(code)))
        .or_else(|| refused.then_some(ErrorCode::Other))
}

/// What a vendor's code means, in the standard's words.
fn known(code: &String, rules: &TokenAnswer) -> Option<ErrorCode> {
    let meanings = [
        (&rules.dead, ErrorCode::InvalidGrant),
        (&rules.rejected, ErrorCode::InvalidClient),
        (&rules.later, ErrorCode::TemporarilyUnavailable),
    ];
    let meaning = meanings.into_iter().find(|(codes, _)| codes.contains(code));
    meaning.map(|(_, meaning)| meaning)
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
pub(super) fn seconds(value: &Value) -> Option<u64> {
    let text = scalar(value)?;
    let seconds = text.parse().ok().or_else(|| {
        let fraction: f64 = text.parse().ok()?;
        Duration::try_from_secs_f64(fraction)
            .ok()
            .map(|span| span.as_secs())
    })?;
    (seconds > 0).then_some(seconds)
}

fn token_type(answer: &Value) -> String {
    let told = answer.get("token_type").and_then(scalar);
    told.filter(|kind| !kind.eq_ignore_ascii_case("bearer"))
        .unwrap_or_else(|| "Bearer".to_owned())
}

#[cfg(test)]
mod tests;
