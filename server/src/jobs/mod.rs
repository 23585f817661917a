//! What the server does by itself: refresh ahead of time, take in tokens that could not be stored,
//! store counts, work off many revocations, tell providers about them, send webhooks, notice whether it is
//! in quarantine, end playground runs and late flows, set its clock, keep the ballast, write words to find connections by, tidy
//! up, read what the metrics tell, seal and check the audit.
//!
//! Every job is idempotent and claims what it works on, so that several nodes can run it. A job
//! that fails says so in the log and tries again in its next round.

mod auditor;
mod end_in_bulk;
mod read_vitals;
mod refresher;
mod tell_providers;

use crate::connect::Connect;
use crate::metrics::Metrics;
use crate::playground::Playgrounds;
use crate::quarantine::Heartbeat;
use crate::store::{Store, StoreError};
use crate::tokens::FreshTokens;
use crate::upstreams::Upstreams;
use crate::webhooks::Courier;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use auditor::{Auditor, keep_audit};
pub use read_vitals::read_vitals;
pub use tell_providers::tell_providers;

const TAKE_IN_EVERY: Duration = Duration::from_secs(2);
const COUNTS_EVERY: Duration = Duration::from_secs(5);
const QUARANTINE_EVERY: Duration = Duration::from_secs(5);
const HEARTBEAT_EVERY: Duration = Duration::from_mins(1);
const REVOCATIONS_EVERY: Duration = Duration::from_secs(1);
/// Failed sign-ins are counted over this long.
const ATTEMPTS_WINDOW: Duration = Duration::from_mins(15);
const PLAYGROUNDS_EVERY: Duration = Duration::from_secs(30);
const LATE_FLOWS_EVERY: Duration = Duration::from_secs(30);
const CLOCK_EVERY: Duration = Duration::from_secs(30);
const BALLAST_EVERY: Duration = Duration::from_mins(1);
/// A release before this one may write connections without words, until it is gone.
const WORDS_EVERY: Duration = Duration::from_secs(30);
/// Events are kept this long, for endpoints and for those who poll.
const KEEP_EVENTS: Duration = Duration::from_hours(30 * 24);
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// As often as Prometheus asks, as a rule.
const VITALS_EVERY: Duration = Duration::from_secs(15);
/// Connect sessions are kept this long after they expired, so that support can look them up.
const KEEP_SESSIONS_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// No exchange takes longer.
const ABANDONED_AFTER_MS: i64 = 12 * 60 * 1000;

/// Starts all jobs. They end when `stop` is cancelled, each after its current round.
pub fn start(
    store: &Store,
    upstreams: &Upstreams,
    tokens: &FreshTokens,
    heartbeat: &Heartbeat,
    tracker: &TaskTracker,
    stop: &CancellationToken,
    background_refresh: bool,
) {
    if background_refresh {
        let (store, tokens) = (store.clone(), tokens.clone());
        tracker.spawn(refresher::refresh_ahead(store, tokens, stop.clone()));
    }
    let taking = tokens.clone();
    tracker.spawn(every(
        TAKE_IN_EVERY,
        "take in what waits",
        stop.clone(),
        move || {
            let tokens = taking.clone();
            async move { tokens.take_in().await }
        },
    ));
    let (counted, hand_outs) = (store.clone(), tokens.hand_outs().clone());
    tracker.spawn(every(
        COUNTS_EVERY,
        "store counts",
        stop.clone(),
        move || {
            let (store, hand_outs) = (counted.clone(), hand_outs.clone());
            async move { hand_outs.store(&store).await }
        },
    ));
    let (revoked, asked) = (store.clone(), upstreams.clone());
    tracker.spawn(every(
        REVOCATIONS_EVERY,
        "tell providers",
        stop.clone(),
        move || {
            let (store, upstreams) = (revoked.clone(), asked.clone());
            async move { tell_providers(&store, &upstreams).await }
        },
    ));
    let ending = end_in_bulk::end_in_bulk(store.clone(), upstreams.clone(), stop.clone());
    tracker.spawn(ending);
    let playgrounds = Playgrounds::new(store.clone(), upstreams.clone(), tracker.clone());
    tracker.spawn(every(
        PLAYGROUNDS_EVERY,
        "end playground runs",
        stop.clone(),
        move || {
            let playgrounds = playgrounds.clone();
            async move { playgrounds.end_expired().await }
        },
    ));
    let connect = Connect::new(store.clone(), upstreams.clone(), tracker.clone());
    tracker.spawn(every(
        LATE_FLOWS_EVERY,
        "end late flows",
        stop.clone(),
        move || {
            let connect = connect.clone();
            async move { connect.end_late().await }
        },
    ));
    keep_in_order(store, heartbeat, tracker, stop);
}

/// The jobs that look after the node and its database.
fn keep_in_order(
    store: &Store,
    heartbeat: &Heartbeat,
    tracker: &TaskTracker,
    stop: &CancellationToken,
) {
    let standing = store.clone();
    tracker.spawn(every(
        QUARANTINE_EVERY,
        "read the quarantine",
        stop.clone(),
        move || {
            let store = standing.clone();
            async move { store.reload_quarantine().await }
        },
    ));
    let heartbeat = heartbeat.clone();
    tracker.spawn(every(
        HEARTBEAT_EVERY,
        "heartbeat",
        stop.clone(),
        move || {
            let heartbeat = heartbeat.clone();
            async move { heartbeat.beat().await }
        },
    ));
    let timed = store.clone();
    tracker.spawn(every(
        CLOCK_EVERY,
        "set the clock",
        stop.clone(),
        move || {
            let store = timed.clone();
            async move { store.set_clock().await }
        },
    ));
    let held = store.clone();
    tracker.spawn(every(
        BALLAST_EVERY,
        "keep the ballast",
        stop.clone(),
        move || {
            let store = held.clone();
            async move { store.keep_ballast().await }
        },
    ));
    let (found, stopping) = (store.clone(), stop.clone());
    tracker.spawn(every(
        WORDS_EVERY,
        "write missing words",
        stop.clone(),
        move || write_missing_words(found.clone(), stopping.clone()),
    ));
    let tidied = store.clone();
    tracker.spawn(every(TIDY_EVERY, "tidy up", stop.clone(), move || {
        tidy(tidied.clone())
    }));
}

/// Starts the job that only a server with metrics has a use for.
pub fn watch_vitals(
    store: &Store,
    tokens: &FreshTokens,
    metrics: &Metrics,
    tracker: &TaskTracker,
    stop: &CancellationToken,
) {
    let (store, metrics) = (store.clone(), metrics.clone());
    let hand_outs = tokens.hand_outs().clone();
    tracker.spawn(every(
        VITALS_EVERY,
        "read vitals",
        stop.clone(),
        move || {
            let (store, metrics) = (store.clone(), metrics.clone());
            metrics.hand_outs_unstored(hand_outs.unstored());
            async move { read_vitals(&store, &metrics).await }
        },
    ));
}

/// Starts to send webhooks.
pub fn send_webhooks(courier: Courier, tracker: &TaskTracker, stop: &CancellationToken) {
    tracker.spawn(courier.run(tracker.clone(), stop.clone()));
}

/// Gives all connections that have none their words, some at a time, so that others can write in between.
pub async fn write_missing_words(store: Store, stop: CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() && store.write_missing_words().await? > 0 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn tidy(store: Store) -> Result<(), StoreError> {
    store.fail_abandoned_flows(ABANDONED_AFTER_MS).await?;
    store.purge_connect_sessions(KEEP_SESSIONS_MS).await?;
    store.purge_sessions().await?;
    store.purge_invitations().await?;
    store.purge_attempts(ATTEMPTS_WINDOW).await?;
    store.purge_activity().await?;
    store.purge_once().await?;
    store.destroy_old_secrets().await?;
    store.forget_events(KEEP_EVENTS).await?;
    store.reload_data_keys().await
}

/// Runs `job` at once and then every `pause`, and once more when the server stops.
async fn every<F, R>(pause: Duration, name: &'static str, stop: CancellationToken, job: F)
where
    F: Fn() -> R,
    R: Future<Output = Result<(), StoreError>>,
{
    let mut clock = interval(pause);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = clock.tick() => false,
        };
        if let Err(error) = job().await {
            tracing::error!(%error, name, "a job failed; it is tried again");
        }
        if last {
            return;
        }
    }
}
