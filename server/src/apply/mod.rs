//! `apply FILE`: makes an instance match a TOML file, as often as it is asked; `export` writes that file.
//!
//! ```text
//! document.rs      the file: what may stand in it, and every mistake with its line
//! values.rs        `${NAME}`: values from the environment
//! organization.rs  the organization and its house rules
//! members.rs       people
//! applications.rs  applications
//! api_keys.rs      their API keys; key_limits.rs: what these may do
//! providers.rs     providers and their scopes
//! client_secrets.rs  their client secrets
//! practice.rs      the practice provider, which registers itself
//! custom.rs        providers that are in no catalog
//! webhooks.rs      webhook endpoints
//! change.rs        one difference in words: done, or planned
//! left.rs          what stays without being mentioned
//! export/          the other way: the instance as a file
//! ```
//!
//! The whole file is checked before anything is written. Then the instance is compared with it piece
//! by piece, each difference is mended in a transaction of its own, and a line says what was done;
//! so whatever stops the work, the lines above it tell how far it came, and the next run goes on
//! from there. A plan (`--dry-run`) is the same walk, in which each difference is told and none is
//! mended; what is not there yet is stood in for by something that is never stored. What the file does
//! not mention stays as it is: nothing is ever removed but a client secret that the file no longer lists
//! and that nothing uses.

mod api_keys;
mod applications;
mod change;
mod client_secrets;
mod custom;
mod document;
mod export;
mod key_limits;
mod left;
mod members;
mod organization;
mod practice;
mod providers;
#[cfg(test)]
mod tests;
mod values;
mod webhooks;

pub use document::{Document, DocumentError, Mistake};
pub use export::{Exported, export};

use crate::auth::Passwords;
use crate::oauth::discovery::Found;
use crate::store::{Store, StoreError};
use crate::upstreams::Upstreams;
use crate::vault::KeyError;
use left::Mentioned;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;

/// Whether differences are mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each one.
    Apply,
    /// None: each is told.
    Plan,
}

/// How much was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Changes that were made; in a plan, that would be.
    pub changes: usize,
}

/// Why the instance does not match the file now.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file is wrong. Nothing was changed.
    #[error("{0}\nNothing was changed.")]
    Document(#[from] DocumentError),
    /// The instance holds something that cannot be made to match.
    #[error("{0}\nWhat is printed above was applied; the rest of the file was not.")]
    Refused(Mistake),
    /// The database failed.
    #[error(
        "the database failed: {0}\nWhat is printed above was applied. Apply the file again to go on."
    )]
    Store(#[from] StoreError),
    /// The organization's key is not at hand.
    #[error("{0}\nWhat is printed above was applied; the rest of the file was not.")]
    Key(#[from] KeyError),
    /// The password could not be hashed.
    #[error(
        "a password could not be hashed. What is printed above was applied. Apply the file again to go on."
    )]
    Password,
    /// What was changed cannot be told.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// What the steps share: where to look, and where to tell.
struct Work<'a> {
    store: &'a Store,
    upstreams: &'a Upstreams,
    passwords: Passwords,
    /// The definitions of custom providers, by their lines in the file.
    found: BTreeMap<usize, Found>,
    out: &'a mut (dyn Write + Send),
    mode: Mode,
    changes: usize,
}

impl Work<'_> {
    /// Tells of something that stays as it is, against the file.
    fn noted(&mut self, line: impl Display) -> Result<(), ApplyError> {
        writeln!(self.out, "{line}")?;
        Ok(())
    }
}

/// Makes the instance match `document`, and tells on `out` what was changed, one line each; or tells
/// what would be.
pub async fn apply(
    store: &Store,
    upstreams: &Upstreams,
    document: Document,
    mode: Mode,
    out: &mut (impl Write + Send),
) -> Result<Summary, ApplyError> {
    providers::check(&document, upstreams.catalog())?;
    let found = custom::resolve(&document, upstreams).await?;
    let mentioned = Mentioned::in_document(&document);
    let mut work = Work {
        store,
        upstreams,
        passwords: Passwords::default(),
        found,
        out,
        mode,
        changes: 0,
    };
    let organization = work.organization(&document.organization).await?;
    for member in document.members {
        work.member(&organization, member).await?;
    }
    for application in document.applications {
        work.application(&organization, application).await?;
    }
    work.tell_left(&organization, &mentioned).await?;
    work.sum_up()?;
    Ok(Summary {
        changes: work.changes,
    })
}

impl Work<'_> {
    fn sum_up(&mut self) -> Result<(), ApplyError> {
        match (self.mode, self.changes) {
            (Mode::Apply, 0) => self.noted("Nothing changed: the instance matches the file."),
            (Mode::Apply, 1) => self.noted("1 change."),
            (Mode::Apply, many) => self.noted(format_args!("{many} changes.")),
            (Mode::Plan, 0) => self.noted("Nothing to do: the instance matches the file."),
            (Mode::Plan, 1) => self.noted("1 change is planned. Nothing was changed."),
            (Mode::Plan, many) => self.noted(format_args!(
                "{many} changes are planned. Nothing was changed."
            )),
        }
    }
}
