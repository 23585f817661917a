//! `GET /providers`: what an application's end users can connect.

use crate::api::Api;
use crate::api::key::{ConnectionsRead, May};
use crate::api::page::Page;
use crate::api::problem::ApiError;
use crate::api::words::one_of;
use crate::domain::Provider;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// A provider that is set up in the application.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
pub(super) struct ProviderAnswer {
    /// Its name in this API.
    #[schema(example = "apollo")]
    slug: String,
    /// Its name for people.
    #[schema(example = "Apollo.io")]
    name: String,
    /// The catalog entry that it was set up from.
    #[schema(example = "apollo")]
    definition: String,
    #[schema(schema_with = states)]
    state: &'static str,
    /// What has to be registered at the provider.
    #[schema(
        format = "uri",
        example = "https://grantport.example/oauth/callback/prv_4Vt9Qm2kXr7LpZs1HdYw"
    )]
    redirect_uri: String,
    /// The scopes that end users are asked for, where a connect session names no others.
    #[schema(example = json!(["contacts_search", "person_read"]))]
    scopes: Vec<String>,
}

const ACTIVE: &str = "active";
const CREDENTIALS_REJECTED: &str = "credentials_rejected";

fn states() -> Object {
    one_of(
        "`active`: end users can connect. `credentials_rejected`: it refuses the client ID or secret; an admin has to correct them.",
        [ACTIVE, CREDENTIALS_REJECTED],
    )
}

/// List the providers
///
/// All that are set up in the application and that the key sees, by slug. There is one page.
#[utoipa::path(
    get,
    path = "/providers",
    operation_id = "listProviders",
    tag = "Providers",
    security(("api_key" = ["connections:read"])),
    responses((status = 200, description = "The providers.", body = Page<ProviderAnswer>)),
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: May<ConnectionsRead>,
) -> Result<Json<Page<ProviderAnswer>>, ApiError> {
    let providers = api.providers(&caller).await?;
    let data = providers
        .iter()
        .map(|provider| api.provider(provider))
        .collect();
    Ok(Json(Page::whole(data)))
}

impl Api {
    fn provider(&self, provider: &Provider) -> ProviderAnswer {
        let name = self
            .upstreams
            .definition(provider)
            .map_or_else(|_| provider.slug.to_string(), |it| it.name.clone());
        ProviderAnswer {
            slug: provider.slug.to_string(),
            name,
            definition: provider.definition.clone(),
            state: if provider.credentials_rejected_at.is_some() {
                CREDENTIALS_REJECTED
            } else {
                ACTIVE
            },
            redirect_uri: self.upstreams.redirect_uri(&provider.id),
            scopes: provider.scopes.iter().map(str::to_owned).collect(),
        }
    }
}
