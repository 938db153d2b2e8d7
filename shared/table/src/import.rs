//! Sheets of properties, entered so that an attempt which dies can be repeated: the first attempt at a sheet is noted, and the ids
//! of its properties are made of that note and their lines. Whoever sends the sheet again within 30 days finds what is there, and
//! goes on with the rest.
//!
//! As many rows as fit are one transaction, and a sheet of more is several. Each is written with all that is counted of it, only if
//! the plan has room for it and for all that come after it, and only while no later attempt has begun: so two that are made at
//! once end as one. If the room is gone meanwhile, what is written of a sheet that was never whole is taken back, by this attempt
//! or by the next one.

use std::collections::HashMap;

use domain::plan::{Limited, Limits};
use domain::{PropertyId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::item::{
    ApplyError, Change, Consistency, Item, Key, TransactError, moment, number, read, text, ttl,
};
use crate::portfolio::Counting;
use crate::property::{AddError, Property, rewrite};
use crate::usage::{give_back, take};
use crate::{Table, TableError};

/// For how long a sheet is known again.
pub const KNOWN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many rows are one transaction: it has 100 parts at most, 4 MB, and besides each row what is counted of them all
/// and of their cities.
pub const AT_ONCE: usize = 40;
/// How many keys are looked for at once.
const KEYS_AT_ONCE: usize = 100;

/// What is known of a sheet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    begun_at: Timestamp,
    /// How often it was tried.
    attempts: u32,
    /// How many rows were never written yet; none of one that was whole once.
    left: usize,
}

/// A sheet that is being entered.
#[derive(Clone, Debug)]
pub struct Sheet {
    digest: [u8; 32],
    begun_at: Timestamp,
    /// Which attempt this is. No earlier one writes any more.
    attempt: u32,
    /// Whether all of it was there once. What has gone of it since was taken away by its landlord.
    was_whole: bool,
    /// Those of its properties that are there already.
    there: HashMap<PropertyId, Property>,
}

/// A row of a sheet.
#[derive(Clone, Debug)]
pub enum Row {
    /// A property that is to be entered.
    New(Property),
    /// One that is there, and is to be otherwise.
    Changed {
        /// As it was read.
        known: Box<Property>,
        /// As it is to be.
        new: Property,
    },
}

impl Row {
    /// The property as it is to be.
    #[must_use]
    pub fn property(&self) -> &Property {
        match self {
            Self::New(property) | Self::Changed { new: property, .. } => property,
        }
    }

    fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }
}

impl Sheet {
    /// The id of the property on a line: the same at each attempt. Those of the first lines are the newest.
    #[must_use]
    pub fn id(&self, line: u64) -> PropertyId {
        id(&self.digest, self.begun_at, line)
    }

    /// The property of this id, if an earlier attempt has entered it and it is there.
    #[must_use]
    pub fn there(&self, id: PropertyId) -> Option<&Property> {
        self.there.get(&id)
    }
}

fn id(digest: &[u8; 32], begun_at: Timestamp, line: u64) -> PropertyId {
    let hash = Sha256::digest([digest.as_slice(), &line.to_be_bytes()].concat());
    let millisecond = begun_at.as_millisecond().to_be_bytes();
    let from_the_end = u32::MAX - u32::try_from(line).unwrap_or(u32::MAX);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millisecond[2..]);
    bytes[6..10].copy_from_slice(&from_the_end.to_be_bytes());
    bytes[10..].copy_from_slice(&hash[..6]);
    PropertyId::from_bytes(bytes)
}

fn key(landlord: UserId, digest: &[u8; 32]) -> Key {
    Key::new(
        format!("USER#{landlord}"),
        format!("IMPORT#{}", hex::encode(digest)),
    )
}

/// The change that notes one more attempt at a sheet: the first one, or another within the time for which it is known.
fn one_more_attempt(key: Key, properties: usize, now: Timestamp) -> Change {
    let update = "SET entity = :entity, updatedAt = :now, createdAt = if_not_exists(createdAt, :now), \
                  begunAt = if_not_exists(begunAt, :now), #properties = :properties, #left = if_not_exists(#left, :properties), \
                  expiresAt = if_not_exists(expiresAt, :until), #ttl = if_not_exists(#ttl, :ttl) ADD attempts :one";
    noted(Change::new(key, update), properties, now).only_if("attribute_not_exists(PK) OR expiresAt > :now")
}

/// The change that notes the first attempt at a sheet that was known once, and is known no more.
fn first_attempt_again(key: Key, properties: usize, now: Timestamp) -> Change {
    let update = "SET entity = :entity, updatedAt = :now, createdAt = :now, begunAt = :now, #properties = :properties, #left = :properties, \
                  expiresAt = :until, #ttl = :ttl ADD attempts :one";
    noted(Change::new(key, update), properties, now).only_if("expiresAt <= :now")
}

fn noted(change: Change, properties: usize, now: Timestamp) -> Change {
    change
        .name("#properties", "properties")
        .name("#left", "left")
        .name("#ttl", "ttl")
        .value(":entity", text("Import"))
        .value(":now", moment(now))
        .value(":until", moment(now + KNOWN))
        .value(":ttl", ttl(now + KNOWN))
        .value(":properties", number(properties))
        .value(":one", number(1))
}

/// The part of a transaction that holds an attempt to be the latest, and notes how many rows are left then.
fn while_latest(landlord: UserId, sheet: &Sheet, left: usize) -> Change {
    let left = if sheet.was_whole { 0 } else { left };
    Change::new(key(landlord, &sheet.digest), "SET #left = :left")
        .only_if("attempts = :attempt")
        .name("#left", "left")
        .value(":left", number(left))
        .value(":attempt", number(sheet.attempt))
}

impl Table {
    /// Notes that a sheet is about to be entered, with properties on these lines; and looks which of them are there, if it was
    /// tried before.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn begin_import(
        &self,
        landlord: UserId,
        sheet: &[u8],
        lines: &[u64],
    ) -> Result<Sheet, TableError> {
        // To the millisecond, as it is noted and as ids are made of it.
        let now = self.clock.now();
        let digest: [u8; 32] = Sha256::digest(sheet).into();
        let key = || key(landlord, &digest);
        let item = match self.apply(one_more_attempt(key(), lines.len(), now)).await {
            Err(ApplyError::Condition(_)) => self.apply(first_attempt_again(key(), lines.len(), now)).await?,
            made => made?,
        };
        let note: Note = read(item)?;
        let mut sheet = Sheet {
            digest,
            begun_at: note.begun_at,
            attempt: note.attempts,
            was_whole: note.left == 0,
            there: HashMap::new(),
        };
        if note.attempts > 1 {
            let ids: Vec<PropertyId> = lines.iter().map(|line| sheet.id(*line)).collect();
            let there = self.properties_of_ids(landlord, &ids).await?;
            sheet.there = there.into_iter().map(|there| (there.id, there)).collect();
        }
        Ok(sheet)
    }

    /// Which of a landlord's properties have these ids.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn properties_of_ids(
        &self,
        landlord: UserId,
        ids: &[PropertyId],
    ) -> Result<Vec<Property>, TableError> {
        let mut found = Vec::new();
        for some in ids.chunks(KEYS_AT_ONCE) {
            let keys: Vec<Key> = some.iter().map(|id| Property::key(landlord, *id)).collect();
            let keys: Vec<&Key> = keys.iter().collect();
            let items = self.get_found(&keys, Consistency::Strong).await?;
            for item in items.into_values() {
                found.push(read(item)?);
            }
        }
        Ok(found)
    }

    /// Writes the rows of a sheet, or none if the plan has no room for all that are new: those that are not there yet, before
    /// those that are changed.
    ///
    /// # Errors
    /// [`AddError::Full`] if `limits` do not allow all of them; [`TableError::Conflict`] if somebody else changed one since
    /// it was read, or sent the same sheet. Some rows may be written then: the sheet is finished by sending it again.
    pub async fn import(
        &self,
        landlord: UserId,
        sheet: &Sheet,
        mut rows: Vec<Row>,
        limits: Limits,
    ) -> Result<(), AddError> {
        rows.retain(|row| !row.is_new() || sheet.there(row.property().id).is_none());
        rows.sort_by_key(|row| !row.is_new());
        let mut written: Vec<&Property> = Vec::new();
        if !sheet.was_whole {
            written.extend(sheet.there.values());
        }
        let new = rows.iter().filter(|row| row.is_new()).count();
        for (part, some) in rows.chunks(AT_ONCE).enumerate() {
            let behind = (part + 1) * AT_ONCE;
            let left = Left {
                rows: rows.len().saturating_sub(behind),
                new: new.saturating_sub(behind),
            };
            match self.import_at_once(landlord, sheet, some, left, limits).await {
                Ok(()) => written.extend(some.iter().filter(|row| row.is_new()).map(Row::property)),
                Err(AddError::Full) => {
                    for property in written {
                        self.take_back(landlord, sheet, property).await?;
                    }
                    return Err(AddError::Full);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes some rows if there is room for them and for those that are left.
    async fn import_at_once(
        &self,
        landlord: UserId,
        sheet: &Sheet,
        rows: &[Row],
        left: Left,
        limits: Limits,
    ) -> Result<(), AddError> {
        let mut counting = Counting::default();
        let mut parts = vec![self.change(while_latest(landlord, sheet, left.rows))?];
        let mut new = 0;
        for row in rows {
            match row {
                Row::New(property) => {
                    counting.change(None, Some(property));
                    parts.push(self.create(self.row(landlord, property)?)?);
                    new += 1;
                }
                Row::Changed { known, new } => {
                    counting.change(Some(known), Some(new));
                    parts.push(self.change(rewrite(landlord, known, new)?)?);
                }
            }
        }
        let account = parts.len();
        if new > 0 {
            let later = u32::try_from(left.new).unwrap_or(u32::MAX);
            let limits = Limits {
                units: limits.units.map(|units| units.saturating_sub(later)),
                ..limits
            };
            parts.push(self.change(take(landlord, Limited::Units, new, limits))?);
        }
        parts.extend(self.count(landlord, &counting)?);
        match self.transact(parts).await {
            Ok(()) => Ok(()),
            Err(TransactError::Condition(failed)) if new > 0 && failed.at(account) && !failed.at(0) => {
                Err(AddError::Full)
            }
            Err(error) => Err(TableError::from(error).into()),
        }
    }

    /// Deletes a property that a sheet has just entered, as if it had never been. One that somebody has changed or deleted
    /// by now is left to them.
    async fn take_back(
        &self,
        landlord: UserId,
        sheet: &Sheet,
        property: &Property,
    ) -> Result<(), TableError> {
        let version = Item::from([(":new".to_owned(), number(1))]);
        let mut parts = vec![
            self.change(while_latest(landlord, sheet, 1))?,
            self.delete_if(&Property::key(landlord, property.id), "version = :new", version)?,
            self.change(give_back(landlord, Limited::Units))?,
        ];
        parts.extend(self.count(landlord, &Counting::of(Some(property), None))?);
        match self.transact(parts).await {
            Ok(()) => Ok(()),
            Err(TransactError::Condition(failed)) if failed.at(1) && !failed.at(0) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// How many rows are still to be written after some.
#[derive(Clone, Copy, Debug)]
struct Left {
    rows: usize,
    /// Those of them that are new.
    new: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_sheet_have_ids_of_their_own_which_stay_the_same_and_sort_as_they_stand() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let of = |sheet, time, line| id(&[sheet; 32], at(time), line);
        let begun = "2026-03-01T00:00:00Z";
        let first = of(1, begun, 2);
        assert_eq!(first, of(1, begun, 2));
        assert_ne!(first, of(2, begun, 2));
        // Lists show the newest first.
        assert!(first > of(1, begun, 3));
        assert!(of(1, begun, 3) < of(1, "2026-03-01T00:00:00.001Z", 5000));
        assert!(first > PropertyId::generate(at("2026-02-28T23:59:59.999Z")).unwrap());
    }
}
