//! Deliveries: which are due, who has them in hand, and what came of each attempt.
//!
//! A node claims a delivery by putting it off for longer than an attempt takes, in one statement that
//! compares how often it was tried: of several nodes one wins, and the delivery of one that dies comes
//! due again by itself (at least once, R82). A delivery waits for those before it in its lane, which is
//! how the events of a connection keep their order.

use super::db::{Row, Runs, Tx, sql};
use super::webhooks::{COLUMNS, endpoint};
use super::{Store, StoreError, place};
use crate::domain::{
    Actor, Attempt, Delivery, DeliveryId, Endpoint, EventId, FAILS_FOR, OrganizationId, Timestamp,
};
use crate::vault::{Place, Secret};
use app::wire::{DeliveryState, DisabledReason, EventKind, SendOutcome};
use std::time::Duration;

/// A delivery that this node has in hand.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event.
    pub event: EventId,
    /// The payload.
    pub body: String,
    /// The number of this attempt over all, from 1.
    pub attempt: i64,
    /// Its number in the schedule, from 1.
    pub in_schedule: i64,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Nothing: it was taken.
    Nothing,
    /// Another attempt.
    Another(Timestamp),
    /// Nothing: it is given up.
    GivingUp,
}

/// A page of an endpoint's deliveries.
#[derive(Debug)]
pub struct DeliveryPage {
    /// The newest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

const DELIVERY: &str = "SELECT d.id AS id, d.organization_id AS organization_id, d.state AS state, d.due_at AS due_at, d.created_at AS created_at, \
     e.id AS event_id, e.kind AS kind, e.at AS at, e.body AS body FROM webhook_deliveries d JOIN events e ON e.id = d.event_id";

fn answer_place<'a>(
    organization: &'a OrganizationId,
    delivery: &'a DeliveryId,
    number: i64,
) -> Place<'a> {
    let (table, column) = ("webhook_attempts", "sealed_answer");
    place(table, column, organization, delivery.as_str(), number)
}

impl Store {
    /// Endpoints with something to be sent now.
    pub async fn endpoints_to_send_to(&self) -> Result<Vec<Endpoint>, StoreError> {
        let statement = sql(COLUMNS)
            .and(
                " WHERE disabled_at IS NULL AND (paused_until IS NULL OR paused_until <= $1) AND EXISTS
                 (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = webhook_endpoints.id AND d.state = 'waiting' AND d.due_at <= $1)",
            )
            .bind(self.now());
        self.db.read_all(statement, endpoint).await
    }

    /// Takes deliveries of an endpoint that are due and that no other comes before, at most `most`. They
    /// are put off by `hold`, so that no other node takes them too.
    pub async fn claim_deliveries(
        &self,
        endpoint: &Endpoint,
        most: usize,
        hold: Duration,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let now = self.now();
        let due = sql(
            "SELECT d.id AS id, d.attempts AS attempts, d.first_attempt AS first_attempt, d.due_at AS due_at,
                 e.id AS event_id, e.body AS body
             FROM webhook_deliveries d JOIN events e ON e.id = d.event_id
             WHERE d.endpoint_id = $1 AND d.state = 'waiting' AND d.due_at <= $2 AND NOT EXISTS
                 (SELECT 1 FROM webhook_deliveries earlier WHERE earlier.endpoint_id = d.endpoint_id AND earlier.lane = d.lane
                      AND earlier.state = 'waiting' AND earlier.place < d.place)
             ORDER BY d.due_at, d.place LIMIT $3",
        )
        .bind(endpoint.id.as_str())
        .bind(now)
        .bind(i64::try_from(most).unwrap_or(i64::MAX));
        let mut taken = Vec::new();
        for row in (&self.db).rows(due).await? {
            let (id, attempts): (DeliveryId, _) = (row.parsed("id")?, row.int("attempts")?);
            let claim = sql(
                "UPDATE webhook_deliveries SET due_at = $1, attempts = attempts + 1
                 WHERE id = $2 AND attempts = $3 AND due_at = $4 AND state = 'waiting'",
            )
            .bind(now + hold)
            .bind(id.as_str())
            .bind(attempts)
            .bind(row.int("due_at")?);
            if (&self.db).run(claim).await? == 1 {
                taken.push(DueDelivery {
                    id,
                    event: row.parsed("event_id")?,
                    body: row.text("body")?,
                    attempt: attempts + 1,
                    in_schedule: attempts + 1 - row.int("first_attempt")?,
                });
            }
        }
        Ok(taken)
    }

    /// Notes what came of an attempt, for the delivery and for its endpoint. An endpoint that wants no
    /// more, or took nothing for [`FAILS_FOR`], is disabled. `pause`: nothing is sent to it before.
    pub async fn note_attempt(
        &self,
        endpoint: &Endpoint,
        delivery: &DueDelivery,
        attempt: &Attempt,
        follows: Follows,
        pause: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let organization = &endpoint.organization;
        let sealed = match &attempt.answer {
            Some(answer) => {
                let place = answer_place(organization, &delivery.id, attempt.number);
                Some(self.seal(&place, &Secret::new(answer.clone())).await?)
            }
            None => None,
        };
        let mut tx = self.db.begin().await?;
        let (state, due) = match follows {
            Follows::Nothing => (DeliveryState::Delivered, None),
            Follows::Another(at) => (DeliveryState::Waiting, Some(at)),
            Follows::GivingUp => (DeliveryState::Failed, None),
        };
        // one that was taken is, whoever else tries it at the moment; else the last attempt counts
        let note = sql(
            "UPDATE webhook_deliveries SET state = $1, due_at = COALESCE($2, due_at), finished_at = CASE WHEN $1 = 'waiting' THEN NULL ELSE $3 END
             WHERE id = $4 AND state = 'waiting' AND ($1 = 'delivered' OR attempts = $5)",
        )
        .bind(state.as_str())
        .bind(due)
        .bind(self.now())
        .bind(delivery.id.as_str())
        .bind(attempt.number);
        tx.run(note).await?;
        // the endpoint may have been deleted meanwhile, and all that was delivered with it
        let keep = sql(
            "INSERT INTO webhook_attempts (delivery_id, organization_id, number, at, took_ms, outcome, status, sealed_answer)
             SELECT id, organization_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), $5, $6
             FROM webhook_deliveries WHERE id = $7",
        )
        .bind(attempt.number)
        .bind(attempt.at)
        .bind(i64::try_from(attempt.took.as_millis()).unwrap_or(i64::MAX))
        .bind(attempt.outcome.as_str())
        .bind(attempt.status.map(i64::from))
        .bind(sealed)
        .bind(delivery.id.as_str());
        tx.run(keep).await?;
        self.note_standing(&mut tx, endpoint, attempt, pause)
            .await?;
        tx.commit().await
    }

    async fn note_standing(
        &self,
        tx: &mut Tx,
        endpoint: &Endpoint,
        attempt: &Attempt,
        pause: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if attempt.outcome == SendOutcome::Delivered {
            let well = sql(
                "UPDATE webhook_endpoints SET failing_since = NULL, paused_until = NULL, delivered_at = $1 WHERE id = $2",
            )
            .bind(now)
            .bind(endpoint.id.as_str());
            tx.run(well).await?;
            return Ok(());
        }
        let failing = sql(
            "UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, $1), paused_until = $2 WHERE id = $3
             RETURNING failing_since",
        )
        .bind(now)
        .bind(pause)
        .bind(endpoint.id.as_str());
        let Some(row) = tx.row(failing).await? else {
            return Ok(());
        };
        let reason = if attempt.outcome == SendOutcome::Gone {
            DisabledReason::Gone
        } else if row.time("failing_since")? + FAILS_FOR <= now {
            DisabledReason::Failing
        } else {
            return Ok(());
        };
        self.disable(tx, endpoint, reason, Actor::server()).await?;
        Ok(())
    }

    /// Sends a test event to an endpoint, whatever events it chose and whether or not it is disabled; a
    /// disabled one gets it once it is enabled.
    pub async fn send_test(&self, endpoint: &Endpoint) -> Result<DeliveryId, StoreError> {
        let mut tx = self.db.begin().await?;
        let event = self.tell_test(&mut tx, endpoint).await?;
        let (id, now) = (DeliveryId::random(), self.now());
        let insert = sql(
            "INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, lane, place, state, due_at, created_at)
             VALUES ($1, $2, $3, $4, $1, 0, 'waiting', $5, $5)",
        )
        .bind(id.as_str())
        .bind(endpoint.organization.as_str())
        .bind(endpoint.id.as_str())
        .bind(event.as_str())
        .bind(now);
        tx.run(insert).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Sends a delivery again, at once and with the whole schedule before it. It waits for nobody, and
    /// nobody for it: what came after it may have been taken long ago. `false`: there is no such delivery.
    pub async fn send_again(&self, endpoint: &Endpoint, id: &str) -> Result<bool, StoreError> {
        let now = self.now();
        let again = sql(
            "UPDATE webhook_deliveries SET state = 'waiting', due_at = $1, first_attempt = attempts, finished_at = NULL,
                 lane = CASE WHEN state = 'waiting' THEN lane ELSE id END
             WHERE endpoint_id = $2 AND id = $3",
        )
        .bind(now)
        .bind(endpoint.id.as_str())
        .bind(id);
        Ok((&self.db).run(again).await? == 1)
    }

    /// Deliveries to an endpoint, the newest first. `None`: there is no such page.
    pub async fn deliveries(
        &self,
        endpoint: &Endpoint,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Option<DeliveryPage>, StoreError> {
        let mut statement = sql(DELIVERY)
            .and(" WHERE d.endpoint_id = $1")
            .bind(endpoint.id.as_str());
        if let Some(before) = before {
            let Some((at, id)) = cursor(before) else {
                return Ok(None);
            };
            statement = statement
                .and_bind(" AND (d.created_at < ?", at)
                .and_bind(" OR (d.created_at = ?", at)
                .and_bind(" AND d.id < ?))", id.as_str());
        }
        let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let statement =
            statement.and_bind(" ORDER BY d.created_at DESC, d.id DESC LIMIT ?", one_more);
        let mut rows = (&self.db).rows(statement).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last().filter(|_| more) {
            Some(last) => Some(format!("{}.{}", last.int("created_at")?, last.text("id")?)),
            None => None,
        };
        let mut deliveries = Vec::with_capacity(rows.len());
        for row in &rows {
            deliveries.push(self.delivery(endpoint, row).await?);
        }
        Ok(Some(DeliveryPage { deliveries, next }))
    }

    async fn delivery(&self, endpoint: &Endpoint, row: &Row) -> Result<Delivery, StoreError> {
        let id: DeliveryId = row.parsed("id")?;
        let state = row.parsed("state")?;
        let statement = sql(
            "SELECT number, at, took_ms, outcome, status, sealed_answer FROM webhook_attempts WHERE delivery_id = $1 ORDER BY number DESC",
        )
        .bind(id.as_str());
        let mut attempts = Vec::new();
        for row in (&self.db).rows(statement).await? {
            let number = row.int("number")?;
            let answer = match row.maybe_bytes("sealed_answer")? {
                // where it cannot be opened, the rest is still true
                Some(sealed) => self
                    .open_sealed(&answer_place(&endpoint.organization, &id, number), sealed)
                    .await
                    .ok()
                    .map(|answer| answer.expose().clone()),
                None => None,
            };
            attempts.push(Attempt {
                number,
                at: row.time("at")?,
                took: Duration::from_millis(row.count("took_ms")?),
                outcome: row.parsed("outcome")?,
                status: row
                    .maybe_int("status")?
                    .and_then(|status| u16::try_from(status).ok()),
                answer,
            });
        }
        Ok(Delivery {
            id,
            event: row.parsed("event_id")?,
            kind: row.parsed::<EventKind>("kind")?,
            at: row.time("at")?,
            body: row.text("body")?,
            state,
            next_try_at: match state {
                DeliveryState::Waiting => Some(row.time("due_at")?),
                DeliveryState::Delivered | DeliveryState::Failed => None,
            },
            attempts,
        })
    }

    /// How long the oldest delivery that is neither taken nor given up has been waiting.
    pub(super) async fn oldest_undelivered(&self) -> Result<Duration, StoreError> {
        let oldest = sql(
            "SELECT MIN(d.created_at) AS oldest FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
             WHERE d.state = 'waiting' AND w.disabled_at IS NULL",
        );
        let row = (&self.db).row(oldest).await?;
        let oldest = match row {
            Some(row) => row.maybe_time("oldest")?,
            None => None,
        };
        Ok(oldest.map_or(Duration::ZERO, |oldest| oldest.until(self.now())))
    }
}

/// A cursor that a page gave out.
fn cursor(text: &str) -> Option<(i64, DeliveryId)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}
