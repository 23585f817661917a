//! Client secrets: the first of the file is wanted in use, the rest are kept while it takes over.

use super::change::{Change, Deed};
use super::{ApplyError, Mode, Work};
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
            self.listed_secret(application, provider, (place, secret), stored)
                .await?;
            let stored = self.store.same_client_secret(provider, secret).await?;
            listed.extend(stored.map(|hint| hint.id));
        }
        Ok(listed)
    }

    async fn listed_secret(
        &mut self,
        application: &Application,
        provider: &Provider,
        (place, secret): (usize, &Secret<String>),
        stored: Option<ClientSecretHint>,
    ) -> Result<(), ApplyError> {
        let at = format!("provider {} of {}", provider.slug, application.slug);
        let added = Change::new(Deed::Add, format_args!("a client secret to {at}"));
        match (place, stored) {
            (_, None) if self.mode == Mode::Plan => {
                self.plans(&added)?;
            }
            (0, None) => {
                let state = self
                    .store
                    .add_client_secret(provider, secret, Actor::apply())
                    .await?;
                self.done_with(&added, until(state))?;
            }
            (0, Some(hint)) if hint.state == SecretState::Active && !hint.in_use => {
                let preferred = Change::new(
                    Deed::Prefer,
                    format_args!("another client secret in use at {at}"),
                );
                if self.plans(&preferred)? {
                    return Ok(());
                }
                let state = self
                    .store
                    .prefer_client_secret(provider, &hint.id, Actor::apply())
                    .await?;
                self.done_with(&preferred, until(state))?;
            }
            (_, None) => {
                self.store
                    .keep_client_secret(provider, secret, Actor::apply())
                    .await?;
                self.done(&added)?;
            }
            (0, Some(hint)) if hint.state == SecretState::Rejected => {
                self.noted(format_args!(
                    "the first client secret of {at} was refused there; the one before goes on"
                ))?;
            }
            (_, Some(_)) => {}
        }
        Ok(())
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

    async fn unlisted(
        &mut self,
        application: &Application,
        provider: &Provider,
        hint: &ClientSecretHint,
    ) -> Result<(), ApplyError> {
        let change = Change::new(
            Deed::Remove,
            format_args!(
                "a client secret from provider {} of {}",
                provider.slug, application.slug
            ),
        );
        let removed = match self.mode {
            Mode::Apply => {
                self.store
                    .remove_client_secret(provider, hint.id.as_str(), Actor::apply())
                    .await?
            }
            Mode::Plan => match hint.keeps(&provider.client_id) {
                Keeps::Nothing => Removal::Removed,
                needed => Removal::Kept(needed),
            },
        };
        let why = match removed {
            Removal::NotFound | Removal::Kept(Keeps::Nothing) => return Ok(()),
            Removal::Removed if self.plans(&change)? => return Ok(()),
            Removal::Removed => return self.done(&change),
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

fn until(state: SecretState) -> &'static str {
    if state == SecretState::OnTrial {
        "; the next refresh tries it"
    } else {
        ""
    }
}
