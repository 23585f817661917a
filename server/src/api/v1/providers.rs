//! `GET /providers`: what an application's end users can connect.

use crate::api::Api;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::Provider;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// All providers of the application, by slug.
pub(super) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let providers = api.providers(&caller.0.application).await?;
    let data: Vec<Value> = providers
        .iter()
        .map(|provider| api.provider(provider))
        .collect();
    Ok(Json(json!({"data": data, "next_cursor": null})))
}

impl Api {
    fn provider(&self, provider: &Provider) -> Value {
        let name = self
            .upstreams
            .definition(provider)
            .map_or_else(|_| provider.slug.to_string(), |it| it.name.clone());
        let state = if provider.credentials_rejected_at.is_some() {
            "credentials_rejected"
        } else {
            "active"
        };
        json!({
            "slug": provider.slug.as_str(),
            "name": name,
            "definition": provider.definition,
            "state": state,
            "redirect_uri": self.upstreams.redirect_uri(&provider.id),
            "scopes": provider.scopes.iter().collect::<Vec<_>>(),
        })
    }
}
