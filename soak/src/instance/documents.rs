//! What an operator writes: the definitions of the providers, and the file that is applied.

use crate::authority::{CLIENT_ID, CLIENT_SECRET, origin};
use crate::staff::{EMAIL, PASSWORD};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The name of provider number `n`, and the file of its definition.
pub(crate) fn provider(n: usize) -> String {
    format!("soak-{n}")
}

/// One application with so many providers and an API key.
pub(super) fn instance(providers: usize) -> String {
    let mut text = format!(
        r#"
[organization]
name = "Soak"

[[members]]
email = "{EMAIL}"
role = "owner"
password = "{PASSWORD}"

[[applications]]
slug = "soak"
name = "Soak"

[[applications.api_keys]]
name = "soak"
"#
    );
    for n in 0..providers {
        let name = provider(n);
        // a String takes all that is written
        let _ = write!(
            text,
            r#"
[[applications.providers]]
definition = "{name}"
client_id = "{CLIENT_ID}"
client_secrets = ["{CLIENT_SECRET}"]
"#
        );
    }
    text
}

/// Where the sockets of the hosts are that the definitions name.
pub(super) fn overrides(sockets: &[String]) -> Value {
    let pairs = sockets.iter().enumerate();
    pairs
        .map(|(n, socket)| (origin(n), json!(socket)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// By the book: tokens that end, refresh tokens that rotate, PKCE, revocation. `refresh` are more
/// lines on how it refreshes.
pub(super) fn definition(n: usize, refresh: &str) -> String {
    let (name, first, own) = (provider(n), origin(0), origin(n));
    format!(
        r#"
id = "{name}"
name = "Soak {n}"
short_name = "Soak"
category = "Tests"
remark = "Fails on purpose."
pkce = "s256"
client_auth = "body"
[mark]
initials = "So"
hue = 3
[trust]
level = "contract_tested"
since = "2026-11-26"
[endpoints]
authorize = "{first}/authorize"
token = "{own}/token"
[identity]
url = "{first}/me"
account_id = ["/id"]
account_label = ["/email"]
[guide]
lead = "Nothing to do."
[[guide.steps]]
title = "Save"
text = "Press **Save**."
[scopes]
[[scopes.groups]]
title = "All"
scopes = [{{ name = "contacts.read", words = "Read contacts", suggested = true }}]
[expiry]
source = "expires_in"
usually_s = 3600
[refresh]
rotation = "rotates"
{refresh}
[revocation]
url = "{first}/revoke"
client_auth = "body"
token = "refresh_token"
"#
    )
}
