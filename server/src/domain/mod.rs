//! The words that all rooms share: ids, time, owners, scopes.
//!
//! Plain types without serialisation and without I/O; what cannot be valid cannot be constructed.

mod id;
mod owner;
mod scope;
mod slug;
mod time;

pub use id::*;
pub use owner::*;
pub use scope::*;
pub use slug::*;
pub use time::*;
