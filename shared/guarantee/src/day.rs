//! Which day it is where a property is.
//!
//! What is known of the place is its state, and a state may have two times. So there are two answers: the days differ for an
//! hour or two around midnight.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

/// The day at `at` in a state of the USA, never too late: by standard time, and the western one where a state has two. So a
/// lease of the day of its purchase is never taken for an earlier one.
pub(crate) fn earliest(state: &str, at: Timestamp) -> Date {
    day(times(state).0, at)
}

/// The day at `at` in a state of the USA, never too early: by summer time, and the eastern one where a state has two. So a
/// lease of today is never taken for one of tomorrow.
pub(crate) fn latest(state: &str, at: Timestamp) -> Date {
    day(times(state).1 + 1, at)
}

/// Hours before UTC by standard time, in the west of a state and in its east. Of a place that is none of them: anywhere in
/// the USA.
fn times(state: &str) -> (i8, i8) {
    match state {
        "CT" | "DC" | "DE" | "GA" | "MA" | "MD" | "ME" | "NC" | "NH" | "NJ" | "NY" | "OH" | "PA" | "RI"
        | "SC" | "VA" | "VT" | "WV" => (-5, -5),
        "FL" | "IN" | "KY" | "MI" | "TN" => (-6, -5),
        "AL" | "AR" | "IA" | "IL" | "LA" | "MN" | "MO" | "MS" | "OK" | "WI" => (-6, -6),
        "KS" | "ND" | "NE" | "SD" | "TX" => (-7, -6),
        "AZ" | "CO" | "MT" | "NM" | "UT" | "WY" => (-7, -7),
        "ID" | "OR" => (-8, -7),
        "CA" | "NV" | "WA" => (-8, -8),
        _ => (-10, -5),
    }
}

fn day(hours: i8, at: Timestamp) -> Date {
    let offset = Offset::from_hours(hours).unwrap_or(Offset::UTC);
    TimeZone::fixed(offset).to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [&str; 6] = ["GA", "FL", "TX", "CA", "HI", ""];

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_is_that_of_the_property_and_not_that_of_utc() {
        for state in STATES {
            let evening = at("2026-03-02T04:30:00Z");
            assert_eq!(earliest(state, evening).day(), 1, "{state}");
            let noon = at("2026-03-02T17:00:00Z");
            assert_eq!(
                (earliest(state, noon).day(), latest(state, noon).day()),
                (2, 2),
                "{state}"
            );
        }
    }

    #[test]
    fn half_an_hour_after_midnight_in_summer_may_be_either_day() {
        let summer = at("2026-07-02T04:30:00Z");
        assert_eq!((earliest("GA", summer).day(), latest("GA", summer).day()), (1, 2));
        // In Pensacola it is an hour before midnight, in Miami half an hour after it.
        assert_eq!((earliest("FL", summer).day(), latest("FL", summer).day()), (1, 2));
        assert_eq!(latest("CA", summer).day(), 1);
    }
}
