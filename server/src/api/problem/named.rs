//! Problems by name, for the documentation of handlers: `Problems<(NotFound, Stopped)>`.
//!
//! Each name has an example, and what the document says of it, status, code, blame and sentence, is
//! read off that example. So the document cannot differ from what is answered, and an [`ApiError`]
//! that has no name does not compile.

use super::{ApiError, Patience};
use crate::api::rates::TooMany;
use crate::domain::{ConnectionId, KeyScope};
use app::wire::{BrokenReason, ConnectProblem};
use axum::http::HeaderMap;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::time::Duration;
use utoipa::IntoResponses;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, Responses};

/// What a problem comes as (RFC 9457 section 3).
pub(in crate::api) const PROBLEM_JSON: &str = "application/problem+json";

/// The name of a problem.
pub(in crate::api) trait Named {
    /// What a caller may be answered, one of each kind.
    fn examples() -> Vec<ApiError>;
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident for $variant:pat => $examples:expr;)+) => {
        $($(#[$doc])*
        #[derive(Debug)]
        pub(in crate::api) struct $name;

        impl Named for $name {
            fn examples() -> Vec<ApiError> {
                $examples.into()
            }
        })+

        impl ApiError {
            /// One of each problem that there is.
            pub(in crate::api) fn every() -> Vec<Self> {
                [$($name::examples()),+].into_iter().flatten().collect()
            }
        }

        /// Whoever adds a way to fail names it above.
        #[expect(clippy::unnested_or_patterns, reason = "each stands where it is named")]
        const _: fn(&ApiError) = |error| match error {
            $($variant)|+ => (),
        };
    };
}

problems! {
    /// Without a live key.
    Unauthorized for ApiError::NoKey | ApiError::WrongKey | ApiError::ExpiredKey => [ApiError::NoKey];
    /// With a key that may not be used from there.
    ForbiddenAddress for ApiError::ForbiddenAddress(_) => [ApiError::ForbiddenAddress(Some(IpAddr::from([203, 0, 113, 9])))];
    /// More often than allowed.
    RateLimited for ApiError::RateLimited(_) => [ApiError::RateLimited(TooMany::example())];
    /// With a key that may not do this.
    InsufficientScope for ApiError::InsufficientScope(_) => [ApiError::InsufficientScope(KeyScope::TokensRead)];
    /// An idempotency key that stands for another request.
    IdempotencyKeyReused for ApiError::IdempotencyKeyReused => [ApiError::IdempotencyKeyReused];
    /// The same request, while it is answered.
    InProgress for ApiError::InProgress => [ApiError::InProgress];
    /// An id of nothing.
    NotFound for ApiError::NotFound | ApiError::NoSuchAddress => [ApiError::NotFound];
    /// Somebody without a connection.
    NotConnected for ApiError::NotConnected => [ApiError::NotConnected];
    /// Another method.
    MethodNotAllowed for ApiError::MethodNotAllowed => [ApiError::MethodNotAllowed];
    /// A body that is too long.
    BodyTooLong for ApiError::BodyTooLong => [ApiError::BodyTooLong];
    /// A request that is wrong.
    Invalid for ApiError::Invalid(_) => [ApiError::Invalid("Add `provider`: it is needed.".to_owned())];
    /// A representation that has changed meanwhile.
    PreconditionFailed for ApiError::PreconditionFailed => [ApiError::PreconditionFailed];
    /// A connection that has ended.
    Revoked for ApiError::Revoked(_) => [ApiError::Revoked(Some(a_connection()))];
    /// Tokens that were stopped.
    Stopped for ApiError::Stopped => [ApiError::Stopped];
    /// A connection that needs a person.
    ReconnectRequired for ApiError::ReconnectRequired { .. } => [ApiError::ReconnectRequired {
        connection: a_connection(),
        reason: BrokenReason::GrantRevokedOrExpired,
        reconnect_url: Some("https://grantport.example/connect/…".to_owned()),
    }];
    /// Credentials that the provider refuses.
    CredentialsRejected for ApiError::CredentialsRejected => [ApiError::CredentialsRejected];
    /// A copy of an installation.
    Quarantined for ApiError::Quarantined => [ApiError::Quarantined];
    /// A connect code that came too late.
    ConnectCodeExpired for ApiError::ConnectCodeExpired => [ApiError::ConnectCodeExpired];
    /// A connect code that somebody else brought.
    CompletionRefused for ApiError::CompletionRefused => [ApiError::CompletionRefused];
    /// A choice that the end user has to make.
    AccountChoiceRequired for ApiError::AccountChoiceRequired(_) =>
        [ApiError::AccountChoiceRequired("https://grantport.example/connect/…/outcome/flw_…".to_owned())];
    /// An attempt that failed.
    ConnectFailed for ApiError::ConnectFailed(_) => COMPLETING.map(ApiError::ConnectFailed);
    /// A part of the event log that is gone.
    CursorExpired for ApiError::CursorExpired => [ApiError::CursorExpired];
    /// A team that does not stand in.
    TeamFallbackOff for ApiError::TeamFallbackOff => [ApiError::TeamFallbackOff];
    /// A provider whose API the definition does not name.
    NoApiBase for ApiError::NoApiBase => [ApiError::NoApiBase];
    /// An API that may not be called.
    ApiForbidden for ApiError::ApiForbidden => [ApiError::ApiForbidden];
    /// A call that has to wait.
    NotNow for ApiError::NotNow(_) => [
        ApiError::NotNow(Patience::OfOurs),
        ApiError::NotNow(Patience::OfProvider(Duration::from_secs(30))),
    ];
    /// A provider that takes too long for a call.
    ProviderTimeout for ApiError::ProviderTimeout => [ApiError::ProviderTimeout];
    /// A provider that breaks a call off.
    ProviderSilent for ApiError::ProviderSilent => [ApiError::ProviderSilent];
    /// A provider that does not answer.
    ProviderUnavailable for ApiError::ProviderUnavailable(_) => [ApiError::ProviderUnavailable(Duration::from_secs(20))];
    /// A provider without its definition.
    NoDefinition for ApiError::NoDefinition => [ApiError::NoDefinition];
    /// A database that does not answer.
    Unavailable for ApiError::Unavailable => [ApiError::Unavailable];
    /// A fault of ours.
    Internal for ApiError::Internal => [ApiError::Internal];
}

/// How an attempt can fail once the backend completes it.
const COMPLETING: [ConnectProblem; 8] = [
    ConnectProblem::ProviderMisconfigured,
    ConnectProblem::OwnCredentialsRejected,
    ConnectProblem::ProviderUnavailable,
    ConnectProblem::ProviderError,
    ConnectProblem::OtherAccount,
    ConnectProblem::AccountAlreadyConnected,
    ConnectProblem::ConnectionRevoked,
    ConnectProblem::ProviderRemoved,
];

fn a_connection() -> ConnectionId {
    ConnectionId::derived(&[7; 32])
}

/// The answers of the problems `P`, a tuple of their names.
#[derive(Debug)]
pub(in crate::api) struct Problems<P>(PhantomData<P>);

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Named),+> IntoResponses for Problems<($($name,)+)> {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let mut responses = Responses::new();
                $(for problem in $name::examples() {
                    add(&mut responses, &problem);
                })+
                responses.into()
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
}

/// Adds a problem to the answers of a call, beside those that are there with the same status.
pub(in crate::api) fn add(responses: &mut Responses, problem: &ApiError) {
    let (status, code, _, title) = problem.kind();
    let response = responses
        .responses
        .entry(status.as_u16().to_string())
        .or_insert_with(|| Response::new("").into());
    let RefOr::T(response) = response else {
        return;
    };
    let content = response
        .content
        .entry(PROBLEM_JSON.to_owned())
        .or_insert_with(|| {
            RefOr::T(
                ContentBuilder::new()
                    .schema(Some(Ref::from_schema_name("Problem")))
                    .build(),
            )
        });
    let RefOr::T(content) = content else {
        return;
    };
    let same = content
        .examples
        .keys()
        .filter(|key| {
            *key == code
                || key
                    .strip_prefix(code)
                    .is_some_and(|rest| rest.starts_with('-'))
        })
        .count();
    let key = match same {
        0 => code.to_owned(),
        before => format!("{code}-{}", before + 1),
    };
    let sentence = format!("`{code}`: {title}.");
    if !response.description.contains(&sentence) {
        if !response.description.is_empty() {
            response.description.push(' ');
        }
        response.description.push_str(&sentence);
    }
    let example = ExampleBuilder::new()
        .summary(title)
        .value(serde_json::to_value(problem.problem()).ok())
        .build();
    content.examples.insert(key, example.into());
    response.headers.extend(documented(&problem.headers()));
}

/// The headers of a problem that are worth a word.
fn documented(headers: &HeaderMap) -> BTreeMap<String, RefOr<Header>> {
    let words = [
        (
            RETRY_AFTER,
            "Retry-After",
            Type::Integer,
            "Whole seconds after which to ask again.",
        ),
        (
            WWW_AUTHENTICATE,
            "WWW-Authenticate",
            Type::String,
            "How to authenticate (RFC 6750).",
        ),
    ];
    words
        .into_iter()
        .filter(|(name, ..)| headers.contains_key(name))
        .map(|(_, name, kind, description)| {
            let header = HeaderBuilder::new()
                .schema(Some(Object::with_type(kind)))
                .description(Some(description))
                .build();
            (name.to_owned(), header.into())
        })
        .collect()
}
