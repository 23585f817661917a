//! Telling of a change: an event is written in the transaction of the change itself (R82).
//!
//! So there is no change without its event and no event without its change, whatever dies when. Whoever
//! writes one holds the row that it is about, so the events of one connection have the order in which
//! its changes were committed. Their place in the application's log they get afterwards, in
//! [`super::event_log`]: an event costs the change one statement and no wait for anybody else's.
//!
//! Payloads are thin: ids, the application's own among them, and reasons. Nothing in them is secret, so
//! they are stored as they are sent.

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{
    Connection, ConnectionId, Endpoint, EventId, OrganizationId, Provider, Timestamp,
};
use app::wire::EventKind;
use serde_json::{Value, json};

/// Tells of a change to connections, whose rows are as they are after it. `more` is put into the data.
pub(super) async fn tell(
    tx: &mut Tx,
    organization: &OrganizationId,
    connections: impl Iterator<Item = &ConnectionId>,
    at: Timestamp,
    (kind, more): (EventKind, &Value),
) -> Result<(), StoreError> {
    let mut select = sql(
        "SELECT id, application_id, owner_kind, owner_id, end_user_id, generation,
             (SELECT slug FROM providers WHERE providers.id = provider_id) AS provider_slug
         FROM connections WHERE organization_id = $1 AND id IN (",
    )
    .bind(organization.as_str());
    let mut many = 0;
    for connection in connections {
        select = select.and_bind(if many == 0 { "?" } else { ", ?" }, connection.as_str());
        many += 1;
    }
    if many == 0 {
        return Ok(());
    }
    let rows = tx.rows(select.and(")")).await?;
    let mut insert = sql(
        "INSERT INTO events (id, organization_id, application_id, kind, lane, at, body) VALUES ",
    );
    for (place, row) in rows.iter().enumerate() {
        let body = payload(kind, at, &merged(about(row)?, more));
        insert = insert
            .and_bind(
                if place == 0 { "(?" } else { ", (?" },
                EventId::random().as_str(),
            )
            .and_bind(", ?", organization.as_str())
            .and_bind(", ?", row.text("application_id")?)
            .and_bind(", ?", kind.as_str())
            .and_bind(", ?", row.text("id")?)
            .and_bind(", ?", at)
            .and_bind(", ?)", body);
    }
    if !rows.is_empty() {
        tx.run(insert).await?;
    }
    Ok(())
}

/// Tells that a token was replaced, if an endpoint wants to hear of it: this happens more often than
/// everything else together, so nothing is written for those who would not read it. Whoever polls the
/// log learns of it under the same condition.
pub(super) async fn tell_replaced(
    tx: &mut Tx,
    connection: &Connection,
    generation: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    let kind = EventKind::TokenReplaced;
    let data = json!({
        "connection_id": connection.id.as_str(),
        "provider": connection.provider_slug.as_str(),
        "owner": {"kind": connection.owner.kind(), "id": connection.owner.id()},
        "end_user_id": connection.end_user.id,
        "generation": generation,
    });
    let insert = sql(
        "INSERT INTO events (id, organization_id, application_id, kind, lane, at, body)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT),
             CAST($7 AS TEXT)
         WHERE EXISTS (SELECT 1 FROM webhook_endpoints WHERE application_id = $3 AND wants_tokens = 1 AND disabled_at IS NULL)",
    )
    .bind(EventId::random().as_str())
    .bind(connection.organization.as_str())
    .bind(connection.application.as_str())
    .bind(kind.as_str())
    .bind(connection.id.as_str())
    .bind(at)
    .bind(payload(kind, at, &data));
    tx.run(insert).await?;
    Ok(())
}

/// Tells of a change to a provider.
pub(super) async fn tell_of_provider(
    tx: &mut Tx,
    provider: &Provider,
    at: Timestamp,
    kind: EventKind,
) -> Result<(), StoreError> {
    let data = json!({"provider": provider.slug.as_str()});
    let insert = sql(
        "INSERT INTO events (id, organization_id, application_id, kind, lane, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(EventId::random().as_str())
    .bind(provider.organization.as_str())
    .bind(provider.application.as_str())
    .bind(kind.as_str())
    .bind(provider.id.as_str())
    .bind(at)
    .bind(payload(kind, at, &data));
    tx.run(insert).await?;
    Ok(())
}

impl Store {
    /// Writes a test event for one endpoint. It has no place in the log: position 0 is before its
    /// beginning.
    pub(super) async fn tell_test(
        &self,
        tx: &mut Tx,
        endpoint: &Endpoint,
    ) -> Result<EventId, StoreError> {
        let (kind, at, id) = (EventKind::Test, self.now(), EventId::random());
        let data = json!({"webhook_id": endpoint.id.as_str()});
        let insert = sql(
            "INSERT INTO events (id, organization_id, application_id, kind, lane, at, body, endpoint_id, position)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $5, 0)",
        )
        .bind(id.as_str())
        .bind(endpoint.organization.as_str())
        .bind(endpoint.application.as_str())
        .bind(kind.as_str())
        .bind(endpoint.id.as_str())
        .bind(at)
        .bind(payload(kind, at, &data));
        tx.run(insert).await?;
        Ok(id)
    }
}

fn about(row: &Row) -> Result<Value, StoreError> {
    Ok(json!({
        "connection_id": row.text("id")?,
        "provider": row.text("provider_slug")?,
        "owner": {"kind": row.text("owner_kind")?, "id": row.text("owner_id")?},
        "end_user_id": row.text("end_user_id")?,
        "generation": row.int("generation")?,
    }))
}

fn merged(mut data: Value, more: &Value) -> Value {
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more.clone());
    }
    data
}

/// The payload as Standard Webhooks has it. From here on its bytes never change: they are what is signed.
fn payload(kind: EventKind, at: Timestamp, data: &Value) -> String {
    json!({"type": kind.as_str(), "timestamp": at.rfc3339(), "data": data}).to_string()
}
