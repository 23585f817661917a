//! What of headers passes.
//!
//! To the provider goes everything that the caller sent but what belongs to the way between the two
//! of us (RFC 9110 section 7.6.1), credentials, and names that say where a request came from. Back
//! goes everything but what belongs to the way between the provider and us, and what would let a
//! browser take the answer for a page of ours.

use super::target::is_within;
use crate::oauth::presented;
use crate::upstreams::ApiAt;
use crate::vault::Secret;
use axum::http::header::{CONNECTION, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::HashSet;
use url::{Position, Url};

/// Between two neighbours on the way, in either direction.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
];

/// Of a caller: its credentials here, what the client writes itself, and who it is on its own network.
const OURS_TO_SAY: [&str; 9] = [
    "authorization",
    "cookie",
    "cookie2",
    "host",
    "content-length",
    "forwarded",
    "via",
    "x-real-ip",
    "true-client-ip",
];

/// Of a provider: what browsers keep or obey beyond the answer itself, and what we say ourselves.
const NOT_OURS: [&str; 21] = [
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "content-security-policy",
    "content-security-policy-report-only",
    "cross-origin-opener-policy",
    "cross-origin-opener-policy-report-only",
    "cross-origin-embedder-policy",
    "cross-origin-embedder-policy-report-only",
    "cross-origin-resource-policy",
    "origin-agent-cluster",
    "clear-site-data",
    "public-key-pins",
    "expect-ct",
    "alt-svc",
    "report-to",
    "reporting-endpoints",
    "nel",
    "service-worker-allowed",
    "sourcemap",
    "refresh",
];

/// Headers of ours, in both directions.
const OUR_PREFIX: &str = "grantport-";
/// The provider's own id of the request, for its support; `x-request-id` is ours.
const PROVIDER_REQUEST_ID: HeaderName = HeaderName::from_static("grantport-provider-request-id");
/// Where a redirect leads that is not to be followed with the key.
const PROVIDER_LOCATION: HeaderName = HeaderName::from_static("grantport-location");

/// Where a call stands for redirects.
pub(super) struct WayBack<'a> {
    /// What was asked.
    pub(super) asked: &'a Url,
    /// The provider's base.
    pub(super) base: &'a Url,
    /// The address here that stands for it.
    pub(super) door: &'a str,
}

/// The headers of the request to the provider. `None`: the definition's header is none.
pub(super) fn to_provider(
    sent: &HeaderMap,
    api: &ApiAt,
    token: &Secret<String>,
) -> Option<HeaderMap> {
    let (auth, value) = presented(&api.auth, token).ok()?;
    let named = named_by_connection(sent);
    let passes = |name: &HeaderName| {
        let text = name.as_str();
        !HOP_BY_HOP.contains(&text)
            && !OURS_TO_SAY.contains(&text)
            && !text.starts_with("proxy-")
            && !text.starts_with("x-forwarded-")
            && !text.starts_with(OUR_PREFIX)
            && !named.contains(text)
            && *name != auth
    };
    let mut headers = HeaderMap::new();
    for (name, value) in sent.iter().filter(|(name, _)| passes(name)) {
        headers.append(name.clone(), value.clone());
    }
    for (name, value) in &api.headers {
        let (name, value) = (name.parse::<HeaderName>().ok()?, value.parse().ok()?);
        headers.entry(name).or_insert(value);
    }
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    headers.insert(auth, value);
    Some(headers)
}

/// The headers of the answer to the caller.
pub(super) fn to_caller(
    answered: &HeaderMap,
    token: &Secret<String>,
    way_back: &WayBack<'_>,
) -> HeaderMap {
    let named = named_by_connection(answered);
    let passes = |name: &HeaderName| {
        let text = name.as_str();
        !HOP_BY_HOP.contains(&text)
            && !NOT_OURS.contains(&text)
            && !text.starts_with("proxy-")
            && !text.starts_with("access-control-")
            && !text.starts_with(OUR_PREFIX)
            && !named.contains(text)
            && text != "x-request-id"
            && *name != LOCATION
    };
    let tells_the_token =
        |value: &HeaderValue| contains(value.as_bytes(), token.expose().as_bytes());
    let mut headers = HeaderMap::new();
    for (name, value) in answered.iter().filter(|(name, _)| passes(name)) {
        if !tells_the_token(value) {
            headers.append(name.clone(), value.clone());
        }
    }
    let kept = |name: &str| answered.get(name).filter(|value| !tells_the_token(value));
    if let Some(id) = kept("x-request-id") {
        headers.insert(PROVIDER_REQUEST_ID, id.clone());
    }
    if let Some((name, value)) = kept("location").and_then(|value| led_back(value, way_back)) {
        headers.insert(name, value);
    }
    headers
}

/// A redirect within the base is led through us, so that a client that follows it stays here. Any
/// other one is told under a name that no client follows: it would take the API key along.
fn led_back(location: &HeaderValue, way_back: &WayBack<'_>) -> Option<(HeaderName, HeaderValue)> {
    let target = way_back.asked.join(location.to_str().ok()?).ok()?;
    let mut bare = target.clone();
    bare.set_fragment(None);
    if !is_within(way_back.base, &bare) {
        return Some((PROVIDER_LOCATION, target.as_str().parse().ok()?));
    }
    let stem = way_back.base.path().trim_end_matches('/').len();
    let rest = &target[Position::BeforePath..][stem..];
    let here = format!("{}{rest}", way_back.door);
    Some((LOCATION, here.parse().ok()?))
}

/// Names in `Connection` are meant for the neighbour alone.
fn named_by_connection(headers: &HeaderMap) -> HashSet<String> {
    let values = headers.get_all(CONNECTION).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ApiAuth;
    use std::collections::BTreeMap;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<String> {
        let mut names: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
            .collect();
        names.sort();
        names
    }

    fn api(auth: ApiAuth) -> ApiAt {
        ApiAt {
            base: Url::parse("https://api.acme.example/v1").expect("a URL"),
            headers: BTreeMap::from([
                ("Acme-Version".to_owned(), "2026-01-01".to_owned()),
                ("Accept".to_owned(), "application/json".to_owned()),
            ]),
            auth,
        }
    }

    #[test]
    fn what_is_between_the_caller_and_us_stays_there() {
        let sent = map(&[
            ("authorization", "Bearer gp_secret"),
            ("cookie", "a=b"),
            ("host", "vault.example"),
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("expect", "100-continue"),
            ("proxy-authorization", "Basic x"),
            ("x-forwarded-for", "10.0.0.1"),
            ("forwarded", "for=10.0.0.1"),
            ("grantport-team", "t-1"),
            ("content-length", "3"),
            ("content-type", "application/json"),
            ("accept", "text/csv"),
            ("accept-encoding", "gzip"),
            ("if-none-match", "\"1\""),
            ("idempotency-key", "k"),
        ]);
        let passed = to_provider(&sent, &api(ApiAuth::default()), &Secret::from("tok"));
        assert_eq!(
            names(&passed.expect("headers")),
            [
                "accept-encoding: gzip",
                "accept: text/csv",
                "acme-version: 2026-01-01",
                "authorization: Bearer tok",
                "content-type: application/json",
                "idempotency-key: k",
                "if-none-match: \"1\"",
            ]
        );
    }

    #[test]
    fn a_header_of_the_provider_s_own_cannot_be_sent_by_the_caller() {
        let auth = ApiAuth {
            header: "X-Shopify-Access-Token".to_owned(),
            scheme: String::new(),
        };
        let sent = map(&[
            ("x-shopify-access-token", "another"),
            ("authorization", "gp"),
        ]);
        let passed = to_provider(&sent, &api(auth), &Secret::from("tok")).expect("headers");
        assert_eq!(passed["x-shopify-access-token"], "tok");
        assert!(passed["x-shopify-access-token"].is_sensitive());
        assert_eq!(passed.get_all("x-shopify-access-token").iter().count(), 1);
        assert!(!passed.contains_key("authorization"));
    }

    fn back(answered: &[(&str, &str)]) -> Vec<String> {
        let way_back = WayBack {
            asked: &Url::parse("https://api.acme.example/v1/users/1").expect("a URL"),
            base: &Url::parse("https://api.acme.example/v1").expect("a URL"),
            door: "/api/v1/proxy/con_1",
        };
        names(&to_caller(
            &map(answered),
            &Secret::from("tok-1"),
            &way_back,
        ))
    }

    #[test]
    fn nothing_of_an_answer_acts_for_us_in_a_browser() {
        let passed = back(&[
            ("set-cookie", "session=1"),
            ("strict-transport-security", "max-age=1"),
            ("access-control-allow-origin", "*"),
            ("content-security-policy", "default-src *"),
            ("clear-site-data", "\"*\""),
            ("service-worker-allowed", "/"),
            ("alt-svc", "h3=\":443\""),
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("grantport-source", "grantport"),
            ("x-echo", "you sent tok-1"),
            ("x-request-id", "r-1"),
            ("content-type", "text/html"),
            ("content-encoding", "gzip"),
            ("etag", "\"1\""),
            (
                "link",
                "<https://api.acme.example/v1/users?page=2>; rel=\"next\"",
            ),
            ("www-authenticate", "Bearer"),
        ]);
        assert_eq!(
            passed,
            [
                "content-encoding: gzip",
                "content-type: text/html",
                "etag: \"1\"",
                "grantport-provider-request-id: r-1",
                "link: <https://api.acme.example/v1/users?page=2>; rel=\"next\"",
                "www-authenticate: Bearer",
            ]
        );
    }

    #[test]
    fn a_redirect_never_takes_the_key_to_another_host() {
        for (location, expected) in [
            (
                "/v1/users/2?a=b",
                "location: /api/v1/proxy/con_1/users/2?a=b",
            ),
            ("2", "location: /api/v1/proxy/con_1/users/2"),
            (
                "https://api.acme.example/v1/files#x",
                "location: /api/v1/proxy/con_1/files#x",
            ),
            (
                "https://files.example/signed?sig=1",
                "grantport-location: https://files.example/signed?sig=1",
            ),
            (
                "//evil.example/",
                "grantport-location: https://evil.example/",
            ),
            (
                "/v2/users",
                "grantport-location: https://api.acme.example/v2/users",
            ),
            (
                "https://a:b@api.acme.example/v1/x",
                "grantport-location: https://a:b@api.acme.example/v1/x",
            ),
        ] {
            assert_eq!(back(&[("location", location)]), [expected], "{location}");
        }
        assert!(back(&[("location", "https://x.example/?t=tok-1")]).is_empty());
    }
}
