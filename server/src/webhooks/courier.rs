//! Who is sent to now, and how many at a time.
//!
//! Each endpoint is a bulkhead: it has places of its own, and one that fails has a single one until it
//! takes something again, so an endpoint that hangs slows no other. What it is to be sent stays in the
//! database meanwhile. An endpoint that says that it is too much is left alone for as long as it says.

use super::schedule::pause_after;
use super::sending::{Sent, send};
use crate::domain::{Attempt, Endpoint, Timestamp, WebhookId};
use crate::metrics::Metrics;
use crate::oauth::egress::Egress;
use crate::store::{DueDelivery, Follows, Store, StoreError};
use crate::tokens::when::jitter;
use app::wire::SendOutcome;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often a node looks for events and for deliveries that are due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longer than an attempt takes. A delivery whose node died comes due again after this.
const HOLD: Duration = Duration::from_secs(30);
/// Attempts at a time for one endpoint, per node.
const PLACES: usize = 4;
/// And while it takes nothing.
const PLACES_WHILE_FAILING: usize = 1;
/// Attempts at a time for all endpoints, per node.
const ALL_PLACES: usize = 64;
/// An endpoint that says that it is too much, and not for how long, is left alone for this long.
const USUAL_PAUSE: Duration = Duration::from_secs(30);

/// Sends what is due. Cheap to clone.
#[derive(Clone)]
pub struct Courier {
    store: Store,
    egress: Egress,
    metrics: Metrics,
    under_way: Arc<Mutex<HashMap<WebhookId, usize>>>,
    /// Something ended, so something else may be due.
    ended: Arc<Notify>,
}

impl Courier {
    /// Sends what `store` holds, through `egress`.
    #[must_use]
    pub fn new(store: Store, egress: Egress, metrics: Metrics) -> Self {
        Self {
            store,
            egress,
            metrics,
            under_way: Arc::default(),
            ended: Arc::default(),
        }
    }

    /// Sends until `stop` is cancelled; attempts that are under way then end by themselves.
    pub async fn run(self, tracker: TaskTracker, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.ended.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = self.send_due(&tracker).await {
                tracing::error!(%error, "webhooks cannot be sent now; it is tried again");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// One round: gives new events their places, and begins to send what is due and has room. A restored
    /// or copied database tells nobody: what its original tells is not for it to tell again (R103).
    pub async fn send_due(&self, tracker: &TaskTracker) -> Result<(), StoreError> {
        if self.store.quarantine().is_some() {
            return Ok(());
        }
        self.store.place_events().await?;
        for endpoint in self.store.endpoints_to_send_to().await? {
            let room = self.room_for(&endpoint);
            if room == 0 {
                continue;
            }
            let due = self.store.claim_deliveries(&endpoint, room, HOLD).await?;
            for delivery in due {
                let place = Place::take(self, &endpoint.id);
                let (courier, endpoint) = (self.clone(), endpoint.clone());
                tracker.spawn(async move {
                    courier.deliver(&endpoint, &delivery).await;
                    drop(place);
                });
            }
        }
        Ok(())
    }

    fn room_for(&self, endpoint: &Endpoint) -> usize {
        let places = if endpoint.failing_since.is_some() {
            PLACES_WHILE_FAILING
        } else {
            PLACES
        };
        let under_way = lock(&self.under_way);
        let of_all = ALL_PLACES.saturating_sub(under_way.values().sum());
        let of_this = under_way.get(&endpoint.id).copied().unwrap_or_default();
        places.saturating_sub(of_this).min(of_all)
    }

    async fn deliver(&self, endpoint: &Endpoint, delivery: &DueDelivery) {
        let at = self.store.now();
        let secrets = match self.store.signing_secrets(endpoint).await {
            Ok(secrets) => secrets,
            // deleted meanwhile, or the database is away: it comes due again by itself
            Err(StoreError::Conflict) => return,
            Err(error) => {
                tracing::error!(%error, endpoint = %endpoint.id, "a webhook cannot be signed");
                return;
            }
        };
        let begun = tokio::time::Instant::now();
        let sent = send(&self.egress, &endpoint.url, &secrets, delivery, at).await;
        self.metrics.webhook_sent(sent.outcome);
        let now = self.store.now();
        let (follows, pause) = what_follows(&sent, delivery.in_schedule, now);
        let attempt = Attempt {
            number: delivery.attempt,
            at,
            took: begun.elapsed(),
            outcome: sent.outcome,
            status: sent.status,
            answer: sent.answer,
        };
        let noted = self
            .store
            .note_attempt(endpoint, delivery, &attempt, follows, pause)
            .await;
        if let Err(error) = noted {
            tracing::error!(%error, delivery = %delivery.id, "what came of a webhook cannot be stored; it is sent again");
        }
    }
}

/// Whether there is another attempt, and until when the endpoint is left alone.
fn what_follows(sent: &Sent, attempt: i64, now: Timestamp) -> (Follows, Option<Timestamp>) {
    let pause = (sent.outcome == SendOutcome::Throttled)
        .then(|| now + sent.retry_after.unwrap_or(USUAL_PAUSE));
    let follows = match sent.outcome {
        SendOutcome::Delivered => Follows::Nothing,
        SendOutcome::Gone => Follows::GivingUp,
        _ => match pause_after(attempt) {
            Some(wait) => {
                let next = now + wait + jitter(wait / 10);
                Follows::Another(pause.map_or(next, |pause| next.max(pause)))
            }
            None => Follows::GivingUp,
        },
    };
    (follows, pause)
}

/// A place that an attempt takes at its endpoint, until it is dropped.
struct Place {
    under_way: Arc<Mutex<HashMap<WebhookId, usize>>>,
    ended: Arc<Notify>,
    endpoint: WebhookId,
}

impl Place {
    fn take(courier: &Courier, endpoint: &WebhookId) -> Self {
        *lock(&courier.under_way)
            .entry(endpoint.clone())
            .or_default() += 1;
        Self {
            under_way: Arc::clone(&courier.under_way),
            ended: Arc::clone(&courier.ended),
            endpoint: endpoint.clone(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = lock(&self.under_way);
        if let Some(many) = under_way.get_mut(&self.endpoint) {
            *many -= 1;
            if *many == 0 {
                under_way.remove(&self.endpoint);
            }
        }
        drop(under_way);
        self.ended.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn sent(outcome: SendOutcome, retry_after: Option<Duration>) -> Sent {
        Sent {
            outcome,
            status: None,
            retry_after,
            answer: None,
        }
    }

    #[test]
    fn a_failure_is_followed_by_the_next_pause_of_the_schedule() {
        let (follows, pause) = what_follows(&sent(SendOutcome::Refused, None), 2, NOW);
        let Follows::Another(at) = follows else {
            panic!("{follows:?}");
        };
        let wait = NOW.until(at);
        assert!((300..=330).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(pause, None);
        let (follows, _) = what_follows(&sent(SendOutcome::NoAnswer, None), 10, NOW);
        assert_eq!(follows, Follows::GivingUp);
    }

    #[test]
    fn an_endpoint_that_says_when_is_left_alone_until_then() {
        let hour = Duration::from_hours(1);
        let (follows, pause) = what_follows(&sent(SendOutcome::Throttled, Some(hour)), 1, NOW);
        assert_eq!(pause, Some(NOW + hour));
        assert_eq!(follows, Follows::Another(NOW + hour));
        // one that has to wait anyway waits no less
        let (follows, _) = what_follows(&sent(SendOutcome::Throttled, None), 4, NOW);
        assert!(matches!(follows, Follows::Another(at) if at >= NOW + hour));
    }

    #[test]
    fn gone_is_the_end_of_it() {
        let (follows, _) = what_follows(&sent(SendOutcome::Gone, None), 1, NOW);
        assert_eq!(follows, Follows::GivingUp);
    }
}
