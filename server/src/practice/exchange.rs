//! What servers ask: tokens for a code or a refresh token, the end of a grant, and who one is.

use super::Practice;
use super::memory::Code;
use super::params::Params;
use super::people::person;
use super::refusal::{NO_STORE, Refusal};
use super::signed::{Claims, Kind};
use crate::domain::ProviderId;
use crate::vault::{TokenHash, sha256};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;
use std::time::Duration;

type Answer = Result<Response, Refusal>;

/// `POST /practice/token` (RFC 6749 sections 4.1.3 and 6).
pub(super) async fn token(State(practice): State<Arc<Practice>>, body: Bytes) -> Answer {
    let params = practice.admitted(&body)?;
    let client = practice.client_of(&params)?;
    let claims = match params.get("grant_type") {
        Some("authorization_code") => practice.claims_for_code(&client, &params)?,
        Some("refresh_token") => practice.claims_for_refresh(&client, &params)?,
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("grant_type is missing")),
    };
    Ok(practice.token_set(claims))
}

/// `POST /practice/revoke` (RFC 7009): either token ends the whole grant. A token that is not
/// good any more is answered like one that was just ended.
pub(super) async fn revoke(State(practice): State<Arc<Practice>>, body: Bytes) -> Answer {
    let params = practice.admitted(&body)?;
    let client = practice.client_of(&params)?;
    let token = required(&params, "token", "token is missing")?;
    let claims = [Kind::Refresh, Kind::Access]
        .into_iter()
        .find_map(|kind| practice.claims_in(kind, token));
    if let Some(claims) = claims {
        if claims.client != client.as_str() {
            return Err(Refusal::InvalidGrant("the token is another client's"));
        }
        practice.memory().end(&claims.grant);
    }
    Ok((StatusCode::OK, NO_STORE).into_response())
}

/// `GET /practice/me`: whose access token this is.
pub(super) async fn me(State(practice): State<Arc<Practice>>, headers: HeaderMap) -> Answer {
    practice.refuse_in_outage()?;
    let claims = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| practice.claims_in(Kind::Access, token))
        .ok_or(Refusal::InvalidToken)?;
    let person = person(&claims.person).ok_or(Refusal::InvalidToken)?;
    let body = Json(serde_json::json!({
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "scope": claims.scope,
    }));
    Ok((NO_STORE, body).into_response())
}

impl Practice {
    fn refuse_in_outage(&self) -> Result<(), Refusal> {
        if self.memory().outage {
            Err(Refusal::Outage)
        } else {
            Ok(())
        }
    }

    /// The parameters of a request, unless there is an outage.
    fn admitted(&self, body: &[u8]) -> Result<Params, Refusal> {
        self.refuse_in_outage()?;
        Ok(Params::read(body)?)
    }

    /// The client, authenticated by the secret in the body (RFC 6749 section 2.3.1).
    fn client_of(&self, params: &Params) -> Result<ProviderId, Refusal> {
        let id = params.get("client_id").ok_or(Refusal::InvalidClient)?;
        let secret = params.get("client_secret").ok_or(Refusal::InvalidClient)?;
        id.parse()
            .ok()
            .filter(|client| self.recognises(client, secret))
            .ok_or(Refusal::InvalidClient)
    }

    fn claims_for_code(&self, client: &ProviderId, params: &Params) -> Result<Claims, Refusal> {
        let text = required(params, "code", "code is missing")?;
        let verifier = required(params, "code_verifier", "code_verifier is missing")?;
        let redirect_uri = required(params, "redirect_uri", "redirect_uri is missing")?;
        let code = self
            .memory()
            .redeem(text, client.as_str(), self.clock.now())
            .ok_or(Refusal::InvalidGrant(
                "the code is wrong, was used before or has expired",
            ))?;
        if code.redirect_uri != redirect_uri {
            return Err(Refusal::InvalidGrant("the redirect_uri is another one"));
        }
        if !proves(verifier, &code.challenge) {
            return Err(Refusal::InvalidGrant(
                "the code_verifier does not fit the code_challenge",
            ));
        }
        let claims = first_claims(code);
        self.memory().begin(&claims);
        Ok(claims)
    }

    /// The next generation; the old pair is dead at once.
    fn claims_for_refresh(&self, client: &ProviderId, params: &Params) -> Result<Claims, Refusal> {
        let token = required(params, "refresh_token", "refresh_token is missing")?;
        let refused = Refusal::InvalidGrant("the refresh token is wrong, replaced or revoked");
        let claims = Claims::verify(&self.key, Kind::Refresh, token)
            .filter(|claims| claims.client == client.as_str())
            .ok_or(refused)?;
        // one lock for look and change: of two callers with one token, one gets the next pair
        let mut memory = self.memory();
        if !memory.is_current(&claims) {
            return Err(refused);
        }
        let generation = memory.replace(&claims);
        Ok(Claims {
            generation,
            ..claims
        })
    }

    /// What a good token says.
    fn claims_in(&self, kind: Kind, token: &str) -> Option<Claims> {
        let claims = Claims::verify(&self.key, kind, token)?;
        let expired = claims
            .expires_at
            .is_some_and(|end| self.clock.now().millis() >= end);
        (!expired && self.memory().is_current(&claims)).then_some(claims)
    }

    /// The successful answer (RFC 6749 section 5.1).
    fn token_set(&self, claims: Claims) -> Response {
        let seconds = self.memory().lifetime.seconds();
        let expires_at = self.clock.now() + Duration::from_secs(u64::from(seconds));
        let refresh = Claims {
            expires_at: None,
            ..claims
        };
        let access = Claims {
            expires_at: Some(expires_at.millis()),
            ..refresh.clone()
        };
        let body = Json(serde_json::json!({
            "access_token": access.sign(&self.key, Kind::Access),
            "token_type": "Bearer",
            "expires_in": seconds,
            "refresh_token": refresh.sign(&self.key, Kind::Refresh),
            "scope": refresh.scope,
        }));
        (NO_STORE, body).into_response()
    }
}

fn first_claims(code: Code) -> Claims {
    Claims {
        grant: code.grant,
        generation: 1,
        client: code.client,
        person: code.person.to_owned(),
        scope: code.scopes.join(" "),
        granted_at: code.approved_at.millis(),
        expires_at: None,
    }
}

/// PKCE with S256 (RFC 7636 section 4.6).
fn proves(verifier: &str, challenge: &str) -> bool {
    let computed = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    TokenHash::of(&computed) == TokenHash::of(challenge)
}

fn required<'a>(
    params: &'a Params,
    name: &str,
    otherwise: &'static str,
) -> Result<&'a str, Refusal> {
    params.get(name).ok_or(Refusal::InvalidRequest(otherwise))
}
