//! Addresses that are not to be written to: for everybody under the address's hash, for one sender under that sender.
//!
//! What the recipient's mail server or the recipient says counts for everybody's mails and is kept without the address. What
//! counts for one sender's is the sender's own, and keeps the address, so that they can see whom they do not reach.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::suppression::{Reason, SuppressionId};
use domain::text::Line;
use domain::{EmailAddress, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{
    ApplyError, Change, Consistency, Item, Key, TransactError, attribute, moment, number, read, text,
};
use crate::usage::{Counted, count_fewer, count_more};
use crate::{Table, TableError};

/// How many addresses a person may have suppressed by hand.
pub const BY_HAND_AT_MOST: u32 = 10_000;

/// What is said of a suppression, or of its end: one line.
pub type Why = Line<200>;

/// An address that is not to be written to by one sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// Its id.
    pub id: SuppressionId,
    /// The address.
    pub address: EmailAddress,
    /// Why.
    pub reason: Reason,
    /// What its sender says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Why>,
    /// Since when.
    pub since: Timestamp,
}

/// What is known of an address for everybody's mails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Everywhere {
    /// When its mail server said that there is no such mailbox.
    pub hard_bounce: Option<Timestamp>,
    /// When its owner called a mail of ours spam.
    pub complaint: Option<Timestamp>,
    /// When admins lifted what was known before, the last time first.
    liftings: Vec<Lifting>,
}

/// That an admin lifted what counted for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifting {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: UserId,
    /// Why.
    pub note: Why,
}

impl Suppression {
    /// An address that its sender does not want to write to any more.
    #[must_use]
    pub fn by_hand(address: EmailAddress, note: Option<Why>, now: Timestamp) -> Self {
        Self {
            id: SuppressionId::of(&address),
            address,
            reason: Reason::ByHand,
            note,
            since: now,
        }
    }

    /// An address whose owner or mail server did something for which its sender's mails do not go to it any more.
    #[must_use]
    pub fn because(address: EmailAddress, reason: Reason, since: Timestamp) -> Self {
        Self {
            id: SuppressionId::of(&address),
            address,
            reason,
            note: None,
            since,
        }
    }
}

impl Everywhere {
    /// How what was known before was lifted the last time, if it was.
    #[must_use]
    pub fn lifted(&self) -> Option<&Lifting> {
        self.liftings.first()
    }

    /// Why the address is not to be written to now, each with since when.
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, Timestamp)> {
        let known = [
            (Reason::HardBounce, self.hard_bounce),
            (Reason::Complaint, self.complaint),
        ];
        known
            .into_iter()
            .filter_map(|(reason, since)| Some((reason, since?)))
    }

    /// Whether it keeps back the system's own mails, too.
    #[must_use]
    pub fn keeps_back_notices(&self) -> bool {
        self.reasons().any(|(reason, _)| reason.keeps_back_notices())
    }
}

/// An address was not suppressed.
#[derive(Debug, thiserror::Error)]
pub enum SuppressError {
    /// The person has suppressed as many as there may be.
    #[error("there are {BY_HAND_AT_MOST} suppressed addresses")]
    Full,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What became of the wish to write to an address again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may be written to.
    Now,
    /// It is not suppressed.
    Absent,
    /// It was not the sender who suppressed it, and the sender cannot lift it.
    NotTheirs(Reason),
}

pub(crate) fn everywhere(id: &SuppressionId) -> Key {
    Key::new(format!("SUPPRESSED#{}", id.digits()), "EVERYWHERE")
}

pub(crate) fn own(sender: UserId, id: &SuppressionId) -> Key {
    Key::new(format!("USER#{sender}"), format!("SUPPRESSED#{}", id.digits()))
}

/// The attribute that says since when something counts for everybody; none if it counts for one sender.
const fn attribute_of(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::HardBounce => Some("hardBounce"),
        Reason::Complaint => Some("complaint"),
        Reason::Unsubscribed | Reason::ByHand => None,
    }
}

impl Table {
    /// Suppresses an address for everybody's mails, as was told at a time: again, and in any order, it is the same. Word that
    /// is older than an admin's lifting changes nothing. `false` if `reason` is one that counts for one sender alone, or the
    /// word is that old.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn suppress_everywhere(
        &self,
        address: &EmailAddress,
        reason: Reason,
        at: Timestamp,
    ) -> Result<bool, TableError> {
        let Some(name) = attribute_of(reason) else {
            return Ok(false);
        };
        let change = Change::new(
            everywhere(&SuppressionId::of(address)),
            "SET entity = :entity, createdAt = if_not_exists(createdAt, :now), updatedAt = :now, \
             #reason = if_not_exists(#reason, :at) ADD version :one",
        )
        .only_if("attribute_not_exists(liftings) OR liftings[0].#at < :at")
        .name("#reason", name)
        .name("#at", "at")
        .value(":entity", text("SuppressedEverywhere"))
        .value(":at", moment(at))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        match self.apply(change).await {
            Ok(_) => Ok(true),
            Err(ApplyError::Condition(_)) => Ok(false),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// What is known of an address for everybody's mails.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn suppressed_everywhere(&self, id: &SuppressionId) -> Result<Everywhere, TableError> {
        let known = self.get(&everywhere(id), Consistency::Strong).await?;
        Ok(known.unwrap_or_default())
    }

    /// Lifts what counts for everybody, if something does, and gives what is known then. Nothing if nothing did.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn lift_suppression(
        &self,
        id: &SuppressionId,
        lifting: &Lifting,
    ) -> Result<Option<Everywhere>, TableError> {
        let written = Item::from([
            ("at".to_owned(), moment(lifting.at)),
            ("by".to_owned(), text(lifting.by)),
            ("note".to_owned(), attribute(&lifting.note)?),
        ]);
        let change = Change::new(
            everywhere(id),
            "SET liftings = list_append(:these, if_not_exists(liftings, :none)), updatedAt = :now \
             REMOVE hardBounce, complaint ADD version :one",
        )
        .only_if("attribute_exists(hardBounce) OR attribute_exists(complaint)")
        .value(":these", AttributeValue::L(vec![AttributeValue::M(written)]))
        .value(":none", AttributeValue::L(Vec::new()))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        match self.apply(change).await {
            Ok(item) => Ok(Some(read(item)?)),
            Err(ApplyError::Condition(_)) => Ok(None),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// Suppresses an address for the mails of a sender. One that is there already stays as it is, whoever it was that
    /// suppressed it; the answer is then that one.
    ///
    /// # Errors
    /// [`SuppressError::Full`] if there are as many as there may be.
    pub async fn suppress_by_hand(
        &self,
        sender: UserId,
        suppression: &Suppression,
    ) -> Result<Suppression, SuppressError> {
        let key = own(sender, &suppression.id);
        let parts = vec![
            self.create(self.item(&key, "Suppression", suppression)?)?,
            self.change(count_more(sender, Counted::Suppressions, BY_HAND_AT_MOST))?,
        ];
        match self.transact(parts).await {
            Ok(()) => Ok(suppression.clone()),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let earlier = self.suppression(sender, &suppression.id).await?;
                Ok(earlier.ok_or(TableError::Conflict)?)
            }
            Err(TransactError::Condition(_)) => Err(SuppressError::Full),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// Suppresses an address for the mails of a sender because of what its owner or its mail server did. What is there already
    /// gives way to what its owner asks of this sender, and to nothing else.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if others were faster too often.
    pub async fn suppress_for(&self, sender: UserId, suppression: &Suppression) -> Result<(), TableError> {
        /// How often it is tried.
        const ATTEMPTS: u32 = 4;
        let key = own(sender, &suppression.id);
        for _ in 0..ATTEMPTS {
            let item = self.item(&key, "Suppression", suppression)?;
            let written = match self.suppression(sender, &suppression.id).await? {
                None => self.transact(vec![self.create(item)?]).await,
                Some(there) if there.reason.gives_way_to(suppression.reason) => {
                    let mut parts =
                        vec![self.put(item, "reason = :known", (":known", attribute(&there.reason)?))?];
                    if there.reason.is_the_senders() {
                        parts.push(self.change(count_fewer(sender, Counted::Suppressions))?);
                    }
                    self.transact(parts).await
                }
                Some(_) => return Ok(()),
            };
            match written {
                Ok(()) => return Ok(()),
                Err(TransactError::Condition(_) | TransactError::Other(TableError::Conflict)) => {}
                Err(TransactError::Other(error)) => return Err(error),
            }
        }
        Err(TableError::Conflict)
    }

    /// Lets a sender write again to an address that the sender suppressed.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn allow(&self, sender: UserId, id: &SuppressionId) -> Result<Allowed, TableError> {
        let by_hand = Item::from([(":byHand".to_owned(), attribute(&Reason::ByHand)?)]);
        let parts = vec![
            self.delete_if(&own(sender, id), "reason = :byHand", by_hand)?,
            self.change(count_fewer(sender, Counted::Suppressions))?,
        ];
        match self.transact(parts).await {
            Ok(()) => Ok(Allowed::Now),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let there = self.suppression(sender, id).await?;
                Ok(match there {
                    None => Allowed::Absent,
                    Some(there) if there.reason.is_the_senders() => return Err(TableError::Conflict),
                    Some(there) => Allowed::NotTheirs(there.reason),
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// An address that is suppressed for a sender's mails.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn suppression(
        &self,
        sender: UserId,
        id: &SuppressionId,
    ) -> Result<Option<Suppression>, TableError> {
        self.get(&own(sender, id), Consistency::Strong).await
    }

    /// A page of the addresses that are suppressed for a sender's mails, from the one behind `after`, in the order of their
    /// ids, which is none that means anything; and whether there are more.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn suppressions(
        &self,
        sender: UserId,
        limit: u8,
        after: Option<&SuppressionId>,
    ) -> Result<(Vec<Suppression>, bool), TableError> {
        let after = after.map(|id| own(sender, id));
        let (items, more) = self.newest_first(sender, "SUPPRESSED#", limit, after).await?;
        Ok((items.into_iter().map(read).collect::<Result<_, _>>()?, more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_that_is_not_there_gets_no_notice_and_one_whose_owner_complained_does() {
        let at = Some(Timestamp::UNIX_EPOCH);
        let bounced = Everywhere {
            hard_bounce: at,
            ..Everywhere::default()
        };
        let complained = Everywhere {
            complaint: at,
            ..Everywhere::default()
        };
        assert!(bounced.keeps_back_notices());
        assert!(!complained.keeps_back_notices());
        assert!(!Everywhere::default().keeps_back_notices());
    }

    #[test]
    fn exactly_what_counts_for_everybody_has_a_place_there() {
        use domain::suppression::Scope;
        for reason in [
            Reason::HardBounce,
            Reason::Complaint,
            Reason::Unsubscribed,
            Reason::ByHand,
        ] {
            assert_eq!(
                attribute_of(reason).is_some(),
                reason.scope() == Scope::Everywhere
            );
        }
    }
}
