//! Applications and their API keys.

use super::document::{WantedApplication, WantedKey};
use super::{ApplyError, Mistake, Work};
use crate::api::key::ApiKeyText;
use crate::brand::Logo;
use crate::domain::{Actor, Application, Organization};
use crate::store::{NewApplication, StoreError};

impl Work<'_> {
    pub(super) async fn application(
        &mut self,
        organization: &Organization,
        wanted: WantedApplication,
    ) -> Result<(), ApplyError> {
        let existing = self
            .store
            .application(&organization.id, wanted.slug.as_str())
            .await?;
        let application = match existing {
            Some(existing) => self.changed_application(existing, &wanted).await?,
            None => self.new_application(organization, &wanted).await?,
        };
        self.logo(&application, wanted.logo.as_ref()).await?;
        for key in wanted.api_keys {
            self.api_key(&application, key).await?;
        }
        for provider in wanted.providers {
            self.provider(&application, provider).await?;
        }
        Ok(())
    }

    async fn new_application(
        &mut self,
        organization: &Organization,
        wanted: &WantedApplication,
    ) -> Result<Application, ApplyError> {
        let new = NewApplication {
            slug: wanted.slug.clone(),
            name: wanted.name.clone(),
            return_urls: wanted.return_urls.clone(),
            allowed_origins: wanted.allowed_origins.clone(),
            completion: wanted.completion,
            accent: wanted.accent,
        };
        let made = self
            .store
            .create_application(&organization.id, new, Actor::apply())
            .await?;
        self.changed(format_args!("created application {}", made.slug))?;
        Ok(made)
    }

    async fn changed_application(
        &mut self,
        existing: Application,
        wanted: &WantedApplication,
    ) -> Result<Application, ApplyError> {
        let mut what = Vec::new();
        if existing.name != wanted.name {
            what.push("name");
        }
        if existing.return_urls != wanted.return_urls {
            what.push("return URLs");
        }
        if existing.allowed_origins != wanted.allowed_origins {
            what.push("allowed origins");
        }
        if existing.completion != wanted.completion {
            what.push("completion");
        }
        let accent = wanted.accent.or(existing.accent);
        if existing.accent != accent {
            what.push("accent");
        }
        if what.is_empty() {
            return Ok(existing);
        }
        let changed = Application {
            name: wanted.name.clone(),
            return_urls: wanted.return_urls.clone(),
            allowed_origins: wanted.allowed_origins.clone(),
            completion: wanted.completion,
            accent,
            ..existing
        };
        self.store
            .update_application(&changed, Actor::apply())
            .await?;
        self.changed(format_args!(
            "changed application {}: {}",
            changed.slug,
            what.join(", ")
        ))?;
        Ok(changed)
    }

    /// Gives the application its logo, unless it has this one.
    async fn logo(
        &mut self,
        application: &Application,
        wanted: Option<&Logo>,
    ) -> Result<(), ApplyError> {
        let Some(logo) = wanted.filter(|logo| application.logo != Some(*logo.digest())) else {
            return Ok(());
        };
        self.store
            .set_logo(application, Some(logo), Actor::apply())
            .await?;
        self.changed(format_args!(
            "changed application {}: logo",
            application.slug
        ))
    }

    async fn api_key(
        &mut self,
        application: &Application,
        wanted: WantedKey,
    ) -> Result<(), ApplyError> {
        match wanted.key {
            Some(key) => {
                self.given_key(application, wanted.line, &wanted.name, &key)
                    .await
            }
            None => self.any_key(application, &wanted.name).await,
        }
    }

    async fn given_key(
        &mut self,
        application: &Application,
        line: usize,
        name: &str,
        key: &ApiKeyText,
    ) -> Result<(), ApplyError> {
        if self.store.has_api_key(&application.id, &key.hash).await? {
            return Ok(());
        }
        match self
            .store
            .create_api_key(application, name, &key.hint, &key.hash, Actor::apply())
            .await
        {
            Ok(_) => self.changed(format_args!(
                "created API key {name} of {}: {}",
                application.slug, key.hint
            )),
            Err(StoreError::Conflict) => {
                let what =
                    "This `key` was revoked, or belongs to another application: use another one."
                        .to_owned();
                Err(ApplyError::Refused(Mistake { line, what }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a key unless a live one has this name. The line that tells of it is the only place where
    /// it can ever be read.
    async fn any_key(&mut self, application: &Application, name: &str) -> Result<(), ApplyError> {
        let keys = self.store.api_keys(&application.id).await?;
        if keys
            .iter()
            .any(|key| key.name == name && key.revoked_at.is_none())
        {
            return Ok(());
        }
        let ApiKeyText { text, hash, hint } = ApiKeyText::make();
        self.store
            .create_api_key(application, name, &hint, &hash, Actor::apply())
            .await?;
        let line = format!(
            "created API key {name} of {}, shown this once: {}",
            application.slug,
            text.expose()
        );
        self.changed(line)
    }
}
