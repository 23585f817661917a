//! How one value is sealed: XChaCha20-Poly1305 under a data key, bound to its place.
//!
//! The nonce has 192 bits and is random, so nobody has to count values (R49). The place goes into
//! the associated data, part by part with its length (R50): whoever can write to the database can
//! still not move a value to another row, column, table or organization, nor put an earlier
//! generation of the same row back.

use super::hash::push_part;
use super::key::{Key256, fill_random};
use super::sealed::{NONCE, OpenError, SealError, Sealed, TAG};
use crate::domain::OrganizationId;
use crate::vault::Secret;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// Where a sealed value belongs. It opens there and nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Whose row it is; its data key is used.
    pub organization: &'a OrganizationId,
    /// The row's id.
    pub row: &'a str,
    /// How often the value was replaced; 0 for values that never are.
    pub generation: i64,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(160);
        for part in [
            "grantport/v1",
            self.table,
            self.column,
            self.organization.as_str(),
            self.row,
        ] {
            push_part(&mut data, part.as_bytes());
        }
        push_part(&mut data, &self.generation.to_be_bytes());
        data
    }
}

/// Seals `clear` under `key`, which `key_tag` names.
pub(super) fn seal(
    key: &Key256,
    key_tag: [u8; 8],
    place: &Place<'_>,
    clear: &[u8],
) -> Result<Sealed, SealError> {
    let mut nonce = [0; NONCE];
    fill_random(&mut nonce);
    let mut blob = Sealed::header(key_tag, &nonce, clear.len());
    let start = blob.len();
    // the room was reserved: the clear text is written once and encrypted where it lies
    blob.extend_from_slice(clear);
    let tag = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt_inout_detached(
            &nonce.into(),
            &place.associated_data(),
            (&mut blob[start..]).into(),
        )
        .map_err(|_| SealError::TooLong)?;
    blob.extend_from_slice(&tag);
    Ok(Sealed::from_bytes(blob))
}

/// Opens what [`seal`] made, if it is unaltered and in its place.
pub(super) fn open(
    key: &Key256,
    place: &Place<'_>,
    sealed: &Sealed,
) -> Result<Secret<Vec<u8>>, OpenError> {
    let parts = sealed.parts().ok_or(OpenError::Altered)?;
    let tag: [u8; TAG] = *parts.tag;
    let nonce: [u8; NONCE] = *parts.nonce;
    let mut clear = Zeroizing::new(parts.body.to_vec());
    XChaCha20Poly1305::new(key.bytes().into())
        .decrypt_inout_detached(
            &nonce.into(),
            &place.associated_data(),
            clear.as_mut_slice().into(),
            &tag.into(),
        )
        .map_err(|_| OpenError::Altered)?;
    Ok(Secret::new(std::mem::take(&mut *clear)))
}
