//! What the audit tells by the minute (R71): tokens that were handed out, calls that went
//! through the proxy, tokens that were renewed, and revoked keys that were used.
//!
//! Each of these can happen a thousand times a minute. They are counted in rows, in the transaction
//! that learns of them, and when their minute is over one event tells the count, in the transaction
//! that takes the rows away: what is counted is told exactly once. A count that comes later still makes
//! another event of the same minute.

use super::db::{Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, AuditAction, AuditEvent, OrganizationId, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;
/// A minute is told when it has been over for so long: all nodes have stored their counts by then.
const TOLD_AFTER_MS: i64 = 2 * MINUTE_MS;
/// Events in one round.
const AT_ONCE: i64 = 500;

/// Something that is told by the minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    /// Of what: an API key, or a provider.
    pub(super) subject: String,
    /// `HandedOut`, `Proxied`, `Refreshed`, `RefreshFailed` or `KeyUsedAfterRevoke`.
    pub(super) action: &'static str,
    /// Beginning of the minute.
    pub(super) minute: i64,
    /// What is counted apart within it: a provider, a class of failures, or nothing.
    pub(super) part: String,
    /// The tenant.
    pub(super) organization: OrganizationId,
}

impl Counted {
    /// In the minute of this moment.
    pub(super) fn at(
        organization: &OrganizationId,
        action: AuditAction,
        subject: &str,
        part: &str,
        at: Timestamp,
    ) -> Self {
        Self {
            subject: subject.to_owned(),
            action: action.as_str(),
            minute: at.millis().div_euclid(MINUTE_MS) * MINUTE_MS,
            part: part.to_owned(),
            organization: organization.clone(),
        }
    }
}

impl Store {
    /// Adds counts. All nodes take the rows in the same order: that of the map.
    pub(super) async fn count_for_audit(
        &self,
        tx: &mut Tx,
        counted: &BTreeMap<Counted, i64>,
    ) -> Result<(), StoreError> {
        for (what, times) in counted {
            let add = sql(
                "INSERT INTO audit_counts (organization_id, action, subject_id, minute, part, times) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (subject_id, action, minute, part) DO UPDATE SET times = audit_counts.times + excluded.times",
            )
            .bind(what.organization.as_str())
            .bind(what.action)
            .bind(&what.subject)
            .bind(what.minute)
            .bind(&what.part)
            .bind(*times);
            tx.run(add).await?;
        }
        Ok(())
    }

    /// Writes the events of minutes that are over.
    pub async fn tell_counts(&self) -> Result<(), StoreError> {
        let before = self.now().millis() - TOLD_AFTER_MS - MINUTE_MS;
        let due = sql(
            "SELECT DISTINCT organization_id, action, subject_id, minute FROM audit_counts WHERE minute <= $1
             ORDER BY minute, subject_id, action LIMIT $2",
        )
        .bind(before)
        .bind(AT_ONCE);
        for row in (&self.db).rows(due).await? {
            let organization: OrganizationId = row.parsed("organization_id")?;
            let minute = row.time("minute")?;
            let action: AuditAction = row.parsed("action")?;
            self.tell_one(&organization, action, &row.text("subject_id")?, minute)
                .await?;
        }
        Ok(())
    }

    async fn tell_one(
        &self,
        organization: &OrganizationId,
        action: AuditAction,
        subject: &str,
        minute: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        // of two nodes one finds the rows
        let take = sql(
            "DELETE FROM audit_counts WHERE subject_id = $1 AND action = $2 AND minute = $3 RETURNING part, times",
        )
        .bind(subject)
        .bind(action.as_str())
        .bind(minute);
        let mut parts = BTreeMap::new();
        for row in tx.rows(take).await? {
            parts.insert(row.text("part")?, row.int("times")?);
        }
        if parts.is_empty() {
            return Ok(());
        }
        let times: i64 = parts.values().sum();
        let event = match action {
            AuditAction::HandedOut | AuditAction::Proxied => {
                let mut providers = BTreeMap::new();
                for (provider, times) in parts {
                    providers.insert(slug_of(&mut tx, &provider).await?, times);
                }
                let actor = key_actor(&mut tx, subject).await?;
                (
                    actor,
                    "api_key",
                    json!({"times": times, "providers": providers}),
                )
            }
            AuditAction::KeyUsedAfterRevoke => {
                let actor = key_actor(&mut tx, subject).await?;
                (actor, "api_key", json!({"times": times}))
            }
            AuditAction::RefreshFailed => (
                Actor::server(),
                "provider",
                json!({"times": times, "class": parts}),
            ),
            _ => (Actor::server(), "provider", json!({"times": times})),
        };
        let (actor, subject_kind, detail) = event;
        let event = AuditEvent {
            actor,
            action,
            subject_kind,
            subject_id: subject.to_owned(),
            detail,
        };
        self.audit_at(&mut tx, organization, minute, event).await?;
        tx.commit().await
    }
}

async fn slug_of(tx: &mut Tx, provider: &str) -> Result<String, StoreError> {
    let found = sql("SELECT slug FROM providers WHERE id = $1").bind(provider);
    let row = tx.row(found).await?;
    row.map_or_else(|| Ok(provider.to_owned()), |row| row.text("slug"))
}

async fn key_actor(tx: &mut Tx, key: &str) -> Result<Actor, StoreError> {
    let found = sql("SELECT name FROM api_keys WHERE id = $1").bind(key);
    let row = tx.row(found).await?;
    Ok(Actor {
        kind: "api_key",
        id: key.to_owned(),
        name: row.map_or_else(|| Ok(String::new()), |row| row.text("name"))?,
    })
}
