//! Revocations and their receipts.

use super::{ApplicationId, BulkId, ConnectionId, Member, OrganizationId, ReceiptId, Timestamp};
use app::wire::{RevokeReason, TokenResults};
use std::time::Duration;

/// How long a revocation can be undone, and its tokens are kept, where its reason leaves time.
pub const UNDO_TIME: Duration = Duration::from_mins(15);

pub use app::wire::AuditAction;

/// One revocation of one connection, as its receipt shows it.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Id of the receipt.
    pub id: ReceiptId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// Why.
    pub reason: RevokeReason,
    /// Note for the audit.
    pub note: String,
    /// A member's name, an API key's name, or the end user.
    pub revoked_by: String,
    /// Since then no token leaves.
    pub revoked_at: Timestamp,
    /// An access token that was handed out may live at the provider until then.
    pub token_valid_until: Option<Timestamp>,
    /// How it went at the provider.
    pub upstream: Upstream,
    /// When the provider answered.
    pub upstream_at: Option<Timestamp>,
    /// Requests so far.
    pub attempts: i64,
    /// The next request.
    pub next_try_at: Option<Timestamp>,
    /// What became of each token there.
    pub results: TokenResults,
    /// It can be undone until then, as long as nobody told the provider; `None`: never.
    pub undo_until: Option<Timestamp>,
    /// The run of many that it belongs to.
    pub bulk: Option<BulkId>,
    /// It was undone, and the connection lives.
    pub undone: Option<Undone>,
    /// The audit event.
    pub audit_seq: i64,
}

impl Revocation {
    /// Whether it can still be undone, as far as time and the provider go.
    #[must_use]
    pub fn is_undoable(&self, now: Timestamp) -> bool {
        self.undone.is_none()
            && self.upstream == Upstream::Waiting
            && self.attempts == 0
            && self.undo_until.is_some_and(|until| until > now)
    }
}

/// Who took a revocation back.
#[derive(Clone, Debug)]
pub struct Undone {
    /// A member's name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The audit event.
    pub audit_seq: i64,
}

/// Whether an end leaves time to think again. Where a token may be in wrong hands, it does not.
#[must_use]
pub fn can_wait(reason: RevokeReason) -> bool {
    match reason {
        RevokeReason::Leaving | RevokeReason::Asked => true,
        RevokeReason::Incident => false,
    }
}

/// Many revocations at once.
#[derive(Clone, Debug)]
pub struct BulkRevocation {
    /// Id.
    pub id: BulkId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application.
    pub application: ApplicationId,
    /// Which connections were asked for, as JSON for a page.
    pub criteria: String,
    /// Why.
    pub reason: RevokeReason,
    /// Note for the audit.
    pub note: String,
    /// A member's name.
    pub revoked_by: String,
    /// When it began; which connections it is about is fixed since then.
    pub begun_at: Timestamp,
    /// How many they are.
    pub total: u64,
    /// The audit event.
    pub audit_seq: i64,
    /// Nothing is left to do since then.
    pub finished_at: Option<Timestamp>,
    /// It was taken back.
    pub undone: Option<Undone>,
}

/// No token leaves, by somebody's word; nothing is destroyed.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Since when.
    pub at: Timestamp,
    /// A member's name.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// How a revocation went at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// It is still to be told, or to be told again.
    Waiting,
    /// It confirmed.
    Revoked,
    /// It has no way to revoke from outside.
    NotOffered,
    /// It refused for good, or could not be reached too often.
    Failed,
    /// There was no token left to revoke.
    NothingToRevoke,
}

impl Upstream {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Revoked,
        Self::NotOffered,
        Self::Failed,
        Self::NothingToRevoke,
    ];

    /// As stored and as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Revoked => "revoked",
            Self::NotOffered => "not_offered",
            Self::Failed => "failed",
            Self::NothingToRevoke => "nothing_to_revoke",
        }
    }
}

impl std::str::FromStr for Upstream {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|upstream| upstream.as_str() == text)
            .ok_or(())
    }
}

/// Who does something that the audit keeps.
#[derive(Clone, Debug)]
pub struct Actor {
    /// `member`, `api_key`, `end_user`, `visitor`, `apply`, `command_line`, `server`.
    pub kind: &'static str,
    /// Id within its kind.
    pub id: String,
    /// Name in words.
    pub name: String,
}

impl Actor {
    /// A person who is signed in to the portal.
    #[must_use]
    pub fn member(member: &Member) -> Self {
        Self {
            kind: "member",
            id: member.id.as_str().to_owned(),
            name: member.name.clone(),
        }
    }

    /// The server itself: a job, a first start.
    #[must_use]
    pub fn server() -> Self {
        Self {
            kind: "server",
            id: String::new(),
            name: "Grantport".to_owned(),
        }
    }

    /// Whoever runs a command on the server's machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self {
            kind: "command_line",
            id: String::new(),
            name: "The command line".to_owned(),
        }
    }

    /// A file that is applied from the command line.
    #[must_use]
    pub fn apply() -> Self {
        Self {
            kind: "apply",
            id: String::new(),
            name: "apply".to_owned(),
        }
    }
}

/// An event of the audit, before it has a number.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// Of what kind the subject is, e.g. `provider`.
    pub subject_kind: &'static str,
    /// Id of the subject.
    pub subject_id: String,
    /// Field names and open values; never a secret.
    pub detail: serde_json::Value,
}
