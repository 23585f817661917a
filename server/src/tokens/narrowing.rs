//! Giving scopes up for good, without asking the user: a refresh that asks for fewer, where the
//! provider takes one (`refresh.narrows_scopes`). It runs under the same lease, intent and
//! generation as any other.

use super::gate::Urgency;
use super::refresh::{Refresh, Refreshed};
use super::{FreshTokens, TokenError, check_status};
use crate::catalog::Definition;
use crate::domain::{Actor, Connection, Scopes};
use crate::store::Narrowing;
use crate::upstreams::UpstreamError;
use std::time::Duration;

/// Why a connection keeps its scopes.
#[derive(Debug, thiserror::Error)]
pub enum NarrowError {
    /// The provider has no way to narrow a grant, or gave nothing to refresh this one with.
    #[error("the provider cannot narrow this grant")]
    NotOffered,
    /// These were not granted, so they cannot be kept.
    #[error("scopes that were not granted cannot be kept")]
    NotGranted(Scopes),
    /// Nothing that the provider could be asked for would be left.
    #[error("no scope would be left")]
    NothingLeft,
    /// The provider answered, and did not give the grant with fewer scopes.
    #[error("the provider kept the scopes")]
    Kept,
    /// No answer, or a connection that does not work.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl Definition {
    /// Which of the granted scopes cannot be given up one by one: those that are always granted, and
    /// those without which nothing could be refreshed.
    #[must_use]
    pub fn kept_anyway(&self, granted: &Scopes) -> Scopes {
        let always = self.always_granted();
        let kept = |name: &&str| always.contains(name) || self.is_needed_for_refresh(name);
        // names of a list of scopes are scope names
        Scopes::new(granted.iter().filter(kept)).unwrap_or_default()
    }
}

impl FreshTokens {
    /// Reduces a connection's scopes to `keep`, and answers it as it is then. What is always granted
    /// stays in any case.
    pub async fn narrow(
        &self,
        connection: &Connection,
        keep: &Scopes,
        by: Actor,
    ) -> Result<Connection, NarrowError> {
        check_status(connection)?;
        let provider = self
            .engine
            .store
            .provider_by_id(&connection.provider)
            .await
            .map_err(TokenError::Store)?
            .ok_or(TokenError::NotFound)?;
        let definition = self
            .engine
            .upstreams
            .definition(&provider)
            .map_err(TokenError::Upstream)?;
        if !definition.refresh.narrows_scopes || !connection.has_refresh_token {
            return Err(NarrowError::NotOffered);
        }
        let granted = &connection.scopes_granted;
        let unknown = keep.without(granted);
        if !unknown.is_empty() {
            return Err(NarrowError::NotGranted(unknown));
        }
        let keep = granted.without(
            &granted
                .without(keep)
                .without(&definition.kept_anyway(granted)),
        );
        if keep.without(&definition.always_granted()).is_empty() {
            return Err(NarrowError::NothingLeft);
        }
        if keep.len() == granted.len() {
            return Ok(connection.clone());
        }
        let refreshed = self.run_narrowing(connection, keep.clone(), by).await;
        let now = self
            .engine
            .store
            .connection_by_id(&connection.id)
            .await
            .map_err(TokenError::Store)?
            .ok_or(TokenError::NotFound)?;
        check_status(&now)?;
        if now.scopes_granted.without(&keep).is_empty() {
            return Ok(now);
        }
        Err(match refreshed {
            Refreshed::Renewed | Refreshed::StillGood | Refreshed::ScopesRefused => {
                NarrowError::Kept
            }
            Refreshed::Broken(reason) => NarrowError::Token(TokenError::ReconnectRequired {
                connection: now.id,
                reason,
            }),
            Refreshed::Quarantined => NarrowError::Token(TokenError::Quarantined),
            Refreshed::CredentialsRejected => {
                NarrowError::Token(TokenError::ClientCredentialsRejected)
            }
            Refreshed::NotConfigured => {
                NarrowError::Token(TokenError::Upstream(UpstreamError::NoDefinition))
            }
            Refreshed::Later(retry_after) => {
                NarrowError::Token(TokenError::ProviderUnavailable { retry_after })
            }
            Refreshed::StoreUnavailable => NarrowError::Token(super::store_unavailable()),
        })
    }

    /// Detached from its caller like every refresh, but joined with no other: they ask for more.
    async fn run_narrowing(&self, connection: &Connection, keep: Scopes, by: Actor) -> Refreshed {
        let task = Refresh {
            engine: self.engine.clone(),
            urgency: Urgency::Caller,
            rejected: false,
            narrowing: Some(Narrowing { keep, by }),
        };
        let seen = connection.clone();
        self.engine
            .tracker
            .spawn(async move { Box::pin(task.run(seen)).await })
            .await
            .unwrap_or(Refreshed::Later(Duration::from_secs(1)))
    }
}
