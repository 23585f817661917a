//! Revoking in words: why, and what came of it at the provider.

use crate::wire::{ReceiptView, RevokeReason, UpstreamResult};

/// "The customer is leaving".
#[must_use]
pub fn reason(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Leaving => "The customer is leaving",
        RevokeReason::Incident => "A token may be in wrong hands",
        RevokeReason::Asked => "The owner asked for it",
    }
}

/// The same, looking back, for a row: "Customer left".
#[must_use]
pub fn past(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Leaving => "Customer left",
        RevokeReason::Incident => "Token possibly in wrong hands",
        RevokeReason::Asked => "Owner asked for it",
    }
}

/// What the form sends.
#[must_use]
pub fn value(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Leaving => "leaving",
        RevokeReason::Incident => "incident",
        RevokeReason::Asked => "asked",
    }
}

/// All of them, in the order of the form.
pub const REASONS: [RevokeReason; 3] = [
    RevokeReason::Leaving,
    RevokeReason::Incident,
    RevokeReason::Asked,
];

/// The reason that a form sent, if it is one.
#[must_use]
pub fn read(sent: &str) -> Option<RevokeReason> {
    REASONS.into_iter().find(|one| value(*one) == sent)
}

/// One word for the table of a receipt.
#[must_use]
pub fn result(result: UpstreamResult) -> &'static str {
    match result {
        UpstreamResult::Waiting => "Waiting",
        UpstreamResult::Revoked => "Ended",
        UpstreamResult::NotOffered => "Not possible from here",
        UpstreamResult::Failed {
            next_try_at: Some(_),
        } => "Failed, tried again",
        UpstreamResult::Failed { next_try_at: None } => "Failed",
        UpstreamResult::NothingToRevoke => "Nothing left to end",
    }
}

/// What is still to be done at the provider, and by whom; `None` when nothing is.
#[must_use]
pub fn left_to_do(receipt: &ReceiptView) -> Option<String> {
    let provider = &receipt.provider_short_name;
    match (receipt.upstream, &receipt.by_hand) {
        (UpstreamResult::NotOffered, Some(by_hand)) => Some(format!(
            "{provider} cannot be told from here. The customer ends it there: {by_hand}"
        )),
        (UpstreamResult::NotOffered, None) => Some(format!(
            "{provider} cannot be told from here. The customer removes the app there."
        )),
        (UpstreamResult::Failed { next_try_at: None }, Some(by_hand)) => Some(format!(
            "{provider} did not accept it. The customer ends it there: {by_hand}"
        )),
        (UpstreamResult::Failed { next_try_at: None }, None) => Some(format!(
            "{provider} did not accept it. The customer removes the app there."
        )),
        _ => None,
    }
}
