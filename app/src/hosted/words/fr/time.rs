//! Days and moments: "20 novembre 2026, 09:02 UTC", "il y a 4 min".

use super::super::rooms::{TimeWords, month};
use super::French;
use crate::wire::Millis;
use crate::words::time::calendar_day;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

impl TimeWords for French {
    fn date(&self, at: Millis) -> String {
        let (year, of_year, day) = calendar_day(at);
        let first = if day == 1 { "er" } else { "" };
        format!("{day}{first} {} {year}", month(&MONTHS, of_year))
    }

    fn just_now(&self) -> &'static str {
        "à l’instant"
    }

    fn minutes_ago(&self, minutes: i64) -> String {
        format!("il y a {minutes} min")
    }

    fn hours_ago(&self, hours: i64) -> String {
        format!("il y a {hours} h")
    }
}
