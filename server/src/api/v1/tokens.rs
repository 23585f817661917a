//! Fresh access tokens: of one connection, or of whoever stands for an end user (seed 002).

use super::connection::{moment, owner_json};
use super::named;
use crate::api::Api;
use crate::api::body::{Body, Id, MaybeBody, check_text};
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::{Connection, ConnectionId, Owner, Provider};
use crate::metrics::TokenOutcome;
use crate::tokens::{Ask, TokenError, TokenGrant};
use axum::Json;
use axum::extract::State;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// A token that has to be valid for longer would be renewed at each call, where it lives less long.
const LONGEST_MIN_VALID_S: u32 = 3600;
/// Ids that the application gives to its people and teams are no longer, in characters.
pub(super) const LONGEST_OWNER_ID: usize = 200;

/// Which token is wanted.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    min_valid_s: Option<u32>,
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

/// `POST /connections/{id}/token`.
pub(super) async fn of_connection(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id<ConnectionId>,
    MaybeBody(wish): MaybeBody<Wish>,
) -> Result<Json<TokenAnswer>, ApiError> {
    let ask = wish.ask()?;
    let grant = match api.ask(&caller, &id, ask).await {
        Ok(grant) => grant,
        Err(error) => {
            let error = ApiError::from(error).about(&id);
            // a database that has not answered is not asked once more
            if !matches!(error, ApiError::ReconnectRequired { .. }) {
                return Err(error);
            }
            let connection = api.store.connection(&caller.0.application, id.as_str());
            return Err(match connection.await? {
                Some(connection) => api.with_way_back(&caller, error, &connection).await,
                None => error,
            });
        }
    };
    Ok(api.hand_out(&caller, grant, None))
}

/// For whom a token is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct For {
    provider: String,
    end_user: Option<String>,
    team_id: Option<String>,
    #[serde(default)]
    fallback: Fallback,
}

/// Whether the team stands in where the end user has no connection that works.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fallback {
    #[default]
    Team,
    None,
}

impl For {
    fn check(&self) -> Result<(), ApiError> {
        for (field, id) in [("end_user", &self.end_user), ("team_id", &self.team_id)] {
            if let Some(id) = id {
                check_text(field, id, LONGEST_OWNER_ID)?;
            }
        }
        if self.end_user.is_none() && self.team_id.is_none() {
            return Err(ApiError::Invalid(
                "Add `end_user`, `team_id` or both: whose token is it to be?".to_owned(),
            ));
        }
        Ok(())
    }

    /// The team, where it may answer.
    fn team(&self) -> Option<Owner> {
        let allowed = self.end_user.is_none() || self.fallback == Fallback::Team;
        self.team_id.clone().filter(|_| allowed).map(Owner::Team)
    }
}

/// `POST /tokens`: the end user's own connection first, then the team's.
pub(super) async fn of_owner(
    State(api): State<Api>,
    caller: Caller,
    Body(wanted): Body<For>,
) -> Result<Json<TokenAnswer>, ApiError> {
    wanted.check()?;
    let providers = api.providers(&caller.0.application).await?;
    let provider = named("provider", &wanted.provider, &providers)?;
    let personal = match wanted.end_user.clone().map(Owner::Personal) {
        Some(owner) => api.answer(&caller, provider, &owner).await?,
        None => Answer::NotConnected,
    };
    let resolved = match (&personal, wanted.end_user.is_some()) {
        (Answer::Grant(_), _) => Resolved::Personal,
        (Answer::NotConnected, false) => Resolved::Team,
        (Answer::NotConnected, true) => Resolved::TeamSinceNoneIsPersonal,
        (Answer::Broken(..), _) => Resolved::TeamSincePersonalIsBroken,
    };
    let answer = match (personal, wanted.team()) {
        (Answer::Grant(grant), _) => Answer::Grant(grant),
        (personal, Some(team)) => personal.or(api.answer(&caller, provider, &team).await?),
        (personal, None) => personal,
    };
    match answer {
        Answer::Grant(grant) => Ok(api.hand_out(&caller, *grant, Some(resolved))),
        Answer::NotConnected => Err(ApiError::NotConnected),
        Answer::Broken(connection, error) => {
            Err(api.with_way_back(&caller, error, &connection).await)
        }
    }
}

/// What an owner's connection to a provider gives.
enum Answer {
    /// A token.
    Grant(Box<TokenGrant>),
    /// There is no connection.
    NotConnected,
    /// There is one, and it needs a person.
    Broken(Box<Connection>, ApiError),
}

impl Answer {
    /// The team's token where there is one; without it, the person's own trouble comes first.
    fn or(self, team: Self) -> Self {
        match (self, team) {
            (_, Self::Grant(grant)) => Self::Grant(grant),
            (Self::NotConnected, team) => team,
            (personal, _) => personal,
        }
    }
}

impl Api {
    /// Any other trouble than a connection that needs a person ends the search: a provider that is
    /// down is no reason to act in the team's name.
    async fn answer(
        &self,
        caller: &Caller,
        provider: &Provider,
        owner: &Owner,
    ) -> Result<Answer, ApiError> {
        let Some(connection) = self.tokens.connection_of(provider, owner).await? else {
            return Ok(Answer::NotConnected);
        };
        match self.ask(caller, &connection.id, Ask::default()).await {
            Ok(grant) => Ok(Answer::Grant(Box::new(grant))),
            Err(error) => match ApiError::from(error) {
                // revoked or deleted since it was found
                ApiError::Revoked(_) | ApiError::NotFound => Ok(Answer::NotConnected),
                error @ ApiError::ReconnectRequired { .. } => {
                    Ok(Answer::Broken(Box::new(connection), error))
                }
                error => Err(error),
            },
        }
    }

    /// Asks the token desk, and counts what it answered.
    async fn ask(
        &self,
        caller: &Caller,
        id: &ConnectionId,
        ask: Ask,
    ) -> Result<TokenGrant, TokenError> {
        let answer = self.tokens.of_connection(&caller.0, id.as_str(), ask).await;
        self.metrics.token_asked(TokenOutcome::of(&answer));
        answer
    }

    /// Answers with a token, and counts it: all that could fail has been done.
    fn hand_out(
        &self,
        caller: &Caller,
        grant: TokenGrant,
        resolved: Option<Resolved>,
    ) -> Json<TokenAnswer> {
        self.tokens.count(&grant, &caller.0);
        Json(TokenAnswer { grant, resolved })
    }
}

/// Whose connection answered, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resolved {
    Personal,
    Team,
    TeamSinceNoneIsPersonal,
    TeamSincePersonalIsBroken,
}

impl Resolved {
    fn word(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Team => "team",
            Self::TeamSinceNoneIsPersonal | Self::TeamSincePersonalIsBroken => "team_fallback",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Personal => "The end user's own connection answered.",
            Self::Team => "The team's connection was asked for.",
            Self::TeamSinceNoneIsPersonal => {
                "The end user has no connection to this provider, so the team's answered."
            }
            Self::TeamSincePersonalIsBroken => {
                "The end user has to reconnect, so the team's connection answered."
            }
        }
    }
}

/// A fresh access token on its way to the backend. The only body that ever holds one: what is
/// written is listed here by hand, and the refresh token is not known here (R61).
pub(super) struct TokenAnswer {
    grant: TokenGrant,
    resolved: Option<Resolved>,
}

impl Serialize for TokenAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let connection = &self.grant.connection;
        let mut body = serializer.serialize_struct("TokenAnswer", 12)?;
        body.serialize_field("connection_id", connection.id.as_str())?;
        body.serialize_field("provider", connection.provider_slug.as_str())?;
        body.serialize_field("owner", &owner_json(&connection.owner))?;
        if let Some(resolved) = self.resolved {
            body.serialize_field("resolved_by", resolved.word())?;
            body.serialize_field("why", resolved.why())?;
        }
        body.serialize_field("access_token", self.grant.access_token.expose())?;
        body.serialize_field("token_type", &connection.token_type)?;
        body.serialize_field("expires_at", &moment(connection.access_token_expires_at))?;
        body.serialize_field("cache_until", &moment(self.grant.cache_until))?;
        body.serialize_field(
            "scopes",
            &connection.scopes_granted.iter().collect::<Vec<_>>(),
        )?;
        body.serialize_field("generation", &connection.generation)?;
        body.serialize_field("metadata", &connection.metadata)?;
        body.end()
    }
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
