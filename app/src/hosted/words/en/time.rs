//! Days and moments, as in the portal.

use super::super::rooms::TimeWords;
use super::English;
use crate::wire::Millis;
use crate::words::time;

impl TimeWords for English {
    fn date(&self, at: Millis) -> String {
        time::date(at)
    }

    fn just_now(&self) -> &'static str {
        time::JUST_NOW
    }

    fn minutes_ago(&self, minutes: i64) -> String {
        time::minutes_ago(minutes)
    }

    fn hours_ago(&self, hours: i64) -> String {
        time::hours_ago(hours)
    }
}
