//! What a backend sends to invite an end user, and whether it can be done.

use super::tokens::LONGEST_OWNER_ID;
use super::{listed, named};
use crate::api::Api;
use crate::api::body::check_text;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::api::return_url;
use crate::domain::{
    Application, CodeChallenge, Completion, ConnectSession, Connection, ConnectionId, EndUser,
    Owner, Provider, Scopes, Slug, Status,
};
use serde::Deserialize;
use std::collections::BTreeMap;

const LONGEST_NAME: usize = 200;
/// RFC 5321 section 4.5.3.1.3.
const LONGEST_EMAIL: usize = 254;
const MOST_SCOPES: usize = 200;
/// RFC 5646 section 4.4.1.
const LONGEST_LOCALE: usize = 35;

/// The body of `POST /connect-sessions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    end_user: Invited,
    owner: Option<OwnerKind>,
    team_id: Option<String>,
    #[serde(default)]
    providers: Vec<String>,
    #[serde(default)]
    scopes: BTreeMap<String, Vec<String>>,
    return_url: Option<String>,
    code_challenge: Option<String>,
    reconnect: Option<String>,
    locale: Option<String>,
}

/// The end user, as the application knows them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invited {
    id: String,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OwnerKind {
    Personal,
    Team,
}

fn invalid<T>(sentence: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError::Invalid(sentence.into()))
}

impl Invitation {
    /// The session that the invitation asks for, if everything in it can be had.
    pub(super) async fn session(
        self,
        api: &Api,
        caller: &Caller,
    ) -> Result<ConnectSession, ApiError> {
        self.check_form()?;
        let providers = api.providers(&caller.0.application).await?;
        let renewed = match &self.reconnect {
            Some(id) => Some(api.to_renew(caller, id).await?),
            None => None,
        };
        let offered = self.offered(&providers, renewed.as_ref())?;
        self.check_scopes(&offered, &providers)?;
        let application = api.application(caller).await?;
        let (completion, return_url) = self.completed_at(&application)?;
        let code_challenge = self.challenge()?;
        let owner = self.owner(renewed.as_ref())?;
        let end_user = EndUser {
            id: self.end_user.id,
            name: self.end_user.name,
            email: self.end_user.email,
        };
        Ok(ConnectSession {
            providers: offered,
            scopes: self.scopes,
            return_url,
            completion,
            code_challenge,
            locale: self.locale,
            reconnect: renewed.map(|connection| connection.id),
            ..caller.session(api, end_user, owner)
        })
    }

    /// What can be said without looking anything up.
    fn check_form(&self) -> Result<(), ApiError> {
        check_text("end_user.id", &self.end_user.id, LONGEST_OWNER_ID)?;
        if let Some(name) = &self.end_user.name {
            check_text("end_user.name", name, LONGEST_NAME)?;
        }
        if let Some(email) = &self.end_user.email {
            check_text("end_user.email", email, LONGEST_EMAIL)?;
        }
        if let Some(team) = &self.team_id {
            check_text("team_id", team, LONGEST_OWNER_ID)?;
        }
        let is_tag = |tag: &str| tag.len() <= LONGEST_LOCALE && tag.split('-').all(is_subtag);
        if self.locale.as_deref().is_some_and(|locale| !is_tag(locale)) {
            return invalid("`locale` has to be a language tag such as `de` or `pt-BR`.");
        }
        Ok(())
    }

    /// Slugs on offer, in the order in which they were sent; none stands for all.
    fn offered(
        &self,
        providers: &[Provider],
        renewed: Option<&Connection>,
    ) -> Result<Vec<Slug>, ApiError> {
        let mut offered: Vec<Slug> = Vec::new();
        for slug in &self.providers {
            let slug = &named("providers", slug, providers)?.slug;
            if !offered.contains(slug) {
                offered.push(slug.clone());
            }
        }
        if offered.is_empty() && providers.is_empty() {
            return invalid(
                "Add a provider to the application in the portal first: there is nothing to connect yet.",
            );
        }
        let Some(renewed) = renewed else {
            return Ok(offered);
        };
        let own: Vec<Slug> = providers
            .iter()
            .filter(|provider| provider.id == renewed.provider)
            .map(|provider| provider.slug.clone())
            .collect();
        if offered.is_empty() || offered == own {
            return Ok(own);
        }
        invalid(format!(
            "Leave `providers` out: `reconnect` names a connection to {}.",
            quoted(&own)
        ))
    }

    fn check_scopes(&self, offered: &[Slug], providers: &[Provider]) -> Result<(), ApiError> {
        for (slug, names) in &self.scopes {
            let known = providers
                .iter()
                .any(|provider| provider.slug.as_str() == slug);
            if !known {
                return invalid(format!(
                    "`scopes` has to name providers of the application. {}",
                    listed(providers)
                ));
            }
            if !offered.is_empty() && !offered.iter().any(|one| one.as_str() == slug) {
                return invalid(format!(
                    "`scopes` has to name providers of this session, which offers {}.",
                    quoted(offered)
                ));
            }
            if names.len() > MOST_SCOPES || Scopes::new(names.iter().map(String::as_str)).is_err() {
                return invalid(format!(
                    "`scopes.{slug}` has to be a list of at most {MOST_SCOPES} scope names: each 1 to 200 characters, no spaces or quotation marks."
                ));
            }
        }
        Ok(())
    }

    /// The owner that was asked for. A connection that is renewed keeps the one it has: nobody
    /// approves in another person's name.
    fn owner(&self, renewed: Option<&Connection>) -> Result<Owner, ApiError> {
        let asked = match (self.owner, &self.team_id) {
            (Some(OwnerKind::Team), Some(team)) => Some(Owner::Team(team.clone())),
            (Some(OwnerKind::Team), None) => {
                return invalid("Add `team_id`: the owner is to be a team.");
            }
            (Some(OwnerKind::Personal), None) => Some(Owner::Personal(self.end_user.id.clone())),
            (_, Some(_)) => {
                return invalid(
                    "Leave `team_id` out, or send `owner` as `team`: a personal connection has no team.",
                );
            }
            (None, None) => None,
        };
        let Some(renewed) = renewed else {
            return Ok(asked.unwrap_or_else(|| Owner::Personal(self.end_user.id.clone())));
        };
        let same_owner = asked.is_none_or(|asked| asked == renewed.owner);
        let same_person = !matches!(&renewed.owner, Owner::Personal(id) if *id != self.end_user.id);
        if same_owner && same_person {
            return Ok(renewed.owner.clone());
        }
        invalid(
            "`reconnect` has to name a connection of the same owner: `end_user`, `owner` and `team_id` say another.",
        )
    }

    fn challenge(&self) -> Result<Option<CodeChallenge>, ApiError> {
        let challenge = self.code_challenge.as_deref().map(str::parse);
        challenge.transpose().or_else(|_| {
            invalid("`code_challenge` has to be the SHA-256 of the verifier as base64url without padding: 43 characters (RFC 7636, S256).")
        })
    }

    /// How the session is completed, and where the browser goes. A challenge asks for bound
    /// completion wherever the application stands, and that needs an address to bring the connect
    /// code to: where none was sent, the application's first.
    fn completed_at(
        &self,
        application: &Application,
    ) -> Result<(Completion, Option<String>), ApiError> {
        let urls = &application.return_urls;
        let wanted = match &self.return_url {
            None => None,
            Some(wanted) => match return_url::registered(wanted, urls) {
                Some(url) => Some(url.to_owned()),
                None if urls.is_empty() => {
                    return invalid(
                        "Leave `return_url` out or register it first: the application has no return URL in its settings.",
                    );
                }
                None => {
                    return invalid(
                        "`return_url` has to equal one of the application's return URLs as a whole: scheme, host, port, path and query. The portal lists them in its settings.",
                    );
                }
            },
        };
        if application.completion == Completion::Confirm && self.code_challenge.is_none() {
            return Ok((Completion::Confirm, wanted));
        }
        match wanted.or_else(|| urls.first().cloned()) {
            Some(url) => Ok((Completion::Bound, Some(url))),
            None => invalid(
                "Register a return URL in the application's settings first: with bound completion the browser brings the connect code there.",
            ),
        }
    }
}

impl Api {
    /// The caller's application.
    pub(super) async fn application(&self, caller: &Caller) -> Result<Application, ApiError> {
        self.store
            .application_by_id(&caller.0.organization, &caller.0.application)
            .await?
            .ok_or(ApiError::NotFound)
    }

    /// The connection that is to be renewed.
    async fn to_renew(&self, caller: &Caller, id: &str) -> Result<Connection, ApiError> {
        let id: ConnectionId = id.parse().map_err(|_| ApiError::NotFound)?;
        let connection = self.connection(&caller.0.application, &id).await?;
        if connection.status == Status::Revoked {
            Err(ApiError::Revoked(Some(id)))
        } else {
            Ok(connection)
        }
    }
}

/// One part of a language tag (RFC 5646 section 2.1).
fn is_subtag(part: &str) -> bool {
    (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn quoted(slugs: &[Slug]) -> String {
    slugs
        .iter()
        .map(|slug| format!("`{slug}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
