//! Configured providers, ready to be asked: a definition with its addresses filled in, our
//! credentials there, and the one way out ([`Egress`]).

use crate::catalog::{
    ApiAuth, Catalog, Credentials, CustomDefinition, CustomPart, Definition, Expiry,
    OriginOverrides, template,
};
use crate::domain::{Application, Connection, Flow, Provider, ProviderId, Slug};
use crate::oauth::discovery::{self, DiscoveryError, Found};
use crate::oauth::egress::Egress;
use crate::oauth::{self, Client, Endpoints};
use crate::store::{Store, StoreError};
use crate::vault::{KeyError, Keyring};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use url::Url;

/// Why a provider cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Its definition is no longer in the catalog.
    #[error("the provider's definition is not in the catalog")]
    NoDefinition,
    /// What the end user filled in makes no address.
    #[error("the provider's addresses cannot be filled in")]
    NoAddress,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A provider's API, for one connection.
#[derive(Clone, Debug)]
pub struct ApiAt {
    /// What paths are joined to.
    pub base: Url,
    /// Headers that a call needs, where the caller sends none of that name.
    pub headers: BTreeMap<String, String>,
    /// How the access token is presented.
    pub auth: ApiAuth,
}

/// All that is needed to ask a configured provider. Cheap to clone.
#[derive(Clone)]
pub struct Upstreams(Arc<Parts>);

/// What all clones share.
pub struct Parts {
    store: Store,
    catalog: Catalog,
    overrides: OriginOverrides,
    egress: Egress,
    public_url: Url,
}

impl Deref for Upstreams {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Upstreams {
    /// Brings store, catalog and the way out together.
    #[must_use]
    pub fn new(
        store: Store,
        catalog: Catalog,
        overrides: OriginOverrides,
        egress: Egress,
        public_url: Url,
    ) -> Self {
        Self(Arc::new(Parts {
            store,
            catalog,
            overrides,
            egress,
            public_url,
        }))
    }

    /// The definitions.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Which origins are replaced.
    #[must_use]
    pub fn overrides(&self) -> &OriginOverrides {
        &self.overrides
    }

    /// The way out.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// Where this server can be reached; the only source of absolute URLs (R83).
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// An absolute URL of this server. `path` begins with `/`.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The redirect URI of a provider (R3).
    #[must_use]
    pub fn redirect_uri(&self, id: &crate::domain::ProviderId) -> String {
        self.absolute(&format!("/oauth/callback/{id}"))
    }

    /// The definition of a configured provider.
    pub fn definition(&self, provider: &Provider) -> Result<Arc<Definition>, UpstreamError> {
        let found = match &provider.custom {
            Some(custom) => custom.definition().ok().map(Arc::new),
            None => self.catalog.get(&provider.definition),
        };
        found.ok_or(UpstreamError::NoDefinition)
    }

    /// Asks an issuer about itself.
    pub async fn discover(&self, issuer: &str) -> Result<Found, DiscoveryError> {
        discovery::discover(&self.egress, &self.overrides, issuer).await
    }

    /// Whether the outbound policy allows each address of a definition that an admin wrote. Names
    /// the first that it forbids.
    pub async fn vet(&self, custom: &CustomDefinition) -> Result<(), CustomPart> {
        discovery::vet(&self.egress, &self.overrides, custom).await
    }

    /// The provider as a flow asks it: with the client ID that the flow began with, and its secrets.
    /// `known` is what the callback brought and, later, what the token answer keeps in the open.
    pub async fn for_flow(
        &self,
        provider: &Provider,
        flow: &Flow,
        known: &BTreeMap<String, String>,
    ) -> Result<oauth::Provider, UpstreamError> {
        let secrets = self.store.live_client_secrets(provider, &flow.client_id);
        let client = Client {
            client_id: flow.client_id.clone(),
            client_secrets: secrets.await?,
        };
        self.filled(provider, client, &flow.inputs, known)
    }

    /// The provider as a connection asks it: with the client ID that authorized it, and its secrets.
    pub async fn for_connection(
        &self,
        provider: &Provider,
        connection: &Connection,
    ) -> Result<oauth::Provider, UpstreamError> {
        let secrets = self.store.client_secrets(provider, &connection.client_id);
        let client = Client {
            client_id: connection.client_id.clone(),
            client_secrets: secrets.await?,
        };
        self.filled(provider, client, &connection.inputs, &connection.metadata)
    }

    /// The provider as it is configured now, for a trial or an admin's own run, with the secret that
    /// waits to be tried before the one in use. `inputs` is what was filled in for it, `known` as in
    /// [`Self::for_flow`].
    pub async fn as_configured(
        &self,
        provider: &Provider,
        inputs: &BTreeMap<String, String>,
        known: &BTreeMap<String, String>,
    ) -> Result<oauth::Provider, UpstreamError> {
        let secrets = self.store.newest_client_secrets(provider);
        let client = Client {
            client_id: provider.client_id.clone(),
            client_secrets: secrets.await?,
        };
        self.filled(provider, client, inputs, known)
    }

    /// Origins to which going to a provider can lead: its own, for each input that may be chosen, and
    /// those that its sign-in passes through.
    #[must_use]
    pub fn sign_in_origins(&self, provider: &Provider, definition: &Definition) -> Vec<String> {
        let mut origins = definition.sign_in_origins.clone();
        let mut defaults = definition.default_inputs();
        defaults.extend(provider.inputs.clone());
        // a word stands in no host, so any will do
        let words = definition.inputs.iter().filter(|input| input.word);
        for input in words {
            let unknown = || "word".to_owned();
            defaults.entry(input.name.clone()).or_insert_with(unknown);
        }
        let mut filled = vec![defaults.clone()];
        for input in &definition.inputs {
            for choice in &input.choices {
                let mut values = defaults.clone();
                values.insert(input.name.clone(), choice.value.clone());
                values.extend(choice.sets.clone());
                filled.push(values);
            }
            origins.extend(
                input
                    .allowed_suffixes
                    .iter()
                    .map(|suffix| format!("https://*{suffix}")),
            );
            let domain = input.subdomain_of.as_ref();
            origins.extend(domain.map(|domain| format!("https://*.{domain}")));
        }
        for values in filled {
            if let Ok(url) = template::fill(&definition.endpoints.authorize, &values) {
                origins.push(self.overrides.apply(url).origin().ascii_serialization());
            }
        }
        origins.sort();
        origins.dedup();
        origins
    }

    fn filled(
        &self,
        provider: &Provider,
        mut client: Client,
        inputs: &BTreeMap<String, String>,
        metadata: &BTreeMap<String, String>,
    ) -> Result<oauth::Provider, UpstreamError> {
        let definition = self.definition(provider)?;
        let known = (inputs, metadata, client.client_id.as_str());
        let values = values(&definition, provider, known);
        let endpoints = self.endpoints(&definition, &values)?;
        // a customer's own secret is sealed with their connection, see `with_own_secret`
        if definition.credentials == Credentials::PerConnection {
            client.client_secrets.clear();
        }
        Ok(oauth::Provider {
            definition,
            endpoints,
            client,
            values,
        })
    }

    /// The provider's API as a connection calls it. `None`: its definition names no base.
    pub fn api(
        &self,
        provider: &Provider,
        connection: &Connection,
    ) -> Result<Option<ApiAt>, UpstreamError> {
        let definition = self.definition(provider)?;
        let Some(api) = &definition.api else {
            return Ok(None);
        };
        let client_id = connection.client_id.as_str();
        let known = (&connection.inputs, &connection.metadata, client_id);
        let values = values(&definition, provider, known);
        let base = template::fill(&api.base, &values).map_err(|_| UpstreamError::NoAddress)?;
        // what is not known of a connection is left out: the provider says what it misses
        let filled = |(name, value): (&String, &String)| {
            Some((name.clone(), template::fill_text(value, &values)?))
        };
        Ok(Some(ApiAt {
            base: self.overrides.apply(base),
            headers: api.headers.iter().filter_map(filled).collect(),
            auth: definition.api_auth.clone(),
        }))
    }

    /// A definition's addresses with `values` filled in and origins replaced.
    pub fn endpoints(
        &self,
        definition: &Definition,
        values: &BTreeMap<String, String>,
    ) -> Result<Endpoints, UpstreamError> {
        let fill = |address: &str| {
            let url = template::fill(address, values).map_err(|_| UpstreamError::NoAddress)?;
            Ok::<_, UpstreamError>(self.overrides.apply(url))
        };
        Ok(Endpoints {
            authorize: fill(&definition.endpoints.authorize)?,
            token: fill(&definition.endpoints.token)?,
            refresh: definition
                .endpoints
                .refresh
                .as_deref()
                .map(fill)
                .transpose()?,
            introspection: match &definition.expiry {
                Expiry::Introspection { url, .. } => Some(fill(url)?),
                _ => definition
                    .introspection
                    .as_ref()
                    .map(|asked| fill(&asked.url))
                    .transpose()?,
            },
            revoke: definition
                .revocation
                .as_ref()
                .and_then(|revocation| fill(&revocation.url).ok()),
            identity: definition
                .identity
                .as_ref()
                .and_then(|identity| identity.url.as_deref())
                // what it names may be known only once a token answer told it
                .and_then(|url| fill(url).ok()),
        })
    }
}

/// What addresses and parameters can name; what was filled in for a connection counts most.
fn values(
    definition: &Definition,
    provider: &Provider,
    (inputs, metadata, client_id): (&BTreeMap<String, String>, &BTreeMap<String, String>, &str),
) -> BTreeMap<String, String> {
    let mut values = definition.default_inputs();
    values.extend(metadata.clone());
    values.extend(provider.inputs.clone());
    values.extend(inputs.clone());
    values.insert("client_id".to_owned(), client_id.to_owned());
    values
}

/// The id that a provider with this slug has in an application. Nobody can guess it, and it is the
/// same whenever it is asked for, so a page can show the redirect URI before the provider is saved.
pub fn provider_id(
    keyring: &Keyring,
    application: &Application,
    slug: &Slug,
) -> Result<ProviderId, KeyError> {
    let input = format!("{}/{slug}", application.id);
    keyring
        .derive(&application.organization, "provider-id", input.as_bytes())
        .map(|bytes| ProviderId::derived(&bytes))
}
