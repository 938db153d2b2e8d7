//! Sums of rents and differences between them.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use domain::Rent;
use serde::{Deserialize, Serialize, Serializer};

use crate::sentence::grouped;

/// Dollars, exact to the cent, of either sign: a sum of rents or a difference between two. In JSON it is a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(from = "f64")]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `hundredths` of a dollar.
    #[must_use]
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// In hundredths of a dollar.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// In dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        exact(self.0) / 100.0
    }

    /// A part of it, to the nearest cent; nothing of nothing.
    #[must_use]
    pub fn shared_by(self, many: i64) -> Self {
        if many <= 0 {
            return Self::ZERO;
        }
        Self((self.0 * 2 + many * self.0.signum()) / (many * 2))
    }

    /// How many percent it is of `whole`; none where there is nothing to compare with.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> Option<f64> {
        (whole.0 != 0).then(|| exact(self.0) * 100.0 / exact(whole.0))
    }
}

/// A number of cents or of things as a number to reckon with: exact up to 2^53, which is more rent than there is.
pub(crate) fn exact(number: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let number = number as f64;
    number
}

/// The nearest whole number.
pub(crate) fn whole(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "what is beyond is cut off")]
    let whole = number.round() as i64;
    whole
}

impl From<Rent> for Amount {
    fn from(rent: Rent) -> Self {
        Self(rent.hundredths())
    }
}

impl From<f64> for Amount {
    fn from(dollars: f64) -> Self {
        Self(whole(dollars * 100.0))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else {
            serializer.serialize_f64(self.dollars())
        }
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Amount {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// As a person reads it: `$1,450`, `-$12.50`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "${}", grouped(self.0.unsigned_abs() / 100))?;
        match self.0.unsigned_abs() % 100 {
            0 => Ok(()),
            cents => write!(f, ".{cents:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_written_as_a_person_reads_it() {
        assert_eq!(Amount::from_hundredths(145_000).to_string(), "$1,450");
        assert_eq!(Amount::from_hundredths(-1_250).to_string(), "-$12.50");
        assert_eq!(Amount::from_hundredths(-5).to_string(), "-$0.05");
        assert_eq!(Amount::from_hundredths(123_456_700).to_string(), "$1,234,567");
    }

    #[test]
    fn a_share_is_rounded_to_the_nearest_cent_and_nobody_divides_by_nothing() {
        assert_eq!(Amount::from_hundredths(100).shared_by(3).hundredths(), 33);
        assert_eq!(Amount::from_hundredths(-200).shared_by(3).hundredths(), -67);
        assert_eq!(Amount::from_hundredths(5).shared_by(2).hundredths(), 3);
        assert_eq!(Amount::from_hundredths(5).shared_by(0), Amount::ZERO);
        assert_eq!(Amount::ZERO.percent_of(Amount::ZERO), None);
    }

    proptest! {
        #[test]
        fn every_amount_survives_json_to_the_cent(hundredths in -1_000_000_000_000..1_000_000_000_000_i64) {
            let amount = Amount::from_hundredths(hundredths);
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }
    }
}
