//! ZIP codes as places: the five digits without which there is no street.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The five digits of a ZIP code, whose area the market is watched by. The four behind them, which tell one block from the next,
/// are left out when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zip(u32);

/// A text is no ZIP code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a ZIP code such as 30303 or 30303-1234")]
pub struct ZipError;

impl Zip {
    /// The area whose digits, read as a number, are `number`; there is none above 99999.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        if number <= 99_999 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The first five of digits that were looked at before.
    pub(crate) fn of_digits(digits: &str) -> Self {
        let five = digits.bytes().take(5);
        Self(five.fold(0, |number, digit| {
            number * 10 + u32::from(digit.wrapping_sub(b'0') % 10)
        }))
    }

    /// The digits, read as a number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl FromStr for Zip {
    type Err = ZipError;

    fn from_str(text: &str) -> Result<Self, ZipError> {
        let of_digits = |part: &str, length| part.len() == length && part.bytes().all(|c| c.is_ascii_digit());
        let (five, rest) = text.split_at_checked(5).ok_or(ZipError)?;
        let block = rest.strip_prefix('-').is_some_and(|four| of_digits(four, 4));
        if of_digits(five, 5) && (rest.is_empty() || block) {
            five.parse().map(Self).map_err(|_| ZipError)
        } else {
            Err(ZipError)
        }
    }
}

impl TryFrom<String> for Zip {
    type Error = ZipError;

    fn try_from(text: String) -> Result<Self, ZipError> {
        text.parse()
    }
}

impl From<Zip> for String {
    fn from(zip: Zip) -> Self {
        zip.to_string()
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_zip_code_keeps_its_leading_zeros_and_loses_its_block() {
        assert_eq!("00501".parse::<Zip>().unwrap().to_string(), "00501");
        assert_eq!("30303-1234".parse(), "30303".parse::<Zip>());
        assert_eq!(
            serde_json::to_string(&"02139".parse::<Zip>().unwrap()).unwrap(),
            "\"02139\""
        );
        assert_eq!(Zip::from_number(100_000), None);
    }

    proptest! {
        #[test]
        fn only_five_digits_or_nine_are_a_zip_code(text in "[0-9]{0,4}|[0-9]{6,9}|[0-9]{5}-[0-9]{0,3}|[0-9]{5}-[0-9]{5}|[a-zé٣]{5}|\\PC*") {
            let of_a_property = crate::property::ZipCode::try_from(text.clone()).ok();
            prop_assert_eq!(text.parse().ok(), of_a_property.map(|code| code.zip()));
        }

        #[test]
        fn every_zip_code_survives_its_text(number in 0..100_000_u32) {
            let zip = Zip::from_number(number).unwrap();
            prop_assert_eq!(zip.to_string().parse(), Ok(zip));
        }
    }
}
