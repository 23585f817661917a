//! The tasks of the portal: what a role allows or not (R45).

use serde::{Deserialize, Serialize};

/// A kind of task in the portal. Which role may do it, and whether it asks for a recent sign-in, is
/// the server's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// See which applications there are; one's own account.
    Enter,
    /// Read providers, settings, and which keys there are.
    ReadConfiguration,
    /// Run a provider's flow as oneself, in its playground.
    TryTheFlow,
    /// Change applications, providers and scopes, as far as nothing of the next two is among it.
    Configure,
    /// Replace client secrets and Client IDs, and the hosts that they are sent to.
    ChangeSecrets,
    /// Change where browsers are led to: return URLs, allowed origins, how connections are completed.
    ChangeReturns,
    /// Make and revoke API keys.
    ManageKeys,
    /// Set webhook endpoints up: where events are sent to, and the secrets that sign them.
    ManageWebhooks,
    /// Find and read connections, and the overview of an application.
    ReadConnections,
    /// Revoke connections.
    RevokeConnections,
    /// Make links to reconnect, and reduce the scopes of connections.
    MendConnections,
    /// See what revoking many connections would hit, and how far a run is.
    PreviewBulk,
    /// Revoke many connections at once.
    RevokeInBulk,
    /// Stop all tokens of a provider or an application, and let them go again.
    StopTokens,
    /// See who is a member, and of which role.
    ReadMembers,
    /// Invite members, change their roles, disable them.
    ManageMembers,
    /// The same for owners.
    ManageOwners,
    /// Say what the organization asks of its members, and hides from them.
    SetRules,
    /// Read the audit.
    ReadAudit,
    /// Take the audit away as a file.
    ExportAudit,
    /// Add a second factor to one's own account.
    AddSecondFactor,
}

impl Task {
    /// All of them, in the order of the pages.
    pub const ALL: [Self; 21] = [
        Self::Enter,
        Self::AddSecondFactor,
        Self::ReadConfiguration,
        Self::TryTheFlow,
        Self::Configure,
        Self::ChangeSecrets,
        Self::ChangeReturns,
        Self::ManageKeys,
        Self::ManageWebhooks,
        Self::ReadConnections,
        Self::RevokeConnections,
        Self::MendConnections,
        Self::PreviewBulk,
        Self::RevokeInBulk,
        Self::StopTokens,
        Self::ReadMembers,
        Self::ManageMembers,
        Self::ManageOwners,
        Self::SetRules,
        Self::ReadAudit,
        Self::ExportAudit,
    ];
}
