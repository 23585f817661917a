//! The members of the organization: the list, one of them, and what is done about them.

use super::{OrFail, PortalRequest, Task, may, needs_confirmation};
use crate::domain::{Governed, Governor, Member, MemberId, TeamChange, Timestamp, governs};
use crate::store::TeamMember;
use app::portal::Answer;
use app::wire::{
    Field, MemberDeed, MemberSummary, MemberView, MembersView, PortalError, Problem, Role, TaskRow,
};

impl PortalRequest {
    pub(super) async fn member_list(&self) -> Answer<MembersView> {
        let member = self.allowed(Task::ReadMembers).await?;
        let store = &self.state.store;
        let organization = store.organization(&member.organization).await.or_fail()?;
        let team = store.team(&member.organization).await.or_fail()?;
        let open = store.invitations(&member.organization).await.or_fail()?;
        Ok(MembersView {
            organization: organization.map(|one| one.name).unwrap_or_default(),
            members: team.into_iter().map(|one| summary(one, &member)).collect(),
            made: self.take_invitation_link(&member, &open).await?,
            invitations: self.invitation_summaries(open, &member),
            mails: self.state.config.mail.is_some(),
            gives: roles_given_by(&member),
            rules: store.house_rules(&member.organization).await.or_fail()?,
            sets_rules: may(member.role, Task::SetRules),
            tasks: task_rows(),
        })
    }

    pub(super) async fn one_member(&self, id: &str) -> Answer<MemberView> {
        let member = self.allowed(Task::ReadMembers).await?;
        let id: MemberId = id.parse().map_err(|_| PortalError::NotFound)?;
        let found = self.state.store.team_member(&member.organization, &id);
        let found = found.await.or_fail()?.ok_or(PortalError::NotFound)?;
        Ok(MemberView {
            member: summary(found, &member),
            gives: roles_given_by(&member),
        })
    }

    pub(super) async fn give_role(&self, id: &str, role: &str) -> Answer<()> {
        let member = self.allowed(Task::ManageMembers).await?;
        let role = read_role(role)?;
        self.govern(member, id, TeamChange::Role(role)).await
    }

    pub(super) async fn do_about_member(&self, id: &str, deed: MemberDeed) -> Answer<()> {
        let member = self.allowed(Task::ManageMembers).await?;
        let change = match deed {
            MemberDeed::Disable => TeamChange::Disable,
            MemberDeed::Enable => TeamChange::Enable,
            MemberDeed::EndSessions => TeamChange::EndSessions,
            MemberDeed::ResetSecondFactor => TeamChange::ResetSecondFactor,
        };
        self.govern(member, id, change).await
    }

    async fn govern(&self, member: Member, id: &str, change: TeamChange) -> Answer<()> {
        let whom: MemberId = id.parse().map_err(|_| PortalError::NotFound)?;
        let organization = member.organization.clone();
        let by = Governor::Member(member);
        let store = &self.state.store;
        let governed = store.govern(&by, &organization, &whom, change).await;
        taken(governed.or_fail()?)
    }
}

/// What a page is told of a change.
pub(super) fn taken(governed: Governed) -> Answer<()> {
    match governed {
        Governed::Done | Governed::Already => Ok(()),
        Governed::NotFound => Err(PortalError::NotFound),
        Governed::Forbidden => Err(PortalError::Forbidden),
        Governed::Oneself => Err(PortalError::OwnMembership),
        Governed::LastOwner => Err(PortalError::LastOwner),
    }
}

pub(super) fn read_role(text: &str) -> Answer<Role> {
    text.parse()
        .map_err(|()| PortalError::field(Field::Role, Problem::NotAChoice))
}

fn summary(one: TeamMember, asking: &Member) -> MemberSummary {
    let is_you = one.member.id == asking.id;
    MemberSummary {
        id: one.member.id.to_string(),
        name: one.member.name,
        email: one.member.email,
        role: one.member.role,
        second_factor: one.second_factor,
        last_seen_at: one.last_seen_at.map(Timestamp::millis),
        disabled_at: one.disabled_at.map(Timestamp::millis),
        is_you,
        changeable: !is_you && governs(asking.role, one.member.role),
    }
}

fn roles_given_by(member: &Member) -> Vec<Role> {
    let mut given = Role::ALL.to_vec();
    given.retain(|role| governs(member.role, *role));
    given
}

/// Who may do what, as the rules themselves say it.
fn task_rows() -> Vec<TaskRow> {
    let row = |task| TaskRow {
        task,
        roles: Role::ALL
            .into_iter()
            .filter(|role| may(*role, task))
            .collect(),
        confirmed: needs_confirmation(task),
    };
    Task::ALL.into_iter().map(row).collect()
}
