//! Invitations: one link, for one e-mail, for one use, within 72 hours (R46).
//!
//! The database knows the hash of a link's token only. Who follows the link takes the row by the
//! update that marks it as accepted: of any number of them one finds it open.

use super::db::{Row, Runs, Tx, sql};
use super::members::event;
use super::team::{lock_team, may_govern};
use super::{NewMember, Store, StoreError, fold_email};
use crate::domain::{
    Actor, AuditAction, AuditEvent, Governed, Invitation, InvitationId, Mailing, Member, MemberId,
    OrganizationId,
};
use crate::vault::{Secret, TokenHash};
use app::wire::Role;
use serde_json::json;
use std::time::Duration;

/// How long a link works.
const LIFE: Duration = Duration::from_hours(72);
/// How long an invitation that is over is kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// A new invitation.
#[derive(Debug)]
pub struct NewInvitation {
    /// For whom, already checked.
    pub email: String,
    /// What they may do then.
    pub role: Role,
    /// The hash of the link's token.
    pub token: TokenHash,
    /// Whether it is mailed.
    pub mail: Mailing,
}

/// What came of inviting somebody.
#[derive(Debug)]
pub enum Invited {
    /// The link works.
    Done(Invitation),
    /// The inviting member may not make one of this role.
    Forbidden,
    /// The e-mail is a member's.
    Taken,
}

const COLUMNS: &str = "SELECT i.id, i.organization_id, i.email, i.role, i.mail, i.created_at, i.expires_at, m.name AS invited_by
    FROM invitations i JOIN members m ON m.id = i.invited_by";

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        email: row.text("email")?,
        role: row.parsed("role")?,
        invited_by: row.text("invited_by")?,
        mail: row.parsed("mail")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

fn told(
    actor: Actor,
    action: AuditAction,
    id: &InvitationId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "invitation",
        subject_id: id.to_string(),
        detail,
    }
}

impl Store {
    /// Invites somebody. An open invitation for the same e-mail is replaced.
    pub async fn invite(&self, by: &Member, new: NewInvitation) -> Result<Invited, StoreError> {
        let mut tx = self.db.begin().await?;
        lock_team(&mut tx, &by.organization).await?;
        if !may_govern(&mut tx, by, new.role).await? {
            return Ok(Invited::Forbidden);
        }
        let folded = fold_email(&new.email);
        let statement = sql("SELECT 1 AS one FROM members WHERE email_folded = $1");
        if tx.row(statement.bind(&folded)).await?.is_some() {
            return Ok(Invited::Taken);
        }
        let now = self.now();
        let statement = sql(
            "UPDATE invitations SET revoked_at = $1
             WHERE organization_id = $2 AND email_folded = $3 AND accepted_at IS NULL AND revoked_at IS NULL",
        )
        .bind(now)
        .bind(by.organization.as_str())
        .bind(&folded);
        tx.run(statement).await?;
        let made = Invitation {
            id: InvitationId::random(),
            organization: by.organization.clone(),
            email: new.email,
            role: new.role,
            invited_by: by.name.clone(),
            mail: new.mail,
            created_at: now,
            expires_at: now + LIFE,
        };
        let statement = sql(
            "INSERT INTO invitations (id, organization_id, token_sha256, email, email_folded, role, invited_by, mail, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(made.id.as_str())
        .bind(made.organization.as_str())
        .bind(new.token.as_bytes())
        .bind(&made.email)
        .bind(folded)
        .bind(made.role.as_str())
        .bind(by.id.as_str())
        .bind(made.mail.as_str())
        .bind(made.created_at)
        .bind(made.expires_at);
        tx.run(statement).await?;
        let detail = json!({"email": made.email, "role": made.role.as_str()});
        let event = told(
            Actor::member(by),
            AuditAction::MemberInvited,
            &made.id,
            detail,
        );
        self.audit(&mut tx, &by.organization, event).await?;
        tx.commit().await?;
        Ok(Invited::Done(made))
    }

    /// The invitations of an organization that nobody has followed and nobody revoked, the newest
    /// first; their time may be over.
    pub async fn invitations(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<Invitation>, StoreError> {
        let statement = sql(COLUMNS)
            .and_bind(" WHERE i.organization_id = ?", organization.as_str())
            .and(" AND i.accepted_at IS NULL AND i.revoked_at IS NULL ORDER BY i.created_at DESC, i.id");
        self.db.read_all(statement, invitation).await
    }

    /// One of them.
    pub async fn open_invitation(
        &self,
        organization: &OrganizationId,
        id: &InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        let statement = sql(COLUMNS)
            .and_bind(" WHERE i.organization_id = ?", organization.as_str())
            .and_bind(" AND i.id = ?", id.as_str())
            .and(" AND i.accepted_at IS NULL AND i.revoked_at IS NULL");
        self.db.read_one(statement, invitation).await
    }

    /// Revokes an invitation: its link works no longer.
    pub async fn revoke_invitation(
        &self,
        by: &Member,
        id: &InvitationId,
    ) -> Result<Governed, StoreError> {
        let mut tx = self.db.begin().await?;
        lock_team(&mut tx, &by.organization).await?;
        let statement = sql("UPDATE invitations SET revoked_at = $1
             WHERE organization_id = $2 AND id = $3 AND accepted_at IS NULL AND revoked_at IS NULL
             RETURNING email, role")
        .bind(self.now())
        .bind(by.organization.as_str())
        .bind(id.as_str());
        let Some(row) = tx.row(statement).await? else {
            return Ok(Governed::NotFound);
        };
        if !may_govern(&mut tx, by, row.parsed("role")?).await? {
            return Ok(Governed::Forbidden);
        }
        let detail = json!({"email": row.text("email")?});
        let event = told(
            Actor::member(by),
            AuditAction::MemberInvitationRevoked,
            id,
            detail,
        );
        self.audit(&mut tx, &by.organization, event).await?;
        tx.commit().await?;
        Ok(Governed::Done)
    }

    /// Revokes all that a member has made, within the transaction that takes the right to from them.
    pub(super) async fn revoke_invitations_by(
        &self,
        tx: &mut Tx,
        by: &MemberId,
    ) -> Result<u64, StoreError> {
        let statement = sql("UPDATE invitations SET revoked_at = $1
             WHERE invited_by = $2 AND accepted_at IS NULL AND revoked_at IS NULL")
        .bind(self.now())
        .bind(by.as_str());
        tx.run(statement).await
    }

    /// Notes what became of the mail.
    pub async fn note_mailing(&self, id: &InvitationId, mail: Mailing) -> Result<(), StoreError> {
        let statement = sql("UPDATE invitations SET mail = $1 WHERE id = $2")
            .bind(mail.as_str())
            .bind(id.as_str());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// The invitation that this token belongs to, if it can still be accepted.
    pub async fn invitation_with(
        &self,
        token: &TokenHash,
    ) -> Result<Option<Invitation>, StoreError> {
        let statement = sql(COLUMNS)
            .and_bind(" WHERE i.token_sha256 = ?", token.as_bytes())
            .and_bind(" AND i.expires_at > ?", self.now())
            .and(" AND i.accepted_at IS NULL AND i.revoked_at IS NULL");
        self.db.read_one(statement, invitation).await
    }

    /// Makes the member whom an invitation is for: with its e-mail and its role. `None` if it cannot
    /// be accepted (any more).
    pub async fn join(
        &self,
        token: &TokenHash,
        name: String,
        password: Secret<String>,
    ) -> Result<Option<Member>, StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE invitations SET accepted_at = $1
             WHERE token_sha256 = $2 AND expires_at > $1 AND accepted_at IS NULL AND revoked_at IS NULL
             RETURNING id, organization_id, email, role",
        )
        .bind(self.now())
        .bind(token.as_bytes());
        let Some(row) = tx.row(statement).await? else {
            return Ok(None);
        };
        let organization: OrganizationId = row.parsed("organization_id")?;
        let new = NewMember {
            email: row.text("email")?,
            name,
            role: row.parsed("role")?,
            password,
        };
        let member = match self.insert_member(&mut tx, &organization, new).await {
            // somebody made the member in another way meanwhile
            Err(StoreError::Conflict) => return Ok(None),
            made => made?,
        };
        let detail = json!({
            "email": member.email, "role": member.role.as_str(), "invitation": row.text("id")?,
        });
        let event = event(
            Actor::member(&member),
            AuditAction::MemberJoined,
            &member.id,
            detail,
        );
        self.audit(&mut tx, &organization, event).await?;
        tx.commit().await?;
        Ok(Some(member))
    }

    /// Removes the invitations that have been over for a month: they hold addresses of people.
    pub async fn purge_invitations(&self) -> Result<u64, StoreError> {
        let statement =
            sql("DELETE FROM invitations WHERE expires_at <= $1").bind(self.now() - KEPT);
        (&self.db).run(statement).await
    }
}
