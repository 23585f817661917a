//! What a backend sends to invite an end user, and whether it can be done.

use super::resolve::LONGEST_OWNER_ID;
use super::{listed, named};
use crate::api::Api;
use crate::api::body::check_text;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::api::return_url;
use crate::api::words::one_of_or_null;
use crate::domain::{
    Application, CodeChallenge, Completion, ConnectSession, Connection, ConnectionId, EndUser,
    Owner, Provider, Scopes, Slug, Status,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Object;

const LONGEST_NAME: usize = 200;
/// RFC 5321 section 4.5.3.1.3.
const LONGEST_EMAIL: usize = 254;
const MOST_SCOPES: usize = 200;
/// RFC 5646 section 4.4.1.
const LONGEST_LOCALE: usize = 35;

/// Whom to invite, and to what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConnectSessionRequest)]
pub(super) struct Invitation {
    end_user: Invited,
    #[schema(schema_with = owner_kinds)]
    owner: Option<OwnerKind>,
    /// Your application's id of the team; needed where `owner` is `team`.
    #[schema(min_length = 1, max_length = 200)]
    team_id: Option<String>,
    /// Slugs of the providers on offer; all of the application's, if left out.
    #[serde(default)]
    #[schema(example = json!(["apollo"]))]
    providers: Vec<String>,
    /// Scopes to ask for, by provider; those of the provider, if left out.
    #[serde(default)]
    #[schema(example = json!({"apollo": ["contacts_search"]}))]
    scopes: BTreeMap<String, Vec<String>>,
    /// Where the browser goes afterwards: one of the application's return URLs, letter by letter.
    #[schema(format = "uri", example = "https://app.acme.example/integrations")]
    return_url: Option<String>,
    /// SHA-256 of a secret of your backend as base64url without padding (RFC 7636, S256). It asks for
    /// bound completion.
    #[schema(min_length = 43, max_length = 43)]
    code_challenge: Option<String>,
    /// Id of the connection that is to be renewed.
    #[schema(example = "con_4Vt9Qm2kXr7LpZs1HdYw")]
    reconnect: Option<String>,
    /// Language of the pages, such as `de` or `pt-BR`; the browser's, if left out.
    #[schema(max_length = 35, example = "de")]
    locale: Option<String>,
}

/// The end user, as your application knows them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invited {
    /// Your application's id of them.
    #[schema(min_length = 1, max_length = 200, example = "user-17")]
    id: String,
    /// Name, for the pages.
    #[schema(min_length = 1, max_length = 200, example = "Dana Reyes")]
    name: Option<String>,
    /// E-mail, for the pages.
    #[schema(min_length = 1, max_length = 254, example = "dana@northwind.example")]
    email: Option<String>,
}

impl Invited {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        check_text("end_user.id", &self.id, LONGEST_OWNER_ID)?;
        if let Some(name) = &self.name {
            check_text("end_user.name", name, LONGEST_NAME)?;
        }
        if let Some(email) = &self.email {
            check_text("end_user.email", email, LONGEST_EMAIL)?;
        }
        Ok(())
    }
}

impl From<Invited> for EndUser {
    fn from(person: Invited) -> Self {
        Self {
            id: person.id,
            name: person.name,
            email: person.email,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OwnerKind {
    Personal,
    Team,
}

fn owner_kinds() -> Object {
    one_of_or_null(
        "Whose the connection will be: `personal`, the end user's, if left out.",
        Owner::KINDS,
    )
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
        let providers = api.providers(caller).await?;
        let renewed = match &self.reconnect {
            Some(id) => Some(api.to_renew(caller, id).await?),
            None => None,
        };
        let mut offered = self.offered(&providers, renewed.as_ref())?;
        if offered.is_empty() && !caller.sees_all() {
            offered = providers.iter().map(|it| it.slug.clone()).collect();
        }
        self.check_scopes(&offered, &providers)?;
        let application = api.application(caller).await?;
        let (completion, return_url) = self.completed_at(&application)?;
        let code_challenge = self.challenge()?;
        let owner = self.owner(renewed.as_ref())?;
        let end_user: EndUser = self.end_user.into();
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
        self.end_user.check()?;
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
        let connection = self.connection(caller, &id).await?;
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
