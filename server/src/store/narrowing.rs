//! One thing that a list of connections is narrowed to, as SQL.
//!
//! A narrowed list can be read in two ways. If few connections have one of the things, these are the
//! *candidates*: an index names them, and each is looked at for the rest. If many have each, the list is
//! walked in its order, on the index of one of the things, and soon a page is full. [`super::listing`]
//! finds out which it is. So that a database does not think of a third way, a thing that is only looked
//! for in a row is written so that no index answers it: `CASE WHEN .. provider_id = ? ..`.

use super::db::{Statement, sql};
use super::grants::{Marked, only_marked};
use crate::domain::{ApiKeyId, ApplicationId, ConnectionId, ProviderId, Term, Timestamp};
use app::wire::{BrokenReason, ConnectionState};
use serde_json::json;

/// One thing that connections of a list have in common.
#[derive(Clone, Debug)]
pub(super) enum Narrowing {
    /// Words that begin like these.
    Words(Words),
    /// Nothing can be meant by what was typed.
    Nothing,
    /// The one that came of an attempt.
    One(ConnectionId),
    Reason(BrokenReason),
    State(ConnectionState),
    /// No token was ever handed out.
    NeverUsed,
    /// None was since then.
    UnusedSince(Timestamp),
    /// Connected at that moment or before.
    ConnectedUntil(Timestamp),
    Provider(ProviderId),
    /// `personal` or `team`.
    OwnerKind(String),
    Team(String),
    EndUser(String),
    /// The external account's id or label.
    Account(String),
    Tag(String),
    /// This API key was given a token of it.
    HandedTo(ApiKeyId),
    Marked(Marked),
}

/// What was typed, word by word.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// The one that names the candidates.
    pub(super) lead: Term,
    /// What else they are asked for.
    pub(super) others: Vec<Term>,
    /// Whether there are connections whose words are not written yet, which have to be read for them.
    pub(super) some_unwritten: bool,
}

const OF_APPLICATION: &str = "SELECT id FROM connections WHERE application_id = ?";

impl Narrowing {
    /// Appends a query for the ids of all that have it, if an index answers that.
    pub(super) fn candidates(
        &self,
        statement: Statement,
        application: &ApplicationId,
    ) -> Option<Statement> {
        match self {
            Self::Words(words) => Some(words.ids(statement, application)),
            Self::Account(text) => {
                let first = crate::domain::terms(text).into_iter().next()?;
                Some(Words::alone(first, true).ids(statement, application))
            }
            Self::Nothing => Some(statement.and("SELECT id FROM connections WHERE 1 = 0")),
            Self::HandedTo(key) => Some(
                statement
                    .and_bind(
                        "SELECT DISTINCT connection_id AS id FROM hand_outs WHERE api_key_id = ?",
                        key.as_str(),
                    )
                    .and(" AND connection_id IN (")
                    .and_bind(OF_APPLICATION, application.as_str())
                    .and(")"),
            ),
            Self::Tag(_) | Self::Marked(_) => None,
            _ => {
                let of_application = statement.and_bind(OF_APPLICATION, application.as_str());
                Some(self.indexed(of_application))
            }
        }
    }

    /// Appends it as a condition that an index answers, below an application; nothing, if none does.
    pub(super) fn indexed(&self, statement: Statement) -> Statement {
        match self {
            Self::One(id) => statement.and_bind(" AND id = ?", id.as_str()),
            Self::Reason(reason) => statement.and_bind(
                " AND status = 'reconnect_required' AND broken_reason = ?",
                reason.as_str(),
            ),
            Self::State(ConnectionState::Active) => {
                statement.and(" AND status = 'active' AND fail_count = 0")
            }
            Self::State(ConnectionState::Degraded) => {
                statement.and(" AND status = 'active' AND fail_count > 0")
            }
            Self::State(state) => statement.and_bind(" AND status = ?", state.as_str()),
            // where the release before noted it, the day is not known
            Self::NeverUsed => statement.and(" AND used_on = 0 AND last_handed_out_at IS NULL"),
            Self::UnusedSince(since) => {
                unused_since(statement.and_bind(" AND used_on <= ?", since.day()), *since)
            }
            Self::ConnectedUntil(until) => statement
                .and_bind(" AND created_at <= ?", *until)
                .and_bind(" AND connected_at + 0 <= ?", *until),
            Self::Provider(id) => statement.and_bind(" AND provider_id = ?", id.as_str()),
            Self::OwnerKind(kind) => statement.and_bind(" AND owner_kind = ?", kind),
            Self::Team(id) => statement.and_bind(" AND owner_kind = 'team' AND owner_id = ?", id),
            Self::EndUser(id) => statement.and_bind(" AND end_user_id = ?", id),
            Self::Words(_)
            | Self::Nothing
            | Self::Account(_)
            | Self::Tag(_)
            | Self::HandedTo(_)
            | Self::Marked(_) => statement,
        }
    }

    /// Appends it as a condition that is looked at in each row. Where it compares to one value, it is written so
    /// that PostgreSQL believes that nearly all have it: of `=` it believes that one in two hundred does, and
    /// would look at all rows and sort the few, where the first fifty in the order of the list have it.
    pub(super) fn looked_at(&self, statement: Statement) -> Statement {
        match self {
            Self::Words(words) => words.terms().fold(statement, |statement, term| {
                words.looked_at(statement, term)
            }),
            Self::Nothing => statement.and(" AND 1 = 0"),
            Self::NeverUsed => statement.and(" AND last_handed_out_at IS NULL"),
            Self::UnusedSince(since) => unused_since(statement, *since),
            Self::ConnectedUntil(until) => statement.and_bind(" AND connected_at + 0 <= ?", *until),
            Self::Account(text) => statement.and_bind(
                " AND CASE WHEN account_id = ? OR account_label = ? THEN 1 ELSE 0 END <> 0",
                text,
            ),
            // tags are a JSON list of texts, so a whole one stands between quotes
            Self::Tag(tag) => statement.and_bind(
                " AND tags LIKE ? ESCAPE '!'",
                anywhere(&json!(tag).to_string()),
            ),
            Self::HandedTo(key) => statement
                .and(
                    " AND EXISTS (SELECT 1 FROM hand_outs h WHERE h.connection_id = connections.id",
                )
                .and_bind(" AND h.api_key_id = ?)", key.as_str()),
            Self::Marked(marked) => only_marked(statement, marked),
            Self::One(_)
            | Self::Reason(_)
            | Self::State(_)
            | Self::Provider(_)
            | Self::OwnerKind(_)
            | Self::Team(_)
            | Self::EndUser(_) => self
                .indexed(statement.and(" AND CASE WHEN 1 = 1"))
                .and(" THEN 1 ELSE 0 END <> 0"),
        }
    }

    /// What a row is looked at for.
    pub(super) fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Words(Words {
                some_unwritten: true,
                ..
            }) => &["words_at", "connected_at", "search_text"],
            Self::Words(_) | Self::Nothing | Self::One(_) | Self::HandedTo(_) => &[],
            Self::Reason(_) => &["status", "broken_reason"],
            Self::State(_) => &["status", "fail_count"],
            Self::NeverUsed => &["last_handed_out_at"],
            Self::UnusedSince(_) => &["last_handed_out_at", "created_at"],
            Self::ConnectedUntil(_) => &["connected_at"],
            Self::Provider(_) => &["provider_id"],
            Self::OwnerKind(_) => &["owner_kind"],
            Self::Team(_) => &["owner_kind", "owner_id"],
            Self::EndUser(_) => &["end_user_id"],
            Self::Account(_) => &["account_id", "account_label"],
            Self::Tag(_) => &["tags"],
            Self::Marked(_) => &["status", "provider_id", "scopes_granted", "client_id"],
        }
    }

    /// Whether one in this state can have it.
    pub(super) fn allows(&self, state: ConnectionState) -> bool {
        !matches!(self, Self::Reason(_)) || state == ConnectionState::ReconnectRequired
    }

    /// Whether its index has the order of the list, so that the list can be walked on it.
    pub(super) fn has_order(&self) -> bool {
        matches!(
            self,
            Self::Reason(_)
                | Self::State(_)
                | Self::NeverUsed
                | Self::Provider(_)
                | Self::OwnerKind(_)
        )
    }

    /// Whether each of its candidates has it, so that none is looked at for it again.
    pub(super) fn is_exact(&self) -> bool {
        !matches!(self, Self::Account(_))
    }

    /// Whether it only says where a walk begins, on any index that has the order of the list.
    pub(super) fn is_bound(&self) -> bool {
        matches!(self, Self::ConnectedUntil(_))
    }
}

fn unused_since(statement: Statement, since: Timestamp) -> Statement {
    statement.and_bind(" AND COALESCE(last_handed_out_at, created_at) < ?", since)
}

/// Rows whose words are not written yet are read one by one, so that an update hides none.
///
/// The condition of an index, spelled so that no statistics speak of it: PostgreSQL takes a `CASE` that is
/// compared to be true of one row in two hundred, and uses the index. Of `<>` it believes that nearly all
/// rows fit, and reads the table.
pub(super) const WORDLESS: &str = "CASE WHEN words_at = connected_at THEN 0 ELSE 1 END = 1";

/// Appends that these connections of an application have no words yet. Led by the index of those, which
/// is empty most of the time.
pub(super) fn of_wordless(statement: Statement, application: &ApplicationId) -> Statement {
    let wordless = statement.and(" FROM connections WHERE ").and(WORDLESS);
    wordless.and_bind(" AND application_id || '' = ?", application.as_str())
}

impl Words {
    /// One word, and no others.
    pub(super) fn alone(lead: Term, some_unwritten: bool) -> Self {
        Self {
            lead,
            others: Vec::new(),
            some_unwritten,
        }
    }

    /// Appends a query for `created_at` and `id` of all that have these words, some of them more than once.
    /// Both stand beside each word, so that no connection is read for them.
    pub(super) fn entries(&self, statement: Statement, application: &ApplicationId) -> Statement {
        let led = statement
            .and_bind(
                "SELECT created_at, connection_id AS id FROM connection_words l WHERE application_id = ?",
                application.as_str(),
            )
            .and_bind(" AND word >= ?", &self.lead.beginning)
            .and_bind(" AND word < ?", self.lead.end());
        let led = self.others.iter().fold(led, |led, term| {
            of_word(led.and(" AND "), "l.connection_id", term)
        });
        if !self.some_unwritten {
            return led;
        }
        let wordless = led.and(" UNION ALL SELECT created_at, id");
        let wordless = of_wordless(wordless, application);
        self.terms().fold(wordless, |wordless, term| {
            wordless.and_bind(" AND search_text LIKE ? ESCAPE '!'", anywhere(&term.typed))
        })
    }

    /// The same, their ids alone.
    fn ids(&self, statement: Statement, application: &ApplicationId) -> Statement {
        let entries = self.entries(statement.and("SELECT id FROM ("), application);
        entries.and(") AS entries")
    }

    /// Appends one of them as a condition that is looked at in each row.
    fn looked_at(&self, statement: Statement, term: &Term) -> Statement {
        if !self.some_unwritten {
            return of_word(statement.and(" AND "), "connections.id", term);
        }
        of_word(statement.and(" AND ("), "connections.id", term)
            .and(" OR (")
            .and(WORDLESS)
            .and_bind(
                " AND search_text LIKE ? ESCAPE '!'))",
                anywhere(&term.typed),
            )
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        std::iter::once(&self.lead).chain(&self.others)
    }
}

/// Not with `EXISTS`, for which PostgreSQL may read all words that begin like this before it looks at
/// the first row; and not `= 1`, for the reason that [`Narrowing::looked_at`] gives.
fn of_word(statement: Statement, id: &'static str, term: &Term) -> Statement {
    statement
        .and("COALESCE((SELECT 1 FROM connection_words w WHERE w.connection_id = ")
        .and(id)
        .and_bind(" AND w.word >= ?", &term.beginning)
        .and_bind(" AND w.word < ? LIMIT 1), 0) <> 0", term.end())
}

fn anywhere(text: &str) -> String {
    let plain = text
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{plain}%")
}

/// How many candidates there are, up to `most`; `None` where no index says. An index may name some that do not
/// have it: these are counted as well, since no row is read for this.
pub(super) fn probe(
    narrowing: &Narrowing,
    application: &ApplicationId,
    most: i64,
) -> Option<Statement> {
    let counted = sql("SELECT COUNT(*) AS many FROM (");
    let of_application = counted
        .clone()
        .and_bind(OF_APPLICATION, application.as_str());
    let counted = match narrowing {
        Narrowing::State(ConnectionState::Active) => of_application.and(" AND status = 'active'"),
        Narrowing::NeverUsed => of_application.and(" AND used_on = 0"),
        Narrowing::UnusedSince(since) => of_application.and_bind(" AND used_on <= ?", since.day()),
        Narrowing::ConnectedUntil(until) => of_application.and_bind(" AND created_at <= ?", *until),
        // as many as begin like the rarest of them
        Narrowing::Words(words) => {
            let lead = Words::alone(words.lead.clone(), words.some_unwritten);
            lead.ids(counted, application)
        }
        _ => narrowing.candidates(counted, application)?,
    };
    Some(counted.and_bind(" LIMIT ?) AS candidates", most))
}
