//! One difference between the instance and the file, in words: what was done about it, or, in a plan,
//! what would be. Secrets are told as set or replaced, and never shown.

use super::{ApplyError, Mode, Work};
use std::fmt::{Display, Formatter, Result as FmtResult};

/// What is done about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Create,
    Change,
    Rename,
    Set,
    Add,
    Remove,
    Prefer,
}

impl Deed {
    fn done(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Change => "changed",
            Self::Rename => "renamed",
            Self::Set => "set",
            Self::Add => "added",
            Self::Remove => "removed",
            Self::Prefer => "wants",
        }
    }

    fn planned(self) -> &'static str {
        match self {
            Self::Create => "would create",
            Self::Change => "would change",
            Self::Rename => "would rename",
            Self::Set => "would set",
            Self::Add => "would add",
            Self::Remove => "would remove",
            Self::Prefer => "would want",
        }
    }
}

/// A difference, and what is done about it.
#[derive(Debug)]
pub(super) struct Change {
    deed: Deed,
    what: String,
    /// Fields that differ: name, value before, value wanted.
    fields: Vec<(&'static str, String, String)>,
}

impl Change {
    pub(super) fn new(deed: Deed, what: impl Display) -> Self {
        Self {
            deed,
            what: what.to_string(),
            fields: Vec::new(),
        }
    }

    /// Notes a field, if it differs.
    pub(super) fn field(
        mut self,
        name: &'static str,
        before: impl Display,
        wanted: impl Display,
    ) -> Self {
        let (before, wanted) = (before.to_string(), wanted.to_string());
        if before != wanted {
            self.fields.push((name, before, wanted));
        }
        self
    }

    /// No field differs.
    pub(super) fn is_nothing(&self) -> bool {
        self.fields.is_empty()
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        write!(f, "{} {}", self.deed.done(), self.what)?;
        if !self.fields.is_empty() {
            let names: Vec<&str> = self.fields.iter().map(|(name, ..)| *name).collect();
            write!(f, ": {}", names.join(", "))?;
        }
        Ok(())
    }
}

/// The value of a field that is on or off.
pub(super) fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// A value in a plan.
fn shown(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

impl Work<'_> {
    /// In a plan: tells of the change, and answers that it is not to be made.
    pub(super) fn plans(&mut self, change: &Change) -> Result<bool, ApplyError> {
        if self.mode == Mode::Apply {
            return Ok(false);
        }
        self.changes += 1;
        self.noted(format_args!("{} {}", change.deed.planned(), change.what))?;
        for (name, before, wanted) in &change.fields {
            self.noted(format_args!(
                "    {name}: {} -> {}",
                shown(before),
                shown(wanted)
            ))?;
        }
        Ok(true)
    }

    /// Tells of a change that was made.
    pub(super) fn done(&mut self, change: &Change) -> Result<(), ApplyError> {
        self.done_with(change, "")
    }

    /// The same with what follows from it.
    pub(super) fn done_with(
        &mut self,
        change: &Change,
        more: impl Display,
    ) -> Result<(), ApplyError> {
        self.changes += 1;
        self.noted(format_args!("{change}{more}"))
    }
}
