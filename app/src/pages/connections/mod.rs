//! Connections: who connected what, whether it works, who has to act, and how one is ended.

pub mod index;
pub mod receipt;
pub mod revoke;
pub mod show;
