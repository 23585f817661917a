//! Days and moments: "20. November 2026, 09:02 UTC", "vor 4 Min.".

use super::super::rooms::{TimeWords, month};
use super::German;
use crate::wire::Millis;
use crate::words::time::calendar_day;

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

impl TimeWords for German {
    fn date(&self, at: Millis) -> String {
        let (year, of_year, day) = calendar_day(at);
        format!("{day}. {} {year}", month(&MONTHS, of_year))
    }

    fn just_now(&self) -> &'static str {
        "gerade eben"
    }

    fn minutes_ago(&self, minutes: i64) -> String {
        format!("vor {minutes} Min.")
    }

    fn hours_ago(&self, hours: i64) -> String {
        format!("vor {hours} Std.")
    }
}
