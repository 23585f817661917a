//! Applications and their API keys.

use super::Export;
use crate::domain::{ApiKey, Application, KeyProviders, Provider, Timestamp};
use crate::store::StoreError;
use app::wire::EndpointState;
use std::collections::BTreeMap;

impl Export<'_> {
    pub(super) async fn application(
        &mut self,
        application: &Application,
    ) -> Result<(), StoreError> {
        let text = &mut self.text;
        text.table("[[applications]]");
        text.entry("slug", application.slug.as_str());
        text.entry("name", application.name.as_str());
        text.entry("return_urls", application.return_urls.clone());
        text.entry("allowed_origins", application.allowed_origins.clone());
        text.entry("completion", application.completion.as_str());
        text.maybe(
            "accent",
            application.accent.map(|accent| accent.to_string()),
        );
        self.logo(application).await?;
        self.api_keys(application).await?;
        for provider in self.store.providers(&application.id).await? {
            self.provider(application, &provider).await?;
        }
        self.webhooks(application).await
    }

    async fn webhooks(&mut self, application: &Application) -> Result<(), StoreError> {
        let mut endpoints = self.store.endpoints(&application.id).await?;
        endpoints.sort_by(|a, b| a.url.cmp(&b.url));
        for endpoint in endpoints {
            let url = endpoint.url.as_str();
            self.text.table("[[applications.webhooks]]");
            if let EndpointState::Disabled { .. } = endpoint.state() {
                self.text
                    .comment("It is disabled; a new instance sends to it.");
            }
            self.text.entry("url", url);
            self.text.entry("events", endpoint.events.words().to_vec());
            self.text
                .entry("description", endpoint.description.as_str());
            let slug = application.slug.as_str();
            let reference = self.text.secret(
                &[slug, "WEBHOOK_SECRET", url],
                format_args!(
                    "secret of webhook {url} of {slug}; without it a new instance makes one"
                ),
            );
            self.text.raw("secret", reference);
        }
        Ok(())
    }

    async fn logo(&mut self, application: &Application) -> Result<(), StoreError> {
        let Some(digest) = &application.logo else {
            return Ok(());
        };
        if !self.with_logos {
            self.text
                .comment("Its logo is left out: `grantport export --logos DIRECTORY` writes it.");
            return Ok(());
        }
        if let Some(picture) = self.store.logo(digest).await? {
            let name = format!("logo-{}.png", application.slug);
            self.text.entry("logo", name.as_str());
            self.logos.push((name, picture));
        }
        Ok(())
    }

    /// What a key is limited to. What says nothing is left out: it means the same.
    fn limits(&mut self, key: &ApiKey, providers: &[Provider]) {
        let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.to_string()).collect();
        self.text.entry("scopes", scopes);
        let limits = &key.limits;
        if limits.providers != KeyProviders::All {
            let seen = providers
                .iter()
                .filter(|provider| limits.providers.include(&provider.id));
            let slugs: Vec<String> = seen.map(|provider| provider.slug.to_string()).collect();
            self.text.entry("providers", slugs);
        }
        let ranges = limits.addresses.ranges();
        self.text
            .maybe("ip_ranges", (!ranges.is_empty()).then_some(ranges));
        self.text
            .maybe("expires_at", limits.expires_at.map(Timestamp::rfc3339));
        self.text
            .maybe("rate_per_s", limits.rate.map(|rate| i64::from(rate.get())));
    }

    /// Keys go by their names: where several live ones share one, the newest stands for them.
    async fn api_keys(&mut self, application: &Application) -> Result<(), StoreError> {
        let keys = self.store.api_keys(&application.id).await?;
        let mut by_name: BTreeMap<String, (ApiKey, usize)> = BTreeMap::new();
        for key in keys.into_iter().filter(|key| key.revoked_at.is_none()) {
            let name = key.name.clone();
            by_name.entry(name).or_insert((key, 0)).1 += 1;
        }
        let providers = self.store.providers(&application.id).await?;
        for (name, (key, many)) in by_name {
            self.text.table("[[applications.api_keys]]");
            if many > 1 {
                self.text
                    .comment(format_args!("{many} live keys have this name."));
            }
            self.text.entry("name", name.as_str());
            let slug = application.slug.as_str();
            let reference = self.text.secret(
                &[slug, "KEY", &name],
                format_args!("API key {name} of {slug}; without it a new instance makes one"),
            );
            self.text.raw("key", reference);
            self.limits(&key, &providers);
        }
        Ok(())
    }
}
