//! The flow's cookie: see [`BrowserCookies`].

use crate::domain::{Flow, FlowId};
use crate::http::browser_cookie::BrowserCookies;
use axum::http::{HeaderMap, HeaderValue};
use url::Url;

/// A flow works for ten minutes.
pub(super) const FLOW_SECONDS: u64 = 600;
/// So many flows may be under way in one browser; further ones push out others.
const MOST_FLOWS: usize = 8;

fn cookies(public_url: &Url) -> BrowserCookies {
    BrowserCookies::new(public_url, "flow")
}

/// `Set-Cookie` of a new flow, and of those that it pushes out.
pub(super) fn set(
    public_url: &Url,
    headers: &HeaderMap,
    id: &FlowId,
    value: &str,
) -> Vec<HeaderValue> {
    let cookies = cookies(public_url);
    let others = cookies.sent::<FlowId>(headers);
    let too_many = (others.len() + 1).saturating_sub(MOST_FLOWS);
    let pushed_out = others
        .into_iter()
        .take(too_many)
        .map(|(old, _)| cookies.set(old, "", 0));
    std::iter::once(cookies.set(id, value, FLOW_SECONDS))
        .chain(pushed_out)
        .flatten()
        .collect()
}

/// Whether this browser began the flow.
pub(super) fn began(public_url: &Url, headers: &HeaderMap, flow: &Flow) -> bool {
    cookies(public_url).began(headers, &flow.id, &flow.browser_sha256)
}

/// Flows of which this browser has a cookie, in the order in which it sends them.
pub(super) fn flows(public_url: &Url, headers: &HeaderMap) -> Vec<(FlowId, String)> {
    cookies(public_url).sent(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn https_asks_for_the_strict_prefix() {
        let id = FlowId::random();
        let set = set(
            &url("https://connect.acme.example"),
            &HeaderMap::new(),
            &id,
            "v",
        );
        let text = set[0].to_str().expect("text");
        assert!(
            text.starts_with(&format!("__Host-grantport_flow_{id}=v; Path=/"))
                && text.ends_with("; Secure"),
            "{text}"
        );
    }

    #[test]
    fn a_browser_keeps_eight_flows() {
        let local = url("http://127.0.0.1:3000");
        let cookies: Vec<String> = (0..8)
            .map(|_| format!("grantport_flow_{}=v", FlowId::random()))
            .collect();
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_str(&cookies.join("; ")).expect("a header"),
        );
        assert_eq!(flows(&local, &headers).len(), 8);
        let set = set(&local, &headers, &FlowId::random(), "v");
        assert_eq!(set.len(), 2);
        assert!(set[1].to_str().expect("text").contains("Max-Age=0"));
    }
}
