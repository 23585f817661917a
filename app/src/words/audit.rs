//! The audit in words: each action as a sentence without its subject, each actor, each flaw of the chain.

use super::{number, time};
use crate::wire::{AuditAction, AuditKind, AuditRow, ChainFlaw, CheckOutcome, FirstBad};

/// "Revoked a connection".
#[must_use]
pub fn what(row: &AuditRow) -> String {
    let Ok(action) = row.action.parse() else {
        return format!("Did what another release calls {}", row.action);
    };
    let words = action_words(action);
    match (action, times(row)) {
        (_, 0 | 1) => words.to_owned(),
        (AuditAction::KeyUsedAfterRevoke, many) => {
            format!("{words}, {} times in a minute", number::grouped(many))
        }
        (AuditAction::HandedOut, many) => {
            format!("Took tokens, {} times in a minute", number::grouped(many))
        }
        (AuditAction::Proxied, many) => {
            format!(
                "Called a provider through the proxy, {} times in a minute",
                number::grouped(many)
            )
        }
        (AuditAction::Refreshed, many) => {
            format!("Renewed {} tokens in a minute", number::grouped(many))
        }
        (AuditAction::RefreshFailed, many) => {
            format!(
                "Failed to renew {} tokens in a minute",
                number::grouped(many)
            )
        }
        _ => words.to_owned(),
    }
}

fn times(row: &AuditRow) -> u64 {
    row.fact("times")
        .and_then(|times| times.parse().ok())
        .unwrap_or_default()
}

/// The words of every action there is.
#[must_use]
pub fn action_words(action: AuditAction) -> &'static str {
    match action {
        AuditAction::SignedIn => "Signed in",
        AuditAction::SignedOut => "Signed out",
        AuditAction::SignInFailed => "Failed to sign in",
        AuditAction::PasswordChanged => "Changed the own password",
        AuditAction::PasswordSet => "Set a member’s password",
        AuditAction::MemberCreated => "Added a member",
        AuditAction::MemberConfirmed => "Proved once more who they are",
        AuditAction::ConfirmationFailed => "Failed to prove once more who they are",
        AuditAction::SessionsEnded => "Ended sessions of a member",
        AuditAction::FactorAdded => "Added a second factor",
        AuditAction::RecoveryCodeUsed => "Used a recovery code",
        AuditAction::RecoveryCodesReplaced => "Made new recovery codes",
        AuditAction::FactorRemoved => "Removed a second factor",
        AuditAction::FactorReset => "Took a member’s second factor away",
        AuditAction::RoleChanged => "Gave a member another role",
        AuditAction::MemberDisabled => "Disabled a member",
        AuditAction::MemberEnabled => "Let a member in again",
        AuditAction::MemberRenamed => "Renamed a member",
        AuditAction::MemberInvited => "Invited a member",
        AuditAction::MemberInvitationRevoked => "Revoked an invitation",
        AuditAction::MemberJoined => "Accepted an invitation",
        AuditAction::OrganizationSetUp => "Set the organization up",
        AuditAction::OrganizationCreated => "Made the organization",
        AuditAction::OrganizationRenamed => "Renamed the organization",
        AuditAction::RulesChanged => "Changed the house rules",
        AuditAction::ApplicationCreated => "Made an application",
        AuditAction::ApplicationChanged => "Changed an application",
        AuditAction::KeyCreated => "Made an API key",
        AuditAction::KeyChanged => "Changed an API key",
        AuditAction::KeyRotated => "Rotated an API key",
        AuditAction::KeyDeprecated => "Deprecated an API key",
        AuditAction::KeyDeprecationUndone => "Undid the deprecation of an API key",
        AuditAction::KeyRevoked => "Revoked an API key",
        AuditAction::KeyUsedAfterRevoke => "Used a revoked API key",
        AuditAction::Quarantined => "Put the installation in quarantine",
        AuditAction::QuarantineLifted => "Lifted the quarantine",
        AuditAction::KeysRotated => "Rotated the key-encryption key",
        AuditAction::WebhookCreated => "Made a webhook endpoint",
        AuditAction::WebhookChanged => "Changed a webhook endpoint",
        AuditAction::WebhookEnabled => "Enabled a webhook endpoint",
        AuditAction::WebhookDisabled => "Disabled a webhook endpoint",
        AuditAction::WebhookDeleted => "Deleted a webhook endpoint",
        AuditAction::WebhookSecretRotated => "Rotated the secret of a webhook endpoint",
        AuditAction::WebhookSecretEnded => "Ended the old secret of a webhook endpoint",
        AuditAction::ProviderCreated => "Added a provider",
        AuditAction::ProviderChanged => "Changed a provider",
        AuditAction::ProviderPlaceChanged => "Changed where a provider is asked",
        AuditAction::SecretAdded => "Added a client secret",
        AuditAction::SecretPreferred => "Chose another client secret",
        AuditAction::SecretRemoved => "Removed a client secret",
        AuditAction::SecretAccepted => "Found a new client secret accepted",
        AuditAction::SecretRefused => "Found a new client secret refused",
        AuditAction::CredentialsRejected => "Found the client credentials refused",
        AuditAction::CredentialsAccepted => "Found the client credentials accepted again",
        AuditAction::Invited => "Invited an end user to connect",
        AuditAction::InvitationStopped => "Stopped an invitation",
        AuditAction::ConnectStarted => "Began to connect",
        AuditAction::ConnectFailed => "Did not connect",
        AuditAction::Connected => "Connected an account",
        AuditAction::Reconnected => "Connected an account again",
        AuditAction::Imported => "Brought a connection in",
        AuditAction::ConnectionsTaken => "Exported connections with their tokens, sealed",
        AuditAction::ConnectionDescribed => "Described a connection",
        AuditAction::ConnectionViewed => "Looked at a connection",
        AuditAction::HandedOver => "Handed a team’s connection over",
        AuditAction::ScopesReduced => "Reduced the scopes of a connection",
        AuditAction::ReconnectRequired => "Found that a reconnect is required",
        AuditAction::Revoked => "Revoked a connection",
        AuditAction::Restored => "Undid a revocation",
        AuditAction::RevokedInBulk => "Revoked many connections",
        AuditAction::RestoredInBulk => "Undid the revocation of many connections",
        AuditAction::ApplicationStopped => "Stopped all tokens of an application",
        AuditAction::ApplicationLetGo => "Let the tokens of an application go again",
        AuditAction::ProviderStopped => "Stopped all tokens of a provider",
        AuditAction::ProviderLetGo => "Let the tokens of a provider go again",
        AuditAction::HandedOut => "Took a token",
        AuditAction::Proxied => "Called a provider through the proxy",
        AuditAction::Refreshed => "Renewed a token",
        AuditAction::RefreshFailed => "Failed to renew a token",
        AuditAction::AuditChecked => "Checked the audit",
        AuditAction::AuditExported => "Exported the audit",
    }
}

/// "Signing in": what the list can be narrowed to.
#[must_use]
pub fn kind(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::SigningIn => "Signing in",
        AuditKind::Members => "Members",
        AuditKind::Settings => "Settings and API keys",
        AuditKind::Providers => "Providers",
        AuditKind::Connections => "Connections",
        AuditKind::Tokens => "Tokens",
        AuditKind::Audit => "The audit itself",
    }
}

/// What kind of actor it was, in the second voice.
#[must_use]
pub fn actor_kind(kind: &str) -> &'static str {
    match kind {
        "member" => "Member",
        "api_key" => "API key",
        "end_user" => "End user",
        "visitor" => "Not signed in",
        "apply" | "command_line" => "On the server",
        "server" => "Background",
        _ => "",
    }
}

/// What kind of thing it was about.
#[must_use]
pub fn subject_kind(kind: &str) -> &'static str {
    match kind {
        "application" => "Application",
        "provider" => "Provider",
        "connection" => "Connection",
        "connect_session" => "Connect session",
        "api_key" => "API key",
        "member" => "Member",
        "invitation" => "Invitation",
        "organization" => "Organization",
        "instance" => "This installation",
        "audit" => "Audit",
        _ => "",
    }
}

/// Details that are shown in the row: why, how many of which, a note.
#[must_use]
pub fn aside(row: &AuditRow) -> Option<String> {
    ["note", "providers", "problem", "class", "reason"]
        .into_iter()
        .filter_map(|name| row.fact(name))
        .find(|value| !value.is_empty())
        .map(str::to_owned)
}

/// "Row 17 (21 Nov 2026, 14:07:02 UTC) does not say what was sealed: it was edited."
#[must_use]
pub fn first_bad(bad: &FirstBad) -> String {
    let row = match (bad.seq, bad.position) {
        (Some(seq), Some(position)) => format!("Row {seq}, number {position} of the chain,"),
        (Some(seq), None) => format!("Row {seq}"),
        (None, Some(position)) => format!("Number {position} of the chain"),
        (None, None) => "The chain".to_owned(),
    };
    let gone = matches!(bad.flaw, ChainFlaw::Deleted | ChainFlaw::CutOff { .. });
    let when = match bad.at {
        Some(at) if gone => format!(
            " (after {}, {} UTC)",
            time::date(at),
            time::clock_with_seconds(at)
        ),
        Some(at) => format!(
            " ({}, {} UTC)",
            time::date(at),
            time::clock_with_seconds(at)
        ),
        None => String::new(),
    };
    let wrong = match bad.flaw {
        ChainFlaw::Edited => "was edited: it does not say what was sealed.".to_owned(),
        ChainFlaw::Deleted => "was deleted.".to_owned(),
        ChainFlaw::Exchanged { with } => {
            format!("was reordered: what was sealed here stands in row {with} now.")
        }
        ChainFlaw::Inserted => {
            "was inserted: it stands among sealed rows and was never sealed.".to_owned()
        }
        ChainFlaw::CutOff { through } => {
            format!("and all that followed were cut off, up to number {through}.")
        }
        ChainFlaw::Rewritten { by } => format!(
            "or one soon after it was rewritten together with the chain: the head that was exported at number {by} says otherwise."
        ),
        ChainFlaw::HeadForged => {
            "has a head that was not written with this server’s key.".to_owned()
        }
    };
    format!("{row}{when} {wrong}")
}

/// What came of a check: the strong words, and the rest of the sentence.
#[must_use]
pub fn outcome(outcome: &CheckOutcome) -> (&'static str, String) {
    match outcome {
        CheckOutcome::UnderWay { done, of } => (
            "The chain is being checked.",
            format!(
                "{} of {} rows were looked at.",
                number::grouped(*done),
                number::grouped(*of)
            ),
        ),
        CheckOutcome::Whole { rows } => {
            ("The chain is whole.", number::counted(*rows, "row", "rows"))
        }
        CheckOutcome::Broken(bad) => ("The chain is broken.", first_bad(bad)),
    }
}

/// "9f2c 51d0 44be … a71b": enough of a hash to compare it by eye.
#[must_use]
pub fn short_hash(hash: &str) -> String {
    match (
        hash.get(..4),
        hash.get(4..8),
        hash.get(8..12),
        hash.len().checked_sub(4).and_then(|at| hash.get(at..)),
    ) {
        (Some(a), Some(b), Some(c), Some(last)) => format!("{a} {b} {c} … {last}"),
        _ => hash.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_has_words_and_a_name_of_its_own() {
        let mut words = BTreeSet::new();
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
            assert!(!action_words(*action).is_empty());
            assert!(words.insert(action_words(*action)), "{action:?}");
        }
    }

    #[test]
    fn the_first_bad_row_is_named_with_its_number_and_its_time() {
        let bad = |flaw| FirstBad {
            position: Some(15),
            seq: Some(17),
            at: Some(1_795_356_422_000),
            flaw,
        };
        assert_eq!(
            first_bad(&bad(ChainFlaw::Edited)),
            "Row 17, number 15 of the chain, (22 Nov 2026, 14:07:02 UTC) was edited: it does not say what was sealed."
        );
        let cut = FirstBad {
            seq: None,
            ..bad(ChainFlaw::CutOff { through: 20 })
        };
        assert_eq!(
            first_bad(&cut),
            "Number 15 of the chain (after 22 Nov 2026, 14:07:02 UTC) and all that followed were cut off, up to number 20."
        );
    }

    #[test]
    fn a_hash_is_shortened_for_the_eye() {
        assert_eq!(short_hash("9f2c51d044be0000a71b"), "9f2c 51d0 44be … a71b");
        assert_eq!(short_hash("9f"), "9f");
    }
}
