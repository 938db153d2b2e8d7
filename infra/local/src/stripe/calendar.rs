//! Billing periods by the calendar, in UTC.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;

/// A day, in seconds.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// The first end after `time` of the periods that began at `anchor`, with the length that a price's `recurring` gives.
/// A period of months that began on the 31st ends on the last day of a shorter month.
pub(super) fn next_end(anchor: i64, recurring: &Value, time: i64) -> i64 {
    let count = recurring["interval_count"].as_i64().unwrap_or(1).max(1);
    (1..)
        .map(|periods: i64| end(anchor, recurring, periods.saturating_mul(count)))
        .find(|end| *end > time)
        .unwrap_or(i64::MAX)
}

/// `count` intervals after `anchor`; the end of all time where there is no such day.
fn end(anchor: i64, recurring: &Value, count: i64) -> i64 {
    let span = match recurring["interval"].as_str() {
        Some("day") => Span::new().try_days(count),
        Some("week") => Span::new().try_weeks(count),
        Some("year") => Span::new().try_years(count),
        _ => Span::new().try_months(count),
    };
    let end = span.and_then(|span| {
        Timestamp::from_second(anchor)?
            .to_zoned(TimeZone::UTC)
            .checked_add(span)
    });
    end.map_or(i64::MAX, |end| end.timestamp().as_second())
}

/// A day for a person: `Nov 22, 2026`.
pub(super) fn display(time: i64) -> String {
    Timestamp::from_second(time).map_or_else(
        |_| String::new(),
        |time| time.to_zoned(TimeZone::UTC).strftime("%b %-d, %Y").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_month_from_the_31st_ends_with_the_shorter_month_and_comes_back() {
        let month = json!({ "interval": "month", "interval_count": 1 });
        let anchor = at("2026-01-31T10:00:00Z");
        let mut end = anchor;
        let mut ends = Vec::new();
        for _ in 0..3 {
            end = next_end(anchor, &month, end);
            ends.push(end);
        }
        assert_eq!(
            ends,
            [
                at("2026-02-28T10:00:00Z"),
                at("2026-03-31T10:00:00Z"),
                at("2026-04-30T10:00:00Z")
            ]
        );
    }

    #[test]
    fn a_year_from_the_29th_of_february_ends_on_the_28th() {
        let year = json!({ "interval": "year", "interval_count": 1 });
        let anchor = at("2028-02-29T00:00:00Z");
        assert_eq!(next_end(anchor, &year, anchor), at("2029-02-28T00:00:00Z"));
    }

    #[test]
    fn days_read_as_people_write_them() {
        assert_eq!(display(at("2026-11-02T23:59:59Z")), "Nov 2, 2026");
    }
}
