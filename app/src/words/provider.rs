//! Providers in words: how their tokens live, what is set, how sure we are of a definition.

use super::number::counted;
use crate::components::lamp::Lamp;
use crate::wire::{SecretHint, SecretUse, TokenLife, Trust};

/// "Refreshed about every 2 h".
#[must_use]
pub fn tokens(life: TokenLife) -> String {
    match life {
        TokenLife::Refreshed { every_s } => format!("Refreshed about every {}", span(every_s)),
        TokenLife::NeverExpire => "Never expire".to_owned(),
        TokenLife::AsAnswered => "Refreshed as the provider says".to_owned(),
    }
}

/// Seconds in the largest unit that fits: "30 days", "2 h", "10 min".
#[must_use]
pub fn span(seconds: u32) -> String {
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => format!("{} h", seconds / 3_600),
        86_400..=172_799 => "day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// "Set, ends in ..4Tw5", or "Set" for a secret too short to show any of it.
#[must_use]
pub fn secret_set(secret: &SecretHint) -> (&'static str, Option<String>) {
    if secret.ends_in.is_empty() {
        ("Set", None)
    } else {
        ("Set, ends in ", Some(format!("..{}", secret.ends_in)))
    }
}

/// What a secret is used for: a lamp, a word, what else to say, and since when.
#[must_use]
pub fn secret_use(used: &SecretUse) -> (Lamp, &'static str, String, Option<i64>) {
    match used {
        SecretUse::InUse { since } => (Lamp::Active, "In use", "Since ".to_owned(), Some(*since)),
        SecretUse::OnTrial => (
            Lamp::Waiting,
            "On trial",
            "The next refresh tries it. Until then the one in use goes on.".to_owned(),
            None,
        ),
        SecretUse::Kept => (
            Lamp::Waiting,
            "Kept",
            "Tried where the one in use is refused.".to_owned(),
            None,
        ),
        SecretUse::Refused { at } => (
            Lamp::Revoked,
            "Refused",
            "The provider refused it, the old one goes on. ".to_owned(),
            Some(*at),
        ),
        SecretUse::EarlierClientId { connections: 0, .. } => (
            Lamp::Revoked,
            "Earlier Client ID",
            "Nothing refreshes with that Client ID any more.".to_owned(),
            None,
        ),
        SecretUse::EarlierClientId { connections, .. } => (
            Lamp::Degraded,
            "Kept",
            format!(
                "For {} of the earlier Client ID.",
                counted(*connections, "connection", "connections")
            ),
            None,
        ),
    }
}

/// The word for how sure we are.
#[must_use]
pub fn trust(trust: Trust) -> &'static str {
    match trust {
        Trust::Documented => "Documented",
        Trust::ContractTested => "Contract-tested",
        Trust::SeenLive => "Seen live",
    }
}

/// How many of the three bars are lit.
#[must_use]
pub fn trust_bars(trust: Trust) -> u8 {
    match trust {
        Trust::Documented => 1,
        Trust::ContractTested => 2,
        Trust::SeenLive => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_of_tokens_is_told_in_round_units() {
        let refreshed = |every_s| tokens(TokenLife::Refreshed { every_s });
        assert_eq!(refreshed(2_592_000), "Refreshed about every 30 days");
        assert_eq!(refreshed(86_400), "Refreshed about every day");
        assert_eq!(refreshed(7_200), "Refreshed about every 2 h");
        assert_eq!(refreshed(600), "Refreshed about every 10 min");
    }
}
