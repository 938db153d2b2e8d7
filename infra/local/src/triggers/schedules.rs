//! Schedules: `rate(…)`, `cron(…)` and `at(…)` expressions, in UTC
//! (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>), and the task that
//! sets their functions going.
//!
//! They follow the platform's clock. When it is moved over several occurrences, the function runs once.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use tokio::sync::watch;

use crate::clock::MovableClock;
use crate::lambda::Lambda;
use crate::template::{ACCOUNT_ID, REGION, Schedule};
use crate::wire::aws::uuid;

/// When a schedule runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Again and again, with this much time between.
    Rate(SignedDuration),
    /// At the minutes that the fields name.
    Cron(Box<Cron>),
    /// Once.
    At(Timestamp),
}

/// The fields of a cron expression, each as the set of values that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: BTreeSet<i16>,
    months: BTreeSet<i16>,
    weekdays: BTreeSet<i16>,
    years: BTreeSet<i16>,
}

/// An expression that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}` is no schedule that is known here: {what}")]
pub struct TimingError {
    expression: String,
    what: String,
}

impl FromStr for Timing {
    type Err = TimingError;

    fn from_str(expression: &str) -> Result<Self, TimingError> {
        let wrong = |what: &str| TimingError {
            expression: expression.to_owned(),
            what: what.to_owned(),
        };
        let (kind, argument) = expression
            .trim()
            .strip_suffix(')')
            .and_then(|expression| expression.split_once('('))
            .ok_or_else(|| wrong("it must be rate(…), cron(…) or at(…)"))?;
        match kind {
            "rate" => rate(argument).map(Self::Rate),
            "cron" => Cron::parse(argument).map(|cron| Self::Cron(Box::new(cron))),
            "at" => {
                let at = argument.parse::<DateTime>().ok();
                let at = at
                    .and_then(|at| at.to_zoned(TimeZone::UTC).ok())
                    .map(|at| Self::At(at.timestamp()));
                at.ok_or("a date and time such as 2026-03-01T08:00:00 is needed".to_owned())
            }
            _ => Err("it must be rate(…), cron(…) or at(…)".to_owned()),
        }
        .map_err(|what| wrong(&what))
    }
}

fn rate(argument: &str) -> Result<SignedDuration, String> {
    let wanted = || "a rate is a number of minutes, hours or days".to_owned();
    let (value, unit) = argument.split_once(' ').ok_or_else(wanted)?;
    let value: i64 = value.parse().ok().filter(|value| *value > 0).ok_or_else(wanted)?;
    let minutes = match unit.trim().trim_end_matches('s') {
        "minute" => Some(value),
        "hour" => value.checked_mul(60),
        "day" => value.checked_mul(24 * 60),
        _ => None,
    };
    minutes
        .filter(|minutes| *minutes < 10 * 366 * 24 * 60)
        .map(SignedDuration::from_mins)
        .ok_or_else(wanted)
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    fn parse(expression: &str) -> Result<Self, String> {
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return Err("a cron expression has six fields".to_owned());
        };
        if (*days == "?") == (*weekdays == "?") {
            return Err("one of day-of-month and day-of-week must be `?`, and not both".to_owned());
        }
        Ok(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: field(weekdays, 1, 7, &WEEKDAYS)?,
            years: field(years, 1970, 2199, &[])?,
        })
    }

    fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        let start = (instant + 1.minute()).to_zoned(TimeZone::UTC).datetime();
        let last_year = *self.years.last()?;
        let mut date = start.date();
        while date.year() <= last_year {
            if self.is_on(date)
                && let Some((hour, minute)) = self.first_time(date, start)
            {
                let at = date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
                return at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn is_on(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&date.month().into())
            && self.days.contains(&date.day().into())
            && self
                .weekdays
                .contains(&i16::from(date.weekday().to_sunday_one_offset()))
    }

    /// The first time of this day that is not before `start`.
    fn first_time(&self, date: Date, start: DateTime) -> Option<(i16, i16)> {
        let earliest = if date == start.date() {
            (start.hour().into(), start.minute().into())
        } else {
            (0, 0)
        };
        let times = self
            .hours
            .iter()
            .flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
        times.into_iter().find(|time| *time >= earliest)
    }
}

/// The values that a field names: `*`, `?`, `3`, `1-5`, `MON-FRI`, `0/15`, and lists of these.
fn field(text: &str, low: i16, high: i16, names: &[&str]) -> Result<BTreeSet<i16>, String> {
    let value = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = named
            .and_then(|i| i16::try_from(i + 1).ok())
            .or_else(|| text.parse().ok());
        number
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| format!("`{text}` is not a value between {low} and {high}"))
    };
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (
                range,
                step.parse()
                    .ok()
                    .filter(|step| *step > 0)
                    .ok_or("a step must be above 0")?,
            ),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (value(from)?, value(to)?),
            // `5/15` runs to the end of the range.
            None if part.contains('/') => (value(range)?, high),
            None => (value(range)?, value(range)?),
        };
        values.extend((from..=to).step_by(step));
    }
    if values.is_empty() {
        Err(format!("`{text}` names no value"))
    } else {
        Ok(values)
    }
}

impl Timing {
    /// The first time after `instant`; for a rate, one interval later.
    #[must_use]
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(interval) => instant.checked_add(*interval).ok(),
            Self::Cron(cron) => cron.next_after(instant),
            Self::At(at) => Some(*at).filter(|at| *at > instant),
        }
    }
}

/// Runs a schedule from now on until `shutdown`.
pub(crate) fn run(
    schedule: Schedule,
    clock: Arc<MovableClock>,
    lambda: Arc<Lambda>,
    mut shutdown: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send {
    // Not when the task is first polled: the clock may have been moved by then.
    let mut last = clock.now();
    async move {
        while let Some(due) = schedule.timing.next_after(last) {
            tokio::select! {
                () = clock.reached(due) => {}
                _ = shutdown.wait_for(|stop| *stop) => return,
            }
            last = clock.now();
            let event = schedule
                .input
                .clone()
                .unwrap_or_else(|| scheduled_event(&schedule.id, due));
            lambda.invoke_later(&schedule.function, &event);
        }
    }
}

/// What EventBridge sends for a schedule that has no input of its own.
#[must_use]
pub fn scheduled_event(rule: &str, time: Timestamp) -> serde_json::Value {
    json!({
        "version": "0",
        "id": uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{rule}")],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, after: &str) -> String {
        let timing: Timing = expression.parse().unwrap();
        timing
            .next_after(after.parse().unwrap())
            .map_or("never".into(), |at| at.to_string())
    }

    #[test]
    fn a_rate_runs_one_interval_later() {
        assert_eq!(
            next("rate(5 minutes)", "2026-01-01T00:00:30Z"),
            "2026-01-01T00:05:30Z"
        );
        assert_eq!(
            next("rate(1 day)", "2026-01-31T00:00:00Z"),
            "2026-02-01T00:00:00Z"
        );
    }

    #[test]
    fn a_cron_expression_names_minutes_in_utc() {
        for (expression, after, expected) in [
            (
                "cron(0 8 * * ? *)",
                "2026-01-01T07:59:59Z",
                "2026-01-01T08:00:00Z",
            ),
            (
                "cron(0 8 * * ? *)",
                "2026-01-01T08:00:00Z",
                "2026-01-02T08:00:00Z",
            ),
            (
                "cron(0/15 * * * ? *)",
                "2026-01-01T08:16:00Z",
                "2026-01-01T08:30:00Z",
            ),
            (
                "cron(30 18 ? * MON-FRI *)",
                "2026-01-02T19:00:00Z",
                "2026-01-05T18:30:00Z",
            ),
            (
                "cron(0 0 29 2 ? *)",
                "2026-01-01T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ),
            ("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z", "never"),
            (
                "at(2026-03-01T08:00:00)",
                "2026-01-01T00:00:00Z",
                "2026-03-01T08:00:00Z",
            ),
            ("at(2026-03-01T08:00:00)", "2026-03-01T08:00:00Z", "never"),
        ] {
            assert_eq!(next(expression, after), expected, "{expression} after {after}");
        }
    }

    #[test]
    fn an_expression_that_is_not_understood_is_an_error() {
        for expression in [
            "",
            "rate(5)",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "cron(0 8 * * *)",
            "cron(0 8 * * * *)",
            "cron(61 8 * * ? *)",
            "cron(0 8 L * ? *)",
            "at(tomorrow)",
            "every(1 day)",
        ] {
            assert!(expression.parse::<Timing>().is_err(), "{expression}");
        }
    }
}
