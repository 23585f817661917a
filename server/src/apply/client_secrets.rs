//! Client secrets: the first of the file is wanted in use, the rest are kept while it takes over.

use super::{ApplyError, Work};
use crate::domain::{
    Actor, Application, ClientSecretHint, ClientSecretId, Keeps, Provider, SecretState,
};
use crate::store::Removal;
use crate::vault::Secret;

impl Work<'_> {
    /// Adds what is missing, and answers which secrets the file lists. A first one that is not in use
    /// yet goes through a trial, like one that is added in the portal.
    pub(super) async fn listed_secrets(
        &mut self,
        application: &Application,
        provider: &Provider,
        wanted: &[Secret<String>],
    ) -> Result<Vec<ClientSecretId>, ApplyError> {
        let mut listed: Vec<ClientSecretId> = Vec::with_capacity(wanted.len());
        for (place, secret) in wanted.iter().enumerate() {
            let stored = self.store.same_client_secret(provider, secret).await?;
            match (place, stored) {
                (0, None) => {
                    let added = self
                        .store
                        .add_client_secret(provider, secret, Actor::apply());
                    let state = added.await?;
                    self.told("added a client secret to", state, application, provider)?;
                }
                (0, Some(hint)) if hint.state == SecretState::Active && !hint.in_use => {
                    let preferred =
                        self.store
                            .prefer_client_secret(provider, &hint.id, Actor::apply());
                    let state = preferred.await?;
                    self.told(
                        "wants another client secret in use at",
                        state,
                        application,
                        provider,
                    )?;
                }
                (_, None) => {
                    let kept = self
                        .store
                        .keep_client_secret(provider, secret, Actor::apply());
                    kept.await?;
                    let state = SecretState::Active;
                    self.told("added a client secret to", state, application, provider)?;
                }
                (0, Some(hint)) if hint.state == SecretState::Rejected => {
                    self.noted(format_args!(
                        "the first client secret of provider {} of {} was refused there; the one before goes on",
                        provider.slug, application.slug
                    ))?;
                }
                (_, Some(_)) => {}
            }
            let stored = self.store.same_client_secret(provider, secret).await?;
            listed.extend(stored.map(|hint| hint.id));
        }
        Ok(listed)
    }

    /// Takes away what the file no longer lists, once nothing needs it.
    pub(super) async fn unlisted_secrets(
        &mut self,
        application: &Application,
        provider: &Provider,
        listed: &[ClientSecretId],
    ) -> Result<(), ApplyError> {
        let stored = self.store.client_secret_hints(&provider.id).await?;
        for hint in stored.iter().filter(|hint| !listed.contains(&hint.id)) {
            self.unlisted(application, provider, hint).await?;
        }
        Ok(())
    }

    fn told(
        &mut self,
        what: &str,
        state: SecretState,
        application: &Application,
        provider: &Provider,
    ) -> Result<(), ApplyError> {
        let until = if state == SecretState::OnTrial {
            "; the next refresh tries it"
        } else {
            ""
        };
        let (provider, application) = (&provider.slug, &application.slug);
        self.changed(format_args!(
            "{what} provider {provider} of {application}{until}"
        ))
    }

    async fn unlisted(
        &mut self,
        application: &Application,
        provider: &Provider,
        hint: &ClientSecretHint,
    ) -> Result<(), ApplyError> {
        let removed = self
            .store
            .remove_client_secret(provider, hint.id.as_str(), Actor::apply())
            .await?;
        let why = match removed {
            Removal::NotFound | Removal::Kept(Keeps::Nothing) => return Ok(()),
            Removal::Removed => {
                return self.changed(format_args!(
                    "removed a client secret from provider {} of {}",
                    provider.slug, application.slug
                ));
            }
            Removal::Kept(Keeps::InUse) if hint.client_id != provider.client_id => format!(
                "{} connections of an earlier client ID refresh with it",
                hint.of_client_id
            ),
            Removal::Kept(Keeps::InUse) => "it is in use until another one was tried".to_owned(),
            Removal::Kept(Keeps::Connections(many)) => {
                format!("{many} connections were last refreshed with it")
            }
        };
        self.noted(format_args!(
            "a client secret of provider {} of {} that the file does not list stays: {why}",
            provider.slug, application.slug
        ))
    }
}
