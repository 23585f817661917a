//! Changed scopes: looked at before they are saved, since connections are concerned.

use super::fields;
use super::providers::chosen_only;
use super::{OrFail, PortalRequest, Task};
use crate::domain::{Application, Provider, Scopes};
use crate::vault::Secret;
use app::address;
use app::portal::Answer;
use app::wire::{Draft, PortalError, ScopeChange, ScopePreview};

impl PortalRequest {
    /// Whether a change has to be confirmed: other scopes, and connections that were granted the old ones.
    pub(super) async fn asks_first(
        &self,
        application: &Application,
        before: &Provider,
        after: &Provider,
    ) -> Answer<bool> {
        if same(&before.scopes, &after.scopes) {
            return Ok(false);
        }
        let grants = self
            .state
            .store
            .grants(&application.id, None)
            .await
            .or_fail()?;
        Ok(grants.iter().any(|group| group.provider == before.id))
    }

    /// Keeps a client secret that was typed along with scopes, until the preview was seen.
    pub(super) async fn keep_typed_secret(
        &self,
        provider: &Provider,
        secret: &Secret<String>,
    ) -> Answer<()> {
        self.session
            .keep_secret(&typed_secret(provider), &provider.organization, secret)
            .await
    }

    pub(super) async fn take_typed_secret(
        &self,
        provider: &Provider,
    ) -> Answer<Option<Secret<String>>> {
        self.session
            .take_secret(&typed_secret(provider), &provider.organization)
            .await
    }

    pub(super) async fn preview_of_scopes(
        &self,
        application: &str,
        provider: &str,
    ) -> Answer<ScopePreview> {
        let (_, application, provider) = self
            .within_provider(Task::Configure, application, provider)
            .await?;
        let definition = self.state.upstreams.definition(&provider).or_fail()?;
        let form = address::provider(application.slug.as_str(), provider.slug.as_str());
        let change = match self.session.take_draft(&form).await? {
            Some(draft) => {
                // the page may be looked at again, and "Back" leads to a form with all of it
                self.session.keep_draft(&form, draft.clone()).await?;
                let wanted = chosen_only(&definition, &wanted(&draft)?);
                Some(self.change(&application, &provider, wanted, draft).await?)
            }
            None => None,
        };
        Ok(ScopePreview {
            application: application.name,
            mark: definition.provider_mark(),
            short_name: definition.short_name.clone(),
            change,
        })
    }

    async fn change(
        &self,
        application: &Application,
        provider: &Provider,
        wanted: Scopes,
        draft: Draft,
    ) -> Answer<ScopeChange> {
        let definition = self.state.upstreams.definition(provider).or_fail()?;
        let providers = std::slice::from_ref(provider);
        let survey = self.survey(&application.id, providers).await?;
        let (connections, lacking) = survey.would_lack(provider, &definition, &wanted);
        let rules = &definition.scopes;
        let at_provider = rules.registered_at_provider.as_ref();
        Ok(ScopeChange {
            new: definition.words_for(&wanted.without(&provider.scopes)),
            gone: definition.words_for(&provider.scopes.without(&wanted)),
            connections,
            lacking,
            at_provider: at_provider.or(rules.set_at_provider.as_ref()).cloned(),
            fields: draft.fields,
        })
    }
}

/// Scopes as the form held them, which was checked when it was sent.
fn wanted(draft: &Draft) -> Answer<Scopes> {
    let ticked = draft.all("scopes[]").map(str::to_owned).collect();
    let typed = draft.get("other_scopes").unwrap_or_default();
    fields::scopes(ticked, typed).map_err(|_| PortalError::NotFound)
}

fn same(one: &Scopes, other: &Scopes) -> bool {
    one.len() == other.len() && one.without(other).is_empty()
}

fn typed_secret(provider: &Provider) -> String {
    format!("client secret of {}", provider.id)
}
