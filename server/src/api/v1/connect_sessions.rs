//! `/connect-sessions`: a backend invites an end user, and asks what came of it (R21).

use super::connection::connection_json;
use super::invitation::Invitation;
use crate::api::Api;
use crate::api::body::{Body, Id};
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::connect::Proof;
use crate::domain::{ConnectSession, ConnectSessionId, SessionStatus, Timestamp};
use app::wire::ConnectProblem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

/// `POST /connect-sessions`. The link's secret part is told here and never again.
pub(super) async fn create(
    State(api): State<Api>,
    caller: Caller,
    Body(invitation): Body<Invitation>,
) -> Result<impl IntoResponse, ApiError> {
    let session = invitation.session(&api, &caller).await?;
    let url = api.invite(&caller, &session).await?;
    let body =
        json!({"id": session.id.as_str(), "url": url, "expires_at": session.expires_at.rfc3339()});
    Ok((StatusCode::CREATED, Json(body)))
}

/// `GET /connect-sessions/{id}`.
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id<ConnectSessionId>,
) -> Result<Json<Value>, ApiError> {
    api.session_json(&caller, &id).await.map(Json)
}

/// What the backend sends when its own user has come back (R1).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Completion {
    connect_code: String,
    end_user_id: String,
    code_verifier: Option<String>,
}

/// `POST /connect-sessions/{id}/complete`: only now is the code exchanged.
pub(super) async fn complete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id<ConnectSessionId>,
    Body(completion): Body<Completion>,
) -> Result<Json<Value>, ApiError> {
    let application = &caller.0.application;
    let session = api.store.connect_session(application, id.as_str()).await?;
    let session = session.ok_or(ApiError::NotFound)?;
    let proof = Proof {
        connect_code: &completion.connect_code,
        end_user_id: &completion.end_user_id,
        code_verifier: completion.code_verifier.as_deref(),
    };
    api.connect.complete(&session, &proof).await?;
    api.session_json(&caller, &id).await.map(Json)
}

impl Api {
    /// A session as its application sees it.
    async fn session_json(
        &self,
        caller: &Caller,
        id: &ConnectSessionId,
    ) -> Result<Value, ApiError> {
        let application = &caller.0.application;
        let session = self
            .store
            .connect_session(application, id.as_str())
            .await?
            .ok_or(ApiError::NotFound)?;
        let providers = self.providers(application).await?;
        let mut connections = Vec::new();
        for (_, id) in self.store.connections_of_session(&session.id).await? {
            let connection = self.store.connection(application, id.as_str()).await?;
            connections
                .extend(connection.map(|connection| connection_json(&connection, &providers)));
        }
        let mut body = json!({
            "id": session.id.as_str(),
            "status": status(&session, self.store.now()),
            "connections": connections,
            "expires_at": session.expires_at.rfc3339(),
        });
        if let Some(problem) = session
            .error
            .filter(|_| session.status != SessionStatus::Connected)
        {
            body["error"] = json!({"code": problem.as_str(), "detail": advice(problem)});
        }
        Ok(body)
    }
}

/// A session of which nothing came is expired when its link no longer works.
fn status(session: &ConnectSession, now: Timestamp) -> &'static str {
    if session.status == SessionStatus::Pending && session.expires_at <= now {
        "expired"
    } else {
        session.status.as_str()
    }
}

/// What a backend can do about an attempt that failed. The end user has read more on the page.
pub(in crate::api) fn advice(problem: ConnectProblem) -> &'static str {
    match problem {
        ConnectProblem::Denied => {
            "The end user said no; make a new session if they change their mind."
        }
        ConnectProblem::NotAllowedToApprove => {
            "Someone who may approve at the provider has to connect, or allow this person to."
        }
        ConnectProblem::ProviderMisconfigured => {
            "An admin has to correct the provider's client ID and secret in the portal."
        }
        ConnectProblem::OwnCredentialsRejected => {
            "The end user's own client ID and secret were refused; let them try again."
        }
        ConnectProblem::ProviderUnavailable | ConnectProblem::ProviderError => {
            "The provider did not answer properly; let the end user try again."
        }
        ConnectProblem::OtherAccount => {
            "The end user chose another account than the one to be reconnected."
        }
        ConnectProblem::AccountAlreadyConnected => {
            "This account serves another owner already; revoke that connection first."
        }
        ConnectProblem::NotCompleted => {
            "Complete within ten minutes of the end user's approval; make a new session."
        }
        ConnectProblem::OtherPerson => {
            "Someone else approved than the end user it was begun for; make a new session for whoever wants to connect."
        }
        ConnectProblem::ConnectionRevoked => {
            "The connection to be renewed was revoked; make a session without `reconnect`."
        }
        ConnectProblem::ProviderRemoved => {
            "The provider is no longer set up; an admin can add it again."
        }
        ConnectProblem::UnknownLink
        | ConnectProblem::LinkExpired
        | ConnectProblem::LinkUsed
        | ConnectProblem::LinkStopped
        | ConnectProblem::AttemptExpired
        | ConnectProblem::OtherBrowser
        | ConnectProblem::UnknownAttempt
        | ConnectProblem::Internal => "Make a new session and let the end user try again.",
    }
}
