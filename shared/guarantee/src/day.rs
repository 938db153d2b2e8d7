//! Which day it is where a property is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

/// The day at `at` in a state of the USA, by standard time. Where a state has two times it is the western one, and summer
/// time is left out: the day is never too late, so that a lease of the day of its purchase is never taken for an earlier
/// one.
pub(crate) fn there(state: &str, at: Timestamp) -> Date {
    let hours = match state {
        "CT" | "DC" | "DE" | "GA" | "MA" | "MD" | "ME" | "NC" | "NH" | "NJ" | "NY" | "OH" | "PA" | "RI"
        | "SC" | "VA" | "VT" | "WV" => -5,
        "AL" | "AR" | "FL" | "IA" | "IL" | "IN" | "KY" | "LA" | "MI" | "MN" | "MO" | "MS" | "OK" | "TN"
        | "WI" => -6,
        "AZ" | "CO" | "KS" | "MT" | "ND" | "NE" | "NM" | "SD" | "TX" | "UT" | "WY" => -7,
        "CA" | "ID" | "NV" | "OR" | "WA" => -8,
        _ => -10,
    };
    let offset = Offset::from_hours(hours).unwrap_or(Offset::UTC);
    TimeZone::fixed(offset).to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_the_property_and_never_too_late() {
        let at = "2026-03-02T04:30:00Z".parse().unwrap();
        for (state, day) in [("GA", 1), ("TX", 1), ("CA", 1), ("HI", 1), ("", 1)] {
            assert_eq!(there(state, at).day(), day, "{state}");
        }
        let noon = "2026-03-02T12:00:00Z".parse().unwrap();
        for state in ["GA", "TX", "CA", "HI", ""] {
            assert_eq!(there(state, noon).day(), 2, "{state}");
        }
        // An hour after midnight in summer is still the day before.
        let summer = "2026-07-02T04:30:00Z".parse().unwrap();
        assert_eq!(there("GA", summer).day(), 1);
    }
}
