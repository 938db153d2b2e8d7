//! Medians and percentiles.

/// A set of measured values, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    /// Half of the values are at most this. Nothing for no values.
    pub(crate) fn median(&self) -> Option<f64> {
        let upper = *self.0.get(self.0.len() / 2)?;
        if self.0.len() % 2 == 1 {
            return Some(upper);
        }
        let lower = *self.0.get(self.0.len() / 2 - 1)?;
        Some(f64::midpoint(lower, upper))
    }

    /// At least this many of a hundred values are at most this: the nearest rank.
    pub(crate) fn percentile(&self, percent: usize) -> Option<f64> {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied()
    }

    /// The largest value.
    pub(crate) fn highest(&self) -> Option<f64> {
        self.0.last().copied()
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_of_values_lies_between_the_two_in_the_middle() {
        let median = |values: &[f64]| values.iter().copied().collect::<Sample>().median();
        assert_eq!(median(&[9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&[9.0, 1.0, 4.0, 5.0]), Some(4.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let sample: Sample = (1..=40).rev().map(f64::from).collect();
        assert_eq!(sample.percentile(95), Some(38.0));
        assert_eq!(sample.percentile(100), Some(40.0));
        assert_eq!(sample.highest(), Some(40.0));
        assert_eq!(Sample::from_iter([7.0]).percentile(95), Some(7.0));
    }
}
