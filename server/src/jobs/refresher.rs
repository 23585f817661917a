//! The background refresher: looks at connections when their moment has come.
//!
//! Each node claims what it has room for, provider by provider, the oldest first; the gates see to
//! it that a provider that hangs or is slow holds up no other. What is done with a connection stands
//! in [`crate::tokens::looking`].

use crate::domain::ProviderId;
use crate::store::{Store, StoreError};
use crate::tokens::FreshTokens;
use crate::tokens::gate::BACKGROUND;
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Between two looks at what is due.
const ROUND: Duration = Duration::from_secs(1);
/// Longer than a refresh takes.
const HOLD: Duration = Duration::from_mins(1);
/// After an operator has confirmed that a restored database may go on.
const CAREFUL_FOR: Duration = Duration::from_mins(10);
/// Connections that are looked at at a time, all providers together.
const AT_ONCE: usize = 128;

/// Runs until `stop`, and until what it has begun is done.
pub(super) async fn refresh_ahead(store: Store, tokens: FreshTokens, stop: CancellationToken) {
    let mut clock = interval(ROUND);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looking = Looking {
        store,
        tokens,
        running: JoinSet::new(),
        of_provider: HashMap::new(),
    };
    loop {
        let looked = tokio::select! {
            () = stop.cancelled() => break,
            _ = clock.tick() => looking.round().await,
            Some(done) = looking.running.join_next() => match done {
                Ok(done) => looking.after(done).await,
                Err(_) => Ok(()),
            },
        };
        if let Err(error) = looked {
            tracing::error!(%error, "connections could not be looked at; it is tried again");
        }
    }
    while looking.running.join_next().await.is_some() {}
}

struct Looking {
    store: Store,
    tokens: FreshTokens,
    running: JoinSet<Looked>,
    of_provider: HashMap<ProviderId, usize>,
}

/// One look that is over.
struct Looked {
    provider: ProviderId,
    /// The next one can follow at once.
    well: bool,
}

impl Looking {
    async fn round(&mut self) -> Result<(), StoreError> {
        if self.store.quarantine().is_some() {
            return Ok(());
        }
        self.tokens.probe().await?;
        for due in self.store.due_looks().await? {
            let most = if due.credentials_rejected {
                1
            } else {
                self.places()
            };
            self.claim(&due.provider, most).await?;
        }
        Ok(())
    }

    async fn after(&mut self, looked: Looked) -> Result<(), StoreError> {
        if let Some(running) = self.of_provider.get_mut(&looked.provider) {
            *running = running.saturating_sub(1);
        }
        if looked.well {
            // there may be more where this one came from
            self.claim(&looked.provider, self.places()).await?;
        }
        Ok(())
    }

    /// How many connections of a provider are looked at at a time. Which refresh tokens of a restored
    /// database are still good is learnt one by one (R103).
    fn places(&self) -> usize {
        let now = self.store.now();
        let was_just_restored = |confirmed| confirmed + CAREFUL_FOR > now;
        if self.store.confirmed_at().is_some_and(was_just_restored) {
            1
        } else {
            BACKGROUND
        }
    }

    async fn claim(&mut self, provider: &ProviderId, most: usize) -> Result<(), StoreError> {
        let running = self.of_provider.entry(provider.clone()).or_default();
        let most = (AT_ONCE.saturating_sub(self.running.len())).min(most.saturating_sub(*running));
        if most == 0 {
            return Ok(());
        }
        for claimed in self.store.claim_looks(provider, most, HOLD).await? {
            *running += 1;
            let (tokens, provider) = (self.tokens.clone(), provider.clone());
            self.running.spawn(async move {
                let looked = tokens.look(claimed).await;
                if let Err(error) = &looked {
                    tracing::error!(%error, "a connection could not be looked at; it is tried again");
                }
                Looked {
                    provider,
                    well: looked.unwrap_or(false),
                }
            });
        }
        Ok(())
    }
}
