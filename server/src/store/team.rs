//! Who is in an organization, and changes to that.
//!
//! All changes to a team pass [`Store::govern`]. It takes the organization's row first, so that of
//! changes that are made at the same time, on whatever node, each sees what the one before it did:
//! two owners who demote each other leave one owner (R46). The sessions of the member who is changed
//! end in the same transaction (R41).

use super::db::{Row, Runs, Tx, sql};
use super::members::{self, event};
use super::{Store, StoreError};
use crate::domain::{
    AuditAction, Governed, Governor, Member, MemberId, OrganizationId, TeamChange, Timestamp,
    governs,
};
use app::wire::Role;
use serde_json::{Value, json};

/// A member as the list of members shows them.
#[derive(Clone, Debug)]
pub struct TeamMember {
    /// Who.
    pub member: Member,
    /// Signing in is not allowed since.
    pub disabled_at: Option<Timestamp>,
    /// A second factor is asked for at sign-in.
    pub second_factor: bool,
    /// Last request, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

const TEAM: &str = "SELECT m.id, m.organization_id, m.email, m.name, m.role, m.disabled_at, m.last_seen_at, f.confirmed_at AS factor_since
    FROM members m LEFT JOIN second_factors f ON f.member_id = m.id";

fn team_member(row: &Row) -> Result<TeamMember, StoreError> {
    Ok(TeamMember {
        member: members::member(row)?,
        disabled_at: row.maybe_time("disabled_at")?,
        second_factor: row.maybe_time("factor_since")?.is_some(),
        last_seen_at: row.maybe_time("last_seen_at")?,
    })
}

impl Store {
    /// All members of an organization, by name.
    pub async fn team(&self, organization: &OrganizationId) -> Result<Vec<TeamMember>, StoreError> {
        let statement = sql(TEAM).and_bind(
            " WHERE m.organization_id = ? ORDER BY m.name, m.id",
            organization.as_str(),
        );
        self.db.read_all(statement, team_member).await
    }

    /// One of them.
    pub async fn team_member(
        &self,
        organization: &OrganizationId,
        id: &MemberId,
    ) -> Result<Option<TeamMember>, StoreError> {
        let statement = sql(TEAM)
            .and_bind(" WHERE m.organization_id = ?", organization.as_str())
            .and_bind(" AND m.id = ?", id.as_str());
        self.db.read_one(statement, team_member).await
    }

    /// Changes a member, if the rules allow it (R46), and ends their sessions with it (R41).
    pub async fn govern(
        &self,
        by: &Governor,
        organization: &OrganizationId,
        whom: &MemberId,
        change: TeamChange,
    ) -> Result<Governed, StoreError> {
        let mut tx = self.db.begin().await?;
        lock_team(&mut tx, organization).await?;
        let Some(subject) = standing(&mut tx, organization, whom).await? else {
            return Ok(Governed::NotFound);
        };
        let wanted = match change {
            TeamChange::Role(role) => role,
            _ => subject.role,
        };
        if let Governor::Member(member) = by {
            if member.id == *whom {
                return Ok(Governed::Oneself);
            }
            let allowed = may_govern(&mut tx, member, subject.role).await?
                && may_govern(&mut tx, member, wanted).await?;
            if !allowed {
                return Ok(Governed::Forbidden);
            }
        }
        let is_owner = subject.role == Role::Owner && !subject.disabled;
        if is_owner
            && change.unmakes_an_owner()
            && no_other_owner(&mut tx, organization, whom).await?
        {
            return Ok(Governed::LastOwner);
        }
        let Some((action, mut detail)) = self.write(&mut tx, whom, &subject, change).await? else {
            return Ok(Governed::Already);
        };
        if let Value::Object(detail) = &mut detail {
            detail.insert("email".to_owned(), json!(subject.email));
            if change != TeamChange::Enable {
                let ended = end_all_sessions(&mut tx, whom).await?;
                detail.insert("sessions_ended".to_owned(), json!(ended));
            }
            if let TeamChange::Role(_) | TeamChange::Disable = change {
                // what they could no longer make does not go on working
                let revoked = self.revoke_invitations_by(&mut tx, whom).await?;
                detail.insert("invitations_revoked".to_owned(), json!(revoked));
            }
        }
        let event = event(by.actor(), action, whom, detail);
        self.audit(&mut tx, organization, event).await?;
        tx.commit().await?;
        Ok(Governed::Done)
    }

    /// Writes a change; answers its name and detail, or nothing where it was so before.
    async fn write(
        &self,
        tx: &mut Tx,
        whom: &MemberId,
        subject: &Standing,
        change: TeamChange,
    ) -> Result<Option<(AuditAction, Value)>, StoreError> {
        let written = match change {
            TeamChange::Role(role) if role == subject.role => return Ok(None),
            TeamChange::Role(role) => {
                let statement = sql("UPDATE members SET role = $1 WHERE id = $2")
                    .bind(role.as_str())
                    .bind(whom.as_str());
                tx.run(statement).await?;
                let detail = json!({"from": subject.role.as_str(), "to": role.as_str()});
                (AuditAction::RoleChanged, detail)
            }
            TeamChange::Disable if subject.disabled => return Ok(None),
            TeamChange::Disable => {
                let statement = sql("UPDATE members SET disabled_at = $1 WHERE id = $2")
                    .bind(self.now())
                    .bind(whom.as_str());
                tx.run(statement).await?;
                (AuditAction::MemberDisabled, json!({}))
            }
            TeamChange::Enable if !subject.disabled => return Ok(None),
            TeamChange::Enable => {
                let statement = sql("UPDATE members SET disabled_at = NULL WHERE id = $1");
                tx.run(statement.bind(whom.as_str())).await?;
                (AuditAction::MemberEnabled, json!({}))
            }
            TeamChange::EndSessions => (AuditAction::SessionsEnded, json!({})),
            TeamChange::ResetSecondFactor => {
                if !remove_second_factor(tx, whom).await? {
                    return Ok(None);
                }
                (AuditAction::FactorReset, json!({}))
            }
        };
        Ok(Some(written))
    }
}

/// What the rules ask about a member.
pub(super) struct Standing {
    email: String,
    role: Role,
    disabled: bool,
}

/// Takes the organization's row: whoever wants to change its team waits here.
pub(super) async fn lock_team(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> Result<(), StoreError> {
    let statement = sql("UPDATE organizations SET name = name WHERE id = $1");
    tx.run(statement.bind(organization.as_str())).await?;
    Ok(())
}

async fn standing(
    tx: &mut Tx,
    organization: &OrganizationId,
    whom: &MemberId,
) -> Result<Option<Standing>, StoreError> {
    let statement =
        sql("SELECT email, role, disabled_at FROM members WHERE organization_id = $1 AND id = $2")
            .bind(organization.as_str())
            .bind(whom.as_str());
    let Some(row) = tx.row(statement).await? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        email: row.text("email")?,
        role: row.parsed("role")?,
        disabled: row.maybe_int("disabled_at")?.is_some(),
    }))
}

/// Whether `member` may make or change somebody of role `whom` now: the request began with a look at
/// them, and somebody may have changed them since.
pub(super) async fn may_govern(
    tx: &mut Tx,
    member: &Member,
    whom: Role,
) -> Result<bool, StoreError> {
    let now = standing(tx, &member.organization, &member.id).await?;
    Ok(now.is_some_and(|now| !now.disabled && governs(now.role, whom)))
}

async fn no_other_owner(
    tx: &mut Tx,
    organization: &OrganizationId,
    but: &MemberId,
) -> Result<bool, StoreError> {
    let statement = sql(
        "SELECT 1 AS one FROM members WHERE organization_id = $1 AND role = 'owner' AND disabled_at IS NULL AND id <> $2 LIMIT 1",
    )
    .bind(organization.as_str())
    .bind(but.as_str());
    Ok(tx.row(statement).await?.is_none())
}

/// Ends all sessions of a member, those that wait for the second factor too.
pub(super) async fn end_all_sessions(tx: &mut Tx, whom: &MemberId) -> Result<u64, StoreError> {
    tx.run(sql("DELETE FROM sessions WHERE member_id = $1").bind(whom.as_str()))
        .await
}

/// Takes seed and recovery codes away; answers whether there was a seed.
pub(super) async fn remove_second_factor(tx: &mut Tx, whom: &MemberId) -> Result<bool, StoreError> {
    let codes = sql("DELETE FROM recovery_codes WHERE member_id = $1");
    tx.run(codes.bind(whom.as_str())).await?;
    let seed = sql("DELETE FROM second_factors WHERE member_id = $1");
    Ok(tx.run(seed.bind(whom.as_str())).await? > 0)
}
