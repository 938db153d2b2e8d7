//! Whether RentCast may be asked at all: so many times a second, and so many a month. Who keeps count is not known here: many
//! functions ask at once, and what they share is not in any of them.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How often RentCast lets itself be asked in a second, whatever is paid
/// (<https://developers.rentcast.io/reference/rate-limits>).
pub const A_SECOND: u32 = 20;

/// Keeps count of what was asked. Each request takes one before it is sent, and nothing is given back: a request that failed
/// may have been counted at RentCast too.
pub trait Allowance: Send + Sync {
    /// Takes one request, if there is one left.
    fn take(&self) -> impl Future<Output = Result<(), Denied>> + Send;
}

impl<A: Allowance> Allowance for &A {
    fn take(&self) -> impl Future<Output = Result<(), Denied>> + Send {
        (**self).take()
    }
}

/// There is none left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not in this second: there are others after this time.
    #[error("as many requests as there may be in a second were made")]
    TooFast {
        /// How long to wait.
        wait: Duration,
    },
    /// Not in this month.
    #[error("as many requests as there may be in a month were made")]
    Spent,
    /// It cannot be found out.
    #[error("the count of requests is not to be had: {0}")]
    Unavailable(String),
}

/// The month of which a moment is, by its first day: what requests of a month are counted under. Months are those of UTC.
#[must_use]
pub fn month(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date().first_of_month()
}

/// How long a second of the clock still lasts.
#[must_use]
pub fn rest_of_second(now: Timestamp) -> Duration {
    let gone = now.subsec_nanosecond().rem_euclid(1_000_000_000).unsigned_abs();
    Duration::from_secs(1) - Duration::from_nanos(gone.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_and_a_second_end_where_the_clock_says() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(month(at("2026-11-30T23:59:59.9Z")).to_string(), "2026-11-01");
        assert_eq!(month(at("2026-12-01T00:00:00Z")).to_string(), "2026-12-01");
        assert_eq!(
            rest_of_second(at("2026-11-30T23:59:59.9Z")),
            Duration::from_millis(100)
        );
        assert_eq!(rest_of_second(at("2026-11-30T23:59:59Z")), Duration::from_secs(1));
        assert_eq!(
            rest_of_second(at("1969-12-31T23:59:59.25Z")),
            Duration::from_millis(750)
        );
    }
}
