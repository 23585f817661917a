//! How far a session is, for a page of the application that waits for it (`connect.js`).
//!
//! Whoever has the link may ask. A page of another origin gets to read the answer only where that is
//! one of the application's own (R13); it holds the session's id and a word or two, since a browser is
//! not where an application should learn more.

use super::Connect;
use crate::domain::{ConnectSession, SessionStatus};
use crate::store::StoreError;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ORIGIN, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

/// What is told.
#[derive(Serialize)]
struct Standing {
    session: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

/// Why there is nothing to tell.
pub(super) enum Silent {
    /// No session has this link.
    UnknownLink,
    /// The database cannot be asked.
    Unavailable,
}

impl From<StoreError> for Silent {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the status of a connect session could not be read");
        Self::Unavailable
    }
}

/// `GET /connect/{token}/status`.
pub(super) async fn show(
    State(connect): State<Connect>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Silent> {
    let session = connect.store.connect_session_by_token(&token).await?;
    let session = session.ok_or(Silent::UnknownLink)?;
    let status = connect.status_of(&session).await?;
    let mut response = Json(status).into_response();
    let answered = response.headers_mut();
    answered.insert(VARY, ORIGIN.into());
    if let Some(origin) = connect.reader(&session, &headers).await? {
        answered.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    Ok(response)
}

impl Connect {
    async fn status_of(&self, session: &ConnectSession) -> Result<Standing, StoreError> {
        let has_ended = matches!(
            session.status,
            SessionStatus::Connected | SessionStatus::Denied | SessionStatus::Failed
        );
        let is_over = !has_ended
            && session.expires_at <= self.store.now()
            && !self.store.has_flow_under_way(&session.id).await?;
        Ok(Standing {
            session: session.id.to_string(),
            status: if is_over {
                "expired"
            } else {
                session.status.as_str()
            },
            error: session.error.map(app::wire::ConnectProblem::as_str),
        })
    }

    /// The origin that asks, if its pages may read the answer.
    async fn reader(
        &self,
        session: &ConnectSession,
        headers: &HeaderMap,
    ) -> Result<Option<HeaderValue>, StoreError> {
        let Some(origin) = headers.get(ORIGIN) else {
            return Ok(None);
        };
        let application = self
            .store
            .application_by_id(&session.organization, &session.application)
            .await?;
        let may_read = application
            .zip(origin.to_str().ok())
            .is_some_and(|(application, origin)| application.owns(origin));
        Ok(may_read.then(|| origin.clone()))
    }
}

impl IntoResponse for Silent {
    fn into_response(self) -> Response {
        let (status, code, blame, title, detail) = match self {
            Self::UnknownLink => (
                StatusCode::NOT_FOUND,
                "not_found",
                "caller",
                "There is nothing here",
                "Check the link: no connect session has it.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "admin",
                "Grantport cannot reach its database",
                "Ask again in a few seconds; nothing was changed.",
            ),
        };
        let problem = json!({
            "type": format!("urn:grantport:problem:{code}"),
            "title": title,
            "status": status.as_u16(),
            "code": code,
            "blame": blame,
            "detail": detail,
        });
        let json = HeaderValue::from_static("application/problem+json");
        (status, [(CONTENT_TYPE, json)], Json(problem)).into_response()
    }
}
