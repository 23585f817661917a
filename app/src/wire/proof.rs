//! What a trial told about a provider's credentials and redirect URI, before any user.
//!
//! Each mark is one of a closed list of findings, so that nothing that a provider wrote gets onto a
//! page: the words stand in `words::proof`.

use super::Millis;
use serde::{Deserialize, Serialize};

/// How the trial of a provider stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofView {
    /// It was not tried yet, or the trial did not come to its end.
    Untried,
    /// It is being tried.
    Trying,
    /// It was tried.
    Tried(Proof),
}

/// What a trial told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When.
    pub tried_at: Millis,
    /// The host of the token endpoint; empty where it is not known.
    pub host: String,
    /// Client ID and Client Secret.
    pub credentials: CredentialsMark,
    /// The redirect URI.
    pub redirect_uri: RedirectMark,
    /// Whether this server reaches the provider.
    pub reachable: ReachableMark,
}

impl Proof {
    /// Whether one of the marks says that something has to be done.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        [
            self.credentials.verdict(),
            self.redirect_uri.verdict(),
            self.reachable.verdict(),
        ]
        .contains(&Verdict::Wrong)
    }
}

/// The three things that a mark can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is right.
    Right,
    /// It is wrong, and somebody has to do something.
    Wrong,
    /// The trial could not tell.
    Unsure,
}

/// What is known of Client ID and Client Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsMark {
    /// The provider refused our made-up code, and nothing else.
    Accepted,
    /// The provider refused the client.
    Rejected,
    /// Each customer brings credentials of their own.
    NotOurs,
    /// Where to ask depends on what an end user fills in.
    NeedsAddress,
    /// This provider does not tell before there is a real code.
    NotTold,
    /// The answer says neither.
    Unclear,
    /// There was no answer.
    NoAnswer,
}

impl CredentialsMark {
    /// What it comes to.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Accepted => Verdict::Right,
            Self::Rejected => Verdict::Wrong,
            Self::NotOurs | Self::NeedsAddress | Self::NotTold | Self::Unclear | Self::NoAnswer => {
                Verdict::Unsure
            }
        }
    }
}

/// What is known of the redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectMark {
    /// The provider sent the browser back to it.
    SentBack,
    /// The provider lets it pass and refuses one that was made up.
    OthersRefused,
    /// The provider refused it.
    Refused,
    /// Each customer registers it with credentials of their own.
    NotOurs,
    /// Where to ask depends on what an end user fills in.
    NeedsAddress,
    /// This provider does not tell before someone has signed in.
    NotTold,
    /// The page says neither.
    Unclear,
    /// There was no page.
    NoAnswer,
}

impl RedirectMark {
    /// What it comes to.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::SentBack | Self::OthersRefused => Verdict::Right,
            Self::Refused => Verdict::Wrong,
            Self::NotOurs | Self::NeedsAddress | Self::NotTold | Self::Unclear | Self::NoAnswer => {
                Verdict::Unsure
            }
        }
    }
}

/// Whether this server reaches the token endpoint, which it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReachableMark {
    /// It answered.
    Answered,
    /// It answered that it has a bad moment.
    Failing,
    /// No whole answer came in time.
    Late,
    /// No connection came about.
    NoConnection,
    /// Our own outbound policy forbids the address.
    Forbidden,
    /// Each customer brings credentials of their own: nothing was asked.
    NotOurs,
    /// Where to ask depends on what an end user fills in.
    NeedsAddress,
}

impl ReachableMark {
    /// What it comes to.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Answered => Verdict::Right,
            Self::NoConnection | Self::Forbidden => Verdict::Wrong,
            Self::Failing | Self::Late | Self::NotOurs | Self::NeedsAddress => Verdict::Unsure,
        }
    }
}
