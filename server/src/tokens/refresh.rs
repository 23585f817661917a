//! The refresh: one connection, one generation, once.
//!
//! ```text
//! through the provider's gate -> read again -> is its host there? (breaker)
//!   -> take the lease and write the intent -> ask the provider, once
//!      -> new tokens: commit them by generation, whatever it takes (keeping)
//!      -> "the grant is gone": condemn this generation, if nobody renewed it meanwhile
//!      -> anything else: give the lease back, note when to try again
//! ```
//!
//! The task is detached from its callers and tracked, so neither a caller that hangs up nor a
//! server that is asked to stop cuts it off between the provider's answer and the commit.

use super::breaker::Sign;
use super::engine::Engine;
use super::gate::{Gate, Urgency};
use super::rotation::{Heard, ask_with_secrets};
use super::when::{backoff, jitter};
use super::{learn_end, received};
use crate::catalog::Reuse;
use crate::domain::{Connection, Provider, Scopes, Status, Timestamp, Tokens};
use crate::metrics::RefreshClass;
use crate::oauth::classify::{Class, ErrorCode, Failure};
use crate::oauth::exchange::RefreshRequest;
use crate::oauth::introspect::introspect;
use crate::oauth::overheard::Overheard;
use crate::oauth::shown_answer;
use crate::oauth::token_answer::TokenSet;
use crate::oauth::{self, identity};
use crate::store::{Acquired, Lease, Narrowing};
use crate::upstreams::UpstreamError;
use crate::vault::Secret;
use app::wire::{BrokenReason, HistoryKind};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Longer than all that happens under a lease: 5 s to connect within 15 s for the whole request,
/// the first attempts to commit, and as much again for a slow machine (R92). A second request
/// extends it. Tokens that are stored later than that still win, by their generation.
pub(super) const LEASE_TTL: Duration = Duration::from_secs(40);
/// Callers wait no longer than this for someone else's lease.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// Our credentials are wrong until an admin acts; asking often helps nobody.
pub(super) const CREDENTIALS_BACKOFF: Duration = Duration::from_secs(30);
/// An answer that was lost on its way is asked for once more, after this long.
const SECOND_TRY: Duration = Duration::from_millis(1500);
/// While another refresh tries a client secret.
const TRIAL_PAUSE: Duration = Duration::from_millis(300);
/// Between two looks at a connection that somebody else refreshes. All who wait in this process look at the
/// same moments, and so together.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// Until all look again who wait for somebody else.
fn until_next_look() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let since = BEGAN.elapsed().as_micros() % BUSY_PAUSE.as_micros();
    BUSY_PAUSE.saturating_sub(Duration::from_micros(
        u64::try_from(since).unwrap_or_default(),
    ))
}

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
    /// The database looks like a copy, so no provider is asked (R103).
    Quarantined,
    /// The database did not take the intent, so the provider was not asked.
    StoreUnavailable,
}

/// One refresh.
pub(super) struct Refresh {
    pub(super) engine: Engine,
    /// Who wants it.
    pub(super) urgency: Urgency,
    /// The provider's API was seen to refuse the access token, whatever its end says.
    pub(super) rejected: bool,
    /// Scopes to give up on the way.
    pub(super) narrowing: Option<Narrowing>,
}

impl Refresh {
    /// Runs to its end.
    pub(super) async fn run(&self, seen: Connection) -> Refreshed {
        if self.engine.store.quarantine().is_some() {
            return Refreshed::Quarantined;
        }
        let gate = self.engine.gates.of(&seen.provider);
        let came = Instant::now();
        let pass = gate.enter(self.urgency).await;
        self.engine.metrics.gate_waited(came.elapsed());
        let _pass = match pass {
            Ok(pass) => pass,
            Err(wait) => return Refreshed::Later(wait),
        };
        match self.try_run(&gate, seen).await {
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

    async fn try_run(&self, gate: &Gate, seen: Connection) -> Result<Refreshed, UpstreamError> {
        let store = &self.engine.store;
        let give_up = Instant::now() + LONGEST_WAIT;
        let mut asked_before = false;
        loop {
            let (found, provider) =
                tokio::join!(store.connection_by_id(&seen.id), self.provider_of(&seen));
            let Some(connection) = found? else {
                return Ok(Refreshed::Renewed);
            };
            // revoked or renewed meanwhile: reading it again tells the caller which
            if connection.status != Status::Active || self.is_done(&seen, &connection) {
                return Ok(Refreshed::Renewed);
            }
            let now = store.now();
            let provider = provider?;
            let waits = connection.next_refresh_at.filter(|at| *at > now);
            if let Some(until) = waits.filter(|_| !asked_before && self.urgency != Urgency::Probe) {
                return Ok(backing_off(&provider, &connection, now.until(until)));
            }
            if !connection.has_refresh_token {
                return self.without_refresh_token(&provider, &connection).await;
            }
            if is_paused(gate, &provider, &connection, now) {
                return Ok(Refreshed::CredentialsRejected);
            }
            // all that can fail here fails before the lease is taken
            let upstream = self
                .engine
                .upstreams
                .for_connection(&provider, &connection)
                .await?;
            gate.set_rate(upstream.definition.refresh.most_per_second);
            let host = token_host(&upstream);
            if !asked_before && let Err(wait) = self.engine.breakers.allow(&host, now) {
                return Ok(Refreshed::Later(wait));
            }
            match store
                .acquire_lease(&connection, &self.engine.holder, LEASE_TTL)
                .await?
            {
                Acquired::Busy if Instant::now() >= give_up => {
                    return Ok(Refreshed::Later(Duration::from_secs(2)));
                }
                Acquired::Busy => {
                    let came = Instant::now();
                    self.wait_for_another(&connection, give_up).await?;
                    self.engine.metrics.lease_waited(came.elapsed());
                }
                Acquired::Ours(lease, tokens) => {
                    let tries = Tries {
                        asked_before,
                        give_up,
                    };
                    let held = (&connection, lease, tokens);
                    match self.ask(gate, &provider, upstream, held, tries).await? {
                        Asked::Done(refreshed) => return Ok(refreshed),
                        Asked::Again => {
                            asked_before = true;
                            gate.again().await;
                        }
                        Asked::LookAgain => {
                            sleep(TRIAL_PAUSE + jitter(Duration::from_millis(100))).await;
                        }
                    }
                }
            }
        }
    }

    /// Until somebody else's lease is over, or time is up.
    async fn wait_for_another(
        &self,
        connection: &Connection,
        give_up: Instant,
    ) -> Result<(), UpstreamError> {
        loop {
            sleep(until_next_look()).await;
            let standing = self.engine.store.standing(&connection.id).await?;
            let goes_on = |one: crate::store::Standing| {
                one.leased && one.active && one.generation == connection.generation
            };
            if !standing.is_some_and(goes_on) || Instant::now() >= give_up {
                return Ok(());
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
        self.engine
            .store
            .provider_by_id(&connection.provider)
            .await?
            .ok_or(UpstreamError::NoDefinition)
    }

    /// Asks the provider once, with the lease held: again only where a client secret was refused.
    async fn ask(
        &self,
        gate: &Gate,
        provider: &Provider,
        upstream: oauth::Provider,
        (connection, lease, tokens): (&Connection, Lease, Tokens),
        tries: Tries,
    ) -> Result<Asked, UpstreamError> {
        let store = &self.engine.store;
        let Some(refresh_token) = &tokens.refresh_token else {
            let why = HistoryKind::Broken {
                reason: BrokenReason::NoRefreshToken,
                status: None,
                code: None,
            };
            if store.condemn(connection, &lease, (&why, None)).await? {
                self.engine
                    .metrics
                    .reconnect_required(BrokenReason::NoRefreshToken);
            }
            return Ok(Asked::Done(Refreshed::Broken(BrokenReason::NoRefreshToken)));
        };
        let began = Instant::now();
        let host = token_host(&upstream);
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
        // what the provider says is kept for the history, if it gives no tokens
        let (egress, overheard) = self.engine.upstreams.egress().overheard();
        let egress = &egress;
        let scopes_sent = upstream.definition.refresh.sends_scopes && self.narrowing.is_none();
        let once_more = scopes_sent.then(|| upstream.clone());
        let mut heard = Box::pin(ask_with_secrets(
            store, egress, provider, upstream, held, &request,
        ))
        .await?;
        if let Some(once_more) = once_more
            && heard.as_ref().is_some_and(Heard::refuses_scopes)
        {
            // it wants them in general, and not these: without any it gives what was granted
            if !store.extend_lease(connection, &lease, LEASE_TTL).await? {
                return Ok(Asked::LookAgain);
            }
            gate.again().await;
            let granted = &Scopes::default();
            let silent = RefreshRequest { granted, ..request };
            let asking = ask_with_secrets(store, egress, provider, once_more, held, &silent);
            heard = Box::pin(asking).await?;
        }
        let Some(heard) = heard else {
            return Ok(Asked::LookAgain);
        };
        let class = match &heard.answer {
            Ok(_) => RefreshClass::Ok,
            Err(failure) => failure.class.into(),
        };
        let (latency, attempt) = (began.elapsed(), 1 + u8::from(tries.asked_before));
        self.engine.metrics.refreshed(class, latency);
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let class = class.as_str();
        tracing::info!(connection = %connection.id, generation = lease.generation, epoch = lease.epoch, attempt, class, latency_ms, "refresh");
        match heard.answer {
            Ok(answer) => {
                let kept = self
                    .keep(
                        provider,
                        held,
                        &heard.upstream,
                        (answer, heard.sent_at, tokens),
                    )
                    .await;
                // what has arrived is stored first
                self.note_sign(&host, Sign::Alive, provider, connection)
                    .await;
                heard.lesson.learn(store, provider).await;
                kept.map(Asked::Done)
            }
            Err(failure) => {
                tracing::warn!(connection = %connection.id, %failure, "a refresh failed");
                self.note_sign(&host, Sign::of(&failure), provider, connection)
                    .await;
                let answer = shown(&overheard, &heard.upstream, &tokens);
                self.not_renewed(gate, provider, held, (heard, failure, answer), tries)
                    .await
            }
        }
    }

    /// Tells the breaker. Where a host is back, whoever waits because of it is tried again.
    async fn note_sign(
        &self,
        host: &str,
        sign: Sign,
        provider: &Provider,
        connection: &Connection,
    ) {
        let store = &self.engine.store;
        let ids = (&provider.id, &connection.id);
        for waiting in self.engine.breakers.note(host, sign, ids, store.now()) {
            tracing::info!(host, provider = %waiting, "the host answers again");
            let also_unsure = match store.provider_by_id(&waiting).await {
                Ok(Some(found)) => self
                    .engine
                    .upstreams
                    .definition(&found)
                    .is_ok_and(|definition| definition.refresh.reuse != Reuse::EndsGrant),
                _ => false,
            };
            if let Err(error) = store.end_waiting(&waiting, also_unsure).await {
                tracing::warn!(%error, "connections that wait for a provider go on waiting");
            }
        }
    }

    /// Stores tokens that have arrived.
    async fn keep(
        &self,
        provider: &Provider,
        (connection, lease): (&Connection, &Lease),
        upstream: &oauth::Provider,
        (answer, sent_at, before): (TokenSet, Timestamp, Tokens),
    ) -> Result<Refreshed, UpstreamError> {
        let engine = &self.engine;
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
        let narrowing = self.narrowing.as_ref();
        if engine.keep(connection, lease, &saved, narrowing).await? {
            if provider.credentials_rejected_at.is_some() && is_current(provider, connection) {
                engine.store.note_credentials(provider, false).await?;
            }
            let renewed = (&connection.id, lease.generation + 1);
            let (store, upstreams) = (&engine.store, &engine.upstreams);
            learn_end(store, upstreams, upstream, renewed, &saved.tokens).await;
        } else {
            engine
                .discard((connection, lease.generation), upstream, &saved)
                .await;
        }
        Ok(Refreshed::Renewed)
    }

    /// The provider gave no tokens.
    async fn not_renewed(
        &self,
        gate: &Gate,
        provider: &Provider,
        (connection, lease): (&Connection, &Lease),
        (heard, failure, answer): (Heard, Failure, Option<Secret<String>>),
        tries: Tries,
    ) -> Result<Asked, UpstreamError> {
        let store = &self.engine.store;
        let lesson = heard.lesson;
        // somewhere else a secret is being tried that may be the right one
        if Instant::now() < tries.give_up && lesson.has_hope(store, provider, connection).await? {
            store.put_back(connection, lease).await?;
            return Ok(Asked::LookAgain);
        }
        if failure.class == Class::InvalidScope && self.narrowing.is_some() {
            store.put_back(connection, lease).await?;
            return Ok(Asked::Done(Refreshed::ScopesRefused));
        }
        lesson.learn(store, provider).await;
        let reuse = heard.upstream.definition.refresh.reuse;
        let (wait, outcome) = match failure.class {
            Class::Dead => {
                let dead = self.dead(connection, lease, (failure, answer.as_ref()));
                return dead.await.map(Asked::Done);
            }
            Class::ConfigRejected => {
                // an earlier Client ID says nothing about the one that is configured
                if is_current(provider, connection) {
                    gate.pause(store.now() + CREDENTIALS_BACKOFF);
                    store.note_credentials(provider, true).await?;
                }
                let rejected = Asked::Done(Refreshed::CredentialsRejected);
                (CREDENTIALS_BACKOFF, rejected)
            }
            Class::Throttled { retry_after } => {
                gate.slow_down();
                let wait = retry_after.unwrap_or_else(|| backoff(connection.fail_count));
                (wait, Asked::Done(Refreshed::Later(wait)))
            }
            Class::Ambiguous if self.is_better_left_alone(connection, reuse) => {
                let ends = connection.access_token_expires_at;
                let wait = ends.map_or_else(Duration::default, |ends| store.now().until(ends));
                (wait, Asked::Done(Refreshed::Later(wait)))
            }
            // the answer may have been lost on its way: the same token once more, then patience
            Class::Ambiguous if !tries.asked_before => (SECOND_TRY, Asked::Again),
            Class::Ambiguous
            | Class::Unreached
            | Class::ForbiddenAddress
            | Class::InvalidScope
            | Class::Unexpected => {
                let wait = backoff(connection.fail_count);
                (wait, Asked::Done(Refreshed::Later(wait)))
            }
        };
        let what = HistoryKind::RefreshFailed {
            class: RefreshClass::from(failure.class).as_str().to_owned(),
            status: failure.status,
            code: code_word(failure),
        };
        let next_try_at = store.now() + wait;
        store
            .release_lease(
                connection,
                lease,
                failure.spent_nothing(),
                next_try_at,
                (&what, answer.as_ref()),
            )
            .await?;
        if matches!(outcome, Asked::Again) {
            sleep(wait).await;
        }
        Ok(outcome)
    }

    /// Where a spent refresh token ends the whole grant, an access token that still works is worth
    /// more than to know at once.
    fn is_better_left_alone(&self, connection: &Connection, reuse: Reuse) -> bool {
        let works = connection
            .access_token_expires_at
            .is_some_and(|ends| ends > self.engine.store.now());
        reuse == Reuse::EndsGrant && works && !self.rejected
    }

    /// The provider says that the grant is gone. Only this condemns, and only the generation that
    /// was asked for (R94).
    async fn dead(
        &self,
        connection: &Connection,
        lease: &Lease,
        (failure, answer): (Failure, Option<&Secret<String>>),
    ) -> Result<Refreshed, UpstreamError> {
        let store = &self.engine.store;
        let came_with_a_copy = |confirmed: Timestamp| {
            connection
                .token_set_at
                .is_none_or(|arrived| arrived < confirmed)
        };
        let reason = if lease.earlier_intent {
            BrokenReason::RefreshOutcomeUnknown
        } else if store.confirmed_at().is_some_and(came_with_a_copy) {
            BrokenReason::StaleAfterRestore
        } else {
            BrokenReason::GrantRevokedOrExpired
        };
        let why = HistoryKind::Broken {
            reason,
            status: failure.status,
            code: code_word(failure),
        };
        Ok(if store.condemn(connection, lease, (&why, answer)).await? {
            self.engine.metrics.reconnect_required(reason);
            Refreshed::Broken(reason)
        } else {
            Refreshed::Renewed
        })
    }

    /// Some providers give no refresh token. Then the token is good until it ends, or until the
    /// provider says that it no longer lives.
    async fn without_refresh_token(
        &self,
        provider: &Provider,
        connection: &Connection,
    ) -> Result<Refreshed, UpstreamError> {
        let (store, upstreams) = (&self.engine.store, &self.engine.upstreams);
        let ended = connection
            .access_token_expires_at
            .is_some_and(|at| at <= store.now());
        if ended {
            self.engine
                .give_up(connection, BrokenReason::NoRefreshToken)
                .await?;
            return Ok(Refreshed::Broken(BrokenReason::NoRefreshToken));
        }
        let found = store
            .connection_with_tokens(&connection.application, connection.id.as_str())
            .await?;
        let Some((_, Some(tokens))) = found else {
            return Ok(Refreshed::Renewed);
        };
        let upstream = upstreams.for_connection(provider, connection).await?;
        let (egress, token) = (upstreams.egress(), &tokens.access_token);
        let lives = match introspect(egress, &upstream, token).await {
            Ok(Some(told)) => Some(told.active),
            Ok(None) => identity::is_accepted(egress, &upstream, token).await,
            Err(_) => None,
        };
        if lives == Some(false) {
            self.engine
                .give_up(connection, BrokenReason::GrantRevokedOrExpired)
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

/// Nobody is asked before the pause after a failure is over.
fn backing_off(provider: &Provider, connection: &Connection, wait: Duration) -> Refreshed {
    let rejected = if is_current(provider, connection) {
        provider.credentials_rejected_at.is_some()
    } else {
        connection.last_error_class.as_deref() == Some(RefreshClass::ConfigRejected.as_str())
    };
    if rejected {
        Refreshed::CredentialsRejected
    } else {
        Refreshed::Later(wait)
    }
}

/// Another connection has just heard that the provider refuses our credentials, and they are the
/// same here.
fn is_paused(gate: &Gate, provider: &Provider, connection: &Connection, now: Timestamp) -> bool {
    provider.credentials_rejected_at.is_some()
        && is_current(provider, connection)
        && gate.is_paused(now)
}

/// Host and port of the endpoint that refreshes.
fn token_host(upstream: &oauth::Provider) -> String {
    let endpoints = &upstream.endpoints;
    let url = endpoints.refresh.as_ref().unwrap_or(&endpoints.token);
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or_default())
}

/// What the provider answered last, with nothing secret in it. It may still be personal, so it is sealed.
fn shown(
    overheard: &Overheard,
    upstream: &oauth::Provider,
    tokens: &Tokens,
) -> Option<Secret<String>> {
    let last = overheard.take().pop()?;
    let of_client = upstream.client.client_secrets.iter();
    let of_tokens = [Some(&tokens.access_token), tokens.refresh_token.as_ref()];
    let secrets = of_client.map(|secret| secret.text.expose().as_str()).chain(
        of_tokens
            .into_iter()
            .flatten()
            .map(|one| one.expose().as_str()),
    );
    shown_answer::shown(&last, secrets).map(Secret::new)
}

fn code_word(failure: Failure) -> Option<String> {
    failure.code.map(ErrorCode::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_outlives_all_that_happens_under_it() {
        let limits = crate::oauth::egress::Limits::default();
        let first_commits = Duration::from_secs(10);
        assert!(LEASE_TTL >= limits.total * 2 + first_commits, "R92");
    }
}
