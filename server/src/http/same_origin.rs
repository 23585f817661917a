//! Whoever wants to change something must come from our own pages (R25, R44).
//!
//! Browsers say where a request comes from: in `Sec-Fetch-Site`, which no page can set, or, where
//! they do not send that, in `Origin`. A request that says neither comes from no browser, and
//! cookies have no business there. The API takes no cookies, and so needs no check; nor do the two
//! endpoints of the practice provider that backends call.

use super::{RequestId, refusal::Refusal};
use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

const ELSEWHERE: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    code: "forbidden",
    blame: "caller",
    title: "This request came from another site",
    sentence: "Nothing was changed. Open Grantport itself, at its own address, and do it there.",
};

/// Refuses to change anything at the wish of another site.
pub(super) async fn same_origin(
    State(origin): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if is_safe(request.method()) || takes_no_cookies(path) || is_ours(request.headers(), &origin) {
        return next.run(request).await;
    }
    tracing::warn!("a request from another site was refused");
    ELSEWHERE.answer(path, request.extensions().get::<RequestId>())
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn takes_no_cookies(path: &str) -> bool {
    path.starts_with("/api/v1/") || matches!(path, "/practice/token" | "/practice/revoke")
}

fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => headers.get(ORIGIN).is_some_and(|from| from == origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_say_where_a_request_comes_from() {
        let ours = "http://127.0.0.1:3000";
        for (site, origin, expected) in [
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("same-site"), None, false),
            (Some("cross-site"), None, false),
            (Some(""), None, false),
            // what no page can set decides
            (Some("cross-site"), Some(ours), false),
            (Some("same-origin"), Some("null"), true),
            (None, Some(ours), true),
            (None, Some("http://127.0.0.1:3001"), false),
            (None, Some("https://127.0.0.1:3000"), false),
            (None, Some("http://127.0.0.1:3000.evil.example"), false),
            (None, Some("null"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().expect("a value"));
                }
            }
            assert_eq!(is_ours(&headers, ours), expected, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn only_what_takes_no_cookies_is_exempt() {
        for path in [
            "/api/v1/connect-sessions",
            "/practice/token",
            "/practice/revoke",
        ] {
            assert!(takes_no_cookies(path), "{path}");
        }
        for path in [
            "/_portal/sign_in",
            "/api/v1",
            "/api/v10/x",
            "/practice/authorize",
            "/practice/token/x",
            "/connect/x",
        ] {
            assert!(!takes_no_cookies(path), "{path}");
        }
    }
}
