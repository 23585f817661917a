//! Lists of connections: one page by keyset, and how many there are in each state.
//!
//! Neither reads more rows for more connections. Each thing that a list is narrowed to is asked how many
//! candidates it has, at most [`FEW`]; the rarest one decides how the list is read (see
//! [`super::narrowing`]). A word that many have, but none of the newest, is read by its candidates all
//! the same. Counts look at so many rows and no more, and say where they stopped. What still grows is a
//! list that is narrowed to several things that are each common and rare together.

use super::connections::{COLUMNS, connection};
use super::db::{Runs, Statement, sql};
use super::grants::Marked;
use super::narrowing::{Narrowing, probe};
use super::{Store, StoreError};
use crate::domain::{
    ApiKeyId, ApplicationId, Connection, ConnectionId, ProviderId, Status, Timestamp, terms,
};
use app::wire::{BrokenReason, ConnectionState, Counted, ListCounts, StateCounts};
use std::collections::BTreeSet;

/// So many rows are looked at one by one without anybody noticing.
const FEW: i64 = 2000;
const NEWEST_FIRST: &str = " ORDER BY created_at DESC, id DESC";
const OLDEST_FIRST: &str = " ORDER BY created_at, id";

/// How a list of connections is narrowed.
#[derive(Clone, Debug, Default)]
pub struct ConnectionQuery {
    /// Words to find: end user, e-mail, team, account, label, connection id, support code.
    pub words: String,
    /// The state.
    pub state: Option<ConnectionState>,
    /// Why it needs a person.
    pub reason: Option<BrokenReason>,
    /// The provider.
    pub provider: Option<ProviderId>,
    /// `personal` or `team`.
    pub owner_kind: Option<String>,
    /// The end user who owns it personally, or who approved it for a team.
    pub end_user: Option<String>,
    /// The team that owns it.
    pub team: Option<String>,
    /// The external account's id or label.
    pub account: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// The API key that was given its tokens.
    pub handed_to: Option<ApiKeyId>,
    /// Connected at this moment or before.
    pub connected_until: Option<Timestamp>,
    /// No token was handed out since.
    pub unused: Option<Unused>,
    /// What sets them apart beyond their columns; all of these.
    pub marked: Vec<Marked>,
    /// Cursor of a page, as an earlier page gave it. What cannot be read is the first page.
    pub cursor: String,
    /// Rows, 1 to 200.
    pub limit: i64,
}

/// Since when no token was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unused {
    /// None ever was.
    Ever,
    /// None since then, nor was it made since then.
    Since(Timestamp),
}

/// One page of connections, the newest first.
#[derive(Debug)]
pub struct Found {
    /// The rows.
    pub rows: Vec<Connection>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Cursor of the previous page.
    pub previous: Option<String>,
}

impl ConnectionQuery {
    /// What it is narrowed to but for words and state: what says most stands first.
    fn narrowings(&self) -> Vec<Narrowing> {
        let unused = self.unused.map(|unused| match unused {
            Unused::Ever => Narrowing::NeverUsed,
            Unused::Since(since) => Narrowing::UnusedSince(since),
        });
        let one = [
            self.reason.map(Narrowing::Reason),
            unused,
            self.connected_until.map(Narrowing::ConnectedUntil),
            self.provider.clone().map(Narrowing::Provider),
            self.owner_kind.clone().map(Narrowing::OwnerKind),
            self.team.clone().map(Narrowing::Team),
            self.end_user.clone().map(Narrowing::EndUser),
            self.account.clone().map(Narrowing::Account),
            self.tag.clone().map(Narrowing::Tag),
            self.handed_to.clone().map(Narrowing::HandedTo),
        ];
        let marked = self.marked.iter().cloned().map(Narrowing::Marked);
        one.into_iter().flatten().chain(marked).collect()
    }
}

/// How a list is read.
enum Way<'a> {
    /// All that have this one thing are looked at for the others.
    Candidates(&'a Narrowing),
    /// [`FEW`] of those that have it.
    Some(&'a Narrowing),
    /// The list is walked in its order: on the index of this one thing, or on its own.
    Walk(Option<&'a Narrowing>),
}

impl<'a> Way<'a> {
    /// The candidates of `rarest` if they are few.
    fn of(narrowings: &'a [Narrowing], few: &[Option<i64>]) -> Self {
        let rarest = narrowings
            .iter()
            .zip(few)
            .filter_map(|(one, few)| Some((one, (*few)?)))
            .min_by_key(|(_, few)| *few);
        match rarest {
            Some((one, few)) if few <= FEW => Self::Candidates(one),
            _ => Self::Walk(narrowings.iter().find(|one| one.has_order())),
        }
    }

    /// `statement` selects from connections; appended is which of them.
    fn narrow(
        &self,
        statement: Statement,
        application: &ApplicationId,
        narrowings: &[Narrowing],
    ) -> Statement {
        let (statement, leader) = self.led(statement, application, narrowings);
        looked_at(statement, leader, narrowings)
    }

    fn is_led_by(&self, one: &Narrowing) -> bool {
        let (Self::Walk(Some(leader)) | Self::Candidates(leader) | Self::Some(leader)) = self
        else {
            return false;
        };
        std::ptr::eq(*leader, one)
    }

    /// The same as far as an index answers it, and what of it is done with that.
    fn led(
        &self,
        statement: Statement,
        application: &ApplicationId,
        narrowings: &[Narrowing],
    ) -> (Statement, Option<&'a Narrowing>) {
        let all = of_application(statement.clone(), application);
        match *self {
            Self::Walk(leader) => {
                let walked = leader.and_then(|one| one.indexed(all.clone()));
                let bounds = narrowings.iter().filter(|one| one.is_bound());
                let walked = bounds.fold(walked.unwrap_or(all), |walked, one| {
                    one.indexed(walked.clone()).unwrap_or(walked)
                });
                (walked, leader)
            }
            Self::Candidates(one) if one.has_order() => {
                (one.indexed(all.clone()).unwrap_or(all), Some(one))
            }
            Self::Candidates(one) => {
                match one.candidates(statement.and(" WHERE id IN ("), application) {
                    Some(candidates) => (candidates.and(")"), one.is_exact().then_some(one)),
                    None => (all, None),
                }
            }
            Self::Some(one) => {
                let within = statement.and(" WHERE id IN (SELECT id FROM (");
                match one.candidates(within, application) {
                    Some(candidates) => {
                        let some = candidates.and_bind(" LIMIT ?) AS candidates)", FEW);
                        (some, one.is_exact().then_some(one))
                    }
                    None => (all, None),
                }
            }
        }
    }

    /// The first [`FEW`] rows of the list from `cursor` on, with what they are looked at for.
    fn stretch(
        &self,
        statement: Statement,
        application: &ApplicationId,
        narrowings: &[Narrowing],
        cursor: Option<&Cursor>,
    ) -> (Statement, Option<&'a Narrowing>) {
        let columns: BTreeSet<_> = narrowings
            .iter()
            .filter(|one| !self.is_led_by(one))
            .flat_map(Narrowing::columns)
            .collect();
        let within = columns
            .into_iter()
            .fold(statement.and(" FROM (SELECT id"), |within, column| {
                within.and(", ").and(column)
            });
        let (rows, leader) = self.led(within.and(" FROM connections"), application, narrowings);
        let rows = in_order(rows, cursor).and_bind(" LIMIT ?", FEW);
        (rows.and(") AS connections"), leader)
    }
}

/// Appends all but `leader` as conditions of each row.
fn looked_at(
    statement: Statement,
    leader: Option<&Narrowing>,
    narrowings: &[Narrowing],
) -> Statement {
    narrowings
        .iter()
        .filter(|one| !leader.is_some_and(|leader| std::ptr::eq(leader, *one)))
        .fold(statement, |statement, one| one.looked_at(statement))
}

/// Appends where a page begins, and in which order it is read.
fn in_order(statement: Statement, cursor: Option<&Cursor>) -> Statement {
    let (beyond, order) = match cursor {
        Some(cursor) if cursor.backwards => (" AND (created_at, id) > (?, ", OLDEST_FIRST),
        _ => (" AND (created_at, id) < (?, ", NEWEST_FIRST),
    };
    let statement = match cursor {
        Some(Cursor { created_at, id, .. }) => statement
            .and_bind(beyond, *created_at)
            .and_bind("?)", id.as_str()),
        None => statement,
    };
    statement.and(order)
}

fn of_application(statement: Statement, application: &ApplicationId) -> Statement {
    statement.and_bind(" WHERE application_id = ?", application.as_str())
}

impl Store {
    /// One page of an application's connections, the newest first.
    pub async fn connections(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Found, StoreError> {
        let limit = query.limit.clamp(1, 200);
        let cursor = Cursor::parse(&query.cursor);
        let statement = self.page_statement(application, query).await?;
        let rows = (&self.db).rows(statement).await?;
        let mut rows: Vec<Connection> = rows.iter().map(connection).collect::<Result<_, _>>()?;
        let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(200));
        let backwards = cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        if backwards {
            rows.reverse();
        }
        let has_next = if backwards { true } else { more };
        let has_previous = if backwards { more } else { cursor.is_some() };
        Ok(Found {
            next: rows
                .last()
                .filter(|_| has_next)
                .map(|last| Cursor::after(last).to_string()),
            previous: rows
                .first()
                .filter(|_| has_previous)
                .map(|first| Cursor::before(first).to_string()),
            rows,
        })
    }

    /// `statement` selects from connections; appended is which of an application's, state and words
    /// included.
    pub(super) async fn narrowed_to(
        &self,
        statement: Statement,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Statement, StoreError> {
        let (narrowings, few) = self.narrowings_of(application, query).await?;
        let way = Way::of(&narrowings, &few);
        Ok(way.narrow(statement, application, &narrowings))
    }

    async fn narrowings_of(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<(Vec<Narrowing>, Vec<Option<i64>>), StoreError> {
        let mut narrowings = self.words_of(application, &query.words).await?;
        narrowings.extend(query.state.map(Narrowing::State));
        narrowings.extend(query.narrowings());
        let few = self.probes(application, &narrowings).await?;
        Ok((narrowings, few))
    }

    /// The statement that reads a page, for whoever wants to know how it is answered.
    pub async fn page_statement(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Statement, StoreError> {
        let (narrowings, few) = self.narrowings_of(application, query).await?;
        let cursor = Cursor::parse(&query.cursor);
        let limit = query.limit.clamp(1, 200) + 1;
        let mut way = Way::of(&narrowings, &few);
        if let (Way::Walk(_), Some(word)) = (&way, longest_word(&narrowings)) {
            let near = self.ends_soon(&way, application, &narrowings, (cursor.as_ref(), limit));
            if !near.await? {
                way = Way::Candidates(word);
            }
        }
        let statement = way.narrow(sql(COLUMNS), application, &narrowings);
        Ok(in_order(statement, cursor.as_ref()).and_bind(" LIMIT ?", limit))
    }

    /// Whether a walk that begins at `cursor` has `limit` rows together, or comes to its end, before it has
    /// looked at more than [`FEW`].
    async fn ends_soon(
        &self,
        way: &Way<'_>,
        application: &ApplicationId,
        narrowings: &[Narrowing],
        (cursor, limit): (Option<&Cursor>, i64),
    ) -> Result<bool, StoreError> {
        let count = sql("SELECT COUNT(*) AS many FROM (SELECT 1 AS one");
        let (stretch, leader) = way.stretch(count, application, narrowings, cursor);
        let found = looked_at(stretch.and(" WHERE 1 = 1"), leader, narrowings)
            .and_bind(" LIMIT ?) AS found", limit);
        if self.count(found).await? >= limit {
            return Ok(true);
        }
        let count = sql("SELECT COUNT(*) AS many");
        let (stretch, _) = way.stretch(count, application, narrowings, cursor);
        Ok(self.count(stretch).await? < FEW)
    }

    async fn count(&self, statement: Statement) -> Result<i64, StoreError> {
        let row = (&self.db).row(statement).await?;
        row.map_or(Ok(0), |row| row.int("many"))
    }

    /// How many of an application's connections are in which state, narrowed but for the state, as far as
    /// the newest of each state tell.
    pub async fn counts_of_list(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<ListCounts, StoreError> {
        let mut narrowings = self.words_of(application, &query.words).await?;
        narrowings.extend(query.narrowings());
        let few = self.probes(application, &narrowings).await?;
        let way = Way::of(&narrowings, &few);
        if let Way::Candidates(_) = way {
            let counts = self.count_by_state(&way, application, &narrowings).await?;
            return Ok(counts.into());
        }
        let mut counts = ListCounts::default();
        for state in ConnectionState::ALL {
            *counts.of_mut(state) = self.count_in(application, state, &narrowings).await?;
        }
        if let (true, Some(word)) = (counts.total().is_vague(), longest_word(&narrowings)) {
            // the newest do not have it: some who do tell more
            let some = Way::Some(word);
            let some = self.count_by_state(&some, application, &narrowings).await?;
            counts = counts.or_at_least(some);
        }
        Ok(counts)
    }

    async fn count_by_state(
        &self,
        way: &Way<'_>,
        application: &ApplicationId,
        narrowings: &[Narrowing],
    ) -> Result<StateCounts, StoreError> {
        let select = sql(
            "SELECT status, CAST(CASE WHEN fail_count > 0 THEN 1 ELSE 0 END AS BIGINT) AS failing, COUNT(*) AS many FROM connections",
        );
        let statement = way
            .narrow(select, application, narrowings)
            .and(" GROUP BY status, CASE WHEN fail_count > 0 THEN 1 ELSE 0 END");
        let mut counts = StateCounts::default();
        for row in (&self.db).rows(statement).await? {
            let many = row.count("many")?;
            match (row.parsed::<Status>("status")?, row.flag("failing")?) {
                (Status::Active, false) => counts.active += many,
                (Status::Active, true) => counts.degraded += many,
                (Status::ReconnectRequired, _) => counts.reconnect_required += many,
                (Status::Revoked, _) => counts.revoked += many,
            }
        }
        Ok(counts)
    }

    async fn count_in(
        &self,
        application: &ApplicationId,
        state: ConnectionState,
        narrowings: &[Narrowing],
    ) -> Result<Counted, StoreError> {
        let mut all = vec![Narrowing::State(state)];
        all.extend_from_slice(narrowings);
        let counts = sql("SELECT COUNT(*) AS looked, COUNT(CASE WHEN 1 = 1");
        let way = Way::Walk(all.first());
        let counts = looked_at(counts, all.first(), &all).and(" THEN 1 END) AS many");
        let (statement, _) = way.stretch(counts, application, &all, None);
        let row = (&self.db).row(statement).await?;
        row.map_or(Ok(Counted::default()), |row| {
            let stopped = !narrowings.is_empty() && row.int("looked")? >= FEW;
            Ok(Counted::up_to(row.count("many")?, stopped))
        })
    }

    /// How many of an application's connections are in which state.
    pub async fn connection_counts(
        &self,
        application: &ApplicationId,
    ) -> Result<StateCounts, StoreError> {
        let by_status = sql(
            "SELECT status, COUNT(*) AS many FROM connections WHERE application_id = $1 GROUP BY status",
        )
        .bind(application.as_str());
        let failing = sql(
            "SELECT COUNT(*) AS many FROM connections WHERE application_id = $1 AND status = 'active' AND fail_count > 0",
        )
        .bind(application.as_str());
        let mut counts = StateCounts::default();
        if let Some(row) = (&self.db).row(failing).await? {
            counts.degraded = row.count("many")?;
        }
        for row in (&self.db).rows(by_status).await? {
            let many = row.count("many")?;
            match row.parsed::<Status>("status")? {
                Status::Active => counts.active = many.saturating_sub(counts.degraded),
                Status::ReconnectRequired => counts.reconnect_required = many,
                Status::Revoked => counts.revoked = many,
            }
        }
        Ok(counts)
    }

    /// What is meant by what was typed: a support code, if it is one, or words.
    async fn words_of(
        &self,
        application: &ApplicationId,
        typed: &str,
    ) -> Result<Vec<Narrowing>, StoreError> {
        if typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        if let Some(connection) = self.connection_by_code(application, typed).await? {
            return Ok(vec![Narrowing::One(connection)]);
        }
        let words: Vec<_> = terms(typed).into_iter().map(Narrowing::Word).collect();
        Ok(if words.is_empty() {
            vec![Narrowing::Nothing]
        } else {
            words
        })
    }

    /// How many candidates each has, [`FEW`] and one more at most.
    async fn probes(
        &self,
        application: &ApplicationId,
        narrowings: &[Narrowing],
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let mut few = Vec::with_capacity(narrowings.len());
        for one in narrowings {
            few.push(match probe(one, application, FEW + 1) {
                Some(statement) => Some(self.count(statement).await?),
                None => None,
            });
        }
        Ok(few)
    }
}

/// The one that most probably few have.
fn longest_word(narrowings: &[Narrowing]) -> Option<&Narrowing> {
    let words = narrowings.iter().filter_map(|one| match one {
        Narrowing::Word(term) => Some((term.beginning.len(), one)),
        _ => None,
    });
    words.max_by_key(|(length, _)| *length).map(|(_, one)| one)
}

/// Where a page begins: after or before a row, in the order (`created_at`, `id`).
struct Cursor {
    backwards: bool,
    created_at: i64,
    id: String,
}

impl Cursor {
    fn after(row: &Connection) -> Self {
        Self {
            backwards: false,
            created_at: row.created_at.millis(),
            id: row.id.to_string(),
        }
    }

    fn before(row: &Connection) -> Self {
        Self {
            backwards: true,
            created_at: row.created_at.millis(),
            id: row.id.to_string(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let backwards = match parts.next()? {
            "a" => false,
            "b" => true,
            _ => return None,
        };
        let created_at = parts.next()?.parse().ok()?;
        let id: ConnectionId = parts.next()?.parse().ok()?;
        Some(Self {
            backwards,
            created_at,
            id: id.to_string(),
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}.{}.{}",
            if self.backwards { "b" } else { "a" },
            self.created_at,
            self.id
        )
    }
}
