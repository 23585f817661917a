//! The rules of a team (R46): who may make, change and disable whom.

use super::{Actor, InvitationId, Member, OrganizationId, Timestamp};
use app::wire::Role;

/// Whether a member of role `by` may make, change or disable one of role `whom`: owners everybody,
/// admins everybody but owners.
#[must_use]
pub fn governs(by: Role, whom: Role) -> bool {
    match by {
        Role::Owner => true,
        Role::Admin => whom != Role::Owner,
        Role::Developer | Role::Support | Role::Auditor => false,
    }
}

/// Who changes a team.
#[derive(Clone, Debug)]
pub enum Governor {
    /// A member, under the rules of their role as it is when the change is made.
    Member(Member),
    /// Whoever runs a command on the server's machine.
    Operator(Actor),
}

impl Governor {
    /// As the audit names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Member(member) => Actor::member(member),
            Self::Operator(actor) => actor.clone(),
        }
    }
}

/// What is changed about a member. Each ends all sessions of the member, but for [`Self::Enable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamChange {
    /// Another role.
    Role(Role),
    /// No sign-in any more.
    Disable,
    /// Sign-in again.
    Enable,
    /// Nothing but the end of the sessions.
    EndSessions,
    /// A second factor that was lost is taken away.
    ResetSecondFactor,
}

impl TeamChange {
    /// Whether an owner who is changed like this is no active owner any more.
    #[must_use]
    pub fn unmakes_an_owner(self) -> bool {
        match self {
            Self::Role(role) => role != Role::Owner,
            Self::Disable => true,
            Self::Enable | Self::EndSessions | Self::ResetSecondFactor => false,
        }
    }
}

/// What came of a change to a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Governed {
    /// It is so now.
    Done,
    /// It was so before; nothing was written.
    Already,
    /// There is no such member or invitation in the organization.
    NotFound,
    /// The governor may not do this to that member.
    Forbidden,
    /// Nobody changes their own role and standing.
    Oneself,
    /// The organization would be without an owner who can sign in.
    LastOwner,
}

/// How the mail with an invitation fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailing {
    /// No mail server is set up: the link is handed over by whoever made it.
    None,
    /// On its way.
    Sending,
    /// The mail server took it.
    Sent,
    /// The mail server did not take it.
    Failed,
}

impl Mailing {
    const ALL: [Self; 4] = [Self::None, Self::Sending, Self::Sent, Self::Failed];

    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for Mailing {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|mailing| mailing.as_str() == word).ok_or(())
    }
}

/// An invitation that nobody has followed yet.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Id.
    pub id: InvitationId,
    /// Into which organization.
    pub organization: OrganizationId,
    /// For whom alone it is.
    pub email: String,
    /// What they may do then.
    pub role: Role,
    /// Name of the member who invites.
    pub invited_by: String,
    /// What became of the mail.
    pub mail: Mailing,
    /// Made, or made anew, at.
    pub created_at: Timestamp,
    /// The link works until.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_govern_owners() {
        for whom in Role::ALL {
            assert!(governs(Role::Owner, whom));
            assert_eq!(governs(Role::Admin, whom), whom != Role::Owner);
            for by in [Role::Developer, Role::Support, Role::Auditor] {
                assert!(!governs(by, whom), "{by:?} {whom:?}");
            }
        }
    }
}
