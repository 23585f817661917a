//! The words that all rooms share: ids, time, owners, scopes.
//!
//! Plain types without serialisation and without I/O; what cannot be valid cannot be constructed.

mod accent;
mod api_key;
mod application;
mod audit;
mod client_secret;
mod connect_session;
mod connection;
mod id;
mod key_limits;
mod key_scope;
mod logo;
mod owner;
mod playground;
mod quarantine;
mod revocation;
mod scope;
mod slug;
mod team;
mod time;
mod webhook;
mod words;

pub use accent::*;
pub use api_key::*;
pub use application::*;
pub use audit::*;
pub use client_secret::*;
pub use connect_session::*;
pub use connection::*;
pub use id::*;
pub use key_limits::*;
pub use key_scope::*;
pub use logo::*;
pub use owner::*;
pub use playground::*;
pub use quarantine::*;
pub use revocation::*;
pub use scope::*;
pub use slug::*;
pub use team::*;
pub use time::*;
pub use webhook::*;
pub use words::*;
