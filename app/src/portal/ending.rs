//! Ending connections: receipts that can be undone, many at once, emergency stops.

use super::Answer;
use crate::wire::{BulkCriteria, BulkFormView, BulkRunView, RevokeReason};
use async_trait::async_trait;

/// Ending connections: receipts that can be undone, many at once, emergency stops.
#[async_trait]
pub trait Ending: Send + Sync {
    /// Undoes a revocation while there is time; a second time changes nothing.
    async fn undo_revocation(&self, application: &str, id: &str) -> Answer<()>;

    /// `/apps/{slug}/connections/revoke`: what would be revoked. Changes nothing.
    async fn bulk_form(&self, application: &str, criteria: BulkCriteria) -> Answer<BulkFormView>;
    /// Begins to revoke all connections that fit; answers the id of the run. `confirmation` is how many
    /// whoever wants it was shown.
    async fn revoke_in_bulk(
        &self,
        application: &str,
        criteria: BulkCriteria,
        reason: RevokeReason,
        note: String,
        confirmation: String,
    ) -> Answer<String>;
    /// `/apps/{slug}/bulk-revocations/{id}`.
    async fn bulk_run(&self, application: &str, id: &str) -> Answer<BulkRunView>;
    /// Takes a run back, as far as it can be undone; a second time changes nothing.
    async fn undo_bulk(&self, application: &str, id: &str) -> Answer<()>;

    /// No token leaves: of this provider, or of the whole application where `provider` is empty.
    async fn stop_tokens(&self, application: &str, provider: &str, reason: String) -> Answer<()>;
    /// Lets them go again.
    async fn let_tokens_go(&self, application: &str, provider: &str) -> Answer<()>;
}
