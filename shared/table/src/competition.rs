//! Competition sets, under the landlord who has them, and the competitors in them.
//!
//! What all competitors of a landlord ask is counted in one item, in the transaction that enters or removes one, so that no
//! summary reads them. The same item has the number of the last change of which properties are in which sets: whoever deletes or
//! restores a property looks at all sets, and does so under the condition that this number is still the same. So a property that is
//! deleted leaves its sets, and one that is restored comes back into them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::competition::{CompetitorDetails, SetDetails};
use domain::property::Whole;
use domain::{CompetitionSetId, CompetitorId, PropertyId, UserId};
use jiff::Timestamp;
use market::competition::Asked;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::error::failed;
use crate::item::{ApplyError, Change, Consistency, Item, Key, TransactError, attribute, number, read, text};
use crate::portfolio::{self, Portfolio};
use crate::property::{Property, RESTORABLE};
use crate::usage::{Counted, count_fewer, count_more};
use crate::{Table, TableError};

/// How many sets a landlord may have.
pub const SETS_AT_MOST: u32 = 50;
/// How many competitors a set may have. Deleting a set deletes them in one transaction, which has 100 parts at most.
pub const COMPETITORS_AT_MOST: u32 = 50;
/// How many deleted properties a set remembers, to take them back.
const AWAY_AT_MOST: usize = 50;
const SUMS: &str = "COMPETITION";
const SET: &str = "COMPETITION-SET#";

/// A competition set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompetitionSet {
    /// Its id.
    pub id: CompetitionSetId,
    /// What its landlord says of it.
    pub details: SetDetails,
    /// The properties that were in it when they were deleted, and since when they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    away: BTreeMap<PropertyId, Timestamp>,
    /// How many competitors it has.
    pub competitors: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it or its competitors were last changed.
    pub changed_at: Timestamp,
    /// How often it was changed itself; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    version: u32,
}

/// A home that competes, in a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Competitor {
    /// Its id, which is its set's and its address's: so that an address is in a set once.
    pub id: CompetitorId,
    /// What is known of it.
    pub details: CompetitorDetails,
    /// When it was entered.
    pub added_at: Timestamp,
    /// By which request it was entered, so that this one can be repeated.
    attempt: CompetitorId,
}

/// What is kept of all of a landlord's sets together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Competition {
    /// What the competitors ask that compete at present and of which it is known.
    pub asked: Asked,
    /// The number of the last change of which properties are in which sets.
    revision: u32,
}

/// All of a landlord's sets at a moment.
#[derive(Debug)]
pub(crate) struct Sets {
    revision: u32,
    sets: Vec<CompetitionSet>,
}

/// A set was not written.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The landlord has as many as there may be.
    #[error("there are {SETS_AT_MOST} competition sets")]
    Full,
    /// The properties at these places are not the landlord's.
    #[error("some properties are not there")]
    NotOwn(Vec<usize>),
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// A competitor was not written.
#[derive(Debug, thiserror::Error)]
pub enum CompetitorError {
    /// The landlord has no such set.
    #[error("there is no such competition set")]
    NoSet,
    /// The set has as many as there may be.
    #[error("there are {COMPETITORS_AT_MOST} competitors")]
    Full,
    /// The set has one of this address.
    #[error("there is a competitor of this address")]
    Duplicate,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl CompetitionSet {
    /// A new set.
    #[must_use]
    pub fn new(id: CompetitionSetId, details: SetDetails, now: Timestamp) -> Self {
        Self {
            id,
            details,
            away: BTreeMap::new(),
            competitors: 0,
            made_at: now,
            changed_at: now,
            version: 1,
        }
    }

    fn key(landlord: UserId, set: CompetitionSetId) -> Key {
        Key::new(format!("USER#{landlord}"), format!("{SET}{set}"))
    }

    /// As it is with these details from `now` on.
    fn with(&self, details: &SetDetails, now: Timestamp) -> Self {
        let mut away = self.away.clone();
        away.retain(|id, _| !details.own_property_ids.has(*id));
        Self {
            details: details.clone(),
            away,
            changed_at: now,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Without a property that is deleted, which it remembers; none if it was not in it.
    fn left_by(&self, property: PropertyId, now: Timestamp) -> Option<Self> {
        if !self.details.own_property_ids.has(property) {
            return None;
        }
        let mut set = self.clone();
        set.details.own_property_ids.remove(property);
        // Who cannot be restored any more does not come back.
        set.away.retain(|_, since| now < *since + RESTORABLE);
        if set.away.len() < AWAY_AT_MOST {
            set.away.insert(property, now);
        }
        set.version += 1;
        Some(set)
    }

    /// With a property that is restored; none if it was not in it.
    fn returned_to(&self, property: PropertyId) -> Option<Self> {
        let mut set = self.clone();
        set.away.remove(&property)?;
        set.details.own_property_ids.put_back(property);
        set.version += 1;
        Some(set)
    }
}

impl Competitor {
    /// A new competitor in a set, that the request of this `attempt` enters.
    #[must_use]
    pub fn new(
        set: CompetitionSetId,
        attempt: CompetitorId,
        details: CompetitorDetails,
        now: Timestamp,
    ) -> Self {
        let digest = Sha256::digest(format!("{set} {}", details.canonical_address()));
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self {
            id: CompetitorId::from_bytes(id),
            details,
            added_at: now,
            attempt,
        }
    }

    fn key(landlord: UserId, set: CompetitionSetId, competitor: CompetitorId) -> Key {
        Key::new(
            format!("USER#{landlord}"),
            format!("{}{competitor}", competitors_of(set)),
        )
    }

    /// Counts it, or takes it away from what is counted.
    pub fn count(&self, asked: &mut Asked, more: i64) {
        let bedrooms = self.details.bedrooms.map(Whole::get);
        let bedrooms = bedrooms.map(|bedrooms| u8::try_from(bedrooms).unwrap_or(u8::MAX));
        if let Some(rent) = self.details.asked() {
            asked.change(bedrooms, rent, more);
        }
    }
}

/// The prefix of the keys of a set's competitors.
fn competitors_of(set: CompetitionSetId) -> String {
    format!("COMPETITOR#{set}#")
}

fn key(landlord: UserId) -> Key {
    Key::new(format!("USER#{landlord}"), SUMS)
}

impl Competition {
    fn of(item: Item) -> Result<Self, TableError> {
        let sums: Map<String, Value> = read(item)?;
        let numbers = sums
            .iter()
            .filter_map(|(name, sum)| Some((name.as_str(), sum.as_i64()?)));
        let revision = sums.get("revision").and_then(Value::as_u64).unwrap_or_default();
        Ok(Self {
            asked: Asked::of_named(numbers),
            revision: u32::try_from(revision).unwrap_or_default(),
        })
    }
}

impl Table {
    /// Writes a set and counts it, all or nothing. One that is there already was written by an earlier attempt at the same
    /// request; the answer is then that one.
    ///
    /// # Errors
    /// [`SetError::Full`] if there are as many as there may be, [`SetError::NotOwn`] if a property in it is not the landlord's.
    pub async fn add_competition_set(
        &self,
        landlord: UserId,
        set: CompetitionSet,
    ) -> Result<CompetitionSet, SetError> {
        let key = CompetitionSet::key(landlord, set.id);
        let own = set.details.own_property_ids.ids();
        let mut parts = vec![
            self.create(self.item(&key, "CompetitionSet", &set)?)?,
            self.change(count_more(landlord, Counted::CompetitionSets, SETS_AT_MOST))?,
        ];
        parts.extend(self.are_own(landlord, own, None)?);
        match self.transact(parts).await {
            Ok(()) => Ok(set),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let earlier = self.competition_set(landlord, set.id).await?;
                Ok(earlier.ok_or(TableError::Conflict)?)
            }
            Err(TransactError::Condition(failed)) if failed.at(1) => Err(SetError::Full),
            Err(TransactError::Condition(failed)) => Err(SetError::NotOwn(
                (0..own.len()).filter(|place| failed.at(place + 2)).collect(),
            )),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// The parts of a transaction that hold these properties to be the landlord's, of a set that had those before; and that note
    /// that there is a change of which are in which sets.
    fn are_own(
        &self,
        landlord: UserId,
        own: &[PropertyId],
        before: Option<&CompetitionSet>,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let had = |id| before.is_some_and(|set| set.details.own_property_ids.has(id));
        let new = own.iter().filter(|id| !had(**id));
        let mut parts = new
            .map(|id| self.exists(&Property::key(landlord, *id)))
            .collect::<Result<Vec<_>, _>>()?;
        let same = before.map_or(own.is_empty(), |set| set.details.own_property_ids.ids() == own);
        if !same {
            let change = Change::new(
                key(landlord),
                "SET entity = :entity, updatedAt = :now ADD revision :one",
            )
            .value(":entity", text("Competition"))
            .value(":now", text(self.clock.now()))
            .value(":one", number(1));
            parts.push(self.change(change)?);
        }
        Ok(parts)
    }

    /// A landlord's set, if there is one of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn competition_set(
        &self,
        landlord: UserId,
        set: CompetitionSetId,
    ) -> Result<Option<CompetitionSet>, TableError> {
        self.get(&CompetitionSet::key(landlord, set), Consistency::Strong)
            .await
    }

    /// All of a landlord's sets, the one that was changed last first. There are never more than one query reads.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn competition_sets(&self, landlord: UserId) -> Result<Vec<CompetitionSet>, TableError> {
        let items = self.all_from(landlord, SET, Consistency::Eventual).await?;
        let mut sets: Vec<CompetitionSet> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        sets.sort_by_key(|set| std::cmp::Reverse((set.changed_at, set.id)));
        Ok(sets)
    }

    /// The competitors in a set, in the order in which they were entered. There are never more than one query reads.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn competitors(
        &self,
        landlord: UserId,
        set: CompetitionSetId,
    ) -> Result<Vec<Competitor>, TableError> {
        let prefix = competitors_of(set);
        let items = self.all_from(landlord, &prefix, Consistency::Strong).await?;
        let mut competitors: Vec<Competitor> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        competitors.sort_by_key(|competitor| (competitor.added_at, competitor.attempt));
        Ok(competitors)
    }

    /// What is kept of all of a landlord's sets together.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn competition(&self, landlord: UserId) -> Result<Competition, TableError> {
        let mut found = self.get_found(&[&key(landlord)], Consistency::Strong).await?;
        let item = found.remove(&key(landlord));
        item.map_or_else(|| Ok(Competition::default()), Competition::of)
    }

    /// What a landlord's competitors ask, what the landlord's own properties come to, and one of these, if one is asked for: all at
    /// one call, however many there are.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn competition_beside(
        &self,
        landlord: UserId,
        property: Option<PropertyId>,
    ) -> Result<(Competition, Portfolio, Option<Property>), TableError> {
        let (competition, portfolio) = (key(landlord), portfolio::key(landlord));
        let property = property.map(|property| Property::key(landlord, property));
        let keys: Vec<&Key> = [&competition, &portfolio].into_iter().chain(&property).collect();
        let mut found = self.get_found(&keys, Consistency::Eventual).await?;
        let asked = found.remove(&competition).map(Competition::of).transpose()?;
        let own = found.remove(&portfolio).into_iter().collect();
        let property = property.and_then(|property| found.remove(&property));
        Ok((
            asked.unwrap_or_default(),
            Portfolio::of(own)?,
            property.map(read).transpose()?,
        ))
    }

    async fn all_from(
        &self,
        landlord: UserId,
        prefix: &str,
        consistency: Consistency,
    ) -> Result<Vec<Item>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :landlord AND begins_with(SK, :prefix)")
            .expression_attribute_values(":landlord", text(format!("USER#{landlord}")))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(consistency == Consistency::Strong)
            .send()
            .await
            .map_err(failed)?;
        Ok(answer.items.unwrap_or_default())
    }

    /// Gives a set these details, if it still is the version that `known` is. The answer is the set as it is now, or none if
    /// somebody else changed or deleted it since it was read.
    ///
    /// # Errors
    /// [`SetError::NotOwn`] if a property that is new in it is not the landlord's.
    pub async fn change_competition_set(
        &self,
        landlord: UserId,
        known: &CompetitionSet,
        details: &SetDetails,
    ) -> Result<Option<CompetitionSet>, SetError> {
        let new = known.with(details, self.clock.now());
        let own = details.own_property_ids.ids();
        let checks = self.are_own(landlord, own, Some(known))?;
        let change = rewritten(landlord, known, &new)?;
        if checks.is_empty() {
            return match self.apply(change).await {
                Ok(item) => Ok(Some(read(item)?)),
                Err(ApplyError::Condition(_)) => Ok(None),
                Err(ApplyError::Other(error)) => Err(error.into()),
            };
        }
        let mut parts = vec![self.change(change)?];
        parts.extend(checks);
        match self.transact(parts).await {
            Ok(()) => Ok(Some(new)),
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(None),
            Err(TransactError::Condition(failed)) => {
                let had = |id| known.details.own_property_ids.has(id);
                let checked = own.iter().enumerate().filter(|(_, id)| !had(**id));
                Err(SetError::NotOwn(
                    checked
                        .enumerate()
                        .filter(|(part, _)| failed.at(part + 1))
                        .map(|(_, (place, _))| place)
                        .collect(),
                ))
            }
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// Deletes a set with all of its competitors, if both still are what is known, and counts that. `false` if somebody else changed
    /// something since they were read.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn delete_competition_set(
        &self,
        landlord: UserId,
        known: &CompetitionSet,
        competitors: &[Competitor],
    ) -> Result<bool, TableError> {
        let values = Item::from([
            (":known".to_owned(), number(known.version)),
            (":competitors".to_owned(), number(competitors.len())),
        ]);
        let set = CompetitionSet::key(landlord, known.id);
        let mut parts = vec![
            self.delete_if(&set, "version = :known AND competitors = :competitors", values)?,
            self.change(count_fewer(landlord, Counted::CompetitionSets))?,
        ];
        let mut asked = Asked::default();
        for competitor in competitors {
            competitor.count(&mut asked, -1);
            parts.push(self.removed(landlord, known.id, competitor)?);
        }
        parts.extend(self.counted(landlord, &asked)?);
        match self.transact(parts).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(_)) => Ok(false),
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// Enters a competitor into a set and counts it, all or nothing. One that is there already from an earlier attempt at the same
    /// request is the answer.
    ///
    /// # Errors
    /// [`CompetitorError`] says what stands in the way.
    pub async fn add_competitor(
        &self,
        landlord: UserId,
        set: CompetitionSetId,
        competitor: Competitor,
    ) -> Result<Competitor, CompetitorError> {
        let key = Competitor::key(landlord, set, competitor.id);
        let mut asked = Asked::default();
        competitor.count(&mut asked, 1);
        let one_more = self
            .one_more(landlord, set, 1)
            .only_if("attribute_exists(PK) AND competitors < :most")
            .value(":most", number(COMPETITORS_AT_MOST));
        let mut parts = vec![
            self.create(self.item(&key, "Competitor", &competitor)?)?,
            self.change(one_more)?,
            self.exists(&Account::key(landlord))?,
        ];
        parts.extend(self.counted(landlord, &asked)?);
        match self.transact(parts).await {
            Ok(()) => Ok(competitor),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let there: Option<Competitor> = self.get(&key, Consistency::Strong).await?;
                let there = there.ok_or(TableError::Conflict)?;
                let same_request = there.attempt == competitor.attempt;
                Some(there)
                    .filter(|_| same_request)
                    .ok_or(CompetitorError::Duplicate)
            }
            Err(TransactError::Condition(failed)) if failed.at(1) => {
                match self.competition_set(landlord, set).await? {
                    Some(_) => Err(CompetitorError::Full),
                    None => Err(CompetitorError::NoSet),
                }
            }
            Err(error) => Err(TableError::from(error).into()),
        }
    }

    /// A competitor in a set, if there is one of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn competitor(
        &self,
        landlord: UserId,
        set: CompetitionSetId,
        competitor: CompetitorId,
    ) -> Result<Option<Competitor>, TableError> {
        self.get(&Competitor::key(landlord, set, competitor), Consistency::Strong)
            .await
    }

    /// Removes a competitor from a set, if it still is the one that is known, and counts one fewer. `false` if somebody else
    /// removed it since it was read.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn remove_competitor(
        &self,
        landlord: UserId,
        set: CompetitionSetId,
        known: &Competitor,
    ) -> Result<bool, TableError> {
        let mut asked = Asked::default();
        known.count(&mut asked, -1);
        let one_fewer = self.one_more(landlord, set, -1).only_if("attribute_exists(PK)");
        let mut parts = vec![self.removed(landlord, set, known)?, self.change(one_fewer)?];
        parts.extend(self.counted(landlord, &asked)?);
        match self.transact(parts).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(_)) => Ok(false),
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    fn removed(
        &self,
        landlord: UserId,
        set: CompetitionSetId,
        known: &Competitor,
    ) -> Result<TransactWriteItem, TableError> {
        let attempt = Item::from([(":attempt".to_owned(), text(known.attempt))]);
        self.delete_if(
            &Competitor::key(landlord, set, known.id),
            "attempt = :attempt",
            attempt,
        )
    }

    fn one_more(&self, landlord: UserId, set: CompetitionSetId, more: i8) -> Change {
        Change::new(
            CompetitionSet::key(landlord, set),
            "SET changedAt = :now, updatedAt = :now ADD competitors :more",
        )
        .value(":now", text(self.clock.now()))
        .value(":more", number(more))
    }

    /// The part of a transaction that counts what is asked, if there is something to count.
    fn counted(&self, landlord: UserId, asked: &Asked) -> Result<Option<TransactWriteItem>, TableError> {
        if asked.is_nothing() {
            return Ok(None);
        }
        let named = asked.named();
        let terms: Vec<_> = (0..named.len()).map(|at| format!("#sum{at} :sum{at}")).collect();
        let update = format!("SET entity = :entity, updatedAt = :now ADD {}", terms.join(", "));
        let change = Change::new(key(landlord), update)
            .value(":entity", text("Competition"))
            .value(":now", text(self.clock.now()));
        let change = named
            .into_iter()
            .enumerate()
            .fold(change, |change, (at, (name, more))| {
                change
                    .name(format!("#sum{at}"), name)
                    .value(format!(":sum{at}"), number(more))
            });
        Ok(Some(self.change(change)?))
    }

    /// All of a landlord's sets, as they are at this moment.
    pub(crate) async fn sets_now(&self, landlord: UserId) -> Result<Sets, TableError> {
        let items = self.all_from(landlord, SUMS, Consistency::Strong).await?;
        let mut sets = Sets {
            revision: 0,
            sets: Vec::new(),
        };
        for item in items {
            if item.contains_key("details") {
                sets.sets.push(read(item)?);
            } else {
                sets.revision = Competition::of(item)?.revision;
            }
        }
        Ok(sets)
    }

    /// The parts of a transaction that take a property that is deleted out of the landlord's sets, if none has changed otherwise.
    pub(crate) fn leaves(
        &self,
        landlord: UserId,
        known: &Sets,
        property: PropertyId,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let now = self.clock.now();
        self.in_sets(landlord, known, |set| set.left_by(property, now))
    }

    /// The parts of a transaction that put a property that is restored back into the sets that it was in, if none has changed
    /// otherwise.
    pub(crate) fn returns(
        &self,
        landlord: UserId,
        known: &Sets,
        property: PropertyId,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        self.in_sets(landlord, known, |set| set.returned_to(property))
    }

    fn in_sets(
        &self,
        landlord: UserId,
        known: &Sets,
        become_of: impl Fn(&CompetitionSet) -> Option<CompetitionSet>,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let unchanged = match known.revision {
            0 => self.holds(&key(landlord), "attribute_not_exists(revision)", Item::new())?,
            known => {
                let known = Item::from([(":known".to_owned(), number(known))]);
                self.holds(&key(landlord), "revision = :known", known)?
            }
        };
        let mut parts = vec![unchanged];
        for set in &known.sets {
            if let Some(new) = become_of(set) {
                parts.push(self.change(rewritten(landlord, set, &new)?)?);
            }
        }
        Ok(parts)
    }
}

/// The change of the item of a set from what was known to what is new.
fn rewritten(landlord: UserId, known: &CompetitionSet, new: &CompetitionSet) -> Result<Change, TableError> {
    let change = Change::new(
        CompetitionSet::key(landlord, known.id),
        "SET details = :details, away = :away, changedAt = :now, updatedAt = :now ADD version :one",
    );
    Ok(change
        .only_if("version = :known")
        .value(":details", attribute(&new.details)?)
        .value(":away", attribute(&new.away)?)
        .value(":known", number(known.version))
        .value(":now", text(new.changed_at))
        .value(":one", number(1)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    fn id(number: u8) -> PropertyId {
        PropertyId::from_bytes([number; 16])
    }

    fn set(own: &[PropertyId]) -> CompetitionSet {
        let details = json!({ "name": "Midtown", "ownPropertyIds": own });
        let details = serde_json::from_value(details).unwrap();
        CompetitionSet::new(CompetitionSetId::from_bytes([9; 16]), details, at("2026-03-01"))
    }

    fn own(set: &CompetitionSet) -> &[PropertyId] {
        set.details.own_property_ids.ids()
    }

    #[test]
    fn a_property_that_is_deleted_leaves_its_set_and_comes_back_when_it_is_restored() {
        let two = set(&[id(1), id(2)]);
        assert_eq!(two.left_by(id(3), at("2026-03-02")), None);
        let one = two.left_by(id(1), at("2026-03-02")).unwrap();
        assert_eq!(own(&one), [id(2)]);
        assert_eq!(one.returned_to(id(2)), None);
        let again = one.returned_to(id(1)).unwrap();
        assert_eq!(own(&again), [id(2), id(1)]);
        assert!(again.away.is_empty() && again.version == 3);
    }

    #[test]
    fn who_was_put_back_by_hand_does_not_come_back_twice() {
        let one = set(&[id(1), id(2)]).left_by(id(1), at("2026-03-02")).unwrap();
        let by_hand = one.with(&set(&[id(1)]).details, at("2026-03-03"));
        assert_eq!(own(&by_hand), [id(1)]);
        assert_eq!(by_hand.returned_to(id(1)), None);
    }

    #[test]
    fn a_set_forgets_who_cannot_be_restored_any_more() {
        let one = set(&[id(1), id(2)]).left_by(id(1), at("2026-03-02")).unwrap();
        let none = one.left_by(id(2), at("2026-04-02")).unwrap();
        assert_eq!(none.away.keys().collect::<Vec<_>>(), [&id(2)]);
    }

    #[test]
    fn an_address_has_one_id_in_a_set_and_another_in_another() {
        let (one, other) = (
            CompetitionSetId::from_bytes([1; 16]),
            CompetitionSetId::from_bytes([2; 16]),
        );
        let competitor = |set, address: &str, attempt: u8| {
            let details = serde_json::from_value(json!({ "address": address })).unwrap();
            Competitor::new(
                set,
                CompetitorId::from_bytes([attempt; 16]),
                details,
                at("2026-03-01"),
            )
            .id
        };
        assert_eq!(competitor(one, "1 Oak Ave", 1), competitor(one, "1 OAK  ave", 2));
        assert_ne!(competitor(one, "1 Oak Ave", 1), competitor(one, "2 Oak Ave", 1));
        assert_ne!(competitor(one, "1 Oak Ave", 1), competitor(other, "1 Oak Ave", 1));
    }

    #[test]
    fn what_is_asked_reads_back_from_the_item_that_counts_it() {
        let item = json!({
            "PK": "USER#u", "SK": "COMPETITION", "entity": "Competition", "revision": 3,
            "homes:2:369": 2, "asked:2:369": 300_000, "homes:1:340": 0, "asked:1:340": 0,
        });
        let competition = Competition::of(serde_dynamo::to_item(item).unwrap()).unwrap();
        assert_eq!(competition.revision, 3);
        let figures = competition.asked.figures(None).unwrap();
        assert_eq!((figures.homes, figures.mean.hundredths()), (2, 150_000));
    }
}
