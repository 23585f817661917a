//! What the pages say: sentences for states, reasons, problems and history.
//!
//! Plain, short, present tense. They name who has to act and what to do, never blame the reader,
//! and say what stays as it is.

pub mod attempt;
pub mod audit;
pub mod bulk;
pub mod custom;
pub mod diagnosis;
pub mod error;
pub mod finding;
pub mod history;
pub mod key;
pub mod number;
pub mod overview;
pub mod owner;
pub mod playground;
pub mod problem;
pub mod proof;
pub mod provider;
pub mod quarantine;
pub mod revocation;
pub mod role;
pub mod scopes;
pub mod settings;
pub mod stop;
pub mod team;
pub mod time;
pub mod webhook;
