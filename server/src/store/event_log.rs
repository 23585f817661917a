//! The log of an application: events in one order, for endpoints and for those who poll.
//!
//! On PostgreSQL a transaction that began earlier may commit later, so the numbers that a sequence gave
//! become visible out of order, and a reader who has seen 7 would never look at 6. So an event has no
//! place when it is written. One short transaction at a time gives places to those that are visible, in
//! the order of their numbers, while it holds the head of the application's log: whatever a reader sees
//! at a place, all places before it are there. What a change wrote is told a moment later; no change
//! waits for another, as they would if each took the next place itself.
//!
//! The same transaction writes a delivery for each endpoint that wants the event.

use super::db::{Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{
    ApplicationId, DeliveryId, Event, EventId, OrganizationId, Subscription, Timestamp, WebhookId,
};
use app::wire::EventKind;
use std::collections::BTreeMap;
use std::time::Duration;

/// Events that get their place in one transaction.
const BATCH: i64 = 200;
/// Events that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 500;
/// Applications that are looked at in one round.
const MOST_APPLICATIONS: i64 = 100;

/// A part of an application's log.
#[derive(Debug)]
pub struct LogPage {
    /// Events, the oldest first.
    pub events: Vec<Event>,
    /// From where to go on.
    pub next: i64,
    /// More are there already.
    pub more: bool,
}

/// The log does not go back to where a reader stopped, or never was there: it was forgotten, or the
/// database was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInLog;

/// An event that has just got its place.
struct Placed {
    id: EventId,
    kind: EventKind,
    lane: String,
    position: i64,
}

impl Store {
    /// Gives all visible events their places, and endpoints their deliveries. Answers how many.
    pub async fn place_events(&self) -> Result<usize, StoreError> {
        let waiting = sql(
            "SELECT DISTINCT application_id, organization_id FROM events WHERE position IS NULL LIMIT $1",
        )
        .bind(MOST_APPLICATIONS);
        let mut placed = 0;
        for row in (&self.db).rows(waiting).await? {
            let application: ApplicationId = row.parsed("application_id")?;
            let organization: OrganizationId = row.parsed("organization_id")?;
            placed += self.place_batch(&organization, &application).await?;
        }
        Ok(placed)
    }

    async fn place_batch(
        &self,
        organization: &OrganizationId,
        application: &ApplicationId,
    ) -> Result<usize, StoreError> {
        let mut tx = self.db.begin().await?;
        let begin = sql(
            "INSERT INTO event_heads (application_id, organization_id) VALUES ($1, $2) ON CONFLICT (application_id) DO NOTHING",
        )
        .bind(application.as_str())
        .bind(organization.as_str());
        tx.run(begin).await?;
        // whoever else gives places waits here, and then sees what was placed
        let take =
            sql("UPDATE event_heads SET head = head WHERE application_id = $1 RETURNING head")
                .bind(application.as_str());
        let head = tx
            .row(take)
            .await?
            .ok_or(StoreError::Conflict)?
            .int("head")?;
        let place = sql(
            "UPDATE events SET position = placed.place
             FROM (SELECT seq AS number, CAST($1 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY seq) AS place FROM events
                 WHERE application_id = $2 AND position IS NULL ORDER BY seq LIMIT $3) AS placed
             WHERE events.seq = placed.number
             RETURNING events.id AS id, events.kind AS kind, events.lane AS lane, events.position AS position",
        )
        .bind(head)
        .bind(application.as_str())
        .bind(BATCH);
        let mut placed = Vec::new();
        for row in tx.rows(place).await? {
            placed.push(Placed {
                id: row.parsed("id")?,
                kind: row.parsed("kind")?,
                lane: row.text("lane")?,
                position: row.int("position")?,
            });
        }
        placed.sort_by_key(|event| event.position);
        let Some(last) = placed.last().map(|event| event.position) else {
            return Ok(0);
        };
        let advance = sql("UPDATE event_heads SET head = $1 WHERE application_id = $2")
            .bind(last)
            .bind(application.as_str());
        tx.run(advance).await?;
        self.hand_to_endpoints(&mut tx, organization, application, &placed)
            .await?;
        tx.commit().await?;
        Ok(placed.len())
    }

    /// Writes a delivery for each event and each endpoint that wants it.
    async fn hand_to_endpoints(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        application: &ApplicationId,
        placed: &[Placed],
    ) -> Result<(), StoreError> {
        let endpoints = sql(
            "SELECT id, events FROM webhook_endpoints WHERE application_id = $1 AND disabled_at IS NULL",
        )
        .bind(application.as_str());
        let now = self.now();
        for row in tx.rows(endpoints).await? {
            let endpoint: WebhookId = row.parsed("id")?;
            let wanted: Subscription = row.parsed("events")?;
            let mut insert = sql(
                "INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, lane, place, state, due_at, created_at) VALUES ",
            );
            let mut first = true;
            for event in placed.iter().filter(|event| wanted.has(event.kind)) {
                let id = DeliveryId::random();
                insert = insert
                    .and_bind(if first { "(?" } else { ", (?" }, id.as_str())
                    .and_bind(", ?", organization.as_str())
                    .and_bind(", ?", endpoint.as_str())
                    .and_bind(", ?", event.id.as_str())
                    .and_bind(", ?", &event.lane)
                    .and_bind(", ?", event.position)
                    .and_bind(", 'waiting', ?", now)
                    .and_bind(", ?)", now);
                first = false;
            }
            if !first {
                tx.run(insert).await?;
            }
        }
        Ok(())
    }

    /// The log of an application after a place, of `kinds` or of all.
    pub async fn log_after(
        &self,
        application: &ApplicationId,
        after: Option<i64>,
        kinds: &[EventKind],
        limit: i64,
    ) -> Result<Result<LogPage, NotInLog>, StoreError> {
        let standing = sql("SELECT head, forgotten FROM event_heads WHERE application_id = $1")
            .bind(application.as_str());
        let (head, forgotten) = match (&self.db).row(standing).await? {
            Some(row) => (row.int("head")?, row.int("forgotten")?),
            None => (0, 0),
        };
        if after.is_some_and(|after| after < forgotten || after > head) {
            return Ok(Err(NotInLog));
        }
        let after = after.unwrap_or(forgotten);
        let mut read = sql(
            "SELECT id, position, body FROM events WHERE application_id = $1 AND position > $2 AND position <= $3",
        )
        .bind(application.as_str())
        .bind(after)
        .bind(head);
        for (place, kind) in kinds.iter().enumerate() {
            let text = if place == 0 { " AND kind IN (?" } else { ", ?" };
            read = read.and_bind(text, kind.as_str());
        }
        if !kinds.is_empty() {
            read = read.and(")");
        }
        let read = read.and_bind(" ORDER BY position LIMIT ?", limit + 1);
        let rows = (&self.db).rows(read).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            events.push(Event {
                id: row.parsed("id")?,
                position: row.int("position")?,
                body: row.text("body")?,
            });
        }
        let more = events.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            events.pop();
        }
        let next = match events.last() {
            Some(last) if more => last.position,
            // what the filter left out need not be looked at again
            _ => head,
        };
        Ok(Ok(LogPage { events, next, more }))
    }

    /// Forgets events that are older than `keep`, with their deliveries, some at a time.
    pub async fn forget_events(&self, keep: Duration) -> Result<(), StoreError> {
        let before = self.now() - keep;
        while self.forget_batch(before).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn forget_batch(&self, before: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let remove = sql(
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at < $1 AND position IS NOT NULL ORDER BY at LIMIT $2)
             RETURNING application_id, position",
        )
        .bind(before)
        .bind(FORGOTTEN_AT_ONCE);
        let rows = tx.rows(remove).await?;
        let mut forgotten: BTreeMap<String, i64> = BTreeMap::new();
        for row in &rows {
            let last = forgotten.entry(row.text("application_id")?).or_default();
            *last = (*last).max(row.int("position")?);
        }
        for (application, last) in forgotten {
            let note = sql("UPDATE event_heads SET forgotten = $1 WHERE application_id = $2 AND forgotten < $1")
                .bind(last)
                .bind(application);
            tx.run(note).await?;
        }
        tx.commit().await?;
        Ok(!rows.is_empty())
    }
}
