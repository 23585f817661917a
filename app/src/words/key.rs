//! API keys in words: what each may do, and how it stands.

use super::number::grouped;
use super::time;
use crate::wire::{ApiKeySummary, KeyScope, KeyState, Millis, Overlap};

/// What a scope allows.
#[must_use]
pub fn scope(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::ConnectCreate => "Invite end users to connect, label and import connections",
        KeyScope::ConnectionsRead => "Read connections, connect sessions and providers",
        KeyScope::ConnectionsRevoke => "Revoke connections and reduce their scopes",
        KeyScope::TokensRead => "Take access tokens",
        KeyScope::Proxy => "Call providers through the proxy, without seeing a token",
        KeyScope::EventsRead => "Read the event log",
        KeyScope::WebhooksManage => "Set webhook endpoints up and read what was delivered",
    }
}

/// The word of a state.
#[must_use]
pub fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Live => "Live",
        KeyState::Deprecated => "Deprecated",
        KeyState::Expired => "Expired",
        KeyState::Revoked => "Revoked",
    }
}

/// "All", "3 of 7".
#[must_use]
pub fn scopes_in_short(scopes: &[KeyScope]) -> String {
    if scopes.len() == KeyScope::ALL.len() {
        "Everything".to_owned()
    } else {
        format!("{} of {}", scopes.len(), KeyScope::ALL.len())
    }
}

/// What limits a key, each part in a few words. Empty: nothing does.
#[must_use]
pub fn limits(key: &ApiKeySummary) -> Vec<String> {
    let mut limits = Vec::new();
    if !key.providers.is_empty() {
        limits.push(key.providers.join(", "));
    }
    match key.ip_ranges.as_slice() {
        [] => {}
        [one] => limits.push(format!("from {one}")),
        many => limits.push(format!("from {} IP ranges", many.len())),
    }
    if let Some(rate) = key.rate_per_s {
        limits.push(format!("{} a second", grouped(rate.into())));
    }
    if let Some(at) = key.expires_at {
        limits.push(format!("until {}", time::moment(at)));
    }
    limits
}

/// What is the case, at the top of a key's page.
#[must_use]
pub fn lead(key: &ApiKeySummary, now: Millis) -> String {
    let used = key.last_used_at.map_or_else(
        || "It was never used.".to_owned(),
        |at| format!("It was last used {}.", said(&time::ago(at, now))),
    );
    let standing = match key.state {
        KeyState::Live => match key.expires_at {
            Some(at) => format!("It works until {}.", time::moment(at)),
            None => "It works.".to_owned(),
        },
        KeyState::Deprecated => match key.expires_at {
            Some(at) => format!(
                "It works until {} and is deprecated: each answer says so.",
                time::moment(at)
            ),
            None => "It works and is deprecated: each answer says so.".to_owned(),
        },
        KeyState::Expired => "Its last day is over: calls with it are refused.".to_owned(),
        KeyState::Revoked => "It was revoked: calls with it are refused.".to_owned(),
    };
    format!("{standing} {used}")
}

/// "Just now" in the middle of a sentence; a date as it is.
fn said(ago: &str) -> String {
    match ago.strip_prefix('J') {
        Some(rest) => format!("j{rest}"),
        None if ago.starts_with(|c: char| c.is_ascii_digit()) && !ago.ends_with("ago") => {
            format!("on {ago}")
        }
        None => ago.to_owned(),
    }
}

/// How long the old key goes on.
#[must_use]
pub fn overlap(overlap: Overlap) -> String {
    match overlap {
        Overlap::UntilRevoked => "Until somebody revokes it".to_owned(),
        Overlap::Days(1) => "For one day".to_owned(),
        Overlap::Days(days) => format!("For {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_limits_has_none_to_tell() {
        let key = ApiKeySummary {
            id: "key_1".into(),
            name: "backend".into(),
            hint: "gp_4Tw5..9fQe".into(),
            state: KeyState::Live,
            scopes: KeyScope::ALL.to_vec(),
            providers: vec![],
            ip_ranges: vec![],
            expires_at: None,
            rate_per_s: None,
            created_at: 0,
            created_by: "Mara Lindqvist".into(),
            last_used_at: None,
            deprecated_at: None,
            revoked_at: None,
        };
        assert!(limits(&key).is_empty());
        assert_eq!(scopes_in_short(&key.scopes), "Everything");
        assert_eq!(lead(&key, 0), "It works. It was never used.");
        let limited = ApiKeySummary {
            providers: vec!["apollo".into(), "attio".into()],
            ip_ranges: vec!["203.0.113.0/24".into()],
            rate_per_s: Some(1000),
            expires_at: Some(1_795_356_380_000),
            last_used_at: Some(1_795_356_380_000),
            ..key
        };
        assert_eq!(
            limits(&limited),
            [
                "apollo, attio",
                "from 203.0.113.0/24",
                "1,000 a second",
                "until 22 Nov 2026, 14:06 UTC"
            ]
        );
    }
}
