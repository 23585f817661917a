//! What was done, by whom: the audit, its chain and its export.

use super::{OrFail, PortalRequest, Task, actor};
use crate::caller;
use crate::domain::{Member, Timestamp};
use crate::store::{AuditListed, AuditQuery};
use app::portal::{Answer, Auditing};
use app::wire::{ApplicationLink, AuditFilter, AuditRow, AuditSubject, AuditView, Page};
use async_trait::async_trait;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

const ROWS: i64 = 50;
/// A check that takes longer goes on by itself, and the page says how far it is.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
const DAY: Duration = Duration::from_hours(24);

/// Names for what the rows of a page are about.
struct Names {
    /// Applications by id.
    applications: HashMap<String, ApplicationLink>,
    /// Slug and name of providers, by id.
    providers: HashMap<String, (String, String)>,
    /// Names of providers, by application and slug.
    by_slug: HashMap<(String, String), String>,
}

#[async_trait]
impl Auditing for PortalRequest {
    async fn audit(&self, filter: AuditFilter) -> Answer<AuditView> {
        let member = self.allowed(Task::ReadAudit).await?;
        let store = &self.state.store;
        let names = self.names(&member).await?;
        let query = audit_query(&filter, &names);
        let found = store
            .audit_page(&member.organization, &query, &filter.cursor, ROWS)
            .await
            .or_fail()?;
        Ok(AuditView {
            filter,
            members: store.member_names(&member.organization).await.or_fail()?,
            page: Page {
                rows: found
                    .rows
                    .into_iter()
                    .map(|listed| row(listed, &names))
                    .collect(),
                next: found.older,
                previous: found.newer,
            },
            chain: store.audit_chain(&member.organization).await.or_fail()?,
            now: store.now().millis(),
        })
    }

    async fn check_audit(&self) -> Answer<()> {
        let member = self.allowed(Task::ReadAudit).await?;
        let begun = self.state.store.begin_audit_check(&member.organization);
        if !begun.await.or_fail()? {
            return Ok(());
        }
        let (auditor, organization) = (self.state.auditor.clone(), member.organization.clone());
        let by = actor(&member);
        let check = self.state.tasks.spawn(caller::carried(async move {
            if let Err(error) = auditor.check(&organization, by).await {
                tracing::error!(%error, "the audit could not be checked");
            }
        }));
        // whoever does not wait for it finds out how far it is
        drop(tokio::time::timeout(LONGEST_WAIT, check).await);
        Ok(())
    }
}

impl PortalRequest {
    /// The query of an export, for a member who may take the audit away; noted before it begins.
    pub(super) async fn begin_export(
        &self,
        filter: &AuditFilter,
        format: &str,
    ) -> Answer<(Member, AuditQuery)> {
        let member = self.allowed(Task::ExportAudit).await?;
        let names = self.names(&member).await?;
        let query = audit_query(filter, &names);
        let narrowed_to = [
            ("q", filter.q.as_str()),
            ("what", &filter.what),
            ("application", &filter.application),
            ("member", &filter.member),
            ("from", &filter.from),
            ("to", &filter.to),
        ];
        self.state
            .store
            .note_audit_export(&member.organization, format, &narrowed_to, actor(&member))
            .await
            .or_fail()?;
        Ok((member, query))
    }

    async fn names(&self, member: &Member) -> Answer<Names> {
        let mut names = Names {
            applications: HashMap::new(),
            providers: HashMap::new(),
            by_slug: HashMap::new(),
        };
        let store = &self.state.store;
        for application in store.applications(&member.organization).await.or_fail()? {
            for provider in store.providers(&application.id).await.or_fail()? {
                let name = self.name_of(&provider);
                let slug = provider.slug.to_string();
                names
                    .by_slug
                    .insert((application.id.to_string(), slug.clone()), name.clone());
                names
                    .providers
                    .insert(provider.id.to_string(), (slug, name));
            }
            let link = ApplicationLink {
                slug: application.slug.to_string(),
                name: application.name,
            };
            names.applications.insert(application.id.to_string(), link);
        }
        Ok(names)
    }
}

fn audit_query(filter: &AuditFilter, names: &Names) -> AuditQuery {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let application = some(&filter.application).map(|slug| {
        let found = names.applications.iter().find(|(_, one)| one.slug == slug);
        // one that is not there has no rows
        found.map_or(slug, |(id, _)| id.clone())
    });
    AuditQuery {
        words: filter.q.clone(),
        kind: filter.what.parse().ok(),
        application,
        member: some(&filter.member),
        from: day(&filter.from),
        until: day(&filter.to).map(|last| last + DAY),
    }
}

/// The beginning of a day such as `2026-11-20`, UTC.
fn day(text: &str) -> Option<Timestamp> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let date = time::Date::from_calendar_date(year, month.try_into().ok()?, day).ok()?;
    let seconds = date.midnight().assume_utc().unix_timestamp();
    Some(Timestamp::from_millis(seconds * 1000))
}

fn row(listed: AuditListed, names: &Names) -> AuditRow {
    let AuditListed {
        record,
        subject,
        provider,
    } = listed;
    let application = record.application.as_deref().unwrap_or_default();
    let known = provider.as_ref().and_then(|id| names.providers.get(id));
    AuditRow {
        seq: record.seq,
        at: record.at.millis(),
        application: names.applications.get(application).cloned(),
        detail: facts(&record.detail, application, names),
        action: record.action,
        actor_kind: record.actor_kind,
        actor: record.actor_name,
        subject: AuditSubject {
            kind: record.subject_kind,
            id: record.subject_id,
            name: subject,
            provider: known.map(|(_, name)| name.clone()),
            provider_slug: known.map(|(slug, _)| slug.clone()),
        },
        address: record.address,
        node: record.node,
    }
}

/// The detail as names and values to read; what is empty is left out.
fn facts(detail: &str, application: &str, names: &Names) -> Vec<(String, String)> {
    let Ok(Value::Object(members)) = serde_json::from_str(detail) else {
        return Vec::new();
    };
    members
        .into_iter()
        .map(|(name, value)| {
            let words = match (name.as_str(), &value) {
                ("providers", Value::Object(counts)) => {
                    let mut counts: Vec<(&String, i64)> = counts
                        .iter()
                        .map(|(slug, times)| (slug, times.as_i64().unwrap_or_default()))
                        .collect();
                    counts.sort_by_key(|(slug, times)| (-times, *slug));
                    let named = counts.into_iter().map(|(slug, times)| {
                        let key = (application.to_owned(), slug.clone());
                        let name = names.by_slug.get(&key).unwrap_or(slug);
                        format!("{name} {times}")
                    });
                    named.collect::<Vec<_>>().join(", ")
                }
                _ => in_words(&value),
            };
            (name, words)
        })
        .filter(|(_, words)| !words.is_empty())
        .collect()
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name} {}", in_words(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_or_left_out() {
        assert_eq!(
            day("2026-11-20"),
            Some(Timestamp::from_millis(1_795_132_800_000))
        );
        for wrong in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "yesterday",
            "1-2-3-4",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
