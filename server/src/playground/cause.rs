//! Why a step did not work, as far as the answer tells.
//!
//! Providers name the cause in a code, in words, or not at all. The words are looked through for the
//! two things that go wrong most, and never shown: what a page says about a cause is ours.

use crate::oauth::callback::RefusedKind;
use crate::oauth::classify::{Class, ErrorCode, Failure};
use crate::oauth::overheard::Heard;
use app::wire::PlaygroundProblem;
use url::form_urlencoded;

/// Of a browser that came back without a code.
pub(super) fn of_refusal(kind: RefusedKind, query: &str) -> PlaygroundProblem {
    let code = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "error")
        .map(|(_, code)| ErrorCode::of(&code));
    let named = || named_in(&percent_encoding::percent_decode_str(query).decode_utf8_lossy());
    match (kind, code) {
        (RefusedKind::Denied, _) => PlaygroundProblem::Denied,
        (RefusedKind::NotAllowedToApprove, _) => PlaygroundProblem::MayNotApprove,
        (RefusedKind::Temporary, _) => PlaygroundProblem::Busy,
        (_, Some(ErrorCode::InvalidScope)) => PlaygroundProblem::Scope,
        (_, Some(ErrorCode::InvalidClient | ErrorCode::UnauthorizedClient)) => {
            PlaygroundProblem::Client
        }
        (RefusedKind::Config, _) => named().unwrap_or(PlaygroundProblem::Request),
        (RefusedKind::Other, _) => named().unwrap_or(PlaygroundProblem::Refusal),
    }
}

/// Of a code that brought no token.
pub(super) fn of_exchange(failure: Failure, heard: Option<&Heard>) -> PlaygroundProblem {
    let answer = heard.and_then(|heard| heard.answer.as_ref().ok());
    let named = answer.and_then(|answer| named_in(&String::from_utf8_lossy(answer.body.expose())));
    match failure.class {
        Class::ConfigRejected => PlaygroundProblem::Secret,
        Class::InvalidScope => PlaygroundProblem::Scope,
        Class::Dead => named.unwrap_or(PlaygroundProblem::CodeWorthless),
        _ => match (failure.status, failure.code) {
            (Some(200..300), None) => PlaygroundProblem::NotUnderstood,
            (Some(400..429), Some(ErrorCode::InvalidRequest)) => {
                named.unwrap_or(PlaygroundProblem::Request)
            }
            (Some(400..429), _) => named.unwrap_or(PlaygroundProblem::NotUnderstood),
            _ => not_answered(failure),
        },
    }
}

/// Of a profile that was not told.
pub(super) fn of_profile(failure: Failure) -> PlaygroundProblem {
    match failure.status {
        Some(401) => PlaygroundProblem::TokenRefused,
        Some(403) => PlaygroundProblem::ProfileForbidden,
        Some(404 | 410) => PlaygroundProblem::ProfileMissing,
        _ => not_answered(failure),
    }
}

fn not_answered(failure: Failure) -> PlaygroundProblem {
    match (failure.class, failure.status) {
        (Class::Unreached, _) => PlaygroundProblem::Unreached,
        (Class::ForbiddenAddress, _) => PlaygroundProblem::Forbidden,
        (_, Some(429 | 500..)) => PlaygroundProblem::Busy,
        (_, None) => PlaygroundProblem::NoAnswer,
        (_, Some(_)) => PlaygroundProblem::NotUnderstood,
    }
}

fn named_in(words: &str) -> Option<PlaygroundProblem> {
    let words = words.to_lowercase();
    let holds = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if holds(&["code_verifier", "code_challenge", "pkce"]) {
        return Some(PlaygroundProblem::Pkce);
    }
    holds(&[
        "redirect_uri",
        "redirect uri",
        "redirect url",
        "callback url",
    ])
    .then_some(PlaygroundProblem::RedirectUri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Secret;

    fn heard(status: u16, body: &str) -> Heard {
        Heard {
            method: http::Method::POST,
            url: "https://idp.example/token".parse().expect("a URL"),
            headers: http::HeaderMap::new(),
            body: None,
            answer: Ok(crate::oauth::overheard::HeardAnswer {
                status,
                content_type: None,
                body: Secret::new(body.as_bytes().to_vec()),
            }),
        }
    }

    fn failure(class: Class, status: u16, code: Option<ErrorCode>) -> Failure {
        Failure {
            class,
            status: Some(status),
            code,
        }
    }

    #[test]
    fn a_refusal_at_the_provider_has_its_cause() {
        for (kind, query, problem) in [
            (
                RefusedKind::Denied,
                "error=access_denied",
                PlaygroundProblem::Denied,
            ),
            (
                RefusedKind::Config,
                "error=invalid_scope",
                PlaygroundProblem::Scope,
            ),
            (
                RefusedKind::Config,
                "error=unauthorized_client",
                PlaygroundProblem::Client,
            ),
            (
                RefusedKind::Config,
                "error=invalid_request&error_description=code_challenge+is+not+known",
                PlaygroundProblem::Pkce,
            ),
            (
                RefusedKind::Config,
                "error=invalid_request&error_description=Redirect%20URI+differs",
                PlaygroundProblem::RedirectUri,
            ),
            (
                RefusedKind::Config,
                "error=invalid_request",
                PlaygroundProblem::Request,
            ),
            (RefusedKind::Other, "error=what", PlaygroundProblem::Refusal),
        ] {
            assert_eq!(of_refusal(kind, query), problem, "{query}");
        }
    }

    #[test]
    fn a_refused_code_has_its_cause() {
        let invalid = Some(ErrorCode::InvalidGrant);
        for (class, status, code, body, problem) in [
            (
                Class::Dead,
                400,
                invalid,
                "{}",
                PlaygroundProblem::CodeWorthless,
            ),
            (
                Class::Dead,
                400,
                invalid,
                r#"{"error_description":"PKCE verification failed"}"#,
                PlaygroundProblem::Pkce,
            ),
            (
                Class::Dead,
                400,
                invalid,
                r#"{"error_description":"redirect_uri differs"}"#,
                PlaygroundProblem::RedirectUri,
            ),
            (
                Class::ConfigRejected,
                401,
                Some(ErrorCode::InvalidClient),
                "redirect_uri",
                PlaygroundProblem::Secret,
            ),
            (Class::Ambiguous, 502, None, "", PlaygroundProblem::Busy),
            (
                Class::Ambiguous,
                200,
                None,
                "<html>",
                PlaygroundProblem::NotUnderstood,
            ),
        ] {
            let heard = heard(status, body);
            assert_eq!(
                of_exchange(failure(class, status, code), Some(&heard)),
                problem,
                "{status} {body}"
            );
        }
    }
}
