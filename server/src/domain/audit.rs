//! The audit as it is stored, and the chain that seals it.

use super::{OrganizationId, Timestamp};

/// An event as it stands in the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number, over all organizations.
    pub seq: i64,
    /// The tenant.
    pub organization: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// `member`, `api_key`, `end_user`, ...
    pub actor_kind: String,
    /// Id within its kind.
    pub actor_id: String,
    /// Name in words.
    pub actor_name: String,
    /// What: a word of `AuditAction`, or of another release.
    pub action: String,
    /// Of what kind the subject is.
    pub subject_kind: String,
    /// Its id.
    pub subject_id: String,
    /// Field names and open values, as JSON.
    pub detail: String,
    /// The node that wrote it (R75); unknown for what an earlier release wrote.
    pub node: Option<String>,
    /// The address it was asked for from, where that is known.
    pub address: Option<String>,
    /// The application it is about, where it is about one.
    pub application: Option<String>,
}

/// The end of an organization's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The tenant.
    pub organization: OrganizationId,
    /// How many events are sealed.
    pub position: i64,
    /// The hash of all of them.
    pub hash: [u8; 32],
    /// When the last one was sealed.
    pub at: Timestamp,
    /// Says that this server's key saw the three together.
    pub mac: [u8; 32],
}
