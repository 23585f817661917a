//! Revoking in words: why, and what came of it at the provider.

use super::time;
use crate::wire::{ReceiptView, RevokeReason, TokenResult, UpstreamResult};

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

/// What happens to a connection that is revoked for this reason, where `provider` can be told or not.
#[must_use]
pub fn consequence(reason: RevokeReason, provider: &str, upstream_offered: bool) -> String {
    match (reason, upstream_offered) {
        (RevokeReason::Incident, true) => {
            format!("Stops here and at {provider} at once. No undo.")
        }
        (RevokeReason::Incident, false) => format!(
            "Stops here at once, and the tokens are destroyed. {provider} cannot be told from here. No undo."
        ),
        (RevokeReason::Leaving | RevokeReason::Asked, true) => format!(
            "Stops here at once. {provider} is told in 15 minutes; you can undo until then."
        ),
        (RevokeReason::Leaving | RevokeReason::Asked, false) => format!(
            "Stops here at once. The tokens are destroyed in 15 minutes; you can undo until then. {provider} cannot be told from here."
        ),
    }
}

/// What became of one token at the provider, in a few words.
#[must_use]
pub fn token(result: TokenResult) -> &'static str {
    match result {
        TokenResult::Revoked => "Ended",
        TokenResult::EndedWithGrant => "Ended with the grant",
        TokenResult::NotOffered => "Not possible from here",
        TokenResult::Failed => "Failed",
        TokenResult::Spared => "Left alone: connected again",
    }
}

/// The sentence under the heading of a receipt that was undone.
#[must_use]
pub fn undone(by: &str) -> String {
    format!("{by} undid this revocation. The connection works again, with the same tokens.")
}

/// "You can undo this until 14:22 UTC."
#[must_use]
pub fn until(at: crate::wire::Millis) -> String {
    format!(
        "You can undo this until {} UTC.",
        time::clock_with_seconds(at)
    )
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
