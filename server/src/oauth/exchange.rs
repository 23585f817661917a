//! Turns a code, or a refresh token, into a token set (RFC 6749 sections 4.1.3 and 6).
//!
//! Each function sends one request and comes back with tokens or with a [`Failure`] that says what
//! to make of it. Once either has been called, its future must be driven to its end: tokens that
//! arrive after it was dropped are lost.

use super::Provider;
use super::classify::Failure;
use super::egress::Egress;
use super::request::Form;
use super::token_answer::{self, TokenSet};
use crate::catalog::Method;
use crate::domain::Scopes;
use crate::vault::Secret;
use std::collections::BTreeMap;
use url::Url;

/// What goes to the token endpoint with a code.
#[derive(Debug)]
pub struct CodeRequest<'a> {
    /// The code.
    pub code: &'a Secret<String>,
    /// The one of the authorize request, byte for byte.
    pub redirect_uri: &'a str,
    /// Of its PKCE challenge; left out where the provider does not take PKCE.
    pub verifier: &'a Secret<String>,
    /// Parameters of the callback that the provider wants back.
    pub echoed: &'a [(String, String)],
}

/// Exchanges an authorization code.
pub async fn exchange_code(
    egress: &Egress,
    provider: &Provider,
    request: &CodeRequest<'_>,
) -> Result<TokenSet, Failure> {
    let definition = &provider.definition;
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", request.code.expose().as_str()),
        ("redirect_uri", request.redirect_uri),
    ];
    if definition.pkce.is_sent() {
        fields.push(("code_verifier", request.verifier.expose()));
    }
    for (name, value) in request.echoed {
        fields.push((name, value));
    }
    let url = &provider.endpoints.token;
    ask(egress, provider, url, fields, &definition.token_params).await
}

/// What goes to the token endpoint with a refresh token.
#[derive(Debug)]
pub struct RefreshRequest<'a> {
    /// The refresh token; where there is none, the access token that is exchanged instead (C23).
    pub token: &'a Secret<String>,
    /// As it was at the authorization; sent where the provider wants it again.
    pub redirect_uri: &'a str,
    /// The granted scopes; sent where the provider wants them again.
    pub granted: &'a Scopes,
    /// Fewer scopes than granted, to narrow the grant for good.
    pub narrowed_to: Option<&'a Scopes>,
}

/// Exchanges a refresh token. Scopes are not sent as a rule: the grant keeps those it has.
pub async fn refresh(
    egress: &Egress,
    provider: &Provider,
    request: &RefreshRequest<'_>,
) -> Result<TokenSet, Failure> {
    let definition = &provider.definition;
    let token = request.token.expose().as_str();
    let mut fields = match &definition.refresh.exchange {
        Some(exchange) => vec![
            ("grant_type", exchange.grant_type.as_str()),
            (exchange.token_param.as_str(), token),
        ],
        None => vec![("grant_type", "refresh_token"), ("refresh_token", token)],
    };
    if definition.refresh.sends_redirect_uri {
        fields.push(("redirect_uri", request.redirect_uri));
    }
    let granted = definition.refresh.sends_scopes.then_some(request.granted);
    let scopes = request
        .narrowed_to
        .or(granted)
        .map(|scopes| scopes.join(&definition.scopes.separator))
        .filter(|scopes| !scopes.is_empty());
    fields.extend(scopes.as_deref().map(|scopes| ("scope", scopes)));
    let url = provider.endpoints.refresh.as_ref();
    let url = url.unwrap_or(&provider.endpoints.token);
    ask(egress, provider, url, fields, &definition.refresh_params).await
}

async fn ask(
    egress: &Egress,
    provider: &Provider,
    url: &Url,
    fields: Vec<(&str, &str)>,
    params: &BTreeMap<String, String>,
) -> Result<TokenSet, Failure> {
    let definition = &provider.definition;
    let form = Form {
        method: Method::Post,
        url,
        fields,
        params,
        format: definition.token_body,
        auth: definition.client_auth,
        headers: &definition.token_headers,
        token: None,
    };
    let answer = egress.send(form.to(provider)?).await?;
    let body = answer.body.expose();
    if !answer.is_success() {
        let code = token_answer::error_code(body, &definition.token_answer);
        return Err(Failure::of_answer(&answer, code));
    }
    token_answer::parse(body, definition).map_err(|none| Failure::of_answer(&answer, none.code))
}

#[cfg(test)]
mod tests;
