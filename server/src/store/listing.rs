//! Lists of connections: one page by keyset, and how many there are in each state.
//!
//! Neither reads more rows for more connections. Each thing that a list is narrowed to is asked how many
//! candidates it has, at most [`FEW`]; the rarest one decides how the list is read (see
//! [`super::narrowing`]). Counts stop where a person stops to care. What still grows is a list that is
//! narrowed to several things that are each common and rare together.

use super::connections::{COLUMNS, connection};
use super::db::{Runs, Statement, sql};
use super::grants::Marked;
use super::narrowing::{Narrowing, probe};
use super::{Store, StoreError};
use crate::domain::{
    ApiKeyId, ApplicationId, Connection, ConnectionId, ProviderId, Status, Timestamp, terms,
};
use app::wire::{BrokenReason, ConnectionState, StateCounts};

/// So many rows are looked at one by one without anybody noticing.
const FEW: i64 = 1000;

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
        let (mut statement, led_by) = match self {
            Self::Candidates(one) => {
                let within = statement.clone().and(" WHERE id IN (");
                match one.candidates(within, application) {
                    Some(candidates) => (candidates.and(")"), None),
                    None => (of_application(statement, application), None),
                }
            }
            Self::Walk(one) => (of_application(statement, application), *one),
        };
        let walks = matches!(self, Self::Walk(_));
        for one in narrowings {
            let leads = led_by.is_some_and(|leader| std::ptr::eq(leader, one));
            let indexed = (leads || (walks && one.is_bound()))
                .then(|| one.indexed(statement.clone()))
                .flatten();
            statement = indexed.unwrap_or_else(|| one.looked_at(statement));
        }
        statement
    }
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
        let mut narrowings = self.words_of(application, &query.words).await?;
        narrowings.extend(query.state.map(Narrowing::State));
        narrowings.extend(query.narrowings());
        let few = self.probes(application, &narrowings).await?;
        let way = Way::of(&narrowings, &few);
        Ok(way.narrow(statement, application, &narrowings))
    }

    /// The statement that reads a page, for whoever wants to know how it is answered.
    pub async fn page_statement(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Statement, StoreError> {
        let mut statement = self.narrowed_to(sql(COLUMNS), application, query).await?;
        let cursor = Cursor::parse(&query.cursor);
        let backwards = cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        if let Some(Cursor { created_at, id, .. }) = &cursor {
            let beyond = if backwards {
                " AND (created_at, id) > (?, "
            } else {
                " AND (created_at, id) < (?, "
            };
            statement = statement
                .and_bind(beyond, *created_at)
                .and_bind("?)", id.as_str());
        }
        let order = if backwards {
            " ORDER BY created_at, id"
        } else {
            " ORDER BY created_at DESC, id DESC"
        };
        let limit = query.limit.clamp(1, 200);
        Ok(statement.and(order).and_bind(" LIMIT ?", limit + 1))
    }

    /// How many of an application's connections are in which state, narrowed but for the state: each up to
    /// [`StateCounts::MOST`], and one more where there are more.
    pub async fn counts_of_list(
        &self,
        application: &ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<StateCounts, StoreError> {
        let mut narrowings = self.words_of(application, &query.words).await?;
        narrowings.extend(query.narrowings());
        let few = self.probes(application, &narrowings).await?;
        let way = Way::of(&narrowings, &few);
        if let Way::Candidates(_) = way {
            let select = sql(
                "SELECT status, CAST(CASE WHEN fail_count > 0 THEN 1 ELSE 0 END AS BIGINT) AS failing, COUNT(*) AS many FROM connections",
            );
            let statement = way
                .narrow(select, application, &narrowings)
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
            return Ok(counts);
        }
        Ok(StateCounts {
            active: self
                .count_in(application, ConnectionState::Active, &narrowings)
                .await?,
            degraded: self
                .count_in(application, ConnectionState::Degraded, &narrowings)
                .await?,
            reconnect_required: self
                .count_in(application, ConnectionState::ReconnectRequired, &narrowings)
                .await?,
            revoked: self
                .count_in(application, ConnectionState::Revoked, &narrowings)
                .await?,
        })
    }

    async fn count_in(
        &self,
        application: &ApplicationId,
        state: ConnectionState,
        narrowings: &[Narrowing],
    ) -> Result<u64, StoreError> {
        let mut all = vec![Narrowing::State(state)];
        all.extend_from_slice(narrowings);
        let statement = Way::Walk(all.first()).narrow(
            sql("SELECT COUNT(*) AS many FROM (SELECT 1 AS one FROM connections"),
            application,
            &all,
        );
        let most = i64::try_from(StateCounts::MOST).unwrap_or(i64::MAX);
        let statement = statement.and_bind(" LIMIT ?) AS counted", most + 1);
        let row = (&self.db).row(statement).await?;
        row.map_or(Ok(0), |row| row.count("many"))
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
                Some(statement) => (&self.db)
                    .row(statement)
                    .await?
                    .map(|row| row.int("many"))
                    .transpose()?,
                None => None,
            });
        }
        Ok(few)
    }
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
