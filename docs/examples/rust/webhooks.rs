//! Whether a webhook is Grantport's (Standard Webhooks). Hand over the body as it came, before it is parsed.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::OffsetDateTime;

/// How old, or how far ahead, a message may be, in seconds: nobody can send it again later.
const TOLERANCE_S: u64 = 300;

pub(crate) fn is_genuine(secret: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let (id, timestamp) = (
        header(headers, "webhook-id"),
        header(headers, "webhook-timestamp"),
    );
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let is_recent = timestamp
        .parse()
        .is_ok_and(|at: i64| now.abs_diff(at) <= TOLERANCE_S);
    let key = STANDARD.decode(secret.trim_start_matches("whsec_"));
    let Some(mac) = key
        .ok()
        .and_then(|key| Hmac::<Sha256>::new_from_slice(&key).ok())
    else {
        return false;
    };
    let expected = mac
        .chain_update(format!("{id}.{timestamp}."))
        .chain_update(body);
    // two while a secret is rotated
    let mut given = header(headers, "webhook-signature")
        .split(' ')
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok());
    is_recent && given.any(|signature| expected.clone().verify_slice(&signature).is_ok())
}

/// A header's text; empty where there is none.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
