//! What a load balancer asks (R84). The answers say nothing else, but for what an operator has to
//! mend.

use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Clocks that are further apart have to be set: certificates and logs go by the machine's own.
const MOST_SKEW_S: u64 = 30;

/// `GET /readyz`: the database answers too and has room to write, its clock is this machine's, and
/// the server is not about to end. That keys and schema fit was made sure of before the first request.
pub async fn readyz(State(state): State<AppState>) -> Response {
    match why_not_ready(&state).await {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn why_not_ready(state: &AppState) -> Option<String> {
    if state.shutdown.is_cancelled() {
        return Some("ending".to_owned());
    }
    if let Err(error) = state.store.ping().await {
        tracing::warn!(%error, "not ready");
        return Some("not ready".to_owned());
    }
    if state.store.is_disk_full() {
        return Some("the disk is full".to_owned());
    }
    let skew = state.store.machine_ahead_ms().unsigned_abs() / 1000;
    (skew > MOST_SKEW_S)
        .then(|| format!("the clock of this node differs from the database's by {skew} s"))
}
