//! Time as whole milliseconds since the Unix epoch, UTC: the same in code and in both databases.

use std::time::Duration;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole days since the epoch.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(24 * 60 * 60 * 1000)
    }

    /// How long until `later`; zero when it has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// RFC 3339 with seconds, e.g. `2026-11-22T14:07:02Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let whole = time::OffsetDateTime::from_unix_timestamp(self.seconds())
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        whole
            .format(&time::format_description::well_known::Rfc3339)
            .unwrap_or_default()
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_rfc_3339() {
        assert_eq!(
            Timestamp::from_millis(1_718_366_695_999).rfc3339(),
            "2024-06-14T12:04:55Z"
        );
    }

    #[test]
    fn what_has_passed_is_zero_away() {
        let now = Timestamp::from_millis(5000);
        assert_eq!(now.until(now - Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(
            now.until(now + Duration::from_secs(1)),
            Duration::from_secs(1)
        );
    }
}
