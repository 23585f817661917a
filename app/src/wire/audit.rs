//! The audit: what can stand in it, how its rows are shown, and how its chain was found.

use super::{ApplicationLink, Millis, Page};
use serde::{Deserialize, Serialize};

/// Actions one a line: name, the word that is stored, and what the page files it under.
macro_rules! audit_actions {
    ($($action:ident = $word:literal in $kind:ident,)*) => {
        /// All that is ever written to the audit (R71). Each has words in `words::audit`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the words of each stand in `words::audit`")]
        pub enum AuditAction { $($action,)* }

        impl AuditAction {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$action,)*];

            /// As stored and exported.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$action => $word,)* }
            }

            /// What it is filed under.
            #[must_use]
            pub fn kind(self) -> AuditKind {
                match self { $(Self::$action => AuditKind::$kind,)* }
            }
        }
    };
}

audit_actions! {
    SignedIn = "member.signed_in" in SigningIn,
    SignedOut = "member.signed_out" in SigningIn,
    SignInFailed = "member.sign_in_failed" in SigningIn,
    PasswordChanged = "member.password_changed" in SigningIn,
    PasswordSet = "member.password_set" in SigningIn,
    MemberCreated = "member.created" in Members,
    MemberConfirmed = "member.confirmed" in SigningIn,
    ConfirmationFailed = "member.confirmation_failed" in SigningIn,
    SessionsEnded = "member.sessions_ended" in SigningIn,
    FactorAdded = "member.second_factor_added" in SigningIn,
    RecoveryCodeUsed = "member.recovery_code_used" in SigningIn,
    RecoveryCodesReplaced = "member.recovery_codes_replaced" in SigningIn,
    FactorRemoved = "member.second_factor_removed" in SigningIn,
    FactorReset = "member.second_factor_reset" in Members,
    RoleChanged = "member.role_changed" in Members,
    MemberDisabled = "member.disabled" in Members,
    MemberEnabled = "member.enabled" in Members,
    MemberRenamed = "member.renamed" in Members,
    MemberInvited = "member.invited" in Members,
    MemberInvitationRevoked = "member.invitation_revoked" in Members,
    MemberJoined = "member.joined" in Members,
    OrganizationSetUp = "organization.set_up" in Settings,
    OrganizationCreated = "organization.created" in Settings,
    OrganizationRenamed = "organization.renamed" in Settings,
    RulesChanged = "organization.rules_changed" in Settings,
    ApplicationCreated = "application.created" in Settings,
    ApplicationChanged = "application.changed" in Settings,
    KeyCreated = "api_key.created" in Settings,
    KeyChanged = "api_key.changed" in Settings,
    KeyRotated = "api_key.rotated" in Settings,
    KeyDeprecated = "api_key.deprecated" in Settings,
    KeyDeprecationUndone = "api_key.deprecation_undone" in Settings,
    KeyRevoked = "api_key.revoked" in Settings,
    KeyUsedAfterRevoke = "api_key.used_after_revoke" in Settings,
    Quarantined = "instance.quarantined" in Settings,
    QuarantineLifted = "instance.quarantine_lifted" in Settings,
    KeysRotated = "instance.keys_rotated" in Settings,
    WebhookCreated = "webhook.created" in Settings,
    WebhookChanged = "webhook.changed" in Settings,
    WebhookEnabled = "webhook.enabled" in Settings,
    WebhookDisabled = "webhook.disabled" in Settings,
    WebhookDeleted = "webhook.deleted" in Settings,
    WebhookSecretRotated = "webhook.secret_rotated" in Settings,
    WebhookSecretEnded = "webhook.secret_ended" in Settings,
    ProviderCreated = "provider.created" in Providers,
    ProviderChanged = "provider.changed" in Providers,
    ProviderPlaceChanged = "provider.place_changed" in Providers,
    SecretAdded = "provider.secret_added" in Providers,
    SecretPreferred = "provider.secret_preferred" in Providers,
    SecretRemoved = "provider.secret_removed" in Providers,
    SecretAccepted = "provider.secret_accepted" in Providers,
    SecretRefused = "provider.secret_refused" in Providers,
    CredentialsRejected = "provider.credentials_rejected" in Providers,
    CredentialsAccepted = "provider.credentials_accepted" in Providers,
    Invited = "connect_session.created" in Connections,
    InvitationStopped = "connect_session.stopped" in Connections,
    ConnectStarted = "connect.started" in Connections,
    ConnectFailed = "connect.failed" in Connections,
    Connected = "connection.created" in Connections,
    Reconnected = "connection.reauthorized" in Connections,
    Imported = "connection.imported" in Connections,
    ConnectionsTaken = "connections.exported" in Connections,
    ConnectionDescribed = "connection.described" in Connections,
    ConnectionViewed = "connection.viewed" in Connections,
    HandedOver = "connection.handed_over" in Connections,
    ScopesReduced = "connection.scopes_reduced" in Connections,
    ReconnectRequired = "connection.reconnect_required" in Connections,
    Revoked = "connection.revoked" in Connections,
    Restored = "connection.restored" in Connections,
    RevokedInBulk = "connections.revoked_in_bulk" in Connections,
    RestoredInBulk = "connections.restored_in_bulk" in Connections,
    ApplicationStopped = "application.tokens_stopped" in Tokens,
    ApplicationLetGo = "application.tokens_let_go" in Tokens,
    ProviderStopped = "provider.tokens_stopped" in Tokens,
    ProviderLetGo = "provider.tokens_let_go" in Tokens,
    HandedOut = "tokens.handed_out" in Tokens,
    Proxied = "proxy.called" in Tokens,
    Refreshed = "tokens.refreshed" in Tokens,
    RefreshFailed = "tokens.refresh_failed" in Tokens,
    AuditChecked = "audit.checked" in Audit,
    AuditExported = "audit.exported" in Audit,
}

impl std::str::FromStr for AuditAction {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == text)
            .ok_or(())
    }
}

/// What the audit is narrowed to by "What".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// Sign-ins, sessions, passwords.
    SigningIn,
    /// Who is a member, and of which role.
    Members,
    /// The organization, its applications and keys, the installation.
    Settings,
    /// Providers and their secrets.
    Providers,
    /// Connecting, and what becomes of connections.
    Connections,
    /// Tokens that were handed out, used by the proxy and renewed, counted by the minute.
    Tokens,
    /// Checks and exports of the audit itself.
    Audit,
}

impl AuditKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SigningIn,
        Self::Members,
        Self::Settings,
        Self::Providers,
        Self::Connections,
        Self::Tokens,
        Self::Audit,
    ];

    /// In addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SigningIn => "signing_in",
            Self::Members => "members",
            Self::Settings => "settings",
            Self::Providers => "providers",
            Self::Connections => "connections",
            Self::Tokens => "tokens",
            Self::Audit => "audit",
        }
    }
}

impl std::str::FromStr for AuditKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}

/// What the audit is narrowed to; each part stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditFilter {
    /// A part of a name, an id, an address or a detail.
    pub q: String,
    /// An [`AuditKind`], or empty.
    pub what: String,
    /// An application's slug, or empty.
    pub application: String,
    /// A member's id, or empty.
    pub member: String,
    /// First day, as `2026-11-20`, or empty.
    pub from: String,
    /// Last day, as `2026-11-20`, or empty.
    pub to: String,
    /// Cursor, or empty.
    pub cursor: String,
}

/// `/audit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditView {
    /// The filter that was applied.
    pub filter: AuditFilter,
    /// Id and name of each member, by name.
    pub members: Vec<(String, String)>,
    /// One page, the newest first.
    pub page: Page<AuditRow>,
    /// The chain.
    pub chain: ChainView,
    /// A moment on the server, for relative times.
    pub now: Millis,
}

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// What, as stored.
    pub action: String,
    /// Of what kind the actor is: `member`, `api_key`, `end_user`, `server`, ...
    pub actor_kind: String,
    /// Who, in words.
    pub actor: String,
    /// About what.
    pub subject: AuditSubject,
    /// In which application.
    pub application: Option<ApplicationLink>,
    /// From which address.
    pub address: Option<String>,
    /// On which node.
    pub node: Option<String>,
    /// Field names and open values.
    pub detail: Vec<(String, String)>,
}

impl AuditRow {
    /// A value of the detail.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.detail
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What a row is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditSubject {
    /// `provider`, `connection`, `member`, ...
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name, where it still has one.
    pub name: Option<String>,
    /// The provider's name, where the subject is a provider or belongs to one.
    pub provider: Option<String>,
    /// The provider's slug.
    pub provider_slug: Option<String>,
}

/// How the chain stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainView {
    /// Rows that are sealed.
    pub rows: u64,
    /// The hash of all of them, in hexadecimal digits.
    pub head: Option<String>,
    /// When a head was last written outside of the database.
    pub exported_at: Option<Millis>,
    /// The last check.
    pub check: Option<ChainCheck>,
}

/// A check of the chain, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainCheck {
    /// When it ended, or last said how far it is.
    pub at: Millis,
    /// What came of it.
    pub outcome: CheckOutcome,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It is under way.
    UnderWay {
        /// Rows that were looked at.
        done: u64,
        /// Rows there are.
        of: u64,
    },
    /// Every row is as it was sealed.
    Whole {
        /// How many.
        rows: u64,
    },
    /// This row is the first that is not.
    Broken(FirstBad),
}

/// The first row that is not as it was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstBad {
    /// Its place in the chain, from 1; none for a row that was never sealed.
    pub position: Option<i64>,
    /// Its number in the audit, where that is still known.
    pub seq: Option<i64>,
    /// When it happened, or, where it is gone, the row before it.
    pub at: Option<Millis>,
    /// What is wrong.
    pub flaw: ChainFlaw,
}

/// What can be wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flaw", rename_all = "snake_case")]
pub enum ChainFlaw {
    /// It does not say what was sealed.
    Edited,
    /// It is gone.
    Deleted,
    /// What stands in it stood in another one.
    Exchanged {
        /// The number of the other.
        with: i64,
    },
    /// It stands among sealed rows and was never sealed.
    Inserted,
    /// It and all that followed are gone.
    CutOff {
        /// The last row that was sealed.
        through: i64,
    },
    /// It was sealed anew, by somebody who could change the chain as well.
    Rewritten {
        /// The first exported head that says otherwise.
        by: i64,
    },
    /// The head of the chain, or a line of the file of heads, was not written by this server's key.
    HeadForged,
}
