//! What a JSON Web Token says (RFC 7519). Nothing is verified: it came from the provider itself over
//! TLS, and serves as a word about an account or an end, never as a credential towards us (`OpenID`
//! Connect Core 3.1.3.7, number 6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of `token`, if it is a JWT.
pub(super) fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let decoded = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&decoded)
        .ok()
        .filter(Value::is_object)
}

#[cfg(test)]
pub(super) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.",
        part(&serde_json::json!({"alg": "none"})),
        part(claims)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn claims_are_read_and_all_else_is_none() {
        let token = unsigned(&json!({"sub": "u1", "exp": 1_800_000_000}));
        assert_eq!(
            claims(&token),
            Some(json!({"sub": "u1", "exp": 1_800_000_000}))
        );
        for opaque in ["", "a", "a.b", "a.!!.c", "xoxb-1.2.3", "a.MQ.c"] {
            assert_eq!(claims(opaque), None, "{opaque}");
        }
    }
}
