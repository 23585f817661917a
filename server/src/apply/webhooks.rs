//! Webhook endpoints. Which one a table is about, its `url` says; one with another address is another.

use super::change::{Change, Deed};
use super::document::{Reading, SecretText};
use super::{ApplyError, Mistake, Work};
use crate::domain::{Actor, Application, Subscription, WebhookSecret};
use crate::store::EndpointSetting;
use crate::webhooks::vet_address;
use serde::Deserialize;
use toml::Spanned;

/// `[[applications.webhooks]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookTable {
    url: String,
    events: Vec<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    secret: SecretText,
}

#[derive(Debug)]
pub(super) struct WantedWebhook {
    pub(super) line: usize,
    pub(super) url: String,
    description: String,
    events: Subscription,
    /// `None`: one is made and printed for a new endpoint, and an existing one keeps its own.
    secret: Option<WebhookSecret>,
}

impl Reading<'_> {
    pub(super) fn webhook(&mut self, table: Spanned<WebhookTable>) -> Option<WantedWebhook> {
        let line = self.line(&table);
        let table = table.into_inner();
        let events = Subscription::new(&table.events).ok();
        if events.is_none() {
            self.wrong(
                line,
                "`events` has to be a list of events such as \"connection.revoked\", or of patterns such as \"connection.*\".",
            );
        }
        // as it is compared with what is stored
        let url = url::Url::parse(table.url.trim()).ok().map(String::from);
        if url.is_none() {
            self.wrong(line, "`url` has to be an absolute URL.");
        }
        let secret = table.secret.0.and_then(|text| {
            let secret = WebhookSecret::parse(text.expose());
            if secret.is_none() {
                self.wrong(line, "`secret` has to be `whsec_` and the base64 of 24 to 64 bytes. Leave it out once: one is made and printed.");
            }
            secret
        });
        Some(WantedWebhook {
            line,
            url: url?,
            description: table.description,
            events: events?,
            secret,
        })
    }
}

impl Work<'_> {
    pub(super) async fn webhook(
        &mut self,
        application: &Application,
        wanted: WantedWebhook,
    ) -> Result<(), ApplyError> {
        let line = wanted.line;
        let refused = |what: String| ApplyError::Refused(Mistake { line, what });
        let url = vet_address(self.upstreams.egress(), &wanted.url)
            .await
            .map_err(|wrong| refused(format!("`url` cannot be called: {wrong}.")))?;
        let setting = EndpointSetting {
            url,
            description: wanted.description,
            events: wanted.events,
        };
        let endpoints = self.store.endpoints(&application.id).await?;
        let existing = endpoints.into_iter().find(|one| one.url == setting.url);
        let Some(existing) = existing else {
            return self
                .new_webhook(application, &setting, wanted.secret, line)
                .await;
        };
        let change = Change::new(
            Deed::Change,
            format_args!("webhook {} of {}", existing.id, application.slug),
        )
        .field(
            "events",
            existing.events.words().join(" "),
            setting.events.words().join(" "),
        )
        .field("description", &existing.description, &setting.description);
        if !change.is_nothing() && !self.plans(&change)? {
            self.store
                .update_endpoint(&existing, &setting, Actor::apply())
                .await?;
            self.done(&change)?;
        }
        if let Some(secret) = wanted.secret {
            let signing = self.store.signing_secrets(&existing).await?;
            // the first is the newest
            let is_in_use = signing
                .first()
                .is_some_and(|one| one.text.expose() == secret.text.expose());
            let change = Change::new(
                Deed::Set,
                format_args!(
                    "the secret of webhook {} of {}; the one before signs too for 24 hours",
                    existing.id, application.slug
                ),
            );
            if !is_in_use && !self.plans(&change)? {
                self.store
                    .rotate_endpoint_secret(&existing, &secret, Actor::apply())
                    .await?;
                self.done(&change)?;
            }
        }
        Ok(())
    }

    async fn new_webhook(
        &mut self,
        application: &Application,
        setting: &EndpointSetting,
        secret: Option<WebhookSecret>,
        line: usize,
    ) -> Result<(), ApplyError> {
        let change = Change::new(
            Deed::Create,
            format_args!("webhook {} of {}", setting.url, application.slug),
        );
        if self.plans(&change)? {
            return Ok(());
        }
        let is_given = secret.is_some();
        let secret = secret.unwrap_or_else(WebhookSecret::make);
        let whose = (&application.organization, &application.id);
        let made = self
            .store
            .create_endpoint(whose, setting, &secret, Actor::apply())
            .await?;
        if made.is_none() {
            let what = "Delete a webhook first: the application has as many as it may have.";
            return Err(ApplyError::Refused(Mistake {
                line,
                what: what.to_owned(),
            }));
        }
        if is_given {
            return self.done(&change);
        }
        // the only place where it can ever be read
        self.done_with(
            &change,
            format_args!(", its secret shown this once: {}", secret.text.expose()),
        )
    }
}
