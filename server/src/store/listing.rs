//! Lists of connections: one page by keyset, and how many there are in each state.
//!
//! Neither reads more rows for more connections. Each thing that a list is narrowed to is asked how many
//! candidates it has, at most [`FEW`], or half of those of one before it; one that is about the rarest
//! decides how the list is read (see [`super::narrowing`]). A word that many have, but none of the newest,
//! is read by its candidates all the same. Counts look at so many rows and no more, and say where they stopped. What still grows is a
//! list that is narrowed to several things that are each common and rare together.
//!
//! What is asked of an index first is asked once for a page and for the counts beside it ([`List`]).

mod cursor;
mod way;

use super::connections::{COLUMNS, FAILING, connection, state};
use super::db::{Row, Runs, Statement, sql};
use super::grants::Marked;
use super::narrowing::{Narrowing, Words, probe};
use super::{Store, StoreError};
use crate::domain::{ApiKeyId, ApplicationId, Connection, ProviderId, Status, Timestamp, terms};
use app::wire::{BrokenReason, ConnectionState, Counted, ListCounts, StateCounts};
use cursor::Cursor;
use tokio::sync::OnceCell;
use way::{FEW, Probed, Way, in_order, looked_at, order};

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
    fn rest(&self) -> Vec<Narrowing> {
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

/// A list that is about to be read: what it is narrowed to has been asked of the indexes.
pub struct List<'a> {
    store: &'a Store,
    application: &'a ApplicationId,
    /// But for the state.
    narrowings: Vec<Probed>,
    state: Option<Probed>,
    cursor: Option<Cursor>,
    limit: i64,
    gathered: OnceCell<Gathered>,
}

/// What a list of few candidates holds.
#[derive(Default)]
struct Gathered {
    counts: StateCounts,
    /// Ids of the connections of the page, and of one more.
    page: Vec<String>,
}

impl List<'_> {
    /// One page, and how many there are in each state beside it: read at the same time, where one read does
    /// not tell both.
    pub async fn page_and_counts(&self) -> Result<(Found, ListCounts), StoreError> {
        if self.gathered().await?.is_some() {
            return Ok((self.page().await?, self.counts().await?));
        }
        tokio::try_join!(self.page(), self.counts())
    }

    /// One page, the newest first.
    pub async fn page(&self) -> Result<Found, StoreError> {
        let cursor = self.cursor.as_ref();
        let rows = match self.gathered().await? {
            Some(gathered) if gathered.page.is_empty() => Vec::new(),
            Some(gathered) => {
                let rows = sql(COLUMNS).and(" WHERE id").and_in(&gathered.page);
                (&self.store.db).rows(rows.and(order(cursor))).await?
            }
            None => (&self.store.db).rows(self.page_statement().await?).await?,
        };
        let mut rows: Vec<Connection> = rows.iter().map(connection).collect::<Result<_, _>>()?;
        let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > self.limit;
        rows.truncate(usize::try_from(self.limit).unwrap_or(200));
        let backwards = cursor.is_some_and(|cursor| cursor.backwards);
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

    /// The statement that finds what is on the page, for whoever wants to know how it is answered.
    pub async fn statement(&self) -> Result<Statement, StoreError> {
        match self.gathering() {
            Some(statement) => Ok(statement),
            None => self.page_statement().await,
        }
    }

    /// What a list of few candidates holds, if it is one.
    async fn gathered(&self) -> Result<Option<&Gathered>, StoreError> {
        if let Some(gathered) = self.gathered.get() {
            return Ok(Some(gathered));
        }
        let Some(statement) = self.gathering() else {
            return Ok(None);
        };
        let gathered = self.gathered.get_or_try_init(|| async {
            let mut gathered = Gathered::default();
            for row in (&self.store.db).rows(statement).await? {
                match row.maybe_text("id")? {
                    Some(id) => gathered.page.push(id),
                    None => count_row(&mut gathered.counts, &row)?,
                }
            }
            Ok(gathered)
        });
        gathered.await.map(Some)
    }

    /// Reads each candidate once, for the page and for the counts beside it. `None` where there are many, or
    /// where an index gives each of the two without the rows.
    fn gathering(&self) -> Option<Statement> {
        let way = Way::of(&self.narrowings);
        if !matches!(way, Way::Candidates(one) if !one.has_order()) {
            return None;
        }
        let found = sql(
            "WITH found AS MATERIALIZED (SELECT id, created_at, status, fail_count FROM connections",
        );
        let found = way.narrow(found, self.application, &self.narrowings);
        let counted = found
            .and(") SELECT NULL AS id, status, ")
            .and(FAILING)
            .and(" AS failing, COUNT(*) AS many FROM found GROUP BY status, ")
            .and(FAILING);
        let page = counted.and(
            " UNION ALL SELECT id, status, 0 AS failing, 1 AS many FROM (SELECT id, status FROM found WHERE 1 = 1",
        );
        let page = looked_at(page, None, self.state.as_slice());
        let page = in_order(page, self.cursor.as_ref());
        Some(page.and_bind(" LIMIT ?) AS page", self.limit + 1))
    }

    /// Reads the page in the order of the list, or by the one word that all of it has.
    async fn page_statement(&self) -> Result<Statement, StoreError> {
        let narrowings = self.with_state();
        let (application, limit) = (self.application, self.limit + 1);
        let cursor = self.cursor.as_ref();
        let mut way = Way::of(&narrowings);
        if let (Way::Walk(_), Some((narrowing, _))) = (&way, words_of(&narrowings))
            && !self.ends_soon(&way, &narrowings, limit).await?
        {
            way = Way::Candidates(narrowing);
        }
        let page = |rows| in_order(rows, cursor).and_bind(" LIMIT ?", limit);
        Ok(match (&way, words_of(&narrowings)) {
            // the words alone know the order
            (Way::Candidates(_), Some((_, words))) if narrowings.len() == 1 => {
                let ids = sql(COLUMNS)
                    .and(" WHERE id IN (SELECT id FROM (SELECT DISTINCT created_at, id FROM (");
                let ids = words.entries(ids, application);
                let ids = page(ids.and(") AS entries WHERE 1 = 1"));
                ids.and(") AS page)").and(order(cursor))
            }
            _ => page(way.narrow(sql(COLUMNS), application, &narrowings)),
        })
    }

    /// How many of them are in which state, narrowed but for the state, as far as the newest of each state
    /// tell.
    pub async fn counts(&self) -> Result<ListCounts, StoreError> {
        if let Some(gathered) = self.gathered().await? {
            return Ok(gathered.counts.into());
        }
        let way = Way::of(&self.narrowings);
        if let Way::Candidates(_) = way {
            return Ok(self.count_by_state(&way).await?.into());
        }
        let mut counts = ListCounts::default();
        let all = self.narrowings.iter().map(|one| &one.narrowing);
        for state in ConnectionState::ALL {
            if all.clone().all(|one| one.allows(state)) {
                *counts.of_mut(state) = self.count_in(state).await?;
            }
        }
        if let (true, Some((words, _))) = (counts.total().is_vague(), words_of(&self.narrowings)) {
            // the newest do not have it: some who do tell more
            let some = self.count_by_state(&Way::Some(words)).await?;
            counts = counts.or_at_least(some);
        }
        Ok(counts)
    }

    /// What says most stands first.
    fn with_state(&self) -> Vec<Probed> {
        let words = usize::from(words_of(&self.narrowings).is_some());
        let mut narrowings = self.narrowings.clone();
        narrowings.splice(words..words, self.state.clone());
        narrowings
    }

    /// Whether a walk that begins at the cursor has `limit` rows together, or comes to its end, before it
    /// has looked at more than [`FEW`].
    async fn ends_soon(
        &self,
        way: &Way<'_>,
        narrowings: &[Probed],
        limit: i64,
    ) -> Result<bool, StoreError> {
        let cursor = self.cursor.as_ref();
        let found = self.in_stretch(sql("SELECT COUNT(*) AS many"), way, narrowings, cursor);
        let found = found.and_bind(" LIMIT ?) AS found", limit);
        if self.store.count(found).await? >= limit {
            return Ok(true);
        }
        let count = sql("SELECT COUNT(*) AS many");
        let (stretch, _) = way.stretch(count, self.application, narrowings, cursor);
        Ok(self.store.count(stretch).await? < FEW)
    }

    /// Appends those of the next [`FEW`] rows that have it all.
    fn in_stretch(
        &self,
        statement: Statement,
        way: &Way<'_>,
        narrowings: &[Probed],
        cursor: Option<&Cursor>,
    ) -> Statement {
        let found = statement.and(" FROM (SELECT 1 AS one");
        let (stretch, leader) = way.stretch(found, self.application, narrowings, cursor);
        looked_at(stretch.and(" WHERE 1 = 1"), leader, narrowings)
    }

    async fn count_by_state(&self, way: &Way<'_>) -> Result<StateCounts, StoreError> {
        let select = sql("SELECT status, ").and(FAILING);
        let select = select.and(" AS failing, COUNT(*) AS many FROM connections");
        let statement = way.narrow(select, self.application, &self.narrowings);
        let statement = statement.and(" GROUP BY status, ").and(FAILING);
        let mut counts = StateCounts::default();
        for row in (&self.store.db).rows(statement).await? {
            count_row(&mut counts, &row)?;
        }
        Ok(counts)
    }

    async fn count_in(&self, state: ConnectionState) -> Result<Counted, StoreError> {
        let mut all = vec![Probed {
            narrowing: Narrowing::State(state),
            few: None,
        }];
        all.extend_from_slice(&self.narrowings);
        let way = Way::Walk(all.first().map(|one| &one.narrowing));
        // beyond what is told, nobody counts
        let enough = i64::try_from(Counted::MOST).unwrap_or(FEW) + 1;
        let many = self.in_stretch(sql("SELECT (SELECT COUNT(*)"), &way, &all, None);
        let many = many.and_bind(" LIMIT ?) AS found) AS many", enough);
        let looked = many.and(", (SELECT COUNT(*)");
        let (looked, _) = way.stretch(looked, self.application, &all, None);
        let row = (&self.store.db).row(looked.and(") AS looked")).await?;
        row.map_or(Ok(Counted::default()), |row| {
            let stopped = !self.narrowings.is_empty() && row.int("looked")? >= FEW;
            Ok(Counted::up_to(row.count("many")?, stopped))
        })
    }
}

impl Store {
    /// Asks the indexes how an application's connections are to be read.
    pub async fn list<'a>(
        &'a self,
        application: &'a ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<List<'a>, StoreError> {
        let mut most = FEW + 1;
        let mut narrowings = Vec::new();
        if let Some(words) = self
            .words_meant(application, &query.words, &mut most)
            .await?
        {
            narrowings.push(words);
        }
        for narrowing in query.rest() {
            narrowings.push(self.probed(application, narrowing, &mut most).await?);
        }
        // last: counts are narrowed to all but this
        let state = match query.state {
            Some(state) => {
                let state = Narrowing::State(state);
                Some(self.probed(application, state, &mut most).await?)
            }
            None => None,
        };
        Ok(List {
            store: self,
            application,
            narrowings,
            state,
            cursor: Cursor::parse(&query.cursor),
            limit: query.limit.clamp(1, 200),
            gathered: OnceCell::new(),
        })
    }

    /// One page of an application's connections, the newest first.
    pub async fn connections(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Found, StoreError> {
        self.list(application, query).await?.page().await
    }

    /// `statement` selects from connections; appended is which of an application's, state and words
    /// included.
    pub(super) async fn narrowed_to(
        &self,
        statement: Statement,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Statement, StoreError> {
        let narrowings = self.list(application, query).await?.with_state();
        Ok(Way::of(&narrowings).narrow(statement, application, &narrowings))
    }

    async fn count(&self, statement: Statement) -> Result<i64, StoreError> {
        let row = (&self.db).row(statement).await?;
        row.map_or(Ok(0), |row| row.int("many"))
    }

    /// Asks how many candidates there are, if fewer than `most`, which goes down to half of these: to find
    /// that others are hardly rarer takes longer than to look at these.
    async fn probed(
        &self,
        application: &ApplicationId,
        narrowing: Narrowing,
        most: &mut i64,
    ) -> Result<Probed, StoreError> {
        let few = match probe(&narrowing, application, *most) {
            Some(statement) if *most > 0 => Some(self.count(statement).await?),
            _ => None,
        };
        let few = few.filter(|few| few < most);
        *most = few.map_or(*most, |few| few / 2);
        Ok(Probed { narrowing, few })
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
        for row in (&self.db).rows(by_status).await? {
            let working = row.parsed::<Status>("status")?.state(false);
            *counts.of_mut(working) = row.count("many")?;
        }
        if let Some(row) = (&self.db).row(failing).await? {
            counts.degraded = row.count("many")?;
            counts.active = counts.active.saturating_sub(counts.degraded);
        }
        Ok(counts)
    }

    /// What is meant by what was typed: a support code, if it is one, or words, of which the rarest leads.
    async fn words_meant(
        &self,
        application: &ApplicationId,
        typed: &str,
        most: &mut i64,
    ) -> Result<Option<Probed>, StoreError> {
        if typed.trim().is_empty() {
            return Ok(None);
        }
        if let Some(connection) = self.connection_by_code(application, typed).await? {
            let one = self.probed(application, Narrowing::One(connection), most);
            return Ok(Some(one.await?));
        }
        let some_unwritten = self.some_unwritten(application).await?;
        let mut terms = terms(typed);
        // of those that many have, the longest
        terms.sort_by_key(|term| std::cmp::Reverse(term.beginning.len()));
        let mut rarest = None;
        for (place, term) in terms.iter().enumerate() {
            let alone = Narrowing::Words(Words::alone(term.clone(), some_unwritten));
            let few = self.probed(application, alone, most).await?.few;
            if rarest.is_none() || few.is_some() {
                rarest = Some((place, few));
            }
        }
        Ok(Some(match rarest {
            Some((place, few)) => Probed {
                narrowing: Narrowing::Words(Words {
                    lead: terms.remove(place),
                    others: terms,
                    some_unwritten,
                }),
                few,
            },
            None => Probed {
                narrowing: Narrowing::Nothing,
                few: Some(0),
            },
        }))
    }
}

fn count_row(counts: &mut StateCounts, row: &Row) -> Result<(), StoreError> {
    *counts.of_mut(state(row)?) += row.count("many")?;
    Ok(())
}

/// What was typed, if it is words.
fn words_of(narrowings: &[Probed]) -> Option<(&Narrowing, &Words)> {
    narrowings.iter().find_map(|one| match &one.narrowing {
        narrowing @ Narrowing::Words(words) => Some((narrowing, words)),
        _ => None,
    })
}
