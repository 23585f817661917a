//! An application's backend, with axum and reqwest. Each part has a file of its own.
//!
//! ```sh
//! cargo add axum base64 getrandom hmac percent-encoding reqwest serde_json sha2
//! cargo add time --features parsing && cargo add tokio --features full
//! GRANTPORT_URL=http://127.0.0.1:3000 GRANTPORT_API_KEY=gp_... PORT=8000 cargo run
//! ```
//!
//! At Grantport, the application's settings have `http://localhost:8000/` among the return URLs and
//! `http://localhost:8000` among the allowed origins. With `GRANTPORT_WEBHOOK_SECRET=whsec_...` it takes
//! webhooks at `/hooks`.

#![expect(
    clippy::disallowed_methods,
    reason = "the rules of the server's own rooms: a backend asks its own clock and makes its own client"
)]

mod connecting;
mod events;
mod grantport;
mod proxy;
mod tokens;
mod webhooks;

use crate::connecting::Connecting;
use crate::events::Events;
use crate::grantport::{Fault, Grantport, text};
use crate::proxy::through_proxy;
use crate::tokens::Tokens;
use crate::webhooks::{header, is_genuine};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const PAGE: &str = include_str!("../page/index.html");
const SCRIPT: &str = include_str!("../page/page.js");

/// The call that we make for our user: who they are at Apollo.
const PROFILE: &str = "/api/v1/users/api_profile";
/// No event is nearly as long.
const LONGEST_BODY: usize = 64 * 1024;
/// Longest that an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the handlers share.
struct Application {
    grantport_url: String,
    webhook_secret: Option<String>,
    apollo_api: String,
    client: Client,
    grantport: Grantport,
    connecting: Connecting,
    tokens: Arc<Tokens>,
    events: Events,
    history: Arc<Mutex<Vec<Value>>>,
}

type Shared = State<Arc<Application>>;

/// Whoever is signed in. A real application reads this from its own session, never from the request.
fn user() -> Value {
    json!({"id": "user_2291", "name": "Dana Whitfield", "email": "dana@northwind.example"})
}

/// What several requests use. A handler that panicked has left nothing half done.
fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Application {
    fn from_env(our_url: String) -> Result<Self, Fault> {
        let client = Client::builder().timeout(TIMEOUT).build()?;
        let grantport_url = env::var("GRANTPORT_URL")?;
        let key = env::var("GRANTPORT_API_KEY")?;
        let grantport = Grantport::new(&grantport_url, key, client.clone());
        let tokens = Arc::new(Tokens::new(grantport.clone()));
        let history = Arc::<Mutex<Vec<Value>>>::default();
        let happened = {
            let (tokens, history) = (Arc::clone(&tokens), Arc::clone(&history));
            move |event: &Value| {
                locked(&history).push(json!({"id": event["id"], "type": event["type"]}));
                tokens.forget(&event["data"]["connection_id"]);
            }
        };
        let cursor_file = or_default("EVENTS_CURSOR", "events.cursor").into();
        Ok(Self {
            webhook_secret: env::var("GRANTPORT_WEBHOOK_SECRET").ok(),
            apollo_api: or_default("APOLLO_API", "https://api.apollo.io"),
            connecting: Connecting::new(grantport.clone(), our_url),
            events: Events::new(grantport.clone(), cursor_file, Box::new(happened)),
            grantport_url,
            client,
            grantport,
            tokens,
            history,
        })
    }

    /// Where the browser goes on that came back with a code.
    async fn complete(&self, session: &str, connect_code: &str) -> Result<String, Fault> {
        let ended = self
            .connecting
            .complete(session, connect_code, &user())
            .await;
        let session = utf8_percent_encode(session, NON_ALPHANUMERIC);
        match ended {
            Ok(()) => Ok(format!("/?session={session}&status=connected")),
            Err(Fault::Refused(problem)) => Ok(match problem["choice_url"].as_str() {
                // they approved another account than the one that was to be renewed, and choose at Grantport
                Some(choice) => choice.to_owned(),
                None => format!(
                    "/?session={session}&status=failed&error={}",
                    text(&problem["code"])
                ),
            }),
            Err(fault) => Err(fault),
        }
    }

    fn page(&self) -> Response {
        let grantport = &self.grantport_url;
        // the script comes from Grantport, and asks Grantport how it ended
        let policy = format!(
            "default-src 'self'; script-src 'self' {grantport}; connect-src 'self' {grantport}"
        );
        let page = Html(PAGE.replace("GRANTPORT_URL", grantport));
        ([(CONTENT_SECURITY_POLICY, policy)], page).into_response()
    }

    async fn follow_events(&self, pause: Duration) {
        loop {
            if let Err(fault) = self.events.read_on().await {
                eprintln!("{fault:?}");
            }
            tokio::time::sleep(pause).await;
        }
    }
}

async fn front(
    State(application): Shared,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Fault> {
    let Some(connect_code) = query.get("connect_code") else {
        return Ok(application.page());
    };
    let session = query.get("session").map_or("", String::as_str);
    let goes_on = application.complete(session, connect_code).await?;
    Ok(Redirect::to(&goes_on).into_response())
}

async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

async fn connect(State(application): Shared) -> Result<Json<Value>, Fault> {
    let url = application.connecting.begin(&user()).await?;
    Ok(Json(json!({"url": url})))
}

/// For browsers without JavaScript.
async fn connect_here(State(application): Shared) -> Result<Redirect, Fault> {
    let url = application.connecting.begin(&user()).await?;
    Ok(Redirect::to(&url))
}

/// What this user has connected.
async fn connections(State(application): Shared) -> Result<Json<Vec<Value>>, Fault> {
    let user = user();
    let id = utf8_percent_encode(text(&user["id"]), NON_ALPHANUMERIC);
    let path = format!("/connections?end_user={id}");
    let found = application.grantport.get(&path).await?;
    let connections = found["data"].as_array().into_iter().flatten();
    Ok(Json(connections
        .map(|one| json!({"provider": one["provider"], "account": one["account"]["label"], "status": one["status"]}))
        .collect()))
}

async fn profile_through_proxy(State(application): Shared) -> Result<Response, Fault> {
    let (user, grantport) = (user(), &application.grantport);
    let id = text(&user["id"]);
    pass_on(through_proxy(grantport, "apollo", id, Method::GET, PROFILE).await?).await
}

async fn profile_with_token(State(application): Shared) -> Result<Response, Fault> {
    let user = user();
    let request = |token: &Value| {
        let address = format!("{}{PROFILE}", application.apollo_api);
        let access_token = text(&token["access_token"]);
        application.client.get(address).bearer_auth(access_token)
    };
    let id = text(&user["id"]);
    pass_on(application.tokens.call("apollo", id, request).await?).await
}

async fn pass_on(answer: reqwest::Response) -> Result<Response, Fault> {
    let status = answer.status();
    let value: Value = serde_json::from_slice(&answer.bytes().await?)?;
    Ok((status, Json(value)).into_response())
}

async fn take_webhook(
    State(application): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Fault> {
    let secret = application.webhook_secret.as_deref();
    if !secret.is_some_and(|secret| is_genuine(secret, &headers, &body)) {
        return Ok(StatusCode::BAD_REQUEST);
    }
    let mut event: Value = serde_json::from_slice(&body)?;
    event["id"] = json!(header(&headers, "webhook-id"));
    application.events.take(&event);
    Ok(StatusCode::NO_CONTENT)
}

async fn happened(State(application): Shared) -> Json<Vec<Value>> {
    Json(locked(&application.history).clone())
}

/// What our own page is told when it did not work.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Self::ReconnectRequired(url) = self {
            return (StatusCode::CONFLICT, Json(json!({"reconnect_url": url}))).into_response();
        }
        eprintln!("{self:?}");
        StatusCode::BAD_GATEWAY.into_response()
    }
}

fn or_default(variable: &str, default: &str) -> String {
    env::var(variable).unwrap_or_else(|_| default.to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    // reqwest's default features bring a TLS provider; those of this repository do not
    let _ = rustls::crypto::ring::default_provider().install_default();
    let port = or_default("PORT", "8000");
    let our_url = format!("http://localhost:{port}/");
    let application = Arc::new(Application::from_env(our_url.clone())?);
    let routes = Router::new()
        .route("/", get(front))
        .route("/page.js", get(script))
        .route("/connect", get(connect_here).post(connect))
        .route("/connections", get(connections))
        .route("/through-proxy", get(profile_through_proxy))
        .route("/with-token", get(profile_with_token))
        .route("/hooks", post(take_webhook))
        .route("/happened", get(happened))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(Arc::clone(&application));
    let pause = Duration::from_secs(or_default("EVENTS_EVERY_S", "60").parse()?);
    tokio::spawn(async move { application.follow_events(pause).await });
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    println!("Listening on {our_url}");
    axum::serve(listener, routes).await?;
    Ok(())
}
