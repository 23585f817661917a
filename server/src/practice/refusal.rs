//! How the token endpoint and its neighbours say no (RFC 6749 section 5.2, RFC 6750 section 3).

use super::params::Repeated;
use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A refusal. Its texts are for the developer who reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// A parameter is missing or came twice.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The client is unknown or its secret is wrong.
    #[error("the client is unknown or its secret is wrong")]
    InvalidClient,
    /// The code or the refresh token is not good, or not any more.
    #[error("{0}")]
    InvalidGrant(&'static str),
    /// Neither `authorization_code` nor `refresh_token`.
    #[error("grant_type is authorization_code or refresh_token")]
    UnsupportedGrantType,
    /// The access token is not good, or not any more.
    #[error("the access token is wrong, replaced, revoked or has expired")]
    InvalidToken,
    /// Somebody set an outage at the desk.
    #[error("an outage was set at the practice desk")]
    Outage,
}

impl Refusal {
    fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidToken => "invalid_token",
            Self::Outage => "temporarily_unavailable",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::Outage => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The header that goes with this status.
    fn header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::InvalidToken => Some((
                header::WWW_AUTHENTICATE,
                "Bearer realm=\"practice\", error=\"invalid_token\"",
            )),
            Self::Outage => Some((header::RETRY_AFTER, "5")),
            _ => None,
        }
    }
}

impl From<Repeated> for Refusal {
    fn from(_: Repeated) -> Self {
        Self::InvalidRequest("a parameter came twice")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(serde_json::json!({
            "error": self.code(),
            "error_description": self.to_string(),
        }));
        let mut response = (self.status(), NO_STORE, body).into_response();
        if let Some((name, value)) = self.header() {
            response
                .headers_mut()
                .insert(name, axum::http::HeaderValue::from_static(value));
        }
        response
    }
}

/// No answer that may hold a token is kept by anyone (RFC 6749 section 5.1).
pub(super) const NO_STORE: [(HeaderName, &str); 2] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
];
