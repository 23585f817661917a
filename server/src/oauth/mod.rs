//! The OAuth engine: how Grantport talks to a provider.
//!
//! A connection begins with a link to the provider ([`authorize`]) that carries a fresh state and a
//! PKCE challenge ([`pkce`]). The provider sends the browser back; [`callback`] reads what it
//! brought. The code is exchanged for a token set and, later, the refresh token for the next one
//! ([`exchange`]). [`identity`] finds out whose account it is, and [`revoke`] ends the grant.
//!
//! Providers differ from the standard and from each other. How they differ is data
//! ([`crate::catalog::Definition`]); what they answer is read tolerantly ([`token_answer`]), because
//! a token that was issued and not understood is a lost connection; and what goes wrong is sorted
//! into a few classes that a caller can act on ([`classify`]). Where a token's end is told neither by its
//! answer nor by itself, the provider is asked ([`introspect`]).
//!
//! What an issuer tells of itself becomes a definition in [`discovery`].
//! Before any user, [`trial`] finds out whether the provider knows our credentials and our redirect
//! URI; and whoever wants to see what passes, listens ([`overheard`]).
//!
//! Every byte leaves through [`egress`], which applies the outbound policy ([`policy`]). The engine
//! keeps nothing: no database, no retries, no knowledge of connections. One call here is at most one
//! request to the provider, a trial apart; whoever calls decides whether there is another.

pub mod authorize;
pub mod callback;
pub mod classify;
pub mod discovery;
pub mod egress;
pub mod exchange;
pub mod identity;
pub mod introspect;
pub mod overheard;
pub mod pkce;
pub mod policy;
pub mod revoke;
pub mod shown_answer;
pub mod token_answer;
pub mod trial;

mod jwt;
mod plain_text;
#[cfg(test)]
pub(crate) mod rehearsal;
mod request;

pub(crate) use request::presented;

use crate::catalog::Definition;
use crate::domain::{ClientSecret, ClientSecretId};
use crate::vault::Secret;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A definition as configured in an application: its addresses filled in, and who we are there.
#[derive(Clone, Debug)]
pub struct Provider {
    /// How this provider likes to be asked.
    pub definition: Arc<Definition>,
    /// Where.
    pub endpoints: Endpoints,
    /// Who asks.
    pub client: Client,
    /// What addresses and parameters can name: what was filled in, what the callback brought, and
    /// the open members of token answers.
    pub values: BTreeMap<String, String>,
}

/// A provider's addresses, with inputs filled in and origin overrides applied.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Where the browser goes.
    pub authorize: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token: Url,
    /// Where refresh tokens are exchanged, if elsewhere.
    pub refresh: Option<Url>,
    /// Where tokens are looked into (RFC 7662), if their end is known only there.
    pub introspection: Option<Url>,
    /// Where grants are ended, if the provider offers it.
    pub revoke: Option<Url>,
    /// Where the account behind a token is told, if the provider offers it.
    pub identity: Option<Url>,
}

/// Our registration at the provider.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client ID.
    pub client_id: String,
    /// The client secrets, in order. The first is used; the rest wait for a rotation to end.
    pub client_secrets: Vec<ClientSecret>,
}

impl Provider {
    /// The same, asked with a customer's own secret, if there is one.
    #[must_use]
    pub fn with_own_secret(mut self, secret: Option<&Secret<String>>) -> Self {
        if let Some(secret) = secret {
            let own = Secret::new(secret.expose().clone());
            self.client.client_secrets = vec![own.into()];
        }
        self
    }

    /// Which of our client secrets a request goes out with; `None` for a customer's own.
    #[must_use]
    pub fn secret_in_use(&self) -> Option<&ClientSecretId> {
        self.client.client_secrets.first()?.id.as_ref()
    }

    /// The same, asked with this one of its secrets.
    #[must_use]
    pub fn with_secret(mut self, secret: ClientSecret) -> Self {
        self.client.client_secrets = vec![secret];
        self
    }
}

impl Client {
    fn secret(&self) -> Option<&Secret<String>> {
        self.client_secrets
            .first()
            .map(|secret| secret.text.as_ref())
    }
}
