//! The organization and its house rules.

use super::change::{Change, Deed, yes_or_no};
use super::document::WantedOrganization;
use super::{ApplyError, Work};
use crate::domain::{Actor, Organization, OrganizationId};
use app::wire::HouseRules;

impl Work<'_> {
    pub(super) async fn organization(
        &mut self,
        wanted: &WantedOrganization,
    ) -> Result<Organization, ApplyError> {
        let organization = self.named(&wanted.name).await?;
        self.rules(&organization, wanted).await?;
        Ok(organization)
    }

    async fn named(&mut self, name: &str) -> Result<Organization, ApplyError> {
        let Some(existing) = self.store.organizations().await?.into_iter().next() else {
            let change = Change::new(Deed::Create, format_args!("organization {name}"));
            if self.plans(&change)? {
                return Ok(Organization {
                    id: OrganizationId::random(),
                    name: name.to_owned(),
                });
            }
            let made = self.store.create_organization(name, Actor::apply()).await?;
            self.done(&change)?;
            return Ok(made);
        };
        if existing.name == name {
            return Ok(existing);
        }
        let renamed = Organization {
            name: name.to_owned(),
            ..existing
        };
        let change = Change::new(Deed::Rename, format_args!("organization to {name}"));
        if self.plans(&change)? {
            return Ok(renamed);
        }
        self.store
            .rename_organization(&renamed, Actor::apply())
            .await?;
        self.done(&change)?;
        Ok(renamed)
    }

    /// Nobody is shut out by it: whoever owes a second factor is led to set one up.
    async fn rules(
        &mut self,
        organization: &Organization,
        wanted: &WantedOrganization,
    ) -> Result<(), ApplyError> {
        let before = self.store.house_rules(&organization.id).await?;
        let rules = HouseRules {
            second_factor_required: wanted
                .second_factor_required
                .unwrap_or(before.second_factor_required),
            personal_data_masked: wanted
                .personal_data_masked
                .unwrap_or(before.personal_data_masked),
        };
        let change = Change::new(Deed::Change, "house rules")
            .field(
                "second factor required",
                yes_or_no(before.second_factor_required),
                yes_or_no(rules.second_factor_required),
            )
            .field(
                "personal data masked",
                yes_or_no(before.personal_data_masked),
                yes_or_no(rules.personal_data_masked),
            );
        if change.is_nothing() || self.plans(&change)? {
            return Ok(());
        }
        self.store
            .set_house_rules(&organization.id, rules, Actor::apply())
            .await?;
        self.done(&change)
    }
}
