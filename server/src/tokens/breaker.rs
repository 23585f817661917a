//! One breaker per token host: a host that is down is left alone, and asked now and then.
//!
//! ```text
//! closed --5 failures in a row--> open --after 2 s--> one request --it failed--> open, twice as long
//!    ^                                                    | the host answered
//!    +----------------------------------------------------+
//! ```
//!
//! While it is open, valid tokens are handed out as ever and nobody waits for a deadline. What
//! counts as a failure is that the host does not answer: no connection, no answer in time, a broken
//! one, 5xx. Whatever else it says, it is there.

use crate::domain::{ConnectionId, ProviderId, Timestamp};
use crate::oauth::classify::{Class, Failure};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const OPENS_AFTER: u32 = 5;
const FIRST_PROBE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What an answer, or its absence, says about the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answers.
    Alive,
    /// It does not.
    Silent,
}

impl Sign {
    /// Of a request that failed.
    #[must_use]
    pub fn of(failure: &Failure) -> Self {
        match (failure.class, failure.status) {
            (Class::Unreached | Class::Ambiguous, None) | (_, Some(500..)) => Self::Silent,
            _ => Self::Alive,
        }
    }
}

struct Breaker {
    failures: u32,
    /// Closed without one.
    pause: Option<Duration>,
    probe_at: Timestamp,
    /// A request was let through to see. Whatever else fails now was under way before.
    probing: bool,
    /// The last connection that failed: good enough to probe with.
    failed: ConnectionId,
    /// Whose connections may wait because of it.
    waiting: HashSet<ProviderId>,
}

/// The breakers of all hosts. Cheap to clone.
#[derive(Clone, Default)]
pub struct Breakers(Arc<Mutex<HashMap<String, Breaker>>>);

impl Breakers {
    /// Whether the host may be asked now. `Err`: come back after this long. Where it is open and a
    /// probe is due, the first who asks is the probe.
    pub fn allow(&self, host: &str, now: Timestamp) -> Result<(), Duration> {
        let mut breakers = self.lock();
        let Some(breaker) = breakers.get_mut(host) else {
            return Ok(());
        };
        let Some(pause) = breaker.pause else {
            return Ok(());
        };
        if breaker.probe_at > now {
            return Err(now.until(breaker.probe_at));
        }
        // should nobody ever hear of this probe, there is another one
        breaker.probe_at = now + pause.max(LONGEST_PAUSE);
        breaker.probing = true;
        Ok(())
    }

    /// Takes note of what a request said. Where a host that was down is back, answers the providers
    /// whose connections may wait because of it.
    pub fn note(
        &self,
        host: &str,
        sign: Sign,
        (provider, connection): (&ProviderId, &ConnectionId),
        now: Timestamp,
    ) -> HashSet<ProviderId> {
        let mut breakers = self.lock();
        if sign == Sign::Alive {
            let was = breakers.remove(host).filter(|was| was.pause.is_some());
            return was.map(|was| was.waiting).unwrap_or_default();
        }
        let breaker = breakers.entry(host.to_owned()).or_insert_with(|| Breaker {
            failures: 0,
            pause: None,
            probing: false,
            probe_at: now,
            failed: connection.clone(),
            waiting: HashSet::new(),
        });
        breaker.failures = breaker.failures.saturating_add(1);
        breaker.failed = connection.clone();
        breaker.waiting.insert(provider.clone());
        if breaker.failures == OPENS_AFTER {
            tracing::warn!(
                host,
                "the host does not answer; it is left alone for a while"
            );
        }
        if breaker.failures == OPENS_AFTER || std::mem::take(&mut breaker.probing) {
            let pause = breaker
                .pause
                .map_or(FIRST_PROBE, |pause| (pause * 2).min(LONGEST_PAUSE));
            breaker.pause = Some(pause);
            breaker.probe_at = now + pause;
        }
        HashSet::new()
    }

    /// A connection for each host whose probe is due.
    #[must_use]
    pub fn due_probes(&self, now: Timestamp) -> Vec<ConnectionId> {
        let breakers = self.lock();
        let due = |breaker: &&Breaker| breaker.pause.is_some() && breaker.probe_at <= now;
        breakers
            .values()
            .filter(due)
            .map(|breaker| breaker.failed.clone())
            .collect()
    }

    /// How many hosts are left alone.
    #[must_use]
    pub fn open(&self) -> usize {
        self.lock()
            .values()
            .filter(|breaker| breaker.pause.is_some())
            .count()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Breaker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "idp.example";

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(0) + Duration::from_secs(seconds)
    }

    fn hear(breakers: &Breakers, sign: Sign, now: Timestamp) -> usize {
        let ids = (ProviderId::random(), ConnectionId::random());
        breakers.note(HOST, sign, (&ids.0, &ids.1), now).len()
    }

    fn fail(breakers: &Breakers, times: usize, now: Timestamp) {
        for _ in 0..times {
            assert_eq!(hear(breakers, Sign::Silent, now), 0);
        }
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_nothing_less() {
        let breakers = Breakers::default();
        fail(&breakers, 4, at(0));
        assert_eq!(hear(&breakers, Sign::Alive, at(0)), 0);
        fail(&breakers, 4, at(0));
        assert_eq!((breakers.allow(HOST, at(0)), breakers.open()), (Ok(()), 0));
        fail(&breakers, 1, at(0));
        assert_eq!(breakers.allow(HOST, at(1)), Err(Duration::from_secs(1)));
        assert_eq!(breakers.allow("other.example", at(1)), Ok(()));
        assert_eq!(breakers.open(), 1);
    }

    #[test]
    fn one_probe_at_a_time_and_longer_pauses() {
        let breakers = Breakers::default();
        fail(&breakers, 5, at(0));
        // these were under way when it opened, and say nothing new
        fail(&breakers, 4, at(0));
        assert_eq!(breakers.due_probes(at(1)), []);
        assert_eq!(breakers.due_probes(at(2)).len(), 1);
        assert_eq!(breakers.allow(HOST, at(2)), Ok(()), "the probe");
        assert!(breakers.allow(HOST, at(2)).is_err(), "and nobody beside it");
        let mut now = at(2);
        for pause in [4, 8, 16, 30, 30] {
            fail(&breakers, 1, now);
            let pause = Duration::from_secs(pause);
            assert_eq!(breakers.allow(HOST, now), Err(pause));
            now = now + pause;
            assert_eq!(breakers.allow(HOST, now), Ok(()));
        }
    }

    #[test]
    fn a_host_that_is_back_is_noticed_once() {
        let breakers = Breakers::default();
        fail(&breakers, 6, at(0));
        assert_eq!(
            hear(&breakers, Sign::Alive, at(9)),
            6,
            "all that failed there"
        );
        assert_eq!(hear(&breakers, Sign::Alive, at(9)), 0);
        assert_eq!(breakers.allow(HOST, at(9)), Ok(()));
    }
}
