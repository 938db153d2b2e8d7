//! Money. What Stripe is paid is counted in [`Cents`]; what an apartment costs is a [`Rent`] in dollars a month. They
//! are two types: one cannot be added to, compared with or stored as the other.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// An amount in US cents, as Stripe counts it (<https://docs.stripe.com/currencies#zero-decimal>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(u32);

impl Cents {
    /// `cents` hundredths of a dollar.
    #[must_use]
    pub const fn new(cents: u32) -> Self {
        Self(cents)
    }

    /// The number of cents.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// As a person reads it: `$1,499.00`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dollars(self.0 / 100, f)?;
        write!(f, ".{:02}", self.0 % 100)
    }
}

/// Whole dollars, in groups of three digits.
fn write_dollars(dollars: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let dollars = dollars.to_string();
    f.write_str("$")?;
    for (position, digit) in dollars.chars().enumerate() {
        if position > 0 && (dollars.len() - position).is_multiple_of(3) {
            f.write_str(",")?;
        }
        write!(f, "{digit}")?;
    }
    Ok(())
}

/// A monthly rent in US dollars, exact to the cent. In JSON it is a number: an integer, or one with two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "f64")]
pub struct Rent {
    cents: u32,
}

/// A number is not a rent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a rent in dollars, from 1 to 100000, with at most two decimals")]
pub struct RentError;

impl Rent {
    /// The highest rent that we believe, in dollars.
    pub const MAX_DOLLARS: u32 = 100_000;

    /// A rent of whole dollars.
    ///
    /// # Errors
    /// [`RentError`] if it is not from 1 to [`Rent::MAX_DOLLARS`].
    pub fn from_dollars(dollars: u32) -> Result<Self, RentError> {
        dollars
            .checked_mul(100)
            .ok_or(RentError)
            .and_then(Self::from_hundredths)
    }

    /// The rent in dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        f64::from(self.cents) / 100.0
    }

    /// The rent in hundredths of a dollar, to reckon differences with.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        i64::from(self.cents)
    }

    /// A rent of `cents` hundredths of a dollar.
    ///
    /// # Errors
    /// [`RentError`] if it is not from 1 to [`Rent::MAX_DOLLARS`] dollars.
    pub fn from_hundredths(cents: u32) -> Result<Self, RentError> {
        if (100..=Self::MAX_DOLLARS * 100).contains(&cents) {
            Ok(Self { cents })
        } else {
            Err(RentError)
        }
    }
}

/// As a person reads it: `$1,450`, or `$1,450.50`.
impl fmt::Display for Rent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dollars(self.cents / 100, f)?;
        match self.cents % 100 {
            0 => Ok(()),
            cents => write!(f, ".{cents:02}"),
        }
    }
}

impl TryFrom<f64> for Rent {
    type Error = RentError;

    fn try_from(dollars: f64) -> Result<Self, RentError> {
        let cents = (dollars * 100.0).round();
        // The nearest cent must be what was meant: 1450.555 is refused rather than rounded.
        let exact = (dollars * 100.0 - cents).abs() < 1e-6;
        if !exact || !(100.0..=f64::from(Self::MAX_DOLLARS) * 100.0).contains(&cents) {
            return Err(RentError);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and between 100 and 10,000,000"
        )]
        Self::from_hundredths(cents as u32)
    }
}

impl Serialize for Rent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.cents.is_multiple_of(100) {
            serializer.serialize_u32(self.cents / 100)
        } else {
            serializer.serialize_f64(self.dollars())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_written_as_a_person_reads_it() {
        assert_eq!(Cents::new(199).to_string(), "$1.99");
        assert_eq!(Cents::new(299_000).to_string(), "$2,990.00");
        assert_eq!(Cents::new(123_456_789).to_string(), "$1,234,567.89");
    }

    #[test]
    fn a_rent_with_a_third_decimal_is_refused_not_rounded() {
        assert_eq!(Rent::try_from(1450.555), Err(RentError));
        assert_eq!(Rent::try_from(1450.55).unwrap().dollars(), 1450.55);
    }

    #[test]
    fn no_rent_is_zero_negative_endless_or_absurd() {
        for dollars in [0.0, -5.0, 0.99, 100_000.01, f64::NAN, f64::INFINITY] {
            assert!(Rent::try_from(dollars).is_err(), "{dollars}");
        }
    }

    #[test]
    fn whole_dollars_are_written_as_an_integer() {
        assert_eq!(
            serde_json::to_string(&Rent::from_dollars(1350).unwrap()).unwrap(),
            "1350"
        );
        assert_eq!(
            serde_json::to_string(&Rent::try_from(1350.5).unwrap()).unwrap(),
            "1350.5"
        );
    }

    proptest! {
        #[test]
        fn every_rent_survives_json_to_the_cent(cents in 100u32..=10_000_000) {
            let rent = Rent::from_hundredths(cents).unwrap();
            let json = serde_json::to_string(&rent).unwrap();
            prop_assert_eq!(serde_json::from_str::<Rent>(&json).unwrap(), rent);
        }
    }
}
