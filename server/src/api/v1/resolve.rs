//! Whose connection answers for an end user (seed 002): the person's own first, then the team's.
//!
//! `POST /tokens` and the proxy ask the same question, and get the same answer from here.

use crate::api::Api;
use crate::api::body::check_text;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::{Connection, ConnectionId, Owner, Provider};
use crate::metrics::TokenOutcome;
use crate::tokens::{Ask, TokenError, TokenGrant};
use serde::Deserialize;

/// Ids that the application gives to its people and teams are no longer, in characters.
pub(super) const LONGEST_OWNER_ID: usize = 200;

/// What a token is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be handed out.
    HandOut,
    /// To go with one call to the provider.
    Proxy,
}

/// Whether the team stands in where the end user has no connection that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fallback {
    /// It does.
    Team,
    /// It does not.
    None,
}

/// For whom.
#[derive(Clone, Debug)]
pub(super) struct Whom {
    /// The application's id of the person.
    pub(super) end_user: Option<String>,
    /// The application's id of the team.
    pub(super) team_id: Option<String>,
    /// What the caller says of the team; silent, the provider's setting decides.
    pub(super) fallback: Option<Fallback>,
}

impl Whom {
    /// Refuses what names nobody. `end_user` and `team_id` are the names under which they were sent.
    pub(super) fn check(&self, (end_user, team_id): (&str, &str)) -> Result<(), ApiError> {
        for (field, id) in [(end_user, &self.end_user), (team_id, &self.team_id)] {
            if let Some(id) = id {
                check_text(field, id, LONGEST_OWNER_ID)?;
            }
        }
        if self.end_user.is_none() && self.team_id.is_none() {
            return Err(ApiError::Invalid(format!(
                "Add `{end_user}`, `{team_id}` or both: whose token is it to be?"
            )));
        }
        Ok(())
    }

    /// The team, where it may answer.
    fn team(&self, provider: &Provider) -> Option<Owner> {
        let stands_in = self.fallback != Some(Fallback::None) && provider.team_fallback;
        let allowed = self.end_user.is_none() || stands_in;
        self.team_id.clone().filter(|_| allowed).map(Owner::Team)
    }

    /// The caller counts on a team that does not stand in here.
    fn hopes_in_vain(&self, provider: &Provider) -> bool {
        let hopes = self.end_user.is_some() && self.team_id.is_some();
        hopes && self.fallback == Some(Fallback::Team) && !provider.team_fallback
    }
}

/// Whose connection answered, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// The end user's own.
    Personal,
    /// The team's, which was asked for alone.
    Team,
    /// The team's, for want of another.
    TeamSinceNoneIsPersonal,
    /// The team's, in the place of one that needs a person.
    TeamSincePersonalIsBroken,
}

impl Resolved {
    /// `personal`, `team` or `team_fallback`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Team => "team",
            Self::TeamSinceNoneIsPersonal | Self::TeamSincePersonalIsBroken => "team_fallback",
        }
    }

    /// One sentence.
    pub(super) fn why(self) -> &'static str {
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
    /// The token of whoever answers for `whom`, and who that is.
    pub(super) async fn resolve(
        &self,
        caller: &Caller,
        provider: &Provider,
        whom: &Whom,
        purpose: Purpose,
    ) -> Result<(TokenGrant, Resolved), ApiError> {
        let personal = match whom.end_user.clone().map(Owner::Personal) {
            Some(owner) => self.answer(caller, provider, &owner, purpose).await?,
            None => Answer::NotConnected,
        };
        let resolved = match (&personal, whom.end_user.is_some()) {
            (Answer::Grant(_), _) => Resolved::Personal,
            (Answer::NotConnected, false) => Resolved::Team,
            (Answer::NotConnected, true) => Resolved::TeamSinceNoneIsPersonal,
            (Answer::Broken(..), _) => Resolved::TeamSincePersonalIsBroken,
        };
        let answer = match (personal, whom.team(provider)) {
            (Answer::Grant(grant), _) => Answer::Grant(grant),
            (personal, Some(team)) => {
                personal.or(self.answer(caller, provider, &team, purpose).await?)
            }
            (personal, None) => personal,
        };
        match answer {
            Answer::Grant(grant) => Ok((*grant, resolved)),
            Answer::NotConnected if whom.hopes_in_vain(provider) => Err(ApiError::TeamFallbackOff),
            Answer::NotConnected => Err(ApiError::NotConnected),
            Answer::Broken(connection, error) => {
                Err(self.with_way_back(caller, error, &connection).await)
            }
        }
    }

    /// The token of one connection; where a person has to approve again, with the way back.
    pub(super) async fn grant_of(
        &self,
        caller: &Caller,
        id: &ConnectionId,
        ask: Ask,
        purpose: Purpose,
    ) -> Result<TokenGrant, ApiError> {
        match self.ask(caller, id, ask, purpose).await {
            Ok(grant) => Ok(grant),
            Err(error) => Err(self.with_way_back_to(caller, id, error).await?),
        }
    }

    /// What is to be told of a connection that has no token, with the way back where there is one.
    pub(super) async fn with_way_back_to(
        &self,
        caller: &Caller,
        id: &ConnectionId,
        error: TokenError,
    ) -> Result<ApiError, ApiError> {
        let error = ApiError::from(error).about(id);
        // a database that has not answered is not asked once more
        if !matches!(error, ApiError::ReconnectRequired { .. }) {
            return Ok(error);
        }
        let connection = self.connection(caller, id).await?;
        Ok(self.with_way_back(caller, error, &connection).await)
    }

    /// Any other trouble than a connection that needs a person ends the search: a provider that is
    /// down is no reason to act in the team's name.
    async fn answer(
        &self,
        caller: &Caller,
        provider: &Provider,
        owner: &Owner,
        purpose: Purpose,
    ) -> Result<Answer, ApiError> {
        let Some(connection) = self.tokens.connection_of(provider, owner).await? else {
            return Ok(Answer::NotConnected);
        };
        match self
            .ask(caller, &connection.id, Ask::default(), purpose)
            .await
        {
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

    /// Asks the token desk. What it answers is counted where the token is to be handed out; the proxy
    /// counts for itself.
    async fn ask(
        &self,
        caller: &Caller,
        id: &ConnectionId,
        ask: Ask,
        purpose: Purpose,
    ) -> Result<TokenGrant, TokenError> {
        let answer = self.tokens.of_connection(&caller.0, id.as_str(), ask).await;
        if purpose == Purpose::HandOut {
            self.metrics.token_asked(TokenOutcome::of(&answer));
        }
        answer
    }
}
