//! Reading the audit: a page of it, and all of it a few rows at a time.

use super::audit::{RECORD, record};
use super::db::{Row, Runs, Statement, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, AuditAction, AuditEvent, AuditRecord, OrganizationId, Timestamp};
use app::wire::AuditKind;
use serde_json::json;

/// What the audit is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// A part of a name, an id, an address or a detail; empty for all.
    pub words: String,
    /// Only what is filed under this.
    pub kind: Option<AuditKind>,
    /// Only about this application, by id.
    pub application: Option<String>,
    /// Only by or about this member, by id.
    pub member: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// An event, with the names that what it is about has now.
#[derive(Clone, Debug)]
pub struct AuditListed {
    /// The event.
    pub record: AuditRecord,
    /// Name of its subject, where it still has one.
    pub subject: Option<String>,
    /// The provider that the subject is or belongs to.
    pub provider: Option<String>,
}

/// One page.
#[derive(Clone, Debug)]
pub struct AuditFound {
    /// Its rows, the newest first.
    pub rows: Vec<AuditListed>,
    /// Cursor of the page with older ones.
    pub older: Option<String>,
    /// Cursor of the page with newer ones.
    pub newer: Option<String>,
}

/// Looked up for each row of a page by its primary key; the rows themselves are found by the audit alone.
const NAMES: &str = ", CASE e.subject_kind
         WHEN 'application' THEN (SELECT name FROM applications WHERE id = e.subject_id)
         WHEN 'provider' THEN (SELECT slug FROM providers WHERE id = e.subject_id)
         WHEN 'connection' THEN (SELECT COALESCE(account_label, end_user_name, end_user_id) FROM connections WHERE id = e.subject_id)
         WHEN 'connect_session' THEN (SELECT COALESCE(end_user_name, end_user_id) FROM connect_sessions WHERE id = e.subject_id)
         WHEN 'api_key' THEN (SELECT name FROM api_keys WHERE id = e.subject_id)
         WHEN 'member' THEN (SELECT name FROM members WHERE id = e.subject_id)
         WHEN 'organization' THEN (SELECT name FROM organizations WHERE id = e.subject_id)
         END AS subject_name,
     CASE e.subject_kind
         WHEN 'provider' THEN e.subject_id
         WHEN 'connection' THEN (SELECT provider_id FROM connections WHERE id = e.subject_id)
         END AS provider_id";

fn listed(row: &Row) -> Result<AuditListed, StoreError> {
    Ok(AuditListed {
        record: record(row)?,
        subject: row.maybe_text("subject_name")?,
        provider: row.maybe_text("provider_id")?,
    })
}

/// `%` and `_` stand for themselves.
fn pattern(words: &str) -> String {
    let escaped = words
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{}%", escaped.to_lowercase())
}

fn narrowed(statement: Statement, organization: &OrganizationId, query: &AuditQuery) -> Statement {
    let mut statement = statement
        .and(" FROM audit_events e")
        .and_bind(" WHERE e.organization_id = ?", organization.as_str());
    if let Some(application) = &query.application {
        statement = statement.and_bind(" AND e.application_id = ?", application);
    }
    if let Some(member) = &query.member {
        statement = statement
            .and_bind(" AND (e.actor_id = ?", member)
            .and_bind(" OR e.subject_id = ?)", member);
    }
    if let Some(from) = query.from {
        statement = statement.and_bind(" AND e.at >= ?", from);
    }
    if let Some(until) = query.until {
        statement = statement.and_bind(" AND e.at < ?", until);
    }
    if let Some(kind) = query.kind {
        statement = statement.and(" AND e.action IN (''");
        for action in AuditAction::ALL.iter().filter(|one| one.kind() == kind) {
            statement = statement.and_bind(", ?", action.as_str());
        }
        statement = statement.and(")");
    }
    let words = query.words.trim();
    if !words.is_empty() {
        let pattern = pattern(words);
        statement = statement
            .and_bind(" AND (LOWER(e.actor_name) LIKE ? ESCAPE '\\'", &pattern)
            .and_bind(" OR LOWER(e.detail) LIKE ? ESCAPE '\\'", &pattern)
            .and_bind(" OR LOWER(e.subject_id) LIKE ? ESCAPE '\\'", &pattern)
            .and_bind(" OR LOWER(e.actor_id) LIKE ? ESCAPE '\\'", &pattern)
            .and_bind(" OR e.address LIKE ? ESCAPE '\\')", &pattern);
    }
    statement
}

/// Where a page begins: a number and a direction, such as `older-17`.
#[derive(Clone, Copy)]
enum Cursor {
    Older(i64),
    Newer(i64),
}

fn cursor(text: &str) -> Option<Cursor> {
    match text.split_once('-')? {
        ("older", seq) => seq.parse().ok().map(Cursor::Older),
        ("newer", seq) => seq.parse().ok().map(Cursor::Newer),
        _ => None,
    }
}

impl Store {
    /// One page of an organization's audit, the newest first.
    pub async fn audit_page(
        &self,
        organization: &OrganizationId,
        query: &AuditQuery,
        from: &str,
        limit: i64,
    ) -> Result<AuditFound, StoreError> {
        let from = cursor(from);
        let statement = narrowed(sql(RECORD).and(NAMES), organization, query);
        let statement = match from {
            Some(Cursor::Older(seq)) => {
                statement.and_bind(" AND e.seq < ? ORDER BY e.seq DESC", seq)
            }
            Some(Cursor::Newer(seq)) => statement.and_bind(" AND e.seq > ? ORDER BY e.seq", seq),
            None => statement.and(" ORDER BY e.seq DESC"),
        };
        let found = (&self.db)
            .rows(statement.and_bind(" LIMIT ?", limit + 1))
            .await?;
        let mut rows = found.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
        let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let backwards = matches!(from, Some(Cursor::Newer(_)));
        if backwards {
            rows.reverse();
        }
        let (has_older, has_newer) = match from {
            Some(Cursor::Newer(_)) => (true, more),
            Some(Cursor::Older(_)) => (more, true),
            None => (more, false),
        };
        let at = |row: Option<&AuditListed>, word: &str| {
            row.map(|row| format!("{word}-{}", row.record.seq))
        };
        Ok(AuditFound {
            older: at(rows.last().filter(|_| has_older), "older"),
            newer: at(rows.first().filter(|_| has_newer), "newer"),
            rows,
        })
    }

    /// Id and name of each member of an organization, by name, to narrow the audit to one.
    pub async fn member_names(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let statement =
            sql("SELECT id, name FROM members WHERE organization_id = $1 ORDER BY LOWER(name), id")
                .bind(organization.as_str());
        let rows = (&self.db).rows(statement).await?;
        rows.iter()
            .map(|row| Ok((row.text("id")?, row.text("name")?)))
            .collect()
    }

    /// Some events behind a number, the oldest first: an export asks again and again.
    pub async fn audit_after(
        &self,
        organization: &OrganizationId,
        query: &AuditQuery,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let statement = narrowed(sql(RECORD), organization, query)
            .and_bind(" AND e.seq > ? ORDER BY e.seq", after)
            .and_bind(" LIMIT ?", limit);
        self.db.read_all(statement, record).await
    }

    /// Writes down that the audit leaves as a file, before it does.
    pub async fn note_audit_export(
        &self,
        organization: &OrganizationId,
        format: &str,
        narrowed_to: &[(&str, &str)],
        actor: Actor,
    ) -> Result<(), StoreError> {
        let narrowed: serde_json::Map<String, serde_json::Value> = narrowed_to
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let event = AuditEvent {
            actor,
            action: AuditAction::AuditExported,
            subject_kind: "audit",
            subject_id: String::new(),
            detail: json!({"format": format, "narrowed_to": narrowed}),
        };
        self.audit_alone(organization, event).await
    }
}
