//! Members of an organization, and the set-up that makes the first one.

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, AuditEvent, Member, MemberId, Organization, OrganizationId,
};
use crate::vault::{Secret, TokenHash};
use app::wire::Role;
use serde_json::json;

/// A new member.
#[derive(Debug)]
pub struct NewMember {
    /// E-mail, already checked.
    pub email: String,
    /// Name.
    pub name: String,
    /// What the member may do.
    pub role: Role,
    /// The password's hash, as a PHC string.
    pub password: Secret<String>,
}

/// What sign-in needs to know of a member.
#[derive(Debug)]
pub struct Credentials {
    /// Who.
    pub member: Member,
    /// The password's hash, as a PHC string.
    pub password: Secret<String>,
    /// Signing in is not allowed any more.
    pub disabled: bool,
}

/// How a set-up went.
#[derive(Debug)]
pub enum SetUpOutcome {
    /// The organization and its owner were made.
    Done(Organization, Member),
    /// The token is wrong or has expired.
    WrongToken,
    /// There is a member already.
    AlreadySetUp,
}

/// Addresses that differ only in case belong to one person.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

const COLUMNS: &str =
    "SELECT id, organization_id, email, name, role, password_phc, disabled_at FROM members";

pub(super) fn member(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
    })
}

fn credentials(row: &Row) -> Result<Credentials, StoreError> {
    Ok(Credentials {
        member: member(row)?,
        password: Secret::new(row.text("password_phc")?),
        disabled: row.maybe_int("disabled_at")?.is_some(),
    })
}

pub(super) fn event(
    actor: Actor,
    action: AuditAction,
    id: &MemberId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "member",
        subject_id: id.as_str().to_owned(),
        detail,
    }
}

impl Store {
    /// Whether anybody can sign in yet.
    pub async fn has_members(&self) -> Result<bool, StoreError> {
        let row = (&self.db)
            .row(sql("SELECT 1 AS one FROM members LIMIT 1"))
            .await?;
        Ok(row.is_some())
    }

    /// Whether this is the set-up token and it has not expired. [`Self::set_up_organization`] looks
    /// again; this spares the hashing of a password that would be thrown away.
    pub async fn setup_token_fits(&self, token: &TokenHash) -> Result<bool, StoreError> {
        let statement = sql(
            "SELECT 1 AS one FROM instance WHERE id = 1 AND setup_token_sha256 = $1 AND setup_token_expires_at > $2",
        )
        .bind(token.as_bytes().to_vec())
        .bind(self.now());
        Ok((&self.db).row(statement).await?.is_some())
    }

    /// Makes the organization with its data key and its owner, in exchange for the set-up token.
    ///
    /// The token is taken first and within the transaction: of any number of callers one finds it
    /// there, the others wait for that row and then find it gone (R32).
    pub async fn set_up_organization(
        &self,
        token: &TokenHash,
        name: String,
        owner: NewMember,
    ) -> Result<SetUpOutcome, StoreError> {
        let mut tx = self.db.begin().await?;
        let took = self.take_setup_token(&mut tx, token).await?;
        if has_members(&mut tx).await? {
            return Ok(SetUpOutcome::AlreadySetUp);
        }
        if !took {
            return Ok(SetUpOutcome::WrongToken);
        }
        let organization = Organization {
            id: OrganizationId::random(),
            name,
        };
        let statement = sql("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(organization.id.as_str())
            .bind(&organization.name)
            .bind(self.now());
        tx.run(statement).await?;
        let key = self.create_data_key(&mut tx, &organization.id).await?;
        let owner = self.insert_member(&mut tx, &organization.id, owner).await?;
        let made = AuditEvent {
            actor: Actor::member(&owner),
            action: AuditAction::OrganizationSetUp,
            subject_kind: "organization",
            subject_id: organization.id.as_str().to_owned(),
            detail: json!({"name": organization.name, "owner": owner.email}),
        };
        self.audit(&mut tx, &organization.id, made).await?;
        tx.commit().await?;
        self.adopt_data_key(key)?;
        Ok(SetUpOutcome::Done(organization, owner))
    }

    /// Adds a member. An e-mail that is taken is [`StoreError::Conflict`].
    pub async fn create_member(
        &self,
        organization: &OrganizationId,
        new: NewMember,
        actor: Actor,
    ) -> Result<Member, StoreError> {
        let mut tx = self.db.begin().await?;
        let member = self.insert_member(&mut tx, organization, new).await?;
        let detail = json!({"email": member.email, "role": member.role.as_str()});
        let event = event(actor, AuditAction::MemberCreated, &member.id, detail);
        self.audit(&mut tx, organization, event).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// A member who may act: present and not disabled (R41).
    pub async fn active_member(&self, id: &MemberId) -> Result<Option<Member>, StoreError> {
        let statement = sql(COLUMNS).and_bind(" WHERE id = ? AND disabled_at IS NULL", id.as_str());
        self.db.read_one(statement, member).await
    }

    /// By e-mail, in any case.
    pub async fn credentials_of(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let statement = sql(COLUMNS).and_bind(" WHERE email_folded = ?", fold_email(email));
        self.db.read_one(statement, credentials).await
    }

    /// Replaces a hash by one of the same password with today's parameters. Does nothing if the
    /// password was changed meanwhile.
    pub async fn rehash_password(
        &self,
        id: &MemberId,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<(), StoreError> {
        let statement =
            sql("UPDATE members SET password_phc = $1 WHERE id = $2 AND password_phc = $3")
                .bind(new.expose())
                .bind(id.as_str())
                .bind(old.expose());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Changes a password and ends all other sessions of the member (R41).
    pub async fn change_password(
        &self,
        member: &Member,
        password: &Secret<String>,
        keep: Option<&TokenHash>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql("UPDATE members SET password_phc = $1 WHERE id = $2")
            .bind(password.expose())
            .bind(member.id.as_str());
        tx.run(statement).await?;
        let keep = keep.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let statement = sql("DELETE FROM sessions WHERE member_id = $1 AND id_sha256 <> $2")
            .bind(member.id.as_str())
            .bind(keep);
        let ended = tx.run(statement).await?;
        let detail = json!({"sessions_ended": ended});
        let event = event(
            Actor::member(member),
            AuditAction::PasswordChanged,
            &member.id,
            detail,
        );
        self.audit(&mut tx, &member.organization, event).await?;
        tx.commit().await
    }

    async fn take_setup_token(&self, tx: &mut Tx, token: &TokenHash) -> Result<bool, StoreError> {
        let statement = sql(
            "UPDATE instance SET setup_token_sha256 = NULL, setup_token_expires_at = NULL
             WHERE id = 1 AND setup_token_sha256 = $1 AND setup_token_expires_at > $2",
        )
        .bind(token.as_bytes().to_vec())
        .bind(self.now());
        Ok(tx.run(statement).await? == 1)
    }

    /// Writes the row of a member, within the transaction that makes it.
    pub(super) async fn insert_member(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        new: NewMember,
    ) -> Result<Member, StoreError> {
        let member = Member {
            id: MemberId::random(),
            organization: organization.clone(),
            email: new.email,
            name: new.name,
            role: new.role,
        };
        let statement = sql(
            "INSERT INTO members (id, organization_id, email, email_folded, name, role, password_phc, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(member.id.as_str())
        .bind(organization.as_str())
        .bind(&member.email)
        .bind(fold_email(&member.email))
        .bind(&member.name)
        .bind(member.role.as_str())
        .bind(new.password.expose())
        .bind(self.now());
        tx.run(statement).await?;
        Ok(member)
    }
}

async fn has_members(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx
        .row(sql("SELECT 1 AS one FROM members LIMIT 1"))
        .await?
        .is_some())
}
