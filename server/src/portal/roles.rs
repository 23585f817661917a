//! What each role may do in the portal (R45): denied unless it stands here.

use app::wire::Role;

/// A kind of task in the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// See which applications there are; one's own account.
    Enter,
    /// Read providers, settings, the overview, and which keys there are.
    ReadConfiguration,
    /// Run a provider's flow as oneself, in its playground.
    TryTheFlow,
    /// Change applications, providers, secrets and scopes.
    Configure,
    /// Make and revoke API keys.
    ManageKeys,
    /// Find and read connections.
    ReadConnections,
    /// Revoke connections.
    RevokeConnections,
    /// Make links to reconnect, and reduce the scopes of connections.
    MendConnections,
}

/// Whether a role may do a task.
#[must_use]
pub fn may(role: Role, task: Task) -> bool {
    match task {
        Task::Enter => true,
        Task::ReadConfiguration | Task::TryTheFlow => {
            matches!(role, Role::Owner | Role::Admin | Role::Developer)
        }
        Task::Configure | Task::ManageKeys => matches!(role, Role::Owner | Role::Admin),
        Task::ReadConnections => matches!(
            role,
            Role::Owner | Role::Admin | Role::Developer | Role::Support
        ),
        Task::RevokeConnections | Task::MendConnections => {
            matches!(role, Role::Owner | Role::Admin | Role::Support)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn support_ends_connections_and_changes_nothing_else() {
        assert!(may(Role::Support, Task::RevokeConnections));
        for task in [
            Task::ReadConfiguration,
            Task::TryTheFlow,
            Task::Configure,
            Task::ManageKeys,
        ] {
            assert!(!may(Role::Support, task), "{task:?}");
        }
    }

    #[test]
    fn an_auditor_only_enters() {
        for task in [
            Task::ReadConfiguration,
            Task::TryTheFlow,
            Task::Configure,
            Task::ManageKeys,
            Task::ReadConnections,
            Task::RevokeConnections,
            Task::MendConnections,
        ] {
            assert!(!may(Role::Auditor, task), "{task:?}");
        }
    }
}
