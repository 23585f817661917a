//! Turns a code, or a refresh token, into a token set (RFC 6749 sections 4.1.3 and 6).
//!
//! Each function sends one request and comes back with tokens or with a [`Failure`] that says what
//! to make of it. Once either has been called, its future must be driven to its end: tokens that
//! arrive after it was dropped are lost.

use super::Provider;
use super::classify::Failure;
use super::egress::{Egress, EgressRequest};
use super::request::post;
use super::token_answer::{self, TokenSet};
use crate::catalog::{Definition, Pkce};
use crate::vault::Secret;

/// Exchanges an authorization code. `redirect_uri` is the one of the authorize request, byte for
/// byte; `verifier` that of its PKCE challenge, left out where the provider does not take PKCE.
pub async fn exchange_code(
    egress: &Egress,
    provider: &Provider,
    code: &Secret<String>,
    redirect_uri: &str,
    verifier: &Secret<String>,
) -> Result<TokenSet, Failure> {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose().as_str()),
        ("redirect_uri", redirect_uri),
    ];
    if provider.definition.pkce == Pkce::S256 {
        fields.push(("code_verifier", verifier.expose()));
    }
    ask(
        egress,
        &provider.definition,
        token_request(provider, fields),
    )
    .await
}

/// Exchanges a refresh token. Scopes are never sent: the grant keeps those it has. `redirect_uri`
/// goes along only where the provider wants it again.
pub async fn refresh(
    egress: &Egress,
    provider: &Provider,
    refresh_token: &Secret<String>,
    redirect_uri: &str,
) -> Result<TokenSet, Failure> {
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose().as_str()),
    ];
    if provider.definition.refresh.sends_redirect_uri {
        fields.push(("redirect_uri", redirect_uri));
    }
    ask(
        egress,
        &provider.definition,
        token_request(provider, fields),
    )
    .await
}

fn token_request<'a>(
    provider: &'a Provider,
    fields: Vec<(&'static str, &'a str)>,
) -> EgressRequest {
    let definition = &provider.definition;
    post(
        &provider.endpoints.token,
        fields,
        definition.token_body,
        definition.client_auth,
        &provider.client,
    )
}

async fn ask(
    egress: &Egress,
    definition: &Definition,
    request: EgressRequest,
) -> Result<TokenSet, Failure> {
    let answer = egress.send(request).await?;
    if !answer.is_success() {
        return Err(Failure::of_refusal(&answer));
    }
    token_answer::parse(answer.body.expose(), &definition.token_metadata)
        .map_err(|none| Failure::of_answer(&answer, none.code))
}

#[cfg(test)]
mod tests;
