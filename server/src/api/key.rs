//! API keys: what they look like, and the caller who sends one (R55).
//!
//! A key is `gp_`, 32 random characters from 0-9, A-Z, a-z (190 bits), and 6 characters that follow
//! from the rest: the first 6 of [`base62_of`] the SHA-256 of everything before them. The 6 catch
//! typing and copying mistakes, so that only well-formed keys reach the database; they prove
//! nothing. Only the SHA-256 of the whole key is stored.

use super::{Api, ApiError};
use crate::domain::{Actor, ApiKey, base62_of, random_base62};
use crate::vault::{Secret, TokenHash, sha256};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

const PREFIX: &str = "gp_";
const RANDOM: usize = 32;
const CHECKSUM: usize = 6;

/// A well-formed API key.
#[derive(Debug)]
pub struct ApiKeyText {
    /// The whole key, as its holder writes it; shown once.
    pub text: Secret<String>,
    /// What is stored of it.
    pub hash: TokenHash,
    /// First and last characters, e.g. `gp_4Tw5..9fQe`, for lists.
    pub hint: String,
}

impl ApiKeyText {
    /// A new one.
    #[must_use]
    pub fn make() -> Self {
        let stem = Secret::new(format!("{PREFIX}{}", random_base62(RANDOM)));
        let sum = checksum(stem.expose());
        Self::of(Secret::new(format!("{}{sum}", stem.expose())))
    }

    /// The key in `text`; `None` if no key can look like that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let length = PREFIX.len() + RANDOM + CHECKSUM;
        let plain = text
            .strip_prefix(PREFIX)?
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric());
        if !plain || text.len() != length {
            return None;
        }
        let (stem, sum) = text.split_at(length - CHECKSUM);
        (checksum(stem) == sum).then(|| Self::of(Secret::from(text)))
    }

    fn of(text: Secret<String>) -> Self {
        let (hash, all) = (TokenHash::of(text.expose()), text.expose());
        let hint = format!("{}..{}", &all[..PREFIX.len() + 4], &all[all.len() - 4..]);
        Self { text, hash, hint }
    }
}

fn checksum(stem: &str) -> String {
    base62_of(&sha256(stem.as_bytes()))
        .chars()
        .take(CHECKSUM)
        .collect()
}

/// The backend that makes a request: the holder of a live key. Taking it as an argument is what
/// makes a handler ask for a key, and its application is the only one the handler can see (R65).
#[derive(Debug)]
pub(super) struct Caller(pub(super) ApiKey);

impl Caller {
    /// As the audit names it.
    pub(super) fn actor(&self) -> Actor {
        Actor {
            kind: "api_key",
            id: self.0.id.to_string(),
            name: self.0.name.clone(),
        }
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let key = bearer(&parts.headers).ok_or(ApiError::NoKey)?;
        let key = ApiKeyText::parse(key).ok_or(ApiError::WrongKey)?;
        let Some(key) = api.store.live_api_key(&key.hash).await? else {
            // R71: a key that goes on after it was revoked is worth knowing about
            if let Some(revoked) = api.store.revoked_api_key(&key.hash).await? {
                api.tokens
                    .hand_outs()
                    .key_refused(&revoked, api.store.now());
            }
            return Err(ApiError::WrongKey);
        };
        api.tokens.hand_outs().key_used(&key.id, api.store.now());
        Ok(Self(key))
    }
}

/// The credential of `Authorization: Bearer ..`; the scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, credential) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| credential.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_reads_back_and_is_recognised_by_its_hash() {
        let ApiKeyText { text, hash, hint } = ApiKeyText::make();
        assert_eq!(text.expose().len(), 41);
        let read = ApiKeyText::parse(text.expose()).expect("a key");
        assert_eq!((read.hash, &read.hint), (hash, &hint));
        assert_eq!(
            hint,
            format!("{}..{}", &text.expose()[..7], &text.expose()[37..])
        );
    }

    #[test]
    fn the_checksum_does_not_change_between_versions() {
        let stem = "gp_00000000000000000000000000000000";
        assert!(ApiKeyText::parse(&format!("{stem}{}", checksum(stem))).is_some());
        assert_eq!(checksum(stem), "o2TOu0");
    }

    #[test]
    fn a_mistake_in_any_character_is_noticed() {
        let key = ApiKeyText::make().text;
        for index in 0..key.expose().len() {
            let mut bytes = key.expose().clone().into_bytes();
            bytes[index] = if bytes[index] == b'x' { b'y' } else { b'x' };
            let text = String::from_utf8(bytes).expect("ASCII");
            assert!(ApiKeyText::parse(&text).is_none(), "character {index}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        let made = ApiKeyText::make().text;
        let key = made.expose();
        for text in [
            "",
            "gp_",
            "gp_ä",
            &key[..40],
            &format!("{key}0"),
            &format!(" {key}"),
            &key.replace("gp_", "pk_"),
        ] {
            assert!(ApiKeyText::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_scheme_may_be_written_in_any_case() {
        for (header, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc", Some("abc")),
            ("Basic abc", None),
            ("abc", None),
            ("Bearer", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, header.parse().expect("a header"));
            assert_eq!(bearer(&headers), expected, "{header}");
        }
    }
}
