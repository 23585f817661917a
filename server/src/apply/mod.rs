//! `apply FILE`: makes an instance match a TOML file, as often as it is asked.
//!
//! ```text
//! document.rs      the file: what may stand in it, and every mistake with its line
//! values.rs        `${NAME}`: values from the environment
//! members.rs       people
//! applications.rs  applications, and their API keys
//! providers.rs     providers and their scopes
//! client_secrets.rs  their client secrets
//! custom.rs        providers that are in no catalog
//! ```
//!
//! The whole file is checked before anything is written. Then the instance is compared with it piece
//! by piece, each difference is mended in a transaction of its own, and a line says what was done;
//! so whatever stops the work, the lines above it tell how far it came, and the next run goes on
//! from there. What the file does not mention stays as it is: nothing is ever removed but a client
//! secret that the file no longer lists and that nothing uses.

mod applications;
mod client_secrets;
mod custom;
mod document;
mod members;
mod providers;
#[cfg(test)]
mod tests;
mod values;

pub use document::{Document, DocumentError, Mistake};

use crate::auth::Passwords;
use crate::domain::{Actor, Organization};
use crate::oauth::discovery::Found;
use crate::store::{Store, StoreError};
use crate::upstreams::Upstreams;
use crate::vault::KeyError;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;

/// How much was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Lines that were printed, one per change.
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
    changes: usize,
}

impl Work<'_> {
    /// Tells of one change.
    fn changed(&mut self, line: impl Display) -> Result<(), ApplyError> {
        self.changes += 1;
        self.noted(line)
    }

    /// Tells of something that stays as it is, against the file.
    fn noted(&mut self, line: impl Display) -> Result<(), ApplyError> {
        writeln!(self.out, "{line}")?;
        Ok(())
    }
}

/// Makes the instance match `document`, and tells on `out` what was changed, one line each.
pub async fn apply(
    store: &Store,
    upstreams: &Upstreams,
    document: Document,
    out: &mut (impl Write + Send),
) -> Result<Summary, ApplyError> {
    providers::check(&document, upstreams.catalog())?;
    let found = custom::resolve(&document, upstreams).await?;
    let mut work = Work {
        store,
        upstreams,
        passwords: Passwords::default(),
        found,
        out,
        changes: 0,
    };
    let organization = work.organization(&document.organization).await?;
    for member in document.members {
        work.member(&organization, member).await?;
    }
    for application in document.applications {
        work.application(&organization, application).await?;
    }
    match work.changes {
        0 => writeln!(work.out, "Nothing changed: the instance matches the file.")?,
        1 => writeln!(work.out, "1 change.")?,
        many => writeln!(work.out, "{many} changes.")?,
    }
    Ok(Summary {
        changes: work.changes,
    })
}

impl Work<'_> {
    async fn organization(&mut self, name: &str) -> Result<Organization, ApplyError> {
        let Some(existing) = self.store.organizations().await?.into_iter().next() else {
            let made = self.store.create_organization(name, Actor::apply()).await?;
            self.changed(format_args!("created organization {name}"))?;
            return Ok(made);
        };
        if existing.name == name {
            return Ok(existing);
        }
        let renamed = Organization {
            name: name.to_owned(),
            ..existing
        };
        self.store
            .rename_organization(&renamed, Actor::apply())
            .await?;
        self.changed(format_args!("renamed organization to {name}"))?;
        Ok(renamed)
    }
}
