//! Documentation that the server serves itself: the reference of the API, for anyone.
//!
//! ```text
//! reading.rs   the OpenAPI document, in the words of the page
//! kinds.rs     what a field may be, in words
//! example.rs   calls for a shell and JSON, from the examples of the document
//! ```
//!
//! It is drawn once, from the document that programs are given, so that the two cannot differ.

mod example;
mod kinds;
mod reading;

use crate::api::document::document;
use crate::http::{assets, hosted_csp};
use app::address::API_REFERENCE;
use app::hosted::Assets;
use app::reference::reference;
use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use std::sync::Arc;

/// `/docs/api`, and the ways there. `public_url` has no slash at its end.
pub(crate) fn router(public_url: &str) -> Router {
    let assets = Assets {
        stylesheet: assets::stylesheet_href(),
        favicon: "/favicon.svg".to_owned(),
    };
    let page: Arc<str> = reference(&reading::read(document(public_url)), &assets).into();
    let show = get(async move || {
        let policy = [(CONTENT_SECURITY_POLICY, hosted_csp(&[]))];
        (policy, Html(page.to_string())).into_response()
    });
    let lead_there = || get(async || Redirect::permanent(API_REFERENCE));
    Router::new()
        .route(API_REFERENCE, show)
        .route("/docs", lead_there())
        .route("/docs/", lead_there())
}
