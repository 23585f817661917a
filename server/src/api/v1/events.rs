//! `GET /events`: what happened, for backends that poll. The payloads are those of the webhooks.

use crate::api::Api;
use crate::api::body::Search;
use crate::api::key::{EventsRead, May};
use crate::api::page;
use crate::api::problem::{ApiError, CursorExpired, Problems};
use crate::domain::Event;
use app::wire::{EventKind, stands_for};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

const USUAL_PAGE: i64 = 100;
const LONGEST_PAGE: i64 = 500;

/// Where to go on, and which events. Texts, so that each can be refused by name.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Position {
    /// `next_cursor` of the page before; left out: from the oldest event that is kept.
    #[param(nullable = false)]
    after: Option<String>,
    /// How many, 1 to 500; 100 if left out.
    #[param(nullable = false, value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// Names and patterns such as `connection.*`, separated by commas.
    #[param(nullable = false, example = "connection.*")]
    r#type: Option<String>,
}

/// An event, as webhooks send it.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Event)]
pub(super) struct EventAnswer {
    /// The same as `webhook-id`: an event that was seen before is not another one.
    #[serde(default)]
    id: String,
    /// What happened. Ignore what you do not know: there will be more.
    #[schema(example = "connection.revoked")]
    r#type: String,
    /// When.
    #[schema(format = DateTime, example = "2026-03-01T10:00:00Z")]
    timestamp: String,
    /// To what: ids, the application's own among them, and reasons.
    #[schema(value_type = Object)]
    data: Value,
}

/// A part of the log, the oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct EventLog {
    data: Vec<EventAnswer>,
    /// `after` of the next request. It is always there: who has read everything asks with it later.
    next_cursor: String,
    /// Whether more is there already.
    has_more: bool,
}

/// Read the event log
///
/// The oldest first, after a cursor: what the webhooks tell, for backends that poll. Ask again with
/// `next_cursor`, also when nothing came. Events are kept for 30 days.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "listEvents",
    tag = "Events",
    security(("api_key" = ["events:read"])),
    params(Position),
    responses(
        (status = 200, description = "A part of the log.", body = EventLog),
        Problems<(CursorExpired,)>,
    ),
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: May<EventsRead>,
    Search(position): Search<Position>,
) -> Result<Json<EventLog>, ApiError> {
    let after = position.after.as_deref().map(cursor).transpose()?;
    let limit = match position.limit.as_deref() {
        Some(text) => page::limit(text, LONGEST_PAGE)?,
        None => USUAL_PAGE,
    };
    let kinds = kinds(position.r#type.as_deref())?;
    let page = api
        .store
        .log_after(&caller.0.application, after, &kinds, limit)
        .await?
        .map_err(|_| ApiError::CursorExpired)?;
    let mut data = page
        .events
        .iter()
        .map(answer)
        .collect::<Result<Vec<_>, _>>()?;
    if !caller.sees_all() {
        let seen = api.providers(&caller).await?;
        data.retain(|event| {
            let of = event.data["provider"].as_str();
            seen.iter()
                .any(|provider| Some(provider.slug.as_str()) == of)
        });
    }
    Ok(Json(EventLog {
        data,
        next_cursor: page.next.to_string(),
        has_more: page.more,
    }))
}

fn answer(event: &Event) -> Result<EventAnswer, ApiError> {
    let read: EventAnswer = serde_json::from_str(&event.body).map_err(|_| {
        tracing::error!(event = %event.id, "an event cannot be read");
        ApiError::Internal
    })?;
    Ok(EventAnswer {
        id: event.id.to_string(),
        ..read
    })
}

fn cursor(text: &str) -> Result<i64, ApiError> {
    let place = text.parse().ok().filter(|place| *place >= 0);
    place.ok_or_else(|| {
        ApiError::Invalid(
            "`after` has to be the `next_cursor` of the page before, unchanged.".to_owned(),
        )
    })
}

/// The events that a filter stands for; none: all.
fn kinds(filter: Option<&str>) -> Result<Vec<EventKind>, ApiError> {
    let mut kinds = Vec::new();
    for pattern in filter.into_iter().flat_map(|text| text.split(',')) {
        let before = kinds.len();
        kinds.extend(
            EventKind::ALL
                .iter()
                .filter(|kind| stands_for(pattern, **kind)),
        );
        if kinds.len() == before {
            return Err(ApiError::Invalid(
                "`type` has to name events such as `connection.revoked`, or `connection.*`, separated by commas."
                    .to_owned(),
            ));
        }
    }
    Ok(kinds)
}
