//! One gate per provider: how many refreshes ask it at a time, and how many in a second.
//!
//! A provider that hangs holds only its own places, so it slows no other (R99), and a crowd reaches
//! it at a rate that it bears (R107). Whoever waits for a token goes before the background, and who
//! would have to wait for long hears so at once instead of holding a connection to us.
//!
//! Each node has gates of its own: with three nodes a provider sees three times the rate at most.

use crate::domain::{ProviderId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

/// Refreshes that somebody waits for, at a time.
const CALLERS: usize = 32;
/// Refreshes ahead of time, at a time: enough for the rate at a provider that takes half a second.
pub const BACKGROUND: usize = 16;
/// Refreshes in a second, where the definition does not say.
const PER_SECOND: u32 = 25;
/// And so many seconds' worth at once, after a quiet time.
const BURST_S: u32 = 2;
/// The share of a burst that is left to callers: a fifth.
const KEPT_FOR_CALLERS: u32 = 5;
/// Nobody waits longer at the gate.
const LONGEST_QUEUE: Duration = Duration::from_secs(5);
/// And nobody is told to come back later than this.
const LONGEST_ABSENCE: Duration = Duration::from_mins(5);
/// Between two looks whether there is room for the background.
const BACKGROUND_PAUSE: Duration = Duration::from_millis(100);
/// A provider that asks for patience is asked half as often, and twice as often again after this long.
const SLOWED_FOR: Duration = Duration::from_secs(30);
const SLOWEST: Duration = Duration::from_secs(1);

/// Who wants a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits for the token.
    Caller,
    /// The server itself, ahead of time.
    Background,
    /// The server itself, to see whether a provider that was down is back.
    Probe,
}

/// The gates of all providers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Gates(Arc<Mutex<HashMap<ProviderId, Gate>>>);

impl Gates {
    /// The gate of one provider.
    #[must_use]
    pub fn of(&self, provider: &ProviderId) -> Gate {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(provider.clone()).or_default().clone()
    }
}

/// One provider's gate. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    callers: Arc<Semaphore>,
    background: Arc<Semaphore>,
    bucket: Arc<Mutex<Bucket>>,
    /// The provider refused our credentials a moment ago; until then it is not asked again.
    paused_until: Arc<Mutex<Option<Timestamp>>>,
}

/// The right to ask once; given back when it is dropped.
#[derive(Debug)]
pub struct Pass(
    #[expect(dead_code, reason = "the place is free when it is dropped")] OwnedSemaphorePermit,
);

impl Default for Gate {
    fn default() -> Self {
        Self {
            callers: Arc::new(Semaphore::new(CALLERS)),
            background: Arc::new(Semaphore::new(BACKGROUND)),
            bucket: Arc::new(Mutex::new(Bucket::new(PER_SECOND))),
            paused_until: Arc::default(),
        }
    }
}

impl Gate {
    /// Waits for its turn. `Err`: come back after this long.
    pub async fn enter(&self, urgency: Urgency) -> Result<Pass, Duration> {
        let place = match urgency {
            Urgency::Caller => {
                let wait = self.bucket().reserve(Instant::now(), LONGEST_QUEUE)?;
                sleep(wait).await;
                timeout(LONGEST_QUEUE, Arc::clone(&self.callers).acquire_owned())
                    .await
                    .map_err(|_| Duration::from_secs(1))?
            }
            Urgency::Background | Urgency::Probe => {
                self.room_for_background().await?;
                Arc::clone(&self.background).acquire_owned().await
            }
        };
        place.map(Pass).map_err(|_| Duration::from_secs(1))
    }

    async fn room_for_background(&self) -> Result<(), Duration> {
        let give_up = Instant::now() + LONGEST_QUEUE;
        while !self.bucket().take_spare(Instant::now()) {
            if Instant::now() >= give_up {
                return Err(Duration::from_secs(1));
            }
            sleep(BACKGROUND_PAUSE).await;
        }
        Ok(())
    }

    /// One request more for the same refresh: it waits for its share, and is not turned away.
    pub async fn again(&self) {
        let wait = self.bucket().reserve(Instant::now(), Duration::MAX);
        sleep(wait.unwrap_or_default()).await;
    }

    /// The rate that the definition names.
    pub fn set_rate(&self, per_second: Option<u32>) {
        self.bucket()
            .set_rate(per_second.unwrap_or(PER_SECOND).max(1));
    }

    /// The provider asked for patience.
    pub fn slow_down(&self) {
        self.bucket().slow_down(Instant::now());
    }

    /// It refuses our credentials, so that asking for other connections is idle until then.
    pub fn pause(&self, until: Timestamp) {
        *self.paused_until() = Some(until);
    }

    /// Whether it refused our credentials a moment ago.
    #[must_use]
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until().is_some_and(|until| until > now)
    }

    fn paused_until(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A leaky bucket as a single moment: until `full_until` it is fuller than empty (GCRA).
struct Bucket {
    per_second: u32,
    interval: Duration,
    full_until: Instant,
    /// Who was turned away was told to come back one after the other, at the rate; up to here.
    promised_until: Instant,
    slowed_at: Option<Instant>,
}

impl Bucket {
    fn new(per_second: u32) -> Self {
        Self {
            per_second,
            interval: Duration::from_secs(1) / per_second,
            full_until: Instant::now(),
            promised_until: Instant::now(),
            slowed_at: None,
        }
    }

    fn set_rate(&mut self, per_second: u32) {
        if per_second != self.per_second {
            self.per_second = per_second;
            self.interval = Duration::from_secs(1) / per_second;
        }
    }

    fn burst(&self) -> u32 {
        self.per_second * BURST_S
    }

    /// How long to wait for the next place, which is taken. `Err`: longer than `longest`, so none is;
    /// come back after this long, when it is likely to be your turn.
    fn reserve(&mut self, now: Instant, longest: Duration) -> Result<Duration, Duration> {
        self.recover(now);
        let full_until = self.full_until.max(now) + self.interval;
        let wait = full_until.saturating_duration_since(now + self.interval * self.burst());
        if wait > longest {
            self.promised_until = self.promised_until.max(now + longest) + self.interval;
            let absence = self.promised_until.saturating_duration_since(now);
            return Err(absence.min(LONGEST_ABSENCE));
        }
        self.full_until = full_until;
        Ok(wait)
    }

    /// Takes a place that no caller is likely to need.
    fn take_spare(&mut self, now: Instant) -> bool {
        self.recover(now);
        let full_until = self.full_until.max(now) + self.interval;
        let spare = self.burst() - self.burst() / KEPT_FOR_CALLERS;
        let is_spare = full_until <= now + self.interval * spare;
        if is_spare {
            self.full_until = full_until;
        }
        is_spare
    }

    /// At most once in a second: many answers say the same.
    fn slow_down(&mut self, now: Instant) {
        let just_did = |at: Instant| now.saturating_duration_since(at) < Duration::from_secs(1);
        if !self.slowed_at.is_some_and(just_did) {
            self.interval = (self.interval * 2).min(SLOWEST.max(self.interval));
            self.slowed_at = Some(now);
        }
    }

    fn recover(&mut self, now: Instant) {
        let usual = Duration::from_secs(1) / self.per_second;
        while let Some(at) = self.slowed_at.filter(|at| now >= *at + SLOWED_FOR) {
            self.interval = (self.interval / 2).max(usual);
            self.slowed_at = (self.interval > usual).then_some(at + SLOWED_FOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places that are taken in this time by callers who never wait.
    fn taken_within(bucket: &mut Bucket, from: Instant, span: Duration) -> u32 {
        let mut taken = 0;
        for millis in 0..u64::try_from(span.as_millis()).unwrap_or(u64::MAX) {
            let now = from + Duration::from_millis(millis);
            while bucket.reserve(now, Duration::ZERO).is_ok() {
                taken += 1;
            }
        }
        taken
    }

    #[tokio::test]
    async fn a_burst_and_then_the_rate() {
        let (mut bucket, now) = (Bucket::new(25), Instant::now());
        let taken = taken_within(&mut bucket, now, Duration::from_secs(10));
        assert!(
            (298..=301).contains(&taken),
            "{taken}: 50 at once and 25 in each second"
        );
    }

    #[tokio::test]
    async fn a_queue_is_told_instead_of_grown() {
        let (mut bucket, now) = (Bucket::new(10), Instant::now());
        let longest = Duration::from_secs(5);
        let waits: Vec<_> = (0..100).map(|_| bucket.reserve(now, longest)).collect();
        let let_in = waits.iter().filter(|wait| wait.is_ok()).count();
        assert_eq!(
            let_in, 70,
            "twenty at once, and five seconds' worth in the queue"
        );
        let turned_away: Vec<Duration> = waits.into_iter().filter_map(Result::err).collect();
        let tenth = Duration::from_millis(100);
        for (place, absence) in (1_u32..).zip(turned_away) {
            assert_eq!(
                absence,
                longest + tenth * place,
                "one after the other, at the rate"
            );
        }
    }

    #[tokio::test]
    async fn the_background_leaves_room_for_callers() {
        let (mut bucket, now) = (Bucket::new(25), Instant::now());
        let taken = (0..100).filter(|_| bucket.take_spare(now)).count();
        assert_eq!(taken, 40);
        let callers = (0..100).filter(|_| bucket.reserve(now, Duration::ZERO).is_ok());
        assert_eq!(callers.count(), 10);
    }

    #[tokio::test]
    async fn a_provider_that_asks_for_patience_gets_it_for_a_while() {
        let (mut bucket, now) = (Bucket::new(20), Instant::now());
        for _ in 0..5 {
            bucket.slow_down(now);
        }
        let second = Duration::from_secs(1);
        taken_within(&mut bucket, now, second);
        assert_eq!(taken_within(&mut bucket, now + second, second * 10), 100);
        let later = now + second * 120;
        taken_within(&mut bucket, later, second);
        assert_eq!(taken_within(&mut bucket, later + second, second * 10), 200);
    }

    #[tokio::test]
    async fn a_provider_that_hangs_keeps_only_its_own_places() {
        let gates = Gates::default();
        let (hanging, healthy) = (ProviderId::random(), ProviderId::random());
        let mut held = Vec::new();
        for _ in 0..BACKGROUND {
            held.push(
                gates
                    .of(&hanging)
                    .enter(Urgency::Background)
                    .await
                    .expect("a place"),
            );
        }
        let gate = gates.of(&hanging);
        let another = timeout(Duration::from_millis(50), gate.enter(Urgency::Background));
        assert!(another.await.is_err(), "all its places are taken");
        gate.enter(Urgency::Caller)
            .await
            .expect("callers have their own");
        let healthy = gates.of(&healthy);
        healthy
            .enter(Urgency::Background)
            .await
            .expect("nobody is in its way");
        held.clear();
        gate.enter(Urgency::Background)
            .await
            .expect("a place is free again");
    }
}
