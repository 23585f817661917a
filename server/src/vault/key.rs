//! 256 bits of key material.

use super::hash::sha256;
use zeroize::Zeroize;

/// A key. It lies on the heap, so that moving its owner leaves no copy behind, and is overwritten
/// when dropped (R54).
pub(super) struct Key256(Box<[u8; 32]>);

impl Key256 {
    /// A new one from the system's generator (R59).
    pub(super) fn random() -> Self {
        let mut key = Self(Box::new([0; 32]));
        fill_random(key.0.as_mut_slice());
        key
    }

    /// From 32 bytes; `None` for any other number of them.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 32 {
            return None;
        }
        let mut key = Self(Box::new([0; 32]));
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    /// The bytes, for the moment in which they are used.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 8 bytes of a hash over `label` and the key: names the key and tells nothing of it.
    pub(super) fn fingerprint(&self, label: &str) -> [u8; 8] {
        let mut message = zeroize::Zeroizing::new(Vec::with_capacity(label.len() + 32));
        message.extend_from_slice(label.as_bytes());
        message.extend_from_slice(self.bytes());
        leading_eight(&sha256(&message))
    }
}

impl Drop for Key256 {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The first 8 bytes of a hash.
pub(super) fn leading_eight(hash: &[u8; 32]) -> [u8; 8] {
    let mut leading = [0; 8];
    leading.copy_from_slice(&hash[..8]);
    leading
}

/// Fills `bytes` from the system's generator (R59).
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe could follow.
pub(super) fn fill_random(bytes: &mut [u8]) {
    #[expect(
        clippy::expect_used,
        reason = "without randomness nothing safe can follow"
    )]
    getrandom::fill(bytes).expect("the operating system gives randomness");
}

static_assertions::assert_not_impl_any!(Key256: serde::Serialize, std::fmt::Debug, std::fmt::Display, Clone);
