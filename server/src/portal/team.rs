//! Members of the organization: who is in it, invitations, roles, second factors.

use super::PortalRequest;
use crate::auth::{self, Proof};
use app::portal::{Answer, Team};
use app::wire::{
    ConfirmView, HouseRules, InvitationView, MemberDeed, MemberView, MembersView, SecondFactorView,
    SecretInput,
};
use async_trait::async_trait;

#[async_trait]
impl Team for PortalRequest {
    async fn members(&self) -> Answer<MembersView> {
        self.member_list().await
    }

    async fn member(&self, id: &str) -> Answer<MemberView> {
        self.one_member(id).await
    }

    async fn change_role(&self, id: &str, role: &str) -> Answer<()> {
        self.give_role(id, role).await
    }

    async fn change_member(&self, id: &str, deed: MemberDeed) -> Answer<()> {
        self.do_about_member(id, deed).await
    }

    async fn set_rules(&self, rules: HouseRules) -> Answer<()> {
        self.change_rules(rules).await
    }

    async fn invite(&self, email: &str, role: &str) -> Answer<()> {
        self.new_invitation(email, role).await
    }

    async fn renew_invitation(&self, id: &str) -> Answer<()> {
        self.invitation_anew(id).await
    }

    async fn revoke_invitation(&self, id: &str) -> Answer<()> {
        self.end_invitation(id).await
    }

    async fn invitation(&self, token: SecretInput) -> Answer<InvitationView> {
        self.invitation_of(token).await
    }

    async fn accept_invitation(
        &self,
        token: SecretInput,
        name: String,
        password: SecretInput,
    ) -> Answer<()> {
        let token = crate::vault::Secret::new(token.into_inner());
        let (state, session) = (&self.state, &self.session);
        auth::join(state, session, &self.visitor, &token, &name, password)
            .await
            .map(drop)
    }

    async fn show_factor(&self, code: SecretInput) -> Answer<()> {
        auth::show_factor(&self.state, &self.session, &self.visitor, code).await
    }

    async fn confirmation(&self) -> Answer<ConfirmView> {
        self.confirmation_form().await
    }

    async fn confirm(&self, password: SecretInput, code: SecretInput) -> Answer<()> {
        let proof = Proof::typed(password, code);
        auth::confirm(&self.state, &self.session, &self.visitor, proof).await
    }

    async fn second_factor(&self) -> Answer<SecondFactorView> {
        self.own_second_factor().await
    }

    async fn begin_second_factor(&self) -> Answer<()> {
        self.begin_enrolment().await
    }

    async fn confirm_second_factor(&self, code: SecretInput) -> Answer<()> {
        self.end_enrolment(code).await
    }

    async fn replace_recovery_codes(&self, password: SecretInput, code: SecretInput) -> Answer<()> {
        self.new_recovery_codes(Proof::typed(password, code)).await
    }

    async fn remove_second_factor(&self, password: SecretInput, code: SecretInput) -> Answer<()> {
        self.drop_second_factor(Proof::typed(password, code)).await
    }
}
