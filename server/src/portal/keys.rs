//! API keys: made, shown once, listed, revoked.

use super::fields::{self, Findings};
use super::{OrFail, PortalRequest, Task, actor};
use crate::api::key::ApiKeyText;
use crate::domain::{ApiKey, Timestamp};
use crate::vault::Secret;
use app::portal::Answer;
use app::wire::{ApiKeySummary, Field, KeysView, NewApiKey, PortalError};

/// Under this name a new key waits in the session for its page.
const NEW_KEY: &str = "api-key";

impl PortalRequest {
    pub(super) async fn key_list(&self, application: &str) -> Answer<KeysView> {
        let (member, application) = self.within(Task::ReadConfiguration, application).await?;
        let keys = self.state.store.api_keys(&application.id).await.or_fail()?;
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let kept = format!("{NEW_KEY} {}", application.slug);
        let made = self
            .session
            .take_secret(&kept, &member.organization)
            .await?;
        let newest = keys.iter().find(|key| key.revoked_at.is_none());
        Ok(KeysView {
            application: application.name,
            made: made.zip(newest).map(|(key, newest)| NewApiKey {
                name: newest.name.clone(),
                key: key.expose().clone(),
            }),
            keys: keys.into_iter().map(summary).collect(),
            public_url: self.state.config.origin(),
            example_provider: providers.first().map(|provider| provider.slug.to_string()),
        })
    }

    pub(super) async fn new_key(&self, application: &str, name: &str) -> Answer<()> {
        let (member, application) = self.within(Task::ManageKeys, application).await?;
        let mut findings = Findings::default();
        let name = findings.check(Field::KeyName, fields::name(name));
        let name = findings.or(name)?;
        let ApiKeyText { text, hash, hint } = ApiKeyText::make();
        self.state
            .store
            .create_api_key(&application, &name, &hint, &hash, actor(&member))
            .await
            .or_fail()?;
        self.show_once(&member.organization, application.slug.as_str(), &text)
            .await
    }

    async fn show_once(
        &self,
        organization: &crate::domain::OrganizationId,
        slug: &str,
        key: &Secret<String>,
    ) -> Answer<()> {
        self.session
            .keep_secret(&format!("{NEW_KEY} {slug}"), organization, key)
            .await
    }

    pub(super) async fn end_key(&self, application: &str, key_id: &str) -> Answer<()> {
        let (member, application) = self.within(Task::ManageKeys, application).await?;
        let found = self
            .state
            .store
            .revoke_api_key(&application, key_id, actor(&member))
            .await
            .or_fail()?;
        if found {
            Ok(())
        } else {
            Err(PortalError::NotFound)
        }
    }
}

fn summary(key: ApiKey) -> ApiKeySummary {
    ApiKeySummary {
        id: key.id.to_string(),
        name: key.name,
        hint: key.hint,
        created_at: key.created_at.millis(),
        created_by: key.created_by,
        last_used_at: key.last_used_at.map(Timestamp::millis),
        revoked_at: key.revoked_at.map(Timestamp::millis),
    }
}
