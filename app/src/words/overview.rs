//! An application's overview in words: what needs attention, what a chart shows, why people have to
//! connect again.

use super::{number, time};
use crate::components::lamp::Lamp;
use crate::wire::{Attention, BrokenReason, DayActivity, StateCounts};

/// One line of what needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The lamp beside it.
    pub lamp: Lamp,
    /// Who has to act.
    pub who: &'static str,
    /// What is the case.
    pub what: String,
    /// What it means, and what to do.
    pub then: String,
}

/// Tells one line.
#[must_use]
pub fn attention(line: &Attention) -> Told {
    match line {
        Attention::CredentialsRejected {
            provider,
            since,
            connections,
        } => Told {
            lamp: Lamp::Reconnect,
            who: "An admin",
            what: format!(
                "{} refuses our client credentials since {}.",
                provider.name,
                time::moment(*since)
            ),
            then: match connections {
                0 => "Paste a new Client Secret.".to_owned(),
                1 => "1 connection waits and is not lost. Paste a new Client Secret.".to_owned(),
                many => format!(
                    "{} connections wait, and none is lost. Paste a new Client Secret.",
                    number::grouped(*many)
                ),
            },
        },
        Attention::Reconnect {
            provider,
            reason,
            connections,
        } => Told {
            lamp: Lamp::Reconnect,
            who: who(*reason),
            what: match connections {
                1 => format!("1 connection to {} needs a reconnect.", provider.name),
                many => format!(
                    "{} connections to {} need a reconnect.",
                    number::grouped(*many),
                    provider.name
                ),
            },
            then: format!("{}.", self::reason(*reason)),
        },
        Attention::Degraded {
            provider,
            connections,
            next_try_at,
        } => Told {
            lamp: Lamp::Degraded,
            who: "Nobody",
            what: format!("{} does not answer properly.", provider.name),
            then: format!(
                "{} served from what is still valid. {}",
                match connections {
                    1 => "1 connection is".to_owned(),
                    many => format!("{} connections are", number::grouped(*many)),
                },
                next_try_at.map_or_else(
                    || "We try again soon.".to_owned(),
                    |at| format!("Next try at {} UTC.", time::clock(at))
                )
            ),
        },
        Attention::SecretUnused { provider } => Told {
            lamp: Lamp::Waiting,
            who: "An admin",
            what: format!("{}: a client secret is unused.", provider.name),
            then: format!(
                "Every connection uses another one. Remove it at {} and here.",
                provider.name
            ),
        },
    }
}

/// Why connections need a reconnect, without its full stop.
#[must_use]
pub fn reason(reason: BrokenReason) -> &'static str {
    match reason {
        BrokenReason::GrantRevokedOrExpired => "Access removed or expired at the provider",
        BrokenReason::RefreshOutcomeUnknown => "A refresh was interrupted",
        BrokenReason::NoRefreshToken => "Nothing to renew the token with",
        BrokenReason::Unreadable => "What we keep cannot be opened",
        BrokenReason::StaleAfterRestore => "The token was used up before a restore",
    }
}

/// Who has to act on it.
#[must_use]
pub fn who(reason: BrokenReason) -> &'static str {
    match reason {
        BrokenReason::Unreadable => "An admin",
        _ => "The users",
    }
}

/// The name of the chart of states: its finding.
#[must_use]
pub fn states(counts: StateCounts) -> String {
    format!(
        "Of {}, {} active, {} degraded, {} a reconnect and {} revoked",
        number::counted(counts.total(), "connection", "connections"),
        verb(counts.active, "is", "are"),
        verb(counts.degraded, "is", "are"),
        verb(counts.reconnect_required, "needs", "need"),
        verb(counts.revoked, "is", "are"),
    )
}

fn verb(many: u64, one: &str, others: &str) -> String {
    let verb = if many == 1 { one } else { others };
    format!("{} {verb}", number::grouped(many))
}

/// "93.1%".
#[must_use]
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    let tenths = (part * 1000 + whole / 2) / whole;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// "39,123 done, 169 failed".
#[must_use]
pub fn refreshes(days: &[DayActivity]) -> String {
    format!(
        "{} done, {} failed",
        number::grouped(days.iter().map(|day| day.refreshed).sum()),
        number::grouped(days.iter().map(|day| day.failed).sum())
    )
}

/// "210 connected".
#[must_use]
pub fn connects(days: &[DayActivity]) -> String {
    format!(
        "{} connected",
        number::grouped(days.iter().map(|day| day.connected).sum())
    )
}

/// What a chart of days shows: "About 1,300 a day, most on 15 Nov 2026: 1,566.", and of fewer than one a day
/// "3 in 30 days, most on 15 Nov 2026: 2."
#[must_use]
pub fn per_day(days: &[(i64, u64)]) -> String {
    let all: u64 = days.iter().map(|(_, many)| many).sum();
    let count = u64::try_from(days.len()).unwrap_or(1).max(1);
    let Some((day, most)) = days.iter().max_by_key(|(_, many)| *many) else {
        return String::new();
    };
    if all == 0 {
        return format!("None in {count} days.");
    }
    let often = match (all + count / 2) / count {
        0 => format!("{} in {count} days", number::grouped(all)),
        a_day => format!("About {} a day", number::grouped(a_day)),
    };
    let (day, most) = (time::date(*day), number::grouped(*most));
    format!("{often}, most on {day}: {most}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_named_by_its_finding() {
        let counts = StateCounts {
            active: 1_196,
            degraded: 1,
            reconnect_required: 42,
            revoked: 15,
        };
        assert_eq!(
            states(counts),
            "Of 1,254 connections, 1,196 are active, 1 is degraded, 42 need a reconnect and 15 are revoked"
        );
        assert_eq!(
            per_day(&[(1_795_132_800_000, 3), (1_795_219_200_000, 4)]),
            "About 4 a day, most on 21 Nov 2026: 4."
        );
        let quiet = [0, 0, 2, 0, 1].map(|many| (1_795_132_800_000, many));
        assert_eq!(per_day(&quiet), "About 1 a day, most on 20 Nov 2026: 2.");
        let quieter = [0, 0, 2, 0, 1, 0, 0].map(|many| (1_795_132_800_000, many));
        assert_eq!(per_day(&quieter), "3 in 7 days, most on 20 Nov 2026: 2.");
        assert_eq!(per_day(&[(1_795_132_800_000, 0); 30]), "None in 30 days.");
    }

    #[test]
    fn shares_are_rounded_to_a_tenth() {
        assert_eq!(share(1_196, 1_284), "93.1%");
        assert_eq!(share(0, 0), "0%");
        assert_eq!(share(3, 3), "100.0%");
    }
}
