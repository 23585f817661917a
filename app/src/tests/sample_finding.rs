//! Finding connections, and what the pages about one need beside it.

use super::sample::{DAY, NOW, SamplePortal, counts, history, summary};
use super::sample_scopes;
use crate::portal::{Answer, Finding};
use crate::wire::*;
use async_trait::async_trait;

/// Salesforce refuses the credentials of the sample.
pub(super) fn refused(empty: bool) -> Vec<RefusedProvider> {
    let salesforce = RefusedProvider {
        slug: "salesforce".into(),
        short_name: "Salesforce".into(),
        since: NOW - DAY,
        waiting: Counted::up_to(604, false),
    };
    if empty { vec![] } else { vec![salesforce] }
}

#[async_trait]
impl Finding for SamplePortal {
    async fn connections(&self, app: &str, filter: ConnectionFilter) -> Answer<ConnectionsView> {
        let role = self.known(app)?;
        let rows = if self.empty || filter.q == "nobody" {
            vec![]
        } else {
            let ids = [
                "con_broken",
                "con_degraded",
                "con_lacking",
                "con_active",
                "con_refused",
                "con_revoked",
            ];
            ids.map(summary).to_vec()
        };
        let known_state = filter.state.is_empty() || filter.state().is_some();
        let many = filter.q == "everybody";
        Ok(ConnectionsView {
            attempt: None,
            application: "CRM Sync".into(),
            providers: vec![("apollo".into(), "Apollo.io".into())],
            scopes: vec!["api".into(), "contacts_search".into()],
            ignored: if known_state {
                vec![]
            } else {
                vec![FilterPart::State]
            },
            refused: if role == Role::Developer {
                vec![]
            } else {
                refused(self.empty)
            },
            counts: if many {
                ListCounts {
                    active: Counted::up_to(Counted::MOST + 1, false),
                    ..ListCounts::default()
                }
            } else {
                counts(self.empty).into()
            },
            filter,
            page: Page {
                rows,
                next: (!self.empty).then(|| "after/4".into()),
                previous: None,
            },
            now: NOW,
        })
    }

    async fn connection(&self, application: &str, id: &str, older: &str) -> Answer<ConnectionView> {
        let role = self.known(application)?;
        if !id.starts_with("con_") {
            return Err(PortalError::NotFound);
        }
        let summary = summary(id);
        let may_mend = role != Role::Developer && summary.state != ConnectionState::Revoked;
        let mut history = history();
        if let Some(first) = history.first_mut() {
            first.answer =
                Some("HTTP 400 Bad Request\n\n{\n  \"refresh_token\": \"[hidden]\"\n}".into());
        }
        Ok(ConnectionView {
            application: "CRM Sync".into(),
            provider_short_name: "Salesforce".into(),
            provider_slug: "salesforce".into(),
            account_id: Some("005xx".into()),
            metadata: vec![(
                "instance_url".into(),
                "https://northwind.my.salesforce.com".into(),
            )],
            scopes: vec![ScopeWords {
                name: "api".into(),
                words: "Use the data APIs".into(),
            }],
            missing_scopes: vec![],
            lacks: sample_scopes::lacks(&summary.marks),
            reducible: id == "con_lacking",
            reconnect_link: may_mend.then(|| ReconnectLink {
                url: format!("https://connect.acme.example/connect/{id}.1.mac"),
                until: NOW + 7 * DAY,
            }),
            generation: 1_906,
            state_since: NOW - 2 * DAY,
            provider_state: if summary.credentials_rejected {
                ProviderState::CredentialsRejected { since: NOW - DAY }
            } else {
                ProviderState::Active
            },
            history,
            history_is_older: !older.is_empty(),
            older_history: older.is_empty().then(|| "77.1".into()),
            summary,
            now: NOW,
        })
    }
}
