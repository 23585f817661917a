//! What a failed request means for whoever made it.
//!
//! The one question behind all classes: is the refresh token (or code) that was sent still worth
//! something? Condemning a connection on a wrong answer costs a person a trip back to the provider;
//! using a spent token again can end the whole grant. So only [`Class::Dead`] condemns, and only
//! [`Failure::spent_nothing`] promises that nothing happened at the provider.
//!
//! A failure carries a class, the HTTP status and an error code from a closed list: never a body,
//! and never words that a provider wrote.

use super::egress::{EgressAnswer, EgressError};
use super::token_answer;
use std::time::Duration;

/// What to make of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// No connection came about. Try again later.
    Unreached,
    /// Our outbound policy forbids the address. Somebody has to change it.
    ForbiddenAddress,
    /// Perhaps it happened, perhaps not. Try again with the same token, carefully.
    Ambiguous,
    /// Too many requests, or down for a while. Try again after this long, if it says so.
    Throttled {
        /// At most one hour.
        retry_after: Option<Duration>,
    },
    /// The provider no longer knows the grant (`invalid_grant`).
    Dead,
    /// The provider does not accept our client ID or secret: for the admin, not for the end user.
    ConfigRejected,
    /// The provider does not accept the scopes.
    InvalidScope,
    /// An answer that makes no sense: a redirect, a login page, an unknown code. For the admin.
    Unexpected,
}

/// A request that did not bring what it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub struct Failure {
    /// What to make of it.
    pub class: Class,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The error code, if the answer named one.
    pub code: Option<ErrorCode>,
}

impl Failure {
    /// Whether the request certainly changed nothing at the provider, so that the same token can
    /// be used again without risk.
    #[must_use]
    pub fn spent_nothing(&self) -> bool {
        match self.class {
            Class::Unreached
            | Class::ForbiddenAddress
            | Class::ConfigRejected
            | Class::InvalidScope => true,
            Class::Throttled { .. } => self.status == Some(429),
            Class::Unexpected => self
                .status
                .is_some_and(|status| (400..500).contains(&status)),
            Class::Ambiguous | Class::Dead => false,
        }
    }

    /// An answer that is not a success, or a success that names an error. `code` is what its body
    /// says; without one a success is unusable.
    pub(super) fn of_answer(answer: &EgressAnswer, code: Option<ErrorCode>) -> Self {
        let retry_after = answer.retry_after;
        let class = match answer.status {
            429 => Class::Throttled { retry_after },
            503 if retry_after.is_some() => Class::Throttled { retry_after },
            500.. => Class::Ambiguous,
            200..300 => code.map_or(Class::Ambiguous, ErrorCode::class),
            400..500 => code.map_or(Class::Unexpected, ErrorCode::class),
            _ => Class::Unexpected,
        };
        Self {
            class,
            status: Some(answer.status),
            code,
        }
    }

    /// An answer that is not a success.
    pub(super) fn of_refusal(answer: &EgressAnswer) -> Self {
        Self::of_answer(
            answer,
            token_answer::standard_error_code(answer.body.expose()),
        )
    }

    /// A token that cannot be put into a request, which was therefore not made.
    pub(super) fn unusable_token() -> Self {
        Self {
            class: Class::Unexpected,
            status: None,
            code: None,
        }
    }

    /// A success without the content that was asked for.
    pub(super) fn unexpected(answer: &EgressAnswer) -> Self {
        Self {
            class: Class::Unexpected,
            status: Some(answer.status),
            code: None,
        }
    }

    fn words(&self) -> String {
        let mut words = match self.class {
            Class::Unreached => "the provider could not be reached",
            Class::ForbiddenAddress => "the outbound policy forbids the provider's address",
            Class::Ambiguous => "the provider's answer did not arrive or could not be used",
            Class::Throttled { .. } => "the provider asks to wait",
            Class::Dead => "the provider no longer knows the grant",
            Class::ConfigRejected => "the provider rejected the client's credentials",
            Class::InvalidScope => "the provider rejected the scopes",
            Class::Unexpected => "the provider answered something unexpected",
        }
        .to_owned();
        for detail in [
            self.status.map(|status| format!(" (HTTP {status})")),
            self.code.map(|code| format!(" ({})", code.as_str())),
        ] {
            words.push_str(&detail.unwrap_or_default());
        }
        words
    }
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        let class = match error {
            EgressError::Refused(_) => Class::ForbiddenAddress,
            EgressError::Unreached => Class::Unreached,
            EgressError::Ambiguous | EgressError::TooLarge => Class::Ambiguous,
        };
        Self {
            class,
            status: None,
            code: None,
        }
    }
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// An error code of RFC 6749, 6750, 7009 or 8628; all others are one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
            /// Not on the list. What it was is not repeated.
            Other,
        }

        impl ErrorCode {
            /// As an answer spells it.
            #[must_use]
            pub fn of(text: &str) -> Self {
                match text.trim() {
                    $($text => Self::$name,)*
                    _ => Self::Other,
                }
            }

            /// As the standards spell it; `other` for the rest.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other => "other",
                }
            }
        }
    };
}

error_codes! {
    /// The end user, or a policy, said no.
    AccessDenied = "access_denied",
    /// We are not known, or not by this secret.
    InvalidClient = "invalid_client",
    /// The code or refresh token is spent, expired, revoked or not ours.
    InvalidGrant = "invalid_grant",
    /// Something is missing. Some servers say so when two refreshes collide.
    InvalidRequest = "invalid_request",
    /// A scope is unknown or too much.
    InvalidScope = "invalid_scope",
    /// The token is not alive.
    InvalidToken = "invalid_token",
    /// The provider broke.
    ServerError = "server_error",
    /// Too many requests.
    SlowDown = "slow_down",
    /// The provider is busy or being repaired.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// We may not use this grant.
    UnauthorizedClient = "unauthorized_client",
    /// The server does not know this grant.
    UnsupportedGrantType = "unsupported_grant_type",
    /// The server does not know `code`.
    UnsupportedResponseType = "unsupported_response_type",
    /// The server does not revoke this kind of token.
    UnsupportedTokenType = "unsupported_token_type",
}

impl ErrorCode {
    fn class(self) -> Class {
        match self {
            Self::InvalidGrant => Class::Dead,
            Self::InvalidClient | Self::UnauthorizedClient => Class::ConfigRejected,
            Self::InvalidScope => Class::InvalidScope,
            Self::SlowDown => Class::Throttled { retry_after: None },
            Self::InvalidRequest | Self::ServerError | Self::TemporarilyUnavailable => {
                Class::Ambiguous
            }
            Self::AccessDenied
            | Self::InvalidToken
            | Self::UnsupportedGrantType
            | Self::UnsupportedResponseType
            | Self::UnsupportedTokenType
            | Self::Other => Class::Unexpected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Secret;

    fn failure(status: u16, retry_after_s: Option<u64>, body: &str) -> Failure {
        Failure::of_refusal(&EgressAnswer {
            status,
            retry_after: retry_after_s.map(Duration::from_secs),
            content_type: None,
            location: None,
            body: Secret::new(body.as_bytes().to_vec()),
        })
    }

    #[test]
    fn answers_are_sorted_by_what_they_mean_for_the_token() {
        let wait = |s: u64| Class::Throttled {
            retry_after: Some(Duration::from_secs(s)),
        };
        let named =
            |code: &str| format!(r#"{{"error":"{code}","error_description":"secret words"}}"#);
        for (status, retry_after, body, class, spent_nothing) in [
            (400, None, named("invalid_grant"), Class::Dead, false),
            (401, None, named("invalid_grant"), Class::Dead, false),
            (403, None, named("invalid_grant"), Class::Dead, false),
            (
                400,
                None,
                "error=invalid_grant&error_description=x".to_owned(),
                Class::Dead,
                false,
            ),
            (500, None, named("invalid_grant"), Class::Ambiguous, false),
            (
                401,
                None,
                named("invalid_client"),
                Class::ConfigRejected,
                true,
            ),
            (
                400,
                None,
                named("unauthorized_client"),
                Class::ConfigRejected,
                true,
            ),
            (400, None, named("invalid_scope"), Class::InvalidScope, true),
            (400, None, named("invalid_request"), Class::Ambiguous, false),
            (
                400,
                None,
                named("temporarily_unavailable"),
                Class::Ambiguous,
                false,
            ),
            (400, None, named("server_error"), Class::Ambiguous, false),
            (
                400,
                None,
                named("unsupported_grant_type"),
                Class::Unexpected,
                true,
            ),
            (400, None, named("<script>"), Class::Unexpected, true),
            (
                400,
                None,
                r#"{"error":{"code":190}}"#.to_owned(),
                Class::Unexpected,
                true,
            ),
            (401, None, String::new(), Class::Unexpected, true),
            (
                403,
                None,
                "<html>captcha</html>".to_owned(),
                Class::Unexpected,
                true,
            ),
            (404, None, "<html>".to_owned(), Class::Unexpected, true),
            (302, None, String::new(), Class::Unexpected, false),
            (429, Some(7), named("invalid_grant"), wait(7), true),
            (
                429,
                None,
                String::new(),
                Class::Throttled { retry_after: None },
                true,
            ),
            (503, Some(9), String::new(), wait(9), false),
            (503, None, String::new(), Class::Ambiguous, false),
            (502, Some(9), "<html>".to_owned(), Class::Ambiguous, false),
        ] {
            let failure = failure(status, retry_after, &body);
            assert_eq!(failure.class, class, "{status} {body}");
            assert_eq!(failure.spent_nothing(), spent_nothing, "{status} {body}");
            assert_eq!(failure.status, Some(status));
        }
    }

    #[test]
    fn words_of_the_provider_are_not_repeated() {
        let failure = failure(
            400,
            None,
            r#"{"error":"tok_123","error_description":"tok_456"}"#,
        );
        assert_eq!(failure.code, Some(ErrorCode::Other));
        let told = format!("{failure} {failure:?}");
        assert!(!told.contains("tok_"), "{told}");
        assert!(told.contains("(HTTP 400) (other)"), "{told}");
    }

    #[test]
    fn what_was_never_sent_is_safe() {
        for (error, class, spent_nothing) in [
            (EgressError::Unreached, Class::Unreached, true),
            (
                EgressError::Refused(crate::oauth::policy::Refusal::Literal),
                Class::ForbiddenAddress,
                true,
            ),
            (EgressError::Ambiguous, Class::Ambiguous, false),
            (EgressError::TooLarge, Class::Ambiguous, false),
        ] {
            let failure = Failure::from(error);
            assert_eq!(
                (failure.class, failure.spent_nothing()),
                (class, spent_nothing),
                "{error}"
            );
        }
    }
}
