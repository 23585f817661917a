//! What applications load from us: `connect.js`, its types, and the script with which our last page
//! answers it.
//!
//! Their addresses stay the same from release to release, since they stand in other people's pages.
//! So browsers keep them for an hour, and then ask by the `ETag` whether there is something new.

use super::assets::{accepts_brotli, packed};
use crate::vault::sha256_hex;
use axum::Router;
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FOR_AN_HOUR: &str = "public, max-age=3600";
const SCRIPT: &str = "text/javascript; charset=utf-8";
/// Editors go by the name; a browser shows it.
const TYPES: &str = "text/plain; charset=utf-8";

const CONNECT: &str = include_str!("../../../frontend/connect/connect.js");
const CONNECT_TYPES: &str = include_str!("../../../frontend/connect/connect.d.ts");
const OUTCOME: &str = include_str!("../../../frontend/connect/connect-outcome.js");

/// Who loads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readers {
    /// Pages of any origin.
    Everyone,
    /// Our own pages.
    Ourselves,
}

/// A file with an address of its own.
#[derive(Clone, Debug)]
struct Script {
    plain: &'static str,
    /// The same through Brotli, where this binary has it.
    packed: Option<&'static [u8]>,
    content_type: &'static str,
    etag: String,
    readers: Readers,
}

/// `/connect.js`, `/connect.d.ts` and `/connect-outcome.js`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new();
    for (name, plain, content_type, readers) in [
        ("connect.js", CONNECT, SCRIPT, Readers::Everyone),
        ("connect.d.ts", CONNECT_TYPES, TYPES, Readers::Everyone),
        ("connect-outcome.js", OUTCOME, SCRIPT, Readers::Ourselves),
    ] {
        let hash = sha256_hex(plain.as_bytes());
        let script = Script {
            plain,
            packed: packed(name, plain),
            content_type,
            // weak: plain and packed are one file in two forms
            etag: format!("W/\"{}\"", hash.get(..16).unwrap_or(&hash)),
            readers,
        };
        router = router.route(
            &format!("/{name}"),
            get(async move |headers: HeaderMap| script.answer(&headers)),
        );
    }
    router
}

impl Script {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = if self.is_known(asked) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.content(accepts_brotli(asked))
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(FOR_AN_HOUR));
        headers.insert(VARY, ACCEPT_ENCODING.into());
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(ETAG, etag);
        }
        if self.readers == Readers::Everyone {
            headers.insert(CORP, HeaderValue::from_static("cross-origin"));
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        response
    }

    fn content(&self, brotli: bool) -> Response {
        let content_type = [(CONTENT_TYPE, self.content_type)];
        match self.packed.filter(|_| brotli) {
            Some(packed) => (content_type, [(CONTENT_ENCODING, "br")], packed).into_response(),
            None => (content_type, self.plain).into_response(),
        }
    }

    /// The browser has it already. A weak comparison, as RFC 9110 (13.1.2) wants it here.
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        asked
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| bare(tag) == bare(&self.etag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn ask(path: &str, if_none_match: &str) -> (Response<()>, String) {
        let request = Request::get(path)
            .header(IF_NONE_MATCH, if_none_match)
            .body(Body::empty())
            .unwrap();
        let response = router::<()>().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let content = body.collect().await.unwrap().to_bytes();
        let content = String::from_utf8(content.to_vec()).unwrap();
        (Response::from_parts(parts, ()), content)
    }

    fn header(response: &Response<()>, name: HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn pages_of_other_origins_may_load_what_is_for_them() {
        for (path, begins, content_type) in [
            ("/connect.js", "// ", SCRIPT),
            ("/connect.d.ts", "// ", TYPES),
        ] {
            let (response, content) = ask(path, "").await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(content.starts_with(begins), "{content}");
            assert_eq!(header(&response, CONTENT_TYPE), content_type);
            assert_eq!(header(&response, CORP), "cross-origin");
            assert_eq!(header(&response, ACCESS_CONTROL_ALLOW_ORIGIN), "*");
            assert_eq!(header(&response, CACHE_CONTROL), FOR_AN_HOUR);
            assert_eq!(header(&response, VARY), "accept-encoding");
        }
        let (response, _) = ask("/connect-outcome.js", "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, CORP), "");
        assert_eq!(header(&response, ACCESS_CONTROL_ALLOW_ORIGIN), "");
    }

    #[tokio::test]
    async fn what_a_browser_has_is_not_sent_again() {
        let (first, _) = ask("/connect.js", "").await;
        let etag = header(&first, ETAG).to_owned();
        let strong = etag.trim_start_matches("W/").to_owned();
        for known in [etag.clone(), strong, format!("\"other\", {etag}")] {
            let (response, content) = ask("/connect.js", &known).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(content.is_empty());
            assert_eq!(header(&response, ETAG), etag);
            assert_eq!(header(&response, ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        }
        let (response, _) = ask("/connect.js", "\"other\"").await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[test]
    fn nothing_is_posted_to_whoever_listens() {
        for script in [CONNECT, OUTCOME] {
            let code: String = script
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            assert!(!code.contains("\"*\"") && !code.contains("'*'"), "{code}");
        }
        assert_eq!(OUTCOME.matches("postMessage(").count(), 1);
        assert!(!CONNECT.contains("postMessage("));
    }
}
