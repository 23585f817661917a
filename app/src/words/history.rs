//! What happened to a connection, words first; the provider's answer after them.

use super::revocation;
use crate::components::lamp::Lamp;
use crate::wire::{BrokenReason, HistoryKind, UpstreamResult};

/// One entry in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The lamp beside it.
    pub lamp: Lamp,
    /// What happened.
    pub what: String,
    /// What it means, in the second voice.
    pub aside: String,
    /// What the provider answered, as text, when it refused or failed.
    pub answer: Option<String>,
}

/// Tells an entry; `provider` is the name inside sentences.
#[must_use]
pub fn tell(what: &HistoryKind, provider: &str) -> Told {
    match what {
        HistoryKind::Connected { by } => plain(Lamp::Active, format!("Connected by {by}."), ""),
        HistoryKind::Reconnected { by } => plain(
            Lamp::Active,
            format!("Reconnected by {by}."),
            "The connection kept its id.",
        ),
        HistoryKind::Refreshed => plain(Lamp::Active, "Refreshed.".to_owned(), ""),
        HistoryKind::RefreshFailed {
            class,
            status,
            code,
        } => Told {
            lamp: Lamp::Degraded,
            what: match status {
                Some(status) => {
                    format!("{provider} did not answer the refresh properly ({status}).")
                }
                None => format!("{provider} could not be reached."),
            },
            aside: "Tried again by ourselves.".to_owned(),
            answer: answer(*status, code.as_deref(), Some(class)),
        },
        HistoryKind::ScopesReduced { by, scopes } => plain(
            Lamp::Active,
            format!("Scopes reduced by {by}."),
            &format!("Given up: {}.", scopes.join(", ")),
        ),
        HistoryKind::Recovered => plain(
            Lamp::Active,
            "Recovered.".to_owned(),
            &format!("{provider} answered again."),
        ),
        HistoryKind::Broken {
            reason,
            status,
            code,
        } => {
            let (what, aside) = broken(*reason, provider);
            Told {
                lamp: Lamp::Reconnect,
                what,
                aside: aside.to_owned(),
                answer: answer(*status, code.as_deref(), None),
            }
        }
        HistoryKind::Revoked { by, reason } => plain(
            Lamp::Revoked,
            format!("Revoked by {by}."),
            &format!("{}.", revocation::reason(*reason)),
        ),
        HistoryKind::RevokedUpstream { result } => {
            let (lamp, what) = upstream(*result, provider);
            plain(lamp, what, "")
        }
        HistoryKind::HandedOut { key, times } => plain(
            Lamp::Active,
            format!("Handed out to API key “{key}”."),
            &match times {
                0 | 1 => String::new(),
                times => format!("{times} times"),
            },
        ),
    }
}

fn plain(lamp: Lamp, what: String, aside: &str) -> Told {
    Told {
        lamp,
        what,
        aside: aside.to_owned(),
        answer: None,
    }
}

fn broken(reason: BrokenReason, provider: &str) -> (String, &'static str) {
    match reason {
        BrokenReason::GrantRevokedOrExpired => (
            format!("{provider} refused the refresh."),
            "The grant is gone; trying again cannot help.",
        ),
        BrokenReason::RefreshOutcomeUnknown => (
            "A refresh was interrupted.".to_owned(),
            "What came of it is unknown, and the token it was made with is no longer accepted.",
        ),
        BrokenReason::NoRefreshToken => (
            "The access token ended.".to_owned(),
            "There is nothing to renew it with.",
        ),
        BrokenReason::Unreadable => (
            "What we keep could not be opened.".to_owned(),
            "The key it was sealed with is missing.",
        ),
        BrokenReason::StaleAfterRestore => (
            format!("{provider} refused the refresh."),
            "The token came with a restored or copied database, and was used up elsewhere or has ended since.",
        ),
    }
}

fn upstream(result: UpstreamResult, provider: &str) -> (Lamp, String) {
    match result {
        UpstreamResult::Waiting => (Lamp::Waiting, format!("{provider} is being told.")),
        UpstreamResult::Revoked => (Lamp::Revoked, format!("{provider} ended it too.")),
        UpstreamResult::NotOffered => (
            Lamp::Waiting,
            format!("{provider} cannot be told from here."),
        ),
        UpstreamResult::Failed {
            next_try_at: Some(_),
        } => (
            Lamp::Degraded,
            format!("{provider} could not be told. Tried again by ourselves."),
        ),
        UpstreamResult::Failed { next_try_at: None } => {
            (Lamp::Reconnect, format!("{provider} could not be told."))
        }
        UpstreamResult::NothingToRevoke => (
            Lamp::Revoked,
            format!("There was nothing left to end at {provider}."),
        ),
    }
}

fn answer(status: Option<u16>, code: Option<&str>, class: Option<&str>) -> Option<String> {
    let lines: Vec<String> = [
        status.map(|status| format!("HTTP {status}")),
        code.map(|code| format!("error: {code}")),
        class.map(|class| format!("read as: {class}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_with_its_answer() {
        let told = tell(
            &HistoryKind::Broken {
                reason: BrokenReason::GrantRevokedOrExpired,
                status: Some(400),
                code: Some("invalid_grant".into()),
            },
            "Salesforce",
        );
        assert_eq!(told.what, "Salesforce refused the refresh.");
        assert_eq!(
            told.answer.as_deref(),
            Some("HTTP 400\nerror: invalid_grant")
        );
    }

    #[test]
    fn an_entry_without_an_answer_has_nothing_to_fold() {
        let told = tell(&HistoryKind::Recovered, "Salesforce");
        assert_eq!(
            (told.answer, told.aside.as_str()),
            (None, "Salesforce answered again.")
        );
    }
}
