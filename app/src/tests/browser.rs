//! A browser without script: it asks for pages, posts forms, and follows where it is led.

use super::sample::SamplePortal;
use crate::portal::PortalHandle;
use crate::routes::listing;
use crate::shell::shell;
use axum::Router;
use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use leptos::prelude::*;
use leptos_axum::LeptosRoutes;
use std::sync::Arc;
use tower::ServiceExt;

/// What came back.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) html: String,
}

impl Seen {
    /// Fails with the whole page when a text is missing.
    pub(super) fn shows(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "no {text:?} in:\n{}", self.html);
        self
    }

    /// Fails when a text is there.
    pub(super) fn hides(&self, text: &str) -> &Self {
        assert!(!self.text().contains(text), "{text:?} in:\n{}", self.html);
        self
    }

    /// The page without the comments that Leptos leaves between texts.
    pub(super) fn text(&self) -> String {
        self.html.replace("<!>", "").replace("<!---->", "")
    }
}

/// One browser, with its session on the server.
#[derive(Clone)]
pub(super) struct Browser {
    router: Router,
}

impl Browser {
    pub(super) fn visiting(portal: SamplePortal) -> Self {
        let portal: PortalHandle = Arc::new(portal);
        let options = LeptosOptions::builder().output_name("app").build();
        let provide = move || provide_context(portal.clone());
        let document = {
            let options = options.clone();
            move || shell(options.clone())
        };
        let router = Router::new()
            .leptos_routes_with_context(&options, listing(), provide, document)
            .with_state(options);
        Self { router }
    }

    pub(super) async fn get(&self, address: &str) -> Seen {
        let request = Request::builder()
            .uri(address)
            .header(ACCEPT, "text/html")
            .body(Body::empty());
        self.send(request.unwrap()).await
    }

    /// Posts a form as a browser without script does.
    pub(super) async fn post(&self, function: &str, form: &str) -> Seen {
        self.send(post(function, form, "text/html")).await
    }

    /// Posts a form and looks at the page that it leads to.
    pub(super) async fn post_and_follow(&self, function: &str, form: &str) -> Seen {
        let answer = self.post(function, form).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{answer:?}");
        self.get(&answer.location.unwrap()).await
    }

    /// Posts a form as a script does, which wants no page.
    pub(super) async fn post_as_script(&self, function: &str, form: &str) -> Seen {
        self.send(post(function, form, "application/json")).await
    }

    async fn send(&self, request: Request<Body>) -> Seen {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response
            .headers()
            .get(LOCATION)
            .map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Seen {
            status,
            location,
            html: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

fn post(function: &str, form: &str, accept: &str) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(format!("/_portal/{function}"))
        .header(ACCEPT, accept)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap()
}
