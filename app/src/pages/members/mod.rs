//! `/members`: the people who sign in here, and one of them.

pub mod index;
pub mod rules;
pub mod show;
pub mod tasks;
