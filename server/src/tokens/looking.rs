//! Looking at connections without being asked: renewing ahead of time, keeping refresh tokens from
//! lapsing, noticing that a token has ended, probing those that never do, and seeing whether a host
//! that was down is back.
//!
//! `jobs::refresher` decides which connection is looked at when; this is what is done with one.

use super::gate::Urgency;
use super::refresh::{CREDENTIALS_BACKOFF, Refreshed};
use super::{FreshTokens, RecoveryDirectory, when};
use crate::domain::{Connection, Status, Timestamp};
use crate::store::StoreError;
use crate::upstreams::UpstreamError;
use std::time::Duration;

/// A provider whose definition is gone may come back with the next start.
const NOT_CONFIGURED_PAUSE: Duration = Duration::from_mins(15);

impl FreshTokens {
    /// Looks at a connection that was claimed, and gives it back. `true`: its provider is well, and
    /// the next connection can follow.
    pub async fn look(&self, claimed: Connection) -> Result<bool, StoreError> {
        let store = &self.engine.store;
        let now = store.now();
        if claimed.look_at == Some(Connection::LOOK_AT_ONCE) {
            let at = self.look_again(&claimed).await?;
            if at.is_none_or(|at| at > now) {
                store.look_later(&claimed, at).await?;
                return Ok(true);
            }
        }
        let flight = self.begin(&claimed, Urgency::Background, false);
        let landed = flight.landed().await;
        let again = match landed.map(|landed| landed.refreshed) {
            // it has its next moment, or needs none any more
            Some(Refreshed::Renewed | Refreshed::Broken(_)) => return Ok(true),
            // the claim runs out by itself
            Some(Refreshed::StoreUnavailable | Refreshed::Quarantined) | None => return Ok(false),
            Some(Refreshed::StillGood) => {
                let at = self.look_again(&claimed).await?;
                store.look_later(&claimed, at).await?;
                return Ok(true);
            }
            Some(Refreshed::Later(wait)) => Some(store.now() + wait),
            Some(Refreshed::CredentialsRejected | Refreshed::ScopesRefused) => {
                Some(store.now() + CREDENTIALS_BACKOFF)
            }
            Some(Refreshed::NotConfigured) => Some(store.now() + NOT_CONFIGURED_PAUSE),
        };
        store.look_later(&claimed, again).await?;
        Ok(false)
    }

    /// Asks hosts that are left alone whether they are back, one connection for each.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let store = &self.engine.store;
        if store.quarantine().is_some() {
            return Ok(());
        }
        for id in self.engine.breakers.due_probes(store.now()) {
            let found = store.connection_by_id(&id).await?;
            if let Some(connection) = found.filter(|found| found.status == Status::Active) {
                self.begin(&connection, Urgency::Probe, false);
            }
        }
        Ok(())
    }

    /// Takes in what lies in `recovery.d`. Not in quarantine: what turns out to be unwanted is given
    /// back to the provider, and that would be the original's.
    pub async fn take_in(&self) -> Result<(), StoreError> {
        let engine = &self.engine;
        engine.metrics.breakers_open(engine.breakers.open());
        let waiting = engine.recovery.as_ref();
        let waiting = waiting.map_or(0, RecoveryDirectory::count);
        engine.metrics.recovery_files(waiting);
        if waiting == 0 || engine.store.quarantine().is_some() {
            return Ok(());
        }
        match engine.take_in().await {
            Err(UpstreamError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "tokens in recovery.d cannot be given back");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn look_again(&self, connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
        let store = &self.engine.store;
        let Some(provider) = store.provider_by_id(&connection.provider).await? else {
            return Ok(None);
        };
        let now = store.now();
        Ok(match self.engine.upstreams.definition(&provider) {
            Ok(definition) => when::look_again(connection, &definition, now),
            Err(_) => Some(now + NOT_CONFIGURED_PAUSE),
        })
    }
}
