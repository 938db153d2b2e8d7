//! Ids: a prefix that says what it names, and a ULID, which sorts by the time it was made
//! (<https://github.com/ulid/spec>). One type each, so that a purchase's id cannot stand where a user's is wanted.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// A text is not an id of the kind that was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an id such as {example}")]
pub struct IdError {
    example: &'static str,
}

/// The machine gave no randomness; nothing secret or unique can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's source of randomness does not answer")]
pub struct NoRandomness;

/// `N` random bytes from the operating system.
///
/// # Errors
/// [`NoRandomness`] if it gives none.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// The id's first part.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, made at `now`.
            ///
            /// # Errors
            /// [`NoRandomness`] if the system gives none.
            pub fn generate(now: Timestamp) -> Result<Self, NoRandomness> {
                let millisecond = u64::try_from(now.as_millisecond()).unwrap_or_default();
                Ok(Self(Ulid::from_parts(millisecond, u128::from_be_bytes(random_bytes()?))))
            }

            /// The id's 16 bytes, without the prefix.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }

            /// The id of these 16 bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Ulid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|rest| Some((rest, Ulid::from_string(rest).ok()?)))
                    // Lower case and overflowing spellings decode as well; only the canonical one is an id.
                    .filter(|(rest, ulid)| ulid.to_string() == *rest)
                    .map(|(_, ulid)| Self(ulid))
                    .ok_or(IdError { example: concat!($prefix, "_01JD3X6Q8TKH5T0R4M2N6W9YBC") })
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
    };
}

prefixed_id!(
    /// A person's account.
    UserId,
    "user"
);
prefixed_id!(
    /// A signed-in device of a person.
    SessionId,
    "sess"
);
prefixed_id!(
    /// A purchase, from the moment the buyer leaves for Stripe.
    PurchaseId,
    "purch"
);
prefixed_id!(
    /// A domain event.
    EventId,
    "evt"
);
prefixed_id!(
    /// A link in a mail, good for one thing and once.
    LinkId,
    "link"
);
prefixed_id!(
    /// A landlord's property.
    PropertyId,
    "prop"
);
prefixed_id!(
    /// A copy of everything that is kept about a person.
    ExportId,
    "export"
);

prefixed_id!(
    /// A template of mails.
    TemplateId,
    "tmpl"
);

prefixed_id!(
    /// A mail that a person sends.
    EmailId,
    "email"
);

prefixed_id!(
    /// A lease that is sent to be verified.
    VerificationId,
    "verif"
);

prefixed_id!(
    /// A landlord's set of competitors.
    CompetitionSetId,
    "set"
);

prefixed_id!(
    /// A home that competes with a landlord's own, in a set.
    CompetitorId,
    "comp"
);

/// A listing's id: what its source calls it. Letters, digits, `-` and `_`, at most 64 of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ListingId(String);

impl ListingId {
    /// The longest listing id, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ListingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ListingId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=Self::MAX_LENGTH).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                example: "10482 (letters, digits, - and _; at most 64)",
            })
        }
    }
}

impl From<ListingId> for String {
    fn from(id: ListingId) -> Self {
        id.0
    }
}

impl TryFrom<String> for ListingId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let user = UserId::generate(Timestamp::UNIX_EPOCH).unwrap().to_string();
        assert!(user.parse::<PurchaseId>().is_err());
        assert!(user.to_lowercase().parse::<UserId>().is_err());
    }

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let earlier = PurchaseId::generate("2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        let later = PurchaseId::generate("2026-01-01T00:00:00.001Z".parse().unwrap()).unwrap();
        assert!(earlier.to_string() < later.to_string());
    }

    proptest! {
        #[test]
        fn every_id_reads_back_from_its_text_and_its_bytes(bytes: [u8; 16]) {
            let id = UserId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<UserId>().unwrap(), id);
            prop_assert_eq!(UserId::from_bytes(id.to_bytes()), id);
        }

        #[test]
        fn no_text_smuggles_a_key_separator_into_an_id(text in "\\PC{0,80}") {
            if let Ok(id) = text.parse::<ListingId>() {
                prop_assert!(!id.as_str().contains('#'));
            }
            if let Ok(id) = text.parse::<UserId>() {
                prop_assert!(!id.to_string().contains('#'));
            }
        }
    }
}
