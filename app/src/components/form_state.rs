//! What a form shows again after it was refused: what was typed, and what is wrong with it.

use crate::wire::{Draft, Field, PortalError};
use crate::words::problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The state of one form on one page load.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    draft: Option<Draft>,
    error: Option<PortalError>,
}

impl FormState {
    /// A form with what was typed and why it was refused, if it was.
    #[must_use]
    pub fn new(draft: Option<Draft>, error: Option<PortalError>) -> Self {
        Self { draft, error }
    }

    /// Why it was refused.
    #[must_use]
    pub fn error(&self) -> Option<&PortalError> {
        self.error.as_ref()
    }

    /// What was typed into a field, else what is saved.
    #[must_use]
    pub fn value(&self, field: &str, saved: &str) -> String {
        self.draft
            .as_ref()
            .map_or(saved, |draft| draft.get(field).unwrap_or_default())
            .to_owned()
    }

    /// Whether a box was ticked with this value, else whether it is saved so.
    #[must_use]
    pub fn ticked(&self, field: &str, value: &str, saved: bool) -> bool {
        self.draft
            .as_ref()
            .map_or(saved, |draft| draft.all(field).any(|sent| sent == value))
    }

    /// What to do about a field, if anything is wrong with it.
    #[must_use]
    pub fn problem(&self, field: Field) -> Option<String> {
        self.error
            .as_ref()
            .and_then(|error| error.problem_with(field))
            .map(|wrong| problem::sentence(field, wrong))
    }
}

/// The error with which the address says that `action`'s form was refused.
#[must_use]
pub fn refusal<S>(action: ServerAction<S>) -> Option<PortalError>
where
    S: ServerFn<Error = PortalError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    action
        .value()
        .get_untracked()
        .and_then(|answer: Result<S::Output, PortalError>| answer.err())
}
