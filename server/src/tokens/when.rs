//! When: how long before its end a token is renewed, when the server looks at a connection by
//! itself, how long a backend may keep what it got, and how long to wait after a failure.
//!
//! ```text
//! arrives          look_at                    refresh_due_at        expires_at
//!    |---------------|~~~~~~~~~~~~~~~~~~~~~~~~~~~|---------------------|
//!                    the background renews it    whoever asks renews it (a margin)
//! ```
//!
//! `look_at` is drawn once, when the tokens arrive, from the last tenth before the token is due, a
//! little sooner so that nobody has to wait for it: a
//! thousand connections that were made in one minute are not renewed in one minute. It also bounds
//! `cache_until`, and that is the promise behind it: what a backend may keep, no background refresh
//! ends before, on whatever node and with nothing written at a hand-out.

use crate::catalog::Definition;
use crate::domain::{Connection, Timestamp};
use std::time::Duration;

/// A token is renewed this long before it ends, at most.
const LONGEST_MARGIN: Duration = Duration::from_mins(5);
/// And at least this long: twice the deadline of a request to the provider.
const SHORTEST_MARGIN: Duration = Duration::from_secs(30);
/// How long a backend may keep a token before it asks again, at most.
const LONGEST_CACHE: Duration = Duration::from_mins(5);
/// A token that never ends is asked about so often.
const PROBE_EVERY: Duration = Duration::from_hours(24);
/// Over how long the first looks at connections that were brought in are spread.
const ARRIVAL: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// What a round of the refresher, a gate and a slow provider take: a token is to be renewed by the
/// background before anybody has to wait for it.
const HEAD_START: Duration = Duration::from_secs(10);
/// Waiting time after the first failure; doubled with each further one.
const FIRST_BACKOFF: Duration = Duration::from_secs(2);
const LONGEST_BACKOFF: Duration = Duration::from_mins(15);

/// When a token that lasts for `lifetime` is to be renewed, from the moment it was asked for.
#[must_use]
pub fn due_after(lifetime: Duration) -> Duration {
    lifetime.saturating_sub(margin(lifetime))
}

/// A tenth of the lifetime, within bounds, and never more than half of it.
fn margin(lifetime: Duration) -> Duration {
    (lifetime / 10)
        .clamp(SHORTEST_MARGIN, LONGEST_MARGIN)
        .min(lifetime / 2)
}

/// When the server looks at a connection by itself, from `now` on, which is when its tokens arrived.
/// `None`: never, there is nothing that it could do.
#[must_use]
pub fn look_after(
    lifetime: Option<Duration>,
    has_refresh_token: bool,
    definition: &Definition,
) -> Option<Duration> {
    if !has_refresh_token {
        return Some(match lifetime {
            // to say so when it ends, and not when somebody asks
            Some(lifetime) => lifetime,
            None => spread(PROBE_EVERY, PROBE_EVERY / 10),
        });
    }
    let renewed = lifetime.map(|lifetime| {
        let due = due_after(lifetime);
        spread(due.saturating_sub(HEAD_START.min(due / 4)), lifetime / 10)
    });
    // half of the time after which an unused refresh token lapses
    let kept_alive = definition.refresh.idle_days.map(|days| {
        let half = DAY * days / 2;
        spread(half, half / 10)
    });
    match (renewed, kept_alive) {
        (Some(renewed), Some(kept_alive)) => Some(renewed.min(kept_alive)),
        (renewed, kept_alive) => renewed.or(kept_alive),
    }
}

/// The same for a connection whose tokens a release before this one stored: it is not known when
/// they arrived, so what is left counts.
#[must_use]
pub fn look_again(
    connection: &Connection,
    definition: &Definition,
    now: Timestamp,
) -> Option<Timestamp> {
    let left = connection
        .access_token_expires_at
        .map(|ends| now.until(ends));
    look_after(left, connection.has_refresh_token, definition).map(|wait| now + wait)
}

/// Until when a backend may keep a token without asking again; `None`: not at all.
#[must_use]
pub fn cache_until(connection: &Connection, now: Timestamp) -> Option<Timestamp> {
    let renewed_at = connection
        .look_at
        .filter(|at| connection.has_refresh_token && *at > Connection::LOOK_AT_ONCE);
    [connection.refresh_due_at, renewed_at]
        .into_iter()
        .flatten()
        .chain([now + LONGEST_CACHE])
        .min()
        .filter(|until| *until > now)
}

/// Doubled with each failure, and spread so that connections that failed together do not come back together.
#[must_use]
pub fn backoff(failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 16)).unwrap_or(16);
    let longest = FIRST_BACKOFF
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(LONGEST_BACKOFF);
    longest / 2 + jitter(longest / 2)
}

/// `latest`, or up to `span` sooner.
fn spread(latest: Duration, span: Duration) -> Duration {
    latest.saturating_sub(jitter(span.min(latest)))
}

/// One of many that arrive at once, from another vault: what would be looked at within the hour is
/// looked at some time in it, so that the provider is not asked for all of them together.
#[must_use]
pub fn among_many(look_at: Timestamp, now: Timestamp) -> Timestamp {
    if look_at < now + ARRIVAL {
        now + jitter(ARRIVAL)
    } else {
        look_at
    }
}

/// Nothing to `below`, evenly.
#[must_use]
pub fn jitter(below: Duration) -> Duration {
    let mut bytes = [0_u8; 8];
    // without randomness all wait alike, which is no harm
    let _ = getrandom::fill(&mut bytes);
    let millis = u64::try_from(below.as_millis()).unwrap_or(u64::MAX).max(1);
    Duration::from_millis(u64::from_le_bytes(bytes) % millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::rehearsal::{apollo, salesforce};

    #[test]
    fn the_margin_fits_the_lifetime() {
        for (lifetime, expected) in [
            (30, 15),
            (100, 30),
            (600, 60),
            (3600, 300),
            (2_592_000, 300),
        ] {
            assert_eq!(
                margin(Duration::from_secs(lifetime)),
                Duration::from_secs(expected),
                "{lifetime} s"
            );
        }
    }

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
    fn a_thousand_connections_of_one_minute_are_spread() {
        let hour = Duration::from_hours(1);
        let looks: Vec<Duration> = (0..1000)
            .filter_map(|_| look_after(Some(hour), true, &apollo()))
            .collect();
        let (first, last) = (looks.iter().min(), looks.iter().max());
        let due = due_after(hour);
        assert!(looks.iter().all(|look| *look <= due));
        assert!(first.is_some_and(|first| *first + hour / 10 + HEAD_START >= due));
        assert!(
            last.zip(first)
                .is_some_and(|(last, first)| *last > *first + hour / 12)
        );
    }

    #[test]
    fn an_idle_refresh_token_is_used_in_time() {
        let mut definition = salesforce();
        definition.refresh.idle_days = Some(60);
        let look = look_after(None, true, &definition).expect("a moment");
        assert!(look <= DAY * 30 && look >= DAY * 27, "{look:?}");
        let sooner = look_after(Some(Duration::from_hours(1)), true, &definition);
        assert!(sooner < Some(Duration::from_hours(1)));
        definition.refresh.idle_days = None;
        assert_eq!(look_after(None, true, &definition), None);
    }

    #[test]
    fn without_a_refresh_token_its_end_is_noticed_and_endless_ones_are_probed() {
        let hour = Duration::from_hours(1);
        assert_eq!(look_after(Some(hour), false, &salesforce()), Some(hour));
        let probe = look_after(None, false, &salesforce()).expect("a moment");
        assert!(probe <= DAY && probe > DAY * 8 / 10, "{probe:?}");
    }
}
