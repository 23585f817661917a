//! Connections as support staff see them.

use super::{ConnectionMark, Millis, Page, ProviderMark, RevokeReason};
use serde::{Deserialize, Serialize};

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// A fresh token can be had.
    Active,
    /// Served from what is valid; the refresh is tried again.
    Degraded,
    /// A person has to approve again.
    ReconnectRequired,
    /// Ended on purpose.
    Revoked,
}

impl ConnectionState {
    /// The word in the API, in addresses and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::ReconnectRequired => "reconnect_required",
            Self::Revoked => "revoked",
        }
    }
}

impl std::str::FromStr for ConnectionState {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        [
            Self::Active,
            Self::Degraded,
            Self::ReconnectRequired,
            Self::Revoked,
        ]
        .into_iter()
        .find(|state| state.as_str() == s)
        .ok_or(())
    }
}

/// Why a connection needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenReason {
    /// The provider says that the grant is gone.
    GrantRevokedOrExpired,
    /// A refresh was interrupted and the provider no longer accepts the token it was made with.
    RefreshOutcomeUnknown,
    /// The access token ended and the provider never gave a refresh token.
    NoRefreshToken,
    /// What is stored cannot be opened.
    Unreadable,
    /// The token came with a restored or copied database, and the provider no longer accepts it.
    StaleAfterRestore,
}

impl BrokenReason {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::GrantRevokedOrExpired,
        Self::RefreshOutcomeUnknown,
        Self::NoRefreshToken,
        Self::Unreadable,
        Self::StaleAfterRestore,
    ];

    /// The word in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GrantRevokedOrExpired => "grant_revoked_or_expired",
            Self::RefreshOutcomeUnknown => "refresh_outcome_unknown",
            Self::NoRefreshToken => "no_refresh_token",
            Self::Unreadable => "unreadable",
            Self::StaleAfterRestore => "stale_after_restore",
        }
    }
}

impl std::str::FromStr for BrokenReason {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == s)
            .ok_or(())
    }
}

/// Who owns a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnerView {
    /// One end user.
    Personal {
        /// The application's id for the person.
        id: String,
        /// Name, if the application gave one.
        name: Option<String>,
        /// E-mail, if the application gave one.
        email: Option<String>,
    },
    /// A whole team.
    Team {
        /// The application's id for the team.
        id: String,
        /// Who connected it.
        connected_by: Option<String>,
    },
}

/// Connections by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCounts {
    /// Active ones.
    pub active: u64,
    /// Degraded ones.
    pub degraded: u64,
    /// Ones that need a person.
    pub reconnect_required: u64,
    /// Revoked ones.
    pub revoked: u64,
}

impl StateCounts {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.active + self.degraded + self.reconnect_required + self.revoked
    }
}

/// What the connection list is narrowed to; each part stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFilter {
    /// End user, e-mail, team, account, connection id or support code.
    pub q: String,
    /// A state, or empty.
    pub state: String,
    /// A provider's slug, or empty.
    pub provider: String,
    /// `personal`, `team`, or empty.
    pub owner: String,
    /// A mark of a connection ([`ConnectionMark`]), or empty.
    pub mark: String,
    /// Cursor, or empty.
    pub cursor: String,
}

/// An attempt to connect, found by its support code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// The code that the end user read out.
    pub code: String,
    /// Name of the end user, or the application's id for them.
    pub end_user: String,
    /// Their e-mail, if the application gave one.
    pub email: Option<String>,
    /// The provider; `None` where it did not come to choosing one.
    pub provider: Option<String>,
    /// Begun at.
    pub at: Millis,
    /// How far it came.
    pub outcome: AttemptOutcome,
    /// What the provider said, as text, at most 200 characters.
    pub provider_words: Option<String>,
}

/// How far an attempt to connect came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The browser has not come back from the provider.
    UnderWay,
    /// Approved; the application's backend has to complete it.
    AwaitingCompletion,
    /// Another account came back; the end user has to choose.
    Choosing,
    /// This connection came of it.
    Connected(String),
    /// It failed.
    Problem(super::ConnectProblem),
}

/// `/apps/{slug}/connections`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionsView {
    /// Name of the application.
    pub application: String,
    /// The filter that was applied.
    pub filter: ConnectionFilter,
    /// Slug and name of each provider, by name.
    pub providers: Vec<(String, String)>,
    /// Connections by state, for the tabs (filter without state applied).
    pub counts: StateCounts,
    /// One page, the newest first.
    pub page: Page<ConnectionSummary>,
    /// A moment on the server, for relative times.
    pub now: Millis,
    /// The attempt that the search names, if it names one by its support code.
    pub attempt: Option<AttemptView>,
}

/// A row of the connection list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionSummary {
    /// Id.
    pub id: String,
    /// The external account in words; `None` when the provider did not tell.
    pub account: Option<String>,
    /// The provider.
    pub provider: ProviderMark,
    /// The state.
    pub state: ConnectionState,
    /// Why it needs a person.
    pub reason: Option<BrokenReason>,
    /// Why it was revoked.
    pub revoke_reason: Option<RevokeReason>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
    /// The owner.
    pub owner: OwnerView,
    /// The access token is valid until; `None` when it does not expire.
    pub expires_at: Option<Millis>,
    /// The next refresh is tried at, while degraded.
    pub next_try_at: Option<Millis>,
    /// Last handed out at.
    pub last_handed_out_at: Option<Millis>,
    /// Connected at.
    pub connected_at: Millis,
    /// What sets it apart.
    pub marks: Vec<ConnectionMark>,
}

/// `/apps/{slug}/connections/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// Name of the application.
    pub application: String,
    /// What the list shows.
    pub summary: ConnectionSummary,
    /// "Salesforce": the provider's name inside sentences.
    pub provider_short_name: String,
    /// Slug of the provider.
    pub provider_slug: String,
    /// The external account's id at the provider.
    pub account_id: Option<String>,
    /// Facts such as `instance_url` with `https://acme.my.salesforce.com`.
    pub metadata: Vec<(String, String)>,
    /// What was granted, in plain words where the definition has them.
    pub scopes: Vec<ScopeWords>,
    /// Asked for and not granted.
    pub missing_scopes: Vec<ScopeWords>,
    /// What the provider now asks for and it was not granted.
    pub lacks: Vec<ScopeWords>,
    /// Its scopes can be reduced without asking the user.
    pub reducible: bool,
    /// A link to reconnect that was made a moment ago, shown once.
    pub reconnect_link: Option<String>,
    /// Goes up each time the token set changes.
    pub generation: i64,
    /// The state holds since.
    pub state_since: Millis,
    /// The provider refused our credentials: nothing is wrong with the connection itself.
    pub provider_state: super::ProviderState,
    /// History, the newest first.
    pub history: Vec<HistoryEntry>,
    /// A moment on the server, for relative times.
    pub now: Millis,
}

/// A scope and what it allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeWords {
    /// As the provider names it.
    pub name: String,
    /// What it allows; empty when the definition does not know.
    pub words: String,
}

/// One thing that happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: Millis,
    /// What.
    pub what: HistoryKind,
}

/// What happened to a connection. Pages turn it into words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HistoryKind {
    /// The end user approved.
    Connected {
        /// Name or id of the person who approved.
        by: String,
    },
    /// The end user approved again.
    Reconnected {
        /// Name or id of the person who approved.
        by: String,
    },
    /// A new access token was obtained.
    Refreshed,
    /// The provider could not be asked, or did not answer properly.
    RefreshFailed {
        /// What kind of failure, as the engine classified it.
        class: String,
        /// HTTP status, if there was an answer.
        status: Option<u16>,
        /// OAuth error code, if there was one from the known list.
        code: Option<String>,
    },
    /// Scopes were given up on purpose.
    ScopesReduced {
        /// By whom: a member's name or an API key's name.
        by: String,
        /// Which.
        scopes: Vec<String>,
    },
    /// The provider answered again after failures.
    Recovered,
    /// A person has to approve again.
    Broken {
        /// Why.
        reason: BrokenReason,
        /// HTTP status of the refusal.
        status: Option<u16>,
        /// OAuth error code of the refusal.
        code: Option<String>,
    },
    /// Ended on purpose.
    Revoked {
        /// By whom: a member's name, an API key's name, or the end user.
        by: String,
        /// Why.
        reason: RevokeReason,
    },
    /// The provider was told.
    RevokedUpstream {
        /// What came of it.
        result: UpstreamResult,
    },
    /// Tokens were handed out to a key since the entry before.
    HandedOut {
        /// Name of the API key.
        key: String,
        /// How often in that minute.
        times: u32,
    },
}

/// What the provider said when it was told about a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UpstreamResult {
    /// It will be told soon, or is being told.
    Waiting,
    /// It confirmed.
    Revoked,
    /// It has no way to revoke from outside.
    NotOffered,
    /// It could not be reached or refused; tried again at.
    Failed {
        /// Next try, if there is one.
        next_try_at: Option<Millis>,
    },
    /// There was no token left to revoke.
    NothingToRevoke,
}

/// `/apps/{slug}/connections/{id}/revoke`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevokeView {
    /// Name of the application.
    pub application: String,
    /// The connection.
    pub summary: ConnectionSummary,
    /// "Salesforce": the provider's name inside sentences.
    pub provider_short_name: String,
    /// The provider can be told from here.
    pub upstream_offered: bool,
    /// Telling it ends the whole grant, not only this token.
    pub ends_whole_grant: bool,
    /// Where the customer ends it when the provider cannot be told.
    pub by_hand: Option<String>,
    /// Name of the key that last got a token.
    pub last_key: Option<String>,
}

/// `/apps/{slug}/connections/{id}/receipt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// Id of the receipt.
    pub id: String,
    /// Name of the application.
    pub application: String,
    /// Name of the organization.
    pub organization: String,
    /// The connection.
    pub summary: ConnectionSummary,
    /// "Salesforce": the provider's name inside sentences.
    pub provider_short_name: String,
    /// Why.
    pub reason: RevokeReason,
    /// Note for the audit.
    pub note: String,
    /// By whom.
    pub by: String,
    /// Since when no token leaves.
    pub revoked_at: Millis,
    /// What the provider said.
    pub upstream: UpstreamResult,
    /// When it said so, or will be asked.
    pub upstream_at: Option<Millis>,
    /// Where the customer ends it when the provider cannot be told.
    pub by_hand: Option<String>,
    /// An access token that was handed out may live at the provider until then.
    pub token_valid_until: Option<Millis>,
    /// The audit event.
    pub audit_seq: i64,
}
