//! Ending connections: what became of each token, undoing, many at once, emergency stops.

use super::{
    ConnectionFilter, ConnectionSummary, Millis, OwnerView, ProviderMark, RevokeReason, StateCounts,
};
use serde::{Deserialize, Serialize};

/// What became of one token at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenResult {
    /// The provider confirmed that it no longer takes it.
    Revoked,
    /// It ended with the whole grant, when another token was revoked.
    EndedWithGrant,
    /// The provider revokes tokens of the other kind only.
    NotOffered,
    /// The provider was asked and did not do it.
    Failed,
    /// Nobody asked: the account was connected again, and telling the provider would end that, too.
    Spared,
}

impl TokenResult {
    /// The word in receipts as JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::EndedWithGrant => "ended_with_grant",
            Self::NotOffered => "not_offered",
            Self::Failed => "failed",
            Self::Spared => "spared",
        }
    }
}

/// The same for both tokens of a connection; `None` until the provider was told about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResults {
    /// The refresh token.
    #[serde(default)]
    pub refresh_token: Option<TokenResult>,
    /// The access token.
    #[serde(default)]
    pub access_token: Option<TokenResult>,
}

/// Somebody took a revocation back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneView {
    /// By whom.
    pub by: String,
    /// When.
    pub at: Millis,
    /// The audit event of that.
    pub audit_seq: i64,
}

/// Another connection to the same account of the same provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameAccount {
    /// Its id.
    pub id: String,
    /// Its owner.
    pub owner: OwnerView,
}

/// Which connections are to be revoked together: all that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkCriteria {
    /// As the list is narrowed.
    pub filter: ConnectionFilter,
    /// The end user who owns it personally, or who approved it for a team; or empty.
    pub end_user: String,
    /// Id of an API key that was given its tokens, or empty.
    pub key: String,
}

/// `/apps/{slug}/connections/revoke`: what would be revoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkFormView {
    /// Name of the application.
    pub application: String,
    /// What was asked for.
    pub criteria: BulkCriteria,
    /// Connections that fit, by state; those that are revoked already are not among them.
    pub counts: StateCounts,
    /// The same by provider.
    pub providers: Vec<BulkProvider>,
    /// The first of them.
    pub rows: Vec<ConnectionSummary>,
    /// Slug and name of each provider of the application.
    pub provider_choices: Vec<(String, String)>,
    /// Id and name of each API key of the application.
    pub key_choices: Vec<(String, String)>,
    /// Runs of the last days, the newest first.
    pub runs: Vec<BulkRunLink>,
    /// A moment on the server.
    pub now: Millis,
}

/// One provider among those whose connections would be revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkProvider {
    /// How it is drawn.
    pub mark: ProviderMark,
    /// How many.
    pub connections: u64,
    /// It can be told from here.
    pub upstream_offered: bool,
}

/// A run that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRunLink {
    /// Id, part of its address.
    pub id: String,
    /// When.
    pub begun_at: Millis,
    /// By whom.
    pub by: String,
    /// Connections that it is about.
    pub total: u64,
    /// Nothing is left to do.
    pub finished: bool,
}

/// `/apps/{slug}/bulk-revocations/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkRunView {
    /// Id.
    pub id: String,
    /// Name of the application.
    pub application: String,
    /// What was asked for; the API key by its name.
    pub criteria: BulkCriteria,
    /// Why.
    pub reason: RevokeReason,
    /// Note for the audit.
    pub note: String,
    /// By whom.
    pub by: String,
    /// When.
    pub begun_at: Millis,
    /// The audit event.
    pub audit_seq: i64,
    /// Connections that it is about.
    pub total: u64,
    /// How far it is.
    pub counts: BulkCounts,
    /// What the providers said.
    pub upstream: UpstreamCounts,
    /// Nothing is left to do here.
    pub finished_at: Option<Millis>,
    /// Some can be undone until then, if that moment has not passed.
    pub undo_until: Option<Millis>,
    /// It was taken back.
    pub undone: Option<UndoneView>,
    /// A moment on the server.
    pub now: Millis,
}

/// Connections of a run by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkCounts {
    /// Not yet revoked.
    pub waiting: u64,
    /// Revoked by this run.
    pub revoked: u64,
    /// Somebody else had revoked it meanwhile.
    pub was_revoked: u64,
    /// The run was taken back before they were touched.
    pub spared: u64,
    /// Still to be restored.
    pub undoing: u64,
    /// Restored.
    pub undone: u64,
    /// The run was taken back, and these could not be: destroyed, told, or connected again.
    pub kept: u64,
}

impl BulkCounts {
    /// Those with which nothing is left to be done.
    #[must_use]
    pub fn done(self) -> u64 {
        self.revoked + self.was_revoked + self.spared + self.undone + self.kept
    }
}

/// Revocations of a run by what the provider said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamCounts {
    /// It will be told.
    pub waiting: u64,
    /// It confirmed.
    pub revoked: u64,
    /// It has no way to revoke from outside.
    pub not_offered: u64,
    /// It failed, and is tried again.
    pub retried: u64,
    /// It failed for good.
    pub failed: u64,
    /// There was nothing to revoke.
    pub nothing: u64,
}

/// No token leaves, of a whole application or of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopView {
    /// Slug and name of the provider; `None`: the whole application.
    pub provider: Option<(String, String)>,
    /// Since when.
    pub since: Millis,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}
