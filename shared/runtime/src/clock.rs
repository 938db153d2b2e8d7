//! The time. Everything that decides by time asks a [`Clock`], so that the local system can move it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// A source of the current time; cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now)
    }

    /// A clock that always shows `instant`.
    #[must_use]
    pub fn fixed(instant: Timestamp) -> Self {
        Self::from_fn(move || instant)
    }

    /// A clock that asks `now` each time.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The current time, in whole milliseconds: what is stored and sent has no finer parts, so that a value read
    /// back equals the one written.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = (self.0)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_has_no_parts_finer_than_a_millisecond() {
        let instant: Timestamp = "2026-01-02T03:04:05.678901234Z".parse().unwrap();
        assert_eq!(
            Clock::fixed(instant).now().to_string(),
            "2026-01-02T03:04:05.678Z"
        );
    }
}
