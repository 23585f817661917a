//! The cookie that proves that the browser which comes back from a provider is the one that left (R6).
//!
//! One cookie per attempt, so that two tabs do not disturb each other. Its value is independent of
//! the state and only its hash is stored. `SameSite=Lax`, since the provider's redirect comes from
//! another site; `__Host-` where the public URL is https.

use crate::vault::TokenHash;
use axum::http::{HeaderMap, HeaderValue, header};
use std::fmt::Display;
use std::str::FromStr;
use subtle::ConstantTimeEq;
use url::Url;

/// The cookies of one kind of attempt, below one public URL.
pub(crate) struct BrowserCookies {
    prefix: String,
    secure: &'static str,
}

impl BrowserCookies {
    /// Those of `kind`, a part of their names.
    pub(crate) fn new(public_url: &Url, kind: &str) -> Self {
        let (host, secure) = if public_url.scheme() == "https" {
            ("__Host-", "; Secure")
        } else {
            ("", "")
        };
        Self {
            prefix: format!("{host}grantport_{kind}_"),
            secure,
        }
    }

    /// `Set-Cookie` of one attempt, for so many seconds; 0 removes it.
    pub(crate) fn set(&self, id: impl Display, value: &str, seconds: u64) -> Option<HeaderValue> {
        let Self { prefix, secure } = self;
        HeaderValue::from_str(&format!(
            "{prefix}{id}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        ))
        .ok()
    }

    /// The attempts of which this browser has a cookie, with its value, in the order in which it
    /// sends them.
    pub(crate) fn sent<Id: FromStr>(&self, headers: &HeaderMap) -> Vec<(Id, String)> {
        headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(|(name, value)| {
                let id = name.strip_prefix(&self.prefix)?.parse().ok()?;
                Some((id, value.to_owned()))
            })
            .collect()
    }

    /// Whether this browser has the cookie of the attempt, whose value has this hash.
    pub(crate) fn began<Id: FromStr + PartialEq>(
        &self,
        headers: &HeaderMap,
        attempt: &Id,
        sha256: &[u8; 32],
    ) -> bool {
        self.sent::<Id>(headers).into_iter().any(|(id, value)| {
            id == *attempt && bool::from(TokenHash::of(&value).as_bytes().ct_eq(sha256))
        })
    }
}
