//! What was done, by whom: the audit, its chain and its export.

use super::sample::{DAY, NOW, SamplePortal};
use crate::portal::{Answer, Auditing};
use crate::wire::*;
use async_trait::async_trait;

fn row(seq: i64, action: AuditAction, subject: AuditSubject) -> AuditRow {
    AuditRow {
        seq,
        at: NOW - (18_403 - seq) * 1000,
        action: action.as_str().into(),
        actor_kind: "member".into(),
        actor: "Mara Lindqvist".into(),
        subject,
        application: Some(ApplicationLink {
            slug: "crm-sync".into(),
            name: "CRM Sync".into(),
        }),
        address: Some("203.0.113.24".into()),
        node: Some("node-1".into()),
        detail: vec![("note".into(), "The customer is leaving, ticket 4471".into())],
    }
}

fn subject(kind: &str, id: &str, name: &str) -> AuditSubject {
    AuditSubject {
        kind: kind.into(),
        id: id.into(),
        name: Some(name.into()),
        provider: (kind != "member").then(|| "Salesforce".into()),
        provider_slug: Some("salesforce".into()),
    }
}

fn rows() -> Vec<AuditRow> {
    let connection = subject("connection", "con_revoked", "Northwind");
    let provider = subject("provider", "prv_1", "salesforce");
    let key = AuditSubject {
        provider: None,
        ..subject("api_key", "key_1", "backend")
    };
    vec![
        row(18_403, AuditAction::Revoked, connection),
        AuditRow {
            actor_kind: "api_key".into(),
            actor: "backend".into(),
            detail: vec![
                ("providers".into(), "Salesforce 21, Attio 17".into()),
                ("times".into(), "38".into()),
            ],
            ..row(18_402, AuditAction::HandedOut, key)
        },
        row(18_401, AuditAction::ProviderChanged, provider),
        AuditRow {
            application: None,
            detail: vec![],
            address: None,
            ..row(
                18_400,
                AuditAction::SignedIn,
                subject("member", "mem_1", "Mara"),
            )
        },
        AuditRow {
            action: "moon.landed".into(),
            ..row(18_399, AuditAction::SignedIn, AuditSubject::default())
        },
    ]
}

#[async_trait]
impl Auditing for SamplePortal {
    async fn audit(&self, filter: AuditFilter) -> Answer<AuditView> {
        self.audited()?;
        let found = filter.q != "nothing" && !self.is_empty();
        let outcome = match filter.q.as_str() {
            "broken" => CheckOutcome::Broken(FirstBad {
                position: Some(15),
                seq: Some(17),
                at: Some(NOW - DAY),
                flaw: ChainFlaw::Edited,
            }),
            "checking" => CheckOutcome::UnderWay {
                done: 12_000,
                of: 18_403,
            },
            _ => CheckOutcome::Whole { rows: 18_403 },
        };
        Ok(AuditView {
            members: vec![("mem_1".into(), "Mara Lindqvist".into())],
            page: Page {
                rows: if found { rows() } else { vec![] },
                next: found.then(|| "older-18399".into()),
                previous: None,
            },
            chain: ChainView {
                rows: 18_403,
                head: Some("9f2c51d044be".repeat(5) + "a71b"),
                exported_at: Some(NOW - 60_000),
                check: (!self.is_empty()).then_some(ChainCheck {
                    at: NOW - DAY,
                    outcome,
                }),
            },
            filter,
            now: NOW,
        })
    }

    async fn check_audit(&self) -> Answer<()> {
        self.audited()?;
        self.changed(())
    }
}

/// A month in which something happened each day, and what somebody should look at.
pub(super) fn how_it_goes(view: OverviewView) -> OverviewView {
    let at = |slug: &str, name: &str| ProviderLink {
        slug: slug.into(),
        name: name.into(),
    };
    let today = NOW.div_euclid(DAY) * DAY;
    OverviewView {
        attention: vec![
            Attention::CredentialsRejected {
                provider: at("hubspot", "HubSpot"),
                since: NOW - DAY,
                connections: 512,
            },
            Attention::Reconnect {
                provider: at("salesforce", "Salesforce"),
                reason: BrokenReason::GrantRevokedOrExpired,
                connections: 29,
            },
            Attention::Degraded {
                provider: at("apaleo", "apaleo"),
                connections: 31,
                next_try_at: Some(NOW + 240_000),
            },
            Attention::SecretUnused {
                provider: at("attio", "Attio"),
            },
        ],
        days: (0..30)
            .map(|ago| DayActivity {
                day: today - (29 - ago) * DAY,
                connected: u64::from(ago == 29),
                refreshed: 1_000 + u64::try_from(ago).unwrap(),
                failed: u64::from(ago == 10) * 61,
            })
            .collect(),
        reasons: vec![
            ReasonCount {
                reason: BrokenReason::GrantRevokedOrExpired,
                connections: 40,
            },
            ReasonCount {
                reason: BrokenReason::Unreadable,
                connections: 2,
            },
        ],
        ..view
    }
}
