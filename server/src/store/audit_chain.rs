//! The chain that seals the audit (R73), written by a job: no change waits for another's event.
//!
//! A job takes the events that are not sealed yet in the order of their numbers and appends them to
//! their organization's chain, one node at a time. On PostgreSQL an event can become visible after one
//! with a higher number; it is sealed at a later position. So that the search for such latecomers stays
//! short, each head notes up to which number all events were seen, and once that was longer ago than
//! any transaction lasts, that number is settled: nothing can appear there any more that was not forged.

use super::audit::{RECORD, record};
use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::audit::chain;
use crate::domain::{AuditHead, OrganizationId, Timestamp};
use std::time::Duration;

/// Events that one transaction seals.
const AT_ONCE: i64 = 200;
/// No transaction lasts as long: [`super::held::PATIENCE`] and the database's own limits are shorter.
pub(super) const SETTLED_AFTER: Duration = Duration::from_secs(30);

pub(super) struct StoredHead {
    pub(super) head: AuditHead,
    pub(super) settled: i64,
    seen: i64,
    seen_at: Timestamp,
}

pub(super) const HEAD: &str = "SELECT organization_id, position, hash, mac, sealed_at, settled_seq, seen_seq, seen_at, exported_at, checked FROM audit_heads";

pub(super) fn stored_head(row: &Row) -> Result<StoredHead, StoreError> {
    Ok(StoredHead {
        head: AuditHead {
            organization: row.parsed("organization_id")?,
            position: row.int("position")?,
            hash: hash(row, "hash")?,
            at: row.time("sealed_at")?,
            mac: hash(row, "mac")?,
        },
        settled: row.int("settled_seq")?,
        seen: row.int("seen_seq")?,
        seen_at: row.time("seen_at")?,
    })
}

pub(super) fn hash(row: &Row, column: &'static str) -> Result<[u8; 32], StoreError> {
    row.maybe_hash(column)?.ok_or_else(|| StoreError::Corrupt {
        column: column.to_owned(),
    })
}

impl Store {
    /// Seals all events that are not sealed yet. Answers how many those were.
    pub async fn seal_audit(&self) -> Result<u64, StoreError> {
        let mut sealed = 0;
        for organization in self.organizations().await? {
            let mut after = None;
            while self.has_work(&organization.id, after).await? {
                let (some, last) = self.seal_some(&organization.id, after).await?;
                sealed += some;
                after = last;
                if last.is_none() {
                    break;
                }
            }
        }
        Ok(sealed)
    }

    /// The end of each chain.
    pub async fn audit_heads(&self) -> Result<Vec<AuditHead>, StoreError> {
        let rows = (&self.db)
            .rows(sql(HEAD).and(" ORDER BY organization_id"))
            .await?;
        rows.iter()
            .map(|row| stored_head(row).map(|stored| stored.head))
            .collect()
    }

    /// Notes that these heads were written outside of the database.
    pub async fn note_heads_exported(&self, heads: &[AuditHead]) -> Result<(), StoreError> {
        for head in heads {
            let note = sql("UPDATE audit_heads SET exported_at = $1 WHERE organization_id = $2")
                .bind(self.now())
                .bind(head.organization.as_str());
            (&self.db).run(note).await?;
        }
        Ok(())
    }

    /// Whether there is anything to write: an event to seal, or one to settle. Reads only.
    async fn has_work(
        &self,
        organization: &OrganizationId,
        after: Option<i64>,
    ) -> Result<bool, StoreError> {
        let found = sql(HEAD)
            .and(" WHERE organization_id = $1")
            .bind(organization.as_str());
        let stored = (&self.db).row(found).await?;
        let stored = stored.as_ref().map(stored_head).transpose()?;
        let settled = stored.as_ref().map_or(0, |stored| stored.settled);
        let unsealed = unsealed(organization, after.unwrap_or(settled), 1);
        if (&self.db).row(unsealed).await?.is_some() {
            return Ok(true);
        }
        let Some(stored) = stored else {
            return Ok(false);
        };
        let last = sql("SELECT MAX(seq) AS last FROM audit_chain WHERE organization_id = $1")
            .bind(organization.as_str());
        let last = (&self.db).row(last).await?;
        let last = last.map_or(Ok(None), |row| row.maybe_int("last"))?;
        Ok(last.is_some_and(|last| last > stored.settled) && self.can_settle(&stored))
    }

    fn can_settle(&self, stored: &StoredHead) -> bool {
        stored.seen_at + SETTLED_AFTER <= self.now()
    }

    /// Seals some of the events behind `after`, or behind what is settled. Answers how many, and the
    /// last one where there may be more.
    async fn seal_some(
        &self,
        organization: &OrganizationId,
        after: Option<i64>,
    ) -> Result<(u64, Option<i64>), StoreError> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let stored = self.take_head(&mut tx, organization).await?;
        let from = after.unwrap_or(stored.settled);
        let rows = tx.rows(unsealed(organization, from, AT_ONCE)).await?;
        let (mut position, mut hash) = (stored.head.position, stored.head.hash);
        let mut last = None;
        for row in &rows {
            let event = record(row)?;
            position += 1;
            hash = chain::link(&hash, position, &event);
            let seal = sql(
                "INSERT INTO audit_chain (organization_id, position, seq, hash) VALUES ($1, $2, $3, $4)",
            )
            .bind(organization.as_str())
            .bind(position)
            .bind(event.seq)
            .bind(hash);
            tx.run(seal).await?;
            last = Some(event.seq);
        }
        let there_may_be_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) == AT_ONCE;
        let (mut settled, mut seen, mut seen_at) = (stored.settled, stored.seen, stored.seen_at);
        if !there_may_be_more && self.can_settle(&stored) {
            settled = stored.seen;
            seen = last_seen(&mut tx, organization).await?;
            seen_at = now;
        }
        let sealed_at = if rows.is_empty() { stored.head.at } else { now };
        let head = self.head(organization, position, hash, sealed_at)?;
        let write = sql(
            "UPDATE audit_heads SET position = $1, hash = $2, mac = $3, sealed_at = $4, settled_seq = $5, seen_seq = $6, seen_at = $7
             WHERE organization_id = $8",
        )
        .bind(position)
        .bind(hash)
        .bind(head.mac)
        .bind(sealed_at)
        .bind(settled)
        .bind(seen)
        .bind(seen_at)
        .bind(organization.as_str());
        tx.run(write).await?;
        tx.commit().await?;
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok((count, last.filter(|_| there_may_be_more)))
    }

    /// Takes the head's row, so that nodes seal one after the other; makes it where there is none.
    async fn take_head(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
    ) -> Result<StoredHead, StoreError> {
        let now = self.now();
        let first = self.head(organization, 0, chain::BEGINNING, now)?;
        let make = sql(
            "INSERT INTO audit_heads (organization_id, position, hash, mac, sealed_at, settled_seq, seen_seq, seen_at)
             VALUES ($1, 0, $2, $3, $4, 0, (SELECT COALESCE(MAX(seq), 0) FROM audit_events WHERE organization_id = $1), $4)
             ON CONFLICT (organization_id) DO NOTHING",
        )
        .bind(organization.as_str())
        .bind(first.hash)
        .bind(first.mac)
        .bind(now);
        tx.run(make).await?;
        let take = sql("UPDATE audit_heads SET position = position WHERE organization_id = $1");
        tx.run(take.bind(organization.as_str())).await?;
        let read = sql(HEAD)
            .and(" WHERE organization_id = $1")
            .bind(organization.as_str());
        let row = tx.row(read).await?.ok_or(StoreError::Conflict)?;
        stored_head(&row)
    }

    fn head(
        &self,
        organization: &OrganizationId,
        position: i64,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<AuditHead, StoreError> {
        chain::head(&self.keyring, organization, position, hash, at)
            .map_err(|_| StoreError::Unsealable { column: "mac" })
    }
}

/// Events behind a number that are in no chain, in order.
fn unsealed(organization: &OrganizationId, after: i64, limit: i64) -> super::db::Statement {
    sql(RECORD)
        .and(
            " FROM audit_events e WHERE e.organization_id = $1 AND e.seq > $2 AND NOT EXISTS
              (SELECT 1 FROM audit_chain c WHERE c.organization_id = e.organization_id AND c.seq = e.seq)
              ORDER BY e.seq LIMIT $3",
        )
        .bind(organization.as_str())
        .bind(after)
        .bind(limit)
}

async fn last_seen(tx: &mut Tx, organization: &OrganizationId) -> Result<i64, StoreError> {
    let statement = sql("SELECT MAX(seq) AS last FROM audit_chain WHERE organization_id = $1")
        .bind(organization.as_str());
    let last = tx.row(statement).await?;
    Ok(last
        .map_or(Ok(None), |row| row.maybe_int("last"))?
        .unwrap_or_default())
}
