//! The playground of a provider, for the member who is signed in. No role sees a token here, and no
//! member sees another's run.

use super::{OrFail, PortalRequest, Task, upstream_failure};
use crate::catalog::{AskedOf, Definition};
use crate::domain::{Member, Playground, Provider};
use crate::playground::{PlaygroundError, needs_own_credentials};
use app::portal::Answer;
use app::wire::{Field, Language, PlaygroundDeed, PlaygroundView, PortalError, Problem, RunView};
use std::collections::BTreeMap;
use std::sync::Arc;

impl PortalRequest {
    pub(super) async fn playground_page(
        &self,
        application: &str,
        provider: &str,
    ) -> Answer<PlaygroundView> {
        let (member, provider, definition) = self.playing(application, provider).await?;
        let upstreams = &self.state.upstreams;
        self.answer
            .leads_to(&upstreams.sign_in_origins(&provider, &definition));
        let run = self.run_of(&provider, &member).await?;
        Ok(PlaygroundView {
            provider: provider.slug.to_string(),
            mark: definition.provider_mark(),
            short_name: definition.short_name.clone(),
            redirect_uri: upstreams.redirect_uri(&provider.id),
            inputs: definition.input_views(AskedOf::EndUser, Language::En),
            needs_own_credentials: needs_own_credentials(&definition),
            needs: definition.needs.clone(),
            run: run.map(|run| RunView {
                step: run.step,
                exchanges: run.transcript,
                expires_at: run.expires_at.millis(),
            }),
        })
    }

    /// Begins a run. Answers where the browser goes, and gives it the cookie that it comes back with.
    pub(super) async fn leave_for_provider(
        &self,
        application: &str,
        provider: &str,
        inputs: &BTreeMap<String, String>,
    ) -> Answer<String> {
        let (member, provider, _) = self.playing(application, provider).await?;
        let departure = self
            .state
            .playgrounds
            .begin(&provider, &member, inputs)
            .await
            .or_fail()?;
        if let Some(cookie) = departure.cookie {
            self.answer.set_cookie(cookie);
        }
        Ok(departure.location.into())
    }

    pub(super) async fn take_step(
        &self,
        application: &str,
        provider: &str,
        step: PlaygroundDeed,
    ) -> Answer<()> {
        let (member, provider, _) = self.playing(application, provider).await?;
        let run = self.run_of(&provider, &member).await?;
        let run = run.ok_or(PortalError::Changed)?;
        let playgrounds = &self.state.playgrounds;
        match step {
            PlaygroundDeed::GetToken => playgrounds.exchange(&provider, &run).await,
            PlaygroundDeed::FetchProfile => playgrounds.fetch_profile(&provider, &run).await,
            PlaygroundDeed::Finish => playgrounds.finish(&provider, &run).await,
        }
        .or_fail()
    }

    async fn playing(
        &self,
        application: &str,
        provider: &str,
    ) -> Answer<(Member, Provider, Arc<Definition>)> {
        let (member, _, provider) = self
            .within_provider(Task::TryTheFlow, application, provider)
            .await?;
        let definition = self.state.upstreams.definition(&provider).or_fail()?;
        Ok((member, provider, definition))
    }

    async fn run_of(&self, provider: &Provider, member: &Member) -> Answer<Option<Playground>> {
        self.state
            .playgrounds
            .run_of(provider, member)
            .await
            .or_fail()
    }
}

impl<T> OrFail<T> for Result<T, PlaygroundError> {
    fn or_fail(self) -> Answer<T> {
        self.map_err(|error| match error {
            PlaygroundError::Input(_) => PortalError::field(Field::Inputs, Problem::NotAChoice),
            PlaygroundError::NoCredentials => PortalError::NotFound,
            PlaygroundError::Changed => PortalError::Changed,
            PlaygroundError::Upstream(error) => upstream_failure(&error),
        })
    }
}
