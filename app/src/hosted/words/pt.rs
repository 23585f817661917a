//! Portuguese, with "você", as Brazil and Portugal both read it.

mod accounts;
mod ask;
mod choose;
mod done;
mod frame;
mod problem;
mod time;
mod waiting;

/// The rooms of this language.
pub(super) struct Portuguese;
