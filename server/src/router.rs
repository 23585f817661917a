//! Every route and every layer, in one place.

use crate::auth::session_layers;
use crate::http::{healthz, layers, readyz};
use crate::state::AppState;
use axum::Router;
use axum::routing::get;

/// The whole server.
pub fn router(state: AppState) -> Router {
    let config = state.config.clone();
    let store = state.store.clone();
    let routes = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(state);
    layers(session_layers(routes, &config, &store), &config)
}
