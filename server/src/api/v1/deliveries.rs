//! `/webhooks/{id}/deliveries`: what was sent to an endpoint, and what it answered.

use crate::api::Api;
use crate::api::body::{Id, Ids, Search};
use crate::api::key::{May, WebhooksManage};
use crate::api::page::{self, Page};
use crate::api::problem::{ApiError, NotFound, Problems};
use crate::domain::{Attempt, Delivery, DeliveryId, Timestamp, WebhookId};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

const USUAL_PAGE: i64 = 50;
const LONGEST_PAGE: i64 = 200;

/// Which page. Texts, so that each can be refused by name.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many, 1 to 200; 50 if left out.
    #[param(nullable = false, value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// One event on its way to one endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryAnswer {
    #[schema(example = "dlv_4Vt9Qm2kXr7LpZs1HdYw")]
    id: String,
    /// The event: `webhook-id` of each attempt.
    event_id: String,
    r#type: &'static str,
    /// `waiting`, `delivered` or `failed`.
    state: &'static str,
    /// When it is tried next, while it waits.
    #[schema(required, format = DateTime)]
    next_try_at: Option<String>,
    /// The payload, as sent.
    #[schema(value_type = Object)]
    payload: Value,
    /// The newest first.
    attempts: Vec<AttemptAnswer>,
}

/// One attempt.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub(super) struct AttemptAnswer {
    number: i64,
    at: String,
    took_ms: u64,
    /// `delivered`, `redirected`, `gone`, `throttled`, `refused`, `unreached`, `no_answer` or `forbidden_address`.
    outcome: &'static str,
    /// The HTTP status, if there was an answer.
    #[schema(required)]
    status: Option<u16>,
    /// The beginning of what was answered.
    #[schema(required)]
    answer: Option<String>,
}

/// List what was sent to a webhook endpoint
///
/// The newest first, each with its attempts and what the endpoint answered.
#[utoipa::path(
    get,
    path = "/webhooks/{id}/deliveries",
    operation_id = "listDeliveries",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw"), Which),
    responses(
        (status = 200, description = "A page of deliveries.", body = Page<DeliveryAnswer>),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
    Search(which): Search<Which>,
) -> Result<Json<Page<DeliveryAnswer>>, ApiError> {
    let endpoint = api.endpoint(&caller.0.application, &id).await?;
    let limit = match which.limit.as_deref() {
        Some(text) => page::limit(text, LONGEST_PAGE)?,
        None => USUAL_PAGE,
    };
    let limit = usize::try_from(limit).unwrap_or_default();
    let page = api
        .store
        .deliveries(&endpoint, which.cursor.as_deref(), limit)
        .await?
        .ok_or_else(page::wrong_cursor)?;
    Ok(Json(Page {
        data: page.deliveries.into_iter().map(answer).collect(),
        next_cursor: page.next,
    }))
}

/// Send a delivery again
#[utoipa::path(
    post,
    path = "/webhooks/{id}/deliveries/{delivery}/send-again",
    operation_id = "sendDeliveryAgain",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(
        ("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw"),
        ("delivery" = String, Path, description = "Id of the delivery.", example = "dlv_4Vt9Qm2kXr7LpZs1HdYw"),
    ),
    responses(
        (status = 202, description = "It is on its way, with the same `webhook-id`."),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn send_again(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Ids(id, delivery): Ids<WebhookId, DeliveryId>,
) -> Result<StatusCode, ApiError> {
    let endpoint = api.endpoint(&caller.0.application, &id).await?;
    if api.store.send_again(&endpoint, delivery.as_str()).await? {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(ApiError::NotFound)
    }
}

fn answer(delivery: Delivery) -> DeliveryAnswer {
    DeliveryAnswer {
        id: delivery.id.to_string(),
        event_id: delivery.event.to_string(),
        r#type: delivery.kind.as_str(),
        state: delivery.state.as_str(),
        next_try_at: delivery.next_try_at.map(Timestamp::rfc3339),
        payload: serde_json::from_str(&delivery.body).unwrap_or_default(),
        attempts: delivery.attempts.into_iter().map(attempt).collect(),
    }
}

fn attempt(attempt: Attempt) -> AttemptAnswer {
    AttemptAnswer {
        number: attempt.number,
        at: attempt.at.rfc3339(),
        took_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
        outcome: attempt.outcome.as_str(),
        status: attempt.status,
        answer: attempt.answer,
    }
}
