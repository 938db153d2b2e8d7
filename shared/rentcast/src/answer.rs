//! Numbers and days in RentCast's answers, none of which need be there or be right.

use domain::Rent;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A number of dollars as a rent, to the nearest cent.
pub(crate) fn rent(dollars: Option<f64>) -> Option<Rent> {
    let cents = (dollars? * 100.0).round();
    Rent::try_from(cents / 100.0).ok()
}

/// A whole number that is not below zero.
pub(crate) fn count(number: Option<f64>) -> Option<u32> {
    let number = number?.round();
    (0.0..=f64::from(u32::MAX)).contains(&number).then(|| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and within the limits"
        )]
        let count = number as u32;
        count
    })
}

/// The day of a time such as `2025-08-26T00:00:00.000Z`.
pub(crate) fn day(time: Option<&str>) -> Option<Date> {
    let time: Timestamp = time?.parse().ok()?;
    Some(TimeZone::UTC.to_datetime(time).date())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_rent_no_count_and_no_day_is_none() {
        assert_eq!(rent(Some(1491.3333)).map(Rent::dollars), Some(1491.33));
        for dollars in [None, Some(-1.0), Some(0.0), Some(f64::NAN), Some(1e300)] {
            assert_eq!(rent(dollars), None, "{dollars:?}");
        }
        assert_eq!(count(Some(94.0)), Some(94));
        for number in [None, Some(-1.0), Some(f64::NAN), Some(f64::INFINITY)] {
            assert_eq!(count(number), None, "{number:?}");
        }
        assert_eq!(
            day(Some("2025-08-26T00:00:00.000Z")).unwrap().to_string(),
            "2025-08-26"
        );
        assert_eq!(day(Some("soon")), None);
    }

    proptest! {
        #[test]
        fn no_number_is_trouble(number: f64) {
            let _ = (rent(Some(number)), count(Some(number)));
        }
    }
}
