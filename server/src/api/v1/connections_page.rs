//! One page of the connections that a key sees.
//!
//! A key that sees all providers gets a page of the application's list. For one that sees some of them, the
//! list of each is read from the same place on, and the newest of all of them make the page; a cursor is a
//! place in time, so it means the same in each.

use crate::api::Api;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::{Connection, Provider};
use crate::store::ConnectionQuery;
use std::cmp::Reverse;

impl Api {
    /// The newest connections that fit, and the cursor of those that follow.
    pub(super) async fn page(
        &self,
        caller: &Caller,
        seen: &[Provider],
        query: ConnectionQuery,
    ) -> Result<(Vec<Connection>, Option<String>), ApiError> {
        let application = &caller.0.application;
        if caller.sees_all() || query.provider.is_some() {
            let found = self.store.connections(application, &query).await?;
            return Ok((found.rows, found.next));
        }
        let (mut rows, mut more) = (Vec::new(), false);
        for provider in seen {
            let query = ConnectionQuery {
                provider: Some(provider.id.clone()),
                ..query.clone()
            };
            let found = self.store.connections(application, &query).await?;
            more |= found.next.is_some();
            rows.extend(found.rows);
        }
        rows.sort_by_key(|row| Reverse((row.created_at, row.id.clone())));
        let limit = usize::try_from(query.limit).unwrap_or_default();
        more |= rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(cursor_after);
        Ok((rows, next))
    }
}

/// As the store writes it, and as [`super::connections`] takes it.
fn cursor_after(connection: &Connection) -> String {
    format!(
        "a.{}.{}",
        connection.created_at.millis(),
        connection.id.as_str()
    )
}
