//! What connections were granted, looked at as a whole: for marks on lists, and for what a change of
//! scopes would mean.

use super::connections::scopes_json;
use super::db::{Row, Runs, Statement, sql};
use super::{Store, StoreError};
use crate::domain::{ApplicationId, ProviderId, Scopes};

/// Connections that work and are alike in what was asked and granted.
#[derive(Clone, Debug)]
pub struct GrantGroup {
    /// Their provider.
    pub provider: ProviderId,
    /// The Client ID that authorized them.
    pub client_id: String,
    /// Scopes that were asked for.
    pub asked: Scopes,
    /// Scopes that were granted.
    pub granted: Scopes,
    /// How many they are.
    pub connections: u64,
}

/// Connections that are told apart by more than their columns say.
#[derive(Clone, Debug)]
pub enum Marked {
    /// Those with one of these grants.
    Granted(Vec<(ProviderId, Scopes)>),
    /// Those that one of these Client IDs authorized.
    ClientIds(Vec<(ProviderId, String)>),
}

fn group(row: &Row) -> Result<GrantGroup, StoreError> {
    let scopes = |column: &str| {
        let names: Vec<String> = row.json(column)?;
        Scopes::new(names).map_err(|_| StoreError::Corrupt {
            column: column.to_owned(),
        })
    };
    Ok(GrantGroup {
        provider: row.parsed("provider_id")?,
        client_id: row.text("client_id")?,
        asked: scopes("scopes_asked")?,
        granted: scopes("scopes_granted")?,
        connections: row.count("many")?,
    })
}

impl Store {
    /// The connections of an application that work, grouped by what they were granted.
    pub async fn grants(&self, application: &ApplicationId) -> Result<Vec<GrantGroup>, StoreError> {
        let statement = sql(
            "SELECT provider_id, client_id, scopes_asked, scopes_granted, COUNT(*) AS many FROM connections
             WHERE application_id = $1 AND status = 'active' GROUP BY provider_id, client_id, scopes_asked, scopes_granted",
        )
        .bind(application.as_str());
        (&self.db)
            .rows(statement)
            .await?
            .iter()
            .map(group)
            .collect()
    }
}

/// Narrows a list of connections to those that are marked, of the ones that work.
pub(super) fn only_marked(mut statement: Statement, marked: &Marked) -> Statement {
    statement = statement.and(" AND status = 'active' AND (1 = 0");
    match marked {
        Marked::Granted(grants) => {
            for (provider, granted) in grants {
                statement = statement
                    .and_bind(" OR (provider_id = ?", provider.as_str())
                    .and_bind(" AND scopes_granted = ?)", scopes_json(granted));
            }
        }
        Marked::ClientIds(ids) => {
            for (provider, client_id) in ids {
                statement = statement
                    .and_bind(" OR (provider_id = ?", provider.as_str())
                    .and_bind(" AND client_id = ?)", client_id);
            }
        }
    }
    statement.and(")")
}
