//! Quarantine: the installation looks like a restored or copied one, so it refreshes nothing (R103).

use super::Millis;
use serde::{Deserialize, Serialize};

/// Why nothing is refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// The database does not live where it was last.
    Copied,
    /// The database is older than the one that was last alive here.
    OlderThanSeen,
    /// Somebody said so, by `grantport restore begin`.
    ByHand,
}

impl QuarantineReason {
    /// The word in the database and in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::OlderThanSeen => "older_than_seen",
            Self::ByHand => "by_hand",
        }
    }
}

impl std::str::FromStr for QuarantineReason {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        [Self::Copied, Self::OlderThanSeen, Self::ByHand]
            .into_iter()
            .find(|reason| reason.as_str() == s)
            .ok_or(())
    }
}

/// Nothing is refreshed until an operator has confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineView {
    /// Since.
    pub since: Millis,
    /// Why.
    pub reason: QuarantineReason,
}
