//! Landlords' properties, under the landlord who has them. The landlord's account counts them, in the transaction that
//! writes or deletes one.

use domain::plan::{Limited, Limits};
use domain::property::{Details, Occupancy};
use domain::{PropertyId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{ApplyError, Change, Consistency, Key, TransactError, attribute, number, read, text};
use crate::usage::{give_back, take};
use crate::{Table, TableError};

/// A landlord's property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// Its id.
    pub id: PropertyId,
    /// What its landlord says of it.
    pub details: Details,
    /// Since when nobody lives there, if nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vacant_since: Option<Timestamp>,
    /// When it was entered.
    pub added_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// How often it was written; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    pub(crate) version: u32,
}

/// How many properties a page may have.
pub const PAGE_AT_MOST: u8 = 100;

/// Part of a list, newest first.
#[derive(Debug)]
pub struct Page {
    /// The properties.
    pub properties: Vec<Property>,
    /// The last one, if there are more behind it.
    pub next: Option<PropertyId>,
}

/// A property was not written.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The landlord has as many as the limits allow.
    #[error("there are as many properties as the limits allow")]
    Full,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It is made: the property as it is now.
    Now(Box<Property>),
    /// Somebody else changed or deleted the property since it was read: look again.
    Outdated,
}

impl Property {
    /// A new property.
    #[must_use]
    pub fn new(id: PropertyId, details: Details, now: Timestamp) -> Self {
        Self {
            id,
            vacant_since: (details.occupancy_status == Occupancy::Vacant).then_some(now),
            details,
            added_at: now,
            changed_at: now,
            version: 0,
        }
    }

    /// Whole days for which nobody has lived there at `now`.
    #[must_use]
    pub fn days_vacant(&self, now: Timestamp) -> u32 {
        let days = |since| now.duration_since(since).as_hours() / 24;
        u32::try_from(self.vacant_since.map_or(0, days)).unwrap_or_default()
    }

    pub(crate) fn key(landlord: UserId, property: PropertyId) -> Key {
        Key::new(format!("USER#{landlord}"), format!("PROPERTY#{property}"))
    }

    /// Since when it is vacant, if `details` were true from `now` on.
    fn vacant_with(&self, details: &Details, now: Timestamp) -> Option<Timestamp> {
        (details.occupancy_status == Occupancy::Vacant).then(|| self.vacant_since.unwrap_or(now))
    }
}

impl Table {
    /// Writes a property and counts it, both or neither. One that is there already was written by an earlier attempt at
    /// the same request; the answer is then that one.
    ///
    /// # Errors
    /// [`AddError::Full`] if `limits` do not allow one more.
    pub async fn add_property(
        &self,
        landlord: UserId,
        property: Property,
        limits: Limits,
    ) -> Result<Property, AddError> {
        let key = Property::key(landlord, property.id);
        let row = self.create(self.item(&key, "Property", &property)?)?;
        let count = self.change(take(landlord, Limited::Units, 1, limits))?;
        match self.transact(vec![row, count]).await {
            Ok(()) => Ok(property),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let earlier = self.get(&key, Consistency::Strong).await?;
                Ok(earlier.ok_or(TableError::Conflict)?)
            }
            Err(TransactError::Condition(_)) => Err(AddError::Full),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// A landlord's property, if there is one of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn property(
        &self,
        landlord: UserId,
        property: PropertyId,
    ) -> Result<Option<Property>, TableError> {
        self.get(&Property::key(landlord, property), Consistency::Strong)
            .await
    }

    /// A landlord's properties, newest first, from the one after `after`.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn properties(
        &self,
        landlord: UserId,
        limit: u8,
        after: Option<PropertyId>,
    ) -> Result<Page, TableError> {
        let limit = limit.clamp(1, PAGE_AT_MOST);
        let after = after.map(|property| Property::key(landlord, property));
        let (items, more) = self.newest_first(landlord, "PROPERTY#", limit, after).await?;
        let properties: Vec<Property> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        let next = properties.last().map(|property| property.id).filter(|_| more);
        Ok(Page { properties, next })
    }

    /// Gives a property these details, if it still is the version that `known` is.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn change_property(
        &self,
        landlord: UserId,
        known: &Property,
        details: &Details,
    ) -> Result<Changed, TableError> {
        let now = self.clock.now();
        let set = "SET details = :details, changedAt = :now, updatedAt = :now";
        let key = Property::key(landlord, known.id);
        let change = match known.vacant_with(details, now) {
            Some(since) => Change::new(key, format!("{set}, vacantSince = :since ADD version :one"))
                .value(":since", text(since)),
            None => Change::new(key, format!("{set} REMOVE vacantSince ADD version :one")),
        };
        let change = change
            .only_if("version = :known")
            .value(":details", attribute(details)?)
            .value(":known", number(known.version))
            .value(":now", text(now))
            .value(":one", number(1));
        match self.apply(change).await {
            Ok(item) => Ok(Changed::Now(Box::new(read(item)?))),
            Err(ApplyError::Condition(_)) => Ok(Changed::Outdated),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// Deletes a property and counts one fewer, both or neither. `false` if there is none of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn delete_property(&self, landlord: UserId, property: PropertyId) -> Result<bool, TableError> {
        let row = self.delete(&Property::key(landlord, property))?;
        let count = self.change(give_back(landlord, Limited::Units))?;
        match self.transact(vec![row, count]).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
