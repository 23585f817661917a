//! What all refreshes of a process share.

use super::breaker::Breakers;
use super::gate::Gates;
use super::recovery::RecoveryDirectory;
use crate::domain::Connection;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use crate::upstreams::Upstreams;
use app::wire::BrokenReason;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) store: Store,
    pub(super) upstreams: Upstreams,
    pub(super) gates: Gates,
    pub(super) breakers: Breakers,
    /// Where tokens wait that the database does not take.
    pub(super) recovery: Option<RecoveryDirectory>,
    pub(super) metrics: Metrics,
    /// Waited for when the server stops; closed from then on.
    pub(super) tracker: TaskTracker,
    /// Names this process in leases.
    pub(super) holder: Arc<str>,
}

impl Engine {
    /// Notes that a connection needs a person where no refresh has found that out.
    pub(super) async fn give_up(
        &self,
        connection: &Connection,
        reason: BrokenReason,
    ) -> Result<(), StoreError> {
        if self.store.break_without_refresh(connection, reason).await? {
            self.metrics.reconnect_required(reason);
        }
        Ok(())
    }
}
