//! Everything that crosses between the server and a page.
//!
//! Whatever stands here may be read by anyone with the browser's developer tools, so no type of
//! this module holds a provider token, a client secret or a password hash. Few types carry a
//! credential, each for one purpose: [`SecretInput`] inwards (what a person typed into a form); and
//! outwards, shown once to whoever made it, [`NewApiKey`], [`NewWebhookSecret`], [`NewInvitationLink`],
//! and what [`SecondFactorView`] shows of a second factor.
//!
//! Times are Unix milliseconds in UTC ([`Millis`]); the pages turn them into words.

mod application;
mod audit;
mod connect;
mod connection;
mod custom;
mod ending;
mod error;
mod finding;
mod form;
mod handing_over;
mod key;
mod language;
mod member;
mod overview;
mod page;
mod playground;
mod practice;
mod proof;
mod provider;
mod quarantine;
mod reference;
mod rotation;
mod scopes;
mod task;
mod team;
mod webhook;

pub use application::*;
pub use audit::*;
pub use connect::*;
pub use connection::*;
pub use custom::*;
pub use ending::*;
pub use error::*;
pub use finding::*;
pub use form::*;
pub use handing_over::*;
pub use key::*;
pub use language::*;
pub use member::*;
pub use overview::*;
pub use page::*;
pub use playground::*;
pub use practice::*;
pub use proof::*;
pub use provider::*;
pub use quarantine::*;
pub use reference::*;
pub use rotation::*;
pub use scopes::*;
pub use task::*;
pub use team::*;
pub use webhook::*;

/// A moment: milliseconds since the Unix epoch, UTC.
pub type Millis = i64;
