//! What all refreshes of a process share.

use super::breaker::Breakers;
use super::gate::Gates;
use super::recovery::RecoveryDirectory;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::upstreams::Upstreams;
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
