//! Version 1 of the API: what a backend can ask.

mod connect_sessions;
mod connection;
mod connections;
mod invitation;
mod providers;
mod reconnect;
mod reduced;
mod tokens;

pub(in crate::api) use connect_sessions::advice;

use super::Api;
use super::problem::ApiError;
use crate::domain::{ApplicationId, Provider};
use axum::Router;
use axum::routing::{get, post};
use std::time::Duration;

/// How long a connect session's link works (R21).
const LINK_LIFE: Duration = Duration::from_mins(15);

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/connect-sessions", post(connect_sessions::create))
        .route("/connect-sessions/{id}", get(connect_sessions::show))
        .route(
            "/connect-sessions/{id}/complete",
            post(connect_sessions::complete),
        )
        .route("/connections", get(connections::list))
        .route(
            "/connections/{id}",
            get(connections::show)
                .patch(connections::describe)
                .delete(connections::revoke),
        )
        .route("/connections/{id}/token", post(tokens::of_connection))
        .route("/tokens", post(tokens::of_owner))
        .route("/providers", get(providers::list))
}

/// The application's provider that the caller names in `field`, or a sentence that lists those it has.
fn named<'a>(field: &str, slug: &str, providers: &'a [Provider]) -> Result<&'a Provider, ApiError> {
    providers
        .iter()
        .find(|provider| provider.slug.as_str() == slug)
        .ok_or_else(|| {
            ApiError::Invalid(format!(
                "`{field}` has to name a provider of the application. {}",
                listed(providers)
            ))
        })
}

fn listed(providers: &[Provider]) -> String {
    if providers.is_empty() {
        return "It has none yet: add one in the portal.".to_owned();
    }
    let slugs: Vec<String> = providers
        .iter()
        .map(|provider| format!("`{}`", provider.slug))
        .collect();
    format!("It has {}.", slugs.join(", "))
}

impl Api {
    async fn providers(&self, application: &ApplicationId) -> Result<Vec<Provider>, ApiError> {
        Ok(self.store.providers(application).await?)
    }
}
