//! `/connections`: found, described and revoked.

use super::connection::{
    ConnectionAnswer, ReceiptAnswer, revoke_reasons, revoke_reasons_or_null, states,
};
use super::named;
use crate::api::Api;
use crate::api::body::{Body, Id, MaybeBody, Search, check_text};
use crate::api::etag::Tagged;
use crate::api::key::{Caller, ConnectCreate, ConnectionsRead, ConnectionsRevoke, May};
use crate::api::page::{self, Page};
use crate::api::problem::{
    ApiError, CredentialsRejected, NoDefinition, NotFound, PreconditionFailed, Problems,
    ProviderUnavailable, Quarantined, ReconnectRequired, Revoked, Stopped,
};
use crate::domain::{Connection, ConnectionId, KeyScope, Provider};
use crate::store::ConnectionQuery;
use app::wire::{ConnectionState, RevokeReason};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const USUAL_PAGE: i64 = 50;
const LONGEST_PAGE: i64 = 200;
const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 50;
const LONGEST_LABEL: usize = 100;
/// Longer than any id or label that a filter could name.
const LONGEST_FILTER: usize = 400;

/// How a list is narrowed. Texts, so that each can be refused by name.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Your application's id of the end user: their personal connections.
    #[param(nullable = false, example = "user-17")]
    end_user: Option<String>,
    /// Your application's id of the team: its connections.
    #[param(nullable = false)]
    team_id: Option<String>,
    /// Slug of the provider.
    #[param(nullable = false, example = "apollo")]
    provider: Option<String>,
    #[param(schema_with = states)]
    status: Option<String>,
    /// The provider's id of the account, or its label.
    #[param(nullable = false)]
    account: Option<String>,
    /// A tag that it has.
    #[param(nullable = false)]
    tag: Option<String>,
    /// How many rows a page has, at most.
    #[param(value_type = Option<i64>, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `next_cursor` of the page before, unchanged.
    #[param(nullable = false)]
    cursor: Option<String>,
}

/// List connections
///
/// One page, the newest first.
#[utoipa::path(
    get,
    path = "/connections",
    operation_id = "listConnections",
    tag = "Connections",
    security(("api_key" = ["connections:read"])),
    params(Filter),
    responses((status = 200, description = "A page of connections.", body = Page<ConnectionAnswer>)),
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: May<ConnectionsRead>,
    Search(filter): Search<Filter>,
) -> Result<Json<Page<ConnectionAnswer>>, ApiError> {
    let providers = api.providers(&caller).await?;
    let query = filter.query(&providers)?;
    let (rows, next_cursor) = api.page(&caller, &providers, query).await?;
    let data = rows
        .iter()
        .map(|row| ConnectionAnswer::new(row, &providers))
        .collect();
    Ok(Json(Page { data, next_cursor }))
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
            limit: self
                .limit
                .map_or(Ok(USUAL_PAGE), |text| page::limit(&text, LONGEST_PAGE))?,
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
        Err(page::wrong_cursor())
    }
}

/// Read a connection
///
/// Send the `ETag` of an earlier answer in `If-None-Match`, and the body is sent only if it differs.
#[utoipa::path(
    get,
    path = "/connections/{id}",
    operation_id = "getConnection",
    tag = "Connections",
    security(("api_key" = ["connections:read"])),
    params(
        ("id" = String, Path, description = "Id of the connection.", example = "con_4Vt9Qm2kXr7LpZs1HdYw"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "`ETag` of an earlier answer."),
    ),
    responses(
        (
            status = 200, description = "The connection.", body = ConnectionAnswer,
            headers(("ETag" = String, description = "Stands for the connection as it is now.")),
        ),
        (status = 304, description = "It is as it was in the answer with that `ETag`."),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: May<ConnectionsRead>,
    Id(id): Id<ConnectionId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let connection = api.connection(&caller, &id).await?;
    let providers = api.providers(&caller).await?;
    let answer = Tagged::json(&ConnectionAnswer::new(&connection, &providers));
    Ok(answer.unless_known(&headers))
}

/// What a backend may say about a connection, and the scopes that it is to keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConnectionChange)]
pub(super) struct Description {
    /// Replaces all its tags; they stay, if left out.
    #[schema(max_items = 20, example = json!(["emea"]))]
    tags: Option<Vec<String>>,
    /// Its name in your application; `null` takes it away, and it stays, if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Sales")]
    label: Label,
    /// Scopes to keep, a part of those that it has. Only providers that can narrow a grant without
    /// asking the user again take it.
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

/// Describe a connection
///
/// Tags and a label of your own, and fewer scopes. What is left out stays. Send the `ETag` of what
/// you have read in `If-Match`, and nothing is changed if it has become something else meanwhile. Fewer
/// scopes end a part of what was granted: the key needs `connections:revoke` for them, too.
/// Fewer scopes end a part of what was granted, and need `connections:revoke` beside.
#[utoipa::path(
    patch,
    path = "/connections/{id}",
    operation_id = "updateConnection",
    tag = "Connections",
    security(("api_key" = ["connect:create"])),
    params(
        ("id" = String, Path, description = "Id of the connection.", example = "con_4Vt9Qm2kXr7LpZs1HdYw"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "`ETag` of the connection as you have read it."),
    ),
    request_body = Description,
    responses(
        (
            status = 200, description = "The connection, as it is now.", body = ConnectionAnswer,
            headers(("ETag" = String, description = "Stands for the connection as it is now.")),
        ),
        Problems<(
            NotFound, PreconditionFailed, ReconnectRequired, Revoked, Stopped, CredentialsRejected, Quarantined,
            ProviderUnavailable, NoDefinition,
        )>,
    ),
)]
pub(super) async fn describe(
    State(api): State<Api>,
    caller: May<ConnectCreate>,
    Id(id): Id<ConnectionId>,
    headers: HeaderMap,
    Body(description): Body<Description>,
) -> Result<Response, ApiError> {
    description.check()?;
    if description.scopes.is_some() {
        caller.needs(KeyScope::ConnectionsRevoke)?;
    }
    let mut before = api.connection(&caller, &id).await?;
    let providers = api.providers(&caller).await?;
    Tagged::json(&ConnectionAnswer::new(&before, &providers)).check_seen(&headers)?;
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
    Ok(Tagged::json(&ConnectionAnswer::new(&after, &providers)).whole())
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
#[derive(Default, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[schema(as = RevokeRequest)]
pub(super) struct Why {
    #[schema(schema_with = revoke_reasons_or_null)]
    #[param(schema_with = revoke_reasons)]
    reason: Option<String>,
}

impl Why {
    fn reason(&self) -> Result<Option<RevokeReason>, ApiError> {
        let read = self.reason.as_deref().map(|word| {
            app::words::revocation::read(word).ok_or_else(|| {
                ApiError::Invalid("`reason` has to be `leaving`, `incident` or `asked`.".to_owned())
            })
        });
        read.transpose()
    }
}

/// Revoke a connection
///
/// It ends at once and for good, and the provider is told. However often it is asked, the receipt
/// is the first one. `reason` may be in the query or in the body.
#[utoipa::path(
    delete,
    path = "/connections/{id}",
    operation_id = "revokeConnection",
    tag = "Connections",
    security(("api_key" = ["connections:revoke"])),
    params(
        ("id" = String, Path, description = "Id of the connection.", example = "con_4Vt9Qm2kXr7LpZs1HdYw"),
        Why,
    ),
    request_body = Option<Why>,
    responses(
        (status = 200, description = "The receipt.", body = ReceiptAnswer),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn revoke(
    State(api): State<Api>,
    caller: May<ConnectionsRevoke>,
    Id(id): Id<ConnectionId>,
    Search(query): Search<Why>,
    MaybeBody(body): MaybeBody<Why>,
) -> Result<Json<ReceiptAnswer>, ApiError> {
    let (in_body, in_query) = (body.reason()?, query.reason()?);
    let reason = in_body.or(in_query).unwrap_or(RevokeReason::Asked);
    // the receipt says whether a token is still out there, so what was handed out has to be counted
    if let Err(error) = api.tokens.hand_outs().store(&api.store).await {
        tracing::warn!(%error, "hand-outs could not be stored before a revocation");
    }
    let connection = api.connection(&caller, &id).await?;
    let offered = api.revocation_offered(&connection).await?;
    let note = "Revoked through the API.";
    let receipt = api
        .store
        .revoke(&connection, reason, note, caller.actor(), offered)
        .await?;
    receipt
        .map(|receipt| Json(ReceiptAnswer::new(&receipt)))
        .ok_or(ApiError::NotFound)
}

impl Api {
    /// A connection of the caller's application, to a provider that its key sees.
    pub(super) async fn connection(
        &self,
        caller: &Caller,
        id: &ConnectionId,
    ) -> Result<Connection, ApiError> {
        let found = self.store.connection(&caller.0.application, id.as_str());
        let seen = found
            .await?
            .filter(|connection| caller.sees(&connection.provider));
        seen.ok_or(ApiError::NotFound)
    }

    /// Whether the provider can be told. Where its definition is gone, it cannot.
    async fn revocation_offered(&self, connection: &Connection) -> Result<bool, ApiError> {
        let provider = self.store.provider_by_id(&connection.provider).await?;
        let definition = provider.and_then(|provider| self.upstreams.definition(&provider).ok());
        Ok(definition.is_some_and(|definition| definition.revocation.is_some()))
    }
}
