//! Tells providers about revocations (R68). Local revocation is done by then: no token leaves.
//!
//! The refresh token is named first, then the access token, where they do not end together. What the
//! provider said about each is written into the receipt as it was said; a request that may succeed
//! later is made again for what is still open.

use crate::domain::{Revocation, Upstream};
use crate::oauth::classify::{Class, Failure};
use crate::oauth::revoke::{self, Revocation as Answer, TokenKind};
use crate::store::{DueRevocation, Store, StoreError};
use crate::upstreams::{UpstreamError, Upstreams};
use app::wire::{TokenResult, TokenResults};
use std::time::Duration;

/// Longer than two requests to a provider take.
const HOLD_MS: i64 = 60_000;
/// Revocations per round, one after another.
const PER_ROUND: usize = 64;
/// After so many attempts a person has to look: the receipt says so.
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
            Ok(told) => note(store, revocation, told).await?,
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

/// What one attempt came to.
struct Told {
    results: TokenResults,
    outcome: Outcome,
}

enum Outcome {
    /// No further attempt is needed.
    Is(Upstream),
    /// Something is still open.
    Failed(Failure),
}

async fn tell(
    store: &Store,
    upstreams: &Upstreams,
    due: DueRevocation,
) -> Result<Told, UpstreamError> {
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
    let refresh_token = tokens.refresh_token.as_ref();
    let of_both = |result| TokenResults {
        refresh_token: refresh_token.map(|_| result),
        access_token: Some(result),
    };
    let Some(rules) = upstream.definition.revocation.clone() else {
        return Ok(Told {
            results: of_both(TokenResult::NotOffered),
            outcome: Outcome::Is(Upstream::NotOffered),
        });
    };
    let since = due.revocation.revoked_at;
    if rules.ends_whole_grant && store.is_connected_again(&connection, since).await? {
        return Ok(Told {
            results: of_both(TokenResult::Spared),
            outcome: Outcome::Is(Upstream::NothingToRevoke),
        });
    }
    let mut results = due.revocation.results;
    let egress = upstreams.egress();
    let ask =
        |kind| revoke::revoke_token(egress, &upstream, kind, &tokens.access_token, refresh_token);
    let first = revoke::first_named(&rules, refresh_token.is_some());
    if result_of(&mut results, first).is_none_or(|result| result != TokenResult::Revoked) {
        let answer = ask(first).await;
        *result_of(&mut results, first) = Some(word(answer));
        match answer {
            Answer::Revoked => {}
            Answer::NotOffered => {
                return Ok(Told {
                    results: of_both(TokenResult::NotOffered),
                    outcome: Outcome::Is(Upstream::NotOffered),
                });
            }
            Answer::Failed(failure) => {
                return Ok(Told {
                    results,
                    outcome: Outcome::Failed(failure),
                });
            }
        }
    }
    let outcome = Outcome::Is(Upstream::Revoked);
    match first {
        TokenKind::Refresh if rules.ends_whole_grant => {
            results.access_token = Some(TokenResult::EndedWithGrant);
        }
        TokenKind::Refresh => {
            let answer = ask(TokenKind::Access).await;
            results.access_token = Some(word(answer));
            if let Answer::Failed(failure) = answer
                && may_succeed_later(failure.class)
            {
                let outcome = Outcome::Failed(failure);
                return Ok(Told { results, outcome });
            }
        }
        TokenKind::Access => {
            results.refresh_token = refresh_token.map(|_| {
                if rules.ends_whole_grant {
                    TokenResult::EndedWithGrant
                } else {
                    TokenResult::NotOffered
                }
            });
        }
    }
    Ok(Told { results, outcome })
}

fn result_of(results: &mut TokenResults, kind: TokenKind) -> &mut Option<TokenResult> {
    match kind {
        TokenKind::Refresh => &mut results.refresh_token,
        TokenKind::Access => &mut results.access_token,
    }
}

fn word(answer: Answer) -> TokenResult {
    match answer {
        Answer::Revoked => TokenResult::Revoked,
        Answer::NotOffered => TokenResult::NotOffered,
        Answer::Failed(_) => TokenResult::Failed,
    }
}

/// The grant is gone by then, and the access token ends by itself: a refusal is not worth another
/// request, but one that got no answer is.
fn may_succeed_later(class: Class) -> bool {
    matches!(
        class,
        Class::Unreached | Class::Ambiguous | Class::Throttled { .. }
    )
}

async fn note(store: &Store, revocation: Revocation, told: Told) -> Result<(), StoreError> {
    let Told { results, outcome } = told;
    let revocation = Revocation {
        results,
        ..revocation
    };
    let failure = match outcome {
        Outcome::Is(upstream) => return store.note_upstream(&revocation, upstream, None).await,
        Outcome::Failed(failure) => failure,
    };
    tracing::warn!(connection = %revocation.connection, attempt = revocation.attempts, %failure, "the provider did not revoke");
    if revocation.attempts >= MOST_ATTEMPTS {
        let ended =
            [results.refresh_token, results.access_token].contains(&Some(TokenResult::Revoked));
        let upstream = if ended {
            Upstream::Revoked
        } else {
            Upstream::Failed
        };
        return store.note_upstream(&revocation, upstream, None).await;
    }
    let wait = match failure.class {
        Class::Throttled {
            retry_after: Some(wait),
        } => wait,
        _ => Duration::from_secs(5 << revocation.attempts.clamp(0, 10)),
    };
    let next = Some(store.now() + wait);
    store
        .note_upstream(&revocation, Upstream::Waiting, next)
        .await
}
