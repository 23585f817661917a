//! Roles in words, and what each may do on the pages.
//!
//! The server decides; this only keeps controls away from people who could not use them (R45).

use crate::wire::Role;

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

/// Runs a provider's flow as oneself.
#[must_use]
pub fn may_try_the_flow(role: Role) -> bool {
    may_read_configuration(role)
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
