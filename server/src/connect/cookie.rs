//! The flow's cookie: proof that the browser that comes back is the one that left (R6).
//!
//! One cookie per flow, so that two tabs do not disturb each other. Its value is independent of
//! the state and only its hash is stored. `SameSite=Lax`, since the provider's redirect comes from
//! another site; `__Host-` where the public URL is https.

use crate::domain::{Flow, FlowId};
use crate::vault::TokenHash;
use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;
use url::Url;

/// A flow works for ten minutes.
pub(super) const FLOW_SECONDS: u64 = 600;
/// So many flows may be under way in one browser; further ones push out others.
const MOST_FLOWS: usize = 8;

fn prefix(public_url: &Url) -> &'static str {
    if public_url.scheme() == "https" {
        "__Host-grantport_flow_"
    } else {
        "grantport_flow_"
    }
}

/// `Set-Cookie` of a new flow, and of those that it pushes out.
pub(super) fn set(
    public_url: &Url,
    headers: &HeaderMap,
    id: &FlowId,
    value: &str,
) -> Vec<HeaderValue> {
    let secure = if public_url.scheme() == "https" {
        "; Secure"
    } else {
        ""
    };
    let prefix = prefix(public_url);
    let cookie = format!(
        "{prefix}{id}={value}; Path=/; Max-Age={FLOW_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    );
    let too_many = (flows(public_url, headers).len() + 1).saturating_sub(MOST_FLOWS);
    let pushed_out = flows(public_url, headers)
        .into_iter()
        .take(too_many)
        .map(|(old, _)| {
            format!("{prefix}{old}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}")
        });
    std::iter::once(cookie)
        .chain(pushed_out)
        .filter_map(|text| HeaderValue::from_str(&text).ok())
        .collect()
}

/// Whether this browser began the flow.
pub(super) fn began(public_url: &Url, headers: &HeaderMap, flow: &Flow) -> bool {
    flows(public_url, headers).into_iter().any(|(id, value)| {
        id == flow.id && bool::from(TokenHash::of(&value).as_bytes().ct_eq(&flow.browser_sha256))
    })
}

/// Flows of which this browser has a cookie, in the order in which it sends them.
pub(super) fn flows(public_url: &Url, headers: &HeaderMap) -> Vec<(FlowId, String)> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| {
            Some((
                name.strip_prefix(prefix(public_url))?.parse().ok()?,
                value.to_owned(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
