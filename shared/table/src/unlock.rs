//! Unlocked properties, under the person who unlocked them, with the figures frozen at that moment.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::listing::{Listing, Quote};
use domain::{ListingId, PurchaseId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::failed;
use crate::item::{Change, Consistency, Key, TransactError, number, read, text};
use crate::{Table, TableError};

/// An unlocked property. It stays unlocked for good, unless the money for it goes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unlock {
    /// The property.
    pub listing: ListingId,
    /// Its figures when it was unlocked.
    pub quote: Quote,
    /// The purchase that opened it: of the property itself, or of a plan.
    pub purchase: PurchaseId,
    /// When.
    pub unlocked_at: Timestamp,
    /// Whether the money for it was given back or is disputed, so that it opens nothing. Stored only where it is so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// How many unlocked properties are told of at once.
const TOLD_AT_MOST: i32 = 200;

/// A property was not unlocked.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// The plan is over, or all its analyses are used.
    #[error("the plan has no analyses left")]
    UsedUp,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Unlock {
    pub(crate) fn key(user: UserId, listing: &ListingId) -> Key {
        Key::new(format!("USER#{user}"), format!("UNLOCK#{listing}"))
    }
}

impl Table {
    /// The listing, and what `user` has unlocked of it, in one call.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn listing_and_unlock(
        &self,
        user: UserId,
        listing: &ListingId,
    ) -> Result<(Option<Listing>, Option<Unlock>), TableError> {
        let [found, unlock] = self
            .get_all(
                [&crate::listing::key(listing), &Unlock::key(user, listing)],
                Consistency::Strong,
            )
            .await?;
        let unlock: Option<Unlock> = unlock.map(read).transpose()?;
        Ok((
            found.map(read).transpose()?,
            unlock.filter(|unlock| !unlock.withdrawn),
        ))
    }

    /// A part of a transaction: unlocks a property that is not, or is no longer.
    pub(crate) fn create_unlock(
        &self,
        user: UserId,
        unlock: &Unlock,
    ) -> Result<TransactWriteItem, TableError> {
        let item = self.item(&Unlock::key(user, &unlock.listing), "Unlock", unlock)?;
        self.put(
            item,
            "attribute_not_exists(PK) OR withdrawn = :withdrawn",
            (":withdrawn", AttributeValue::Bool(true)),
        )
    }

    /// A part of a transaction: writes `new` over `known`, if that is still the one.
    pub(crate) fn replace_unlock(
        &self,
        user: UserId,
        known: &Unlock,
        new: &Unlock,
    ) -> Result<TransactWriteItem, TableError> {
        let item = self.item(&Unlock::key(user, &new.listing), "Unlock", new)?;
        self.put(item, "purchase = :purchase", (":purchase", text(known.purchase)))
    }

    /// Unlocks a property on a running plan and counts it as one of the plan's analyses, both or neither. If it was
    /// unlocked just before, by the same request sent twice, nothing is counted: the answer is that earlier unlock.
    ///
    /// # Errors
    /// [`UnlockError::UsedUp`] if the plan has no analysis left at this moment, whatever an earlier read said.
    pub async fn unlock(&self, user: UserId, unlock: &Unlock) -> Result<Option<Unlock>, UnlockError> {
        let count = Change::new(
            Account::key(user),
            "SET grants.#purchase.analysesUsed = grants.#purchase.analysesUsed + :one",
        )
        .only_if(
            "attribute_not_exists(grants.#purchase.withdrawn) AND \
             (attribute_not_exists(grants.#purchase.#until) OR grants.#purchase.#until > :now) AND \
             (attribute_not_exists(grants.#purchase.analysesLimit) OR \
              grants.#purchase.analysesUsed < grants.#purchase.analysesLimit)",
        )
        .name("#purchase", unlock.purchase)
        .name("#until", "until")
        .value(":one", number(1))
        .value(":now", number(unlock.unlocked_at.as_millisecond()));
        let part = self.create_unlock(user, unlock)?;
        match self.transact(vec![part, self.change(count)?]).await {
            Ok(()) => Ok(None),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                Ok(self.listing_and_unlock(user, &unlock.listing).await?.1)
            }
            Err(TransactError::Condition(_)) => Err(UnlockError::UsedUp),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// The properties that `user` has unlocked; the first 200 by their ids.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn unlocked(&self, user: UserId) -> Result<Vec<ListingId>, TableError> {
        #[derive(Deserialize)]
        struct Unlocked {
            listing: ListingId,
            #[serde(default)]
            withdrawn: bool,
        }
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :user AND begins_with(SK, :unlock)")
            .expression_attribute_values(":user", AttributeValue::S(format!("USER#{user}")))
            .expression_attribute_values(":unlock", AttributeValue::S("UNLOCK#".to_owned()))
            .projection_expression("listing, withdrawn")
            .limit(TOLD_AT_MOST)
            .send()
            .await
            .map_err(failed)?;
        let found = answer.items.unwrap_or_default().into_iter();
        found
            .map(read::<Unlocked>)
            .filter(|unlocked| !unlocked.as_ref().is_ok_and(|unlocked| unlocked.withdrawn))
            .map(|unlocked| unlocked.map(|unlocked| unlocked.listing))
            .collect()
    }
}
