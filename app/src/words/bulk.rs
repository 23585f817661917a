//! Many revocations at once, in words.

use super::finding;
use super::number::{counted, grouped};
use crate::wire::{BulkCriteria, BulkRunView, RevokeReason};

/// "1,204 connections".
#[must_use]
pub fn connections(count: u64) -> String {
    counted(count, "connection", "connections")
}

/// What a choice of connections says, a part each; nothing: all of the application.
#[must_use]
pub fn criteria(criteria: &BulkCriteria) -> Vec<String> {
    let filter = &criteria.filter;
    let parts = filter.parts().map(|part| finding::part(filter, part, &[]));
    let beyond = [("End user", &criteria.end_user), ("API key", &criteria.key)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}: {value}"));
    parts.chain(beyond).collect()
}

/// What happens with this reason.
#[must_use]
pub fn consequence(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Incident => {
            "They stop here at once, one after another, and providers are told at once. No undo."
        }
        RevokeReason::Leaving | RevokeReason::Asked => {
            "They stop here at once, one after another. Providers are told 15 minutes later; you can undo until then."
        }
    }
}

/// The sentence with which the page of a run begins.
#[must_use]
pub fn standing(run: &BulkRunView) -> String {
    let (done, total) = (grouped(run.counts.done()), grouped(run.total));
    match (&run.undone, run.finished_at) {
        (None, None) => {
            format!("{done} of {total} are done. It goes on by itself, also after a restart.")
        }
        (None, Some(_)) => format!("All {total} are done. No token of them leaves Grantport."),
        (Some(_), None) => format!("It is being taken back: {done} of {total} are done."),
        (Some(_), Some(_)) => format!(
            "It was taken back: {} work again, {} were never touched, {} stay revoked.",
            grouped(run.counts.undone),
            grouped(run.counts.spared),
            grouped(run.counts.kept + run.counts.was_revoked)
        ),
    }
}
