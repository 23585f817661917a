//! What happened on each day: counted by a job from the history of connections, so that an overview
//! reads some thirty rows instead of a month of events, and the events of the last minutes beside them.
//!
//! Each event is counted exactly once, by whichever node: one row says up to which id all is counted,
//! and moves in the transaction that counts. On PostgreSQL an event can become visible after one with a
//! higher id, so ids are counted only up to what was seen longer ago than any transaction lasts.

use super::audit_chain::SETTLED_AFTER;
use super::audit_counts::Counted;
use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{ApplicationId, AuditAction, OrganizationId, Timestamp};
use app::wire::{BrokenReason, HistoryKind};
use std::collections::BTreeMap;
use std::time::Duration;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Events that one transaction counts.
const AT_ONCE: i64 = 1000;
/// So often is looked again whether others count at the same moment.
const MOST_TRIES: usize = 3;
/// Days are kept for so long.
const KEPT: Duration = Duration::from_hours(400 * 24);

/// What is counted by the day: application, day, kind, provider, reason.
type Counter = (String, i64, ActivityKind, String, String);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActivityKind {
    /// An account was connected, for the first time or again.
    Connected,
    /// A token was renewed.
    Refreshed,
    /// A refresh failed; the reason is the class of the failure.
    RefreshFailed,
    /// A connection needs a person; the reason is a [`BrokenReason`].
    Broken,
    /// A connection was revoked.
    Revoked,
}

impl ActivityKind {
    const ALL: [Self; 5] = [
        Self::Connected,
        Self::Refreshed,
        Self::RefreshFailed,
        Self::Broken,
        Self::Revoked,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Refreshed => "refreshed",
            Self::RefreshFailed => "refresh_failed",
            Self::Broken => "broken",
            Self::Revoked => "revoked",
        }
    }
}

impl std::str::FromStr for ActivityKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}

/// How often something happened on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityDay {
    /// Beginning of the day, UTC.
    pub day: Timestamp,
    /// What.
    pub kind: ActivityKind,
    /// How often.
    pub times: u64,
}

/// Connections of one provider that do not work, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenCount {
    /// The provider, by id.
    pub provider: String,
    /// Why they need a person; `None`: they are retried by us.
    pub reason: Option<BrokenReason>,
    /// How many.
    pub connections: u64,
    /// The first of them is tried again at.
    pub next_try_at: Option<Timestamp>,
}

/// Up to where events are counted.
struct Mark {
    counted: i64,
    seen: i64,
    seen_at: Timestamp,
    audited_from: i64,
}

const MARK: &str =
    "SELECT counted_id, seen_id, seen_at, audited_from FROM activity_mark WHERE id = 1";

fn mark(row: &Row) -> Result<Mark, StoreError> {
    Ok(Mark {
        counted: row.int("counted_id")?,
        seen: row.int("seen_id")?,
        seen_at: row.time("seen_at")?,
        audited_from: row.int("audited_from")?,
    })
}

/// The beginning of its day, UTC.
fn day_of(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(DAY_MS) * DAY_MS)
}

/// What is counted of an event, and the reason.
fn counted_as(what: &HistoryKind) -> Option<(ActivityKind, String)> {
    let plain = |kind| Some((kind, String::new()));
    match what {
        HistoryKind::Connected { .. }
        | HistoryKind::Reconnected { .. }
        | HistoryKind::Imported { .. } => plain(ActivityKind::Connected),
        HistoryKind::Refreshed | HistoryKind::Recovered => plain(ActivityKind::Refreshed),
        HistoryKind::RefreshFailed { class, .. } => {
            Some((ActivityKind::RefreshFailed, class.clone()))
        }
        HistoryKind::Broken { reason, .. } => {
            Some((ActivityKind::Broken, reason.as_str().to_owned()))
        }
        HistoryKind::Revoked { .. } => plain(ActivityKind::Revoked),
        _ => None,
    }
}

impl Store {
    /// Counts what happened since the last time. Answers how many events that were.
    pub async fn count_activity(&self) -> Result<u64, StoreError> {
        let mut counted = 0;
        while self.has_activity().await? {
            let some = self.count_some_activity().await?;
            counted += some;
            if some == 0 {
                break;
            }
        }
        Ok(counted)
    }

    /// Whether there is anything to count or to see. Reads only.
    async fn has_activity(&self) -> Result<bool, StoreError> {
        let Some(row) = (&self.db).row(sql(MARK)).await? else {
            return Ok(true);
        };
        let mark = mark(&row)?;
        if mark.counted < mark.seen {
            return Ok(mark.seen_at + SETTLED_AFTER <= self.now());
        }
        let last = sql("SELECT MAX(id) AS last FROM connection_events");
        let last = (&self.db).row(last).await?;
        let last = last.map_or(Ok(None), |row| row.maybe_int("last"))?;
        Ok(last.is_some_and(|last| last > mark.seen))
    }

    async fn count_some_activity(&self) -> Result<u64, StoreError> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let mut mark = take_mark(&mut tx, now).await?;
        let mut events = 0;
        if mark.counted < mark.seen && mark.seen_at + SETTLED_AFTER <= now {
            let (last, read) = self.count_stretch(&mut tx, &mark).await?;
            mark.counted = last;
            events = read;
        }
        if mark.counted == mark.seen {
            let last = sql("SELECT MAX(id) AS last FROM connection_events");
            let last = tx.row(last).await?;
            let last = last.map_or(Ok(None), |row| row.maybe_int("last"))?;
            mark.seen = last.unwrap_or_default().max(mark.seen);
            mark.seen_at = now;
        }
        let write = sql(
            "UPDATE activity_mark SET counted_id = $1, seen_id = $2, seen_at = $3 WHERE id = 1",
        )
        .bind(mark.counted)
        .bind(mark.seen)
        .bind(mark.seen_at);
        tx.run(write).await?;
        tx.commit().await?;
        Ok(events)
    }

    /// Counts the next events. Answers up to where, and how many.
    async fn count_stretch(&self, tx: &mut Tx, mark: &Mark) -> Result<(i64, u64), StoreError> {
        let next = sql(
            "SELECT e.id, e.at, e.what, e.organization_id, c.application_id, c.provider_id
             FROM connection_events e JOIN connections c ON c.id = e.connection_id
             WHERE e.id > $1 AND e.id <= $2 ORDER BY e.id LIMIT $3",
        )
        .bind(mark.counted)
        .bind(mark.seen)
        .bind(AT_ONCE);
        let rows = tx.rows(next).await?;
        let mut days: BTreeMap<Counter, (String, i64)> = BTreeMap::new();
        let mut minutes: BTreeMap<Counted, i64> = BTreeMap::new();
        for row in &rows {
            // what another release calls otherwise is not counted
            let Ok(what) = row.json::<HistoryKind>("what") else {
                continue;
            };
            let Some((kind, reason)) = counted_as(&what) else {
                continue;
            };
            let at = row.time("at")?;
            let provider = row.text("provider_id")?;
            let organization: OrganizationId = row.parsed("organization_id")?;
            if row.int("id")? > mark.audited_from {
                let action = match kind {
                    ActivityKind::Refreshed => Some((AuditAction::Refreshed, "")),
                    ActivityKind::RefreshFailed => {
                        Some((AuditAction::RefreshFailed, reason.as_str()))
                    }
                    _ => None,
                };
                if let Some((action, class)) = action {
                    let minute = Counted::at(&organization, action, &provider, class, at);
                    *minutes.entry(minute).or_default() += 1;
                }
            }
            let day = day_of(at).millis();
            let key = (row.text("application_id")?, day, kind, provider, reason);
            days.entry(key)
                .or_insert_with(|| (organization.to_string(), 0))
                .1 += 1;
        }
        for ((application, day, kind, provider, reason), (organization, times)) in days {
            let add = sql(
                "INSERT INTO activity (organization_id, application_id, provider_id, day, kind, reason, times) VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (application_id, day, kind, provider_id, reason) DO UPDATE SET times = activity.times + excluded.times",
            )
            .bind(organization)
            .bind(application)
            .bind(provider)
            .bind(day)
            .bind(kind.as_str())
            .bind(reason)
            .bind(times);
            tx.run(add).await?;
        }
        self.count_for_audit(tx, &minutes).await?;
        let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let last = match rows.last() {
            Some(last) if read == AT_ONCE => last.int("id")?,
            _ => mark.seen,
        };
        Ok((last, u64::try_from(read).unwrap_or_default()))
    }

    /// What happened in an application since the beginning of a day, by day and kind: what is counted, and
    /// the next events that are not counted yet.
    pub async fn activity(
        &self,
        application: &ApplicationId,
        since: Timestamp,
    ) -> Result<Vec<ActivityDay>, StoreError> {
        let mut counted_to = self.counted_to().await?;
        let mut days = self.counted_days(application, since).await?;
        for _ in 0..MOST_TRIES {
            let uncounted = self.uncounted(application, since, counted_to).await?;
            let now_to = self.counted_to().await?;
            if now_to == counted_to {
                for day in uncounted {
                    *days.entry(day).or_default() += 1;
                }
                break;
            }
            // some were counted meanwhile, and would stand here twice
            counted_to = now_to;
            days = self.counted_days(application, since).await?;
        }
        let day = |((day, kind), times)| ActivityDay { day, kind, times };
        Ok(days.into_iter().map(day).collect())
    }

    async fn counted_to(&self) -> Result<i64, StoreError> {
        let row = (&self.db).row(sql(MARK)).await?;
        Ok(row
            .as_ref()
            .map(mark)
            .transpose()?
            .map_or(0, |mark| mark.counted))
    }

    async fn counted_days(
        &self,
        application: &ApplicationId,
        since: Timestamp,
    ) -> Result<BTreeMap<(Timestamp, ActivityKind), u64>, StoreError> {
        let statement = sql(
            "SELECT day, kind, CAST(SUM(times) AS BIGINT) AS times FROM activity
             WHERE application_id = $1 AND day >= $2 GROUP BY day, kind",
        )
        .bind(application.as_str())
        .bind(since);
        let rows = (&self.db).rows(statement).await?;
        rows.iter()
            .map(|row| Ok(((row.time("day")?, row.parsed("kind")?), row.count("times")?)))
            .collect()
    }

    /// Day and kind of each of the next [`AT_ONCE`] events, as far as they are this application's.
    async fn uncounted(
        &self,
        application: &ApplicationId,
        since: Timestamp,
        counted_to: i64,
    ) -> Result<Vec<(Timestamp, ActivityKind)>, StoreError> {
        let statement = sql(
            "SELECT e.at, e.what FROM (SELECT at, what, connection_id FROM connection_events WHERE id > $1 ORDER BY id LIMIT $2) AS e
             JOIN connections c ON c.id = e.connection_id WHERE c.application_id = $3 AND e.at >= $4",
        )
        .bind(counted_to)
        .bind(AT_ONCE)
        .bind(application.as_str())
        .bind(since);
        let mut found = Vec::new();
        for row in (&self.db).rows(statement).await? {
            let what = row.json::<HistoryKind>("what").ok();
            if let Some((kind, _)) = what.as_ref().and_then(counted_as) {
                found.push((day_of(row.time("at")?), kind));
            }
        }
        Ok(found)
    }

    /// Connections of an application that do not work, by provider and reason.
    pub async fn broken_connections(
        &self,
        application: &ApplicationId,
    ) -> Result<Vec<BrokenCount>, StoreError> {
        let statement = sql(
            "SELECT provider_id, broken_reason, COUNT(*) AS many FROM connections
             WHERE application_id = $1 AND status = 'reconnect_required' GROUP BY provider_id, broken_reason
             ORDER BY many DESC, provider_id, broken_reason",
        )
        .bind(application.as_str());
        let mut found = Vec::new();
        for row in (&self.db).rows(statement).await? {
            let reason = row.maybe_parsed("broken_reason")?;
            found.push(BrokenCount {
                provider: row.text("provider_id")?,
                reason: Some(reason.unwrap_or(BrokenReason::GrantRevokedOrExpired)),
                connections: row.count("many")?,
                next_try_at: None,
            });
        }
        let retried = sql(
            "SELECT provider_id, COUNT(*) AS many, MIN(next_refresh_at) AS next_try_at FROM connections
             WHERE application_id = $1 AND status = 'active' AND fail_count > 0 GROUP BY provider_id
             ORDER BY many DESC, provider_id",
        )
        .bind(application.as_str());
        for row in (&self.db).rows(retried).await? {
            found.push(BrokenCount {
                provider: row.text("provider_id")?,
                reason: None,
                connections: row.count("many")?,
                next_try_at: row.maybe_time("next_try_at")?,
            });
        }
        Ok(found)
    }

    /// Forgets days of long ago.
    pub async fn purge_activity(&self) -> Result<u64, StoreError> {
        let purge = sql("DELETE FROM activity WHERE day < $1").bind(self.now() - KEPT);
        (&self.db).run(purge).await
    }
}

/// Takes the mark's row, so that nodes count one after the other; makes it where there is none.
async fn take_mark(tx: &mut Tx, now: Timestamp) -> Result<Mark, StoreError> {
    let make = sql(
        "INSERT INTO activity_mark (id, counted_id, seen_id, seen_at, audited_from)
         SELECT 1, 0, COALESCE(MAX(id), 0), CAST($1 AS BIGINT), COALESCE(MAX(id), 0) FROM connection_events WHERE 1 = 1
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(now);
    tx.run(make).await?;
    let take = sql("UPDATE activity_mark SET counted_id = counted_id WHERE id = 1");
    tx.run(take).await?;
    let row = tx.row(sql(MARK)).await?.ok_or(StoreError::Conflict)?;
    mark(&row)
}
