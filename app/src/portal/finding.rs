//! Finding connections, and what the pages about one need beside it.

use super::Answer;
use crate::wire::{ConnectionFilter, ConnectionView, ConnectionsView};
use async_trait::async_trait;

/// Finding connections, and what the pages about one need beside it.
#[async_trait]
pub trait Finding: Send + Sync {
    /// `/apps/{slug}/connections`.
    async fn connections(
        &self,
        application: &str,
        filter: ConnectionFilter,
    ) -> Answer<ConnectionsView>;
    /// `/apps/{slug}/connections/{id}`; `older` is the cursor of a page of its history, or empty.
    async fn connection(&self, application: &str, id: &str, older: &str) -> Answer<ConnectionView>;
}
