//! Applications: the list, a new one, settings.

use super::fields::{self, Findings};
use super::{OrFail, PortalRequest, Task, actor};
use crate::brand;
use crate::domain::{Application, Completion, Provider, Slug, Timestamp};
use crate::store::StoreError;
use app::portal::Answer;
use app::wire::{
    ApplicationSettings, ApplicationSummary, Field, NewApplication, PortalError, Problem,
    ProviderMark, SettingsView, StateCounts,
};

impl PortalRequest {
    pub(super) async fn application_list(&self) -> Answer<Vec<ApplicationSummary>> {
        let member = self.allowed(Task::Enter).await?;
        self.owes_no_second_factor(&member).await?;
        let mut list = Vec::new();
        for application in self
            .state
            .store
            .applications(&member.organization)
            .await
            .or_fail()?
        {
            let providers = self
                .state
                .store
                .providers(&application.id)
                .await
                .or_fail()?;
            let counts = self.counts(&application).await?;
            let stopped = providers
                .iter()
                .filter(|provider| provider.credentials_rejected_at.is_some())
                .count();
            list.push(ApplicationSummary {
                slug: application.slug.to_string(),
                providers: self.marks(&providers),
                providers_stopped: u32::try_from(stopped).unwrap_or(u32::MAX),
                connections: counts.total() - counts.revoked,
                need_a_person: counts.reconnect_required,
                last_handed_out_at: self
                    .state
                    .store
                    .last_handed_out_at(&application.id)
                    .await
                    .or_fail()?
                    .map(Timestamp::millis),
                name: application.name,
            });
        }
        // those that need someone first
        list.sort_by_key(|one| (one.providers_stopped == 0, one.need_a_person == 0));
        Ok(list)
    }

    pub(super) async fn counts(&self, application: &Application) -> Answer<StateCounts> {
        self.state
            .store
            .connection_counts(&application.id)
            .await
            .or_fail()
    }

    pub(super) fn marks(&self, providers: &[Provider]) -> Vec<ProviderMark> {
        providers
            .iter()
            .filter_map(|provider| self.state.upstreams.definition(provider).ok())
            .map(|definition| definition.provider_mark())
            .collect()
    }

    pub(super) async fn new_application(&self, form: NewApplication) -> Answer<String> {
        let member = self.allowed(Task::Configure).await?;
        let mut findings = Findings::default();
        let name = findings.check(Field::ApplicationName, fields::name(&form.name));
        let return_urls = findings.check(Field::ReturnUrls, fields::return_urls(&form.return_urls));
        let wanted = form.slug.trim();
        let slug: Option<Slug> = if wanted.is_empty() {
            Slug::from_name(&form.name).or_else(|| "application".parse().ok())
        } else {
            findings.check(Field::Slug, wanted.parse().map_err(|_| Problem::NotASlug))
        };
        if slug.as_ref().is_some_and(|slug| slug.as_str() == "new") {
            findings.add(Field::Slug, Problem::Taken);
        }
        let (name, return_urls, slug) =
            findings.or(name.zip(return_urls).zip(slug).map(|((a, b), c)| (a, b, c)))?;
        let new = crate::store::NewApplication {
            slug,
            name,
            return_urls,
            allowed_origins: Vec::new(),
            completion: Completion::Confirm,
            accent: None,
        };
        // a slug that was made from the name moves aside; one that was typed does not
        let numbers = if wanted.is_empty() { 1..100 } else { 1..2 };
        for number in numbers {
            let slug = if number == 1 {
                new.slug.clone()
            } else {
                new.slug.numbered(number)
            };
            let attempt = crate::store::NewApplication {
                slug,
                ..new.clone()
            };
            match self
                .state
                .store
                .create_application(&member.organization, attempt, actor(&member))
                .await
            {
                Ok(application) => return Ok(application.slug.to_string()),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error).or_fail(),
            }
        }
        Err(PortalError::field(Field::Slug, Problem::Taken))
    }

    pub(super) async fn application_settings(&self, application: &str) -> Answer<SettingsView> {
        let (_, application) = self.within(Task::ReadConfiguration, application).await?;
        Ok(SettingsView {
            slug: application.slug.to_string(),
            name: application.name.clone(),
            brand: brand::view(&application),
            completion: application.completion,
            return_urls: application.return_urls,
            allowed_origins: application.allowed_origins,
        })
    }

    pub(super) async fn change_application(
        &self,
        application: &str,
        form: ApplicationSettings,
    ) -> Answer<()> {
        let (member, application) = self.within(Task::Configure, application).await?;
        let mut findings = Findings::default();
        let name = findings.check(Field::ApplicationName, fields::name(&form.name));
        let return_urls = findings.check(Field::ReturnUrls, fields::return_urls(&form.return_urls));
        let origins = findings.check(
            Field::AllowedOrigins,
            fields::origins(&form.allowed_origins),
        );
        let completion = findings.check(Field::Completion, fields::completion(&form.completion));
        let accent = findings.check(Field::Accent, fields::accent(&form.accent));
        if completion == Some(Completion::Bound) && return_urls.as_ref().is_some_and(Vec::is_empty)
        {
            findings.add(Field::ReturnUrls, Problem::NeededWhenBound);
        }
        let lists = return_urls.zip(origins);
        let ((name, (return_urls, allowed_origins)), (completion, accent)) =
            findings.or(name.zip(lists).zip(completion.zip(accent)))?;
        let leads_elsewhere = return_urls != application.return_urls
            || allowed_origins != application.allowed_origins
            || completion != application.completion;
        if leads_elsewhere {
            self.allowed(Task::ChangeReturns).await?;
        }
        let changed = Application {
            name,
            return_urls,
            allowed_origins,
            completion,
            accent,
            ..application
        };
        self.state
            .store
            .update_application(&changed, actor(&member))
            .await
            .or_fail()
    }
}
