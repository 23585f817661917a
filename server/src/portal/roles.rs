//! What each role may do in the portal (R45): denied unless it stands here.

use crate::domain::governs;
use app::wire::Role;
pub use app::wire::Task;

/// Whether a role may do a task.
#[must_use]
pub fn may(role: Role, task: Task) -> bool {
    match task {
        Task::Enter | Task::AddSecondFactor => true,
        Task::ReadConfiguration | Task::TryTheFlow => {
            matches!(role, Role::Owner | Role::Admin | Role::Developer)
        }
        Task::ManageOwners | Task::SetRules => governs(role, Role::Owner),
        Task::Configure
        | Task::ChangeSecrets
        | Task::ChangeReturns
        | Task::ManageKeys
        | Task::ManageWebhooks
        | Task::PreviewBulk
        | Task::RevokeInBulk
        | Task::StopTokens
        | Task::ManageMembers => matches!(role, Role::Owner | Role::Admin),
        Task::ReadMembers | Task::ReadAudit | Task::ExportAudit => {
            matches!(role, Role::Owner | Role::Admin | Role::Auditor)
        }
        Task::ReadConnections => matches!(
            role,
            Role::Owner | Role::Admin | Role::Developer | Role::Support
        ),
        Task::RevokeConnections | Task::MendConnections => {
            matches!(role, Role::Owner | Role::Admin | Role::Support)
        }
    }
}

/// Whether a task asks for a proof of the last ten minutes of who the member is (R43): what a session
/// in wrong hands could do lasting harm with. An emergency stop does not: it must be quick, and can be
/// taken back.
#[must_use]
pub fn needs_confirmation(task: Task) -> bool {
    match task {
        Task::AddSecondFactor
        | Task::ChangeSecrets
        | Task::ChangeReturns
        | Task::ManageKeys
        | Task::ManageWebhooks
        | Task::RevokeInBulk
        | Task::ManageMembers
        | Task::ManageOwners
        | Task::SetRules
        | Task::ExportAudit => true,
        Task::Enter
        | Task::ReadConfiguration
        | Task::TryTheFlow
        | Task::Configure
        | Task::ReadConnections
        | Task::RevokeConnections
        | Task::MendConnections
        | Task::PreviewBulk
        | Task::StopTokens
        | Task::ReadMembers
        | Task::ReadAudit => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_owners_and_admins_does_what_has_to_be_confirmed() {
        let others = [Role::Developer, Role::Support];
        for task in Task::ALL
            .into_iter()
            .filter(|task| needs_confirmation(*task))
        {
            let of_all = task == Task::AddSecondFactor;
            for role in others {
                assert_eq!(may(role, task), of_all, "{role:?} {task:?}");
            }
        }
        assert!(!may(Role::Admin, Task::ManageOwners));
    }

    #[test]
    fn support_ends_connections_and_changes_nothing_else() {
        assert!(may(Role::Support, Task::RevokeConnections));
        for task in [
            Task::ReadConfiguration,
            Task::TryTheFlow,
            Task::Configure,
            Task::ChangeSecrets,
            Task::ChangeReturns,
            Task::ManageKeys,
            Task::ManageWebhooks,
            Task::RevokeInBulk,
            Task::StopTokens,
            Task::ReadMembers,
            Task::ManageMembers,
            Task::ManageOwners,
            Task::ReadAudit,
            Task::ExportAudit,
        ] {
            assert!(!may(Role::Support, task), "{task:?}");
        }
    }

    #[test]
    fn an_auditor_reads_what_was_done_and_changes_nothing() {
        for task in [
            Task::ReadConfiguration,
            Task::TryTheFlow,
            Task::Configure,
            Task::ChangeSecrets,
            Task::ChangeReturns,
            Task::ManageKeys,
            Task::ManageWebhooks,
            Task::ReadConnections,
            Task::RevokeConnections,
            Task::MendConnections,
            Task::RevokeInBulk,
            Task::StopTokens,
            Task::ManageMembers,
            Task::ManageOwners,
        ] {
            assert!(!may(Role::Auditor, task), "{task:?}");
        }
    }
}
