//! How many requests a backend may make (R70): so many in a second for each key and for each organization,
//! and a handful for whoever sends keys that do not work.
//!
//! Each limit is a bucket that holds five seconds' worth and fills steadily. Buckets live in this process:
//! behind a balancer with three nodes a key may make three times as many requests as its rate says. What is
//! kept of a bucket is the moment when it will be full again, and a bucket that is full is not kept.
//!
//! A key that was let in a moment ago is known by its hash, so one that asks too often is refused before the
//! database is asked: a tenant at ten times its rate costs the others next to nothing.

use super::ApiError;
use crate::domain::{ApiKey, KeyRate, OrganizationId, Timestamp};
use crate::http::subscriber;
use crate::vault::TokenHash;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

// draft-ietf-httpapi-ratelimit-headers-10
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// A bucket holds this many seconds' worth.
const WINDOW_S: u32 = 5;
const SECOND_US: i64 = 1_000_000;
const WINDOW_US: i64 = 5 * SECOND_US;
/// Keys that do not work, in a second from one address.
const FAILURES_PER_S: u32 = 10;
/// Addresses are made up more easily than they are remembered: whoever comes when there are more waits.
const MOST_ADDRESSES: usize = 20_000;
/// With fewer buckets nobody looks for full ones.
const FEW: usize = 1_000;

/// How many requests in a second this node lets each key and each organization make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// A key without a rate of its own.
    pub per_key: u32,
    /// All keys of an organization together.
    pub per_organization: u32,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self {
            per_key: 100,
            per_organization: 500,
        }
    }
}

/// The buckets. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Rates {
    settings: RateSettings,
    buckets: Arc<Mutex<Buckets>>,
}

#[derive(Default)]
struct Buckets {
    keys: Shelf<[u8; 32], KnownKey>,
    organizations: Shelf<OrganizationId, Bucket>,
    addresses: Shelf<String, Bucket>,
}

/// A key that was let in a moment ago.
#[derive(Clone)]
struct KnownKey {
    organization: OrganizationId,
    per_s: u32,
    bucket: Bucket,
}

/// Buckets that are not full, by whom they belong to.
struct Shelf<K, B> {
    buckets: HashMap<K, B>,
    /// With so many of them the full ones are looked for and thrown away.
    sorted_at: usize,
}

impl<K, B> Default for Shelf<K, B> {
    fn default() -> Self {
        Self {
            buckets: HashMap::new(),
            sorted_at: FEW,
        }
    }
}

impl<K: Eq + Hash, B: AsRef<Bucket>> Shelf<K, B> {
    fn put(&mut self, owner: K, bucket: B, now: i64) {
        if self.buckets.len() >= self.sorted_at {
            self.buckets.retain(|_, kept| !kept.as_ref().is_full(now));
            self.sorted_at = FEW.max(2 * self.buckets.len());
        }
        self.buckets.insert(owner, bucket);
    }
}

impl AsRef<Bucket> for KnownKey {
    fn as_ref(&self) -> &Bucket {
        &self.bucket
    }
}

impl AsRef<Bucket> for Bucket {
    fn as_ref(&self) -> &Bucket {
        self
    }
}

/// The moment, in microseconds since the epoch, at which it is full again.
#[derive(Clone, Copy, Default)]
struct Bucket(i64);

impl Bucket {
    /// Takes one request out, or says when there is one.
    fn take(&mut self, of: Limited, per_s: u32, now: i64) -> Result<Standing, TooMany> {
        // what a clock that was set back promised is not waited for
        let full_at = self.0.clamp(now, now + WINDOW_US);
        let after = full_at + SECOND_US / i64::from(per_s.max(1));
        let over = after - now - WINDOW_US;
        if over > 0 {
            let wait = Duration::from_micros(over.unsigned_abs());
            let standing = Self(full_at).standing(of, per_s, now);
            return Err(TooMany { standing, wait });
        }
        self.0 = after;
        Ok(self.standing(of, per_s, now))
    }

    fn standing(self, of: Limited, per_s: u32, now: i64) -> Standing {
        let missing = (self.0 - now).clamp(0, WINDOW_US);
        let each = SECOND_US / i64::from(per_s.max(1));
        Standing {
            of,
            quota: u64::from(per_s) * u64::from(WINDOW_S),
            left: ((WINDOW_US - missing) / each).unsigned_abs(),
            full_in_s: missing.unsigned_abs().div_ceil(SECOND_US.unsigned_abs()),
        }
    }

    fn is_full(self, now: i64) -> bool {
        self.0 <= now
    }
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limited {
    /// Those of one key.
    Key,
    /// Those of all keys of an organization.
    Organization,
    /// Those with keys that do not work, from one address.
    Address,
}

impl Limited {
    fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Organization => "organization",
            Self::Address => "address",
        }
    }
}

/// What is left in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    of: Limited,
    quota: u64,
    left: u64,
    full_in_s: u64,
}

impl Standing {
    /// Says so in the headers of an answer.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in [
            (RATE_LIMIT_POLICY, self.policy()),
            (RATE_LIMIT, self.left()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }

    fn policy(self) -> String {
        format!("\"{}\";q={};w={WINDOW_S}", self.of.as_str(), self.quota)
    }

    fn left(self) -> String {
        format!(
            "\"{}\";r={};t={}",
            self.of.as_str(),
            self.left,
            self.full_in_s
        )
    }

    /// Whose requests they are.
    pub(super) fn of(self) -> Limited {
        self.of
    }
}

/// A request too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// Of whom.
    pub(super) standing: Standing,
    /// When to ask again.
    pub(super) wait: Duration,
}

impl TooMany {
    /// One that the documentation shows.
    pub(super) fn example() -> Self {
        Self {
            standing: Standing {
                of: Limited::Key,
                quota: 500,
                left: 0,
                full_in_s: 5,
            },
            wait: Duration::from_secs(1),
        }
    }
}

impl Rates {
    /// With these rates.
    pub(super) fn new(settings: RateSettings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the key with this hash was let in a moment ago; refused if it, or its organization, has
    /// nothing left.
    pub(super) fn knows(&self, hash: &TokenHash, now: Timestamp) -> Result<bool, ApiError> {
        let now = micros(now);
        let buckets = self.lock();
        let Some(known) = buckets.keys.buckets.get(hash.as_bytes()) else {
            return Ok(false);
        };
        let mut bucket = known.bucket;
        bucket.take(Limited::Key, known.per_s, now)?;
        if let Some(organization) = buckets.organizations.buckets.get(&known.organization) {
            let mut bucket = *organization;
            bucket.take(Limited::Organization, self.settings.per_organization, now)?;
        }
        Ok(true)
    }

    /// Takes a request of a key that is let in, and of its organization. What the key does not have costs
    /// its organization nothing.
    pub(super) fn take(
        &self,
        hash: &TokenHash,
        key: &ApiKey,
        now: Timestamp,
    ) -> Result<Standing, ApiError> {
        let now = micros(now);
        let per_s = key.limits.rate.map_or(self.settings.per_key, KeyRate::get);
        let mut buckets = self.lock();
        let known = buckets.keys.buckets.get(hash.as_bytes());
        let mut bucket = known.map_or_else(Bucket::default, |known| known.bucket);
        let standing = bucket.take(Limited::Key, per_s, now)?;
        let found = buckets.organizations.buckets.get(&key.organization);
        let mut of_all = found.copied().unwrap_or_default();
        of_all.take(Limited::Organization, self.settings.per_organization, now)?;
        buckets
            .organizations
            .put(key.organization.clone(), of_all, now);
        let known = KnownKey {
            organization: key.organization.clone(),
            per_s,
            bucket,
        };
        buckets.keys.put(*hash.as_bytes(), known, now);
        Ok(standing)
    }

    /// Refuses an address from which too many keys came that do not work.
    pub(super) fn may_fail(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), ApiError> {
        let Some(address) = address else {
            return Ok(());
        };
        let now = micros(now);
        let mut buckets = self.lock();
        let kept = &mut buckets.addresses.buckets;
        if kept.len() >= MOST_ADDRESSES {
            // whoever has been quiet long enough makes room
            kept.retain(|_, bucket| !bucket.is_full(now));
        }
        match kept.get(&subscriber(address)) {
            Some(bucket) => {
                let mut bucket = *bucket;
                bucket.take(Limited::Address, FAILURES_PER_S, now)?;
            }
            None if kept.len() >= MOST_ADDRESSES => {
                let standing =
                    Bucket(now + WINDOW_US).standing(Limited::Address, FAILURES_PER_S, now);
                let wait = Duration::from_secs(1);
                return Err(TooMany { standing, wait }.into());
            }
            None => {}
        }
        Ok(())
    }

    /// Counts a key that did not work.
    pub(super) fn count_failure(&self, address: Option<IpAddr>, now: Timestamp) {
        let Some(address) = address.map(subscriber) else {
            return;
        };
        let now = micros(now);
        let mut buckets = self.lock();
        let kept = buckets.addresses.buckets.get(&address);
        let mut bucket = kept.copied().unwrap_or_default();
        // one that is empty stays empty
        let _ = bucket.take(Limited::Address, FAILURES_PER_S, now);
        buckets.addresses.put(address, bucket, now);
    }
}

fn micros(now: Timestamp) -> i64 {
    now.millis().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000_000;

    /// How many of `asked` requests get through.
    fn through(bucket: &mut Bucket, per_s: u32, now: i64, asked: usize) -> usize {
        let taken = |_: &usize| bucket.take(Limited::Key, per_s, now).is_ok();
        (0..asked).filter(taken).count()
    }

    #[test]
    fn a_bucket_holds_five_seconds_and_fills_steadily() {
        let mut bucket = Bucket::default();
        assert_eq!(through(&mut bucket, 100, NOW, 1000), 500);
        assert_eq!(through(&mut bucket, 100, NOW + SECOND_US / 10, 1000), 10);
        assert_eq!(through(&mut bucket, 100, NOW + SECOND_US, 1000), 90);
        assert_eq!(through(&mut bucket, 100, NOW + 3600 * SECOND_US, 1000), 500);
    }

    #[test]
    fn a_refusal_says_when_there_is_a_request_again() {
        let mut bucket = Bucket::default();
        assert_eq!(through(&mut bucket, 2, NOW, 100), 10);
        let refused = bucket.take(Limited::Key, 2, NOW).expect_err("nothing left");
        assert_eq!(refused.wait, Duration::from_millis(500));
        assert_eq!(refused.standing.policy(), "\"key\";q=10;w=5");
        assert_eq!(refused.standing.left(), "\"key\";r=0;t=5");
        let later = NOW + 500_000;
        assert!(bucket.take(Limited::Key, 2, later).is_ok());
        assert!(bucket.take(Limited::Key, 2, later).is_err());
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let mut bucket = Bucket(NOW + 3600 * SECOND_US);
        let refused = bucket.take(Limited::Key, 100, NOW).expect_err("empty");
        assert!(refused.wait <= Duration::from_secs(5));
    }

    #[test]
    fn failures_of_one_address_are_not_those_of_another() {
        let rates = Rates::default();
        let now = Timestamp::from_millis(NOW / 1000);
        let [one, other] = [1, 2].map(|last| Some(IpAddr::from([192, 0, 2, last])));
        for _ in 0..50 {
            assert!(rates.may_fail(one, now).is_ok());
            rates.count_failure(one, now);
        }
        assert!(rates.may_fail(one, now).is_err());
        assert!(rates.may_fail(other, now).is_ok());
        assert!(
            rates
                .may_fail(one, now + Duration::from_millis(100))
                .is_ok()
        );
    }

    #[test]
    fn full_buckets_are_thrown_away_and_addresses_have_an_end() {
        let rates = Rates::default();
        let at = |second: i64| Timestamp::from_millis(NOW / 1000 + second * 1000);
        let address = |number: u32| Some(IpAddr::from(number.to_be_bytes()));
        for number in 0..30_000 {
            if rates.may_fail(address(number), at(0)).is_ok() {
                rates.count_failure(address(number), at(0));
            }
        }
        assert_eq!(rates.lock().addresses.buckets.len(), MOST_ADDRESSES);
        rates.count_failure(address(1), at(10));
        let later = (0..3 * u32::try_from(MOST_ADDRESSES).expect("a number")).rev();
        for number in later.take(MOST_ADDRESSES + 1) {
            rates.count_failure(address(number), at(10));
        }
        assert!(rates.may_fail(address(7), at(20)).is_ok());
    }
}
