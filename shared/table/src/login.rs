//! Signing in: who has an address, and how often a wrong password was tried, for the address and from the network.
//!
//! An attempt is reserved *before* the password is looked at, in the same write that finds the account, so that attempts
//! made at once cannot pass the limit together. An address without an account is counted like any other: nothing tells
//! the two apart.

use std::net::IpAddr;

use domain::{EmailAddress, SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::account::{Account, add_session};
use crate::credentials::Credentials;
use crate::item::{ApplyError, Change, Consistency, Item, Key, TransactError};
use crate::item::{moment, number, read, text, ttl};
use crate::second_factor::{FactorError, Spent};
use crate::session::Session;
use crate::{Table, TableError};

/// Wrong passwords in a row before each further one must wait.
const FREE_ATTEMPTS: u32 = 5;
/// Wrong passwords in a row that lock the address out.
const LOCKED_OUT_AFTER: u32 = 10;
/// How long a locked-out address waits.
const LOCK_OUT: SignedDuration = SignedDuration::from_mins(15);
/// Wrong passwords from one network within [`NETWORK_WINDOW`] before it must wait for the next window.
const NETWORK_FAILURES: u32 = 50;
/// The window in which a network's failures are counted, in seconds.
pub(crate) const NETWORK_WINDOW: i64 = 15 * 60;
/// How long an attempt whose password is still being checked keeps others waiting; longer than any check takes.
const CHECKING: SignedDuration = SignedDuration::from_secs(10);
/// How long the counter of an address without an account is kept.
const STRANGER_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long to wait after this many wrong passwords in a row: nothing at first, then 1, 2, 4 … seconds, then the lock.
fn wait_after(attempts: u32) -> SignedDuration {
    match attempts {
        0..FREE_ATTEMPTS => SignedDuration::ZERO,
        FREE_ATTEMPTS..LOCKED_OUT_AFTER => SignedDuration::from_secs(1 << (attempts - FREE_ATTEMPTS)),
        _ => LOCK_OUT,
    }
}

/// The network that an attempt comes from: an IPv4 address, or the 64 bits that one IPv6 customer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
            v4 => v4,
        })
    }
}

impl Network {
    /// The window's number is part of the key: a new window starts from nothing, whatever TTL has or has not deleted.
    pub(crate) fn partition(self, now: Timestamp) -> String {
        let window = now.as_second().div_euclid(NETWORK_WINDOW);
        format!("NETWORK#{}#{window}", self.0)
    }

    fn key(self, now: Timestamp) -> Key {
        Key::new(self.partition(now), "FAILURES")
    }

    pub(crate) fn window_ends(now: Timestamp) -> Timestamp {
        let next = (now.as_second().div_euclid(NETWORK_WINDOW) + 1) * NETWORK_WINDOW;
        Timestamp::from_second(next).unwrap_or(now)
    }
}

/// Addresses are personal data and may hold `#`: a key has their hash.
pub(crate) fn partition(email: &EmailAddress) -> String {
    format!("LOGIN#{}", hex::encode(Sha256::digest(email.as_str())))
}

pub(crate) fn key(email: &EmailAddress) -> Key {
    Key::new(partition(email), "LOGIN")
}

/// Whose address this item is, if it is anyone's.
pub(crate) fn owner(login: Item) -> Result<Option<UserId>, TableError> {
    Ok(read::<Login>(login)?.user_id)
}

/// The part of a change of address that makes the old one nobody's.
pub(crate) fn release(email: &EmailAddress, user: UserId, now: Timestamp) -> Change {
    Change::new(key(email), "SET #ttl = :over REMOVE userId")
        .only_if("userId = :user")
        .name("#ttl", "ttl")
        .value(":user", text(user))
        .value(":over", ttl(now + STRANGER_KEPT))
}

/// Forgets the wrong attempts of an address: its owner was there.
pub(crate) fn forget_attempts(email: &EmailAddress) -> Change {
    Change::new(key(email), "REMOVE attempts, blockedUntil")
}

/// The part of a sign-up that makes an address one account's. The item may be there already, to count attempts.
pub(crate) fn claim(email: &EmailAddress, user: UserId) -> Change {
    Change::new(
        key(email),
        "SET userId = :user, entity = :entity REMOVE #ttl, attempts, blockedUntil",
    )
    .only_if("attribute_not_exists(userId)")
    .name("#ttl", "ttl")
    .value(":user", text(user))
    .value(":entity", text("Login"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    user_id: Option<UserId>,
    #[serde(default)]
    attempts: u32,
    blocked_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Failures {
    failures: u32,
}

/// A reserved attempt to sign in. It ends as [`Table::signed_in`] or [`Table::attempt_failed`].
#[derive(Debug)]
pub struct Attempt {
    email: EmailAddress,
    network: Network,
    known: bool,
    attempts: u32,
    /// The account, if the address has one.
    pub account: Option<Account>,
    /// What its owner is held to, if the address has an account.
    pub credentials: Option<Credentials>,
}

/// A session to open on an account.
#[derive(Clone, Copy, Debug)]
pub struct OpenSession<'a> {
    /// The account.
    pub account: &'a Account,
    /// The credentials that were right.
    pub credentials: &'a Credentials,
    /// The code that was right, where one was asked for.
    pub spent: Option<&'a Spent>,
    /// The session's id.
    pub id: SessionId,
    /// The session.
    pub session: &'a Session,
}

impl Attempt {
    /// The address that was tried.
    #[must_use]
    pub fn email(&self) -> &EmailAddress {
        &self.email
    }

    /// What a wrong password does to the address's counter: always one write, so that all addresses look alike. A free
    /// attempt leaves the wait as it is: when it is answered late, a later one may have begun it.
    fn blocked(&self, now: Timestamp) -> Change {
        let wait = wait_after(self.attempts);
        let mut update = "SET entity = :entity".to_owned();
        let mut values = vec![(":entity", text("Login"))];
        if !wait.is_zero() {
            update.push_str(", blockedUntil = :until");
            values.push((":until", moment(now + wait)));
        }
        if !self.known {
            update.push_str(", #ttl = :over");
            values.push((":over", ttl(now + STRANGER_KEPT)));
        }
        let change = Change::new(key(&self.email), update);
        let change = if self.known {
            change
        } else {
            // Only a counter may expire; an account that came in between keeps its address for good.
            change.only_if("attribute_not_exists(userId)").name("#ttl", "ttl")
        };
        values.into_iter().fold(change, |change, (placeholder, value)| {
            change.value(placeholder, value)
        })
    }
}

/// An attempt was not let through.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// There were too many wrong passwords; the next attempt counts from this moment.
    #[error("too many attempts")]
    TooMany {
        /// When to try again.
        until: Timestamp,
    },
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Table {
    /// Reserves an attempt to sign in as `email` from `network`.
    ///
    /// # Errors
    /// [`AttemptError::TooMany`] if the address or the network must wait.
    pub async fn attempt_sign_in(
        &self,
        email: &EmailAddress,
        network: Network,
    ) -> Result<Attempt, AttemptError> {
        let now = self.clock.now();
        let login = self.reserve_attempt(email, now).await?;
        // An address without an account reads items that are not there: as many calls, as long a time.
        let user = login.user_id.unwrap_or(UserId::from_bytes([0; 16]));
        let (account, credentials) = (Account::key(user), Credentials::key(user));
        let [account, credentials, failures] = self
            .get_all([&account, &credentials, &network.key(now)], Consistency::Strong)
            .await?;
        let failures = failures
            .map(read::<Failures>)
            .transpose()?
            .map_or(0, |counted| counted.failures);
        if failures >= NETWORK_FAILURES {
            return Err(AttemptError::TooMany {
                until: Network::window_ends(now),
            });
        }
        Ok(Attempt {
            email: email.clone(),
            network,
            known: login.user_id.is_some(),
            attempts: login.attempts,
            account: account.map(read).transpose()?,
            credentials: credentials.map(read).transpose()?,
        })
    }

    async fn reserve_attempt(&self, email: &EmailAddress, now: Timestamp) -> Result<Login, AttemptError> {
        let change = Change::new(
            key(email),
            "SET attempts = if_not_exists(attempts, :none) + :one, blockedUntil = :soon, entity = :entity",
        )
        .only_if("attribute_not_exists(attempts) OR attempts < :free OR blockedUntil <= :now")
        .value(":none", number(0))
        .value(":one", number(1))
        .value(":free", number(FREE_ATTEMPTS))
        .value(":now", moment(now))
        // Until the password is checked, nobody else's attempt passes beyond the free ones.
        .value(":soon", moment(now + CHECKING))
        .value(":entity", text("Login"));
        match self.apply(change).await {
            Ok(item) => Ok(read(item)?),
            Err(ApplyError::Condition(item)) => {
                let login: Login = read(item)?;
                Err(AttemptError::TooMany {
                    until: login.blocked_until.unwrap_or(now),
                })
            }
            Err(ApplyError::Other(error)) => Err(error.into()),
        }
    }

    /// The password was right, and the code where one is asked for: opens the session, uses the code up and forgets the
    /// wrong attempts before it.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if the code was used meanwhile; [`TableError::Conflict`] if the account is gone, or its
    /// credentials are others by now.
    pub async fn signed_in(&self, open: &OpenSession<'_>) -> Result<(), FactorError> {
        let now = self.clock.now();
        let mut parts = vec![
            self.change(add_session(open, now)?)?,
            self.change(forget_attempts(&open.account.email))?,
        ];
        if let Some(spent) = open.spent {
            let change = Change::new(
                Credentials::key(open.account.id),
                spent.update("updatedAt = :now"),
            );
            let change = spent.unless_used(change, "").value(":now", text(now));
            parts.push(self.change(change)?);
        }
        match self.transact(parts).await {
            Err(TransactError::Condition(failed)) if failed.at(0) => Err(TableError::Conflict.into()),
            done => Ok(done?),
        }
    }

    /// The password was wrong: the address and the network wait the longer for it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn attempt_failed(&self, attempt: &Attempt) -> Result<(), TableError> {
        let now = self.clock.now();
        let window_over = Network::window_ends(now) + SignedDuration::from_secs(NETWORK_WINDOW);
        let counted = Change::new(
            attempt.network.key(now),
            "ADD failures :one SET #ttl = :over, entity = :entity",
        )
        .name("#ttl", "ttl")
        .value(":one", number(1))
        .value(":over", ttl(window_over))
        .value(":entity", text("NetworkFailures"));
        let parts = vec![self.change(counted)?, self.change(attempt.blocked(now))?];
        match self.transact(parts).await {
            Ok(()) => Ok(()),
            Err(TransactError::Condition(_)) => Ok(()),
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// The account that signs in with this address.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn user_with_email(&self, email: &EmailAddress) -> Result<Option<UserId>, TableError> {
        let login: Option<Login> = self.get(&key(email), Consistency::Strong).await?;
        Ok(login.and_then(|login| login.user_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_passwords_slow_down_and_then_lock_out() {
        let waits: Vec<_> = (1..=10).map(|attempts| wait_after(attempts).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 900]);
    }

    #[test]
    fn one_ipv6_customer_is_one_network() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn a_network_waits_until_its_window_ends() {
        let now: Timestamp = "2026-01-01T10:07:00Z".parse().unwrap();
        assert_eq!(Network::window_ends(now).to_string(), "2026-01-01T10:15:00Z");
    }
}
