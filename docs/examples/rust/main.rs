//! An application's backend, with axum and reqwest.
//!
//! ```sh
//! cargo add axum reqwest serde_json && cargo add tokio --features full
//! GRANTPORT_URL=http://127.0.0.1:3000 GRANTPORT_API_KEY=gp_... PORT=8000 cargo run
//! ```
//!
//! At Grantport, the application's settings have `http://localhost:8000/` among the return URLs and
//! `http://localhost:8000` among the allowed origins.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use reqwest::Method;
use serde_json::{Value, json};
use std::env;
use std::error::Error;

const PAGE: &str = include_str!("../page/index.html");
const SCRIPT: &str = include_str!("../page/page.js");

type Fault = Box<dyn Error + Send + Sync>;

/// What the handlers share.
#[derive(Clone)]
struct Application {
    grantport_url: String,
    api_key: String,
    our_url: String,
    client: reqwest::Client,
}

/// Whoever is signed in. A real application reads this from its own session, never from the request.
fn user() -> Value {
    json!({"id": "user_2291", "name": "Dana Whitfield", "email": "dana@northwind.example"})
}

impl Application {
    /// Calls Grantport's API. The key stays here.
    async fn grantport(&self, method: Method, path: &str, body: &Value) -> Result<Value, Fault> {
        let answer = self
            .client
            .request(method, format!("{}/api/v1{path}", self.grantport_url))
            .bearer_auth(&self.api_key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .send()
            .await?
            .error_for_status()?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    /// The link by which this user connects an account.
    async fn new_link(&self) -> Result<String, Fault> {
        let wanted = json!({"end_user": user(), "return_url": self.our_url});
        let session = self
            .grantport(Method::POST, "/connect-sessions", &wanted)
            .await?;
        let url = session["url"].as_str().ok_or("no link")?;
        Ok(url.to_owned())
    }

    /// What this user has connected.
    async fn connections(&self) -> Result<Vec<Value>, Fault> {
        let user = user();
        let id = user["id"].as_str().unwrap_or_default();
        let path = format!("/connections?end_user={id}");
        let found = self.grantport(Method::GET, &path, &Value::Null).await?;
        let connections = found["data"].as_array().into_iter().flatten();
        Ok(connections
            .map(|one| json!({"provider": one["provider"], "account": one["account"]["label"], "status": one["status"]}))
            .collect())
    }
}

async fn page(State(application): State<Application>) -> impl IntoResponse {
    let grantport = &application.grantport_url;
    // the script comes from Grantport, and asks Grantport how it ended
    let policy = format!(
        "default-src 'self'; script-src 'self' {grantport}; connect-src 'self' {grantport}"
    );
    (
        [(header::CONTENT_SECURITY_POLICY, policy)],
        Html(PAGE.replace("GRANTPORT_URL", grantport)),
    )
}

async fn script() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        SCRIPT,
    )
}

async fn connect(State(application): State<Application>) -> Response {
    match application.new_link().await {
        Ok(url) => Json(json!({"url": url})).into_response(),
        Err(fault) => unavailable(&fault),
    }
}

/// For browsers without JavaScript.
async fn connect_here(State(application): State<Application>) -> Response {
    match application.new_link().await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(fault) => unavailable(&fault),
    }
}

async fn connections(State(application): State<Application>) -> Response {
    match application.connections().await {
        Ok(connections) => Json(connections).into_response(),
        Err(fault) => unavailable(&fault),
    }
}

fn unavailable(fault: &Fault) -> Response {
    eprintln!("{fault}");
    StatusCode::BAD_GATEWAY.into_response()
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    // reqwest's default features bring a TLS provider; those of this repository do not
    let _ = rustls::crypto::ring::default_provider().install_default();
    let port = env::var("PORT").unwrap_or_else(|_| "8000".to_owned());
    let our_url = format!("http://localhost:{port}/");
    let application = Application {
        grantport_url: env::var("GRANTPORT_URL")?,
        api_key: env::var("GRANTPORT_API_KEY")?,
        our_url: our_url.clone(),
        client: reqwest::Client::default(),
    };
    let routes = Router::new()
        .route("/", get(page))
        .route("/page.js", get(script))
        .route("/connect", get(connect_here).post(connect))
        .route("/connections", get(connections))
        .with_state(application);
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    println!("Listening on {our_url}");
    axum::serve(listener, routes).await?;
    Ok(())
}
