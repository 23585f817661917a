//! `/connect-sessions`: a backend invites an end user, and asks what came of it (R21).

use super::connection::ConnectionAnswer;
use super::invitation::Invitation;
use crate::api::Api;
use crate::api::body::{Body, Id};
use crate::api::key::{Caller, ConnectCreate, ConnectionsRead, May};
use crate::api::once::{IdempotencyKey, Once};
use crate::api::problem::{
    AccountChoiceRequired, ApiError, CompletionRefused, ConnectCodeExpired, ConnectFailed,
    IdempotencyKeyReused, InProgress, NotFound, Problems, Revoked,
};
use crate::api::words::one_of;
use crate::connect::Proof;
use crate::domain::{ConnectSession, ConnectSessionId, SessionStatus, Slug, Timestamp};
use app::wire::ConnectProblem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// An invitation for one end user.
#[derive(Serialize, ToSchema)]
#[schema(as = NewConnectSession)]
pub(super) struct NewSessionAnswer {
    #[schema(example = "cs_6Tg2Wn9rKp4XcZqB1yHd")]
    id: String,
    /// Where the end user connects. It holds a secret: hand it to that person and to nobody else.
    #[schema(format = "uri", example = "https://grantport.example/connect/…")]
    url: String,
    /// When the link stops working.
    #[schema(format = DateTime, example = "2026-03-01T10:00:00Z")]
    expires_at: String,
}

/// A connect session, and what came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectSession)]
pub(super) struct SessionAnswer {
    #[schema(example = "cs_6Tg2Wn9rKp4XcZqB1yHd")]
    id: String,
    #[schema(schema_with = statuses)]
    status: &'static str,
    /// The connections that it made or renewed.
    connections: Vec<ConnectionAnswer>,
    /// When its link stops working.
    #[schema(format = DateTime, example = "2026-03-01T10:00:00Z")]
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<SessionError>,
}

/// How the last attempt failed, while nothing is connected.
#[derive(Serialize, ToSchema)]
struct SessionError {
    #[schema(schema_with = errors)]
    code: &'static str,
    /// What your backend can do about it. The end user has read more on the page.
    #[schema(example = "The end user said no; make a new session if they change their mind.")]
    detail: &'static str,
}

const EXPIRED: &str = "expired";

fn statuses() -> Object {
    one_of(
        "`pending`: nothing is connected yet. `awaiting_completion`: the end user approved, and your backend has to complete. `connected`: at least one connection stands. `denied`: the end user said no. `failed`: the last attempt failed; the link works on until it expires. `expired`: nothing came of it in time.",
        SessionStatus::ALL
            .map(SessionStatus::as_str)
            .into_iter()
            .chain([EXPIRED]),
    )
}

fn errors() -> Object {
    one_of(
        "What went wrong.",
        ConnectProblem::ALL.map(ConnectProblem::as_str),
    )
}

/// Make a connect session
///
/// Invites one end user to connect. Send them to `url`, which works for 15 minutes and is told here, and
/// again to whoever sends the same request with the same `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/connect-sessions",
    operation_id = "createConnectSession",
    tag = "Connect sessions",
    security(("api_key" = ["connect:create"])),
    params(IdempotencyKey),
    request_body = Invitation,
    responses(
        (status = 201, description = "The session, with its link.", body = NewSessionAnswer),
        Problems<(NotFound, Revoked, IdempotencyKeyReused, InProgress)>,
    ),
)]
pub(super) async fn create(
    State(api): State<Api>,
    caller: May<ConnectCreate>,
    once: Once<Invitation>,
) -> Result<Response, ApiError> {
    Box::pin(once.answer(api, caller.into_caller(), invited)).await
}

async fn invited(
    api: Api,
    caller: Caller,
    invitation: Invitation,
) -> Result<(StatusCode, Json<NewSessionAnswer>), ApiError> {
    let session = invitation.session(&api, &caller).await?;
    let url = api.invite(&caller, &session).await?;
    let body = NewSessionAnswer {
        id: session.id.to_string(),
        url,
        expires_at: session.expires_at.rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Read a connect session
///
/// What came of an invitation so far.
#[utoipa::path(
    get,
    path = "/connect-sessions/{id}",
    operation_id = "getConnectSession",
    tag = "Connect sessions",
    security(("api_key" = ["connections:read"])),
    params(("id" = String, Path, description = "Id of the session.", example = "cs_6Tg2Wn9rKp4XcZqB1yHd")),
    responses(
        (status = 200, description = "The session.", body = SessionAnswer),
        Problems<(NotFound,)>,
    ),
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: May<ConnectionsRead>,
    Id(id): Id<ConnectSessionId>,
) -> Result<Json<SessionAnswer>, ApiError> {
    api.session_answer(&caller, &id).await.map(Json)
}

/// What your backend sends when its own user has come back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Completion {
    /// What the browser brought to the return URL.
    #[schema(example = "Yh3kQ…")]
    connect_code: String,
    /// The id of the end user in whose session of your application it was brought. Never take it
    /// from the address.
    #[schema(example = "user-17")]
    end_user_id: String,
    /// What the session's `code_challenge` was made of, if it has one.
    code_verifier: Option<String>,
}

/// Complete a connect session
///
/// With bound completion the browser brings a `connect_code` to your return URL, and only this call
/// exchanges it. Call it again after a lost answer: it answers the same.
#[utoipa::path(
    post,
    path = "/connect-sessions/{id}/complete",
    operation_id = "completeConnectSession",
    tag = "Connect sessions",
    security(("api_key" = ["connect:create"])),
    params(("id" = String, Path, description = "Id of the session.", example = "cs_6Tg2Wn9rKp4XcZqB1yHd")),
    request_body = Completion,
    responses(
        (status = 200, description = "The session, with its connections.", body = SessionAnswer),
        Problems<(NotFound, ConnectCodeExpired, CompletionRefused, AccountChoiceRequired, ConnectFailed)>,
    ),
)]
pub(super) async fn complete(
    State(api): State<Api>,
    caller: May<ConnectCreate>,
    Id(id): Id<ConnectSessionId>,
    Body(completion): Body<Completion>,
) -> Result<Json<SessionAnswer>, ApiError> {
    let session = api.session(&caller, &id).await?;
    let proof = Proof {
        connect_code: &completion.connect_code,
        end_user_id: &completion.end_user_id,
        code_verifier: completion.code_verifier.as_deref(),
    };
    api.connect.complete(&session, &proof).await?;
    api.session_answer(&caller, &id).await.map(Json)
}

impl Api {
    /// A session of the caller's application. A key that does not see all providers sees the sessions
    /// that offer no others.
    async fn session(
        &self,
        caller: &Caller,
        id: &ConnectSessionId,
    ) -> Result<ConnectSession, ApiError> {
        let application = &caller.0.application;
        let session = self.store.connect_session(application, id.as_str()).await?;
        let session = session.ok_or(ApiError::NotFound)?;
        if caller.sees_all() {
            return Ok(session);
        }
        let seen = self.providers(caller).await?;
        let sees = |slug: &Slug| seen.iter().any(|provider| provider.slug == *slug);
        if session.providers.is_empty() || !session.providers.iter().all(sees) {
            return Err(ApiError::NotFound);
        }
        Ok(session)
    }

    /// A session as its application sees it.
    async fn session_answer(
        &self,
        caller: &Caller,
        id: &ConnectSessionId,
    ) -> Result<SessionAnswer, ApiError> {
        let application = &caller.0.application;
        let session = self.session(caller, id).await?;
        let providers = self.providers(caller).await?;
        let mut connections = Vec::new();
        for (_, id) in self.store.connections_of_session(&session.id).await? {
            let connection = self.store.connection(application, id.as_str()).await?;
            connections.extend(
                connection.map(|connection| ConnectionAnswer::new(&connection, &providers)),
            );
        }
        let problem = session
            .error
            .filter(|_| session.status != SessionStatus::Connected);
        Ok(SessionAnswer {
            id: session.id.to_string(),
            status: status(&session, self.store.now()),
            connections,
            expires_at: session.expires_at.rfc3339(),
            error: problem.map(|problem| SessionError {
                code: problem.as_str(),
                detail: advice(problem),
            }),
        })
    }
}

/// A session of which nothing came is expired when its link no longer works.
fn status(session: &ConnectSession, now: Timestamp) -> &'static str {
    if session.status == SessionStatus::Pending && session.expires_at <= now {
        EXPIRED
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
