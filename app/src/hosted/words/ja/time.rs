//! Days and moments: "2026年11月20日 09:02 UTC", "4分前".

use super::super::rooms::TimeWords;
use super::Japanese;
use crate::wire::Millis;
use crate::words::time::{calendar_day, clock};

impl TimeWords for Japanese {
    fn date(&self, at: Millis) -> String {
        let (year, month, day) = calendar_day(at);
        format!("{year}年{month}月{day}日")
    }

    fn moment(&self, at: Millis) -> String {
        format!("{} {} UTC", self.date(at), clock(at))
    }

    fn just_now(&self) -> &'static str {
        "たった今"
    }

    fn minutes_ago(&self, minutes: i64) -> String {
        format!("{minutes}分前")
    }

    fn hours_ago(&self, hours: i64) -> String {
        format!("{hours}時間前")
    }
}
