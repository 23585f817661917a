//! The refresh: one connection, one generation, once.
//!
//! ```text
//! read again -> take the lease and write the intent -> ask the provider, once
//!   -> new tokens: commit them by generation, whatever it takes
//!   -> "the grant is gone": condemn this generation, if nobody renewed it meanwhile
//!   -> anything else: give the lease back, note when to try again
//! ```
//!
//! The task is detached from its callers and tracked, so neither a caller that hangs up nor a
//! server that is asked to stop cuts it off between the provider's answer and the commit.

use super::rotation::{Heard, ask_with_secrets};
use super::{learn_end, received};
use crate::domain::{Connection, Provider, Status, Timestamp, Tokens};
use crate::oauth::classify::{Class, ErrorCode, Failure};
use crate::oauth::exchange::RefreshRequest;
use crate::oauth::token_answer::TokenSet;
use crate::oauth::{self, identity, revoke};
use crate::store::{Acquired, Lease, Narrowing, SavedTokens, Store, StoreError};
use crate::upstreams::{UpstreamError, Upstreams};
use app::wire::{BrokenReason, HistoryKind};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Longer than all that happens under a lease: 5 s to connect within 15 s for the whole request,
/// 10 s to commit, and as much again for a slow machine (R92). A second request extends it.
pub(super) const LEASE_TTL: Duration = Duration::from_secs(40);
/// Callers wait no longer than this for someone else's lease.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// Waiting time after the first failure; doubled with each further one.
const FIRST_BACKOFF: Duration = Duration::from_secs(2);
const LONGEST_BACKOFF: Duration = Duration::from_mins(15);
/// Our credentials are wrong until an admin acts; asking often helps nobody.
const CREDENTIALS_BACKOFF: Duration = Duration::from_secs(30);
/// An answer that was lost on its way is asked for once more, after this long.
const SECOND_TRY: Duration = Duration::from_millis(1500);
/// While another refresh tries a client secret.
const TRIAL_PAUSE: Duration = Duration::from_millis(300);
/// Attempts to commit tokens that have arrived.
const COMMIT_ATTEMPTS: u32 = 10;

/// What came of a refresh, for those who waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// There is a newer generation: read it.
    Renewed,
    /// There is nothing to renew, and the provider still accepts the token.
    StillGood,
    /// A person has to approve again.
    Broken(BrokenReason),
    /// The provider refuses our credentials.
    CredentialsRejected,
    /// The provider does not give the grant with these scopes.
    ScopesRefused,
    /// The provider's definition is gone, or makes no address: an admin has to act.
    NotConfigured,
    /// Not now; ask again after this long.
    Later(Duration),
    /// The database did not take the intent, so the provider was not asked.
    StoreUnavailable,
}

/// One refresh.
pub(super) struct Refresh {
    pub(super) store: Store,
    pub(super) upstreams: Upstreams,
    pub(super) holder: String,
    /// Scopes to give up on the way.
    pub(super) narrowing: Option<Narrowing>,
}

impl Refresh {
    /// Runs to its end.
    pub(super) async fn run(&self, seen: Connection) -> Refreshed {
        match self.try_run(seen).await {
            Ok(refreshed) => refreshed,
            Err(UpstreamError::Store(error)) => {
                tracing::error!(%error, "a refresh was stopped by the database");
                Refreshed::StoreUnavailable
            }
            Err(error) => {
                tracing::error!(%error, "a refresh cannot be made");
                Refreshed::NotConfigured
            }
        }
    }

    async fn try_run(&self, seen: Connection) -> Result<Refreshed, UpstreamError> {
        let give_up = Instant::now() + LONGEST_WAIT;
        let mut asked_before = false;
        loop {
            let Some(connection) = self.store.connection_by_id(&seen.id).await? else {
                return Ok(Refreshed::Renewed);
            };
            // revoked or renewed meanwhile: reading it again tells the caller which
            if connection.status != Status::Active || self.is_done(&seen, &connection) {
                return Ok(Refreshed::Renewed);
            }
            let now = self.store.now();
            if !asked_before && let Some(wait) = connection.next_refresh_at.filter(|at| *at > now) {
                return self.backing_off(&connection, now.until(wait)).await;
            }
            let provider = self.provider_of(&connection).await?;
            if !connection.has_refresh_token {
                return self.without_refresh_token(&provider, &connection).await;
            }
            // all that can fail here fails before the lease is taken
            let upstream = self
                .upstreams
                .for_connection(&provider, &connection)
                .await?;
            match self
                .store
                .acquire_lease(&connection, &self.holder, LEASE_TTL)
                .await?
            {
                Acquired::Busy if Instant::now() >= give_up => {
                    return Ok(Refreshed::Later(Duration::from_secs(2)));
                }
                Acquired::Busy => sleep(Duration::from_millis(40 + jitter(40))).await,
                Acquired::Ours(lease, tokens) => {
                    match self
                        .ask(
                            &provider,
                            upstream,
                            &connection,
                            lease,
                            tokens,
                            Tries {
                                asked_before,
                                give_up,
                            },
                        )
                        .await?
                    {
                        Asked::Done(refreshed) => return Ok(refreshed),
                        Asked::Again => asked_before = true,
                        Asked::LookAgain => {
                            sleep(TRIAL_PAUSE + Duration::from_millis(jitter(100))).await;
                        }
                    }
                }
            }
        }
    }

    /// Whether somebody else has done it: renewed the tokens, or given the scopes up.
    fn is_done(&self, seen: &Connection, now: &Connection) -> bool {
        match &self.narrowing {
            Some(narrowing) => now.scopes_granted.without(&narrowing.keep).is_empty(),
            None => now.generation > seen.generation,
        }
    }

    async fn provider_of(&self, connection: &Connection) -> Result<Provider, UpstreamError> {
        self.store
            .provider_by_id(&connection.provider)
            .await?
            .ok_or(UpstreamError::NoDefinition)
    }

    async fn backing_off(
        &self,
        connection: &Connection,
        wait: Duration,
    ) -> Result<Refreshed, UpstreamError> {
        let provider = self.provider_of(connection).await?;
        let rejected = if is_current(&provider, connection) {
            provider.credentials_rejected_at.is_some()
        } else {
            connection.last_error_class.as_deref() == Some(class_word(Class::ConfigRejected))
        };
        Ok(if rejected {
            Refreshed::CredentialsRejected
        } else {
            Refreshed::Later(wait)
        })
    }

    /// Asks the provider once, with the lease held: again only where a client secret was refused.
    async fn ask(
        &self,
        provider: &Provider,
        upstream: oauth::Provider,
        connection: &Connection,
        lease: Lease,
        tokens: Tokens,
        tries: Tries,
    ) -> Result<Asked, UpstreamError> {
        let Some(refresh_token) = &tokens.refresh_token else {
            let why = HistoryKind::Broken {
                reason: BrokenReason::NoRefreshToken,
                status: None,
                code: None,
            };
            self.store.condemn(connection, &lease, &why).await?;
            return Ok(Asked::Done(Refreshed::Broken(BrokenReason::NoRefreshToken)));
        };
        let asked_at = self.store.now();
        let upstream = upstream.with_own_secret(tokens.client_secret.as_ref());
        let always = upstream.definition.always_granted();
        let narrowed_to = self
            .narrowing
            .as_ref()
            .map(|narrowing| narrowing.keep.without(&always));
        let request = RefreshRequest {
            token: refresh_token,
            redirect_uri: &connection.redirect_uri,
            granted: &connection.scopes_granted,
            narrowed_to: narrowed_to.as_ref(),
        };
        let held = (connection, &lease);
        let egress = self.upstreams.egress();
        let heard =
            ask_with_secrets(&self.store, egress, provider, upstream, held, &request).await?;
        let Some(heard) = heard else {
            return Ok(Asked::LookAgain);
        };
        let waited = self.store.now().millis() - asked_at.millis();
        match heard.answer {
            Ok(answer) => {
                tracing::info!(connection = %connection.id, generation = lease.generation, epoch = lease.epoch, waited_ms = waited, "refreshed");
                let upstream = &heard.upstream;
                let kept = self
                    .keep(
                        provider,
                        connection,
                        &lease,
                        upstream,
                        answer,
                        heard.sent_at,
                        tokens,
                    )
                    .await;
                heard.lesson.learn(&self.store, provider).await;
                kept.map(Asked::Done)
            }
            Err(failure) => {
                tracing::warn!(connection = %connection.id, generation = lease.generation, epoch = lease.epoch, waited_ms = waited, %failure, "refresh failed");
                self.not_renewed(provider, connection, &lease, (heard, failure), tries)
                    .await
            }
        }
    }

    /// Stores tokens that have arrived. From here on they exist only in this task, so the commit is
    /// tried again and again (R90).
    #[expect(clippy::too_many_arguments, reason = "all that belongs to one answer")]
    async fn keep(
        &self,
        provider: &Provider,
        connection: &Connection,
        lease: &Lease,
        upstream: &oauth::Provider,
        answer: TokenSet,
        sent_at: Timestamp,
        before: Tokens,
    ) -> Result<Refreshed, UpstreamError> {
        let told = answer.scopes.is_some();
        let mut saved = received(
            answer,
            &upstream.definition,
            sent_at,
            &connection.scopes_asked,
            Some((connection, before)),
        );
        saved.client_secret = upstream.secret_in_use().cloned();
        if let Some(narrowing) = self.narrowing.as_ref().filter(|_| !told) {
            saved.scopes_granted = narrowing.keep.clone();
        }
        if self.commit(connection, lease, &saved).await? {
            if provider.credentials_rejected_at.is_some() && is_current(provider, connection) {
                self.store.note_credentials(provider, false).await?;
            }
            let renewed = (&connection.id, lease.generation + 1);
            learn_end(
                &self.store,
                &self.upstreams,
                upstream,
                renewed,
                &saved.tokens,
            )
            .await;
        } else {
            self.discard(connection, upstream, saved).await;
        }
        Ok(Refreshed::Renewed)
    }

    async fn commit(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
    ) -> Result<bool, StoreError> {
        let mut pause = Duration::from_millis(50);
        for attempt in 1..COMMIT_ATTEMPTS {
            match self.commit_once(connection, lease, saved).await {
                Err(StoreError::Unavailable(reason)) => {
                    tracing::error!(connection = %connection.id, attempt, reason, "new tokens could not be stored yet");
                    sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
                other => return other,
            }
        }
        self.commit_once(connection, lease, saved).await
    }

    async fn commit_once(
        &self,
        connection: &Connection,
        lease: &Lease,
        saved: &SavedTokens,
    ) -> Result<bool, StoreError> {
        let fewer = connection.scopes_granted.without(&saved.scopes_granted);
        match self.narrowing.as_ref().filter(|_| !fewer.is_empty()) {
            Some(narrowing) => {
                let store = &self.store;
                store
                    .commit_narrowing(connection, lease, saved, narrowing)
                    .await
            }
            None => self.store.commit_refresh(connection, lease, saved).await,
        }
    }

    /// The provider gave no tokens.
    async fn not_renewed(
        &self,
        provider: &Provider,
        connection: &Connection,
        lease: &Lease,
        (heard, failure): (Heard, Failure),
        tries: Tries,
    ) -> Result<Asked, UpstreamError> {
        let lesson = heard.lesson;
        // somewhere else a secret is being tried that may be the right one
        if Instant::now() < tries.give_up
            && lesson.has_hope(&self.store, provider, connection).await?
        {
            self.store.put_back(connection, lease).await?;
            return Ok(Asked::LookAgain);
        }
        if failure.class == Class::InvalidScope && self.narrowing.is_some() {
            self.store.put_back(connection, lease).await?;
            return Ok(Asked::Done(Refreshed::ScopesRefused));
        }
        lesson.learn(&self.store, provider).await;
        self.failed(provider, connection, lease, failure, tries.asked_before)
            .await
    }

    /// Someone revoked or reconnected while the provider answered: what came is not wanted (R108).
    async fn discard(
        &self,
        connection: &Connection,
        upstream: &oauth::Provider,
        saved: SavedTokens,
    ) {
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
            let token_set = saved.tokens;
            let ended = revoke::revoke(
                self.upstreams.egress(),
                upstream,
                &token_set.access_token,
                token_set.refresh_token.as_ref(),
            )
            .await;
            tracing::info!(connection = %connection.id, ?ended, "tokens that arrived too late were given back");
        }
    }

    async fn failed(
        &self,
        provider: &Provider,
        connection: &Connection,
        lease: &Lease,
        failure: Failure,
        asked_before: bool,
    ) -> Result<Asked, UpstreamError> {
        let backoff = backoff(connection.fail_count);
        let (wait, outcome) = match failure.class {
            Class::Dead => return self.dead(connection, lease, failure).await.map(Asked::Done),
            Class::ConfigRejected => {
                // an earlier Client ID says nothing about the one that is configured
                if is_current(provider, connection) {
                    self.store.note_credentials(provider, true).await?;
                }
                (
                    CREDENTIALS_BACKOFF,
                    Asked::Done(Refreshed::CredentialsRejected),
                )
            }
            Class::Throttled { retry_after } => {
                let wait = retry_after.unwrap_or(backoff);
                (wait, Asked::Done(Refreshed::Later(wait)))
            }
            // the answer may have been lost on its way: the same token once more, then patience
            Class::Ambiguous if !asked_before => (SECOND_TRY, Asked::Again),
            Class::Ambiguous
            | Class::Unreached
            | Class::ForbiddenAddress
            | Class::InvalidScope
            | Class::Unexpected => (backoff, Asked::Done(Refreshed::Later(backoff))),
        };
        let what = HistoryKind::RefreshFailed {
            class: class_word(failure.class).to_owned(),
            status: failure.status,
            code: code_word(failure),
        };
        self.store
            .release_lease(
                connection,
                lease,
                failure.spent_nothing(),
                self.store.now() + wait,
                &what,
            )
            .await?;
        if matches!(outcome, Asked::Again) {
            sleep(wait).await;
        }
        Ok(outcome)
    }

    /// The provider says that the grant is gone. Only this condemns, and only the generation that
    /// was asked for (R94).
    async fn dead(
        &self,
        connection: &Connection,
        lease: &Lease,
        failure: Failure,
    ) -> Result<Refreshed, UpstreamError> {
        let reason = if lease.earlier_intent {
            BrokenReason::RefreshOutcomeUnknown
        } else {
            BrokenReason::GrantRevokedOrExpired
        };
        let why = HistoryKind::Broken {
            reason,
            status: failure.status,
            code: code_word(failure),
        };
        Ok(if self.store.condemn(connection, lease, &why).await? {
            Refreshed::Broken(reason)
        } else {
            Refreshed::Renewed
        })
    }

    /// Some providers give no refresh token. Then the token is good until it ends, or until the
    /// provider's identity endpoint refuses it.
    async fn without_refresh_token(
        &self,
        provider: &Provider,
        connection: &Connection,
    ) -> Result<Refreshed, UpstreamError> {
        let ended = connection
            .access_token_expires_at
            .is_some_and(|at| at <= self.store.now());
        if ended {
            self.store
                .break_without_refresh(connection, BrokenReason::NoRefreshToken)
                .await?;
            return Ok(Refreshed::Broken(BrokenReason::NoRefreshToken));
        }
        let found = self
            .store
            .connection_with_tokens(&connection.application, connection.id.as_str())
            .await?;
        let Some((_, Some(tokens))) = found else {
            return Ok(Refreshed::Renewed);
        };
        let upstream = self.upstreams.for_connection(provider, connection).await?;
        let accepted =
            identity::is_accepted(self.upstreams.egress(), &upstream, &tokens.access_token).await;
        if accepted == Some(false) {
            self.store
                .break_without_refresh(connection, BrokenReason::GrantRevokedOrExpired)
                .await?;
            return Ok(Refreshed::Broken(BrokenReason::GrantRevokedOrExpired));
        }
        Ok(Refreshed::StillGood)
    }
}

enum Asked {
    Done(Refreshed),
    /// The answer was lost on its way.
    Again,
    /// Nothing happened; the connection or the client secrets may have changed.
    LookAgain,
}

/// How far a refresh has come.
#[derive(Clone, Copy)]
struct Tries {
    asked_before: bool,
    give_up: Instant,
}

/// Whether the connection was authorized with the Client ID that the provider has now.
fn is_current(provider: &Provider, connection: &Connection) -> bool {
    provider.client_id == connection.client_id
}

/// Doubled with each failure, and spread so that connections that failed together do not come back together.
fn backoff(failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 16)).unwrap_or(16);
    let longest = FIRST_BACKOFF
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(LONGEST_BACKOFF);
    let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis / 2 + jitter(millis / 2))
}

/// 0 to `below` milliseconds.
fn jitter(below: u64) -> u64 {
    let mut bytes = [0_u8; 8];
    // without randomness all wait alike, which is no harm
    let _ = getrandom::fill(&mut bytes);
    u64::from_le_bytes(bytes) % below.max(1)
}

fn code_word(failure: Failure) -> Option<String> {
    failure.code.map(ErrorCode::as_str).map(str::to_owned)
}

/// The word for a class in the history and in the API.
fn class_word(class: Class) -> &'static str {
    match class {
        Class::Unreached => "unreached",
        Class::ForbiddenAddress => "forbidden_address",
        Class::Ambiguous => "ambiguous",
        Class::Throttled { .. } => "throttled",
        Class::Dead => "dead",
        Class::ConfigRejected => "config_rejected",
        Class::InvalidScope => "invalid_scope",
        Class::Unexpected => "unexpected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_stays_within_bounds() {
        for failures in 0..40 {
            let wait = backoff(failures);
            assert!(
                wait >= FIRST_BACKOFF / 2 && wait <= LONGEST_BACKOFF,
                "{failures}: {wait:?}"
            );
        }
        assert!(backoff(10) > backoff(0));
    }

    #[test]
    fn a_lease_outlives_all_that_happens_under_it() {
        let limits = crate::oauth::egress::Limits::default();
        let commits: u64 = (0..COMMIT_ATTEMPTS - 1)
            .map(|n| (50_u64 << n).min(2000))
            .sum();
        assert!(
            LEASE_TTL > limits.total + Duration::from_millis(commits),
            "R92"
        );
    }
}
