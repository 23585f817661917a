//! A sealed value as it lies in the database.
//!
//! `version (1 byte) | tag of the data key (8) | nonce (24) | cipher text | authentication tag (16)`

use crate::domain::OrganizationId;

const VERSION: u8 = 1;
const KEY_TAG: usize = 8;
pub(super) const NONCE: usize = 24;
pub(super) const TAG: usize = 16;

/// Bytes that only a [`Keyring`](super::Keyring) makes readable, and only for their
/// [`Place`](super::Place).
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// A value could not be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// This node does not hold the organization's data key (yet): load it and adopt it.
    #[error("no data key of {0} is loaded")]
    NoDataKey(OrganizationId),
    /// More than the cipher takes, which is 256 GiB.
    #[error("the value is too long to be sealed")]
    TooLong,
}

/// A sealed value did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It names a data key that this node does not hold (yet): load the keys and try again. If
    /// the database does not have it either, the value was altered or its key was destroyed.
    #[error("the value was sealed with a data key that is not loaded")]
    UnknownKey,
    /// An integrity error (R49): altered, moved from another place, or brought back from an
    /// earlier generation.
    #[error("the sealed value was altered or is not in its place")]
    Altered,
}

/// The pieces of a sealed value.
pub(super) struct Parts<'a> {
    pub(super) key_tag: &'a [u8; KEY_TAG],
    pub(super) nonce: &'a [u8; NONCE],
    pub(super) body: &'a [u8],
    pub(super) tag: &'a [u8; TAG],
}

impl Sealed {
    /// From what is stored. Whether it is sound shows when it is opened.
    #[must_use]
    pub fn from_bytes(stored: Vec<u8>) -> Self {
        Self(stored)
    }

    /// As stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As stored, given away.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The beginning of a sealed value, with room for `length` bytes of text and the tag.
    pub(super) fn header(key_tag: [u8; KEY_TAG], nonce: &[u8; NONCE], length: usize) -> Vec<u8> {
        let mut blob = Vec::with_capacity(1 + KEY_TAG + NONCE + length + TAG);
        blob.push(VERSION);
        blob.extend_from_slice(&key_tag);
        blob.extend_from_slice(nonce);
        blob
    }

    /// The pieces; `None` when it is too short or of another version.
    pub(super) fn parts(&self) -> Option<Parts<'_>> {
        let (version, rest) = self.0.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (key_tag, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (body, tag) = rest.split_last_chunk()?;
        Some(Parts {
            key_tag,
            nonce,
            body,
            tag,
        })
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

static_assertions::assert_not_impl_any!(Sealed: serde::Serialize, std::fmt::Display, std::ops::Deref);
