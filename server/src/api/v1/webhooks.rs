//! `/webhooks`: where the application is told of events (Standard Webhooks).

use crate::api::Api;
use crate::api::body::{Body, Id, check_text};
use crate::api::key::{Caller, May, WebhooksManage};
use crate::api::once::{IdempotencyKey, Once};
use crate::api::page::Page;
use crate::api::problem::{ApiError, IdempotencyKeyReused, InProgress, NotFound, Problems};
use crate::api::words::one_of;
use crate::domain::{
    ApplicationId, Endpoint, MOST_ENDPOINTS, Subscription, Timestamp, WebhookId, WebhookSecret,
};
use crate::store::EndpointSetting;
use crate::webhooks::vet_address;
use app::wire::{DisabledReason, EndpointState};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Object;

const LONGEST_DESCRIPTION: usize = 200;

/// An endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct EndpointAnswer {
    #[schema(example = "whk_4Vt9Qm2kXr7LpZs1HdYw")]
    id: String,
    #[schema(format = "uri", example = "https://app.acme.example/hooks")]
    url: String,
    #[schema(example = "Production")]
    description: String,
    /// Names and patterns of events.
    #[schema(example = json!(["connection.*"]))]
    events: Vec<String>,
    #[schema(schema_with = states)]
    state: &'static str,
    /// When it came to be failing or disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = disabled_reasons)]
    disabled_reason: Option<&'static str>,
    #[schema(format = DateTime, example = "2026-03-01T10:00:00Z")]
    created_at: String,
    /// When it last took something.
    #[schema(required, format = DateTime)]
    last_delivered_at: Option<String>,
    /// Until when the secret before this one signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    old_secret_until: Option<String>,
    /// Where it is told: when the endpoint is made, and when its secret is rotated. `whsec_` and the base64
    /// of 32 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "whsec_…")]
    secret: Option<String>,
}

fn states() -> Object {
    one_of(
        "`active`: it takes what it is sent. `failing`: it took nothing since `since`. `disabled`: nothing is sent.",
        ["active", "failing", "disabled"],
    )
}

fn disabled_reasons() -> Object {
    one_of(
        "`by_hand`: somebody wanted it. `gone`: it answered 410. `failing`: it took nothing for five days.",
        DisabledReason::ALL.map(DisabledReason::as_str),
    )
}

/// A new endpoint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub(super) struct NewEndpoint {
    /// `https`, at an address that the outbound policy allows.
    #[schema(format = "uri", example = "https://app.acme.example/hooks")]
    url: String,
    /// Names and patterns of events.
    #[schema(example = json!(["connection.*"]))]
    events: Vec<String>,
    /// For your own people.
    #[schema(max_length = 200, example = "Production")]
    description: Option<String>,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookChange)]
pub(super) struct EndpointChange {
    #[schema(format = "uri")]
    url: Option<String>,
    events: Option<Vec<String>>,
    #[schema(max_length = 200)]
    description: Option<String>,
    /// `false`: nothing is sent, and what waits is given up.
    enabled: Option<bool>,
}

/// The delivery of a test event.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookTest)]
pub(super) struct TestAnswer {
    #[schema(example = "dlv_4Vt9Qm2kXr7LpZs1HdYw")]
    delivery_id: String,
}

pub(super) fn answer(endpoint: &Endpoint) -> EndpointAnswer {
    let time = |millis| Timestamp::from_millis(millis).rfc3339();
    let (state, since, disabled_reason) = match endpoint.state() {
        EndpointState::Active => ("active", None, None),
        EndpointState::Failing { since } => ("failing", Some(time(since)), None),
        EndpointState::Disabled { since, reason } => {
            ("disabled", Some(time(since)), Some(reason.as_str()))
        }
    };
    EndpointAnswer {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        events: endpoint.events.words().to_vec(),
        state,
        since,
        disabled_reason,
        created_at: endpoint.created_at.rfc3339(),
        last_delivered_at: endpoint.delivered_at.map(Timestamp::rfc3339),
        old_secret_until: endpoint.old_secret_until.map(Timestamp::rfc3339),
        secret: None,
    }
}

/// The two answers in which a secret is told.
fn with_secret(endpoint: &Endpoint, secret: &WebhookSecret) -> EndpointAnswer {
    EndpointAnswer {
        secret: Some(secret.text.expose().clone()),
        ..answer(endpoint)
    }
}

/// List the webhook endpoints
///
/// All of the application. There is one page.
#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "listWebhooks",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    responses(
        (status = 200, description = "The endpoints.", body = Page<EndpointAnswer>),
    ),
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
) -> Result<Json<Page<EndpointAnswer>>, ApiError> {
    let endpoints = api.store.endpoints(&caller.0.application).await?;
    Ok(Json(Page::whole(endpoints.iter().map(answer).collect())))
}

/// Make a webhook endpoint
///
/// From now on it is told of the events that it names. Its secret is told here, and again to whoever sends
/// the same request with the same `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/webhooks",
    operation_id = "createWebhook",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(IdempotencyKey),
    request_body = NewEndpoint,
    responses(
        (status = 201, description = "The endpoint, with its secret.", body = EndpointAnswer),
        Problems<(IdempotencyKeyReused, InProgress)>,
    ),
)]
pub(super) async fn create(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    once: Once<NewEndpoint>,
) -> Result<Response, ApiError> {
    Box::pin(once.answer(api, caller.into_caller(), made)).await
}

async fn made(
    api: Api,
    caller: Caller,
    new: NewEndpoint,
) -> Result<(StatusCode, Json<EndpointAnswer>), ApiError> {
    let wanted = EndpointSetting {
        url: api.vetted(&new.url).await?,
        description: description(new.description.unwrap_or_default())?,
        events: events(&new.events)?,
    };
    let secret = WebhookSecret::make();
    let whose = (&caller.0.organization, &caller.0.application);
    let made = api
        .store
        .create_endpoint(whose, &wanted, &secret, caller.actor())
        .await?;
    let made = made.ok_or_else(|| {
        ApiError::Invalid(format!(
            "Delete an endpoint first: an application has at most {MOST_ENDPOINTS}."
        ))
    })?;
    let body = with_secret(&made, &secret);
    Ok((StatusCode::CREATED, Json(body)))
}

/// Read a webhook endpoint
#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    operation_id = "getWebhook",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw")),
    responses(
        (status = 200, description = "The endpoint.", body = EndpointAnswer),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
) -> Result<Json<EndpointAnswer>, ApiError> {
    let endpoint = api.endpoint(&caller.0.application, &id).await?;
    Ok(Json(answer(&endpoint)))
}

/// Change a webhook endpoint
///
/// What is left out stays.
#[utoipa::path(
    patch,
    path = "/webhooks/{id}",
    operation_id = "updateWebhook",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw")),
    request_body = EndpointChange,
    responses(
        (status = 200, description = "The endpoint, as it is now.", body = EndpointAnswer),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn change(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
    Body(change): Body<EndpointChange>,
) -> Result<Json<EndpointAnswer>, ApiError> {
    let before = api.endpoint(&caller.0.application, &id).await?;
    let wanted = EndpointSetting {
        url: match change.url {
            Some(url) => api.vetted(&url).await?,
            None => before.url.clone(),
        },
        description: description(change.description.unwrap_or(before.description.clone()))?,
        events: match change.events {
            Some(words) => events(&words)?,
            None => before.events.clone(),
        },
    };
    if (&wanted.url, &wanted.description, &wanted.events)
        != (&before.url, &before.description, &before.events)
    {
        api.store
            .update_endpoint(&before, &wanted, caller.actor())
            .await?;
    }
    match change.enabled {
        Some(true) => api.store.enable_endpoint(&before, caller.actor()).await?,
        Some(false) => {
            let reason = DisabledReason::ByHand;
            api.store
                .disable_endpoint(&before, reason, caller.actor())
                .await?;
        }
        None => {}
    }
    let after = api.endpoint(&caller.0.application, &id).await?;
    Ok(Json(answer(&after)))
}

/// Delete a webhook endpoint
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    operation_id = "deleteWebhook",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw")),
    responses(
        (status = 204, description = "It is gone, with all that was delivered to it."),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
) -> Result<StatusCode, ApiError> {
    let endpoint = api.endpoint(&caller.0.application, &id).await?;
    api.store.delete_endpoint(&endpoint, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test event
///
/// Whatever events the endpoint chose.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/test",
    operation_id = "testWebhook",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw")),
    responses(
        (status = 202, description = "The test event is on its way.", body = TestAnswer),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn test(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
) -> Result<impl IntoResponse, ApiError> {
    let endpoint = api.endpoint(&caller.0.application, &id).await?;
    let delivery = api.store.send_test(&endpoint).await?;
    let body = TestAnswer {
        delivery_id: delivery.to_string(),
    };
    Ok((StatusCode::ACCEPTED, Json(body)))
}

/// Rotate a webhook secret
///
/// The secret before it signs too for 24 hours, or until you end it.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/rotate-secret",
    operation_id = "rotateWebhookSecret",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw")),
    responses(
        (status = 200, description = "The endpoint, with its new secret.", body = EndpointAnswer),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn rotate_secret(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
) -> Result<Json<EndpointAnswer>, ApiError> {
    let before = api.endpoint(&caller.0.application, &id).await?;
    let secret = WebhookSecret::make();
    api.store
        .rotate_endpoint_secret(&before, &secret, caller.actor())
        .await?;
    let after = api.endpoint(&caller.0.application, &id).await?;
    Ok(Json(with_secret(&after, &secret)))
}

/// End the rotation of a webhook secret
#[utoipa::path(
    delete,
    path = "/webhooks/{id}/old-secret",
    operation_id = "endOldWebhookSecret",
    tag = "Webhooks",
    security(("api_key" = ["webhooks:manage"])),
    params(("id" = String, Path, description = "Id of the endpoint.", example = "whk_4Vt9Qm2kXr7LpZs1HdYw")),
    responses(
        (status = 204, description = "Only the newest secret signs."),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn end_old_secret(
    State(api): State<Api>,
    caller: May<WebhooksManage>,
    Id(id): Id<WebhookId>,
) -> Result<StatusCode, ApiError> {
    let endpoint = api.endpoint(&caller.0.application, &id).await?;
    api.store.end_old_secret(&endpoint, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn description(text: String) -> Result<String, ApiError> {
    if !text.is_empty() {
        check_text("description", &text, LONGEST_DESCRIPTION)?;
    }
    Ok(text)
}

fn events(words: &[String]) -> Result<Subscription, ApiError> {
    Subscription::new(words).map_err(|_| {
        ApiError::Invalid(
            "`events` has to be a list of events such as `connection.revoked`, or of patterns such as `connection.*`."
                .to_owned(),
        )
    })
}

impl Api {
    pub(super) async fn endpoint(
        &self,
        application: &ApplicationId,
        id: &WebhookId,
    ) -> Result<Endpoint, ApiError> {
        let found = self.store.endpoint(application, id.as_str()).await?;
        found.ok_or(ApiError::NotFound)
    }

    /// The address, if the outbound policy allows it.
    async fn vetted(&self, url: &str) -> Result<String, ApiError> {
        let vetted = vet_address(self.upstreams.egress(), url).await;
        vetted.map_err(|wrong| ApiError::Invalid(format!("`url` cannot be called: {wrong}.")))
    }
}
