//! How the last trial of a provider went.

use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::{Provider, Timestamp, random_base62};
use app::wire::Proof;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// A trial that has not ended after so long never will: the server was stopped.
const LONGEST_TRIAL: Duration = Duration::from_mins(1);

/// What the column holds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Trying { number: String, since: i64 },
    Tried(Proof),
}

/// A trial that has begun. Its result counts only if no other one began after it.
#[derive(Debug)]
pub struct Trial(String);

impl Store {
    /// Notes that a provider is being tried; what an earlier trial told is forgotten.
    pub async fn begin_trial(&self, provider: &Provider) -> Result<Trial, StoreError> {
        let trying = json!(Kept::Trying {
            number: random_base62(10),
            since: self.now().millis(),
        })
        .to_string();
        let statement =
            sql("UPDATE providers SET proof = $1 WHERE organization_id = $2 AND id = $3")
                .bind(&trying)
                .bind(provider.organization.as_str())
                .bind(provider.id.as_str());
        (&self.db).run(statement).await?;
        Ok(Trial(trying))
    }

    /// Keeps what a trial told; answers whether it was the last one.
    pub async fn finish_trial(
        &self,
        provider: &Provider,
        trial: &Trial,
        proof: Proof,
    ) -> Result<bool, StoreError> {
        let statement = sql(
            "UPDATE providers SET proof = $1 WHERE organization_id = $2 AND id = $3 AND proof = $4",
        )
        .bind(json!(Kept::Tried(proof)).to_string())
        .bind(provider.organization.as_str())
        .bind(provider.id.as_str())
        .bind(&trial.0);
        Ok((&self.db).run(statement).await? == 1)
    }

    /// What the last trial told: nothing while it runs, or where there was none. `true`: it runs.
    pub async fn proof(&self, provider: &Provider) -> Result<(Option<Proof>, bool), StoreError> {
        let statement = sql("SELECT proof FROM providers WHERE organization_id = $1 AND id = $2")
            .bind(provider.organization.as_str())
            .bind(provider.id.as_str());
        let row = (&self.db).row(statement).await?;
        let text = row.map_or(Ok(None), |row| row.maybe_text("proof"))?;
        // another release may have written it in another way; then it is tried again
        let kept = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(match kept {
            None => (None, false),
            Some(Kept::Tried(proof)) => (Some(proof), false),
            Some(Kept::Trying { since, .. }) => {
                let ends = Timestamp::from_millis(since) + LONGEST_TRIAL;
                (None, self.now() < ends)
            }
        })
    }
}
