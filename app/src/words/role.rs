//! Roles in words, and what each may do on the pages.
//!
//! The server decides; this only keeps controls away from people who could not use them (R45).

use crate::wire::{Role, Task};

/// "Owner".
#[must_use]
pub fn name(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Developer => "Developer",
        Role::Support => "Support",
        Role::Auditor => "Auditor",
    }
}

/// "a support member", for sentences.
#[must_use]
pub fn with_article(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Admin => "an admin",
        Role::Developer => "a developer",
        Role::Support => "a member of support",
        Role::Auditor => "an auditor",
    }
}

/// What a role is for.
#[must_use]
pub fn purpose(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything, owners included",
        Role::Admin => "providers, secrets, keys and members",
        Role::Developer => "reads the configuration, tries the flow",
        Role::Support => "finds, mends and revokes connections",
        Role::Auditor => "reads members and the audit",
    }
}

/// A task, in the table of roles.
#[must_use]
pub fn task(task: Task) -> &'static str {
    match task {
        Task::Enter => "Sign in, see the applications, end own sessions",
        Task::AddSecondFactor => "Add a second factor to the own account",
        Task::ReadConfiguration => "Read providers, settings, webhooks and which keys there are",
        Task::TryTheFlow => "Try a provider in its playground",
        Task::Configure => "Add applications and providers, choose scopes",
        Task::ChangeSecrets => "Replace client secrets and the hosts they go to",
        Task::ChangeReturns => "Change return URLs, allowed origins and completion",
        Task::ManageKeys => "Make and revoke API keys",
        Task::ManageWebhooks => "Set webhook endpoints up, rotate their secrets",
        Task::ReadConnections => "Find and read connections",
        Task::RevokeConnections => "Revoke a connection",
        Task::MendConnections => "Make reconnect links, reduce scopes",
        Task::PreviewBulk => "See what revoking many would hit, and how far it is",
        Task::RevokeInBulk => "Revoke many connections at once",
        Task::StopTokens => "Stop all tokens in an emergency",
        Task::ReadMembers => "See the members",
        Task::ManageMembers => "Invite members, change roles, disable",
        Task::ManageOwners => "The same for owners",
        Task::SetRules => "Set the house rules",
        Task::ReadAudit => "Read the audit",
        Task::ExportAudit => "Export the audit",
    }
}

/// Sees who is a member.
#[must_use]
pub fn may_read_members(role: Role) -> bool {
    matches!(role, Role::Owner | Role::Admin | Role::Auditor)
}

/// Changes applications, providers and keys.
#[must_use]
pub fn may_configure(role: Role) -> bool {
    matches!(role, Role::Owner | Role::Admin)
}

/// Reads how an application is set up.
#[must_use]
pub fn may_read_configuration(role: Role) -> bool {
    may_configure(role) || role == Role::Developer
}

/// Reads the audit.
#[must_use]
pub fn may_read_audit(role: Role) -> bool {
    may_configure(role) || role == Role::Auditor
}

/// Finds connections.
#[must_use]
pub fn may_read_connections(role: Role) -> bool {
    may_read_configuration(role) || role == Role::Support
}

/// Revokes connections.
#[must_use]
pub fn may_revoke(role: Role) -> bool {
    may_configure(role) || role == Role::Support
}

/// Revokes many connections at once.
#[must_use]
pub fn may_revoke_in_bulk(role: Role) -> bool {
    may_configure(role)
}

/// Stops all tokens, and lets them go again.
#[must_use]
pub fn may_stop_tokens(role: Role) -> bool {
    may_configure(role)
}

/// Makes links to reconnect, and reduces the scopes of a connection.
#[must_use]
pub fn may_mend(role: Role) -> bool {
    may_revoke(role)
}

/// Opens the pages of an application at all.
#[must_use]
pub fn may_open_application(role: Role) -> bool {
    may_read_connections(role)
}
