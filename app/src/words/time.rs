//! Moments in words: "20 Nov 2026, 09:02 UTC", or "5 h ago" when it is less than a day ago.
//!
//! Pages are made on the server, which does not know the reader's time zone, so every absolute
//! time says UTC.

use crate::wire::Millis;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// "20 Nov 2026".
#[must_use]
pub fn date(at: Millis) -> String {
    let (year, month, day) = calendar_day(at);
    format!("{day} {} {year}", month_name(month))
}

/// "20 Nov".
#[must_use]
pub fn short_date(at: Millis) -> String {
    let (_, month, day) = calendar_day(at);
    format!("{day} {}", month_name(month))
}

/// For `<time datetime>` of a whole day: "2026-11-20".
#[must_use]
pub fn machine_day(at: Millis) -> String {
    let (year, month, day) = calendar_day(at);
    format!("{year:04}-{month:02}-{day:02}")
}

/// "09:02".
#[must_use]
pub fn clock(at: Millis) -> String {
    let of_day = at.rem_euclid(DAY);
    format!("{:02}:{:02}", of_day / HOUR, of_day % HOUR / MINUTE)
}

/// "14:07:02".
#[must_use]
pub fn clock_with_seconds(at: Millis) -> String {
    format!("{}:{:02}", clock(at), at.rem_euclid(MINUTE) / SECOND)
}

/// "20 Nov 2026, 09:02 UTC".
#[must_use]
pub fn moment(at: Millis) -> String {
    format!("{}, {} UTC", date(at), clock(at))
}

/// "20 Nov 2026, 09:02:07": for a list, where the column says UTC.
#[must_use]
pub fn exact_moment(at: Millis) -> String {
    format!("{}, {}", date(at), clock_with_seconds(at))
}

/// "20 Nov, 09:02": for a history, where the column says UTC.
#[must_use]
pub fn short_moment(at: Millis) -> String {
    let (_, month, day) = calendar_day(at);
    format!("{day} {}, {}", month_name(month), clock(at))
}

/// For `<time datetime>`: "2026-11-20T09:02:00Z".
#[must_use]
pub fn machine(at: Millis) -> String {
    let (year, month, day) = calendar_day(at);
    format!("{year:04}-{month:02}-{day:02}T{}Z", clock_with_seconds(at))
}

/// How long ago something was, as far as that is told from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Less than a minute.
    JustNow,
    /// So many minutes, below 60.
    Minutes(i64),
    /// So many hours, below 24.
    Hours(i64),
    /// A day or more, or still to come.
    Other,
}

impl Age {
    pub(crate) fn of(at: Millis, now: Millis) -> Self {
        match now - at {
            past if !(-MINUTE..DAY).contains(&past) => Self::Other,
            past if past < MINUTE => Self::JustNow,
            past if past < HOUR => Self::Minutes(past / MINUTE),
            past => Self::Hours(past / HOUR),
        }
    }
}

/// Less than a minute ago.
pub(crate) const JUST_NOW: &str = "just now";

/// "4 min ago".
pub(crate) fn minutes_ago(minutes: i64) -> String {
    format!("{minutes} min ago")
}

/// "5 h ago".
pub(crate) fn hours_ago(hours: i64) -> String {
    format!("{hours} h ago")
}

/// "just now", "4 min ago", "5 h ago"; the moment itself when it is a day or more ago, or to come.
#[must_use]
pub fn ago(at: Millis, now: Millis) -> String {
    match Age::of(at, now) {
        Age::JustNow => JUST_NOW.to_owned(),
        Age::Minutes(minutes) => minutes_ago(minutes),
        Age::Hours(hours) => hours_ago(hours),
        Age::Other => moment(at),
    }
}

/// "Valid until 15:31" on the same day, "Valid until 9 Dec 2026" later.
#[must_use]
pub fn until(at: Millis, now: Millis) -> String {
    if at - now < DAY {
        format!("{} UTC", clock(at))
    } else {
        date(at)
    }
}

/// "2026-11-03", as definitions write a day, gives "3 Nov 2026"; anything else stays as it is.
#[must_use]
pub fn written_day(day: &str) -> String {
    let mut parts = day.splitn(3, '-');
    let (Some(year), Some(month), Some(day_of_month)) = (parts.next(), parts.next(), parts.next())
    else {
        return day.to_owned();
    };
    match (month.parse::<u8>(), day_of_month.parse::<u8>()) {
        (Ok(month @ 1..=12), Ok(day)) => format!("{day} {} {year}", month_name(month.into())),
        _ => day.to_owned(),
    }
}

fn month_name(month: i64) -> &'static str {
    usize::try_from(month - 1)
        .ok()
        .and_then(|place| MONTHS.get(place))
        .copied()
        .unwrap_or_default()
}

/// Year, month and day of the proleptic Gregorian calendar. Counts in years that begin in March,
/// so that the leap day comes last, and in eras of 400 years, which all have the same length.
pub(crate) fn calendar_day(at: Millis) -> (i64, i64, i64) {
    let days = at.div_euclid(DAY) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 Nov 2026, 09:02:07 UTC.
    const THEN: Millis = 1_795_165_327_000;

    #[test]
    fn a_moment_reads_as_in_a_calendar() {
        assert_eq!(moment(THEN), "20 Nov 2026, 09:02 UTC");
        assert_eq!(short_date(THEN), "20 Nov");
        assert_eq!(machine_day(THEN), "2026-11-20");
        assert_eq!(short_moment(THEN), "20 Nov, 09:02");
        assert_eq!(exact_moment(THEN), "20 Nov 2026, 09:02:07");
        assert_eq!(machine(THEN), "2026-11-20T09:02:07Z");
        assert_eq!(moment(0), "1 Jan 1970, 00:00 UTC");
        assert_eq!(date(951_782_400_000), "29 Feb 2000");
        assert_eq!(date(4_107_542_400_000), "1 Mar 2100");
        assert_eq!(moment(-1), "31 Dec 1969, 23:59 UTC");
    }

    #[test]
    fn less_than_a_day_ago_is_told_from_now() {
        assert_eq!(ago(THEN, THEN + 59 * SECOND), "just now");
        assert_eq!(ago(THEN, THEN + 4 * MINUTE), "4 min ago");
        assert_eq!(ago(THEN, THEN + 23 * HOUR), "23 h ago");
        assert_eq!(ago(THEN, THEN + DAY), "20 Nov 2026, 09:02 UTC");
        assert_eq!(ago(THEN, THEN - HOUR), "20 Nov 2026, 09:02 UTC");
    }

    #[test]
    fn a_written_day_is_read_or_left_alone() {
        assert_eq!(written_day("2026-11-03"), "3 Nov 2026");
        assert_eq!(written_day("soon"), "soon");
        assert_eq!(written_day("2026-13-40"), "2026-13-40");
    }
}
