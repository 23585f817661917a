//! Spanish, without choosing between tú and usted where a sentence can be put so.

mod accounts;
mod ask;
mod choose;
mod done;
mod frame;
mod problem;
mod time;
mod waiting;

/// The rooms of this language.
pub(super) struct Spanish;
