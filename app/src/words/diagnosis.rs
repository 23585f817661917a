//! Why a connection works or does not, who has to act, and what happens until then.

use super::quarantine::CONFIRM;
use super::scopes::in_words;
use super::{owner, revocation, time};
use crate::wire::{
    BrokenReason, ConnectionMark, ConnectionState, ConnectionSummary, ConnectionView, Millis,
    ProviderState, QuarantineView,
};

/// What the top of a connection's page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// What is the case.
    pub sentence: String,
    /// Who has to act.
    pub who: String,
    /// What to do now.
    pub now: String,
    /// What happens until then.
    pub until: String,
    /// It does not work.
    pub bad: bool,
}

/// The diagnosis of one connection, in an installation that may be in quarantine.
#[must_use]
pub fn of(view: &ConnectionView, quarantine: Option<QuarantineView>) -> Diagnosis {
    let provider = &view.provider_short_name;
    let summary = &view.summary;
    match (summary.state, view.provider_state, quarantine) {
        (ConnectionState::Revoked, ..) => revoked(view),
        (ConnectionState::ReconnectRequired, state, _) => broken(view, state),
        (_, ProviderState::CredentialsRejected { since }, _) => Diagnosis {
            sentence: format!(
                "{provider} refuses our client credentials since {}. Nothing is wrong with this connection.",
                time::moment(since)
            ),
            who: "An admin".to_owned(),
            now: format!("Paste a new Client Secret on the page of {provider}."),
            until: "Tokens that are still valid are handed out. No connection is lost.".to_owned(),
            bad: true,
        },
        (ConnectionState::Active | ConnectionState::Degraded, _, Some(quarantine))
            if waits_for_refresh(summary, view.now) =>
        {
            quarantined(summary, quarantine, view.now)
        }
        (ConnectionState::Active, ..) if lacks_scopes(view) => Diagnosis {
            sentence: format!(
                "{provider} accepts this connection, but it lacks {}, which {provider} is asked for now.",
                in_words(&view.lacks)
            ),
            who: owner::who_can_approve(&summary.owner),
            now: format!(
                "Send {} the link below, if the product needs what is missing.",
                owner::name(&summary.owner)
            ),
            until: "What was granted works as before. Nothing breaks today.".to_owned(),
            bad: false,
        },
        (ConnectionState::Active, ..) => Diagnosis {
            sentence: format!("{provider} accepts this connection."),
            who: "Nobody".to_owned(),
            now: "Nothing.".to_owned(),
            until: validity(summary, view.now),
            bad: false,
        },
        (ConnectionState::Degraded, ..) => Diagnosis {
            sentence: format!(
                "{provider} did not answer the last refresh properly. We try again by ourselves."
            ),
            who: "Nobody".to_owned(),
            now: summary.next_try_at.map_or_else(
                || "Nothing. We try again soon.".to_owned(),
                |at| format!("Nothing. We try again at {} UTC.", time::clock(at)),
            ),
            until: validity(summary, view.now),
            bad: false,
        },
    }
}

/// Nothing happens to it before its token is renewed.
fn waits_for_refresh(summary: &ConnectionSummary, now: Millis) -> bool {
    let ended = summary.expires_at.is_some_and(|at| at <= now);
    ended || summary.state == ConnectionState::Degraded
}

fn quarantined(summary: &ConnectionSummary, quarantine: QuarantineView, now: Millis) -> Diagnosis {
    let until = match summary.expires_at {
        Some(at) if at <= now => {
            "No token leaves: the last one has expired. The connection is not lost.".to_owned()
        }
        _ => validity(summary, now),
    };
    Diagnosis {
        sentence: format!(
            "No token is refreshed here since {}: this installation looks like a restored or copied one. Nothing is wrong with this connection.",
            time::moment(quarantine.since)
        ),
        who: "Whoever runs this server".to_owned(),
        now: format!("Run {CONFIRM}, once the original is off for good."),
        until,
        bad: true,
    }
}

fn lacks_scopes(view: &ConnectionView) -> bool {
    view.summary.marks.contains(&ConnectionMark::LacksScopes)
}

fn broken(view: &ConnectionView, state: ProviderState) -> Diagnosis {
    let provider = &view.provider_short_name;
    let who = owner::who_can_approve(&view.summary.owner);
    let name = owner::name(&view.summary.owner);
    let approve = match &view.reconnect_link {
        Some(_) => format!(
            "Send {name} the link below. One approval, and it works again with the same id."
        ),
        None => format!(
            "Ask {name} to connect {provider} again. One approval, and it works again with the same id."
        ),
    };
    // nobody can approve before the provider takes our credentials
    let (who, approve) = match state {
        ProviderState::CredentialsRejected { .. } => (
            "An admin first, then the user".to_owned(),
            format!(
                "Paste a new Client Secret on the page of {provider}, which refuses ours. Then: {}",
                lower_first(&approve)
            ),
        ),
        ProviderState::Active => (who, approve),
    };
    let (sentence, who, now) = match view.summary.reason {
        Some(BrokenReason::RefreshOutcomeUnknown) => (
            format!(
                "A refresh was interrupted, and {provider} no longer accepts the token it was made with."
            ),
            who,
            approve,
        ),
        Some(BrokenReason::NoRefreshToken) => (
            format!("The access token ended, and {provider} gave nothing to renew it with."),
            who,
            approve,
        ),
        Some(BrokenReason::Unreadable) => (
            "What we keep of this connection cannot be opened.".to_owned(),
            "An admin first".to_owned(),
            format!(
                "Check that the server has the key it was sealed with. If that key is gone: {}",
                lower_first(&approve)
            ),
        ),
        Some(BrokenReason::StaleAfterRestore) => (
            format!(
                "The token came with a restored or copied database, and {provider} no longer accepts it: it was used up elsewhere, or the access was removed."
            ),
            who,
            approve,
        ),
        Some(BrokenReason::GrantRevokedOrExpired) | None => (
            format!(
                "{provider} no longer accepts this connection: the access was removed there, or it has expired."
            ),
            who,
            approve,
        ),
    };
    Diagnosis {
        sentence,
        who,
        now,
        until: "No token leaves. The backend is told that a reconnect is needed; a team connection steps in where there is one.".to_owned(),
        bad: true,
    }
}

fn revoked(view: &ConnectionView) -> Diagnosis {
    let by = view.summary.revoked_by.as_deref().unwrap_or("someone");
    let why = view
        .summary
        .revoke_reason
        .map(|reason| format!(" {}.", revocation::reason(reason)))
        .unwrap_or_default();
    Diagnosis {
        sentence: format!(
            "{by} ended this connection on {}.{why}",
            time::moment(view.state_since)
        ),
        who: "Nobody".to_owned(),
        now: "Nothing. The receipt proves it. Whoever wants it back connects anew.".to_owned(),
        until: "No token of this connection leaves.".to_owned(),
        bad: false,
    }
}

fn validity(summary: &ConnectionSummary, now: Millis) -> String {
    match summary.expires_at {
        None => "The access token does not expire.".to_owned(),
        Some(at) if at <= now => {
            "The access token has expired. The next call gets a new one.".to_owned()
        }
        Some(at) => format!("The access token is valid until {}.", time::until(at, now)),
    }
}

/// Two short lines for a row of the list: why, and who has to act.
#[must_use]
pub fn in_a_row(summary: &ConnectionSummary, quarantined: bool, now: Millis) -> (String, String) {
    let provider = &summary.provider.name;
    match summary.state {
        ConnectionState::Active | ConnectionState::Degraded if summary.credentials_rejected => (
            format!("{provider} refuses our client credentials"),
            "An admin has to act".to_owned(),
        ),
        ConnectionState::Active | ConnectionState::Degraded
            if quarantined && waits_for_refresh(summary, now) =>
        {
            (
                "No token is refreshed here now".to_owned(),
                "Whoever runs this server has to act".to_owned(),
            )
        }
        ConnectionState::Active => {
            let why = match summary.expires_at {
                None => "Never expires".to_owned(),
                Some(at) if at <= now => "Refreshed when it is asked for".to_owned(),
                Some(at) => format!("Valid until {}", time::until(at, now)),
            };
            (why, String::new())
        }
        ConnectionState::Degraded => (
            format!("{provider} does not answer properly"),
            summary.next_try_at.map_or_else(
                || "Nobody: we try again".to_owned(),
                |at| format!("Nobody: we try again at {} UTC", time::clock(at)),
            ),
        ),
        ConnectionState::ReconnectRequired => {
            let (why, who) = match summary.reason {
                Some(BrokenReason::RefreshOutcomeUnknown) => {
                    ("A refresh was interrupted", "The user has to act")
                }
                Some(BrokenReason::NoRefreshToken) => {
                    ("Nothing to renew it with", "The user has to act")
                }
                Some(BrokenReason::Unreadable) => ("It cannot be opened", "An admin has to act"),
                Some(BrokenReason::StaleAfterRestore) => (
                    "Its token was used up before the restore",
                    "The user has to act",
                ),
                Some(BrokenReason::GrantRevokedOrExpired) | None => {
                    return (
                        format!("Access removed or expired at {provider}"),
                        "The user has to act".to_owned(),
                    );
                }
            };
            (why.to_owned(), who.to_owned())
        }
        ConnectionState::Revoked => (
            summary
                .revoke_reason
                .map_or("Ended", revocation::past)
                .to_owned(),
            summary
                .revoked_by
                .as_ref()
                .map(|by| format!("Ended by {by}"))
                .unwrap_or_default(),
        ),
    }
}

fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
