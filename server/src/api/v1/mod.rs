//! Version 1 of the API: what a backend can ask.

mod connect_sessions;
mod connection;
mod connections;
mod connections_page;
mod deliveries;
mod events;
mod hand_over;
mod import;
mod invitation;
mod providers;
mod proxy;
mod reconnect;
mod reduced;
mod resolve;
mod tokens;
mod webhooks;

pub(in crate::api) use connect_sessions::advice;

use super::Api;
use super::key::Caller;
use super::problem::ApiError;
use crate::domain::Provider;
use std::time::Duration;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

/// How long a connect session's link works (R21).
const LINK_LIFE: Duration = Duration::from_mins(15);

/// All calls. Each brings its own documentation: one without cannot be put here.
pub(super) fn routes() -> OpenApiRouter<Api> {
    let calls: Vec<UtoipaMethodRouter<Api>> = vec![
        routes!(connect_sessions::create),
        routes!(connect_sessions::show),
        routes!(connect_sessions::complete),
        routes!(connections::list),
        routes!(
            connections::show,
            connections::describe,
            connections::revoke
        ),
        routes!(import::import),
        routes!(hand_over::hand_over),
        routes!(tokens::of_connection),
        routes!(tokens::of_owner),
        routes!(providers::list),
        routes!(events::list),
        routes!(webhooks::list, webhooks::create),
        routes!(webhooks::show, webhooks::change, webhooks::remove),
        routes!(webhooks::test),
        routes!(webhooks::rotate_secret),
        routes!(webhooks::end_old_secret),
        routes!(deliveries::list),
        routes!(deliveries::send_again),
    ];
    calls
        .into_iter()
        .fold(OpenApiRouter::default(), OpenApiRouter::routes)
        .merge(proxy::routes())
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
    /// The providers of the caller's application that its key sees. The others are not there for it.
    async fn providers(&self, caller: &Caller) -> Result<Vec<Provider>, ApiError> {
        let mut providers = self.store.providers(&caller.0.application).await?;
        providers.retain(|provider| caller.sees(&provider.id));
        Ok(providers)
    }
}
