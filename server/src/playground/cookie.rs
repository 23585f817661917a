//! The cookie of a run, which is never sent to anyone but us: see [`BrowserCookies`].

use crate::domain::{Playground, PlaygroundId};
use crate::http::browser_cookie::BrowserCookies;
use axum::http::{HeaderMap, HeaderValue};
use std::time::Duration;
use url::Url;

fn cookies(public_url: &Url) -> BrowserCookies {
    BrowserCookies::new(public_url, "playground")
}

/// `Set-Cookie` of a new run.
pub(super) fn set(
    public_url: &Url,
    id: &PlaygroundId,
    value: &str,
    life: Duration,
) -> Option<HeaderValue> {
    cookies(public_url).set(id, value, life.as_secs())
}

/// Whether the run began in this browser.
pub(super) fn began(public_url: &Url, headers: &HeaderMap, run: &Playground) -> bool {
    cookies(public_url).began(headers, &run.id, &run.browser_sha256)
}

/// Runs of which this browser has a cookie.
pub(super) fn runs(public_url: &Url, headers: &HeaderMap) -> Vec<(PlaygroundId, String)> {
    cookies(public_url).sent(headers)
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
