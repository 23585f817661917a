//! The headers that every answer carries, whatever it is (R23, R24, R29).
//!
//! Pages bring their own content security policy ([`page_csp`], [`hosted_csp`]); whatever brings
//! none gets one under which nothing runs and nothing loads. Answers are not stored unless they
//! say otherwise.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const NOTHING: &str = "default-src 'none'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// The policy of a portal page whose scripts carry `nonce`. `form_action_origins` as in
/// [`hosted_csp`], for the one page of the portal that leads to a provider.
#[must_use]
pub fn page_csp(nonce: &str, form_action_origins: &[String]) -> HeaderValue {
    let targets = form_targets(form_action_origins);
    policy(&format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action {targets}; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'"
    ))
}

/// The policy of a page of the connect flow. It runs no script. Its form is answered with a
/// redirect to a provider, and browsers apply `form-action` to that too: so the origins of the
/// providers on the page are named. Whatever is no origin is left out.
#[must_use]
pub fn hosted_csp(form_action_origins: &[String]) -> HeaderValue {
    policy(&hosted(form_action_origins))
}

/// The policy of a page on which an attempt ends, in a window that the application opened: the same,
/// and the one script that tells it.
#[must_use]
pub fn telling_csp(form_action_origins: &[String]) -> HeaderValue {
    let hosted = hosted(form_action_origins);
    policy(&format!("{hosted}; script-src 'self'"))
}

fn hosted(form_action_origins: &[String]) -> String {
    let targets = form_targets(form_action_origins);
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action {targets}; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

fn form_targets(origins: &[String]) -> String {
    let mut targets = String::from("'self'");
    for origin in origins.iter().filter(|origin| is_origin(origin)) {
        targets.push(' ');
        targets.push_str(origin);
    }
    targets
}

fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

fn policy(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(NOTHING))
}

/// Adds the headers to an answer.
pub(super) async fn secure(State(https): State<bool>, request: Request, next: Next) -> Response {
    let visited = Visited::at(request.uri().path());
    let mut response = next.run(request).await;
    add(response.headers_mut(), visited, https);
    response
}

/// What of a page's address decides about its headers.
#[derive(Clone, Copy)]
struct Visited {
    /// The address holds a token: it is told to nobody.
    secret: bool,
    /// It may be shown in a window that the application opened, and stays tied to it.
    in_a_window: bool,
}

impl Visited {
    fn at(path: &str) -> Self {
        let connecting = is_connect_flow(path);
        Self {
            secret: connecting || path.starts_with("/invitations/"),
            // the one page of the practice provider that stands between two of the flow's
            in_a_window: connecting || path == "/practice/authorize",
        }
    }
}

fn is_connect_flow(path: &str) -> bool {
    ["/connect", "/oauth"].iter().any(|room| {
        path.strip_prefix(room)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn add(headers: &mut HeaderMap, visited: Visited, https: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    if https {
        set(
            STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(
        PERMISSIONS,
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    // without a referrer a refused form does not find its way back to its page; the connect flow
    // and an invitation have a token in their address instead
    set(
        REFERRER_POLICY,
        if visited.secret {
            "no-referrer"
        } else {
            "same-origin"
        },
    );
    if visited.secret {
        set(ROBOTS, "noindex");
    }
    // an application that opened the connect flow in a window is told there how it ended (R14)
    set(
        COOP,
        if visited.in_a_window {
            "unsafe-none"
        } else {
            "same-origin"
        },
    );
    // only what other sites are meant to load says otherwise
    headers
        .entry(CORP)
        .or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NOTHING));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_its_own_scripts_only() {
        let csp = page_csp("abc123==", &[]);
        let csp = csp.to_str().expect("text");
        assert!(
            csp.contains("script-src 'self' 'nonce-abc123==' 'wasm-unsafe-eval';"),
            "{csp}"
        );
        for never in ["unsafe-inline", "'unsafe-eval'", "strict-dynamic", "*"] {
            assert!(!csp.contains(never), "{never}");
        }
    }

    #[test]
    fn a_hosted_page_sends_its_form_to_named_origins_only() {
        let origins = [
            "https://app.apollo.io",
            "https://evil.example; script-src *",
            "https://evil.example/path",
            "javascript:alert(1)",
            "*",
        ];
        let csp = hosted_csp(&origins.map(str::to_owned));
        let csp = csp.to_str().expect("text");
        assert!(
            csp.contains("form-action 'self' https://app.apollo.io;"),
            "{csp}"
        );
        assert!(
            !csp.contains("script-src") && !csp.contains("evil") && !csp.contains('*'),
            "{csp}"
        );
    }

    #[test]
    fn a_page_that_tells_its_opener_runs_files_of_ours_and_nothing_else() {
        let csp = telling_csp(&["https://app.apollo.io".to_owned()]);
        let csp = csp.to_str().expect("text");
        assert!(csp.ends_with("; script-src 'self'"), "{csp}");
        assert!(csp.contains("default-src 'none'; ") && csp.contains("https://app.apollo.io;"));
        assert!(!csp.contains("unsafe") && !csp.contains('*'), "{csp}");
    }

    #[test]
    fn a_window_stays_tied_to_the_application_through_the_practice_provider() {
        for path in [
            "/connect/abc",
            "/oauth/callback/prv_x",
            "/practice/authorize",
        ] {
            assert!(Visited::at(path).in_a_window, "{path}");
        }
        for path in ["/", "/practice", "/practice/authorize/x", "/signin"] {
            assert!(!Visited::at(path).in_a_window, "{path}");
        }
    }

    #[test]
    fn the_connect_flow_is_told_apart_by_its_path() {
        for path in ["/connect/abc", "/oauth/callback/prv_x", "/connect"] {
            assert!(is_connect_flow(path), "{path}");
        }
        for path in [
            "/",
            "/connections",
            "/connect.js",
            "/apps/x/connections",
            "/oauthx",
        ] {
            assert!(!is_connect_flow(path), "{path}");
        }
    }
}
