//! Everything that crosses between the server and a page.
//!
//! Whatever stands here may be read by anyone with the browser's developer tools, so no type of
//! this module holds a provider token, a client secret or a password hash. Two types carry a
//! credential, each for one purpose: [`SecretInput`] inwards (what a person typed into a form) and
//! [`NewApiKey`] outwards (shown once, right after it was made).
//!
//! Times are Unix milliseconds in UTC ([`Millis`]); the pages turn them into words.

mod application;
mod connect;
mod connection;
mod custom;
mod error;
mod form;
mod language;
mod member;
mod page;
mod playground;
mod practice;
mod proof;
mod provider;
mod quarantine;
mod rotation;
mod scopes;

pub use application::*;
pub use connect::*;
pub use connection::*;
pub use custom::*;
pub use error::*;
pub use form::*;
pub use language::*;
pub use member::*;
pub use page::*;
pub use playground::*;
pub use practice::*;
pub use proof::*;
pub use provider::*;
pub use quarantine::*;
pub use rotation::*;
pub use scopes::*;

/// A moment: milliseconds since the Unix epoch, UTC.
pub type Millis = i64;
