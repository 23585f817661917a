//! The provider's API: what a call through the proxy finds there, well-behaved and otherwise.

use super::Shared;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What reached the API.
#[derive(Default)]
pub(crate) struct Calls {
    /// Calls, refused ones included.
    pub(crate) came: AtomicUsize,
    /// Calls that were refused for their token.
    pub(crate) refused: AtomicUsize,
    /// Calls that are being answered.
    pub(crate) open: AtomicUsize,
    /// Access tokens that ended before their time.
    pub(super) ended: Mutex<HashSet<String>>,
}

pub(super) fn router(shared: Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/silence", any(silence))
        .route("/api/half", any(half))
        .route("/api/busy", any(busy))
        .route("/api/nasty", any(nasty))
        .route("/api/away/{where}", any(away))
        .route("/api/flood/{bytes}", any(flood))
        .route("/api/sink", any(sink))
        .route("/api/refuse", any(async || StatusCode::UNAUTHORIZED))
        .route("/api/{*path}", any(echo))
        .route("/api", any(echo))
        .layer(from_fn_with_state(shared, guard))
        // whatever leaves the API is seen by nobody who looks at tokens
        .route("/outside", any(echo))
}

/// Refuses tokens that do not work.
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let calls = &shared.calls;
    calls.came.fetch_add(1, Ordering::SeqCst);
    let sent = request.headers().get(header::AUTHORIZATION);
    let token = sent.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let works = |token: &str| {
        let ended = calls.ended.lock().expect("no endpoint panics");
        !ended.contains(token) && shared.state().grants.accepts(token)
    };
    let accepted = token.is_some_and(works);
    if !accepted {
        calls.refused.fetch_add(1, Ordering::SeqCst);
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

async fn echo(OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let headers: serde_json::Map<String, Value> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != header::AUTHORIZATION)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), json!(value))
        })
        .collect();
    let body = body.collect().await.expect("a body").to_bytes();
    axum::Json(json!({
        "method": parts.method.as_str(),
        "uri": uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
    .into_response()
}

/// Counts a call until it is answered or given up.
struct Open(Arc<Shared>);

impl Open {
    fn of(shared: &Arc<Shared>) -> Self {
        shared.calls.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.calls.open.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn silence(State(shared): State<Arc<Shared>>) {
    let _open = Open::of(&shared);
    tokio::time::sleep(Duration::from_hours(1)).await;
}

/// The head and one piece, and then nothing.
async fn half(State(shared): State<Arc<Shared>>) -> Response {
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
    let open = Open::of(&shared);
    tokio::spawn(async move {
        let _open = open;
        let _ = sender.send_data(Bytes::from_static(b"half ")).await;
        tokio::time::sleep(Duration::from_hours(1)).await;
    });
    Body::new(body).into_response()
}

async fn busy() -> Response {
    let headers = [(header::RETRY_AFTER, "30")];
    (StatusCode::TOO_MANY_REQUESTS, headers, "slow down").into_response()
}

/// Everything that a page of ours must not do, and the token besides.
async fn nasty(headers: HeaderMap) -> Response {
    let token = headers[header::AUTHORIZATION].to_str().expect("text");
    let headers = [
        ("set-cookie", "session=evil; Path=/"),
        ("access-control-allow-origin", "*"),
        ("strict-transport-security", "max-age=1"),
        ("content-security-policy", "default-src *"),
        ("content-type", "text/html"),
        ("cache-control", "public, max-age=3600"),
        ("x-echo", token),
        ("x-kept", "yes"),
    ];
    (headers, "<script>alert(1)</script>").into_response()
}

async fn away(Path(place): Path<String>) -> Response {
    let to = match place.as_str() {
        "within" => "/api/users?page=2",
        "outside" => "/outside",
        _ => "https://evil.example/take",
    };
    (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
}

async fn flood(Path(bytes): Path<usize>) -> Response {
    const PIECE: usize = 64 * 1024;
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
    tokio::spawn(async move {
        let piece = Bytes::from(vec![7_u8; PIECE]);
        let mut left = bytes;
        while left > 0 {
            let next = piece.slice(..left.min(PIECE));
            left -= next.len();
            if sender.send_data(next).await.is_err() {
                return;
            }
        }
    });
    Body::new(body).into_response()
}

/// How many bytes came.
async fn sink(body: Body) -> String {
    let (mut body, mut many) = (body, 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return "broken".to_owned();
        };
        many += frame.data_ref().map_or(0, Bytes::len);
    }
    many.to_string()
}
