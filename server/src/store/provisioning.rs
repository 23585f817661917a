//! What `apply` needs beside the rest: the organization of a new installation, and what a file says
//! of it and of its members.

use super::db::{Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, AuditAction, AuditEvent, Member, Organization, OrganizationId};
use crate::vault::Secret;
use serde_json::json;

impl Store {
    /// Makes an organization with its data key.
    pub async fn create_organization(
        &self,
        name: &str,
        actor: Actor,
    ) -> Result<Organization, StoreError> {
        let organization = Organization {
            id: OrganizationId::random(),
            name: name.to_owned(),
        };
        let mut tx = self.db.begin().await?;
        let statement = sql("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(organization.id.as_str())
            .bind(name)
            .bind(self.now());
        tx.run(statement).await?;
        let key = self.create_data_key(&mut tx, &organization.id).await?;
        self.audit_organization(
            &mut tx,
            &organization,
            AuditAction::OrganizationCreated,
            actor,
        )
        .await?;
        tx.commit().await?;
        self.adopt_data_key(key)?;
        Ok(organization)
    }

    /// Gives an organization another name.
    pub async fn rename_organization(
        &self,
        renamed: &Organization,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql("UPDATE organizations SET name = $1 WHERE id = $2")
            .bind(&renamed.name)
            .bind(renamed.id.as_str());
        tx.run(statement).await?;
        self.audit_organization(&mut tx, renamed, AuditAction::OrganizationRenamed, actor)
            .await?;
        tx.commit().await
    }

    async fn audit_organization(
        &self,
        tx: &mut Tx,
        organization: &Organization,
        action: AuditAction,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let event = AuditEvent {
            actor,
            action,
            subject_kind: "organization",
            subject_id: organization.id.to_string(),
            detail: json!({"name": organization.name}),
        };
        self.audit(tx, &organization.id, event).await?;
        Ok(())
    }

    /// Gives a member another name. Their role is [`Store::govern`]'s.
    pub async fn rename_member(&self, changed: &Member, actor: Actor) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql("UPDATE members SET name = $1 WHERE organization_id = $2 AND id = $3")
            .bind(&changed.name)
            .bind(changed.organization.as_str())
            .bind(changed.id.as_str());
        tx.run(statement).await?;
        let detail = json!({"name": changed.name});
        self.audit_member(&mut tx, changed, AuditAction::MemberRenamed, actor, detail)
            .await?;
        tx.commit().await
    }

    /// Gives a member another password, as a PHC string, and ends all of the member's sessions (R41).
    pub async fn set_password(
        &self,
        member: &Member,
        password: &Secret<String>,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement =
            sql("UPDATE members SET password_phc = $1 WHERE organization_id = $2 AND id = $3")
                .bind(password.expose())
                .bind(member.organization.as_str())
                .bind(member.id.as_str());
        tx.run(statement).await?;
        tx.run(sql("DELETE FROM sessions WHERE member_id = $1").bind(member.id.as_str()))
            .await?;
        self.audit_member(&mut tx, member, AuditAction::PasswordSet, actor, json!({}))
            .await?;
        tx.commit().await
    }

    async fn audit_member(
        &self,
        tx: &mut Tx,
        member: &Member,
        action: AuditAction,
        actor: Actor,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let event = AuditEvent {
            actor,
            action,
            subject_kind: "member",
            subject_id: member.id.to_string(),
            detail,
        };
        self.audit(tx, &member.organization, event).await?;
        Ok(())
    }
}
