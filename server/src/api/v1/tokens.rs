//! Fresh access tokens: of one connection, or of whoever stands for an end user (seed 002).

use super::connection::{OwnerAnswer, moment};
use super::named;
use super::resolve::{Fallback, Purpose, Resolved, Whom};
use crate::api::Api;
use crate::api::body::{Body, Id, MaybeBody};
use crate::api::key::{Caller, May, TokensRead};
use crate::api::problem::{
    ApiError, CredentialsRejected, NoDefinition, NotConnected, NotFound, Problems,
    ProviderUnavailable, Quarantined, ReconnectRequired, Revoked, Stopped, TeamFallbackOff,
};
use crate::api::words::one_of;
use crate::domain::ConnectionId;
use crate::tokens::{Ask, TokenGrant};
use crate::vault::Secret;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// A token that has to be valid for longer would be renewed at each call, where it lives less long.
const LONGEST_MIN_VALID_S: u32 = 3600;

/// Which token is wanted.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenRequest)]
pub(super) struct Wish {
    /// For how many seconds it has to be valid still.
    #[schema(maximum = 3600, example = 300)]
    min_valid_s: Option<u32>,
    /// SHA-256, as 64 hexadecimal digits, of a token that the provider has just refused: it is
    /// renewed, unless that has happened already.
    #[schema(
        pattern = "^[0-9a-fA-F]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    rejected_token_sha256: Option<String>,
}

impl Wish {
    fn ask(&self) -> Result<Ask, ApiError> {
        let min_valid_s = self.min_valid_s.unwrap_or_default();
        if min_valid_s > LONGEST_MIN_VALID_S {
            return Err(ApiError::Invalid(format!(
                "`min_valid_s` has to be at most {LONGEST_MIN_VALID_S} seconds."
            )));
        }
        let rejected = self.rejected_token_sha256.as_deref().map(|text| {
            from_hex(text).ok_or_else(|| {
                ApiError::Invalid("`rejected_token_sha256` has to be the SHA-256 of a token, as 64 hexadecimal digits.".to_owned())
            })
        });
        let min_valid = self
            .min_valid_s
            .map(|seconds| Duration::from_secs(seconds.into()));
        Ok(Ask {
            min_valid,
            rejected: rejected.transpose()?,
        })
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Get a connection's access token
///
/// A fresh one: it is renewed first where it has to be. Keep it until `cache_until` and no longer,
/// and say which one a provider refused with `rejected_token_sha256`.
#[utoipa::path(
    post,
    path = "/connections/{id}/token",
    operation_id = "getConnectionToken",
    tag = "Tokens",
    security(("api_key" = ["tokens:read"])),
    params(("id" = String, Path, description = "Id of the connection.", example = "con_4Vt9Qm2kXr7LpZs1HdYw")),
    request_body = Option<Wish>,
    responses(
        (status = 200, description = "The token.", body = TokenAnswer),
        Problems<(
            NotFound, ReconnectRequired, Revoked, Stopped, CredentialsRejected, Quarantined,
            ProviderUnavailable, NoDefinition,
        )>,
    ),
)]
pub(super) async fn of_connection(
    State(api): State<Api>,
    caller: May<TokensRead>,
    Id(id): Id<ConnectionId>,
    MaybeBody(wish): MaybeBody<Wish>,
) -> Result<Json<TokenAnswer>, ApiError> {
    let ask = wish.ask()?;
    let grant = api.grant_of(&caller, &id, ask, Purpose::HandOut).await?;
    Ok(api.hand_out(&caller, grant, None))
}

/// For whom a token is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenOfOwnerRequest)]
pub(super) struct For {
    /// Slug of the provider.
    #[schema(example = "apollo")]
    provider: String,
    /// Your application's id of the end user. It, `team_id` or both are needed.
    #[schema(min_length = 1, max_length = 200, example = "user-17")]
    end_user: Option<String>,
    /// Your application's id of the team.
    #[schema(min_length = 1, max_length = 200)]
    team_id: Option<String>,
    #[schema(schema_with = fallbacks)]
    fallback: Option<Fallback>,
}

fn fallbacks() -> Object {
    one_of(
        "Whether the team's connection answers where the end user has none that works: `team`, if left out and the provider is set up for it.",
        ["team", "none"],
    )
}

/// Get an access token for an end user or a team
///
/// The end user's own connection answers first, then the team's. `owner`, `resolved_by` and `why`
/// say which one did.
#[utoipa::path(
    post,
    path = "/tokens",
    operation_id = "getToken",
    tag = "Tokens",
    security(("api_key" = ["tokens:read"])),
    request_body = For,
    responses(
        (status = 200, description = "The token.", body = TokenAnswer),
        Problems<(
            NotConnected, TeamFallbackOff, ReconnectRequired, Stopped, CredentialsRejected, Quarantined,
            ProviderUnavailable, NoDefinition,
        )>,
    ),
)]
pub(super) async fn of_owner(
    State(api): State<Api>,
    caller: May<TokensRead>,
    Body(wanted): Body<For>,
) -> Result<Json<TokenAnswer>, ApiError> {
    let whom = Whom {
        end_user: wanted.end_user,
        team_id: wanted.team_id,
        fallback: wanted.fallback,
    };
    whom.check(("end_user", "team_id"))?;
    let providers = api.providers(&caller).await?;
    let provider = named("provider", &wanted.provider, &providers)?;
    let (grant, resolved) = api
        .resolve(&caller, provider, &whom, Purpose::HandOut)
        .await?;
    Ok(api.hand_out(&caller, grant, Some(resolved)))
}

impl Api {
    /// Answers with a token, and counts it: all that could fail has been done.
    fn hand_out(
        &self,
        caller: &Caller,
        grant: TokenGrant,
        resolved: Option<Resolved>,
    ) -> Json<TokenAnswer> {
        self.tokens.count(&grant, &caller.0);
        Json(TokenAnswer::new(grant, resolved))
    }
}

/// A fresh access token. The only body that ever holds one; the refresh token never leaves (R61).
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenAnswer {
    #[schema(example = "con_4Vt9Qm2kXr7LpZs1HdYw")]
    connection_id: String,
    /// Slug of the provider.
    #[schema(example = "apollo")]
    provider: String,
    owner: OwnerAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = resolutions)]
    resolved_by: Option<&'static str>,
    /// The same as a sentence; where an owner was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "The end user's own connection answered.")]
    why: Option<&'static str>,
    /// The token, for the provider alone.
    #[serde(serialize_with = "handed_over")]
    #[schema(value_type = String, example = "eyJhbGci…")]
    access_token: Arc<Secret<String>>,
    /// How it is sent, nearly always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: String,
    /// When it ends; `null` if it does not, or if the provider does not say.
    #[schema(required, format = DateTime, example = "2026-03-01T10:30:00Z")]
    expires_at: Option<String>,
    /// Until when you may keep it without asking again; `null` if you may not keep it.
    #[schema(required, format = DateTime, example = "2026-03-01T10:25:00Z")]
    cache_until: Option<String>,
    /// What it may do at the provider.
    #[schema(example = json!(["contacts_search", "person_read"]))]
    scopes: Vec<String>,
    /// Goes up each time the connection's tokens change.
    #[schema(minimum = 0, example = 3)]
    generation: i64,
    /// What the provider said beside the tokens, such as `instance_url`. Never a secret.
    #[schema(example = json!({"instance_url": "https://acme.example"}))]
    metadata: BTreeMap<String, String>,
}

impl TokenAnswer {
    fn new(grant: TokenGrant, resolved: Option<Resolved>) -> Self {
        let connection = grant.connection;
        Self {
            connection_id: connection.id.to_string(),
            provider: connection.provider_slug.to_string(),
            owner: OwnerAnswer::new(&connection.owner),
            resolved_by: resolved.map(Resolved::word),
            why: resolved.map(Resolved::why),
            access_token: grant.access_token,
            token_type: connection.token_type,
            expires_at: moment(connection.access_token_expires_at),
            cache_until: moment(grant.cache_until),
            scopes: connection
                .scopes_granted
                .iter()
                .map(str::to_owned)
                .collect(),
            generation: connection.generation,
            metadata: connection.metadata,
        }
    }
}

fn resolutions() -> Object {
    one_of(
        "Whose connection answered, where an owner was asked for. `personal`: the end user's own. `team`: the team's, which was asked for. `team_fallback`: the team's, since the end user has none that works.",
        ["personal", "team", "team_fallback"],
    )
}

/// The one place where an access token is written into a body.
fn handed_over<S: Serializer>(token: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_64_digits() {
        let hash = from_hex(&format!("{}Ff", "0a".repeat(31))).expect("a hash");
        assert_eq!((hash[0], hash[31]), (10, 255));
        for text in [
            "",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"ä".repeat(32),
            &format!("+{}", "0".repeat(63)),
        ] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
