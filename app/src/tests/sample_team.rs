//! Members of the organization: who is in it, invitations, roles, second factors.

use super::sample::{DAY, NOW, SamplePortal};
use crate::portal::{Answer, Team};
use crate::wire::*;
use async_trait::async_trait;

fn person(id: &str, name: &str, role: Role) -> MemberSummary {
    MemberSummary {
        id: id.into(),
        name: name.into(),
        email: format!("{id}@acme.example"),
        role,
        second_factor: role == Role::Owner,
        last_seen_at: Some(NOW - DAY / 2),
        disabled_at: None,
        is_you: role == Role::Owner,
        changeable: role != Role::Owner,
    }
}

impl SamplePortal {
    fn reader(&self) -> Answer<Role> {
        match self.role()? {
            Role::Developer | Role::Support => Err(PortalError::Forbidden),
            role => Ok(role),
        }
    }

    fn gives(&self) -> Answer<Vec<Role>> {
        Ok(match self.role()? {
            Role::Owner => Role::ALL.to_vec(),
            Role::Admin => Role::ALL[1..].to_vec(),
            _ => Vec::new(),
        })
    }
}

#[async_trait]
impl Team for SamplePortal {
    async fn members(&self) -> Answer<MembersView> {
        let role = self.reader()?;
        let changes = role != Role::Auditor;
        let mut members = vec![
            person("mara", "Mara Lindqvist", Role::Owner),
            person("jonas", "Jonas Weber", Role::Admin),
            MemberSummary {
                disabled_at: Some(NOW - DAY),
                ..person("tomas", "Tomás Oliveira", Role::Support)
            },
        ];
        if !changes {
            for member in &mut members {
                member.changeable = false;
            }
        }
        Ok(MembersView {
            organization: "Acme".into(),
            members,
            invitations: vec![InvitationSummary {
                id: "inv_1".into(),
                email: "ada@acme.example".into(),
                role: Role::Auditor,
                invited_by: "Mara Lindqvist".into(),
                mail: MailState::NotSent,
                ends_at: NOW + 2 * DAY,
                ended: false,
                changeable: changes,
            }],
            made: changes.then(|| NewInvitationLink {
                email: "ada@acme.example".into(),
                link: "https://connect.acme.example/invitations/the-whole-token".into(),
                ends_at: NOW + 3 * DAY,
            }),
            mails: false,
            gives: self.gives()?,
            rules: HouseRules {
                personal_data_masked: true,
                ..HouseRules::default()
            },
            sets_rules: role == Role::Owner,
            tasks: vec![
                TaskRow {
                    task: Task::ReadMembers,
                    roles: vec![Role::Owner, Role::Admin, Role::Auditor],
                    confirmed: false,
                },
                TaskRow {
                    task: Task::ManageMembers,
                    roles: vec![Role::Owner, Role::Admin],
                    confirmed: true,
                },
            ],
        })
    }

    async fn member(&self, id: &str) -> Answer<MemberView> {
        let role = self.reader()?;
        let mut member = match id {
            "mem_mara" => person("mara", "Mara Lindqvist", Role::Owner),
            "mem_jonas" => MemberSummary {
                second_factor: true,
                ..person("jonas", "Jonas Weber", Role::Admin)
            },
            _ => return Err(PortalError::NotFound),
        };
        member.changeable &= role != Role::Auditor;
        Ok(MemberView {
            member,
            gives: self.gives()?,
        })
    }

    async fn change_role(&self, _id: &str, _role: &str) -> Answer<()> {
        self.changed(())
    }

    async fn change_member(&self, _id: &str, _deed: MemberDeed) -> Answer<()> {
        self.changed(())
    }

    async fn set_rules(&self, _rules: HouseRules) -> Answer<()> {
        self.changed(())
    }

    async fn invite(&self, _email: &str, _role: &str) -> Answer<()> {
        self.changed(())
    }

    async fn renew_invitation(&self, _id: &str) -> Answer<()> {
        self.changed(())
    }

    async fn revoke_invitation(&self, _id: &str) -> Answer<()> {
        self.changed(())
    }

    async fn invitation(&self, token: SecretInput) -> Answer<InvitationView> {
        if token.into_inner() != "the-whole-token" {
            return Err(PortalError::InvitationOver);
        }
        Ok(InvitationView {
            organization: "Acme".into(),
            invited_by: "Mara Lindqvist".into(),
            email: "ada@acme.example".into(),
            role: Role::Auditor,
            ends_at: NOW + 3 * DAY,
        })
    }

    async fn accept_invitation(
        &self,
        _token: SecretInput,
        _name: String,
        _password: SecretInput,
    ) -> Answer<()> {
        self.changed(())
    }

    async fn show_factor(&self, _code: SecretInput) -> Answer<()> {
        self.changed(())
    }

    async fn confirmation(&self) -> Answer<ConfirmView> {
        Ok(ConfirmView {
            email: "mara@acme.example".into(),
            asks_for_code: self.role()? == Role::Owner,
        })
    }

    async fn confirm(&self, _password: SecretInput, _code: SecretInput) -> Answer<()> {
        self.changed(())
    }

    async fn second_factor(&self) -> Answer<SecondFactorView> {
        let role = self.role()?;
        let on = FactorState::On {
            since: NOW - 40 * DAY,
            codes_left: 2,
        };
        Ok(SecondFactorView {
            required: role == Role::Admin,
            email: "mara@acme.example".into(),
            state: if role == Role::Owner {
                on
            } else {
                FactorState::Off
            },
            enrolment: (role == Role::Admin).then(|| EnrolmentView {
                secret: "JBSW Y3DP EHPK 3PXP".into(),
                picture: vec![vec![true, false], vec![false, true]],
            }),
            codes: (role == Role::Owner).then(|| vec!["k7mq-29xw-4tab".into()]),
        })
    }

    async fn begin_second_factor(&self) -> Answer<()> {
        self.changed(())
    }

    async fn confirm_second_factor(&self, _code: SecretInput) -> Answer<()> {
        self.changed(())
    }

    async fn replace_recovery_codes(
        &self,
        _password: SecretInput,
        _code: SecretInput,
    ) -> Answer<()> {
        self.changed(())
    }

    async fn remove_second_factor(&self, _password: SecretInput, _code: SecretInput) -> Answer<()> {
        self.changed(())
    }
}
