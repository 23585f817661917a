//! Members, and what the portal's frame shows about the one who is signed in.

use super::{FactorState, Millis, QuarantineView, StopView};
use serde::{Deserialize, Serialize};

/// What a member may do (R45). No role can read a provider's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, members included.
    Owner,
    /// Providers, secrets and keys.
    Admin,
    /// Reads the configuration.
    Developer,
    /// Finds and revokes connections.
    Support,
    /// Reads the audit.
    Auditor,
}

impl Role {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Admin,
        Self::Developer,
        Self::Support,
        Self::Auditor,
    ];

    /// Changes everything here, members included: owners and admins.
    #[must_use]
    pub fn is_mighty(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// The word that is stored and used in `apply` files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Support => "support",
            Self::Auditor => "auditor",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|role| role.as_str() == s).ok_or(())
    }
}

/// Where a visitor of a signed-out page stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gate {
    /// No organization exists yet: `/setup` with the printed token.
    SetupNeeded,
    /// The organization exists and nobody is signed in.
    SignedOut {
        /// Name of the organization.
        organization: String,
        /// Host of the public URL.
        host: String,
    },
    /// The password was right, the second factor is still to come.
    HalfSignedIn,
    /// Someone is signed in.
    SignedIn,
}

/// What the frame of every portal page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Name of the organization.
    pub organization: String,
    /// Name of the member who is signed in.
    pub member_name: String,
    /// Id of the member, for the hue of the mark.
    pub member_id: String,
    /// Role of the member.
    pub role: Role,
    /// All applications, by name.
    pub applications: Vec<ApplicationLink>,
    /// The application whose page this is, if the slug exists.
    pub current: Option<ApplicationLink>,
    /// Nothing is refreshed, and why.
    pub quarantine: Option<QuarantineView>,
    /// Whose tokens are stopped, of the application whose page this is.
    pub stops: Vec<StopView>,
    /// A moment on the server, for relative times on pages whose view has none.
    pub now: Millis,
}

/// An application as the navigation shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationLink {
    /// Part of the address.
    pub slug: String,
    /// Name.
    pub name: String,
}

/// `/account`: the member who is signed in, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountView {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Whether a second factor is asked for.
    pub second_factor: FactorState,
    /// Live sessions, the newest first.
    pub sessions: Vec<SessionSummary>,
}

/// One live session of the member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// Names the session in "End"; says nothing about its cookie.
    pub handle: String,
    /// "Firefox on Linux", from the user agent.
    pub browser: String,
    /// Signed in at.
    pub started_at: Millis,
    /// Last request.
    pub last_seen_at: Millis,
    /// Ends at, whatever happens.
    pub ends_at: Millis,
    /// The session of this request.
    pub current: bool,
}
