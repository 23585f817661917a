//! The one row about this installation: its id, and the set-up token of a first run (R32).

use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::{Timestamp, random_base62};
use crate::vault::TokenHash;

impl Store {
    /// Makes the instance row of a new database; changes nothing in an old one.
    pub async fn ensure_instance(&self) -> Result<(), StoreError> {
        let statement = sql("INSERT INTO instance (id, instance_id, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(random_base62(20))
            .bind(self.now());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Replaces the set-up token; the one before stops working.
    pub async fn set_setup_token(
        &self,
        token: &TokenHash,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = sql(
            "UPDATE instance SET setup_token_sha256 = $1, setup_token_expires_at = $2 WHERE id = 1",
        )
        .bind(token.as_bytes())
        .bind(expires_at);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        (&self.db)
            .row(sql("SELECT id FROM instance WHERE id = 1"))
            .await?;
        Ok(())
    }
}
