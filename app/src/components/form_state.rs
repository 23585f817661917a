//! What a form shows again after it was refused: what was typed, and what is wrong with it.

use crate::wire::{Draft, Field, InputView, PortalError};
use crate::words::problem;
use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;

/// The state of one form on one page load.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    draft: Option<Draft>,
    error: Option<PortalError>,
    inputs: Vec<String>,
}

impl FormState {
    /// A form with what was typed and why it was refused, if it was.
    #[must_use]
    pub fn new(draft: Option<Draft>, error: Option<PortalError>) -> Self {
        Self {
            draft,
            error,
            inputs: Vec::new(),
        }
    }

    /// The state of one of several forms on a page: what was typed counts for the form that says
    /// this name in its field `form`, and for the one without a name otherwise.
    #[must_use]
    pub fn of(&self, form: &str) -> Self {
        let named = |draft: &Draft| draft.get("form").unwrap_or_default() == form;
        Self {
            draft: self.draft.clone().filter(named),
            ..self.clone()
        }
    }

    /// The same, knowing what the definition calls its inputs.
    #[must_use]
    pub fn naming(mut self, inputs: &[InputView]) -> Self {
        self.inputs = inputs.iter().map(|input| input.label.clone()).collect();
        self
    }

    /// What a field is called on this page.
    #[must_use]
    pub fn label(&self, field: Field) -> String {
        let named = match field {
            Field::Input(place) => self.inputs.get(usize::from(place)).cloned(),
            _ => None,
        };
        named.unwrap_or_else(|| problem::label(field).to_owned())
    }

    /// All values of a field that may be repeated.
    #[must_use]
    pub fn values(&self, field: &str) -> Vec<String> {
        let draft = self.draft.iter();
        draft
            .flat_map(|draft| draft.all(field))
            .map(str::to_owned)
            .collect()
    }

    /// Whether something was typed, or found.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.draft.is_some()
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

/// The error with which the address says that the form sent to `target` was refused, where that is
/// no server function.
#[must_use]
pub fn refusal_at(target: &str) -> Option<PortalError> {
    use_context::<ServerActionError>()
        .filter(|refused| refused.path() == target)
        .map(|refused| ServerFnUrlError::decode_err(refused.err()))
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
