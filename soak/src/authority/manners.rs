//! How the server treats a spent token, when it rotates, and how slow it is.

use std::time::Duration;

/// What a refresh token is worth after it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Strict,
    /// The successor again, for so long.
    Grace(Duration),
    /// The successor again, until the successor is used.
    UntilUsed,
    /// It is taken for theft: the whole grant ends.
    RevokesFamily,
}

impl Mode {
    /// Whether a rotation whose answer was lost can be had again.
    pub(crate) fn forgives(self) -> bool {
        matches!(self, Self::Grace(_) | Self::UntilUsed)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Grace(_) => "grace",
            Self::UntilUsed => "until used",
            Self::RevokesFamily => "revokes family",
        }
    }
}

/// When within its handling of a request the server rotates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Start,
    Middle,
    End,
}

impl Turn {
    /// How much of the latency lies before the rotation, in halves.
    pub(crate) fn halves_before(self) -> u32 {
        match self {
            Self::Start => 0,
            Self::Middle => 1,
            Self::End => 2,
        }
    }
}

/// All of it. What a grant is like is settled when it is approved: its mode, its lifetimes, and
/// whether its access tokens are killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) mode: Mode,
    pub(crate) turn: Turn,
    /// How long a refresh takes. An exchange of a code takes no time.
    pub(crate) latency: Duration,
    /// A refresh ends the old access token at once.
    pub(crate) kills_access_token: bool,
    /// `expires_in` of the first access token of a grant.
    pub(crate) first_lifetime_s: u64,
    /// `expires_in` of all others.
    pub(crate) lifetime_s: u64,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            mode: Mode::Strict,
            turn: Turn::Middle,
            latency: Duration::from_millis(50),
            kills_access_token: false,
            first_lifetime_s: 1,
            lifetime_s: 3600,
        }
    }
}
