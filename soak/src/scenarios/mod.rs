//! What is done to the instance, one kind of harm in each room.

mod ahead;
mod breaker;
mod clock;
mod clone;
mod crowd;
mod deploy;
mod disk;
mod faults;
mod find;
mod herd;
mod kill;
mod outage;
mod page;
mod pause;

pub(crate) use ahead::ahead;
pub(crate) use breaker::breaker;
pub(crate) use clock::clock;
pub(crate) use clone::clone;
pub(crate) use crowd::crowd;
pub(crate) use deploy::deploy;
pub(crate) use disk::{disk, disk_within};
pub(crate) use faults::faults;
pub(crate) use find::find;
pub(crate) use herd::herd;
pub(crate) use kill::kill;
pub(crate) use outage::outage;
pub(crate) use page::page;
pub(crate) use pause::pause;

use crate::Settings;
use crate::backend::{Got, Receipt};
use crate::checker::Counts;
use crate::instance::{Below, Kind};
use cluster::Kept;
use std::collections::BTreeMap;
use std::time::Duration;

/// The databases, the default one first.
const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

fn below(kind: Kind, kept: &Kept) -> Below<'_> {
    match kind {
        Kind::Sqlite => Below::Sqlite,
        Kind::Postgres => Below::Postgres(kept),
    }
}

/// The value below which so many percent of `sorted` lie.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

/// What callers got, each kind with its number.
fn answers(receipts: &[Receipt]) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for receipt in receipts {
        *kinds.entry(receipt.got.words()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(words, times)| format!("{times} x {words}"))
        .collect();
    kinds.join("; ")
}

/// How many callers got a token.
fn tokens(receipts: &[Receipt]) -> usize {
    receipts
        .iter()
        .filter(|receipt| receipt.got.is_token())
        .count()
}

/// A time that is promised, and half of it more in the short form, where the machine may be busy.
fn limit(settings: &Settings, promised: Duration) -> Duration {
    if settings.quick {
        promised * 3 / 2
    } else {
        promised
    }
}

/// Whether a caller was turned away because the database did not answer in time.
fn says_unavailable(receipt: &Receipt) -> bool {
    matches!(&receipt.got, Got::Problem { status: 503, code, .. } if code == "unavailable")
}

/// How many callers got a token. In the short form, whom a busy machine turned away counts, too: its
/// database may be too slow for the server's deadline.
fn served(settings: &Settings, receipts: &[Receipt]) -> usize {
    let busy = |receipt: &&Receipt| settings.quick && says_unavailable(receipt);
    tokens(receipts) + receipts.iter().filter(busy).count()
}

/// How exactly hand-outs can be expected to be counted: a database that turned callers away may have
/// lost counts, too.
fn counts(settings: &Settings, receipts: &[Receipt]) -> Counts {
    if settings.quick && receipts.iter().any(says_unavailable) {
        Counts::Ignored
    } else {
        Counts::Exact
    }
}

/// Numbers that look random and are the same for the same seed (xorshift).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// 0 to `below`.
    fn up_to(&mut self, below: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let micros = u64::try_from(below.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(self.0 % micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_values() {
        let sorted: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&sorted, 50), Duration::from_millis(50));
        assert_eq!(percentile(&sorted, 99), Duration::from_millis(99));
        assert_eq!(percentile(&sorted[..1], 95), Duration::from_millis(1));
        assert_eq!(percentile(&[], 95), Duration::ZERO);
    }

    #[test]
    fn chance_is_spread_and_repeatable() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..50)
                .map(|_| chance.up_to(Duration::from_millis(200)))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().any(|at| *at < Duration::from_millis(50)));
        assert!(draw(1).iter().any(|at| *at > Duration::from_millis(150)));
    }
}
