//! Time as a parameter: no other module asks the system what time it is.
//!
//! A server goes by the clock of its database ([`AnchoredClock`]), so that all nodes agree on what
//! is due, and with the leases, which the database itself compares with its clock (R106).

use crate::domain::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Something that knows what time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Hears what time it is by the database's clock. Who goes by another clock does not listen.
    fn hear(&self, _reading: Reading) {}

    /// Milliseconds by which this machine's own clock is ahead of this one; negative: behind.
    fn machine_ahead_ms(&self) -> i64 {
        0
    }
}

/// A clock that everybody can hold.
pub type SharedClock = Arc<dyn Clock>;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clock"
    )]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// What the database's clock said.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    said: Timestamp,
    heard: Instant,
    /// From the question to the answer.
    took: Duration,
}

impl Reading {
    /// The answer to a question that was asked at `asked`, heard just now.
    #[must_use]
    pub fn new(said: Timestamp, asked: Instant) -> Self {
        let heard = Instant::now();
        let took = heard.duration_since(asked);
        Self { said, heard, took }
    }

    /// The more exact one: that was answered faster.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.took <= other.took { self } else { other }
    }
}

/// Goes by the database's clock: set by a reading of it, and carried on by this machine's monotonic
/// clock, which no administrator and no time server sets. Until it first hears of the database
/// it goes by the machine's own clock, as that stood at its beginning.
pub struct AnchoredClock {
    anchor: RwLock<(Timestamp, Instant)>,
    machine: SharedClock,
}

impl AnchoredClock {
    /// On a machine whose own clock is `machine`.
    #[must_use]
    pub fn on(machine: SharedClock) -> Arc<Self> {
        Arc::new(Self {
            anchor: RwLock::new((machine.now(), Instant::now())),
            machine,
        })
    }
}

impl Clock for AnchoredClock {
    fn now(&self) -> Timestamp {
        let (then, at) = *self.anchor.read().unwrap_or_else(PoisonError::into_inner);
        then + at.elapsed()
    }

    fn hear(&self, reading: Reading) {
        // it was read somewhere between question and answer
        let then = reading.said + reading.took / 2;
        *self.anchor.write().unwrap_or_else(PoisonError::into_inner) = (then, reading.heard);
    }

    fn machine_ahead_ms(&self) -> i64 {
        self.machine.now().millis() - self.now().millis()
    }
}

/// A clock that stands still until it is told otherwise; for tests.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.millis())))
    }

    /// Moves on by `millis`.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    /// A slow machine takes a while between two lines.
    fn about(now: Timestamp, millis: i64) -> bool {
        (millis..millis + 1000).contains(&now.millis())
    }

    #[test]
    fn a_machine_whose_clock_is_set_does_not_change_the_time() {
        let machine = FixedClock::at(Timestamp::from_millis(HOUR));
        let clock = AnchoredClock::on(machine.clone());
        assert!(
            about(clock.now(), HOUR),
            "as the machine says, for want of better"
        );
        for (step, ahead) in [(HOUR, HOUR), (-2 * HOUR, -HOUR)] {
            machine.advance(step);
            assert!(about(clock.now(), HOUR));
            let off = clock.machine_ahead_ms() - ahead;
            assert!((-1000..=0).contains(&off), "{off}");
        }
    }

    #[test]
    fn the_database_sets_the_time() {
        let clock = AnchoredClock::on(FixedClock::at(Timestamp::from_millis(0)));
        let Some(asked) = Instant::now().checked_sub(Duration::from_millis(400)) else {
            return;
        };
        let slow = Reading::new(Timestamp::from_millis(5 * HOUR), asked);
        clock.hear(slow);
        assert!(about(clock.now(), 5 * HOUR + 200), "{:?}", clock.now());
        // back, too
        let quick = Reading::new(Timestamp::from_millis(HOUR), Instant::now());
        clock.hear(slow.or(quick));
        assert!(about(clock.now(), HOUR), "{:?}", clock.now());
        clock.hear(quick.or(slow));
        assert!(about(clock.now(), HOUR), "{:?}", clock.now());
    }
}
