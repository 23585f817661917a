//! Applications.

use super::change::{Change, Deed};
use super::document::WantedApplication;
use super::{ApplyError, Work};
use crate::brand::Logo;
use crate::domain::{Accent, Actor, Application, ApplicationId, Organization};
use crate::store::NewApplication;

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
        for provider in wanted.providers {
            self.provider(&application, provider).await?;
        }
        // behind the providers that they may be limited to
        for key in wanted.api_keys {
            self.api_key(&application, key).await?;
        }
        for webhook in wanted.webhooks {
            self.webhook(&application, webhook).await?;
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
        let change = Change::new(Deed::Create, format_args!("application {}", new.slug));
        if self.plans(&change)? {
            return Ok(Application {
                id: ApplicationId::random(),
                organization: organization.id.clone(),
                slug: new.slug,
                name: new.name,
                return_urls: new.return_urls,
                allowed_origins: new.allowed_origins,
                completion: new.completion,
                accent: new.accent,
                logo: None,
                stop: None,
            });
        }
        let made = self
            .store
            .create_application(&organization.id, new, Actor::apply())
            .await?;
        self.done(&change)?;
        Ok(made)
    }

    async fn changed_application(
        &mut self,
        existing: Application,
        wanted: &WantedApplication,
    ) -> Result<Application, ApplyError> {
        let accent = wanted.accent.or(existing.accent);
        let colour = |accent: Option<Accent>| accent.map_or_else(String::new, |it| it.to_string());
        let change = Change::new(Deed::Change, format_args!("application {}", existing.slug))
            .field("name", &existing.name, &wanted.name)
            .field(
                "return URLs",
                existing.return_urls.join(", "),
                wanted.return_urls.join(", "),
            )
            .field(
                "allowed origins",
                existing.allowed_origins.join(", "),
                wanted.allowed_origins.join(", "),
            )
            .field(
                "completion",
                existing.completion.as_str(),
                wanted.completion.as_str(),
            )
            .field("accent", colour(existing.accent), colour(accent));
        if change.is_nothing() || self.plans(&change)? {
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
        self.done(&change)?;
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
        let before = application.logo.map_or("", |_| "another picture");
        let change = Change::new(
            Deed::Change,
            format_args!("application {}", application.slug),
        )
        .field("logo", before, "the picture of the file");
        if self.plans(&change)? {
            return Ok(());
        }
        self.store
            .set_logo(application, Some(logo), Actor::apply())
            .await?;
        self.done(&change)
    }
}
