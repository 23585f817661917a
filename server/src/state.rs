//! What every request can reach.

use crate::auth::Passwords;
use crate::config::Config;
use crate::store::Store;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The parts of a running server. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The database and the keys to it. Also tells the time.
    pub store: Store,
    /// Hashes passwords, a few at a time.
    pub passwords: Passwords,
    /// Work that no disconnect may cancel; the server ends after it.
    pub tasks: TaskTracker,
    /// Cancelled when the server is asked to end.
    pub shutdown: CancellationToken,
}

impl AppState {
    /// The state of a server that has just been started.
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        Self {
            config: Arc::new(config),
            store,
            passwords: Passwords::default(),
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
        }
    }
}
