//! Invitations: made, mailed, made anew, revoked, and read by those they are for.

use super::members::{read_role, taken};
use super::{OrFail, PortalRequest, Task};
use crate::auth::{check_email, invitation_token_hash, new_invitation_token};
use crate::domain::{Invitation, InvitationId, Mailing, Member, governs};
use crate::mail::InvitationMail;
use crate::store::{Invited, NewInvitation};
use crate::vault::Secret;
use app::portal::Answer;
use app::wire::{
    Field, InvitationSummary, InvitationView, MailState, NewInvitationLink, PortalError, Problem,
    Role, SecretInput,
};
use app::{address, words};
use std::time::Duration;

/// Under this name a new link waits in the session for its page: the invitation's id and the token.
const NEW_LINK: &str = "invitation";
/// A mail that is on its way for longer is not: the server stopped meanwhile.
const MAILING: Duration = Duration::from_mins(2);

impl PortalRequest {
    pub(super) async fn new_invitation(&self, email: &str, role: &str) -> Answer<()> {
        let member = self.allowed(Task::ManageMembers).await?;
        let email =
            check_email(email).map_err(|problem| PortalError::field(Field::Email, problem))?;
        self.invite_anyone(&member, email, read_role(role)?).await
    }

    pub(super) async fn invitation_anew(&self, id: &str) -> Answer<()> {
        let member = self.allowed(Task::ManageMembers).await?;
        let id: InvitationId = id.parse().map_err(|_| PortalError::NotFound)?;
        let open = self.state.store.open_invitation(&member.organization, &id);
        let open = open.await.or_fail()?.ok_or(PortalError::NotFound)?;
        // it takes the place of the one that is open
        self.invite_anyone(&member, open.email, open.role).await
    }

    async fn invite_anyone(&self, member: &Member, email: String, role: Role) -> Answer<()> {
        let token = new_invitation_token();
        let new = NewInvitation {
            email,
            role,
            token: invitation_token_hash(&token),
            mail: match self.state.config.mail {
                Some(_) => Mailing::Sending,
                None => Mailing::None,
            },
        };
        let invitation = match self.state.store.invite(member, new).await.or_fail()? {
            Invited::Done(invitation) => invitation,
            Invited::Forbidden => return Err(PortalError::Forbidden),
            Invited::Taken => return Err(PortalError::field(Field::Email, Problem::Taken)),
        };
        let kept = Secret::new(format!("{} {}", invitation.id, token.expose()));
        self.session
            .keep_secret(NEW_LINK, &member.organization, &kept)
            .await?;
        self.mail(&invitation, &token).await
    }

    /// Sends the mail in a task that nobody's disconnect ends. The link is shown in any case.
    async fn mail(&self, invitation: &Invitation, token: &Secret<String>) -> Answer<()> {
        if self.state.config.mail.is_none() {
            return Ok(());
        }
        let store = self.state.store.clone();
        let organization = store.organization(&invitation.organization).await;
        let mail = InvitationMail {
            to: invitation.email.clone(),
            invited_by: invitation.invited_by.clone(),
            organization: organization
                .or_fail()?
                .map(|one| one.name)
                .unwrap_or_default(),
            role: words::role::with_article(invitation.role),
            link: self.link(token),
        };
        let (config, id) = (self.state.config.clone(), invitation.id.clone());
        self.state.tasks.spawn(async move {
            let Some(settings) = &config.mail else {
                return;
            };
            let mailing = match settings.send(&mail).await {
                Ok(()) => Mailing::Sent,
                Err(error) => {
                    tracing::warn!(%error, "an invitation was not mailed");
                    Mailing::Failed
                }
            };
            if let Err(error) = store.note_mailing(&id, mailing).await {
                tracing::warn!(%error, "what became of a mail was not noted");
            }
        });
        Ok(())
    }

    fn link(&self, token: &Secret<String>) -> Secret<String> {
        let path = address::invitation(token.expose());
        Secret::new(self.state.config.url(&path))
    }

    pub(super) async fn end_invitation(&self, id: &str) -> Answer<()> {
        let member = self.allowed(Task::ManageMembers).await?;
        let id: InvitationId = id.parse().map_err(|_| PortalError::NotFound)?;
        let revoked = self.state.store.revoke_invitation(&member, &id).await;
        taken(revoked.or_fail()?)
    }

    /// The link that this session made a moment ago, once.
    pub(super) async fn take_invitation_link(
        &self,
        member: &Member,
        open: &[Invitation],
    ) -> Answer<Option<NewInvitationLink>> {
        let kept = self
            .session
            .take_secret(NEW_LINK, &member.organization)
            .await?;
        let Some((id, token)) = kept.as_ref().and_then(|kept| kept.expose().split_once(' ')) else {
            return Ok(None);
        };
        let made = open.iter().find(|one| one.id.as_str() == id);
        Ok(made.map(|made| NewInvitationLink {
            email: made.email.clone(),
            link: self.link(&Secret::from(token)).expose().clone(),
            ends_at: made.expires_at.millis(),
        }))
    }

    pub(super) fn invitation_summaries(
        &self,
        open: Vec<Invitation>,
        asking: &Member,
    ) -> Vec<InvitationSummary> {
        let now = self.state.store.now();
        let summary = |one: Invitation| InvitationSummary {
            id: one.id.to_string(),
            mail: match one.mail {
                Mailing::None => MailState::NoServer,
                Mailing::Sent => MailState::Sent,
                Mailing::Sending if now < one.created_at + MAILING => MailState::Sending,
                Mailing::Sending | Mailing::Failed => MailState::NotSent,
            },
            ends_at: one.expires_at.millis(),
            ended: one.expires_at <= now,
            changeable: governs(asking.role, one.role),
            email: one.email,
            role: one.role,
            invited_by: one.invited_by,
        };
        open.into_iter().map(summary).collect()
    }

    pub(super) async fn invitation_of(&self, token: SecretInput) -> Answer<InvitationView> {
        let token = invitation_token_hash(&Secret::new(token.into_inner()));
        let store = &self.state.store;
        let found = store.invitation_with(&token).await.or_fail()?;
        let found = found.ok_or(PortalError::InvitationOver)?;
        let organization = store.organization(&found.organization).await.or_fail()?;
        Ok(InvitationView {
            organization: organization.map(|one| one.name).unwrap_or_default(),
            invited_by: found.invited_by,
            email: found.email,
            role: found.role,
            ends_at: found.expires_at.millis(),
        })
    }
}
