//! The files that pages load: stylesheet, wasm and its glue, the icon, and a word to robots.
//!
//! `build.rs` put them into the binary, each plain and compressed. Their address holds one hash
//! over all of them, `/assets/<hash>/app.css`, so that a browser may keep them for ever, and a page
//! of one release never gets a file of another: any other hash is answered 404.
//!
//! Where nothing was embedded, `cargo leptos watch` keeps the files in a directory and says so in
//! `LEPTOS_SITE_ROOT`; they are then read from there, under the addresses that its live reload
//! expects, and never cached. With neither, pages work without styles and islands.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::path::PathBuf;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Where `cargo leptos watch` puts its files, below `LEPTOS_SITE_ROOT`.
const WATCHED_DIR: &str = "pkg";

const FAVICON: &str = include_str!("../../../style/favicon.svg");

/// Portal and connect pages concern the people they were made for; no search engine is one.
const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_A_DAY: &str = "public, max-age=86400";
const NEVER: &str = "no-store";

/// The assets of one release.
#[derive(Clone, Copy, Debug)]
struct Site {
    /// Names this set of files.
    hash: &'static str,
    files: &'static [File],
}

#[derive(Debug)]
struct File {
    name: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
}

/// Where the assets come from.
#[derive(Clone, Debug)]
enum Source {
    /// From this binary.
    Embedded(Site),
    /// From the directory that `cargo leptos watch` fills.
    Watched(PathBuf),
    /// From nowhere: this binary was built without them.
    Absent,
}

impl Source {
    fn of_this_process() -> Self {
        match (&EMBEDDED, std::env::var_os("LEPTOS_SITE_ROOT")) {
            (Some(site), _) => Self::Embedded(*site),
            (None, Some(root)) => Self::Watched(PathBuf::from(root).join(WATCHED_DIR)),
            (None, None) => Self::Absent,
        }
    }

    fn pkg_dir(&self) -> String {
        match self {
            Self::Embedded(site) => format!("assets/{}", site.hash),
            Self::Watched(_) | Self::Absent => WATCHED_DIR.to_owned(),
        }
    }

    fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let router = Router::new()
            .route(
                "/favicon.svg",
                get(async || whole("image/svg+xml", FOR_A_DAY, FAVICON)),
            )
            .route(
                "/robots.txt",
                get(async || whole("text/plain; charset=utf-8", FOR_A_DAY, ROBOTS)),
            );
        match self {
            Self::Embedded(site) => router.route(
                "/assets/{hash}/{file}",
                get(
                    async move |Path((hash, name)): Path<(String, String)>, headers: HeaderMap| {
                        site.answer(&hash, &name, accepts_brotli(&headers))
                    },
                ),
            ),
            Self::Watched(directory) => router.route(
                "/pkg/{file}",
                get(async move |Path(name): Path<String>| watched(directory, name).await),
            ),
            Self::Absent => router,
        }
    }
}

/// `/assets/...`, `/favicon.svg` and `/robots.txt`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Source::of_this_process().router()
}

/// The directory of wasm and glue in addresses, without a leading slash: Leptos's `site_pkg_dir`.
#[must_use]
pub fn pkg_dir() -> String {
    Source::of_this_process().pkg_dir()
}

/// The stylesheet's address.
#[must_use]
pub fn stylesheet_href() -> String {
    format!("/{}/app.css", pkg_dir())
}

/// Whether this process has assets to serve. Without them pages are bare: worth a line in the log.
#[must_use]
pub fn are_available() -> bool {
    !matches!(Source::of_this_process(), Source::Absent)
}

/// The packed form of a file that has an address of its own, where this binary has it.
pub(super) fn packed(name: &str, plain: &str) -> Option<&'static [u8]> {
    let site = EMBEDDED.as_ref()?;
    let file = site.files.iter().find(|file| file.name == name)?;
    // the directory may have been made before the file was last changed
    (file.plain == plain.as_bytes()).then_some(file.brotli)
}

impl Site {
    fn answer(self, hash: &str, name: &str, brotli: bool) -> Response {
        let file = self.files.iter().find(|file| file.name == name);
        match file {
            Some(file) if hash == self.hash => file.answer(brotli),
            _ => not_found(),
        }
    }
}

impl File {
    fn answer(&self, brotli: bool) -> Response {
        let mut response = whole(
            content_type(self.name),
            FOR_EVER,
            if brotli { self.brotli } else { self.plain },
        );
        let headers = response.headers_mut();
        headers.insert(VARY, ACCEPT_ENCODING.into());
        if brotli {
            headers.insert(CONTENT_ENCODING, axum::http::HeaderValue::from_static("br"));
        }
        response
    }
}

/// A file of the watched directory. The name is one path segment and must stay one.
async fn watched(directory: PathBuf, name: String) -> Response {
    if name.starts_with('.') || name.contains(['/', '\\']) {
        return not_found();
    }
    let content_type = content_type(&name);
    let read = tokio::task::spawn_blocking(move || std::fs::read(directory.join(name))).await;
    match read {
        Ok(Ok(content)) => whole(content_type, NEVER, content),
        _ => not_found(),
    }
}

/// An answer whose address names its content: a browser may keep it for ever.
pub(crate) fn for_ever(content_type: &'static str, content: impl IntoResponse) -> Response {
    whole(content_type, FOR_EVER, content)
}

fn whole(
    content_type: &'static str,
    cache_control: &'static str,
    content: impl IntoResponse,
) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, cache_control),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}

/// There is nothing at this address now.
pub(crate) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(CACHE_CONTROL, NEVER)]).into_response()
}

/// Browsers refuse wasm, scripts and styles that come as anything else.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "wasm")) => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// Whether the client named `br` and did not refuse it with a weight of zero (RFC 9110, 12.5.3).
pub(super) fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("br") && !is_zero(weight)
        })
}

/// Whether `weight`, as in `q=0.5`, is none at all.
fn is_zero(weight: &str) -> bool {
    let digits = weight.trim().strip_prefix("q=");
    digits.is_some_and(|digits| digits.parse() == Ok(0.0_f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    const SITE: Site = Site {
        hash: "0123456789abcdef",
        files: &[
            File {
                name: "app.css",
                plain: b"plain style",
                brotli: b"packed style",
            },
            File {
                name: "app.wasm",
                plain: b"plain wasm",
                brotli: b"packed wasm",
            },
        ],
    };

    async fn ask(source: Source, path: &str, accept_encoding: &str) -> (Response<()>, Vec<u8>) {
        let request = Request::get(path)
            .header(ACCEPT_ENCODING, accept_encoding)
            .body(Body::empty())
            .unwrap();
        let response = source.router::<()>().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let content = body.collect().await.unwrap().to_bytes().to_vec();
        (Response::from_parts(parts, ()), content)
    }

    fn header(response: &Response<()>, name: HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_browser_gets_the_packed_file_and_may_keep_it_for_ever() {
        let path = "/assets/0123456789abcdef/app.wasm";
        let (response, content) = ask(Source::Embedded(SITE), path, "gzip, deflate, br").await;

        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(content, b"packed wasm");
        assert_eq!(header(&response, CONTENT_ENCODING), "br");
        assert_eq!(header(&response, CONTENT_TYPE), "application/wasm");
        assert_eq!(header(&response, VARY), "accept-encoding");
        assert_eq!(header(&response, CACHE_CONTROL), FOR_EVER);
        assert_eq!(header(&response, X_CONTENT_TYPE_OPTIONS), "nosniff");
    }

    #[tokio::test]
    async fn a_client_without_brotli_gets_the_plain_file() {
        for accept_encoding in ["gzip", "", "br;q=0", "br; q=0.000", "brx"] {
            let path = "/assets/0123456789abcdef/app.css";
            let (response, content) = ask(Source::Embedded(SITE), path, accept_encoding).await;

            assert_eq!(content, b"plain style", "{accept_encoding}");
            assert_eq!(header(&response, CONTENT_ENCODING), "");
            assert_eq!(header(&response, VARY), "accept-encoding");
        }
    }

    #[tokio::test]
    async fn a_file_of_another_release_is_not_found_and_that_is_not_kept() {
        for path in [
            "/assets/fedcba9876543210/app.css",
            "/assets/0123456789abcdef/app.map",
            "/assets/0123456789abcdef/..%2fhash",
        ] {
            let (response, content) = ask(Source::Embedded(SITE), path, "br").await;

            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(header(&response, CACHE_CONTROL), "no-store");
            assert!(content.is_empty());
        }
    }

    #[tokio::test]
    async fn contributors_get_the_file_that_was_just_built() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("app.js"), "let fresh;").unwrap();
        let source = || Source::Watched(directory.path().to_owned());

        let (response, content) = ask(source(), "/pkg/app.js", "br").await;
        let (outside, _) = ask(source(), "/pkg/..%2f..%2fetc%2fpasswd", "br").await;

        assert_eq!(content, b"let fresh;");
        assert_eq!(header(&response, CACHE_CONTROL), "no-store");
        assert_eq!(outside.status(), StatusCode::NOT_FOUND);
        assert_eq!(source().pkg_dir(), "pkg");
    }

    #[tokio::test]
    async fn the_icon_and_the_word_to_robots_are_always_there() {
        for (path, start) in [("/favicon.svg", "<svg"), ("/robots.txt", "User-agent: *")] {
            let (response, content) = ask(Source::Absent, path, "br").await;

            assert_eq!(response.status(), StatusCode::OK);
            assert!(content.starts_with(start.as_bytes()));
        }
    }

    #[test]
    fn pages_and_files_agree_on_the_address() {
        assert_eq!(Source::Embedded(SITE).pkg_dir(), "assets/0123456789abcdef");
        assert_eq!(stylesheet_href(), format!("/{}/app.css", pkg_dir()));
    }
}
