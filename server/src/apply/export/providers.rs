//! Providers, and the addresses of those that are in no catalog.

use super::Export;
use crate::catalog::{AskedOf, CustomDefinition};
use crate::domain::{Application, Provider};
use crate::store::StoreError;
use serde::Serialize;

impl Export<'_> {
    pub(super) async fn provider(
        &mut self,
        application: &Application,
        provider: &Provider,
    ) -> Result<(), StoreError> {
        let definition = self.upstreams.definition(provider).ok();
        self.text.table("[[applications.providers]]");
        self.text.entry("definition", provider.definition.as_str());
        self.text.entry("slug", provider.slug.as_str());
        if let Some(custom) = &provider.custom {
            self.text.entry("name", custom.name.as_str());
            self.text.maybe("issuer", custom.issuer.as_deref());
        }
        let registers_itself = definition.as_ref().is_some_and(|it| it.practice);
        if !registers_itself && !provider.client_id.is_empty() {
            self.text.entry("client_id", provider.client_id.as_str());
            self.client_secrets(application, provider).await?;
        }
        let scopes: Vec<&str> = provider.scopes.iter().collect();
        self.text.entry("scopes", scopes);
        self.text
            .entry("one_owner_per_account", provider.one_owner_per_account);
        self.text.entry("team_fallback", provider.team_fallback);
        // what follows from a choice is worked out again
        let asked = |name: &String| {
            definition.as_ref().is_none_or(|definition| {
                let mut inputs = definition.inputs_of(AskedOf::Admin);
                inputs.any(|input| input.name == *name)
            })
        };
        let inputs: toml::Table = provider
            .inputs
            .iter()
            .filter(|(name, _)| asked(name))
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        if !inputs.is_empty() {
            self.text.table("[applications.providers.inputs]");
            for (name, value) in inputs {
                self.text.entry(&name, value);
            }
        }
        // written out even where an issuer told them: an admin may have changed them since
        if let Some(custom) = &provider.custom {
            self.endpoints(custom);
        }
        Ok(())
    }

    /// The one in use first, as a file wants them; those that were refused are of no use elsewhere.
    async fn client_secrets(
        &mut self,
        application: &Application,
        provider: &Provider,
    ) -> Result<(), StoreError> {
        let secrets = self
            .store
            .client_secrets(provider, &provider.client_id)
            .await?;
        let references: Vec<String> = (1..=secrets.len())
            .map(|number| {
                let (slug, of) = (provider.slug.as_str(), application.slug.as_str());
                let what = match number {
                    1 => format!("client secret of provider {slug} of {of}"),
                    _ => format!("an earlier client secret of provider {slug} of {of}"),
                };
                self.text.secret(&[of, slug, "CLIENT_SECRET"], what)
            })
            .collect();
        if !references.is_empty() {
            self.text.raw(
                "client_secrets",
                format_args!("[{}]", references.join(", ")),
            );
        }
        Ok(())
    }

    fn endpoints(&mut self, custom: &CustomDefinition) {
        let text = &mut self.text;
        text.table("[applications.providers.endpoints]");
        text.entry("authorize", custom.authorize.as_str());
        text.entry("token", custom.token.as_str());
        text.maybe("revoke", custom.revoke.as_deref());
        text.maybe("profile", custom.profile.as_deref());
        text.maybe("introspection", custom.introspection.as_deref());
        let some = |pointers: &[String]| (!pointers.is_empty()).then(|| pointers.to_vec());
        text.maybe("account_id", some(&custom.account_id));
        text.maybe("account_label", some(&custom.account_label));
        text.maybe("client_auth", word(&custom.client_auth));
        text.entry("pkce", custom.pkce);
        text.maybe("scope_separator", word(&custom.scope_separator));
        text.entry("offline_access", custom.offline_access);
        text.entry("issuer_always_sent", custom.issuer_always_sent);
    }
}

/// What a choice is called in a file.
fn word(choice: &impl Serialize) -> Option<toml::Value> {
    toml::Value::try_from(choice).ok()
}
