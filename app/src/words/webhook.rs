//! Webhooks in words: what each event means, how an endpoint stands, what came of an attempt.

use super::time;
use crate::components::lamp::Lamp;
use crate::wire::{DeliveryState, DisabledReason, EndpointState, EventKind, Millis, SendOutcome};

/// What an event or a pattern stands for.
#[must_use]
pub fn event(pattern: &str) -> &'static str {
    match pattern {
        "*" => "Everything, whatever comes later too",
        "connection.*" => "All that happens to connections",
        "token.*" => "All that happens to tokens",
        "provider.*" => "All that happens to providers",
        name => name.parse().map_or("Another release’s event", kind),
    }
}

fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::ConnectionCreated => "An account was connected",
        EventKind::ConnectionReauthorized => "An end user approved again",
        EventKind::ConnectionReconnectRequired => "A person has to approve again",
        EventKind::ConnectionRecovered => "A connection works again by itself",
        EventKind::ConnectionRevoked => "A connection was revoked",
        EventKind::ConnectionRestored => "A revocation was undone",
        EventKind::TokenReplaced => "A token was renewed: the one before may end",
        EventKind::CredentialsRejected => "A provider refuses client ID or secret",
        EventKind::CredentialsRestored => "It accepts them again, or they were replaced",
        EventKind::Test => "A test that somebody sent",
    }
}

/// Lamp and word of an endpoint.
#[must_use]
pub fn state(state: &EndpointState) -> (Lamp, &'static str) {
    match state {
        EndpointState::Active => (Lamp::Active, "Active"),
        EndpointState::Failing { .. } => (Lamp::Degraded, "Failing"),
        EndpointState::Disabled { .. } => (Lamp::Revoked, "Disabled"),
    }
}

/// What holds for an endpoint that does not take what it is sent, and what to do: the strong words, and
/// the rest.
#[must_use]
pub fn trouble(state: &EndpointState) -> Option<(&'static str, String)> {
    match *state {
        EndpointState::Active => None,
        EndpointState::Failing { since } => Some((
            "Nothing was taken since",
            format!(
                "{}. Each event is sent again for three days; none is lost from the event log. After five days of nothing but failures the endpoint is disabled.",
                time::moment(since)
            ),
        )),
        EndpointState::Disabled { since, reason } => {
            let since = time::moment(since);
            Some(match reason {
                DisabledReason::ByHand => (
                    "Disabled:",
                    format!(
                        "somebody did so on {since}. Enable it to be told of what happens from then on."
                    ),
                ),
                DisabledReason::Gone => (
                    "Disabled:",
                    format!(
                        "it answered 410 Gone on {since}, which says that it wants no more. Mend its address, then enable it."
                    ),
                ),
                DisabledReason::Failing => (
                    "Disabled:",
                    format!(
                        "it took nothing for five days, up to {since}. Mend it, send a test, then read what it missed from the event log."
                    ),
                ),
            })
        }
    }
}

/// Lamp and word of a delivery.
#[must_use]
pub fn delivery(state: DeliveryState) -> (Lamp, &'static str) {
    match state {
        DeliveryState::Waiting => (Lamp::Waiting, "Waiting"),
        DeliveryState::Delivered => (Lamp::Active, "Delivered"),
        DeliveryState::Failed => (Lamp::Reconnect, "Given up"),
    }
}

/// What came of an attempt: "It answered 500."
#[must_use]
pub fn attempt(outcome: SendOutcome, status: Option<u16>) -> String {
    let status = status.unwrap_or_default();
    match outcome {
        SendOutcome::Delivered => format!("It took it: {status}."),
        SendOutcome::Redirected => {
            format!("It answered {status}, which leads elsewhere. Redirects are not followed.")
        }
        SendOutcome::Gone => "It answered 410 Gone: it wants no more.".to_owned(),
        SendOutcome::Throttled => format!("It answered {status}: it is left alone for a while."),
        SendOutcome::Refused => format!("It answered {status}."),
        SendOutcome::Unreached => "It could not be reached.".to_owned(),
        SendOutcome::NoAnswer => "It did not answer within 15 seconds.".to_owned(),
        SendOutcome::Forbidden => {
            "Its address may not be called: it is not public, or has no https.".to_owned()
        }
    }
}

/// When a delivery is tried next.
#[must_use]
pub fn next_try(at: Millis) -> String {
    format!("Tried again at {}.", time::exact_moment(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::EVENT_PATTERNS;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_has_words_of_its_own() {
        let names = EventKind::ALL.iter().map(|kind| kind.as_str());
        let all: Vec<_> = EVENT_PATTERNS.into_iter().chain(names).collect();
        let words: BTreeSet<_> = all.iter().map(|name| event(name)).collect();
        assert_eq!(words.len(), all.len());
        assert_eq!(event("made.up"), "Another release’s event");
    }

    #[test]
    fn every_outcome_is_a_sentence() {
        for outcome in SendOutcome::ALL {
            assert!(attempt(outcome, Some(500)).ends_with('.'), "{outcome:?}");
        }
    }
}
