//! Connections: who connected what, whether it works, who has to act, and how one is ended.

pub mod index;
pub mod marks;
pub mod receipt;
pub mod reduce;
pub mod revoke;
pub mod show;
