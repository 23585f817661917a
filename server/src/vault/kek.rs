//! Key-encryption keys: the keys that the operator keeps.
//!
//! They come as text, one per line: `gpk1_` and 32 bytes in base64url; `#` begins a comment. The
//! first one encrypts, the others only decrypt, which is how one follows another without a pause
//! (R52). A KEK wraps data keys by AES-256 key wrap (NIST SP 800-38F, R51) and is used for nothing
//! else.

use super::hash::{hex, sha256};
use super::key::Key256;
use super::keyring::KeyError;
use aes_kw::cipher::consts::U32;
use aes_kw::{KeyInit, KwAes256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const PREFIX: &str = "gpk1_";
/// A wrapped key of 32 bytes has 8 more, by which a wrong or altered one is noticed.
const WRAPPED: usize = 40;

/// Names a key-encryption key without telling anything of it: 16 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KekId(String);

/// A text that is not the id of a key-encryption key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a key-encryption key")]
pub struct InvalidKekId;

impl KekId {
    /// As stored and as shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for KekId {
    type Err = InvalidKekId;

    fn from_str(text: &str) -> Result<Self, InvalidKekId> {
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if digits && text.len() == 16 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidKekId)
        }
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One key-encryption key.
pub(super) struct Kek {
    id: KekId,
    key: Key256,
}

impl Kek {
    fn new(key: Key256) -> Self {
        let id = KekId(hex(&key.fingerprint("grantport/v1 key-encryption key")));
        Self { id, key }
    }

    /// Its name.
    pub(super) fn id(&self) -> &KekId {
        &self.id
    }

    /// Wraps `key`. The same two keys always give the same bytes.
    pub(super) fn wrap(&self, key: &Key256) -> Vec<u8> {
        self.wrap_bytes(key.bytes())
    }

    /// Unwraps a key; `None` when it was not wrapped with this one or was altered.
    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Option<Key256> {
        let wrapped: &[u8; WRAPPED] = wrapped.try_into().ok()?;
        let mut clear = Zeroizing::new([0_u8; 32]);
        let bytes = KwAes256::new(self.key.bytes().into())
            .unwrap_key(wrapped, clear.as_mut_slice())
            .ok()?;
        Key256::from_slice(bytes)
    }

    fn wrap_bytes(&self, bytes: &[u8; 32]) -> Vec<u8> {
        KwAes256::new(self.key.bytes().into())
            .wrap_fixed_key::<U32>(bytes.into())
            .to_vec()
    }

    /// Its text, as in a key file.
    pub(super) fn text(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.key.bytes()));
        Zeroizing::new(format!("{PREFIX}{}", *encoded))
    }
}

/// Why a text gives no key-encryption keys. Never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// Nothing but comments and empty lines.
    #[error("there is no key in it; a key is gpk1_ followed by 43 characters")]
    Empty,
    /// A line that is no key.
    #[error("line {line} is not a key; a key is gpk1_ followed by 43 characters, one key per line")]
    NotAKey {
        /// Counted from 1.
        line: usize,
    },
    /// The same key again: most likely the wrong file was appended.
    #[error("line {line} repeats the key of an earlier line")]
    Repeated {
        /// Counted from 1.
        line: usize,
    },
}

/// Proof that a key-encryption key is the one that a database was made with (R53): a constant,
/// wrapped with that key. The caller stores it beside the data keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckValue {
    /// The key it was made with.
    pub kek_id: KekId,
    /// The wrapped constant.
    pub wrapped: Vec<u8>,
}

/// The key-encryption keys of this node: at least one.
pub struct KekSet {
    first: Kek,
    others: Vec<Kek>,
}

impl KekSet {
    /// Reads keys: one per line, or with spaces between where a variable cannot hold lines.
    pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
        let mut keks: Vec<Kek> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let before_comment = line.split('#').next().unwrap_or_default();
            for word in before_comment.split_whitespace() {
                let kek = parse(word).ok_or(KeyTextError::NotAKey { line: line_number })?;
                if keks.iter().any(|known| known.id == kek.id) {
                    return Err(KeyTextError::Repeated { line: line_number });
                }
                keks.push(kek);
            }
        }
        let mut keks = keks.into_iter();
        let first = keks.next().ok_or(KeyTextError::Empty)?;
        Ok(Self {
            first,
            others: keks.collect(),
        })
    }

    /// A set of one new key.
    pub(super) fn random() -> Self {
        Self {
            first: Kek::new(Key256::random()),
            others: Vec::new(),
        }
    }

    /// The key that encrypts.
    pub(super) fn first(&self) -> &Kek {
        &self.first
    }

    /// The key of that name.
    pub(super) fn get(&self, id: &KekId) -> Option<&Kek> {
        self.all().find(|kek| kek.id == *id)
    }

    fn all(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The names of all keys, the one that encrypts first.
    pub fn ids(&self) -> impl Iterator<Item = &KekId> {
        self.all().map(Kek::id)
    }

    /// The check value of the key that encrypts.
    #[must_use]
    pub fn check_value(&self) -> CheckValue {
        CheckValue {
            kek_id: self.first.id.clone(),
            wrapped: self.first.wrap_bytes(&check_constant()),
        }
    }

    /// Refuses a database that was made with a key which is not among these (R53). To be called
    /// with every stored check value before anything is written.
    pub fn verify_check(&self, stored: &CheckValue) -> Result<(), KeyError> {
        let kek_id = &stored.kek_id;
        let kek = self
            .get(kek_id)
            .ok_or_else(|| KeyError::UnknownKek(kek_id.clone()))?;
        kek.unwrap(&stored.wrapped)
            .filter(|clear| clear.bytes().ct_eq(&check_constant()).into())
            .map(drop)
            .ok_or_else(|| KeyError::WrongKek(kek_id.clone()))
    }
}

fn parse(word: &str) -> Option<Kek> {
    let encoded = word.strip_prefix(PREFIX)?;
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
    Key256::from_slice(&bytes).map(Kek::new)
}

fn check_constant() -> [u8; 32] {
    sha256(b"grantport/v1 check value")
}

impl fmt::Debug for KekSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

static_assertions::assert_not_impl_any!(KekSet: serde::Serialize, fmt::Display, Clone);

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "gpk1_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    const TWO: &str = "gpk1_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

    #[test]
    fn keys_are_read_in_order_with_comments_between() {
        let text = format!("# made in June\n\n{ONE}  # the new one\r\n  {TWO}\n");
        let set = KekSet::from_text(&text).expect("two keys");
        let ids: Vec<_> = set.ids().map(KekId::as_str).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(set.first().text().as_str(), ONE);
        assert_eq!(ids[0].parse::<KekId>().as_ref(), Ok(set.first().id()));
    }

    #[test]
    fn a_variable_may_hold_keys_on_one_line() {
        let set = KekSet::from_text(&format!("{TWO} {ONE}")).expect("two keys");
        assert_eq!(set.ids().count(), 2);
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line_and_is_never_quoted() {
        let short = &ONE[..ONE.len() - 1];
        let other_bits = format!("{}F", &ONE[..ONE.len() - 1]);
        for bad in ["hunter2", "gpk1_", "gpk2_AQ", short, other_bits.as_str()] {
            let error = KekSet::from_text(&format!("# keys\n{ONE}\n{bad}")).expect_err("no key");
            assert_eq!(error, KeyTextError::NotAKey { line: 3 }, "{bad}");
        }
        let error = KekSet::from_text("hunter2").expect_err("no key");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn nothing_and_repetitions_are_refused() {
        for empty in ["", "\n\n", "# gpk1_ goes here\n"] {
            assert_eq!(
                KekSet::from_text(empty).expect_err("no key"),
                KeyTextError::Empty
            );
        }
        assert_eq!(
            KekSet::from_text(&format!("{ONE}\n{ONE}")).expect_err("twice"),
            KeyTextError::Repeated { line: 2 }
        );
    }

    #[test]
    fn a_key_wraps_by_aes_key_wrap() {
        // RFC 3394 section 4.6: 256 bits of key data with a KEK of 256 bits
        let kek_bytes: Vec<u8> = (0..32).collect();
        let kek = Kek::new(Key256::from_slice(&kek_bytes).expect("32 bytes"));
        let data = [
            0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD,
            0xEE, 0xFF, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B,
            0x0C, 0x0D, 0x0E, 0x0F,
        ];
        let wrapped = kek.wrap_bytes(&data);
        assert_eq!(
            hex(&wrapped),
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
        );
        assert_eq!(
            kek.unwrap(&wrapped).map(|key| *key.bytes()),
            Some(data),
            "unwraps to the same key"
        );
    }

    #[test]
    fn an_altered_wrapped_key_does_not_unwrap() {
        let set = KekSet::random();
        let wrapped = set.first().wrap(&Key256::random());
        for index in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[index] ^= 1;
            assert!(set.first().unwrap(&altered).is_none(), "byte {index}");
        }
        for length in 0..wrapped.len() {
            assert!(set.first().unwrap(&wrapped[..length]).is_none());
        }
    }

    #[test]
    fn the_check_value_tells_the_right_key_from_a_wrong_one() {
        let stored = KekSet::from_text(ONE).expect("a key").check_value();
        let after = KekSet::from_text(&format!("{TWO}\n{ONE}")).expect("two keys");
        let wrong = KekSet::from_text(TWO).expect("a key");
        assert_eq!(
            after.verify_check(&stored),
            Ok(()),
            "the old key still decrypts"
        );
        let refused = wrong.verify_check(&stored).expect_err("another key");
        assert_eq!(refused, KeyError::UnknownKek(stored.kek_id.clone()));
        assert!(refused.to_string().contains(stored.kek_id.as_str()));
        let own_id = wrong.check_value().kek_id;
        let forged = CheckValue {
            kek_id: own_id.clone(),
            ..stored
        };
        assert_eq!(
            wrong.verify_check(&forged),
            Err(KeyError::WrongKek(own_id)),
            "another key's value under this key's name"
        );
    }

    #[test]
    fn printing_a_set_shows_names_only() {
        let set = KekSet::from_text(ONE).expect("a key");
        let id = set.first().id().as_str();
        assert_eq!(format!("{set:?}"), format!("[{id}]"));
    }
}
