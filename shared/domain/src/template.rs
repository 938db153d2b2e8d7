//! Templates of mails: what may stand in one for what is known only when it is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::Line;

/// What a template is called.
pub type TemplateName = Line<200>;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// A lease that ends, and what comes after it.
    Renewal,
    /// What a renter offers, and what is said to it.
    Offer,
    /// What was said before, once more.
    Followup,
    /// What is done in a home, and when.
    Maintenance,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Renewal, Self::Offer, Self::Followup, Self::Maintenance];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Renewal => "renewal",
            Self::Offer => "offer",
            Self::Followup => "followup",
            Self::Maintenance => "maintenance",
        }
    }
}

/// A text names no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no token{}", .meant.map_or_else(String::new, |token| format!("; did you mean {token}?")))]
pub struct UnknownToken {
    /// The token whose name is close to it.
    pub meant: Option<Token>,
}

macro_rules! tokens {
    ($($token:ident $name:literal, $description:literal, $sample:literal;)*) => {
        /// What stands in a template between two pairs of braces, and is a value in the mail.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum Token {
            $(#[doc = $description] $token,)*
        }

        impl Token {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$token,)*];

            /// Its name, as it stands between the braces.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$token => $name,)*
                }
            }

            /// What it stands for.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$token => $description,)*
                }
            }

            /// A value of nobody's, to look at a template with.
            #[must_use]
            pub const fn sample(self) -> &'static str {
                match self {
                    $(Self::$token => $sample,)*
                }
            }
        }
    };
}

tokens! {
    TenantName "tenant_name", "The tenant's name.", "Jordan Lee";
    LandlordName "landlord_name", "The landlord's name.", "Sam Rivera";
    PropertyAddress "property_address", "Where the property is.", "1200 Peachtree St, Atlanta, GA 30309";
    UnitNumber "unit_number", "The unit's number.", "4B";
    CurrentRent "current_rent", "What the tenant pays each month now.", "$1,450";
    OfferedRent "offered_rent", "What the tenant would pay each month.", "$1,475";
    LeaseStart "lease_start", "The first day of the lease.", "June 1, 2026";
    LeaseEnd "lease_end", "The last day of the lease.", "May 31, 2027";
    MoveInDate "move_in_date", "The day on which the renter moves in.", "June 3, 2026";
    ResponseDeadline "response_deadline", "The last day for an answer.", "April 15, 2026";
    ManagementCompany "management_company", "The company that manages the property.", "Rivera Property Management";
    RenterName "renter_name", "The name of the person who looks for a home.", "Taylor Morgan";
    RenterPhone "renter_phone", "Their telephone number.", "(404) 555-0137";
    OfferAmount "offer_amount", "What the renter offers each month.", "$1,400";
    Savings "savings", "What is saved.", "$900 over the lease";
    IncentiveDescription "incentive_description", "What is given for a signature.", "One month of free parking";
    LeaseLength "lease_length", "How long the lease lasts.", "12 months";
    CounterAmount "counter_amount", "What is asked for each month in reply to an offer.", "$1,425";
    NewOffer "new_offer", "What is offered now.", "$1,430 a month";
    ConcessionRequest "concession_request", "What the renter asks for besides.", "A waived application fee";
    SubmitDate "submit_date", "The day on which something was sent in.", "March 20, 2026";
}

/// How many letters a mistyped name may differ in from the one that is meant.
const TYPING_ERRORS: usize = 3;

impl Token {
    /// The token whose name is the closest to this one, if one is close.
    fn near(name: &str) -> Option<Self> {
        // No token is that long, and comparing costs the product of the two lengths.
        if name.chars().count() > 40 {
            return None;
        }
        let name = name.to_lowercase().replace([' ', '-', '.'], "_");
        let distances = Self::ALL
            .iter()
            .map(|token| (distance(token.as_str(), &name), *token));
        distances
            .filter(|(distance, _)| *distance <= TYPING_ERRORS)
            .min()
            .map(|(_, token)| token)
    }
}

/// How many letters have to be put in, taken out or replaced to make one text of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut above_left = line;
        let mut left = line + 1;
        for (above, &theirs) in row.iter_mut().skip(1).zip(&other) {
            let replaced = above_left + usize::from(letter != theirs);
            above_left = *above;
            left = replaced.min(*above + 1).min(left + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// As it stands in a template.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{}}}}}", self.as_str())
    }
}

impl FromStr for Token {
    type Err = UnknownToken;

    fn from_str(name: &str) -> Result<Self, UnknownToken> {
        let known = Self::ALL.iter().find(|token| token.as_str() == name);
        known.copied().ok_or_else(|| UnknownToken {
            meant: Self::near(name),
        })
    }
}

impl From<Token> for &'static str {
    fn from(token: Token) -> Self {
        token.as_str()
    }
}

impl TryFrom<String> for Token {
    type Error = UnknownToken;

    fn try_from(name: String) -> Result<Self, UnknownToken> {
        name.parse()
    }
}

/// What stands in a mail for a token: one line of 1 to 1,000 characters, without surrounding space. What could break a line,
/// end a header or turn the direction of the text around it is none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Value(String);

/// A text cannot stand for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to {} characters long, in one line, without control characters",
    Value::MAX_LENGTH
)]
pub struct ValueError;

impl Value {
    /// The longest value, in characters.
    pub const MAX_LENGTH: usize = 1000;

    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Personal data: see [`crate::EmailAddress`].
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.0
    }
}

impl TryFrom<String> for Value {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let value = text.trim();
        let fits = (1..=Self::MAX_LENGTH).contains(&value.chars().count());
        if fits && value.chars().all(stands_in_a_line) {
            Ok(Self(value.to_owned()))
        } else {
            Err(ValueError)
        }
    }
}

impl FromStr for Value {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.to_owned().try_into()
    }
}

/// Whether a character does nothing to the line that it stands in: it does not break it (control characters, U+2028 and U+2029),
/// nor set it in another direction (Unicode Technical Report 36 §2.3).
#[must_use]
pub fn stands_in_a_line(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What stands for which token.
pub type Values = BTreeMap<Token, Value>;

/// A sample for every token.
#[must_use]
pub fn samples() -> Values {
    Token::ALL
        .iter()
        .filter_map(|token| Some((*token, token.sample().parse().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_tokens_are_those_of_the_product() {
        let names: Vec<_> = Token::ALL.iter().map(|token| token.as_str()).collect();
        assert_eq!(
            names.join(" "),
            "tenant_name landlord_name property_address unit_number current_rent offered_rent lease_start lease_end \
             move_in_date response_deadline management_company renter_name renter_phone offer_amount savings \
             incentive_description lease_length counter_amount new_offer concession_request submit_date"
        );
    }

    #[test]
    fn every_token_has_a_sample_that_is_a_value() {
        assert_eq!(samples().len(), Token::ALL.len());
    }

    #[test]
    fn a_token_reads_back_from_its_name_and_stands_between_braces() {
        for token in Token::ALL {
            assert_eq!(token.as_str().parse(), Ok(*token));
        }
        assert_eq!(Token::TenantName.to_string(), "{{tenant_name}}");
    }

    #[test]
    fn a_mistyped_name_is_told_the_one_that_was_meant() {
        for (typed, meant) in [
            ("tenant_nam", Some(Token::TenantName)),
            ("tenantName", Some(Token::TenantName)),
            ("Tenant Name", Some(Token::TenantName)),
            ("lease_ends", Some(Token::LeaseEnd)),
            ("favourite_colour", None),
            ("", None),
        ] {
            assert_eq!(typed.parse::<Token>(), Err(UnknownToken { meant }), "{typed}");
        }
    }

    #[test]
    fn what_breaks_a_line_ends_a_header_or_turns_the_text_is_no_value() {
        for text in [
            "",
            "  ",
            "Ana\r\nBcc: x@example.com",
            "Ana\nLee",
            "a\u{0}b",
            "a\u{85}b",
            "a\u{2028}b",
            "a\u{202E}b",
            &"x".repeat(1001),
        ] {
            assert_eq!(text.parse::<Value>(), Err(ValueError), "{text:?}");
        }
        assert_eq!(" Zoë “Z” <z> ".parse::<Value>().unwrap().as_str(), "Zoë “Z” <z>");
    }

    #[test]
    fn a_value_does_not_show_itself() {
        assert!(!format!("{:?}", samples()).contains("Jordan"));
    }

    #[test]
    fn values_are_read_by_the_names_of_their_tokens_and_an_unknown_one_is_refused() {
        let values: Values = serde_json::from_str(r#"{"tenant_name": "Ana"}"#).unwrap();
        assert_eq!(values[&Token::TenantName].as_str(), "Ana");
        let error = serde_json::from_str::<Values>(r#"{"tenant": "Ana"}"#).unwrap_err();
        assert!(error.to_string().contains("is no token"), "{error}");
    }

    proptest! {
        #[test]
        fn distances_are_those_of_a_metric(one in "[ab]{0,6}", other in "[ab]{0,6}", third in "[ab]{0,6}") {
            prop_assert_eq!(distance(&one, &other) == 0, one == other);
            prop_assert_eq!(distance(&one, &other), distance(&other, &one));
            prop_assert!(distance(&one, &third) <= distance(&one, &other) + distance(&other, &third));
        }
    }
}
