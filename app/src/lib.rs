//! What both sides of the portal know: the wire types, the pages, and the port.
//!
//! The rule of this crate: it depends on no database, HTTP-client, session or cryptography crate,
//! under any feature. Pages ask the server only through [`portal::Portal`], in the types of
//! [`wire`], and none of those types can hold a secret that leaves the server (the two that carry
//! one are named there). `make lint` checks the dependency tree.

pub mod components;
pub mod wire;

#[cfg(feature = "ssr")]
pub mod portal;
