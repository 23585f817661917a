//! `POST /connections/import`: connections that come with tokens from elsewhere.
//!
//! It takes no more than `connect:create`: whoever may make connections may bring them. A row can
//! name no address that our client secret would be sent to (`moving/check.rs`).

use crate::api::Api;
use crate::api::body::{LongBody, Search};
use crate::api::key::{ConnectCreate, May};
use crate::api::problem::ApiError;
use crate::moving::{Brought, Counts, Format, How, Importing, Names, Row};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows in one request.
const MOST: usize = 500;

/// The body of `POST /connections/import`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportRequest {
    /// At most 500. A row of which something is wrong is answered as such, and keeps no other out.
    #[schema(value_type = Vec<Row>)]
    connections: Vec<Value>,
    /// In whose words the rows are written.
    #[serde(default)]
    format: Format,
    /// With `nango`: which provider stands for which `provider_config_key`.
    #[serde(default)]
    providers: Names,
    /// Connections that are there get the tokens that come, if they are others than they came with.
    #[serde(default)]
    replace: bool,
    /// A wrong row keeps all others out.
    #[serde(default)]
    all_or_nothing: bool,
}

/// How an import is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// `true`: everything is checked, and nothing is kept.
    dry_run: Option<String>,
}

/// What became of each row.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ImportAnswer {
    /// One for each row, in their order.
    data: Vec<Brought>,
    /// How many of each there were.
    counts: Counts,
}

/// Bring connections in
///
/// With tokens that they have already, from another vault or from your own database. Each row is answered
/// by its index; a wrong one says what is wrong with which field and keeps no other out, unless you want
/// that. The same row sent again is known again, so a run that broke off is sent once more.
#[utoipa::path(
    post,
    path = "/connections/import",
    operation_id = "importConnections",
    tag = "Connections",
    security(("api_key" = ["connect:create"])),
    params(ImportQuery),
    request_body = ImportRequest,
    responses((status = 200, description = "What became of each row.", body = ImportAnswer)),
)]
pub(super) async fn import(
    State(api): State<Api>,
    caller: May<ConnectCreate>,
    Search(query): Search<ImportQuery>,
    LongBody(asked): LongBody<ImportRequest>,
) -> Result<Json<ImportAnswer>, ApiError> {
    if asked.connections.is_empty() || asked.connections.len() > MOST {
        return Err(ApiError::Invalid(format!(
            "`connections` has to be a list of 1 to {MOST}. Send more in several requests: what came before is known again."
        )));
    }
    let how = How {
        dry_run: query.dry_run()?,
        replace: asked.replace,
        all_or_nothing: asked.all_or_nothing,
    };
    let rows = asked
        .connections
        .into_iter()
        .map(|row| asked.format.row(row, &asked.providers))
        .collect();
    let application = api.application(&caller).await?;
    let mut importing =
        Importing::into_application(&api.store, &api.upstreams, application).await?;
    importing.retain_providers(|id| caller.sees(id));
    let data = importing.bring(rows, how, &caller.actor()).await?;
    let mut counts = Counts::default();
    counts.add(&data);
    Ok(Json(ImportAnswer { data, counts }))
}

impl ImportQuery {
    fn dry_run(&self) -> Result<bool, ApiError> {
        match self.dry_run.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::Invalid(
                "`dry_run` has to be `true` or `false`.".to_owned(),
            )),
        }
    }
}
