//! Every route and every layer, in one place.

use crate::api::Api;
use crate::auth::session_layers;
use crate::brand;
use crate::docs;
use crate::http::{assets, connect_js, healthz, layers, readyz};
use crate::portal::{self, PageAnswer, PortalRequest};
use crate::state::AppState;
use app::portal::PortalHandle;
use app::routes::listing;
use app::shell::shell;
use axum::Router;
use axum::http::request::Parts;
use axum::routing::get;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, render_app_async_with_context};
use std::sync::Arc;

/// The whole server.
pub fn router(state: AppState) -> Router {
    let config = state.config.clone();
    let store = state.store.clone();
    let routes = session_layers(pages(state.clone()), &config, &store)
        .merge(brand::router(store.clone()))
        .merge(state.connect.clone().router())
        .merge(state.practice.clone().routes(store.clone()))
        .merge(
            Api::new(
                store,
                state.upstreams.clone(),
                state.tokens.clone(),
                state.connect.clone(),
                state.metrics.clone(),
            )
            .limited_to(config.rates)
            .proxying_within(state.proxy_limits)
            .router(),
        )
        .merge(docs::router(&state.upstreams.absolute("")))
        .merge(assets::router())
        .merge(connect_js::router())
        .merge(
            Router::new()
                .route("/healthz", get(healthz))
                .route("/readyz", get(readyz))
                .with_state(state),
        );
    layers(routes, &config)
}

/// The pages and server functions of the portal, and the page for all addresses that are none.
fn pages(state: AppState) -> Router {
    let options = state.leptos.clone();
    let document = move || shell(options.clone());
    let context = {
        let state = state.clone();
        move || in_context(&state)
    };
    Router::new()
        .leptos_routes_with_context(&state, listing(), context.clone(), document.clone())
        .merge(portal::files())
        .fallback(render_app_async_with_context(context, document))
        .with_state(state)
}

/// What pages and server functions find in their context: the port, for this request, and the
/// policy for the scripts of this answer.
fn in_context(state: &AppState) {
    let answer = PageAnswer::new(
        use_context::<ResponseOptions>().unwrap_or_default(),
        leptos::nonce::use_nonce().map(|nonce| nonce.to_string()),
    );
    // absent while the list of routes is made
    if let Some(request) =
        use_context::<Parts>().and_then(|parts| PortalRequest::new(state.clone(), &parts, answer))
    {
        let handle: PortalHandle = Arc::new(request);
        provide_context(handle);
    }
}
