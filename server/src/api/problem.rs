//! Problems: what the API says when it cannot do what was asked (RFC 9457).
//!
//! Each has a stable `code` to branch on, a `blame` that says who can mend it, and one sentence on
//! what to do now. Codes are a closed list (R64); a provider's own words never pass through, and of
//! a fault of ours nothing is told but that it is one.

mod named;

pub(super) use named::*;

use super::rates::{Limited, TooMany};
use super::v1::advice;
use super::words::one_of;
use crate::connect::CompleteError;
use crate::domain::{ConnectionId, KeyScope};
use crate::http::TOO_LONG;
use crate::proxy::{ProxyError, WrongTarget};
use crate::store::StoreError;
use crate::tokens::TokenError;
use crate::upstreams::UpstreamError;
use app::wire::{BrokenReason, ConnectProblem};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// When to ask again after the database did not answer, and the like.
const SOON: Duration = Duration::from_secs(5);
/// When to ask again after something that only an admin can mend, or that a person has to begin anew.
const IN_A_MINUTE: Duration = Duration::from_mins(1);

/// Why a request was not answered as hoped.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// No API key was sent.
    #[error("no API key")]
    NoKey,
    /// The API key is malformed, unknown or revoked.
    #[error("not a live API key")]
    WrongKey,
    /// The API key worked until a moment that its owner set.
    #[error("the API key has expired")]
    ExpiredKey,
    /// The API key may not be used from this address.
    #[error("the API key may not be used from this address")]
    ForbiddenAddress(Option<IpAddr>),
    /// More requests than the key, its organization or an address with wrong keys may make.
    #[error("too many requests")]
    RateLimited(TooMany),
    /// The API key may not do this.
    #[error("the key lacks the scope {0}")]
    InsufficientScope(KeyScope),
    /// The idempotency key came with another request before.
    #[error("the idempotency key came with another request before")]
    IdempotencyKeyReused,
    /// The same request is being answered right now.
    #[error("the same request is being answered")]
    InProgress,
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
    /// What was to be changed is no longer what the caller has seen.
    #[error("it was changed meanwhile")]
    PreconditionFailed,
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
    /// The event log does not go back to where the caller stopped.
    #[error("the cursor is not in the event log")]
    CursorExpired,
    /// The end user has no connection, and the provider lets no team's stand in.
    #[error("the team does not stand in for a person at this provider")]
    TeamFallbackOff,
    /// The definition does not say where the provider's API is.
    #[error("the provider's definition names no API base")]
    NoApiBase,
    /// The outbound policy forbids the provider's API.
    #[error("the provider's API may not be called")]
    ApiForbidden,
    /// The provider asked for patience with this very call, or too many calls are under way.
    #[error("not now")]
    NotNow(Patience),
    /// The provider did not answer a call in time.
    #[error("the provider did not answer in time")]
    ProviderTimeout,
    /// The provider did not answer a call.
    #[error("the provider did not answer")]
    ProviderSilent,
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

impl From<TooMany> for ApiError {
    fn from(refused: TooMany) -> Self {
        Self::RateLimited(refused)
    }
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

/// Why a call is not sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// The provider asked for it.
    OfProvider(Duration),
    /// As many calls as may be are under way.
    OfOurs,
}

impl From<ProxyError> for ApiError {
    fn from(error: ProxyError) -> Self {
        match error {
            ProxyError::NoBase => Self::NoApiBase,
            ProxyError::Target(wrong) => Self::Invalid(target_sentence(wrong).to_owned()),
            ProxyError::NoBody => Self::Invalid(
                "Send the whole body: it broke off, or nothing of it came for a minute.".to_owned(),
            ),
            ProxyError::Full => Self::NotNow(Patience::OfOurs),
            ProxyError::Patience(wait) => Self::NotNow(Patience::OfProvider(wait)),
            ProxyError::Forbidden => Self::ApiForbidden,
            ProxyError::Unavailable => Self::ProviderSilent,
            ProxyError::TimedOut => Self::ProviderTimeout,
            ProxyError::Token(error) => error.into(),
            ProxyError::Upstream(error) => error.into(),
            ProxyError::Store(error) => error.into(),
        }
    }
}

fn target_sentence(wrong: WrongTarget) -> &'static str {
    match wrong {
        WrongTarget::DotSegment => {
            "Write the path without `.` and `..`, in any encoding: it is sent as it is, and nothing may leave the provider's API."
        }
        WrongTarget::Character => {
            "Write the path without backslashes, `#` and control characters, in any encoding."
        }
        WrongTarget::Encoding => "Percent-encode the path once.",
        WrongTarget::Outside => "Write a path below the provider's API base.",
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

/// The status that a failed attempt has elsewhere in the API too, so that one code has one status.
fn status(problem: ConnectProblem) -> StatusCode {
    match problem {
        ConnectProblem::ConnectionRevoked => StatusCode::GONE,
        ConnectProblem::ProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ConnectProblem::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::CONFLICT,
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

    /// Whether it was the key that did not work, whatever was asked with it.
    pub(super) fn is_of_the_key(&self) -> bool {
        matches!(
            self,
            Self::WrongKey | Self::ExpiredKey | Self::ForbiddenAddress(_)
        )
    }

    /// Status, code, who can mend it, and a title that is the same for every occurrence.
    #[expect(clippy::too_many_lines, reason = "a table, a row for each problem")]
    fn kind(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::NoKey | Self::WrongKey | Self::ExpiredKey => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "caller",
                "The API key is missing or not valid",
            ),
            Self::ForbiddenAddress(_) => (
                StatusCode::FORBIDDEN,
                "forbidden_address",
                "caller",
                "The API key may not be used from this address",
            ),
            Self::RateLimited(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "caller",
                "Too many requests",
            ),
            Self::IdempotencyKeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "caller",
                "The idempotency key belongs to another request",
            ),
            Self::InProgress => (
                StatusCode::CONFLICT,
                "in_progress",
                "caller",
                "The same request is being answered",
            ),
            Self::InsufficientScope(_) => (
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "caller",
                "The API key may not do this",
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
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "precondition_failed",
                "caller",
                "It was changed meanwhile",
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
                status(*problem),
                problem.as_str(),
                blame(*problem),
                "The connection could not be made",
            ),
            Self::CursorExpired => (
                StatusCode::GONE,
                "cursor_expired",
                "caller",
                "The event log does not go back that far",
            ),
            Self::TeamFallbackOff => (
                StatusCode::CONFLICT,
                "team_fallback_off",
                "user",
                "The team does not stand in at this provider",
            ),
            Self::NoApiBase => (
                StatusCode::CONFLICT,
                "no_api_base",
                "admin",
                "The proxy does not know where the provider's API is",
            ),
            Self::ApiForbidden => (
                StatusCode::CONFLICT,
                "api_forbidden",
                "admin",
                "The outbound policy forbids the provider's API",
            ),
            Self::NotNow(Patience::OfOurs) => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "caller",
                "Too many calls are under way",
            ),
            Self::NotNow(Patience::OfProvider(_)) => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "provider",
                "The provider asked for patience",
            ),
            Self::ProviderTimeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "provider_timeout",
                "provider",
                "The provider did not answer in time",
            ),
            Self::ProviderUnavailable(_) | Self::ProviderSilent => (
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
            Self::ExpiredKey => "Use another API key of the application: this one has expired. An admin can give it a later end, or rotate it, in the portal under API keys.",
            Self::ForbiddenAddress(address) => return forbidden_address(*address),
            Self::RateLimited(refused) => return rate_limited(refused.standing.of()),
            Self::IdempotencyKeyReused => "Make a new `Idempotency-Key` for each request: this one came with another method, path or body in the last 24 hours.",
            Self::InProgress => "Ask again after `retry_after_s` seconds with the same `Idempotency-Key`: the first request with it is being answered.",
            Self::InsufficientScope(scope) => return format!("Use an API key with the scope `{scope}`: this one is live and does not have it."),
            Self::NotFound => "Check the id: the application of this API key has nothing with it.",
            Self::NotConnected => "Make a connect session: nobody who was named has a connection to this provider.",
            Self::NoSuchAddress => "Check the address against the API's documentation.",
            Self::MethodNotAllowed => "Use a method that the `Allow` header names.",
            Self::BodyTooLong => "Send at most 65536 bytes; an import may have 5 MiB, and more goes in several.",
            Self::Invalid(sentence) => sentence,
            Self::PreconditionFailed => "Read it again and decide anew: it is no longer what the `ETag` in `If-Match` stands for. Nothing was changed.",
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
            Self::CursorExpired => "Read the connections anew and go on without `after`: events are kept for 30 days, and a restored database has another log.",
            Self::TeamFallbackOff => "Send the end user to a connect session: they have no connection that works, and this provider is set up so that a team's does not stand in for a person.",
            Self::NoApiBase => "Ask an admin: the provider's definition names no API base. A custom provider has a field for it; otherwise take a token with `POST /tokens` and call the provider yourself.",
            Self::ApiForbidden => "Ask an operator: the provider's API is at an address that this installation may not call.",
            Self::NotNow(Patience::OfOurs) => "Send fewer calls at a time: as many as may be of this connection, or to this provider, are under way.",
            Self::NotNow(Patience::OfProvider(_)) => "Send this call again after `retry_after_s` seconds: the provider asked for it, so it was not sent. Other calls go through.",
            Self::ProviderTimeout => "Look before you send it again: nothing came from the provider for as long as we wait, and it may have acted.",
            Self::ProviderSilent => "Look before you send it again, unless the method is safe: the provider could not be reached or broke the connection off.",
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
            Self::ProviderUnavailable(after) | Self::NotNow(Patience::OfProvider(after)) => *after,
            Self::NoDefinition
            | Self::Quarantined
            | Self::ConnectFailed(ConnectProblem::ProviderUnavailable) => IN_A_MINUTE,
            Self::Unavailable | Self::ProviderSilent => SOON,
            Self::RateLimited(refused) => refused.wait,
            Self::InProgress | Self::NotNow(Patience::OfOurs) => Duration::from_secs(1),
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
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        match self {
            Self::NoKey => headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Bearer realm="grantport""#),
            ),
            Self::WrongKey | Self::ExpiredKey => headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Bearer realm="grantport", error="invalid_token""#),
            ),
            _ => None,
        };
        if let Self::RateLimited(refused) = self {
            refused.standing.write(&mut headers);
        }
        headers
    }
}

fn forbidden_address(address: Option<IpAddr>) -> String {
    let from = address.map_or_else(
        || "an address that is not known".to_owned(),
        |address| address.to_string(),
    );
    format!(
        "Use the API key from an address in its IP ranges: this request came from {from}. An admin can change the ranges in the portal under API keys."
    )
}

fn rate_limited(of: Limited) -> String {
    let whose = match of {
        Limited::Key => "this API key has made as many requests as it may",
        Limited::Organization => {
            "all API keys of the organization together have made as many requests as they may"
        }
        Limited::Address => "too many API keys that do not work came from this address",
    };
    format!("Ask again after `retry_after_s` seconds, and more slowly: {whose}.")
}

/// Why a request was not answered as hoped, and what to do now (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// The same as `code`, as a URI.
    #[schema(example = "urn:grantport:problem:reconnect_required")]
    r#type: String,
    /// The same for every problem of this code.
    #[schema(example = "The end user has to reconnect")]
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 409)]
    status: u16,
    #[schema(schema_with = codes)]
    code: &'static str,
    #[schema(schema_with = blames)]
    blame: &'static str,
    /// One sentence on what to do now.
    #[schema(example = "Send the end user to `reconnect_url` within 15 minutes to approve again.")]
    detail: String,
    /// The connection that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "con_4Vt9Qm2kXr7LpZs1HdYw")]
    connection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = reasons)]
    reason: Option<&'static str>,
    /// Where the end user approves again. It works for 15 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    reconnect_url: Option<String>,
    /// Where the end user chooses between two accounts. It works for ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    choice_url: Option<String>,
    /// Whole seconds after which to ask again, as in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, example = 20)]
    retry_after_s: Option<u64>,
    /// Names the request in the server's log, where it was refused before it got to the API, or
    /// where a fault of ours ended it. Every answer has it in the header `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
}

/// The closed list (R64): those of the API, and those of the layers before it.
fn codes() -> Object {
    let own = ApiError::every().into_iter().map(|error| error.kind().1);
    one_of(
        "What happened, for your code to branch on. A code never changes its meaning.",
        own.chain(TOO_LONG).collect::<BTreeSet<_>>(),
    )
}

fn blames() -> Object {
    one_of(
        "Who can mend it: your backend, the end user, an admin of this Grantport, or the provider.",
        ["caller", "user", "admin", "provider"],
    )
}

fn reasons() -> Object {
    one_of(
        "Why a person has to approve again.",
        BrokenReason::ALL.map(BrokenReason::as_str),
    )
}

impl ApiError {
    /// As it is told.
    pub(super) fn problem(&self) -> Problem {
        let (status, code, blame, title) = self.kind();
        let (connection, reason, reconnect_url) = match self {
            Self::Revoked(connection) => (connection.as_ref(), None, None),
            Self::ReconnectRequired {
                connection,
                reason,
                reconnect_url,
            } => (
                Some(connection),
                Some(reason.as_str()),
                reconnect_url.clone(),
            ),
            _ => (None, None, None),
        };
        Problem {
            r#type: format!("urn:grantport:problem:{code}"),
            title,
            status: status.as_u16(),
            code,
            blame,
            detail: self.detail(),
            connection_id: connection.map(ConnectionId::to_string),
            reason,
            reconnect_url,
            choice_url: match self {
                Self::AccountChoiceRequired(url) => Some(url.clone()),
                _ => None,
            },
            retry_after_s: self.retry_after_s(),
            request_id: None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.kind().0, self.headers(), axum::Json(self.problem())).into_response()
    }
}
