//! The API keys of an application: the list, and one of them.

pub mod fields;
pub mod index;
pub mod made;
pub mod show;
