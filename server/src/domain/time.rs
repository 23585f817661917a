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

impl Timestamp {
    /// The date of HTTP headers (RFC 9110 section 5.6.7), e.g. `Sun, 22 Nov 2026 14:07:02 GMT`.
    #[must_use]
    pub fn http_date(self) -> String {
        const IMF_FIXDATE: &[time::format_description::BorrowedFormatItem<'_>] = time::macros::format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        );
        let whole = time::OffsetDateTime::from_unix_timestamp(self.seconds())
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        whole.format(IMF_FIXDATE).unwrap_or_default()
    }

    /// From RFC 3339 with any offset, e.g. `2026-12-31T18:00:00+01:00`.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let format = &time::format_description::well_known::Rfc3339;
        let read = time::OffsetDateTime::parse(text, format).ok()?;
        let millis = read.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(millis).ok().map(Self)
    }

    /// The end of a day in UTC that is written as `2026-12-31`.
    #[must_use]
    pub fn end_of_day(text: &str) -> Option<Self> {
        const DATE: &[time::format_description::BorrowedFormatItem<'_>] =
            time::macros::format_description!("[year]-[month]-[day]");
        let next = time::Date::parse(text, DATE).ok()?.next_day()?;
        let midnight = next.midnight().assume_utc();
        Some(Self(midnight.unix_timestamp().saturating_mul(1000)))
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
    fn a_moment_reads_as_a_date_of_http() {
        let moment = Timestamp::from_millis(1_718_366_695_999);
        assert_eq!(moment.http_date(), "Fri, 14 Jun 2024 12:04:55 GMT");
    }

    #[test]
    fn moments_and_days_are_read() {
        let moment = Timestamp::from_rfc3339("2024-06-14T14:04:55+02:00");
        assert_eq!(moment.map(Timestamp::seconds), Some(1_718_366_695));
        let end = Timestamp::end_of_day("2024-02-29").map(Timestamp::rfc3339);
        assert_eq!(end.as_deref(), Some("2024-03-01T00:00:00Z"));
        for text in ["", "2024-02-30", "29.02.2024", "2024-2-9", "2024-02-29T"] {
            assert_eq!(Timestamp::end_of_day(text), None, "{text}");
        }
        assert_eq!(Timestamp::from_rfc3339("2024-06-14"), None);
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
