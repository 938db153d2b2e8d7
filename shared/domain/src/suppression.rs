//! Addresses that are not to be written to, and why.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::EmailAddress;

/// Why an address is not to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its mail server says that there is no such mailbox.
    HardBounce,
    /// Its owner called a mail of ours spam.
    Complaint,
    /// Its owner wants no more mail of one sender's.
    Unsubscribed,
    /// A sender does not want to write to it any more.
    ByHand,
}

/// For whose mails an address is suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every sender's.
    Everywhere,
    /// One sender's.
    Sender,
}

impl Reason {
    /// For whose mails it counts.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::HardBounce | Self::Complaint => Scope::Everywhere,
            Self::Unsubscribed | Self::ByHand => Scope::Sender,
        }
    }

    /// Whether a sender may lift it: what they decided themselves, and never what the recipient or the recipient's mail
    /// server did.
    #[must_use]
    pub const fn is_the_senders(self) -> bool {
        matches!(self, Self::ByHand)
    }

    /// Whether one sender's entry of an address for this reason gives way to one for another: only to what the recipient asks of
    /// this very sender. A bounce and a complaint are kept for everybody beside it.
    #[must_use]
    pub const fn gives_way_to(self, newer: Self) -> bool {
        matches!(newer, Self::Unsubscribed) && !matches!(self, Self::Unsubscribed)
    }

    /// Whether it keeps back the system's own mails, too. A mailbox that is not there reads nothing; but whoever called a
    /// landlord's mail spam still gets the receipt and the new password that they ask for.
    #[must_use]
    pub const fn keeps_back_notices(self) -> bool {
        matches!(self, Self::HardBounce)
    }
}

/// The name of an address among those that are suppressed: its hash, because addresses are personal data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SuppressionId(String);

/// A text names no suppressed address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the id of a suppressed address: supp_ and 64 digits")]
pub struct SuppressionIdError;

/// The id's first part.
const PREFIX: &str = "supp_";

impl SuppressionId {
    /// The name of this address.
    #[must_use]
    pub fn of(address: &EmailAddress) -> Self {
        let digest = Sha256::digest(address.as_str());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The hash alone, in hexadecimal.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SuppressionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

impl FromStr for SuppressionId {
    type Err = SuppressionIdError;

    fn from_str(text: &str) -> Result<Self, SuppressionIdError> {
        let digits = text.strip_prefix(PREFIX).ok_or(SuppressionIdError)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() == 64 && digits.bytes().all(is_digit) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(SuppressionIdError)
        }
    }
}

impl From<SuppressionId> for String {
    fn from(id: SuppressionId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for SuppressionId {
    type Error = SuppressionIdError;

    fn try_from(text: String) -> Result<Self, SuppressionIdError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REASONS: [Reason; 4] = [
        Reason::HardBounce,
        Reason::Complaint,
        Reason::Unsubscribed,
        Reason::ByHand,
    ];

    #[test]
    fn what_a_recipient_or_their_server_did_is_not_a_senders_to_lift() {
        let theirs: Vec<_> = REASONS
            .into_iter()
            .filter(|reason| reason.is_the_senders())
            .collect();
        assert_eq!(theirs, [Reason::ByHand]);
    }

    #[test]
    fn what_a_recipient_asks_of_one_sender_takes_the_place_of_anything_else_there() {
        for known in REASONS {
            for newer in REASONS {
                let gives_way = newer == Reason::Unsubscribed && known != newer;
                assert_eq!(known.gives_way_to(newer), gives_way, "{known:?} {newer:?}");
            }
        }
    }

    #[test]
    fn bounces_and_complaints_count_for_everybody_and_the_rest_for_one_sender() {
        let scopes = REASONS.map(Reason::scope);
        assert_eq!(
            scopes,
            [Scope::Everywhere, Scope::Everywhere, Scope::Sender, Scope::Sender]
        );
    }

    #[test]
    fn an_id_shows_nothing_of_the_address_and_is_the_same_for_each_spelling() {
        let id = |address: &str| SuppressionId::of(&address.parse().unwrap());
        assert_eq!(id("Ana@Example.com "), id("ana@example.com"));
        assert!(!id("ana@example.com").to_string().contains("ana"));
        assert_eq!(
            id("ana@example.com").to_string().parse::<SuppressionId>(),
            Ok(id("ana@example.com"))
        );
    }

    proptest! {
        #[test]
        fn no_text_smuggles_a_key_separator_into_an_id(text in "\\PC{0,80}|supp_[0-9a-f#]{64}") {
            if let Ok(id) = text.parse::<SuppressionId>() {
                prop_assert!(!id.digits().contains('#'));
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
