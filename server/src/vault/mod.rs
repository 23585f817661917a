//! The only room that sees key material.

mod secret;

pub use secret::Secret;
