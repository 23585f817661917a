//! What happened to a connection, and to whom its tokens were handed out.

use super::db::{Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{ApiKeyId, ConnectionId, OrganizationId, Timestamp};
use app::wire::{HistoryEntry, HistoryKind};
use std::cmp::Reverse;

/// Tokens of one connection that were handed out to one key within one minute.
#[derive(Clone, Debug)]
pub struct HandOut {
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// The key.
    pub api_key: ApiKeyId,
    /// Beginning of the minute.
    pub minute: Timestamp,
    /// The last of them.
    pub last_at: Timestamp,
    /// How many.
    pub times: i64,
}

/// Appends to a connection's history.
pub(super) async fn append(
    tx: &mut Tx,
    organization: &OrganizationId,
    connection: &ConnectionId,
    at: Timestamp,
    what: &HistoryKind,
) -> Result<(), StoreError> {
    let words = serde_json::to_string(what).map_err(|_| StoreError::Corrupt {
        column: "what".to_owned(),
    })?;
    let statement = sql("INSERT INTO connection_events (organization_id, connection_id, at, what) VALUES ($1, $2, $3, $4)")
        .bind(organization.as_str())
        .bind(connection.as_str())
        .bind(at)
        .bind(words);
    tx.run(statement).await?;
    Ok(())
}

impl Store {
    /// History of a connection with its hand-outs, the newest first, at most `limit` of each.
    pub async fn history(
        &self,
        connection: &ConnectionId,
        limit: i64,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let events = sql("SELECT at, what FROM connection_events WHERE connection_id = $1 ORDER BY id DESC LIMIT $2")
            .bind(connection.as_str())
            .bind(limit);
        let mut entries = Vec::new();
        for row in (&self.db).rows(events).await? {
            entries.push(HistoryEntry {
                at: row.int("at")?,
                what: row.json("what")?,
            });
        }
        let hand_outs = sql(
            "SELECT h.minute AS minute, h.times AS times, k.name AS name FROM hand_outs h
             JOIN api_keys k ON k.id = h.api_key_id WHERE h.connection_id = $1 ORDER BY h.minute DESC LIMIT $2",
        )
        .bind(connection.as_str())
        .bind(limit);
        for row in (&self.db).rows(hand_outs).await? {
            let times = u32::try_from(row.int("times")?).unwrap_or(u32::MAX);
            entries.push(HistoryEntry {
                // counted by the minute: at its end they have all happened, whatever else did in it
                at: row.int("minute")? + 59_999,
                what: HistoryKind::HandedOut {
                    key: row.text("name")?,
                    times,
                },
            });
        }
        entries.sort_by_key(|entry| Reverse(entry.at));
        Ok(entries)
    }

    /// Name of the key to which a token of the connection was last handed out.
    pub async fn last_key_of(
        &self,
        connection: &ConnectionId,
    ) -> Result<Option<String>, StoreError> {
        let statement = sql(
            "SELECT k.name AS name FROM hand_outs h JOIN api_keys k ON k.id = h.api_key_id
             WHERE h.connection_id = $1 ORDER BY h.minute DESC LIMIT 1",
        )
        .bind(connection.as_str());
        (&self.db)
            .row(statement)
            .await?
            .map(|row| row.text("name"))
            .transpose()
    }

    /// Adds counted hand-outs, and notes when each connection was last used.
    pub async fn count_hand_outs(&self, counted: &[HandOut]) -> Result<(), StoreError> {
        if counted.is_empty() {
            return Ok(());
        }
        // all nodes take the rows in the same order, so that none waits for another in a circle
        let mut counted: Vec<&HandOut> = counted.iter().collect();
        counted.sort_by_key(|one| (&one.connection, &one.api_key, one.minute));
        let mut tx = self.db.begin().await?;
        for one in counted {
            let add = sql(
                "INSERT INTO hand_outs (organization_id, connection_id, api_key_id, minute, times) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (connection_id, api_key_id, minute) DO UPDATE SET times = hand_outs.times + excluded.times",
            )
            .bind(one.organization.as_str())
            .bind(one.connection.as_str())
            .bind(one.api_key.as_str())
            .bind(one.minute)
            .bind(one.times);
            tx.run(add).await?;
            let note = sql("UPDATE connections SET last_handed_out_at = $1
                 WHERE id = $2 AND (last_handed_out_at IS NULL OR last_handed_out_at < $1)")
            .bind(one.last_at)
            .bind(one.connection.as_str());
            tx.run(note).await?;
        }
        tx.commit().await
    }
}
