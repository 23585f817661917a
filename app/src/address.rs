//! The addresses of the portal's pages, so that each is spelt in one place.
//!
//! Slugs and ids arrive in addresses and forms, where anyone can write anything; every part is
//! encoded here, so that it can neither leave its place in a path nor break a header.

use crate::wire::{AuditFilter, BulkCriteria, ConnectionFilter, FilterPart, PortalError};
use std::fmt::Write;

/// The first run.
pub const SET_UP: &str = "/setup";
/// The door.
pub const SIGN_IN: &str = "/signin";
/// All applications.
pub const APPLICATIONS: &str = "/";
/// The form for a new application.
pub const NEW_APPLICATION: &str = "/apps/new";
/// The member who is signed in.
pub const ACCOUNT: &str = "/account";

/// The reference of the HTTP API; anyone may read it.
pub const API_REFERENCE: &str = "/docs/api";
/// The same for programs.
pub const API_DOCUMENT: &str = "/api/v1/openapi.json";

/// Who did what.
pub const AUDIT: &str = "/audit";
/// The audit as a table; what it is narrowed to follows.
pub const AUDIT_CSV: &str = "/audit/export.csv";
/// The audit as JSON lines; what it is narrowed to follows.
pub const AUDIT_JSON_LINES: &str = "/audit/export.jsonl";

/// The audit or an export of it, narrowed down; empty parts are left out.
#[must_use]
pub fn audit_with(page: &str, filter: &AuditFilter) -> String {
    page.to_owned()
        + &query(&[
            ("q", &filter.q),
            ("what", &filter.what),
            ("application", &filter.application),
            ("member", &filter.member),
            ("from", &filter.from),
            ("to", &filter.to),
            ("cursor", &filter.cursor),
        ])
}

/// The second step of a sign-in.
pub const SIGN_IN_FACTOR: &str = "/signin/factor";
/// Where the member who is signed in proves it once more.
pub const CONFIRM: &str = "/account/confirm";
/// The second factor of the member who is signed in.
pub const SECOND_FACTOR: &str = "/account/second-factor";
/// All members.
pub const MEMBERS: &str = "/members";

/// One member.
#[must_use]
pub fn member(id: &str) -> String {
    format!("{MEMBERS}/{}", encoded(id))
}

/// Where an invitation is accepted.
#[must_use]
pub fn invitation(token: &str) -> String {
    format!("/invitations/{}", encoded(token))
}

/// The page that asks for a proof, and leads to `next` then.
#[must_use]
pub fn confirm(next: &str) -> String {
    CONFIRM.to_owned() + &query(&[("next", next)])
}

/// Where whoever is refused so goes first, to do it then: to the door, to a proof that leads to `next`, to
/// a second factor. `None`: no page helps.
#[must_use]
pub fn door(refusal: &PortalError, next: &str) -> Option<String> {
    match refusal {
        PortalError::SignedOut => Some(SIGN_IN.to_owned()),
        PortalError::ConfirmationNeeded => Some(confirm(next)),
        PortalError::SecondFactorNeeded => Some(SECOND_FACTOR.to_owned()),
        _ => None,
    }
}

/// Where a page that was named in an address leads to: a path of ours, or all applications. Anyone can
/// write the address, and browsers read `//host` and `/\\host` as somebody else's.
#[must_use]
pub fn ours(next: &str) -> &str {
    let mut bytes = next.bytes();
    let rooted = bytes.next() == Some(b'/') && bytes.next() != Some(b'/');
    let plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if rooted && plain { next } else { APPLICATIONS }
}

/// Overview of an application.
#[must_use]
pub fn application(slug: &str) -> String {
    format!("/apps/{}", encoded(slug))
}

/// Its name and return URLs.
#[must_use]
pub fn settings(slug: &str) -> String {
    application(slug) + "/settings"
}

/// Where its logo is sent to.
#[must_use]
pub fn logo_upload(slug: &str) -> String {
    settings(slug) + "/logo"
}

/// The colour `accent`, such as `#0f5132`, as a stylesheet that follows ours.
#[must_use]
pub fn theme(accent: &str) -> String {
    format!(
        "/connect-theme/{}.css",
        encoded(accent.trim_start_matches('#'))
    )
}

/// The logo with this digest.
#[must_use]
pub fn logo(digest: &str) -> String {
    format!("/connect-logo/{}.png", encoded(digest))
}

/// Its API keys.
#[must_use]
pub fn keys(slug: &str) -> String {
    application(slug) + "/keys"
}

/// Its webhook endpoints.
#[must_use]
pub fn webhooks(slug: &str) -> String {
    application(slug) + "/webhooks"
}

/// The form for a new endpoint.
#[must_use]
pub fn new_webhook(slug: &str) -> String {
    webhooks(slug) + "/new"
}

/// One endpoint.
#[must_use]
pub fn webhook(slug: &str, id: &str) -> String {
    format!("{}/{}", webhooks(slug), encoded(id))
}

/// One endpoint, with an older page of its deliveries.
#[must_use]
pub fn older_deliveries(slug: &str, id: &str, cursor: &str) -> String {
    webhook(slug, id) + &query(&[("deliveries", cursor)])
}

/// Its providers.
#[must_use]
pub fn providers(slug: &str) -> String {
    application(slug) + "/providers"
}

/// The gallery of definitions.
#[must_use]
pub fn gallery(slug: &str) -> String {
    providers(slug) + "/new"
}

/// The gallery, searched or narrowed to a category; empty parts are left out.
#[must_use]
pub fn gallery_with(slug: &str, q: &str, category: &str) -> String {
    gallery(slug) + &query(&[("q", q), ("category", category)])
}

/// The form for a provider that is in no catalog.
#[must_use]
pub fn new_custom_provider(slug: &str) -> String {
    gallery(slug) + "/custom"
}

/// The form for a provider of this definition.
#[must_use]
pub fn new_provider(slug: &str, definition: &str) -> String {
    format!("{}/{}", gallery(slug), encoded(definition))
}

/// One provider.
#[must_use]
pub fn provider(slug: &str, provider: &str) -> String {
    format!("{}/{}", providers(slug), encoded(provider))
}

/// Where a member runs its flow as themselves.
#[must_use]
pub fn playground(slug: &str, provider: &str) -> String {
    self::provider(slug, provider) + "/playground"
}

/// What changed scopes of a provider would mean.
#[must_use]
pub fn scope_preview(slug: &str, provider: &str) -> String {
    self::provider(slug, provider) + "/scopes"
}

/// A form with what was typed into it before.
#[must_use]
pub fn again(page: impl Into<String>) -> String {
    page.into() + "?again=1"
}

/// Its connections.
#[must_use]
pub fn connections(slug: &str) -> String {
    application(slug) + "/connections"
}

/// Its connections, narrowed down; empty parts are left out.
#[must_use]
pub fn connections_with(slug: &str, filter: &ConnectionFilter) -> String {
    connections(slug)
        + &query(
            &FilterPart::ALL
                .map(|part| (part.as_str(), filter.part(part)))
                .into_iter()
                .chain([("cursor", filter.cursor.as_str())])
                .collect::<Vec<_>>(),
        )
}

/// One connection.
#[must_use]
pub fn connection(slug: &str, id: &str) -> String {
    format!("{}/{}", connections(slug), encoded(id))
}

/// One connection, with an older page of its history.
#[must_use]
pub fn older_history(slug: &str, id: &str, cursor: &str) -> String {
    connection(slug, id) + &query(&[("history", cursor)])
}

/// Where a connection is revoked.
#[must_use]
pub fn revoke(slug: &str, id: &str) -> String {
    connection(slug, id) + "/revoke"
}

/// Where a connection's scopes are reduced.
#[must_use]
pub fn reduce(slug: &str, id: &str) -> String {
    connection(slug, id) + "/scopes"
}

/// The same, with a choice.
#[must_use]
pub fn reduce_with(slug: &str, id: &str, parts: &[(&str, &str)]) -> String {
    reduce(slug, id) + &query(parts)
}

/// What came of it.
#[must_use]
pub fn receipt(slug: &str, id: &str) -> String {
    connection(slug, id) + "/receipt"
}

/// The same as JSON, for whoever keeps proofs.
#[must_use]
pub fn receipt_json(slug: &str, id: &str) -> String {
    connection(slug, id) + "/receipt.json"
}

/// Where many connections are revoked at once.
#[must_use]
pub fn bulk_form(slug: &str) -> String {
    connections(slug) + "/revoke"
}

/// The same, for those that fit; empty parts are left out.
#[must_use]
pub fn bulk_form_with(slug: &str, criteria: &BulkCriteria) -> String {
    let parts = FilterPart::ALL.map(|part| (part.as_str(), criteria.filter.part(part)));
    let beyond = [
        ("end_user", criteria.end_user.as_str()),
        ("key", criteria.key.as_str()),
    ];
    bulk_form(slug) + &query(&parts.into_iter().chain(beyond).collect::<Vec<_>>())
}

/// How many revocations at once are coming along.
#[must_use]
pub fn bulk_run(slug: &str, id: &str) -> String {
    format!("{}/bulk-revocations/{}", application(slug), encoded(id))
}

/// One of its API keys.
#[must_use]
pub fn key(slug: &str, id: &str) -> String {
    format!("{}/{}", keys(slug), encoded(id))
}

/// A page right after something on it was saved, so that it says so.
#[must_use]
pub fn saved(page: impl Into<String>) -> String {
    page.into() + "?saved=1"
}

fn query(parts: &[(&str, &str)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3).
fn encoded(part: &str) -> String {
    part.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_typed_leaves_its_place() {
        assert_eq!(settings("crm-sync"), "/apps/crm-sync/settings");
        assert_eq!(
            settings("a/b\r\nX: y?é"),
            "/apps/a%2Fb%0D%0AX%3A%20y%3F%C3%A9/settings"
        );
    }

    #[test]
    fn only_paths_of_ours_are_led_to() {
        for ours_ in ["/", "/members", "/apps/crm-sync/keys?again=1", "/account#x"] {
            assert_eq!(ours(ours_), ours_);
        }
        for theirs in [
            "",
            "members",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/a\r\nX: y",
            "https://evil.example",
            "/\u{e9}",
        ] {
            assert_eq!(ours(theirs), APPLICATIONS, "{theirs:?}");
        }
        assert_eq!(
            confirm("/apps/a/keys?again=1"),
            "/account/confirm?next=%2Fapps%2Fa%2Fkeys%3Fagain%3D1"
        );
    }

    #[test]
    fn a_brand_has_addresses_of_its_own() {
        assert_eq!(theme("#0f5132"), "/connect-theme/0f5132.css");
        assert_eq!(theme("#../x"), "/connect-theme/..%2Fx.css");
        assert_eq!(logo("a7"), "/connect-logo/a7.png");
    }

    #[test]
    fn a_filter_keeps_only_what_is_set() {
        let filter = ConnectionFilter {
            q: "dana@northwind.example".into(),
            state: "revoked".into(),
            ..ConnectionFilter::default()
        };
        assert_eq!(
            connections_with("crm", &filter),
            "/apps/crm/connections?q=dana%40northwind.example&state=revoked"
        );
        assert_eq!(
            connections_with("crm", &ConnectionFilter::default()),
            "/apps/crm/connections"
        );
    }
}
