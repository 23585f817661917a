//! Connections as support staff see them.

use super::{
    ConnectionFilter, ConnectionMark, FilterPart, Millis, Page, ProviderMark, RefusedProvider,
    RevokeReason, SameAccount, TokenResults, UndoneView,
};
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
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::Active,
        Self::Degraded,
        Self::ReconnectRequired,
        Self::Revoked,
    ];

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
        Self::ALL
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
        /// Who has it in care since it was handed over.
        in_care_of: Option<String>,
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
    /// Those in a state.
    #[must_use]
    pub fn of(self, state: ConnectionState) -> u64 {
        match state {
            ConnectionState::Active => self.active,
            ConnectionState::Degraded => self.degraded,
            ConnectionState::ReconnectRequired => self.reconnect_required,
            ConnectionState::Revoked => self.revoked,
        }
    }

    /// Those in a state, to be counted.
    pub fn of_mut(&mut self, state: ConnectionState) -> &mut u64 {
        match state {
            ConnectionState::Active => &mut self.active,
            ConnectionState::Degraded => &mut self.degraded,
            ConnectionState::ReconnectRequired => &mut self.reconnect_required,
            ConnectionState::Revoked => &mut self.revoked,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.active + self.degraded + self.reconnect_required + self.revoked
    }
}

impl FromIterator<ConnectionState> for StateCounts {
    fn from_iter<I: IntoIterator<Item = ConnectionState>>(states: I) -> Self {
        let mut counts = Self::default();
        for state in states {
            *counts.of_mut(state) += 1;
        }
        counts
    }
}

/// A number that counting may have stopped at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// So many at least; all of them unless there may be `more`.
    pub many: u64,
    /// Counting stopped before everything was looked at.
    pub more: bool,
}

impl Counted {
    /// Nobody counts on from here.
    pub const MOST: u64 = 1_000;

    /// What was counted before counting stopped, if it did.
    #[must_use]
    pub fn up_to(many: u64, stopped: bool) -> Self {
        Self {
            many: many.min(Self::MOST),
            more: stopped || many > Self::MOST,
        }
    }

    /// Whether counting stopped before it came far.
    #[must_use]
    pub fn is_vague(self) -> bool {
        self.more && self.many < Self::MOST
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::up_to(self.many + other.many, self.more || other.more)
    }
}

/// Connections of a list by state, as far as they were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCounts {
    /// Active ones.
    pub active: Counted,
    /// Degraded ones.
    pub degraded: Counted,
    /// Ones that need a person.
    pub reconnect_required: Counted,
    /// Revoked ones.
    pub revoked: Counted,
}

impl ListCounts {
    /// Those in a state.
    #[must_use]
    pub fn of(self, state: ConnectionState) -> Counted {
        match state {
            ConnectionState::Active => self.active,
            ConnectionState::Degraded => self.degraded,
            ConnectionState::ReconnectRequired => self.reconnect_required,
            ConnectionState::Revoked => self.revoked,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> Counted {
        self.active
            .and(self.degraded)
            .and(self.reconnect_required)
            .and(self.revoked)
    }
}

impl ListCounts {
    /// Those in a state, to be counted.
    pub fn of_mut(&mut self, state: ConnectionState) -> &mut Counted {
        match state {
            ConnectionState::Active => &mut self.active,
            ConnectionState::Degraded => &mut self.degraded,
            ConnectionState::ReconnectRequired => &mut self.reconnect_required,
            ConnectionState::Revoked => &mut self.revoked,
        }
    }

    /// With what else is known to be there, where counting stopped before.
    #[must_use]
    pub fn or_at_least(self, known: StateCounts) -> Self {
        let at_least = |counted: Counted, known: u64| {
            if counted.more {
                Counted::up_to(counted.many.max(known), true)
            } else {
                counted
            }
        };
        Self {
            active: at_least(self.active, known.active),
            degraded: at_least(self.degraded, known.degraded),
            reconnect_required: at_least(self.reconnect_required, known.reconnect_required),
            revoked: at_least(self.revoked, known.revoked),
        }
    }
}

impl From<StateCounts> for ListCounts {
    fn from(counts: StateCounts) -> Self {
        let counted = |many| Counted::up_to(many, false);
        Self {
            active: counted(counts.active),
            degraded: counted(counts.degraded),
            reconnect_required: counted(counts.reconnect_required),
            revoked: counted(counts.revoked),
        }
    }
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
    /// Scopes that its providers ask for, by name.
    pub scopes: Vec<String>,
    /// Parts of the address that name nothing, and were left out.
    pub ignored: Vec<FilterPart>,
    /// Providers that refuse our credentials.
    pub refused: Vec<RefusedProvider>,
    /// Connections by state, for the tabs (filter without state applied): each up to
    /// [`Counted::MOST`].
    pub counts: ListCounts,
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
    /// Last used at: its token was handed out, or the proxy sent a call with it.
    pub last_handed_out_at: Option<Millis>,
    /// Connected at.
    pub connected_at: Millis,
    /// What sets it apart.
    pub marks: Vec<ConnectionMark>,
    /// The provider refuses our credentials, which is not this connection's fault.
    pub credentials_rejected: bool,
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
    /// A link with which its owner reconnects, ready to be sent; for whoever may mend connections.
    pub reconnect_link: Option<ReconnectLink>,
    /// Goes up each time the token set changes.
    pub generation: i64,
    /// The state holds since.
    pub state_since: Millis,
    /// The provider refused our credentials: nothing is wrong with the connection itself.
    pub provider_state: super::ProviderState,
    /// History, the newest first, a page of it.
    pub history: Vec<HistoryEntry>,
    /// This is not the newest page of it.
    pub history_is_older: bool,
    /// Cursor of the next page of it.
    pub older_history: Option<String>,
    /// A moment on the server, for relative times.
    pub now: Millis,
}

/// A link with which the owner of a connection reconnects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconnectLink {
    /// The address.
    pub url: String,
    /// It works until then, or until it was used.
    pub until: Millis,
}

/// A scope and what it allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeWords {
    /// As the provider names it.
    pub name: String,
    /// What it allows; empty when the definition does not know.
    pub words: String,
}

/// One thing that happened to a connection, or the same thing several times in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When; the last time, where it is several.
    pub at: Millis,
    /// The first time.
    pub since: Millis,
    /// How often.
    pub times: u32,
    /// What.
    pub what: HistoryKind,
    /// What the provider answered the last time: status line, type and beginning of the body, with what is
    /// secret hidden. None where there was no answer, or it was not kept.
    pub answer: Option<String>,
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
    /// It was brought in with tokens that somebody else had got.
    Imported {
        /// By whom: an API key's name, or the command line.
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
    /// A revocation was undone.
    Restored {
        /// By whom: a member's name.
        by: String,
    },
    /// The provider was told.
    RevokedUpstream {
        /// What came of it.
        result: UpstreamResult,
    },
    /// It got into somebody else's care.
    HandedOver {
        /// By whom: a member's name or an API key's name.
        by: String,
        /// Name or id of the person who has it in care now.
        to: String,
    },
    /// The provider was called through the proxy.
    Proxied {
        /// Name of the API key.
        key: String,
        /// How often.
        times: u32,
    },
    /// Tokens were handed out to a key.
    HandedOut {
        /// Name of the API key.
        key: String,
        /// How often.
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
    /// API keys that got a token in the last 30 days.
    pub keys_lately: u64,
    /// Connections to the same account of the provider that are not revoked, at most a few of them.
    pub same_account: Vec<SameAccount>,
    /// How many there are.
    pub same_account_count: u64,
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
    /// What became of each token there.
    pub tokens: TokenResults,
    /// The provider had given a refresh token.
    pub has_refresh_token: bool,
    /// It can be undone until then; `None`: it cannot.
    pub undo_until: Option<Millis>,
    /// It was undone.
    pub undone: Option<UndoneView>,
    /// The run of many that it belongs to.
    pub bulk: Option<String>,
    /// Where the customer ends it when the provider cannot be told.
    pub by_hand: Option<String>,
    /// An access token that was handed out may live at the provider until then.
    pub token_valid_until: Option<Millis>,
    /// The audit event.
    pub audit_seq: i64,
}
