//! Ending connections: receipts that can be undone, many at once, emergency stops.

use super::fields::note;
use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::{Application, Stop};
use crate::store::{Stopped, Undo};
use app::portal::{Answer, Ending};
use app::wire::{
    BulkCriteria, BulkFormView, BulkRunView, Field, PortalError, RevokeReason, StopView,
};
use async_trait::async_trait;

#[async_trait]
impl Ending for PortalRequest {
    async fn undo_revocation(&self, application: &str, id: &str) -> Answer<()> {
        let subject = self.found(Task::RevokeConnections, application, id).await?;
        let by = actor(&subject.member);
        let undone = self.state.store.undo_revocation(&subject.connection, by);
        match undone.await.or_fail()? {
            Undo::Done(_) => Ok(()),
            Undo::TooLate => Err(PortalError::TooLateToUndo),
            Undo::RefreshUnderWay(wait) => Err(PortalError::RefreshUnderWay {
                retry_after_s: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1),
            }),
            Undo::ConnectedAgain => Err(PortalError::ConnectedAgain),
            Undo::NotRevoked => Err(PortalError::NotFound),
        }
    }

    async fn bulk_form(&self, application: &str, criteria: BulkCriteria) -> Answer<BulkFormView> {
        self.form_for_many(application, criteria).await
    }

    async fn revoke_in_bulk(
        &self,
        application: &str,
        criteria: BulkCriteria,
        reason: RevokeReason,
        note: String,
        confirmation: String,
    ) -> Answer<String> {
        self.revoke_many(application, criteria, reason, (&note, &confirmation))
            .await
    }

    async fn bulk_run(&self, application: &str, id: &str) -> Answer<BulkRunView> {
        self.run_of_many(application, id).await
    }

    async fn undo_bulk(&self, application: &str, id: &str) -> Answer<()> {
        self.undo_many(application, id).await
    }

    async fn stop_tokens(&self, application: &str, provider: &str, reason: String) -> Answer<()> {
        let (member, application) = self.within(Task::StopTokens, application).await?;
        let provider = self.provider_or_all(&application, provider).await?;
        let reason = note(Field::StopReason, &reason)?;
        let whose = match &provider {
            Some(provider) => Stopped::Provider(provider),
            None => Stopped::Application(&application),
        };
        let store = &self.state.store;
        store
            .stop_tokens(whose, &reason, actor(&member))
            .await
            .or_fail()
    }

    async fn let_tokens_go(&self, application: &str, provider: &str) -> Answer<()> {
        let (member, application) = self.within(Task::StopTokens, application).await?;
        let provider = self.provider_or_all(&application, provider).await?;
        let whose = match &provider {
            Some(provider) => Stopped::Provider(provider),
            None => Stopped::Application(&application),
        };
        let store = &self.state.store;
        store.let_tokens_go(whose, actor(&member)).await.or_fail()
    }
}

impl PortalRequest {
    /// The provider with this slug; none where the whole application is meant.
    async fn provider_or_all(
        &self,
        application: &Application,
        slug: &str,
    ) -> Answer<Option<crate::domain::Provider>> {
        if slug.is_empty() {
            return Ok(None);
        }
        let found = self.state.store.provider(&application.id, slug).await;
        found.or_fail()?.ok_or(PortalError::NotFound).map(Some)
    }

    /// Whose tokens are stopped, of an application: for the notice on its pages.
    pub(super) async fn stops(&self, application: &Application) -> Answer<Vec<StopView>> {
        let of_all = application.stop.clone().map(|stop| view(stop, None));
        let providers = self
            .state
            .store
            .providers(&application.id)
            .await
            .or_fail()?;
        let of_providers = providers.iter().filter_map(|provider| {
            let name = (provider.slug.to_string(), self.name_of(provider));
            Some(view(provider.stop.clone()?, Some(name)))
        });
        Ok(of_all.into_iter().chain(of_providers).collect())
    }
}

fn view(stop: Stop, provider: Option<(String, String)>) -> StopView {
    StopView {
        provider,
        since: stop.at.millis(),
        by: stop.by,
        reason: stop.reason,
    }
}
