//! Mails that anyone may ask for: how many went to an address, and how many a network asked for. The counters are
//! checked and counted in the transaction that asks for the mail, whether or not the address has an account.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::event::Fact;
use domain::{EmailAddress, LinkId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{Change, Consistency, Item, Key, TransactError, moment, number, read, text, ttl};
use crate::link::{self, Link, LinkKey, Purpose};
use crate::login::{self, Attempt, AttemptError, NETWORK_WINDOW, Network};
use crate::{Table, TableError};

/// How long after one mail to an address the next may be asked for.
const APART: SignedDuration = SignedDuration::from_mins(1);
/// Mails to one address that may be asked for in one day (of UTC).
const A_DAY: u32 = 5;
/// Mails that one network may ask for within [`NETWORK_WINDOW`].
const NETWORK_MAILS: u32 = 20;
/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;
/// How long the item of a link is kept after the link is over: whoever comes late is told so.
const LINK_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A mail that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What its link is good for.
    pub purpose: Purpose,
    /// Where it goes.
    pub to: &'a EmailAddress,
    /// Where the request comes from.
    pub network: Network,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counter {
    asked: u32,
    last_at: Option<Timestamp>,
}

fn counter(item: Option<Item>) -> Result<Counter, TableError> {
    Ok(item.map(read).transpose()?.unwrap_or_default())
}

/// The day's number is part of the key: a new day starts from nothing, whatever TTL has or has not deleted.
fn address_key(to: &EmailAddress, now: Timestamp) -> Key {
    let day = now.as_second().div_euclid(DAY);
    Key::new(login::partition(to), format!("MAILS#{day}"))
}

fn network_key(network: Network, now: Timestamp) -> Key {
    Key::new(network.partition(now), "MAILS")
}

fn day_ends(now: Timestamp) -> Timestamp {
    let next = (now.as_second().div_euclid(DAY) + 1) * DAY;
    Timestamp::from_second(next).unwrap_or(now)
}

/// When the next mail may be asked for, if that is not now.
fn wait(address: &Counter, network: &Counter, now: Timestamp) -> Option<Timestamp> {
    if network.asked >= NETWORK_MAILS {
        return Some(Network::window_ends(now));
    }
    if address.asked >= A_DAY {
        return Some(day_ends(now));
    }
    let next = address.last_at?.checked_add(APART).ok()?;
    (now < next).then_some(next)
}

#[derive(Serialize)]
struct LinkItem<'a> {
    #[serde(flatten)]
    link: &'a Link,
    ttl: i64,
}

impl Table {
    /// Whether this mail may be asked for now, and whose the address is.
    ///
    /// # Errors
    /// [`AttemptError::TooMany`] if there were too many.
    pub async fn may_ask(&self, asked: &Asked<'_>) -> Result<Option<UserId>, AttemptError> {
        let now = self.clock.now();
        let keys = [
            &login::key(asked.to),
            &address_key(asked.to, now),
            &network_key(asked.network, now),
        ];
        let [login, address, network] = self.get_all(keys, Consistency::Strong).await?;
        match wait(&counter(address)?, &counter(network)?, now) {
            Some(until) => Err(AttemptError::TooMany { until }),
            None => Ok(login.map(login::owner).transpose()?.flatten()),
        }
    }

    /// Asks for a mail with a link for `user`; for nobody, it writes as much and no mail goes out. Where a password was
    /// right, the wrong attempts before it are forgotten with it.
    ///
    /// # Errors
    /// [`AttemptError::TooMany`] if another request came first.
    pub async fn ask_for_mail(
        &self,
        asked: &Asked<'_>,
        user: Option<UserId>,
        key: &LinkKey,
        proven: Option<&Attempt>,
    ) -> Result<(), AttemptError> {
        let now = self.clock.now();
        let failed = |error: domain::id::NoRandomness| TableError::Unavailable(error.to_string());
        let whose = match user {
            Some(user) => user,
            None => UserId::generate(now).map_err(failed)?,
        };
        let token = key.token(asked.purpose, whose, LinkId::generate(now).map_err(failed)?);
        let link = Link::new(&token, asked.purpose, asked.to.clone(), now);
        let mut parts = vec![
            self.change(count_address(asked, now))?,
            self.change(count_network(asked, now))?,
            self.link_item(whose, asked.purpose, &link)?,
        ];
        let fact = asked.purpose.fact(whose, link.id);
        parts.push(match user {
            Some(_) => self.outbox(fact)?,
            None => self.decoy(fact)?,
        });
        if let Some(attempt) = proven {
            parts.push(self.change(login::forget_attempts(attempt.email()))?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(()),
            Err(TransactError::Condition(_)) => Err(AttemptError::TooMany { until: now + APART }),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// The parts of a transaction that give a person a link and ask for the mail with it.
    pub(crate) fn ask(
        &self,
        user: UserId,
        purpose: Purpose,
        link: &Link,
    ) -> Result<[TransactWriteItem; 2], TableError> {
        Ok([
            self.link_item(user, purpose, link)?,
            self.outbox(purpose.fact(user, link.id))?,
        ])
    }

    fn link_item(
        &self,
        user: UserId,
        purpose: Purpose,
        link: &Link,
    ) -> Result<TransactWriteItem, TableError> {
        let item = LinkItem {
            link,
            ttl: (link.until + LINK_KEPT).as_second(),
        };
        self.replace(self.item(&link::key(user, purpose), "Link", &item)?)
    }
}

impl Purpose {
    /// What tells the mailer of such a link.
    const fn fact(self, user_id: UserId, link_id: LinkId) -> Fact {
        match self {
            Self::ConfirmEmail => Fact::EmailConfirmationRequested { user_id, link_id },
            Self::ResetPassword => Fact::PasswordResetRequested { user_id, link_id },
            Self::ChangeEmail => Fact::EmailChangeRequested { user_id, link_id },
        }
    }
}

fn count_address(asked: &Asked<'_>, now: Timestamp) -> Change {
    Change::new(
        address_key(asked.to, now),
        "SET lastAt = :now, #ttl = :over, entity = :entity ADD asked :one",
    )
    .only_if("attribute_not_exists(asked) OR (asked < :most AND lastAt <= :before)")
    .name("#ttl", "ttl")
    .value(":one", number(1))
    .value(":most", number(A_DAY))
    .value(":now", moment(now))
    .value(":before", moment(now - APART))
    .value(":over", ttl(day_ends(now) + SignedDuration::from_secs(DAY)))
    .value(":entity", text("AskedMails"))
}

fn count_network(asked: &Asked<'_>, now: Timestamp) -> Change {
    let over = Network::window_ends(now) + SignedDuration::from_secs(NETWORK_WINDOW);
    Change::new(
        network_key(asked.network, now),
        "SET #ttl = :over, entity = :entity ADD asked :one",
    )
    .only_if("attribute_not_exists(asked) OR asked < :most")
    .name("#ttl", "ttl")
    .value(":one", number(1))
    .value(":most", number(NETWORK_MAILS))
    .value(":over", ttl(over))
    .value(":entity", text("NetworkMails"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn waits(address: (u32, &str), network: u32, now: &str) -> Option<String> {
        let address = Counter {
            asked: address.0,
            last_at: Some(time(address.1)),
        };
        let network = Counter {
            asked: network,
            last_at: None,
        };
        wait(&address, &network, time(now)).map(|until| until.to_string())
    }

    #[test]
    fn an_address_gets_one_mail_a_minute_and_five_a_day() {
        let last = "2026-01-01T10:00:00Z";
        assert_eq!(
            waits((1, last), 0, "2026-01-01T10:00:59Z").unwrap(),
            "2026-01-01T10:01:00Z"
        );
        assert_eq!(waits((4, last), 0, "2026-01-01T10:01:00Z"), None);
        assert_eq!(
            waits((5, last), 0, "2026-01-01T10:01:00Z").unwrap(),
            "2026-01-02T00:00:00Z"
        );
    }

    #[test]
    fn a_network_that_asked_for_twenty_waits_for_the_next_window() {
        let last = "2026-01-01T10:00:00Z";
        assert_eq!(waits((1, last), 19, "2026-01-01T10:05:00Z"), None);
        assert_eq!(
            waits((1, last), 20, "2026-01-01T10:05:00Z").unwrap(),
            "2026-01-01T10:15:00Z"
        );
    }
}
