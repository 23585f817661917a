//! Days and moments: "20 de novembro de 2026, 09:02 UTC", "há 4 min".

use super::super::rooms::{TimeWords, month};
use super::Portuguese;
use crate::wire::Millis;
use crate::words::time::calendar_day;

const MONTHS: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];

impl TimeWords for Portuguese {
    fn date(&self, at: Millis) -> String {
        let (year, of_year, day) = calendar_day(at);
        format!("{day} de {} de {year}", month(&MONTHS, of_year))
    }

    fn just_now(&self) -> &'static str {
        "agora mesmo"
    }

    fn minutes_ago(&self, minutes: i64) -> String {
        format!("há {minutes} min")
    }

    fn hours_ago(&self, hours: i64) -> String {
        format!("há {hours} h")
    }
}
