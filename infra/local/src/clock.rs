//! The platform's clock: the machine's time, moved forward by whatever was asked for.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use tokio::sync::watch;

/// How often a waiting task looks at the clock, at least.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A clock that can be moved forward, never back: what was written in the past must stay there.
#[derive(Debug)]
pub struct MovableClock {
    offset_ms: AtomicI64,
    moved: watch::Sender<()>,
    /// Where the offset is kept; none in memory.
    file: Option<PathBuf>,
}

/// Why the clock was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The text is no ISO 8601 duration.
    #[error("`{0}` is not a duration such as P8D or PT1H30M")]
    NotADuration(String),
    /// The duration is negative.
    #[error("the clock moves forward only")]
    Backwards,
    /// There is no such time.
    #[error("the clock cannot be moved that far")]
    TooFar,
    /// The offset cannot be kept.
    #[error("the moved clock could not be written down: {0}")]
    Unwritable(#[from] io::Error),
}

impl MovableClock {
    /// A clock that keeps its offset in a file of this directory, if one is given.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn open(directory: Option<&Path>) -> io::Result<Self> {
        let file = directory.map(|directory| directory.join("clock-offset-ms"));
        let offset = match file.as_deref().map(std::fs::read_to_string) {
            None => 0,
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => 0,
            Some(text) => text?.trim().parse().map_err(io::Error::other)?,
        };
        Ok(Self {
            offset_ms: AtomicI64::new(offset),
            moved: watch::Sender::new(()),
            file,
        })
    }

    /// The time, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now()
            .as_millisecond()
            .saturating_add(self.offset_ms.load(Ordering::Relaxed));
        // `advance` has made sure that this time exists; centuries later it would stop at the last one.
        Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX)
    }

    /// How far the clock is ahead of the machine's, in milliseconds.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Moves the clock by an ISO 8601 duration, counted by the calendar in UTC, and gives the new time.
    ///
    /// # Errors
    /// [`MoveError`]; the clock then stands where it stood.
    pub fn advance(&self, duration: &str) -> Result<Timestamp, MoveError> {
        let span: Span = duration
            .parse()
            .map_err(|_| MoveError::NotADuration(duration.to_owned()))?;
        if span.is_negative() {
            return Err(MoveError::Backwards);
        }
        let now = self.now();
        let then = now
            .to_zoned(TimeZone::UTC)
            .checked_add(span)
            .map_err(|_| MoveError::TooFar)?;
        let by = then.timestamp().as_millisecond() - now.as_millisecond();
        let offset = self
            .offset_ms
            .load(Ordering::Relaxed)
            .checked_add(by)
            .ok_or(MoveError::TooFar)?;
        if let Some(file) = &self.file {
            std::fs::write(file, offset.to_string())?;
        }
        self.offset_ms.fetch_add(by, Ordering::Relaxed);
        self.moved.send_replace(());
        Ok(self.now())
    }

    /// Waits until the clock shows this time.
    pub async fn reached(&self, instant: Timestamp) {
        let mut moved = self.moved.subscribe();
        loop {
            let left = instant
                .as_millisecond()
                .saturating_sub(self.now().as_millisecond());
            let Ok(left @ 1..) = u64::try_from(left) else {
                return;
            };
            let pause = Duration::from_millis(left).min(LONGEST_WAIT);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = moved.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_by_the_calendar_and_remembers_it() {
        let directory = tempfile::tempdir().unwrap();
        let clock = MovableClock::open(Some(directory.path())).unwrap();
        let before = clock.now();
        let after = clock.advance("P8D").unwrap();
        let days = (after.as_millisecond() - before.as_millisecond()) as f64 / 86_400_000.0;
        assert!((8.0..8.001).contains(&days));
        drop(clock);
        let again = MovableClock::open(Some(directory.path())).unwrap();
        assert!(again.now() >= after);
    }

    #[test]
    fn what_is_no_step_forward_is_refused_and_moves_nothing() {
        let clock = MovableClock::open(None).unwrap();
        assert!(matches!(
            clock.advance("tomorrow"),
            Err(MoveError::NotADuration(_))
        ));
        assert!(matches!(clock.advance("-P1D"), Err(MoveError::Backwards)));
        assert!(matches!(clock.advance("P9999Y"), Err(MoveError::TooFar)));
        assert_eq!(clock.offset_ms(), 0);
    }

    #[tokio::test]
    async fn who_waits_for_a_time_goes_on_when_the_clock_is_moved_past_it() {
        let clock = std::sync::Arc::new(MovableClock::open(None).unwrap());
        let due = clock
            .now()
            .checked_add(jiff::SignedDuration::from_hours(1))
            .unwrap();
        let waiting = tokio::spawn({
            let clock = std::sync::Arc::clone(&clock);
            async move { clock.reached(due).await }
        });
        clock.advance("PT2H").unwrap();
        tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .unwrap()
            .unwrap();
    }
}
