//! Samples of client secrets that change, and of scopes that do.

use super::sample::{DAY, NOW};
use crate::wire::*;

/// Two at a provider that is rotating.
pub(super) fn secrets() -> Vec<SecretHint> {
    vec![
        SecretHint {
            id: "sec_2".into(),
            ends_in: "4Tw5".into(),
            added_at: NOW - 23 * DAY,
            added_by: "Jonas Weber".into(),
            used: SecretUse::InUse {
                since: NOW - 23 * DAY,
            },
            connections: 254,
            used_since: Some(NOW - 23 * DAY),
            removable: false,
        },
        SecretHint {
            id: "sec_3".into(),
            ends_in: "9QzA".into(),
            added_at: NOW,
            added_by: "Jonas Weber".into(),
            used: SecretUse::OnTrial,
            connections: 0,
            used_since: None,
            removable: true,
        },
        SecretHint {
            id: "sec_1".into(),
            ends_in: "1mXd".into(),
            added_at: NOW - 100 * DAY,
            added_by: "Mara Lindqvist".into(),
            used: SecretUse::Kept,
            connections: 47,
            used_since: Some(NOW - 100 * DAY),
            removable: false,
        },
        SecretHint {
            id: "sec_0".into(),
            ends_in: "Zz01".into(),
            added_at: NOW - 200 * DAY,
            added_by: "Mara Lindqvist".into(),
            used: SecretUse::EarlierClientId {
                client_id: "old-client-id".into(),
                connections: 12,
            },
            connections: 12,
            used_since: Some(NOW - 200 * DAY),
            removable: false,
        },
    ]
}

/// A change of two scopes that waits, as `draft` held it.
pub(super) fn preview(mark: ProviderMark, draft: Option<Draft>) -> ScopePreview {
    ScopePreview {
        application: "CRM Sync".into(),
        mark,
        short_name: "Apollo".into(),
        change: draft.map(|draft| ScopeChange {
            new: vec![words("contact_write", "Create contacts")],
            gone: vec![words("api:default", "")],
            connections: 318,
            lacking: 37,
            at_provider: Some("Register **again** with the whole set.".into()),
            fields: draft.fields,
        }),
    }
}

/// What can be given up of a connection.
pub(super) fn reduce(summary: ConnectionSummary) -> ReduceView {
    ReduceView {
        application: "CRM Sync".into(),
        offered: summary.state == ConnectionState::Active,
        summary,
        provider_short_name: "Salesforce".into(),
        locked: vec![words("id", "See who they are")],
        scopes: vec![
            words("api", "Use the data APIs"),
            words("wave_api", "Read analytics"),
        ],
        asked: vec!["api".into(), "wave_api".into()],
    }
}

/// What a connection lacks that carries the mark.
pub(super) fn lacks(marks: &[ConnectionMark]) -> Vec<ScopeWords> {
    if marks.contains(&ConnectionMark::LacksScopes) {
        vec![words("wave_api", "Read analytics")]
    } else {
        Vec::new()
    }
}

fn words(name: &str, words: &str) -> ScopeWords {
    ScopeWords {
        name: name.into(),
        words: words.into(),
    }
}
