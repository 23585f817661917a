//! Problems: what the API says when it cannot do what was asked (RFC 9457).
//!
//! Each has a stable `code` to branch on, a `blame` that says who can mend it, and one sentence on
//! what to do now. Codes are a closed list (R64); a provider's own words never pass through, and of
//! a fault of ours nothing is told but that it is one.

use super::v1::advice;
use crate::connect::CompleteError;
use crate::domain::ConnectionId;
use crate::store::StoreError;
use crate::tokens::TokenError;
use crate::upstreams::UpstreamError;
use app::wire::{BrokenReason, ConnectProblem};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;

/// When to ask again after the database did not answer, and the like.
const SOON: Duration = Duration::from_secs(5);
/// When to ask again after something that only an admin can mend.
const AFTER_AN_ADMIN: Duration = Duration::from_mins(1);

/// Why a request was not answered as hoped.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// No API key was sent.
    #[error("no API key")]
    NoKey,
    /// The API key is malformed, unknown or revoked.
    #[error("not a live API key")]
    WrongKey,
    /// The application has nothing with this id.
    #[error("not found")]
    NotFound,
    /// Neither the end user nor the team has a connection to the provider.
    #[error("no connection to this provider")]
    NotConnected,
    /// The address is none of ours.
    #[error("no such address")]
    NoSuchAddress,
    /// The address does not take this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The body is longer than we read.
    #[error("the body is too long")]
    BodyTooLong,
    /// Something in the request is wrong: one sentence that names it and says what is expected.
    #[error("{0}")]
    Invalid(String),
    /// The connection was ended on purpose.
    #[error("the connection was revoked")]
    Revoked(Option<ConnectionId>),
    /// All tokens of the application, or of the provider, were stopped.
    #[error("tokens are stopped")]
    Stopped,
    /// A person has to approve again.
    #[error("the end user has to reconnect")]
    ReconnectRequired {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: BrokenReason,
        /// Where the person can do so.
        reconnect_url: Option<String>,
    },
    /// The provider refuses the client ID or secret.
    #[error("the provider refuses the client's credentials")]
    CredentialsRejected,
    /// The installation looks like a restored or copied one, so it refreshes nothing.
    #[error("nothing is refreshed while in quarantine")]
    Quarantined,
    /// The session has no such connect code, or it was used up or destroyed.
    #[error("the connect code has expired")]
    ConnectCodeExpired,
    /// A connect code was brought by another end user than the session's, or without its verifier.
    #[error("the connect code was brought by somebody else")]
    CompletionRefused,
    /// Another account came back than the one to be renewed: the end user has to choose.
    #[error("the end user has to choose between two accounts")]
    AccountChoiceRequired(String),
    /// What the end user approved could not be made a connection.
    #[error("the connection could not be made")]
    ConnectFailed(ConnectProblem),
    /// The provider does not answer properly.
    #[error("the provider is not available")]
    ProviderUnavailable(Duration),
    /// The provider cannot be asked, since its definition is gone.
    #[error("the provider's definition is not usable")]
    NoDefinition,
    /// The database cannot be asked.
    #[error("the database is not available")]
    Unavailable,
    /// A fault of ours. Was logged.
    #[error("internal error")]
    Internal,
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let StoreError::Unavailable(_) = error {
            tracing::warn!(%error, "the database is not available");
            return Self::Unavailable;
        }
        tracing::error!(%error, "the database failed");
        Self::Internal
    }
}

impl From<UpstreamError> for ApiError {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::Store(error) => error.into(),
            UpstreamError::NoDefinition | UpstreamError::NoAddress => {
                tracing::error!(%error, "a provider cannot be asked");
                Self::NoDefinition
            }
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::NotFound => Self::NotFound,
            TokenError::Revoked => Self::Revoked(None),
            TokenError::Stopped => Self::Stopped,
            TokenError::ReconnectRequired { connection, reason } => Self::ReconnectRequired {
                connection,
                reason,
                reconnect_url: None,
            },
            TokenError::ClientCredentialsRejected => Self::CredentialsRejected,
            TokenError::Quarantined => Self::Quarantined,
            TokenError::ProviderUnavailable { retry_after } => {
                Self::ProviderUnavailable(retry_after)
            }
            TokenError::Upstream(error) => error.into(),
            TokenError::Store(error) => error.into(),
        }
    }
}

impl From<CompleteError> for ApiError {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::UnknownCode => Self::NotFound,
            CompleteError::Expired => Self::ConnectCodeExpired,
            CompleteError::OtherPerson => Self::CompletionRefused,
            CompleteError::Choose { url } => Self::AccountChoiceRequired(url),
            CompleteError::Failed(problem) => Self::ConnectFailed(problem),
            CompleteError::Store(error) => error.into(),
        }
    }
}

/// Who can mend an attempt that failed.
fn blame(problem: ConnectProblem) -> &'static str {
    match problem {
        ConnectProblem::ProviderMisconfigured
        | ConnectProblem::ProviderRemoved
        | ConnectProblem::Internal => "admin",
        ConnectProblem::ProviderUnavailable | ConnectProblem::ProviderError => "provider",
        _ => "user",
    }
}

impl ApiError {
    /// The same, naming the connection that it is about.
    pub(super) fn about(self, connection: &ConnectionId) -> Self {
        match self {
            Self::Revoked(None) => Self::Revoked(Some(connection.clone())),
            other => other,
        }
    }

    /// Status, code, who can mend it, and a title that is the same for every occurrence.
    #[expect(clippy::too_many_lines, reason = "a table, a row for each problem")]
    fn kind(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::NoKey | Self::WrongKey => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "caller",
                "The API key is missing or not valid",
            ),
            Self::NotFound | Self::NotConnected | Self::NoSuchAddress => (
                StatusCode::NOT_FOUND,
                "not_found",
                "caller",
                "There is nothing here",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "caller",
                "This address does not take this method",
            ),
            Self::BodyTooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_long",
                "caller",
                "The body is too long",
            ),
            Self::Invalid(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_request",
                "caller",
                "The request is not valid",
            ),
            Self::Revoked(_) => (
                StatusCode::GONE,
                "connection_revoked",
                "user",
                "The connection was revoked",
            ),
            Self::Stopped => (
                StatusCode::CONFLICT,
                "stopped",
                "admin",
                "No token is handed out now",
            ),
            Self::ReconnectRequired { .. } => (
                StatusCode::CONFLICT,
                "reconnect_required",
                "user",
                "The end user has to reconnect",
            ),
            Self::CredentialsRejected => (
                StatusCode::CONFLICT,
                "client_credentials_rejected",
                "admin",
                "The provider refuses the client credentials",
            ),
            Self::Quarantined => (
                StatusCode::SERVICE_UNAVAILABLE,
                "quarantined",
                "admin",
                "Nothing is refreshed while Grantport is in quarantine",
            ),
            Self::ConnectCodeExpired => (
                StatusCode::GONE,
                "connect_code_expired",
                "caller",
                "The connect code has expired",
            ),
            Self::CompletionRefused => (
                StatusCode::CONFLICT,
                "completion_refused",
                "caller",
                "The connect code was brought by somebody else",
            ),
            Self::AccountChoiceRequired(_) => (
                StatusCode::CONFLICT,
                "account_choice_required",
                "user",
                "The end user has to choose between two accounts",
            ),
            Self::ConnectFailed(problem) => (
                StatusCode::CONFLICT,
                problem.as_str(),
                blame(*problem),
                "The connection could not be made",
            ),
            Self::ProviderUnavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "provider_unavailable",
                "provider",
                "The provider is not available",
            ),
            Self::NoDefinition => (
                StatusCode::SERVICE_UNAVAILABLE,
                "provider_unavailable",
                "admin",
                "The provider cannot be used",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "admin",
                "Grantport cannot reach its database",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "admin",
                "Something went wrong in Grantport",
            ),
        }
    }

    /// What to do now.
    fn detail(&self) -> String {
        match self {
            Self::NoKey => "Send the header `Authorization: Bearer gp_..` with an API key of the application; the portal makes them under API keys.",
            Self::WrongKey => "Use a live API key of the application: this one is mistyped, unknown or revoked.",
            Self::NotFound => "Check the id: the application of this API key has nothing with it.",
            Self::NotConnected => "Make a connect session: nobody who was named has a connection to this provider.",
            Self::NoSuchAddress => "Check the address against the API's documentation.",
            Self::MethodNotAllowed => "Use a method that the `Allow` header names.",
            Self::BodyTooLong => "Send at most 65536 bytes.",
            Self::Invalid(sentence) => sentence,
            Self::Revoked(_) => "Make a new connect session if the end user wants to connect again; a revoked connection does not come back.",
            Self::Stopped => "Ask an admin: all tokens of this application, or of this provider, were stopped in the portal, where it says by whom and why. Nothing is lost, and they go again as soon as an admin lets them.",
            Self::ReconnectRequired { reconnect_url: Some(_), .. } => "Send the end user to `reconnect_url` within 15 minutes to approve again.",
            Self::ReconnectRequired { .. } => "Make a connect session with `reconnect` and send the end user there to approve again.",
            Self::CredentialsRejected => "Ask an admin to correct the provider's client ID and secret in the portal; the connections need nothing.",
            Self::Quarantined => "This installation looks like a restored or copied one, so it does not refresh. Run `grantport restore confirm` once the original is off for good.",
            Self::ConnectCodeExpired => "Make a new connect session: a connect code works for ten minutes and is destroyed after a failure.",
            Self::CompletionRefused => "Make a new connect session for the end user who is signed in: the code was brought by another one, or without the verifier of the session's `code_challenge`. It was destroyed, and the provider was not asked.",
            Self::AccountChoiceRequired(_) => "Send the end user to `choice_url` within ten minutes: they approved another account than the one to be reconnected. The connection works as before until they have chosen.",
            Self::ConnectFailed(problem) => advice(*problem),
            Self::ProviderUnavailable(_) => "Ask again after `retry_after_s` seconds; the connection needs nothing.",
            Self::NoDefinition => "Ask an admin to put the provider's definition back into the catalog.",
            Self::Unavailable => "Ask again after `retry_after_s` seconds; nothing was changed.",
            Self::Internal => "Ask again; if it stays like this, an admin finds the cause in the log.",
        }
        .to_owned()
    }

    /// Whole seconds, at least one.
    fn retry_after_s(&self) -> Option<u64> {
        let after = match self {
            Self::ProviderUnavailable(after) => *after,
            Self::NoDefinition | Self::Quarantined => AFTER_AN_ADMIN,
            Self::Unavailable => SOON,
            _ => return None,
        };
        Some(
            after
                .as_secs()
                .saturating_add(u64::from(after.subsec_nanos() > 0))
                .max(1),
        )
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        match self {
            Self::NoKey => headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Bearer realm="grantport""#),
            ),
            Self::WrongKey => headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Bearer realm="grantport", error="invalid_token""#),
            ),
            _ => None,
        };
        headers
    }
}

/// The body of an answer that is a problem.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    blame: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconnect_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, blame, title) = self.kind();
        let (connection, reason, reconnect_url) = match &self {
            Self::Revoked(connection) => (connection.as_ref(), None, None),
            Self::ReconnectRequired {
                connection,
                reason,
                reconnect_url,
            } => (
                Some(connection),
                Some(reason.as_str()),
                reconnect_url.as_deref(),
            ),
            _ => (None, None, None),
        };
        let problem = Problem {
            r#type: format!("urn:grantport:problem:{code}"),
            title,
            status: status.as_u16(),
            code,
            blame,
            detail: self.detail(),
            connection_id: connection.map(ConnectionId::as_str),
            reason,
            reconnect_url,
            choice_url: match &self {
                Self::AccountChoiceRequired(url) => Some(url),
                _ => None,
            },
            retry_after_s: self.retry_after_s(),
        };
        (status, self.headers(), axum::Json(&problem)).into_response()
    }
}
