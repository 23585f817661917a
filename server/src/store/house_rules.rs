//! What an organization asks of its members, and hides from them.

use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, AuditAction, AuditEvent, Member, OrganizationId};
use app::wire::HouseRules;
use serde_json::json;

impl Store {
    /// The rules of an organization.
    pub async fn house_rules(
        &self,
        organization: &OrganizationId,
    ) -> Result<HouseRules, StoreError> {
        rules_of(&mut &self.db, organization).await
    }

    /// Sets them. What is so already is not written, and not audited.
    pub async fn set_house_rules(
        &self,
        organization: &OrganizationId,
        rules: HouseRules,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        super::team::lock_team(&mut tx, organization).await?;
        let before = rules_of(&mut tx, organization).await?;
        if before == rules {
            return Ok(());
        }
        let statement = sql(
            "UPDATE organizations SET second_factor_required = $1, personal_data_masked = $2 WHERE id = $3",
        )
        .bind(rules.second_factor_required)
        .bind(rules.personal_data_masked)
        .bind(organization.as_str());
        tx.run(statement).await?;
        let event = AuditEvent {
            actor,
            action: AuditAction::RulesChanged,
            subject_kind: "organization",
            subject_id: organization.as_str().to_owned(),
            detail: json!({
                "second_factor_required": rules.second_factor_required,
                "personal_data_masked": rules.personal_data_masked,
            }),
        };
        self.audit(&mut tx, organization, event).await?;
        tx.commit().await
    }

    /// Whether the organization asks this member for a second factor, and there is none (R42).
    pub async fn owes_second_factor(&self, member: &Member) -> Result<bool, StoreError> {
        if !member.role.is_mighty() {
            return Ok(false);
        }
        let rules = self.house_rules(&member.organization).await?;
        Ok(rules.second_factor_required && !self.has_second_factor(member).await?)
    }
}

async fn rules_of(
    runs: &mut impl Runs,
    organization: &OrganizationId,
) -> Result<HouseRules, StoreError> {
    let statement =
        sql("SELECT second_factor_required, personal_data_masked FROM organizations WHERE id = $1");
    let Some(row) = runs.row(statement.bind(organization.as_str())).await? else {
        return Ok(HouseRules::default());
    };
    Ok(HouseRules {
        second_factor_required: row.flag("second_factor_required")?,
        personal_data_masked: row.flag("personal_data_masked")?,
    })
}
