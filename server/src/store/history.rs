//! What happened to a connection, and to whom its tokens were handed out.

use super::audit_counts::Counted;
use super::db::{Runs, Tx, sql};
use super::{Store, StoreError, place};
use crate::domain::{ApiKeyId, AuditAction, ConnectionId, OrganizationId, ProviderId, Timestamp};
use crate::vault::{Place, Secret};
use app::wire::{HistoryEntry, HistoryKind};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Uses of one revoked key within one minute.
#[derive(Clone, Debug)]
pub struct RefusedKey {
    /// The tenant.
    pub organization: OrganizationId,
    /// The key.
    pub api_key: ApiKeyId,
    /// Beginning of the minute.
    pub minute: Timestamp,
    /// How many.
    pub times: i64,
}

/// How a key used a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It was given a token.
    HandedOut,
    /// It called the provider through the proxy.
    Proxied,
}

/// Uses of one connection by one key within one minute, e.g. tokens that were handed out.
#[derive(Clone, Debug)]
pub struct HandOut {
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// Its provider.
    pub provider: ProviderId,
    /// The key.
    pub api_key: ApiKeyId,
    /// Beginning of the minute.
    pub minute: Timestamp,
    /// The last of them.
    pub last_at: Timestamp,
    /// How many.
    pub times: i64,
}

/// A page of a connection's history, the newest first.
#[derive(Debug)]
pub struct HistoryPage {
    /// What happened; what happened several times in a row stands there once.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page begins, if there is one.
    pub older: Option<HistoryCursor>,
}

/// Where a page of a history begins: before this event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryCursor {
    event: i64,
    at: i64,
}

impl std::fmt::Display for HistoryCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.event, self.at)
    }
}

impl std::str::FromStr for HistoryCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (event, at) = text.split_once('.').ok_or(())?;
        Ok(Self {
            event: event.parse().map_err(|_| ())?,
            at: at.parse().map_err(|_| ())?,
        })
    }
}

/// Appends to a connection's history.
pub(super) async fn append(
    tx: &mut Tx,
    organization: &OrganizationId,
    connection: &ConnectionId,
    at: Timestamp,
    what: &HistoryKind,
) -> Result<(), StoreError> {
    append_all(tx, organization, std::iter::once(connection), at, what).await
}

/// Appends the same to the histories of several connections.
pub(super) async fn append_all(
    tx: &mut Tx,
    organization: &OrganizationId,
    connections: impl Iterator<Item = &ConnectionId>,
    at: Timestamp,
    what: &HistoryKind,
) -> Result<(), StoreError> {
    let words = words_of(what)?;
    let mut statement =
        sql("INSERT INTO connection_events (organization_id, connection_id, at, what) VALUES ");
    let mut first = true;
    for connection in connections {
        statement = statement
            .and_bind(if first { "(?" } else { ", (?" }, organization.as_str())
            .and_bind(", ?", connection.as_str())
            .and_bind(", ?", at)
            .and_bind(", ?)", &words);
        first = false;
    }
    if !first {
        tx.run(statement).await?;
    }
    Ok(())
}

/// The same with what the provider answered, sealed by [`Store::seal_answer`] for this moment.
pub(super) async fn append_with_answer(
    tx: &mut Tx,
    organization: &OrganizationId,
    connection: &ConnectionId,
    at: Timestamp,
    (what, answer): (&HistoryKind, Option<Vec<u8>>),
) -> Result<(), StoreError> {
    let statement = sql(
        "INSERT INTO connection_events (organization_id, connection_id, at, what, sealed_answer) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(organization.as_str())
    .bind(connection.as_str())
    .bind(at)
    .bind(words_of(what)?)
    .bind(answer);
    tx.run(statement).await?;
    Ok(())
}

fn words_of(what: &HistoryKind) -> Result<String, StoreError> {
    serde_json::to_string(what).map_err(|_| StoreError::Corrupt {
        column: "what".to_owned(),
    })
}

/// An event is known by its connection and its moment when its answer is sealed.
fn answer_place<'a>(
    organization: &'a OrganizationId,
    connection: &'a ConnectionId,
    at: Timestamp,
) -> Place<'a> {
    let (table, column) = ("connection_events", "sealed_answer");
    place(
        table,
        column,
        organization,
        connection.as_str(),
        at.millis(),
    )
}

/// Events that are read in one go.
const BATCH: i64 = 500;
/// A page ends after so many events, however few entries they make.
const MOST_EVENTS: usize = 2000;
/// Hand-outs are told by the month, counted back from now.
const MONTH_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Whether a second event of a kind is told with the first.
fn is_the_same(one: &HistoryKind, other: &HistoryKind) -> bool {
    let can_be = matches!(
        one,
        HistoryKind::Refreshed | HistoryKind::RefreshFailed { .. }
    );
    can_be && one == other
}

impl Store {
    /// Seals what a provider answered, for the history of a connection at this moment.
    pub(super) async fn seal_answer(
        &self,
        organization: &OrganizationId,
        connection: &ConnectionId,
        at: Timestamp,
        answer: Option<&Secret<String>>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        match answer {
            Some(answer) => {
                let place = answer_place(organization, connection, at);
                self.seal(&place, answer).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// A page of a connection's history with its hand-outs, of at most `limit` events that differ from
    /// the one before.
    pub async fn history(
        &self,
        connection: &ConnectionId,
        before: Option<HistoryCursor>,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let (mut entries, older) = self.events(connection, before, limit).await?;
        let until = before.map_or(i64::MAX, |before| before.at);
        let from = older.map_or(0, |older| older.at);
        for used in [Use::HandedOut, Use::Proxied] {
            entries.extend(self.uses(used, connection, from, until).await?);
        }
        entries.sort_by_key(|entry| Reverse(entry.at));
        Ok(HistoryPage { entries, older })
    }

    async fn events(
        &self,
        connection: &ConnectionId,
        before: Option<HistoryCursor>,
        limit: usize,
    ) -> Result<(Vec<HistoryEntry>, Option<HistoryCursor>), StoreError> {
        let mut entries: Vec<HistoryEntry> = Vec::new();
        let mut reached = before;
        let mut read = 0;
        loop {
            let rows = sql(
                "SELECT id, organization_id, at, what, CAST(CASE WHEN sealed_answer IS NULL THEN 0 ELSE 1 END AS BIGINT) AS answered
                 FROM connection_events WHERE connection_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            )
            .bind(connection.as_str())
            .bind(reached.map_or(i64::MAX, |reached| reached.event))
            .bind(BATCH);
            let rows = (&self.db).rows(rows).await?;
            for row in &rows {
                let (event, at) = (row.int("id")?, row.int("at")?);
                let what: HistoryKind = row.json("what")?;
                let is_full = entries.len() == limit || read >= MOST_EVENTS;
                match entries.last_mut() {
                    Some(last) if is_the_same(&last.what, &what) => {
                        last.since = at;
                        last.times = last.times.saturating_add(1);
                    }
                    _ if is_full => {
                        return Ok((entries, reached));
                    }
                    _ => {
                        let answer = if row.flag("answered")? {
                            self.answer(&row.parsed("organization_id")?, connection, event)
                                .await?
                        } else {
                            None
                        };
                        entries.push(HistoryEntry {
                            at,
                            since: at,
                            times: 1,
                            what,
                            answer,
                        });
                    }
                }
                read += 1;
                reached = Some(HistoryCursor { event, at });
            }
            if rows.len() < usize::try_from(BATCH).unwrap_or_default() {
                return Ok((entries, None));
            }
        }
    }

    /// What was answered; none where it cannot be opened, since the rest is still true.
    async fn answer(
        &self,
        organization: &OrganizationId,
        connection: &ConnectionId,
        event: i64,
    ) -> Result<Option<String>, StoreError> {
        let statement =
            sql("SELECT at, sealed_answer FROM connection_events WHERE id = $1").bind(event);
        let Some(row) = (&self.db).row(statement).await? else {
            return Ok(None);
        };
        let place = answer_place(organization, connection, row.time("at")?);
        let opened = self.open_sealed(&place, row.bytes("sealed_answer")?).await;
        Ok(opened.ok().map(|answer| answer.expose().clone()))
    }

    /// How often it was used by whom, by the month, within a span of time.
    async fn uses(
        &self,
        used: Use,
        connection: &ConnectionId,
        from: i64,
        until: i64,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let from_where = match used {
            Use::HandedOut => "hand_outs",
            Use::Proxied => "proxied_calls",
        };
        let statement = sql(
            "SELECT k.name AS name, CAST(SUM(h.times) AS BIGINT) AS times, MIN(h.minute) AS first, MAX(h.minute) AS last FROM ",
        )
        .and(from_where)
        .and(
            " h JOIN api_keys k ON k.id = h.api_key_id
             WHERE h.connection_id = $1 AND h.minute >= $2 AND h.minute < $3
             GROUP BY h.api_key_id, k.name, ($4 - h.minute) / $5",
        )
        .bind(connection.as_str())
        .bind(from)
        .bind(until)
        .bind(self.now())
        .bind(MONTH_MS);
        (&self.db)
            .rows(statement)
            .await?
            .iter()
            .map(|row| {
                let times = u32::try_from(row.int("times")?).unwrap_or(u32::MAX);
                let key = row.text("name")?;
                Ok(HistoryEntry {
                    // counted by the minute: at its end they have all happened, whatever else did in it
                    at: row.int("last")? + 59_999,
                    since: row.int("first")?,
                    times: 1,
                    what: match used {
                        Use::HandedOut => HistoryKind::HandedOut { key, times },
                        Use::Proxied => HistoryKind::Proxied { key, times },
                    },
                    answer: None,
                })
            })
            .collect()
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

    /// How many API keys were given a token of the connection since then.
    pub async fn keys_since(
        &self,
        connection: &ConnectionId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let statement = sql(
            "SELECT COUNT(DISTINCT api_key_id) AS many FROM hand_outs WHERE connection_id = $1 AND minute >= $2",
        )
        .bind(connection.as_str())
        .bind(since);
        (&self.db)
            .row(statement)
            .await?
            .map_or(Ok(0), |row| row.count("many"))
    }

    /// Adds counted hand-outs.
    pub async fn count_hand_outs(&self, counted: &[HandOut]) -> Result<(), StoreError> {
        self.count_uses(Use::HandedOut, counted).await
    }

    /// Adds counted uses, also to what the audit tells by the minute, and notes when each connection was
    /// last used.
    pub async fn count_uses(&self, used: Use, counted: &[HandOut]) -> Result<(), StoreError> {
        if counted.is_empty() {
            return Ok(());
        }
        // all nodes take the rows in the same order, so that none waits for another in a circle
        let mut counted: Vec<&HandOut> = counted.iter().collect();
        counted.sort_by_key(|one| (&one.connection, &one.api_key, one.minute));
        let mut told: BTreeMap<Counted, i64> = BTreeMap::new();
        let mut tx = self.db.begin().await?;
        for one in counted {
            let minute = Counted::at(
                &one.organization,
                match used {
                    Use::HandedOut => AuditAction::HandedOut,
                    Use::Proxied => AuditAction::Proxied,
                },
                one.api_key.as_str(),
                one.provider.as_str(),
                one.minute,
            );
            *told.entry(minute).or_default() += one.times;
            let add = sql(match used {
                Use::HandedOut => {
                    "INSERT INTO hand_outs (organization_id, connection_id, api_key_id, minute, times) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (connection_id, api_key_id, minute) DO UPDATE SET times = hand_outs.times + excluded.times"
                }
                Use::Proxied => {
                    "INSERT INTO proxied_calls (organization_id, connection_id, api_key_id, minute, times) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (connection_id, api_key_id, minute) DO UPDATE SET times = proxied_calls.times + excluded.times"
                }
            })
            .bind(one.organization.as_str())
            .bind(one.connection.as_str())
            .bind(one.api_key.as_str())
            .bind(one.minute)
            .bind(one.times);
            tx.run(add).await?;
            let note = sql(
                "UPDATE connections SET last_handed_out_at = $1, used_on = $3
                 WHERE id = $2 AND (last_handed_out_at IS NULL OR last_handed_out_at < $1)",
            )
            .bind(one.last_at)
            .bind(one.connection.as_str())
            .bind(one.last_at.day());
            tx.run(note).await?;
        }
        self.count_for_audit(&mut tx, &told).await?;
        tx.commit().await
    }

    /// Adds counted uses of revoked keys to what the audit tells by the minute.
    pub async fn count_refused_keys(&self, refused: &[RefusedKey]) -> Result<(), StoreError> {
        if refused.is_empty() {
            return Ok(());
        }
        let mut told: BTreeMap<Counted, i64> = BTreeMap::new();
        for one in refused {
            let action = AuditAction::KeyUsedAfterRevoke;
            let key = one.api_key.as_str();
            let minute = Counted::at(&one.organization, action, key, "", one.minute);
            *told.entry(minute).or_default() += one.times;
        }
        let mut tx = self.db.begin().await?;
        self.count_for_audit(&mut tx, &told).await?;
        tx.commit().await
    }
}
