//! What both sides of the portal know: the wire types, the pages, and the port.
//!
//! The rule of this crate: it depends on no database, HTTP-client, session or cryptography crate,
//! under any feature. Pages ask the server only through [`portal::Portal`], in the types of
//! [`wire`], and none of those types can hold a secret that leaves the server (the two that carry
//! one are named there). `make lint` checks the dependency tree.

// a page is one nested type, and some pages are deep
#![recursion_limit = "512"]

pub mod components;
pub mod islands;
pub mod wire;

// Only islands run in the browser, so pages and what they ask are compiled for the server alone.
#[cfg(feature = "ssr")]
pub mod actions;
#[cfg(feature = "ssr")]
pub mod address;
#[cfg(feature = "ssr")]
pub mod hosted;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod portal;
#[cfg(feature = "ssr")]
pub mod reference;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests;
