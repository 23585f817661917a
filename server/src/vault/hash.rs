//! Hashes: for credentials that are looked up by their hash, and for values that follow from a key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// HMAC-SHA-256 (RFC 2104) of `message` under a key of 32 bytes.
#[must_use]
pub fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    hmac_sha256_under(key, message)
}

/// HMAC-SHA-256 (RFC 2104) under a key of any length up to the block of 64 bytes; what is longer has
/// no effect, so check the length where the key comes in.
#[must_use]
pub fn hmac_sha256_under(key: &[u8], message: &[u8]) -> [u8; 32] {
    // RFC 2104 section 2: a key shorter than the block is filled up with zeros
    let mut block = Zeroizing::new([0_u8; 64]);
    let length = key.len().min(block.len());
    block[..length].copy_from_slice(&key[..length]);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// Appends `part` with its length before it, so that no two lists of parts read the same.
pub(crate) fn push_part(message: &mut Vec<u8>, part: &[u8]) {
    let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(part);
}

/// The stored form of a credential that only needs to be recognised: an API key, a session id, the
/// token of a connect session.
///
/// A fast hash is enough because such credentials have 119 bits or more (R55): a copy of the
/// database does not help to guess them. Comparison takes the same time wherever the first
/// difference is (R58).
#[derive(Clone)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of the credential as its holder sends it.
    #[must_use]
    pub fn of(credential: &str) -> Self {
        Self(sha256(credential.as_bytes()))
    }

    /// From what is stored; `None` unless it is 32 bytes.
    #[must_use]
    pub fn from_bytes(stored: &[u8]) -> Option<Self> {
        stored.try_into().ok().map(Self)
    }

    /// As stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha_256_of_the_standards_example() {
        // FIPS 180-4, the message "abc"
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn hmac_of_the_standards_example() {
        // RFC 4231 section 4.2; its key of 20 bytes reads the same when filled up with zeros
        let mut key = [0_u8; 32];
        key[..20].fill(0x0b);
        assert_eq!(
            hex(&hmac_sha256(&key, b"Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let joined = |parts: &[&str]| {
            let mut message = Vec::new();
            for part in parts {
                push_part(&mut message, part.as_bytes());
            }
            message
        };
        assert_ne!(joined(&["ab", "c"]), joined(&["a", "bc"]));
        assert_ne!(joined(&["ab"]), joined(&["ab", ""]));
    }

    #[test]
    fn a_credential_is_recognised_by_its_stored_hash() {
        let hash = TokenHash::of("gp_4Vt9");
        let stored = TokenHash::from_bytes(hash.as_bytes()).expect("32 bytes");
        assert_eq!(stored, TokenHash::of("gp_4Vt9"));
        assert_ne!(stored, TokenHash::of("gp_4Vt8"));
        assert_eq!(TokenHash::from_bytes(&[0; 31]), None);
        assert_eq!(format!("{hash:?}"), "TokenHash(..)");
    }
}
