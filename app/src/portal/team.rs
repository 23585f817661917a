//! Members of the organization: who is in it, invitations, roles, second factors.

use super::Answer;
use crate::wire::{
    ConfirmView, HouseRules, InvitationView, MemberDeed, MemberView, MembersView, SecondFactorView,
    SecretInput,
};
use async_trait::async_trait;

/// Members of the organization: who is in it, invitations, roles, second factors.
#[async_trait]
pub trait Team: Send + Sync {
    /// `/members`. Hands a link that was just made over, once.
    async fn members(&self) -> Answer<MembersView>;
    /// `/members/{id}`.
    async fn member(&self, id: &str) -> Answer<MemberView>;
    /// Gives a member another role and ends their sessions.
    async fn change_role(&self, id: &str, role: &str) -> Answer<()>;
    /// Does something else about a member.
    async fn change_member(&self, id: &str, deed: MemberDeed) -> Answer<()>;

    /// Says what the organization asks of its members, and hides from them.
    async fn set_rules(&self, rules: HouseRules) -> Answer<()>;

    /// Invites somebody, and keeps the link for the next [`Team::members`] of this session.
    async fn invite(&self, email: &str, role: &str) -> Answer<()>;
    /// Makes a new link for an open invitation; the one before works no longer.
    async fn renew_invitation(&self, id: &str) -> Answer<()>;
    /// Revokes an open invitation.
    async fn revoke_invitation(&self, id: &str) -> Answer<()>;
    /// `/invitations/{token}`.
    async fn invitation(&self, token: SecretInput) -> Answer<InvitationView>;
    /// Makes the invited member, and signs them in under a new session id.
    async fn accept_invitation(
        &self,
        token: SecretInput,
        name: String,
        password: SecretInput,
    ) -> Answer<()>;

    /// The second step of a sign-in: a code of the second factor.
    async fn show_factor(&self, code: SecretInput) -> Answer<()>;
    /// `/account/confirm`.
    async fn confirmation(&self) -> Answer<ConfirmView>;
    /// Looks at password and code of the member who is signed in; a new session id follows.
    async fn confirm(&self, password: SecretInput, code: SecretInput) -> Answer<()>;

    /// `/account/second-factor`. Hands recovery codes that were just made over, once.
    async fn second_factor(&self) -> Answer<SecondFactorView>;
    /// Makes a seed, which waits for its first code.
    async fn begin_second_factor(&self) -> Answer<()>;
    /// The first code: from now on the second factor is asked for.
    async fn confirm_second_factor(&self, code: SecretInput) -> Answer<()>;
    /// Makes new recovery codes; those of before count no longer.
    async fn replace_recovery_codes(&self, password: SecretInput, code: SecretInput) -> Answer<()>;
    /// Takes the second factor of the member who is signed in away.
    async fn remove_second_factor(&self, password: SecretInput, code: SecretInput) -> Answer<()>;
}
