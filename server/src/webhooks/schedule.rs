//! When a delivery is tried again (R81): after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h,
//! each up to a tenth later, so that what failed together does not come together. The first attempt is
//! at once, the tenth is the last.

use std::time::Duration;

const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How long to wait after the attempt with this number, from 1. `None`: it was the last.
pub(super) fn pause_after(attempt: i64) -> Option<Duration> {
    let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
    PAUSES.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_over_three_days() {
        assert_eq!(pause_after(1), Some(Duration::from_secs(5)));
        assert_eq!(pause_after(9), Some(Duration::from_hours(24)));
        assert_eq!(pause_after(10), None);
        let all: Duration = (1..10).filter_map(pause_after).sum();
        assert!((75 * 3600..76 * 3600).contains(&all.as_secs()), "{all:?}");
        assert!(all + all / 10 < crate::domain::FAILS_FOR);
    }
}
