//! The end user's pages: what is asked, how it ended, and what is connected.
//!
//! The person who reads them was sent here by an application, often on a phone, and may never have
//! heard of us. So each page is a pure function from a wire type to one complete HTML document: no
//! request but the stylesheet, and a way on from every end. No page needs JavaScript; in a window
//! that the application opened, the last one has a script that tells it so (`opener`). Whatever comes from
//! outside (names, accounts, a provider's own words) is written as text (R28), and nothing changes
//! state but a POST form.

mod accounts;
mod ask;
mod ask_inputs;
mod choose;
mod done;
mod frame;
mod opener;
mod practice;
mod problem;
mod waiting;
mod words;

#[cfg(test)]
mod tests;

pub use accounts::accounts;
pub use ask::ask;
pub use choose::choose;
pub use done::done;
pub use practice::{practice_consent, practice_desk, practice_problem};
pub use problem::problem;
pub use waiting::waiting;

/// Where the two files lie that every page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// Path of the stylesheet, from the same origin.
    pub stylesheet: String,
    /// Path of the favicon, from the same origin.
    pub favicon: String,
}
