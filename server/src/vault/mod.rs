//! The only room that sees key material.
//!
//! Three layers, each sealing the next. A **key-encryption key** (KEK) comes from outside, from a
//! file or a variable ([`KekSet`]). It does one thing: it wraps **data keys**, one per organization,
//! which lie wrapped in the database ([`Keyring`]). A data key seals the **values**: tokens, client
//! secrets, PKCE verifiers ([`Sealed`]), each bound to the one [`Place`] in the database where it
//! belongs, so that a value that was moved, altered or brought back from an earlier generation no
//! longer opens.
//!
//! What is in clear travels as [`Secret`], which cannot be printed, serialised or copied by accident.
//! Credentials that need only be recognised are not sealed but hashed ([`TokenHash`]).
//!
//! Nothing here knows of a database: rows come in and go out as plain structs.

mod cipher;
mod hash;
mod kek;
mod key;
mod key_file;
mod keyring;
mod sealed;
mod secret;
#[cfg(doctest)]
mod secrets_never_leave;

pub use cipher::Place;
pub use hash::{TokenHash, hmac_sha256, hmac_sha256_under, sha256, sha256_hex};
pub(crate) use hash::{hex, push_part};
pub use kek::{CheckValue, InvalidKekId, KekId, KekSet, KeyTextError};
pub use key_file::KeyFileError;
pub use keyring::{KeyError, Keyring, WrappedKey};
pub use sealed::{OpenError, SealError, Sealed};
pub use secret::Secret;
