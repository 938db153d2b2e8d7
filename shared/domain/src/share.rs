//! How many of how many: a share, and how sure one can be of it.

use serde::{Deserialize, Serialize};

/// The 97.5th percentile of the normal distribution: an interval holds what is true 95 times of 100.
const Z: f64 = 1.959_963_984_540_054;

/// How many of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    count: u32,
    sample: u32,
}

/// Between which shares the true one lies, 95 times of 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Share {
    /// `count` of `sample`; no more than there are.
    #[must_use]
    pub const fn new(count: u32, sample: u32) -> Self {
        let count = if count > sample { sample } else { count };
        Self { count, sample }
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Of how many.
    #[must_use]
    pub const fn sample(self) -> u32 {
        self.sample
    }

    /// The share, 0 to 1; none of nothing.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.sample > 0).then(|| f64::from(self.count) / f64::from(self.sample))
    }

    /// Wilson's interval (<https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval>), which
    /// stays between 0 and 1 and says something of small samples too.
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        let rate = self.rate()?;
        let sample = f64::from(self.sample);
        let square = Z * Z / sample;
        let middle = (rate + square / 2.0) / (1.0 + square);
        let half = Z / (1.0 + square) * (rate * (1.0 - rate) / sample + square / (4.0 * sample)).sqrt();
        Some(Interval {
            low: (middle - half).clamp(0.0, rate),
            high: (middle + half).clamp(rate, 1.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_intervals_are_those_of_the_books() {
        // Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
        for (count, sample, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = Share::new(count, sample).interval().unwrap();
            assert!(
                (interval.low - low).abs() < 5e-5,
                "{count}/{sample}: {interval:?}"
            );
            assert!(
                (interval.high - high).abs() < 5e-5,
                "{count}/{sample}: {interval:?}"
            );
        }
    }

    #[test]
    fn of_nothing_there_is_no_share() {
        assert_eq!(Share::new(0, 0).rate(), None);
        assert_eq!(Share::new(3, 0).interval(), None);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_share_and_narrows_with_the_sample(count in 0..1000_u32, more in 0..1000_u32) {
            prop_assume!(count + more > 0);
            let (share, tenfold) = (Share::new(count, count + more), Share::new(10 * count, 10 * (count + more)));
            let (rate, interval) = (share.rate().unwrap(), share.interval().unwrap());
            prop_assert!(0.0 <= interval.low && interval.low <= rate && rate <= interval.high && interval.high <= 1.0);
            let narrow = tenfold.interval().unwrap();
            prop_assert!(narrow.high - narrow.low < interval.high - interval.low);
        }
    }
}
