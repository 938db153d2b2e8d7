//! Sessions: signed-in devices, kept inside the account's item, so that one read of half a capacity unit answers who is
//! calling, and one write ends them all.
//!
//! A token is opaque to its bearer: the user's id, the session's id and a secret of 32 random bytes, in hexadecimal. Only the
//! secret's SHA-256 is stored; the ids in the token tell where to look.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::id::{NoRandomness, random_bytes};
use domain::{SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a session lasts from sign-in.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many sessions a person may have; the oldest gives way to a new one.
pub const AT_MOST: usize = 10;
/// The longest device label that is kept, in characters.
const DEVICE_LENGTH: usize = 120;

/// What the bearer holds.
#[derive(Clone)]
pub struct Token {
    /// Whose session.
    pub user: UserId,
    /// Which one.
    pub session: SessionId,
    secret: [u8; 32],
}

/// A text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a session token")]
pub struct TokenError;

/// The token's first letters, so that scanners for leaked secrets can know it.
const PREFIX: &str = "alai_";

impl Token {
    /// The token of these parts. Nobody may guess the secret.
    #[must_use]
    pub const fn new(user: UserId, session: SessionId, secret: [u8; 32]) -> Self {
        Self {
            user,
            session,
            secret,
        }
    }

    /// A new token for `user`.
    ///
    /// # Errors
    /// [`NoRandomness`] if the system gives none.
    pub fn generate(user: UserId, now: Timestamp) -> Result<Self, NoRandomness> {
        Ok(Self {
            user,
            session: SessionId::generate(now)?,
            secret: random_bytes()?,
        })
    }

    fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.secret))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(&hex::encode(self.user.to_bytes()))?;
        f.write_str(&hex::encode(self.session.to_bytes()))?;
        f.write_str(&hex::encode(self.secret))
    }
}

/// A secret: shows whose it is, never what it is.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.session)
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let digits = text.strip_prefix(PREFIX).ok_or(TokenError)?;
        let mut bytes = [0; 64];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| TokenError)?;
        let (user, rest) = bytes.split_first_chunk::<16>().ok_or(TokenError)?;
        let (session, secret) = rest.split_first_chunk::<16>().ok_or(TokenError)?;
        Ok(Self {
            user: UserId::from_bytes(*user),
            session: SessionId::from_bytes(*session),
            secret: *secret.first_chunk().ok_or(TokenError)?,
        })
    }
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    digest: String,
    /// When the person signed in.
    pub since: Timestamp,
    /// The first moment at which it is over.
    pub until: Timestamp,
    /// What the device calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

impl Session {
    /// The session that `token` opens at `now`, on a device that calls itself `device`.
    #[must_use]
    pub fn open(token: &Token, now: Timestamp, device: Option<&str>) -> Self {
        let label = |name: &str| {
            name.chars()
                .filter(|letter| !letter.is_control())
                .take(DEVICE_LENGTH)
                .collect()
        };
        Self {
            digest: token.digest(),
            since: now,
            until: now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX),
            device: device.map(label),
        }
    }

    /// Whether `token` opens this session at `now`. Takes the same time for every wrong secret.
    #[must_use]
    pub fn is_opened_by(&self, token: &Token, now: Timestamp) -> bool {
        bool::from(self.digest.as_bytes().ct_eq(token.digest().as_bytes())) && self.is_open(now)
    }

    /// Whether it is not over at `now`.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// A person's sessions.
pub type Sessions = BTreeMap<SessionId, Session>;

/// The sessions that must go so that one more can come: those that are over, and the oldest beyond [`AT_MOST`].
pub(crate) fn give_way(sessions: &Sessions, now: Timestamp) -> Vec<SessionId> {
    let (open, over): (Vec<_>, Vec<_>) = sessions.iter().partition(|(_, session)| session.is_open(now));
    // A session's id sorts by the time it was opened.
    let surplus = (open.len() + 1).saturating_sub(AT_MOST);
    over.iter()
        .chain(open.iter().take(surplus))
        .map(|(id, _)| **id)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn token() -> Token {
        Token::generate(UserId::from_bytes([7; 16]), time("2026-01-01T00:00:00Z")).unwrap()
    }

    #[test]
    fn a_token_reads_back_and_one_changed_digit_opens_nothing() {
        let now = time("2026-01-01T00:00:00Z");
        let token = token();
        let session = Session::open(&token, now, None);
        let again: Token = token.to_string().parse().unwrap();
        assert!(session.is_opened_by(&again, now));
        let mut text = token.to_string();
        let last = if text.pop() == Some('0') { '1' } else { '0' };
        text.push(last);
        assert!(!session.is_opened_by(&text.parse().unwrap(), now));
    }

    #[test]
    fn the_secret_is_neither_stored_nor_printed() {
        let token = token();
        let secret = hex::encode(token.secret);
        let stored = serde_json::to_string(&Session::open(&token, Timestamp::UNIX_EPOCH, None)).unwrap();
        assert!(!stored.contains(&secret));
        assert!(!format!("{token:?}").contains(&secret));
    }

    #[test]
    fn a_session_is_over_after_seven_days() {
        let token = token();
        let session = Session::open(&token, time("2026-01-01T00:00:00Z"), None);
        assert!(session.is_opened_by(&token, time("2026-01-07T23:59:59Z")));
        assert!(!session.is_opened_by(&token, time("2026-01-08T00:00:00Z")));
    }

    #[test]
    fn the_oldest_session_gives_way_to_the_eleventh() {
        let now = time("2026-01-01T00:00:00Z");
        let sessions: Sessions = (0..10)
            .map(|hour| {
                let opened = now - SignedDuration::from_hours(hour);
                let token = Token::generate(UserId::from_bytes([7; 16]), opened).unwrap();
                (token.session, Session::open(&token, opened, None))
            })
            .collect();
        let oldest = sessions.keys().next().copied().unwrap();
        assert_eq!(give_way(&sessions, now), [oldest]);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "alai_", "alai_00", "abc", &"0".repeat(133)] {
            assert!(text.parse::<Token>().is_err());
        }
    }
}
