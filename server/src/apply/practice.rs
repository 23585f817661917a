//! The practice provider: it registers itself, so a file says no more than that it is there.

use super::change::{Change, Deed};
use super::document::WantedProvider;
use super::{ApplyError, Mistake, Work, providers};
use crate::catalog::Definition;
use crate::domain::{Actor, Application, Provider};
use crate::practice::PracticeHouse;
use crate::store::NewProvider;
use crate::upstreams::provider_id;
use std::collections::BTreeMap;

impl Work<'_> {
    pub(super) async fn practice_provider(
        &mut self,
        application: &Application,
        definition: &Definition,
        wanted: WantedProvider,
        existing: Option<Provider>,
    ) -> Result<(), ApplyError> {
        let scopes = providers::scopes(definition, wanted.scopes.as_ref());
        if let Some(existing) = existing {
            let wanted = WantedProvider {
                client_id: existing.client_id.clone(),
                ..wanted
            };
            return self
                .changed_provider(application, &existing, &wanted, scopes, BTreeMap::new())
                .await;
        }
        let change = Change::new(
            Deed::Create,
            format_args!("provider {} of {}", wanted.slug, application.slug),
        );
        if self.plans(&change)? {
            return Ok(());
        }
        let house = PracticeHouse::new(Some(self.upstreams.public_url().clone()));
        let Some(practice) = house.get(self.store).await? else {
            let what = "The practice provider is not at hand on this instance.".to_owned();
            return Err(ApplyError::Refused(Mistake {
                line: wanted.line,
                what,
            }));
        };
        let id = provider_id(self.store.keyring(), application, &wanted.slug)?;
        let (client_id, client_secret) = practice.credentials_for(&id);
        let new = NewProvider {
            id,
            definition: wanted.definition,
            slug: wanted.slug,
            client_id,
            client_secrets: vec![client_secret],
            inputs: BTreeMap::new(),
            custom: None,
            scopes,
            one_owner_per_account: wanted.one_owner_per_account,
            team_fallback: wanted.team_fallback,
        };
        self.store
            .create_provider(application, new, Actor::apply())
            .await?;
        self.done(&change)
    }
}
