//! The words by which connections are found, written beside the values that they are of.
//!
//! Whatever changes a value calls [`write_words`] in its transaction. Connections that the release before
//! wrote, or that were there before there were words, are given theirs by a job
//! ([`Store::write_missing_words`]); until then a search reads their text.

use super::db::{Row, Runs, Tx, sql};
use super::narrowing::{WORDLESS, of_wordless};
use super::{Store, StoreError};
use crate::domain::{ApplicationId, ConnectionId, Timestamp, words};
use std::collections::BTreeSet;

/// Connections that one transaction of the job gives their words: few, since all of it has one deadline.
const AT_ONCE: i64 = 10;

const VALUES: [&str; 8] = [
    "id",
    "owner_id",
    "end_user_id",
    "end_user_name",
    "end_user_email",
    "account_id",
    "account_label",
    "label",
];

/// Writes the words of a connection as it stands in this transaction.
pub(super) async fn write_words(tx: &mut Tx, id: &ConnectionId) -> Result<(), StoreError> {
    let statement = sql(
        "SELECT id, organization_id, application_id, created_at, owner_id, end_user_id, end_user_name, end_user_email,
             account_id, account_label, label, last_handed_out_at FROM connections WHERE id = $1",
    )
    .bind(id.as_str());
    let Some(row) = tx.row(statement).await? else {
        return Ok(());
    };
    let wanted = words_of(&row)?;
    let standing =
        sql("SELECT word FROM connection_words WHERE connection_id = $1").bind(id.as_str());
    let standing = tx.rows(standing).await?;
    let standing: BTreeSet<String> = standing
        .iter()
        .map(|row| row.text("word"))
        .collect::<Result<_, _>>()?;
    for gone in standing.difference(&wanted) {
        let statement = sql("DELETE FROM connection_words WHERE connection_id = $1 AND word = $2")
            .bind(id.as_str())
            .bind(gone);
        tx.run(statement).await?;
    }
    let mut insert = sql(
        "INSERT INTO connection_words (organization_id, application_id, word, created_at, connection_id) VALUES",
    );
    let mut separator = " (?";
    for new in wanted.difference(&standing) {
        insert = insert
            .and_bind(separator, row.text("organization_id")?)
            .and_bind(", ?", row.text("application_id")?)
            .and_bind(", ?", new)
            .and_bind(", ?", row.int("created_at")?)
            .and_bind(", ?)", id.as_str());
        separator = ", (?";
    }
    if separator != " (?" {
        tx.run(insert).await?;
    }
    let used_on = row
        .maybe_time("last_handed_out_at")?
        .map_or(0, Timestamp::day);
    let note = sql("UPDATE connections SET words_at = connected_at, used_on = $1 WHERE id = $2")
        .bind(used_on)
        .bind(id.as_str());
    tx.run(note).await?;
    Ok(())
}

fn words_of(row: &Row) -> Result<BTreeSet<String>, StoreError> {
    let values: Vec<Option<String>> = VALUES
        .iter()
        .map(|column| row.maybe_text(column))
        .collect::<Result<_, _>>()?;
    Ok(words(values.iter().flatten().map(String::as_str)))
}

impl Store {
    /// Whether an application has connections that have none.
    pub(super) async fn some_unwritten(
        &self,
        application: &ApplicationId,
    ) -> Result<bool, StoreError> {
        let one = of_wordless(sql("SELECT 1 AS one"), application);
        Ok((&self.db).row(one.and(" LIMIT 1")).await?.is_some())
    }

    /// Gives some connections that have none their words. Answers how many; 0: all have theirs.
    pub async fn write_missing_words(&self) -> Result<u64, StoreError> {
        let without = sql("SELECT id FROM connections WHERE ")
            .and(WORDLESS)
            .and_bind(" LIMIT ?", AT_ONCE);
        let ids: Vec<ConnectionId> = (&self.db)
            .rows(without)
            .await?
            .iter()
            .map(|row| row.parsed("id"))
            .collect::<Result<_, _>>()?;
        let mut tx = self.db.begin().await?;
        let mut written = 0;
        for id in &ids {
            // taken first: what changes its values at the same time comes before or after
            let take = sql("UPDATE connections SET updated_at = updated_at WHERE id = $1")
                .bind(id.as_str());
            written += tx.run(take).await?;
            write_words(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(written)
    }
}
