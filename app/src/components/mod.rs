//! The pieces that pages are made of.
//!
//! What only the server draws is compiled only there; what an island needs is compiled for the
//! browser too.

pub mod icon;
#[cfg(feature = "ssr")]
pub mod lamp;
#[cfg(feature = "ssr")]
pub mod mark;
#[cfg(feature = "ssr")]
pub mod wire;
