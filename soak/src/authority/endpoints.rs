//! The endpoints: approve at once, exchange, refresh as the mode and the script say, identify,
//! take back.

use super::book::{Pair, Said};
use super::fault::Kind;
use super::wire::{Host, Line};
use super::{CLIENT_ID, CLIENT_SECRET, Desk};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Json, Router};
use http_body::Frame;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::{Sleep, sleep, timeout};

type Fields = HashMap<String, String>;

const JSON: &str = "application/json";
/// What an oversized answer is sent in.
const PIECE: usize = 64 * 1024;

pub(super) fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/me", get(me))
        .route("/revoke", post(revoke))
        .route("/elsewhere", get(elsewhere).post(elsewhere))
        .with_state(desk)
}

/// Everybody approves, without a page.
async fn authorize(State(desk): State<Desk>, Query(fields): Query<Fields>) -> Response {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let Ok(mut back) = url::Url::parse(field("redirect_uri")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let manners = desk.manners();
    let now = Instant::now();
    let code = desk.book().approve(field("code_challenge"), &manners, now);
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", field("state"));
    (StatusCode::FOUND, [(LOCATION, back.to_string())]).into_response()
}

async fn token(
    State(desk): State<Desk>,
    Extension(line): Extension<Line>,
    Extension(host): Extension<Host>,
    Form(fields): Form<Fields>,
) -> Response {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if field("client_id") != CLIENT_ID || field("client_secret") != CLIENT_SECRET {
        return refusal(401, "invalid_client");
    }
    if field("grant_type") != "refresh_token" {
        let pair = desk
            .book()
            .exchange(&field("code"), &field("code_verifier"));
        return match pair {
            Some(pair) => Json(answer(&pair)).into_response(),
            None => refusal(400, "invalid_grant"),
        };
    }
    // in a task of its own: a client that hangs up does not undo what was begun
    let refresh_token = field("refresh_token");
    let handled = tokio::spawn(async move { refresh(&desk, &line, host, &refresh_token).await });
    handled
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn refresh(desk: &Desk, line: &Line, host: Host, token: &str) -> Response {
    let manners = desk.manners();
    let half = manners.latency / 2;
    let before = half * manners.turn.halves_before();
    let presented = desk.book().presented(token, Instant::now());
    let Some((account, pair, note, fault)) = presented else {
        return refusal(400, "invalid_grant");
    };
    let fault = desk.down().get(&host.0).copied().or(fault);
    sleep(before).await;
    let said = desk
        .book()
        .turn(&account, pair, note, fault, Instant::now());
    sleep(manners.latency.saturating_sub(before)).await;
    let number = match said {
        Said::Refused => return refusal(400, "invalid_grant"),
        Said::Failed(fault) => return misbehave(desk, line, fault.kind).await,
        Said::Rotated(number) | Said::Again(number) => number,
    };
    let Some(pair) = desk.book().pair(&account, number) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut body = answer(&pair);
    match fault.map(|fault| fault.kind) {
        Some(Kind::PlainText) => (
            StatusCode::OK,
            [(CONTENT_TYPE, "text/plain")],
            body.to_string(),
        )
            .into_response(),
        Some(Kind::Created) => (StatusCode::CREATED, Json(body)).into_response(),
        Some(Kind::TextLifetime) => {
            body["expires_in"] = json!(pair.lifetime_s.to_string());
            Json(body).into_response()
        }
        _ => Json(body).into_response(),
    }
}

fn answer(pair: &Pair) -> Value {
    json!({
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "Bearer",
        "expires_in": pair.lifetime_s,
    })
}

fn refusal(status: u16, code: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Json(json!({"error": code}))).into_response()
}

async fn misbehave(desk: &Desk, line: &Line, kind: Kind) -> Response {
    match kind {
        Kind::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, "something broke\n").into_response()
        }
        Kind::Unavailable(seconds) => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(RETRY_AFTER, seconds.to_string())],
        )
            .into_response(),
        Kind::TooMany(None) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Kind::TooMany(Some(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(RETRY_AFTER, seconds.to_string())],
        )
            .into_response(),
        Kind::Error(status, code) => refusal(status, code),
        // until the client has had enough, or a minute at the most
        Kind::Silence => {
            let a_minute = Duration::from_mins(1);
            let _ = timeout(a_minute, desk.silence_ends.notified()).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Kind::Drip => ([(CONTENT_TYPE, JSON)], Body::new(Drip::default())).into_response(),
        Kind::Reset => {
            line.reset();
            std::future::pending().await
        }
        Kind::Html => (
            [(CONTENT_TYPE, "text/html")],
            "<!doctype html><title>Sign in</title><p>Please sign in.",
        )
            .into_response(),
        Kind::Truncated => ([(CONTENT_TYPE, JSON)], Body::new(Cut::default())).into_response(),
        Kind::Huge(mebibytes) => {
            let flood = Flood {
                desk: desk.clone(),
                left: mebibytes * 1024 * 1024,
            };
            ([(CONTENT_TYPE, JSON)], Body::new(flood)).into_response()
        }
        Kind::Redirect => (StatusCode::FOUND, [(LOCATION, "/elsewhere")]).into_response(),
        // these bring tokens, and never come here
        Kind::PlainText | Kind::Created | Kind::TextLifetime => {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn me(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default();
    match desk.book().whoami(token) {
        Some(account) => {
            Json(json!({"id": account, "email": format!("{account}@soak.example")})).into_response()
        }
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn revoke(State(desk): State<Desk>, Form(fields): Form<Fields>) -> StatusCode {
    if let Some(token) = fields.get("token") {
        desk.book().give_back(token);
    }
    StatusCode::OK
}

async fn elsewhere(State(desk): State<Desk>) -> &'static str {
    desk.book().redirects_followed += 1;
    "you should not be here\n"
}

type Piece = Poll<Option<Result<Frame<Bytes>, std::io::Error>>>;

fn piece(bytes: Bytes) -> Piece {
    Poll::Ready(Some(Ok(Frame::data(bytes))))
}

/// A space every second.
#[derive(Default)]
struct Drip(Option<Pin<Box<Sleep>>>);

impl http_body::Body for Drip {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Piece {
        let wait = self
            .0
            .get_or_insert_with(|| Box::pin(sleep(Duration::from_secs(1))));
        match wait.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                self.0 = None;
                piece(Bytes::from_static(b" "))
            }
        }
    }
}

/// Half an answer, then the connection breaks.
#[derive(Default)]
struct Cut {
    sent: bool,
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Piece {
        if self.sent {
            return Poll::Ready(Some(Err(std::io::ErrorKind::BrokenPipe.into())));
        }
        self.sent = true;
        piece(Bytes::from_static(br#"{"access_token":"at-half"#))
    }
}

/// Many bytes, counted as they are taken.
struct Flood {
    desk: Desk,
    left: usize,
}

impl http_body::Body for Flood {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Piece {
        static SPACES: [u8; PIECE] = [b' '; PIECE];
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let size = self.left.min(PIECE);
        self.left -= size;
        self.desk.book().flooded += size;
        piece(Bytes::from_static(&SPACES[..size]))
    }
}
