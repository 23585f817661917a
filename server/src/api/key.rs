//! API keys: what they look like, and the caller who sends one (R55).
//!
//! ```text
//! key/caller.rs   who sends one, and whether it may be used here and now
//! key/needs.rs    what a handler needs of it
//! key/telling.rs  what an answer says about it in its headers
//! ```
//!
//! A key is `gp_`, 32 random characters from 0-9, A-Z, a-z (190 bits), and 6 characters that follow
//! from the rest: the first 6 of [`base62_of`] the SHA-256 of everything before them. The 6 catch
//! typing and copying mistakes, so that only well-formed keys reach the database; they prove
//! nothing. Only the SHA-256 of the whole key is stored.

mod caller;
mod needs;
mod telling;

pub(super) use caller::{Caller, May};
pub(super) use needs::*;
pub(super) use telling::tell_of_key;

use crate::domain::{base62_of, random_base62};
use crate::vault::{Secret, TokenHash, sha256};

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
}
