//! The endpoints: token, profile, revocation.

use super::grants::{Event, Fields, Issued};
use super::wire::Scissors;
use super::{Fault, Shared};
use crate::support::definitions::ORIGIN;
use crate::support::site::PUBLIC_URL;
use axum::Router;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/me", get(profile))
        .route("/revoke", post(revoke))
        .route("/.well-known/openid-configuration", get(metadata))
        .merge(super::api::router(Arc::clone(&shared)))
        .with_state(shared)
}

/// The page of whoever is not signed in. It knows redirect URIs of the one server that is tested.
async fn authorize(Query(query): Query<Fields>) -> Response {
    let redirect_uri = query.get("redirect_uri").map_or("", String::as_str);
    if redirect_uri.starts_with(PUBLIC_URL) {
        return Html("<h1>Please sign in</h1>").into_response();
    }
    refusal(400, "invalid_request")
}

async fn token(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let Some(fields) = fields(&headers, &body, shared.manners.json) else {
        return refusal(400, "invalid_request");
    };
    let (fault, latency) = shared.asked(&fields);
    match fault {
        Some(Fault::Status(status)) => return code(status).into_response(),
        Some(Fault::RetryAfter(status, wait)) => {
            return (code(status), [(header::RETRY_AFTER, wait)]).into_response();
        }
        Some(Fault::Refusal(status, error)) => return refusal(status, error),
        Some(Fault::Echo) => return echo(&headers, &fields),
        Some(Fault::EchoPage) => {
            let (sent, basic) = (&body, sent_basic(&headers));
            let page = format!("<h1>Bad request</h1><pre>{sent}\n{basic}\n{fields:?}</pre>");
            return (code(400), Html(page)).into_response();
        }
        Some(Fault::Html) => return Html("<h1>Please sign in</h1>").into_response(),
        Some(Fault::ResetBefore) => {
            scissors.cut();
            return ().into_response();
        }
        Some(Fault::Silence) => tokio::time::sleep(Duration::from_hours(1)).await,
        Some(Fault::ResetAfter | Fault::HalfAnAnswer) | None => {}
    }
    let answer = shared.work(&headers, &fields);
    shared.gate().await;
    tokio::time::sleep(latency).await;
    match fault {
        Some(Fault::ResetAfter) => scissors.cut(),
        Some(Fault::HalfAnAnswer) => return r#"{"access_token":"at-"#.into_response(),
        _ => {}
    }
    answer
}

/// What a careless provider makes of a request that it does not like.
fn echo(headers: &HeaderMap, fields: &Fields) -> Response {
    let sent: Vec<_> = fields.values().collect();
    let said = json!({
        "error": "invalid_request",
        "error_description": format!("cannot work with {fields:?} by {}", sent_basic(headers)),
        "request": fields,
        "inner": json!({"sent": sent}).to_string(),
    });
    (code(400), axum::Json(said)).into_response()
}

fn sent_basic(headers: &HeaderMap) -> String {
    let basic = credentials(headers, "Basic ").unwrap_or_default();
    let pair = STANDARD.decode(&basic).unwrap_or_default();
    format!("{basic} {}", String::from_utf8_lossy(&pair))
}

async fn profile(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let access_token = credentials(&headers, "Bearer ").unwrap_or_default();
    let mut state = shared.state();
    state.grants.log.push(Event::ProfileAsked {
        access_token: access_token.clone(),
    });
    match state.grants.profile(&access_token) {
        Some(profile) => axum::Json(profile).into_response(),
        None => refusal(401, "invalid_token"),
    }
}

/// What an issuer tells of itself, under the name that definitions have for it.
async fn metadata() -> Response {
    let at = |path: &str| format!("{ORIGIN}{path}");
    let document = json!({
        "issuer": ORIGIN,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "revocation_endpoint": at("/revoke"),
        "userinfo_endpoint": at("/me"),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "scopes_supported": ["openid", "email"],
    });
    axum::Json(document).into_response()
}

async fn revoke(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    let token = fields(&headers, &body, false).and_then(|mut fields| fields.remove("token"));
    let Some(token) = token else {
        return refusal(400, "invalid_request");
    };
    let mut state = shared.state();
    state.grants.revoke(&token);
    state.grants.log.push(Event::RevokeAsked { token });
    ().into_response()
}

impl Shared {
    /// Logs a token request, and answers how it is to go.
    fn asked(&self, fields: &Fields) -> (Option<Fault>, Duration) {
        let mut state = self.state();
        let field = |name: &str| fields.get(name).cloned();
        state.grants.log.push(match field("code") {
            Some(code) => Event::CodeAsked {
                code,
                verifier: field("code_verifier"),
            },
            None => Event::RefreshAsked {
                refresh_token: field("refresh_token").unwrap_or_default(),
                redirect_uri: field("redirect_uri"),
                scope: field("scope"),
            },
        });
        let refresh_token = field("refresh_token").unwrap_or_default();
        let fault = state.next_with.remove(&refresh_token);
        let fault = fault.or_else(|| state.next.pop_front()).or(state.always);
        (fault, state.latency)
    }

    fn work(&self, headers: &HeaderMap, fields: &Fields) -> Response {
        let mut state = self.state();
        let client = client(headers, fields);
        state.presented.push(client.clone());
        if !state.clients.contains(&client) {
            return refusal(401, "invalid_client");
        }
        if self.manners.wants_redirect_uri && !fields.contains_key("redirect_uri") {
            return refusal(400, "invalid_request");
        }
        let issued = match fields.get("grant_type").map(String::as_str) {
            Some("authorization_code") => state.grants.exchange(fields, self.manners),
            Some("refresh_token") => {
                let presented = fields.get("refresh_token").map_or("", String::as_str);
                state.grants.renew(presented, self.manners)
            }
            _ => return refusal(400, "unsupported_grant_type"),
        };
        match issued {
            Some(issued) => {
                let narrowed_to = fields.get("scope").map(String::as_str);
                self.answer(issued, state.grants.log.len(), narrowed_to)
            }
            None => refusal(400, "invalid_grant"),
        }
    }

    fn answer(&self, issued: Issued, number: usize, narrowed_to: Option<&str>) -> Response {
        let manners = self.manners;
        let mut answer = json!({"access_token": issued.access_token, "token_type": "Bearer"});
        if let Some(seconds) = manners.expires_in {
            answer["expires_in"] = seconds.into();
        }
        if manners.instance_url {
            answer["instance_url"] = format!("https://eu{number}.idp.example").into();
        }
        if let Some(scopes) = narrowed_to {
            answer["scope"] = format!("account.id {scopes}").into();
        }
        if let Some(token) = issued.refresh_token {
            answer["refresh_token"] = token.into();
        }
        axum::Json(answer).into_response()
    }

    /// Stands at the gate while it is closed.
    async fn gate(&self) {
        let mut closed = self.closed.subscribe();
        self.waiting.send_modify(|waiting| *waiting += 1);
        // the gate cannot go away: it is `self`
        let _ = closed.wait_for(|closed| !closed).await;
        self.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

/// The client ID and secret that a request comes with, by the body or by HTTP Basic.
fn client(headers: &HeaderMap, fields: &Fields) -> (String, String) {
    if let Some(pair) = credentials(headers, "Basic ") {
        let pair = STANDARD.decode(pair).unwrap_or_default();
        let pair = String::from_utf8(pair).unwrap_or_default();
        let (id, secret) = pair.split_once(':').unwrap_or_default();
        return (id.to_owned(), secret.to_owned());
    }
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    (field("client_id"), field("client_secret"))
}

fn credentials(headers: &HeaderMap, scheme: &str) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix(scheme).map(str::to_owned)
}

/// The fields of a body in the one format that this provider reads.
fn fields(headers: &HeaderMap, body: &str, json: bool) -> Option<Fields> {
    let format = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match (json, format) {
        (true, "application/json") => serde_json::from_str(body).ok(),
        (false, "application/x-www-form-urlencoded") => {
            let pairs = url::form_urlencoded::parse(body.as_bytes());
            Some(pairs.into_owned().collect())
        }
        _ => None,
    }
}

fn refusal(status: u16, error: &str) -> Response {
    (code(status), axum::Json(json!({"error": error}))).into_response()
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
