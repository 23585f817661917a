//! An admin runs a provider's flow as themselves, one step at a time, and sees what passes.
//!
//! ```text
//! Get a code         the browser goes to the provider and comes back      begin.rs
//! Get a token        the code is exchanged                                steps.rs
//! Fetch the profile  whose account is it?                                 steps.rs
//! Finish and forget  what was obtained is ended, ours is destroyed        end.rs
//! ```
//!
//! It is the real flow: the provider's own redirect URI, its own credentials, the engine's own
//! requests, overheard while they are made (`crate::oauth::overheard`). It never makes a connection.
//! A run belongs to one member, who alone sees it, and to the browser in which it began; its code and
//! tokens are sealed, and no page shows them (`transcript`). After a quarter of an hour it ends by
//! itself, and what it obtained is ended at the provider where that can be.

mod begin;
mod cause;
mod cookie;
mod end;
mod steps;
mod transcript;

pub use begin::{Arrival, Departure};

use crate::catalog::{Credentials, Definition, InputRefused};
use crate::domain::{Member, Playground, Provider};
use crate::store::{Store, StoreError};
use crate::upstreams::{UpstreamError, Upstreams};
use tokio_util::task::TaskTracker;

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PlaygroundError {
    /// Something was filled in that the definition does not allow.
    #[error(transparent)]
    Input(#[from] InputRefused),
    /// Each customer brings credentials of their own.
    #[error("there are no credentials to run the flow with")]
    NoCredentials,
    /// The run is elsewhere by now.
    #[error("the run has gone on meanwhile")]
    Changed,
    /// The provider cannot be asked at all.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
}

impl From<StoreError> for PlaygroundError {
    fn from(error: StoreError) -> Self {
        Self::Upstream(error.into())
    }
}

/// Runs of all members. Cheap to clone.
#[derive(Clone)]
pub struct Playgrounds {
    store: Store,
    upstreams: Upstreams,
    tracker: TaskTracker,
}

impl Playgrounds {
    /// `tracker` is waited for when the server stops, so that no exchange is cut off.
    #[must_use]
    pub fn new(store: Store, upstreams: Upstreams, tracker: TaskTracker) -> Self {
        Self {
            store,
            upstreams,
            tracker,
        }
    }

    /// The run of a member, unless its time is over.
    pub async fn run_of(
        &self,
        provider: &Provider,
        member: &Member,
    ) -> Result<Option<Playground>, StoreError> {
        let run = self.store.playground_of(&provider.id, &member.id).await?;
        Ok(run.filter(|run| run.expires_at > self.store.now()))
    }
}

/// Whether there is nothing to run the flow with: whoever connects brings the credentials.
#[must_use]
pub fn needs_own_credentials(definition: &Definition) -> bool {
    definition.credentials == Credentials::PerConnection
}
