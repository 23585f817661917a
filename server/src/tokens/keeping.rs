//! Keeping tokens that have arrived (R90).
//!
//! From the provider's answer on they exist in one task of one process, and the old ones are spent.
//! So the commit is tried until it succeeds; after the first failure they are written to
//! `recovery.d` too, so that from then on not even the end of the process loses them.

use super::engine::Engine;
use super::recovery::Entry;
use crate::domain::{Connection, Status};
use crate::oauth::{self, revoke};
use crate::store::{Lease, Narrowing, SavedTokens, StoreError};
use crate::upstreams::UpstreamError;
use std::time::Duration;
use tokio::time::sleep;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Engine {
    /// Stores new tokens by generation. `false`: somebody reconnected or revoked meanwhile. An error:
    /// the server ends, and what could not be stored lies in a file for its next start.
    pub(super) async fn keep(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
        narrowing: Option<&Narrowing>,
    ) -> Result<bool, StoreError> {
        let (mut pause, mut attempt, mut entry) = (FIRST_PAUSE, 1_u32, None);
        loop {
            let reason = match self.commit(connection, lease, saved, narrowing).await {
                Err(full) if full.is_disk_full() && self.store.give_up_ballast() => continue,
                Err(StoreError::Unavailable(reason)) => reason,
                other => {
                    if let Some(entry) = entry {
                        tracing::warn!(connection = %connection.id, attempt, "new tokens are stored after all");
                        self.forget(entry).await;
                    }
                    return other;
                }
            };
            self.metrics.commit_retried();
            if attempt == 1 {
                tracing::error!(connection = %connection.id, reason, "new tokens could not be stored yet; they are kept and tried again");
            }
            if entry.is_none() {
                entry = self.write_down(connection, lease, saved).await;
            }
            if entry.is_some() && self.tracker.is_closed() {
                return Err(StoreError::Unavailable(reason));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            attempt = attempt.saturating_add(1);
        }
    }

    async fn commit(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
        narrowing: Option<&Narrowing>,
    ) -> Result<bool, StoreError> {
        let fewer = connection.scopes_granted.without(&saved.scopes_granted);
        match narrowing.filter(|_| !fewer.is_empty()) {
            Some(narrowing) => {
                self.store
                    .commit_narrowing(connection, lease, saved, narrowing)
                    .await
            }
            None => self.store.commit_refresh(connection, lease, saved).await,
        }
    }

    async fn write_down(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
    ) -> Option<Entry> {
        let directory = self.recovery.clone()?;
        let owner = (&connection.organization, &connection.id);
        let sealed = self
            .store
            .seal_recovered(owner, lease.generation, saved)
            .await
            .ok()?;
        let (id, generation) = (connection.id.clone(), lease.generation);
        let write = move || directory.write(&id, generation, &sealed);
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(entry)) => Some(entry),
            Ok(Err(error)) => {
                tracing::error!(connection = %connection.id, %error, "new tokens could not be written to recovery.d either");
                None
            }
            Err(_) => None,
        }
    }

    async fn forget(&self, entry: Entry) {
        let Some(directory) = self.recovery.clone() else {
            return;
        };
        let removed = tokio::task::spawn_blocking(move || directory.remove(&entry)).await;
        if let Ok(Err(error)) = removed {
            tracing::warn!(%error, "a file in recovery.d that is no longer needed could not be removed");
        }
    }

    /// Takes in what lies in `recovery.d`. What the database does not take now stays there.
    pub(super) async fn take_in(&self) -> Result<(), UpstreamError> {
        let Some(directory) = self.recovery.clone() else {
            return Ok(());
        };
        let listed = tokio::task::spawn_blocking(move || directory.entries()).await;
        let entries = match listed {
            Ok(Ok(entries)) => entries,
            Ok(Err(error)) => {
                tracing::error!(%error, "recovery.d cannot be read");
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        for (entry, bytes) in entries {
            let recovered = match self.store.open_recovered(&bytes).await {
                Ok(recovered) => recovered,
                Err(StoreError::Unavailable(reason)) => {
                    return Err(StoreError::Unavailable(reason).into());
                }
                Err(error) => {
                    tracing::error!(?entry, %error, "a file in recovery.d cannot be opened; it is set aside");
                    self.set_aside(entry).await;
                    continue;
                }
            };
            let found = self.store.connection_by_id(&recovered.connection).await?;
            if let Some(connection) = found {
                let lease = Lease::late(recovered.generation);
                let saved = &recovered.saved;
                if self
                    .store
                    .commit_refresh(&connection, &lease, saved)
                    .await?
                {
                    tracing::warn!(connection = %connection.id, "tokens from recovery.d are stored");
                } else {
                    let refreshed = (&connection, recovered.generation);
                    self.give_back_unwanted(refreshed, saved).await?;
                }
            }
            self.forget(entry).await;
        }
        Ok(())
    }

    async fn set_aside(&self, entry: Entry) {
        if let Some(directory) = self.recovery.clone() {
            let aside = tokio::task::spawn_blocking(move || directory.set_aside(&entry)).await;
            if let Ok(Err(error)) = aside {
                tracing::error!(%error, "a file in recovery.d could not be set aside");
            }
        }
    }

    async fn give_back_unwanted(
        &self,
        (connection, refreshed): (&Connection, i64),
        saved: &SavedTokens,
    ) -> Result<(), UpstreamError> {
        let Some(provider) = self.store.provider_by_id(&connection.provider).await? else {
            return Ok(());
        };
        let upstream = self.upstreams.for_connection(&provider, connection).await?;
        self.discard((connection, refreshed), &upstream, saved)
            .await;
        Ok(())
    }

    /// Someone revoked or reconnected while the provider answered: what came is not wanted (R108). But
    /// where that revocation can still be undone, it is the only token set that lives.
    pub(super) async fn discard(
        &self,
        (connection, refreshed): (&Connection, i64),
        upstream: &oauth::Provider,
        saved: &SavedTokens,
    ) {
        match self.store.keep_late(connection, refreshed, saved).await {
            Ok(false) => {}
            Ok(true) => return,
            Err(error) => {
                tracing::error!(connection = %connection.id, %error, "tokens that arrived after a revocation could not be kept");
                return;
            }
        }
        let Ok(now) = self.store.connection_by_id(&connection.id).await else {
            // nobody knows whether they are wanted, and ending them cannot be taken back
            return;
        };
        // ours after all: the confirmation of a commit was lost, or the provider gave another node
        // the same pair
        let received = crate::vault::sha256(saved.tokens.access_token.expose().as_bytes());
        if now
            .as_ref()
            .is_some_and(|now| now.access_token_sha256 == Some(received))
        {
            return;
        }
        let revoked = now.is_none_or(|now| now.status == Status::Revoked);
        let ends_whole_grant = upstream
            .definition
            .revocation
            .as_ref()
            .is_some_and(|way| way.ends_whole_grant);
        // after a reconnect, ending the whole grant would end the new one too
        if revoked || !ends_whole_grant {
            let ended = revoke::revoke(
                self.upstreams.egress(),
                upstream,
                &saved.tokens.access_token,
                saved.tokens.refresh_token.as_ref(),
            )
            .await;
            tracing::info!(connection = %connection.id, ?ended, "tokens that arrived too late were given back");
        }
    }
}
