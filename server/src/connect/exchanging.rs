//! The code, exchanged with the client secret that the provider takes.

use super::Connect;
use crate::domain::{ClientSecretId, Provider};
use crate::oauth;
use crate::oauth::classify::{Class, Failure};
use crate::oauth::exchange::{self, CodeRequest};
use crate::oauth::token_answer::TokenSet;

impl Connect {
    /// Exchanges a code, and answers with which secret. Where the secret in use is refused, nothing
    /// has happened to the code, and the next one of the same Client ID is tried: nobody is turned
    /// away because of a secret that an admin is just changing.
    pub(super) async fn exchange_with_secrets(
        &self,
        provider: &Provider,
        upstream: &oauth::Provider,
        request: &CodeRequest<'_>,
    ) -> (Result<TokenSet, Failure>, Option<ClientSecretId>) {
        let egress = self.upstreams.egress();
        let mut answer = exchange::exchange_code(egress, upstream, request).await;
        let mut used = upstream.secret_in_use().cloned();
        for secret in upstream.client.client_secrets.iter().skip(1) {
            let refused = matches!(&answer, Err(failure) if failure.class == Class::ConfigRejected);
            if !refused {
                break;
            }
            let before = std::mem::replace(&mut used, secret.id.clone());
            let upstream = upstream.clone().with_secret(secret.clone());
            answer = exchange::exchange_code(egress, &upstream, request).await;
            if let (Ok(_), Some(refused), Some(accepted)) = (&answer, before, &used) {
                self.note_rotation(provider, accepted, &refused).await;
            }
        }
        (answer, used)
    }

    /// What is not noted now is learnt again by the next exchange; the tokens in hand come first.
    async fn note_rotation(
        &self,
        provider: &Provider,
        accepted: &ClientSecretId,
        refused: &ClientSecretId,
    ) {
        let accepted = self.store.accept_client_secret(provider, accepted).await;
        let refused = self.store.refuse_client_secret(provider, refused).await;
        if let Err(error) = accepted.and(refused) {
            tracing::warn!(%error, "what an exchange taught about a client secret could not be noted");
        }
    }
}
