//! The token by which the reader of a mail says that they want no more of its sender's: opaque, of one mail, and for as long as the
//! mail lies in a mailbox. Nothing is kept for it: it is its ids, authenticated.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{EmailId, UserId};

use crate::link::LinkKey;

/// How many bytes authenticate a token.
const SEAL: usize = 16;
/// How many bytes a token has: two ids and what authenticates them.
const LENGTH: usize = 32 + SEAL;

/// What such a link carries. That it is a good one is known after [`UnsubscribeToken::mail`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsubscribeToken([u8; LENGTH]);

/// A text is no such token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the whole link of a mail")]
pub struct UnsubscribeTokenError;

impl UnsubscribeToken {
    /// The token of a mail: the same each time.
    #[must_use]
    pub fn of(key: &LinkKey, sender: UserId, email: EmailId) -> Self {
        let mut bytes = [0; LENGTH];
        bytes[..16].copy_from_slice(&sender.to_bytes());
        bytes[16..32].copy_from_slice(&email.to_bytes());
        let seal = key.unsubscribing(sender, email);
        bytes[32..].copy_from_slice(&seal[..SEAL]);
        Self(bytes)
    }

    /// Whose mail it is of, and which one, if we made it.
    #[must_use]
    pub fn mail(&self, key: &LinkKey) -> Option<(UserId, EmailId)> {
        let sender = UserId::from_bytes(self.0[..16].try_into().ok()?);
        let email = EmailId::from_bytes(self.0[16..32].try_into().ok()?);
        let ours = Self::of(key, sender, email);
        // In constant time: how long it takes must not tell how much of it was right.
        let differing = ours
            .0
            .iter()
            .zip(self.0)
            .fold(0, |sum, (one, other)| sum | (one ^ other));
        (differing == 0).then_some((sender, email))
    }
}

impl fmt::Display for UnsubscribeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// Whoever has the token can use it: logs do not show it.
impl fmt::Debug for UnsubscribeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsubscribeToken(…)")
    }
}

impl FromStr for UnsubscribeToken {
    type Err = UnsubscribeTokenError;

    fn from_str(text: &str) -> Result<Self, UnsubscribeTokenError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| UnsubscribeTokenError)?;
        bytes.try_into().map(Self).map_err(|_| UnsubscribeTokenError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::Environment;

    use super::*;

    fn key(secret: &str) -> LinkKey {
        LinkKey::new(&Environment::from_iter([("LINK_KEY", secret)])).unwrap()
    }

    proptest! {
        #[test]
        fn a_token_names_its_mail_and_one_that_was_changed_or_made_elsewhere_names_none(
            sender: [u8; 16], email: [u8; 16], at in 0..LENGTH, flipped in 1_u8..,
        ) {
            let (sender, email) = (UserId::from_bytes(sender), EmailId::from_bytes(email));
            let token = UnsubscribeToken::of(&key("ours"), sender, email);
            let read: UnsubscribeToken = token.to_string().parse().unwrap();
            prop_assert_eq!(read.mail(&key("ours")), Some((sender, email)));
            prop_assert_eq!(read.mail(&key("another")), None);
            let mut changed = read;
            changed.0[at] ^= flipped;
            prop_assert_eq!(changed.mail(&key("ours")), None);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "AAAA", "no token", &"A".repeat(65), &"=".repeat(64)] {
            assert!(text.parse::<UnsubscribeToken>().is_err(), "{text}");
        }
    }
}
