//! Many revocations at once (R69): a run, written down before it begins, and worked off in batches.
//!
//! Which connections a run is about is fixed when it begins, a row each, in the transaction of its one
//! audit event. A batch is one transaction that holds the run's row: nodes take turns, and one that
//! dies leaves nothing half done, nor anything to wait for. So each connection is revoked exactly once,
//! and the counts are those of the rows. A run that is taken back is worked off in the same way.

use super::connections::{FAILING, state};
use super::db::{Row, Runs, Tx, sql};
use super::listing::ConnectionQuery;
use super::revocations::{reason_from, reason_word};
use super::revoking::{Ending, Order};
use super::undoing::{Restored, Undo, Undoing};
use super::{Store, StoreError};
use crate::domain::{
    Actor, Application, ApplicationId, AuditAction, AuditEvent, BulkId, BulkRevocation,
    ConnectionId, OrganizationId, ProviderId, Timestamp, Undone, can_wait,
};
use app::wire::{BulkCounts, ConnectionState, RevokeReason, UpstreamCounts};
use serde_json::json;

/// Connections per transaction: few enough for its deadline and for whoever waits for a row.
const BATCH: i64 = 25;
/// What is to be undone gets this much longer, so that no time runs out while it is worked off.
const GRACE_MS: i64 = 10 * 60 * 1000;

const COLUMNS: &str = "SELECT id, organization_id, application_id, criteria, reason, note, revoked_by, begun_at, total, audit_seq, \
     finished_at, undone_by, undone_at, undone_seq FROM bulk_revocations";

fn run(row: &Row) -> Result<BulkRevocation, StoreError> {
    let undone = match row.maybe_time("undone_at")? {
        Some(at) => Some(Undone {
            by: row.text("undone_by")?,
            at,
            audit_seq: row.int("undone_seq")?,
        }),
        None => None,
    };
    Ok(BulkRevocation {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        criteria: row.text("criteria")?,
        reason: reason_from(&row.text("reason")?)?,
        note: row.text("note")?,
        revoked_by: row.text("revoked_by")?,
        begun_at: row.time("begun_at")?,
        total: row.count("total")?,
        audit_seq: row.int("audit_seq")?,
        finished_at: row.maybe_time("finished_at")?,
        undone,
    })
}

/// What is asked for when a run begins.
#[derive(Debug)]
pub struct NewBulkRevocation<'a> {
    /// Which connections.
    pub query: &'a ConnectionQuery,
    /// The same, as JSON that a page can show.
    pub criteria: String,
    /// How many whoever confirmed it was shown.
    pub expected: u64,
    /// Why.
    pub reason: RevokeReason,
    /// Note for the audit.
    pub note: String,
}

impl Store {
    /// How many connections that are not revoked fit, per provider and state.
    pub async fn connections_to_revoke(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Vec<(ProviderId, ConnectionState, u64)>, StoreError> {
        let select = sql("SELECT provider_id, status, ").and(FAILING);
        let select = select.and(" AS failing, COUNT(*) AS many FROM connections");
        let statement = self
            .narrowed_to(select, application, query)
            .await?
            .and(" AND status || '' <> 'revoked' GROUP BY provider_id, status, ")
            .and(FAILING);
        let mut found = Vec::new();
        for row in (&self.db).rows(statement).await? {
            found.push((row.parsed("provider_id")?, state(&row)?, row.count("many")?));
        }
        Ok(found)
    }

    /// Begins a run. `None`: others fit now than were confirmed, and nothing was begun.
    pub async fn begin_bulk_revocation(
        &self,
        application: &Application,
        new: NewBulkRevocation<'_>,
        actor: Actor,
    ) -> Result<Option<BulkRevocation>, StoreError> {
        let id = BulkId::random();
        let organization = &application.organization;
        let by = actor.name.clone();
        let now = self.now();
        let items = sql(
            "INSERT INTO bulk_revocation_items (organization_id, bulk_id, connection_id, outcome)
             SELECT organization_id, CAST($1 AS TEXT), id, 'waiting' FROM connections",
        )
        .bind(id.as_str());
        // before the transaction: it asks the database first
        let items = self.narrowed_to(items, &application.id, new.query).await?;
        let mut tx = self.db.begin().await?;
        let detail = json!({"run": id.as_str(), "reason": reason_word(new.reason), "note": new.note, "connections": new.expected,
            "criteria": new.criteria});
        let event = event(actor, AuditAction::RevokedInBulk, &application.id, detail);
        let audit_seq = self.audit(&mut tx, organization, event).await?;
        let keep = sql(
            "INSERT INTO bulk_revocations (id, organization_id, application_id, criteria, reason, note, revoked_by, begun_at, total,
                 audit_seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id.as_str())
        .bind(organization.as_str())
        .bind(application.id.as_str())
        .bind(&new.criteria)
        .bind(reason_word(new.reason))
        .bind(&new.note)
        .bind(&by)
        .bind(now)
        .bind(i64::try_from(new.expected).unwrap_or(i64::MAX))
        .bind(audit_seq);
        tx.run(keep).await?;
        let items = items.and(" AND status || '' <> 'revoked'");
        if tx.run(items).await? != new.expected {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(BulkRevocation {
            id,
            organization: organization.clone(),
            application: application.id.clone(),
            criteria: new.criteria,
            reason: new.reason,
            note: new.note,
            revoked_by: by,
            begun_at: now,
            total: new.expected,
            audit_seq,
            finished_at: None,
            undone: None,
        }))
    }

    /// A run of an application.
    pub async fn bulk_revocation(
        &self,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Option<BulkRevocation>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.as_str())
            .bind(id);
        self.db.read_one(statement, run).await
    }

    /// The last runs of an application, the newest first.
    pub async fn bulk_revocations(
        &self,
        application: &ApplicationId,
        limit: i64,
    ) -> Result<Vec<BulkRevocation>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 ORDER BY begun_at DESC, id LIMIT $2")
            .bind(application.as_str())
            .bind(limit);
        self.db.read_all(statement, run).await
    }

    /// Runs with which something is left to do, the oldest first.
    pub async fn open_bulk_revocations(&self) -> Result<Vec<BulkRevocation>, StoreError> {
        let statement =
            sql(COLUMNS).and(" WHERE finished_at IS NULL ORDER BY begun_at, id LIMIT 16");
        self.db.read_all(statement, run).await
    }

    /// How far a run is.
    pub async fn bulk_counts(&self, id: &BulkId) -> Result<BulkCounts, StoreError> {
        let statement = sql(
            "SELECT outcome, COUNT(*) AS many FROM bulk_revocation_items WHERE bulk_id = $1 GROUP BY outcome",
        )
        .bind(id.as_str());
        let mut counts = BulkCounts::default();
        for row in (&self.db).rows(statement).await? {
            let place = match row.text("outcome")?.as_str() {
                "waiting" => &mut counts.waiting,
                "revoked" => &mut counts.revoked,
                "was_revoked" => &mut counts.was_revoked,
                "spared" => &mut counts.spared,
                "undoing" => &mut counts.undoing,
                "undone" => &mut counts.undone,
                "kept" => &mut counts.kept,
                _ => {
                    return Err(StoreError::Corrupt {
                        column: "outcome".to_owned(),
                    });
                }
            };
            *place = row.count("many")?;
        }
        Ok(counts)
    }

    /// What the providers said to the revocations of a run, and until when the last can be undone.
    pub async fn bulk_upstream(
        &self,
        id: &BulkId,
    ) -> Result<(UpstreamCounts, Option<Timestamp>), StoreError> {
        let statement = sql(
            "SELECT upstream, CAST(CASE WHEN attempts > 0 THEN 1 ELSE 0 END AS BIGINT) AS tried, COUNT(*) AS many,
                 MAX(undo_until) AS undo_until
             FROM revocations WHERE bulk_id = $1 GROUP BY upstream, CASE WHEN attempts > 0 THEN 1 ELSE 0 END",
        )
        .bind(id.as_str());
        let (mut counts, mut undo_until) = (UpstreamCounts::default(), None);
        for row in (&self.db).rows(statement).await? {
            use crate::domain::Upstream;
            let tried = row.flag("tried")?;
            let place = match row.parsed("upstream")? {
                Upstream::Waiting if tried => &mut counts.retried,
                Upstream::Waiting => {
                    undo_until = row.maybe_time("undo_until")?;
                    &mut counts.waiting
                }
                Upstream::Revoked => &mut counts.revoked,
                Upstream::NotOffered => &mut counts.not_offered,
                Upstream::Failed => &mut counts.failed,
                Upstream::NothingToRevoke => &mut counts.nothing,
            };
            *place += row.count("many")?;
        }
        Ok((counts, undo_until))
    }

    /// Takes a run back: what it has not touched is spared, what can be undone will be.
    pub async fn undo_bulk_revocation(
        &self,
        bulk: &BulkRevocation,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let by = actor.name.clone();
        let mut tx = self.db.begin().await?;
        let event = event(
            actor,
            AuditAction::RestoredInBulk,
            &bulk.application,
            json!({"run": bulk.id.as_str()}),
        );
        let audit_seq = self.audit(&mut tx, &bulk.organization, event).await?;
        let take = sql(
            "UPDATE bulk_revocations SET undone_by = $1, undone_at = $2, undone_seq = $3, finished_at = NULL
             WHERE id = $4 AND undone_at IS NULL",
        )
        .bind(by)
        .bind(now)
        .bind(audit_seq)
        .bind(bulk.id.as_str());
        if tx.run(take).await? == 0 {
            return Ok(());
        }
        for (from, to) in [("waiting", "spared"), ("revoked", "undoing")] {
            let turn = sql(
                "UPDATE bulk_revocation_items SET outcome = $1 WHERE bulk_id = $2 AND outcome = $3",
            )
            .bind(to)
            .bind(bulk.id.as_str())
            .bind(from);
            tx.run(turn).await?;
        }
        let longer = sql(
            "UPDATE revocations SET undo_until = undo_until + $1, next_try_at = next_try_at + $1
             WHERE bulk_id = $2 AND upstream = 'waiting' AND attempts = 0 AND undo_until > $3",
        )
        .bind(GRACE_MS)
        .bind(bulk.id.as_str())
        .bind(now);
        tx.run(longer).await?;
        tx.commit().await
    }

    /// Works off a batch of a run. `false`: there is nothing to do now.
    pub async fn work_off_bulk(
        &self,
        id: &BulkId,
        can_be_told: &(dyn Fn(&ProviderId) -> bool + Sync),
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let take = sql(
            "UPDATE bulk_revocations SET total = total WHERE id = $1 AND finished_at IS NULL
             RETURNING id, organization_id, application_id, criteria, reason, note, revoked_by, begun_at, total, audit_seq,
                 finished_at, undone_by, undone_at, undone_seq",
        )
        .bind(id.as_str());
        let Some(row) = tx.row(take).await? else {
            return Ok(false);
        };
        let bulk = run(&row)?;
        let worked = match &bulk.undone {
            None => self.revoke_batch(&mut tx, &bulk, can_be_told).await?,
            Some(undone) => self.restore_batch(&mut tx, &bulk, undone).await?,
        };
        if !worked && !is_finished(&mut tx, &bulk.id).await? {
            return Ok(false);
        }
        if !worked {
            let finish = sql("UPDATE bulk_revocations SET finished_at = $1 WHERE id = $2")
                .bind(self.now())
                .bind(bulk.id.as_str());
            tx.run(finish).await?;
        }
        tx.commit().await?;
        Ok(worked)
    }

    async fn revoke_batch(
        &self,
        tx: &mut Tx,
        bulk: &BulkRevocation,
        can_be_told: &(dyn Fn(&ProviderId) -> bool + Sync),
    ) -> Result<bool, StoreError> {
        let next = sql("SELECT connection_id FROM bulk_revocation_items WHERE bulk_id = $1 AND outcome = 'waiting'
             ORDER BY connection_id LIMIT $2")
        .bind(bulk.id.as_str())
        .bind(BATCH);
        let ids = connections(&tx.rows(next).await?)?;
        let now = self.now();
        let (mut taken, mut revoked, mut was_revoked) = (Vec::new(), Vec::new(), Vec::new());
        for id in &ids {
            match self.take_row(tx, &bulk.organization, id, now).await? {
                Some(one) => {
                    revoked.push(id);
                    taken.push(one);
                }
                None => was_revoked.push(id),
            }
        }
        let ending = Ending {
            reason: bulk.reason,
            note: &bulk.note,
            by: &bulk.revoked_by,
            audit_seq: bulk.audit_seq,
            bulk: Some(&bulk.id),
        };
        let order = if can_wait(bulk.reason) {
            Order::AfterUndoTime
        } else {
            Order::AtOnce { can_be_told }
        };
        self.end_taken(tx, &bulk.organization, taken, &ending, order, now)
            .await?;
        note_outcome(tx, &bulk.id, &revoked, "revoked").await?;
        note_outcome(tx, &bulk.id, &was_revoked, "was_revoked").await?;
        Ok(!ids.is_empty())
    }

    async fn restore_batch(
        &self,
        tx: &mut Tx,
        bulk: &BulkRevocation,
        undone: &Undone,
    ) -> Result<bool, StoreError> {
        // those that wait for a refresh come later
        let next = sql(
            "SELECT i.connection_id AS connection_id FROM bulk_revocation_items i
             LEFT JOIN revocations r ON r.connection_id = i.connection_id
             WHERE i.bulk_id = $1 AND i.outcome = 'undoing' AND (r.refresh_until IS NULL OR r.refresh_until < {now})
             ORDER BY i.connection_id LIMIT $2",
        )
        .bind(bulk.id.as_str())
        .bind(BATCH);
        let ids = connections(&tx.rows(next).await?)?;
        let undoing = Undoing {
            by: &undone.by,
            at: self.now(),
            audit_seq: undone.audit_seq,
            bulk: Some(&bulk.id),
        };
        let (mut restored, mut kept) = (Vec::new(), Vec::new());
        for id in &ids {
            match self.restore(tx, &bulk.organization, id, undoing).await? {
                Restored::Yes => restored.push(id),
                Restored::No(Undo::RefreshUnderWay(_)) => {}
                Restored::No(_) if lives(tx, &bulk.organization, id).await? => restored.push(id),
                Restored::No(_) => kept.push(id),
            }
        }
        note_outcome(tx, &bulk.id, &restored, "undone").await?;
        note_outcome(tx, &bulk.id, &kept, "kept").await?;
        Ok(!restored.is_empty() || !kept.is_empty())
    }
}

/// Whether somebody has undone the revocation of this one alone.
async fn lives(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ConnectionId,
) -> Result<bool, StoreError> {
    let statement = sql(
        "SELECT id FROM connections WHERE organization_id = $1 AND id = $2 AND status <> 'revoked'",
    )
    .bind(organization.as_str())
    .bind(id.as_str());
    Ok(tx.row(statement).await?.is_some())
}

async fn is_finished(tx: &mut Tx, id: &BulkId) -> Result<bool, StoreError> {
    let open = sql("SELECT connection_id FROM bulk_revocation_items WHERE bulk_id = $1 AND outcome IN ('waiting', 'undoing') LIMIT 1")
        .bind(id.as_str());
    Ok(tx.row(open).await?.is_none())
}

/// The connections of a batch, in the order in which everybody takes their rows, so that none waits in
/// a circle. (A database may sort letters otherwise.)
fn connections(rows: &[Row]) -> Result<Vec<ConnectionId>, StoreError> {
    let ids: Result<Vec<_>, _> = rows.iter().map(|row| row.parsed("connection_id")).collect();
    let mut ids = ids?;
    ids.sort();
    Ok(ids)
}

async fn note_outcome(
    tx: &mut Tx,
    bulk: &BulkId,
    connections: &[&ConnectionId],
    outcome: &'static str,
) -> Result<(), StoreError> {
    if connections.is_empty() {
        return Ok(());
    }
    let mut statement = sql(
        "UPDATE bulk_revocation_items SET outcome = $1 WHERE bulk_id = $2 AND connection_id IN (",
    )
    .bind(outcome)
    .bind(bulk.as_str());
    for (place, id) in connections.iter().enumerate() {
        statement = statement.and_bind(if place == 0 { "?" } else { ", ?" }, id.as_str());
    }
    tx.run(statement.and(")")).await?;
    Ok(())
}

fn event(
    actor: Actor,
    action: AuditAction,
    id: &ApplicationId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "application",
        subject_id: id.to_string(),
        detail,
    }
}
