//! Mail addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A mail address in canonical spelling: without surrounding space, all in lower case. A mailbox's local part is
/// case-sensitive by RFC 5321 §2.4, but no provider of note treats it so, and two accounts that differ only in case
/// would be one person's mistake.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EmailAddress(String);

/// A text is not a mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a mail address such as name@example.com, at most 254 characters")]
pub struct EmailError;

impl EmailAddress {
    /// The longest address that a mail server accepts, in characters (RFC 5321 §4.5.3.1.3, less the two brackets).
    pub const MAX_LENGTH: usize = 254;

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`: what the client uses as a name until the person gives one.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or(self.as_str(), |(local, _)| local)
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let address = text.trim().to_lowercase();
        // Quoted local parts and letters beyond ASCII (RFC 6531) are legal, and undeliverable for most servers.
        let plain = address.is_ascii() && !address.contains('"');
        if !plain || address.len() > Self::MAX_LENGTH {
            return Err(EmailError);
        }
        email_address::EmailAddress::parse_with_options(&address, options)
            .map(|_| Self(address))
            .map_err(|_| EmailError)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Personal data: logs that print a structure show that there is an address, not which.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_mailbox_are_one_address() {
        let address: EmailAddress = "  Ana.Maria+apt@Example.COM ".parse().unwrap();
        assert_eq!(address.as_str(), "ana.maria+apt@example.com");
        assert_eq!(address.local_part(), "ana.maria+apt");
    }

    #[test]
    fn what_no_server_would_deliver_is_refused() {
        for text in [
            "",
            "ana",
            "ana@",
            "@example.com",
            "ana@localhost",
            "a b@example.com",
            "Ana <ana@example.com>",
            "ana@[127.0.0.1]",
            "\"ana\"@example.com",
            "ana@exa mple.com",
            "ana@example.com\nBcc: x@example.com",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        assert!(long.parse::<EmailAddress>().is_err());
    }

    #[test]
    fn debug_output_does_not_show_the_address() {
        let address: EmailAddress = "ana@example.com".parse().unwrap();
        assert!(!format!("{address:?}").contains("ana"));
    }

    proptest! {
        #[test]
        fn parsing_is_stable(text in "[a-zA-Z0-9._+-]{1,20}@[a-zA-Z0-9-]{1,15}\\.[a-z]{2,6}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert_eq!(address.as_str().parse::<EmailAddress>().unwrap(), address);
            }
        }
    }
}
