//! The cookie of a run: the browser that comes back is the one that left (R6). One per run, as it is
//! for the flows of end users, and never sent to anyone but us.

use crate::domain::{Playground, PlaygroundId};
use crate::vault::TokenHash;
use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;
use subtle::ConstantTimeEq;
use url::Url;

fn prefix(public_url: &Url) -> &'static str {
    if public_url.scheme() == "https" {
        "__Host-grantport_playground_"
    } else {
        "grantport_playground_"
    }
}

/// `Set-Cookie` of a new run.
pub(super) fn set(
    public_url: &Url,
    id: &PlaygroundId,
    value: &str,
    life: Duration,
) -> Option<HeaderValue> {
    let secure = if public_url.scheme() == "https" {
        "; Secure"
    } else {
        ""
    };
    let (prefix, life) = (prefix(public_url), life.as_secs());
    HeaderValue::from_str(&format!(
        "{prefix}{id}={value}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax{secure}"
    ))
    .ok()
}

/// Whether the run began in this browser.
pub(super) fn began(public_url: &Url, headers: &HeaderMap, run: &Playground) -> bool {
    runs(public_url, headers).into_iter().any(|(id, value)| {
        id == run.id && bool::from(TokenHash::of(&value).as_bytes().ct_eq(&run.browser_sha256))
    })
}

/// Runs of which this browser has a cookie.
pub(super) fn runs(public_url: &Url, headers: &HeaderMap) -> Vec<(PlaygroundId, String)> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| {
            let id = name.strip_prefix(prefix(public_url))?.parse().ok()?;
            Some((id, value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_asks_for_the_strict_prefix() {
        let id = PlaygroundId::random();
        let url = Url::parse("https://connect.acme.example").expect("a URL");
        let set = set(&url, &id, "v", Duration::from_mins(15)).expect("a cookie");
        let text = set.to_str().expect("text");
        assert!(
            text.starts_with(&format!("__Host-grantport_playground_{id}=v; Path=/"))
                && text.contains("Max-Age=900; HttpOnly; SameSite=Lax")
                && text.ends_with("; Secure"),
            "{text}"
        );
    }
}
