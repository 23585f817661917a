//! Days and moments: "20 de noviembre de 2026, 09:02 UTC", "hace 4 min".

use super::super::rooms::{TimeWords, month};
use super::Spanish;
use crate::wire::Millis;
use crate::words::time::calendar_day;

const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

impl TimeWords for Spanish {
    fn date(&self, at: Millis) -> String {
        let (year, of_year, day) = calendar_day(at);
        format!("{day} de {} de {year}", month(&MONTHS, of_year))
    }

    fn just_now(&self) -> &'static str {
        "ahora mismo"
    }

    fn minutes_ago(&self, minutes: i64) -> String {
        format!("hace {minutes} min")
    }

    fn hours_ago(&self, hours: i64) -> String {
        format!("hace {hours} h")
    }
}
