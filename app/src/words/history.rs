//! What happened to a connection, words first; the provider's answer after them.

use super::{number, revocation, time};
use crate::components::lamp::Lamp;
use crate::wire::{BrokenReason, HistoryEntry, HistoryKind, Millis, UpstreamResult};

const DAY: Millis = 24 * 60 * 60 * 1000;

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
pub fn tell(entry: &HistoryEntry, provider: &str) -> Told {
    let mut told = tell_kind(entry, provider);
    if let Some(kept) = &entry.answer {
        let read_as = told.answer.take().map(|lines| {
            let only = lines.lines().filter(|line| !line.starts_with("HTTP "));
            only.collect::<Vec<_>>().join("\n")
        });
        let read_as = read_as.filter(|lines| !lines.is_empty());
        let after = read_as
            .map(|lines| format!("\n\n{lines}"))
            .unwrap_or_default();
        told.answer = Some(format!("{kept}{after}"));
    }
    told
}

fn tell_kind(entry: &HistoryEntry, provider: &str) -> Told {
    match &entry.what {
        HistoryKind::Connected { by } => plain(Lamp::Active, format!("Connected by {by}."), ""),
        HistoryKind::Reconnected { by } => plain(
            Lamp::Active,
            format!("Reconnected by {by}."),
            "The connection kept its id.",
        ),
        HistoryKind::Imported { by } => plain(
            Lamp::Active,
            format!("Imported by {by}."),
            "It came with tokens from elsewhere.",
        ),
        HistoryKind::Refreshed => match entry.times {
            0 | 1 => plain(Lamp::Active, "Refreshed.".to_owned(), ""),
            times => plain(
                Lamp::Active,
                format!("Refreshed {times} times."),
                &between(entry),
            ),
        },
        HistoryKind::RefreshFailed {
            class,
            status,
            code,
        } => Told {
            lamp: Lamp::Degraded,
            what: failed(class, *status, provider),
            aside: tried_again(entry),
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
        HistoryKind::Restored { by } => plain(
            Lamp::Active,
            format!("The revocation was undone by {by}."),
            "The same tokens, under a new generation.",
        ),
        HistoryKind::RevokedUpstream { result } => {
            let (lamp, what) = upstream(*result, provider);
            plain(lamp, what, "")
        }
        HistoryKind::HandedOver { by, to } => plain(
            Lamp::Active,
            format!("Handed over to {to} by {by}."),
            "The tokens stayed as they are.",
        ),
        HistoryKind::Proxied { key, times } => plain(
            Lamp::Active,
            format!("{provider} was called through the proxy for API key “{key}”."),
            &how_often(entry, *times),
        ),
        HistoryKind::HandedOut { key, times } => plain(
            Lamp::Active,
            format!("Handed out to API key “{key}”."),
            &how_often(entry, *times),
        ),
    }
}

/// Why a refresh brought nothing, by the word of its class.
fn failed(class: &str, status: Option<u16>, provider: &str) -> String {
    let with_status = status
        .map(|status| format!(" ({status})"))
        .unwrap_or_default();
    match class {
        "unreached" => format!("{provider} could not be reached."),
        "forbidden_address" => {
            format!("Our outbound policy forbids the address of {provider}.")
        }
        "throttled" => format!("{provider} asked us to wait{with_status}."),
        "config_rejected" => format!("{provider} refused our client credentials{with_status}."),
        "invalid_scope" => format!("{provider} refused the scopes{with_status}."),
        "unexpected" => {
            format!("{provider} answered something that we do not understand{with_status}.")
        }
        _ => match status {
            Some(_) => format!("{provider} did not answer the refresh properly{with_status}."),
            None => format!("{provider} did not answer in time."),
        },
    }
}

fn tried_again(entry: &HistoryEntry) -> String {
    match entry.times {
        0 | 1 => "Tried again by ourselves.".to_owned(),
        times => format!("Tried {times} times, {}.", lower_between(entry)),
    }
}

/// "Between 4 Nov, 01:58 and 5 Nov, 03:20."
fn between(entry: &HistoryEntry) -> String {
    format!(
        "Between {} and {}.",
        time::short_moment(entry.since),
        time::short_moment(entry.at)
    )
}

fn lower_between(entry: &HistoryEntry) -> String {
    format!(
        "between {} and {}",
        time::short_moment(entry.since),
        time::short_moment(entry.at)
    )
}

/// "412 times in 30 days".
fn how_often(entry: &HistoryEntry, times: u32) -> String {
    let days = (entry.at - entry.since) / DAY + 1;
    match (times, days) {
        (0 | 1, _) => String::new(),
        (times, ..=1) => format!("{} times within a day", number::grouped(times.into())),
        (times, days) => format!("{} times in {days} days", number::grouped(times.into())),
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

    fn entry(what: HistoryKind) -> HistoryEntry {
        HistoryEntry {
            at: 20 * DAY,
            since: 20 * DAY,
            times: 1,
            what,
            answer: None,
        }
    }

    fn refused() -> HistoryEntry {
        entry(HistoryKind::Broken {
            reason: BrokenReason::GrantRevokedOrExpired,
            status: Some(400),
            code: Some("invalid_grant".into()),
        })
    }

    #[test]
    fn a_refusal_is_told_with_its_answer() {
        let told = tell(&refused(), "Salesforce");
        assert_eq!(told.what, "Salesforce refused the refresh.");
        assert_eq!(
            told.answer.as_deref(),
            Some("HTTP 400\nerror: invalid_grant")
        );
    }

    #[test]
    fn an_answer_that_was_kept_stands_before_what_we_made_of_it() {
        let kept = HistoryEntry {
            answer: Some("HTTP 400 Bad Request\n\n{}".into()),
            ..refused()
        };
        assert_eq!(
            tell(&kept, "Salesforce").answer.as_deref(),
            Some("HTTP 400 Bad Request\n\n{}\n\nerror: invalid_grant")
        );
    }

    #[test]
    fn an_entry_without_an_answer_has_nothing_to_fold() {
        let told = tell(&entry(HistoryKind::Recovered), "Salesforce");
        assert_eq!(
            (told.answer, told.aside.as_str()),
            (None, "Salesforce answered again.")
        );
    }

    #[test]
    fn what_happened_again_and_again_is_told_once() {
        let many = |what, times| HistoryEntry {
            since: 10 * DAY,
            times,
            ..entry(what)
        };
        let told = tell(&many(HistoryKind::Refreshed, 42), "Salesforce");
        assert_eq!(told.what, "Refreshed 42 times.");
        assert_eq!(told.aside, "Between 11 Jan, 00:00 and 21 Jan, 00:00.");
        let handed_out = HistoryKind::HandedOut {
            key: "backend".into(),
            times: 1412,
        };
        let told = tell(&many(handed_out, 1), "Salesforce");
        assert_eq!(told.aside, "1,412 times in 11 days");
    }

    #[test]
    fn each_class_of_failure_has_words_of_its_own() {
        let classes = [
            "unreached",
            "forbidden_address",
            "ambiguous",
            "throttled",
            "config_rejected",
            "invalid_scope",
            "unexpected",
        ];
        let words: std::collections::BTreeSet<String> = classes
            .iter()
            .map(|class| failed(class, Some(503), "Salesforce"))
            .collect();
        assert_eq!(words.len(), classes.len());
        assert_eq!(failed("ambiguous", None, "X"), "X did not answer in time.");
    }
}
