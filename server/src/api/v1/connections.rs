//! `/connections`: found, described and revoked.

use super::connection::{connection_json, receipt_json};
use super::named;
use crate::api::Api;
use crate::api::body::{Body, Id, MaybeBody, Search, check_text};
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::{ApplicationId, Connection, ConnectionId, Provider};
use crate::store::ConnectionQuery;
use app::wire::{ConnectionState, RevokeReason};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

const USUAL_PAGE: i64 = 50;
const LONGEST_PAGE: i64 = 200;
const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 50;
const LONGEST_LABEL: usize = 100;
/// Longer than any id or label that a filter could name.
const LONGEST_FILTER: usize = 400;

/// How a list is narrowed. Texts, so that each can be refused by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    end_user: Option<String>,
    team_id: Option<String>,
    provider: Option<String>,
    status: Option<String>,
    account: Option<String>,
    tag: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /connections`: one page, the newest first.
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Search(filter): Search<Filter>,
) -> Result<Json<Value>, ApiError> {
    let application = &caller.0.application;
    let providers = api.providers(application).await?;
    let found = api
        .store
        .connections(application, &filter.query(&providers)?)
        .await?;
    let data: Vec<Value> = found
        .rows
        .iter()
        .map(|row| connection_json(row, &providers))
        .collect();
    Ok(Json(json!({"data": data, "next_cursor": found.next})))
}

impl Filter {
    fn query(self, providers: &[Provider]) -> Result<ConnectionQuery, ApiError> {
        let provider = self
            .provider
            .map(|slug| named("provider", &slug, providers).map(|found| found.id.clone()))
            .transpose()?;
        Ok(ConnectionQuery {
            state: self.status.map(|word| status(&word)).transpose()?,
            provider,
            end_user: checked("end_user", self.end_user)?,
            team: checked("team_id", self.team_id)?,
            account: checked("account", self.account)?,
            tag: checked("tag", self.tag)?,
            cursor: self.cursor.map(cursor).transpose()?.unwrap_or_default(),
            limit: self.limit.map_or(Ok(USUAL_PAGE), |text| limit(&text))?,
            ..ConnectionQuery::default()
        })
    }
}

/// An empty filter is a mistake of the caller's, who would otherwise read everybody's connections.
fn checked(field: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    if let Some(text) = &text {
        check_text(field, text, LONGEST_FILTER)?;
    }
    Ok(text)
}

fn status(word: &str) -> Result<ConnectionState, ApiError> {
    word.parse().map_err(|()| {
        ApiError::Invalid(
            "`status` has to be `active`, `degraded`, `reconnect_required` or `revoked`."
                .to_owned(),
        )
    })
}

fn limit(text: &str) -> Result<i64, ApiError> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=LONGEST_PAGE).contains(limit));
    limit.ok_or_else(|| {
        ApiError::Invalid(format!(
            "`limit` has to be a whole number from 1 to {LONGEST_PAGE}."
        ))
    })
}

/// Refuses what no page gave out: the store would begin at the first page again.
fn cursor(text: String) -> Result<String, ApiError> {
    let mut parts = text.splitn(3, '.');
    let ours = parts.next() == Some("a")
        && parts.next().is_some_and(|at| at.parse::<i64>().is_ok())
        && parts
            .next()
            .is_some_and(|id| id.parse::<ConnectionId>().is_ok());
    if ours {
        Ok(text)
    } else {
        Err(ApiError::Invalid(
            "`cursor` has to be the `next_cursor` of the page before, unchanged.".to_owned(),
        ))
    }
}

/// `GET /connections/{id}`.
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id<ConnectionId>,
) -> Result<Json<Value>, ApiError> {
    let connection = api.connection(&caller.0.application, &id).await?;
    let providers = api.providers(&caller.0.application).await?;
    Ok(Json(connection_json(&connection, &providers)))
}

/// What a backend may say about a connection, and the scopes that it is to keep.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    tags: Option<Vec<String>>,
    #[serde(default)]
    label: Label,
    scopes: Option<Vec<String>>,
}

/// `null` takes the label away; left out, it stays.
#[derive(Default, Deserialize)]
#[serde(from = "Option<String>")]
enum Label {
    #[default]
    AsItIs,
    Now(Option<String>),
}

impl From<Option<String>> for Label {
    fn from(label: Option<String>) -> Self {
        Self::Now(label)
    }
}

impl Description {
    fn check(&self) -> Result<(), ApiError> {
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MOST_TAGS {
            return Err(ApiError::Invalid(format!(
                "`tags` has to be a list of at most {MOST_TAGS}."
            )));
        }
        for (index, tag) in tags.iter().enumerate() {
            check_text(&format!("tags[{index}]"), tag, LONGEST_TAG)?;
        }
        match &self.label {
            Label::Now(Some(label)) => check_text("label", label, LONGEST_LABEL),
            _ => Ok(()),
        }
    }
}

/// `PATCH /connections/{id}`: tags, label, and fewer scopes.
pub(super) async fn describe(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id<ConnectionId>,
    Body(description): Body<Description>,
) -> Result<Json<Value>, ApiError> {
    description.check()?;
    let mut before = api.connection(&caller.0.application, &id).await?;
    if let Some(keep) = &description.scopes {
        before = api.reduced(&caller, &before, keep).await?;
    }
    let mut after = before.clone();
    if let Some(tags) = description.tags {
        after.tags = distinct(tags);
    }
    if let Label::Now(label) = description.label {
        after.label = label;
    }
    if (&after.tags, &after.label) != (&before.tags, &before.label) {
        api.store
            .describe_connection(&after, caller.actor())
            .await?;
    }
    let providers = api.providers(&caller.0.application).await?;
    Ok(Json(connection_json(&after, &providers)))
}

fn distinct(tags: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

/// Why a connection is revoked: in the body, or in the query for clients whose `DELETE` has no body.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    reason: Option<String>,
}

impl Why {
    fn reason(self, otherwise: Self) -> Result<RevokeReason, ApiError> {
        let Some(word) = self.reason.or(otherwise.reason) else {
            return Ok(RevokeReason::Asked);
        };
        app::words::revocation::read(&word).ok_or_else(|| {
            ApiError::Invalid("`reason` has to be `leaving`, `incident` or `asked`.".to_owned())
        })
    }
}

/// `DELETE /connections/{id}`: revokes, at once. However often it is asked, the receipt is the first
/// one (R68).
pub(super) async fn revoke(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id<ConnectionId>,
    Search(query): Search<Why>,
    MaybeBody(body): MaybeBody<Why>,
) -> Result<Json<Value>, ApiError> {
    let reason = body.reason(query)?;
    // the receipt says whether a token is still out there, so what was handed out has to be counted
    if let Err(error) = api.tokens.hand_outs().store(&api.store).await {
        tracing::warn!(%error, "hand-outs could not be stored before a revocation");
    }
    let connection = api.connection(&caller.0.application, &id).await?;
    let offered = api.revocation_offered(&connection).await?;
    let note = "Revoked through the API.";
    let receipt = api
        .store
        .revoke(&connection, reason, note, caller.actor(), offered)
        .await?;
    receipt
        .map(|receipt| Json(receipt_json(&receipt)))
        .ok_or(ApiError::NotFound)
}

impl Api {
    pub(super) async fn connection(
        &self,
        application: &ApplicationId,
        id: &ConnectionId,
    ) -> Result<Connection, ApiError> {
        self.store
            .connection(application, id.as_str())
            .await?
            .ok_or(ApiError::NotFound)
    }

    /// Whether the provider can be told. Where its definition is gone, it cannot.
    async fn revocation_offered(&self, connection: &Connection) -> Result<bool, ApiError> {
        let provider = self.store.provider_by_id(&connection.provider).await?;
        let definition = provider.and_then(|provider| self.upstreams.definition(&provider).ok());
        Ok(definition.is_some_and(|definition| definition.revocation.is_some()))
    }
}
