//! What connections were granted, looked at as a whole: for marks on lists, and for what a change of
//! scopes would mean.

use super::connections::scopes_json;
use super::db::{Row, Statement, sql};
use super::{Store, StoreError};
use crate::domain::{ApplicationId, ProviderId, Scopes};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

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
    /// Those of one provider, or of all.
    pub async fn grants(
        &self,
        application: &ApplicationId,
        provider: Option<&ProviderId>,
    ) -> Result<Vec<GrantGroup>, StoreError> {
        let mut statement = sql(
            "SELECT provider_id, client_id, scopes_asked, scopes_granted, COUNT(*) AS many FROM connections
             WHERE application_id = $1 AND status = 'active'",
        )
        .bind(application.as_str());
        if let Some(provider) = provider {
            statement = statement.and_bind(" AND provider_id = ?", provider.as_str());
        }
        let statement =
            statement.and(" GROUP BY provider_id, client_id, scopes_asked, scopes_granted");
        self.db.read_all(statement, group).await
    }
}

/// The grants of applications as they were a moment ago: reading them reads every connection that works.
#[derive(Clone, Default)]
pub(super) struct GrantsLately(Arc<Mutex<HashMap<ApplicationId, ReadAt>>>);

/// When they were read, and what was.
type ReadAt = (Instant, Arc<Vec<GrantGroup>>);

/// A list that is looked at again and again does not read all each time.
const LATELY: Duration = Duration::from_secs(10);

impl Store {
    /// What [`Store::grants`] answered within the last ten seconds on this node, or does now.
    pub async fn grants_lately(
        &self,
        application: &ApplicationId,
    ) -> Result<Arc<Vec<GrantGroup>>, StoreError> {
        let known = lock(&self.grants_lately.0).get(application).cloned();
        if let Some((_, groups)) = known.filter(|(read_at, _)| read_at.elapsed() < LATELY) {
            return Ok(groups);
        }
        let groups = Arc::new(self.grants(application, None).await?);
        let mut lately = lock(&self.grants_lately.0);
        lately.retain(|_, (read_at, _)| read_at.elapsed() < LATELY);
        lately.insert(application.clone(), (Instant::now(), Arc::clone(&groups)));
        Ok(groups)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Narrows a list of connections to those that are marked, of the ones that work.
pub(super) fn only_marked(mut statement: Statement, marked: &Marked) -> Statement {
    statement = statement.and(" AND status || '' = 'active' AND (1 = 0");
    match marked {
        Marked::Granted(grants) => {
            for (provider, granted) in grants {
                statement = statement
                    .and_bind(" OR (provider_id || '' = ?", provider.as_str())
                    .and_bind(" AND scopes_granted = ?)", scopes_json(granted));
            }
        }
        Marked::ClientIds(ids) => {
            for (provider, client_id) in ids {
                statement = statement
                    .and_bind(" OR (provider_id || '' = ?", provider.as_str())
                    .and_bind(" AND client_id = ?)", client_id);
            }
        }
    }
    statement.and(")")
}
