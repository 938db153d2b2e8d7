//! What has changed since, from a number a day.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;

/// How far to look back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Since {
    /// Seven days.
    Week,
    /// A month of the calendar.
    Month,
    /// Three of them.
    Quarter,
    /// Twelve of them.
    Year,
}

impl Since {
    /// The day to compare with: on the 31st of a month it is the last of a shorter one.
    #[must_use]
    pub fn day(self, today: Date) -> Date {
        today.saturating_sub(match self {
            Self::Week => Span::new().days(7),
            Self::Month => Span::new().months(1),
            Self::Quarter => Span::new().months(3),
            Self::Year => Span::new().years(1),
        })
    }

    /// By how many days the number of another day may stand for that of this one.
    #[must_use]
    pub const fn slack(self) -> i32 {
        match self {
            Self::Week => 2,
            Self::Month => 7,
            Self::Quarter => 14,
            Self::Year => 30,
        }
    }

    /// The days whose numbers may stand for the day to compare with, the first and the last.
    #[must_use]
    pub fn days(self, today: Date) -> (Date, Date) {
        let day = self.day(today);
        (day.saturating_sub(Span::new().days(self.slack())), day)
    }

    /// What was kept closest before the day to compare with, or on it; none if that is too long before.
    pub fn find<T>(self, kept: impl IntoIterator<Item = (Date, T)>, today: Date) -> Option<T> {
        let (first, last) = self.days(today);
        kept.into_iter()
            .filter(|(day, _)| (first..=last).contains(day))
            .max_by_key(|(day, _)| *day)
            .map(|(_, kept)| kept)
    }
}

/// How many percent more it is now, to the tenth; none where there was nothing.
#[must_use]
pub fn percent_change(before: Amount, now: Amount) -> Option<f64> {
    if before <= Amount::ZERO {
        return None;
    }
    let percent = (now - before).percent_of(before)?;
    Some((percent * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_month_ago_is_a_month_of_the_calendar() {
        assert_eq!(Since::Month.day(date(2026, 3, 31)), date(2026, 2, 28));
        assert_eq!(Since::Month.day(date(2026, 11, 24)), date(2026, 10, 24));
        assert_eq!(Since::Year.day(date(2028, 2, 29)), date(2027, 2, 28));
    }

    #[test]
    fn a_day_that_was_missed_is_stood_for_by_one_shortly_before_and_by_none_after() {
        let today = date(2026, 11, 24);
        let kept = [
            (date(2026, 10, 10), 1),
            (date(2026, 10, 20), 2),
            (date(2026, 10, 22), 3),
            (date(2026, 10, 25), 4),
        ];
        assert_eq!(Since::Month.find(kept, today), Some(3));
        assert_eq!(Since::Month.find([kept[0], kept[3]], today), None);
    }

    #[test]
    fn a_change_from_nothing_is_none() {
        let dollars = |dollars: i64| Amount::from_hundredths(dollars * 100);
        assert_eq!(percent_change(dollars(1000), dollars(1025)), Some(2.5));
        assert_eq!(percent_change(dollars(1000), dollars(0)), Some(-100.0));
        assert_eq!(percent_change(dollars(0), dollars(1025)), None);
    }

    proptest! {
        #[test]
        fn what_is_found_is_never_of_another_time(days in prop::collection::vec(0..800_i32, 0..50)) {
            let today = date(2026, 11, 24);
            let kept = days.iter().map(|days| {
                let day = today.saturating_sub(Span::new().days(*days));
                (day, day)
            });
            for since in [Since::Week, Since::Month, Since::Quarter, Since::Year] {
                if let Some(found) = since.find(kept.clone(), today) {
                    let before = (since.day(today) - found).get_days();
                    prop_assert!((0..=since.slack()).contains(&before));
                }
            }
        }
    }
}
