//! Tells providers about revocations (R68). Local revocation is done by then: no token leaves.

use crate::domain::{Revocation, Upstream};
use crate::oauth::classify::Class;
use crate::oauth::revoke::{self, Revocation as Answer};
use crate::store::{DueRevocation, Store, StoreError};
use crate::upstreams::{UpstreamError, Upstreams};
use std::time::Duration;

/// Longer than a request to a provider takes.
const HOLD_MS: i64 = 40_000;
/// Requests per round, one after another.
const PER_ROUND: usize = 16;
/// After so many requests a person has to look: the receipt says so.
const MOST_ATTEMPTS: i64 = 10;

/// One round: tells the providers of all revocations that are due. A restored or copied database
/// tells nobody: ending what the original holds is not for it to do (R103).
pub async fn tell_providers(store: &Store, upstreams: &Upstreams) -> Result<(), StoreError> {
    if store.quarantine().is_some() {
        return Ok(());
    }
    for _ in 0..PER_ROUND {
        let Some(due) = store.take_due_revocation(HOLD_MS).await? else {
            break;
        };
        let revocation = due.revocation.clone();
        match tell(store, upstreams, due).await {
            Ok(answer) => note(store, &revocation, answer).await?,
            Err(UpstreamError::Store(error)) => return Err(error),
            // without a definition or an address there is nobody to tell
            Err(_) => {
                store
                    .note_upstream(&revocation, Upstream::Failed, None)
                    .await?;
            }
        }
    }
    Ok(())
}

async fn tell(
    store: &Store,
    upstreams: &Upstreams,
    due: DueRevocation,
) -> Result<Answer, UpstreamError> {
    let connection = store
        .connection_by_id(&due.revocation.connection)
        .await?
        .ok_or(UpstreamError::NoDefinition)?;
    let provider = store
        .provider_by_id(&connection.provider)
        .await?
        .ok_or(UpstreamError::NoDefinition)?;
    let tokens = &due.tokens;
    let upstream = upstreams
        .for_connection(&provider, &connection)
        .await?
        .with_own_secret(tokens.client_secret.as_ref());
    Ok(revoke::revoke(
        upstreams.egress(),
        &upstream,
        &tokens.access_token,
        tokens.refresh_token.as_ref(),
    )
    .await)
}

async fn note(store: &Store, revocation: &Revocation, answer: Answer) -> Result<(), StoreError> {
    match answer {
        Answer::Revoked => {
            store
                .note_upstream(revocation, Upstream::Revoked, None)
                .await
        }
        Answer::NotOffered => {
            store
                .note_upstream(revocation, Upstream::NotOffered, None)
                .await
        }
        Answer::Failed(failure) => {
            tracing::warn!(connection = %revocation.connection, attempt = revocation.attempts, %failure, "the provider did not revoke");
            if revocation.attempts >= MOST_ATTEMPTS {
                return store
                    .note_upstream(revocation, Upstream::Failed, None)
                    .await;
            }
            let wait = match failure.class {
                Class::Throttled {
                    retry_after: Some(wait),
                } => wait,
                _ => Duration::from_secs(5 << revocation.attempts.clamp(0, 10)),
            };
            store
                .note_upstream(revocation, Upstream::Waiting, Some(store.now() + wait))
                .await
        }
    }
}
