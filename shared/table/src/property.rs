//! Landlords' properties, under the landlord who has them. What is counted of them (in the account, by which the plan's limit
//! is held; in the portfolio; in each city) changes in the transaction that writes, changes, deletes or restores one.
//!
//! A property is in four indexes, one for each order in which a list may be wanted, so that a page reads what is on it and
//! nothing else. A deleted one lies apart from them, and can be restored until [`RESTORABLE`] has passed.

use std::fmt;
use std::str::FromStr;

use domain::listing::Place;
use domain::plan::{Limited, Limits};
use domain::property::{Details, LeaseDate, Occupancy};
use domain::{PropertyId, Rent, UserId};
use jiff::{SignedDuration, Timestamp};
use market::{Facts, Occupied, Risk, Unit};
use serde::{Deserialize, Serialize};

use crate::error::failed;
use crate::item::{
    ApplyError, Change, Consistency, Item, Key, TransactError, attribute, moment, number, read, text, ttl,
};
use crate::portfolio::{Counting, Month, day_of, sorted};
use crate::usage::{give_back, take};
use crate::{Table, TableError};

/// How long a deleted property can be restored.
pub const RESTORABLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many properties a query may read.
pub const READ_AT_MOST: u8 = 100;
/// How many bytes of a text an index is sorted by.
const SORTED_BY: usize = 64;

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
    /// The month from which on its risk is high if nothing changes but the time, as it was reckoned when it was last written:
    /// so it is counted in the portfolio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk_from: Option<Month>,
    /// When it was entered.
    pub added_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// When it was deleted, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// How often it was written; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    pub(crate) version: u32,
}

/// In which order a list is wanted, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Newest,
    /// By name.
    Name,
    /// By what it should let for, or else lets for; the lowest first.
    Rent,
    /// By city, and there by name; of one city, if one is named.
    City(Option<Place>),
    /// The longest vacant first; only some, if it is said which.
    Vacancy(Option<Living>),
}

/// Which properties, by whether somebody lives there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Living {
    /// Where nobody does, whatever for.
    Nobody,
    /// Exactly these.
    Exactly(Occupancy),
}

impl Living {
    /// Whether a property is one of these.
    #[must_use]
    pub fn includes(self, occupancy: Occupancy) -> bool {
        match self {
            Self::Nobody => occupancy != Occupancy::Occupied,
            Self::Exactly(wanted) => occupancy == wanted,
        }
    }
}

/// Which properties are to be read.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// In which order, and of which part.
    pub order: &'a Order,
    /// From the end of that order to its beginning.
    pub reversed: bool,
    /// How many.
    pub limit: u8,
    /// From the one behind this place.
    pub after: Option<Position>,
}

/// Where a property stands in an order: what a cursor is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    id: PropertyId,
    /// Its key in the order's index, if the order has one.
    sort: Option<String>,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sort {
            Some(sort) => write!(f, "{} {sort}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

impl FromStr for Position {
    type Err = domain::id::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, sort) = match text.split_once(' ') {
            Some((id, sort)) => (id, Some(sort.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            id: id.parse()?,
            sort,
        })
    }
}

/// Part of a list.
#[derive(Debug)]
pub struct Page {
    /// The properties.
    pub properties: Vec<Property>,
    /// Whether there are more behind them.
    pub more: bool,
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

/// What is known of the market around a property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// What such homes let for.
    pub rent: Option<Rent>,
    /// How many percent of the competition offer something on top.
    pub concessions: Option<u8>,
}

impl Property {
    /// A new property in a market of which this is known.
    #[must_use]
    pub fn new(id: PropertyId, details: Details, market: Around, now: Timestamp) -> Self {
        let property = Self {
            id,
            vacant_since: details.vacant_since(None, now),
            at_risk_from: None,
            details,
            added_at: now,
            changed_at: now,
            deleted_at: None,
            version: 1,
        };
        property.reckoned(market, now)
    }

    /// Whole days for which nobody has lived there at `now`.
    #[must_use]
    pub fn days_vacant(&self, now: Timestamp) -> u32 {
        let days = |since| now.duration_since(since).as_hours() / 24;
        u32::try_from(self.vacant_since.map_or(0, days)).unwrap_or_default()
    }

    /// Until when it can be restored, if it is deleted.
    #[must_use]
    pub fn restorable_until(&self) -> Option<Timestamp> {
        self.deleted_at.map(|at| at + RESTORABLE)
    }

    /// As it is with these details from `now` on.
    #[must_use]
    pub fn with(&self, details: &Details, market: Around, now: Timestamp) -> Self {
        let property = Self {
            vacant_since: details.vacant_since(Some((&self.details, self.vacant_since)), now),
            details: details.clone(),
            changed_at: now,
            version: self.version + 1,
            ..self.clone()
        };
        property.reckoned(market, now)
    }

    /// How many bedrooms it has, or its smallest unit.
    #[must_use]
    pub fn bedrooms(&self) -> Option<u8> {
        let bedrooms = self.details.bedrooms_min.or(self.details.bedrooms_max);
        bedrooms.and_then(|bedrooms| u8::try_from(bedrooms.get()).ok())
    }

    /// What bears on its risk, in a market of which this is known.
    #[must_use]
    pub fn facts(&self, market: Around, now: Timestamp) -> Facts {
        let details = &self.details;
        let occupied = match details.occupancy_status {
            Occupancy::Vacant => Occupied::No {
                days: self.days_vacant(now),
            },
            Occupancy::Occupied => Occupied::Yes {
                lease_ends: details.lease_end_date.map(LeaseDate::date),
                lease_began: details.lease_start_date.map(LeaseDate::date),
            },
            Occupancy::Pending => Occupied::Soon,
            Occupancy::Maintenance => Occupied::Closed,
        };
        Facts {
            occupied,
            rent: details.rent(),
            market: market.rent,
            concessions: market.concessions,
        }
    }

    /// The same in a market of which more is known.
    #[must_use]
    pub fn in_market(&self, market: Around, now: Timestamp) -> Self {
        self.clone().reckoned(market, now)
    }

    /// Its share in the sums of a portfolio.
    pub(crate) fn unit(&self) -> Unit {
        Unit::of(&self.details, self.vacant_since.map(day_of), None)
    }

    fn reckoned(self, market: Around, now: Timestamp) -> Self {
        let high_from = Risk::high_from(&self.facts(market, now), day_of(now));
        Self {
            at_risk_from: high_from.map(Month::of),
            ..self
        }
    }

    pub(crate) fn key(landlord: UserId, property: PropertyId) -> Key {
        Key::new(format!("USER#{landlord}"), format!("PROPERTY#{property}"))
    }

    fn deleted_key(landlord: UserId, property: PropertyId) -> Key {
        Key::new(format!("USER#{landlord}"), format!("DELETED-PROPERTY#{property}"))
    }

    /// Its keys in the four indexes.
    fn index_keys(&self) -> [(&'static str, String); 4] {
        INDEXES.map(|(index, key)| (index, key(self)))
    }
}

/// An index, and the key by which a property is sorted there.
type Index = (&'static str, fn(&Property) -> String);

/// One for each order.
const INDEXES: [Index; 4] = [
    ("GSI1", by_city),
    ("GSI2", by_vacancy),
    ("GSI3", by_name),
    ("GSI4", by_rent),
];

/// The beginning of a text, as it is sorted: without regard to the case, and without a key's separator.
fn beginning(text: &str) -> String {
    let mut beginning = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if beginning.len() + letter.len_utf8() > SORTED_BY {
            break;
        }
        beginning.push(if letter == '#' { ' ' } else { letter });
    }
    beginning
}

fn in_city(place: Option<&Place>) -> String {
    let place = place.map(sorted).unwrap_or_default();
    format!("CITY#{}#", beginning(&place))
}

fn by_city(property: &Property) -> String {
    let city = in_city(property.details.place().as_ref());
    format!(
        "{city}{}#{}",
        beginning(property.details.name.as_str()),
        property.id
    )
}

/// Those in which somebody lives come last.
const fn rank(occupancy: Occupancy) -> &'static str {
    match occupancy {
        Occupancy::Vacant => "1-vacant",
        Occupancy::Maintenance => "2-maintenance",
        Occupancy::Pending => "3-pending",
        Occupancy::Occupied => "4-occupied",
    }
}

fn by_vacancy(property: &Property) -> String {
    let since = property.vacant_since.map(moment);
    let since = since.as_ref().and_then(|since| since.as_s().ok());
    format!(
        "VACANCY#{}#{}#{}",
        rank(property.details.occupancy_status),
        since.map_or("-", String::as_str),
        property.id
    )
}

fn by_name(property: &Property) -> String {
    format!(
        "NAME#{}#{}",
        beginning(property.details.name.as_str()),
        property.id
    )
}

fn by_rent(property: &Property) -> String {
    let details = &property.details;
    let rent = details.target_rent.or(details.actual_rent);
    let hundredths = rent.map_or(0, Rent::hundredths);
    format!("RENT#{hundredths:08}#{}", property.id)
}

/// Where an order is read.
struct Range {
    /// The index and what it is sorted by; the table itself without one.
    index: Option<Index>,
    /// From this key on.
    from: String,
    /// To this one; or as far as keys begin with `from`.
    to: Option<&'static str>,
    ascending: bool,
}

impl Order {
    fn range(&self) -> Range {
        let [city, vacancy, name, rent] = INDEXES;
        let (index, from, to, ascending) = match self {
            Self::Newest => (None, "PROPERTY#".to_owned(), None, false),
            Self::Name => (Some(name), "NAME#".to_owned(), None, true),
            Self::Rent => (Some(rent), "RENT#".to_owned(), None, true),
            Self::City(None) => (Some(city), "CITY#".to_owned(), None, true),
            Self::City(Some(place)) => (Some(city), in_city(Some(place)), None, true),
            Self::Vacancy(None) => (Some(vacancy), "VACANCY#".to_owned(), None, true),
            Self::Vacancy(Some(Living::Nobody)) => {
                (Some(vacancy), "VACANCY#1".to_owned(), Some("VACANCY#4"), true)
            }
            Self::Vacancy(Some(Living::Exactly(occupancy))) => (
                Some(vacancy),
                format!("VACANCY#{}#", rank(*occupancy)),
                None,
                true,
            ),
        };
        Range {
            index,
            from,
            to,
            ascending,
        }
    }

    /// Puts properties into this order, or into its reverse; of them, only those behind this place.
    pub fn arrange(&self, properties: &mut Vec<Property>, reversed: bool, after: Option<&Position>) {
        let ascending = self.range().ascending != reversed;
        let place = |position: &Position| (position.sort.clone(), position.id);
        properties.sort_by_cached_key(|property| place(&self.position(property)));
        if !ascending {
            properties.reverse();
        }
        if let Some(after) = after.map(place) {
            properties.retain(|property| {
                let place = place(&self.position(property));
                if ascending { place > after } else { place < after }
            });
        }
    }

    /// Where a property stands in this order.
    #[must_use]
    pub fn position(&self, property: &Property) -> Position {
        let index = self.range().index;
        Position {
            id: property.id,
            sort: index.map(|(_, key)| key(property)),
        }
    }
}

impl Table {
    /// The item of a property that is there.
    pub(crate) fn row(&self, landlord: UserId, property: &Property) -> Result<Item, TableError> {
        let mut item = self.item(&Property::key(landlord, property.id), "Property", property)?;
        item.insert("version".to_owned(), number(property.version));
        for (index, key) in property.index_keys() {
            item.insert(format!("{index}PK"), text(format!("USER#{landlord}")));
            item.insert(format!("{index}SK"), text(key));
        }
        Ok(item)
    }

    /// Writes a property and counts it, all or nothing. One that is there already was written by an earlier attempt at
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
        let mut parts = vec![
            self.create(self.row(landlord, &property)?)?,
            self.change(take(landlord, Limited::Units, 1, limits))?,
        ];
        parts.extend(self.count(landlord, &Counting::of(None, Some(&property)))?);
        match self.transact(parts).await {
            Ok(()) => Ok(property),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let earlier = self.property(landlord, property.id).await?;
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

    /// Some of a landlord's properties, with one query that reads no others.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn properties(&self, landlord: UserId, wish: &Wish<'_>) -> Result<Page, TableError> {
        let range = wish.order.range();
        let partition = format!("USER#{landlord}");
        let after = wish.after.as_ref().map(|position| {
            let mut key = Property::key(landlord, position.id).attributes();
            if let (Some((index, _)), Some(sort)) = (range.index, &position.sort) {
                key.insert(format!("{index}PK"), text(&partition));
                key.insert(format!("{index}SK"), text(sort));
            }
            key
        });
        let (index, names) = match range.index {
            Some((index, _)) => (Some(index), [format!("{index}PK"), format!("{index}SK")]),
            None => (None, ["PK".to_owned(), "SK".to_owned()]),
        };
        let [partition_name, sort_name] = names;
        let within = match range.to {
            Some(_) => "#sort BETWEEN :from AND :to",
            None => "begins_with(#sort, :from)",
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(format!("#partition = :partition AND {within}"))
            .expression_attribute_names("#partition", partition_name)
            .expression_attribute_names("#sort", sort_name)
            .expression_attribute_values(":partition", text(&partition))
            .expression_attribute_values(":from", text(&range.from))
            .scan_index_forward(range.ascending != wish.reversed)
            .limit(i32::from(wish.limit.clamp(1, READ_AT_MOST)))
            .set_exclusive_start_key(after);
        if let Some(to) = range.to {
            query = query.expression_attribute_values(":to", text(to));
        }
        let answer = query.send().await.map_err(failed)?;
        let items = answer.items.unwrap_or_default();
        Ok(Page {
            properties: items.into_iter().map(read).collect::<Result<_, _>>()?,
            more: answer.last_evaluated_key.is_some(),
        })
    }

    /// Gives a property these details, if it still is the version that `known` is, and counts what that changes.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn change_property(
        &self,
        landlord: UserId,
        known: &Property,
        details: &Details,
        market: Around,
    ) -> Result<Changed, TableError> {
        let now = self.clock.now();
        let new = known.with(details, market, now);
        let counting = Counting::of(Some(known), Some(&new));
        let change = rewrite(landlord, known, &new)?;
        if counting.is_nothing() {
            return match self.apply(change).await {
                Ok(item) => Ok(Changed::Now(Box::new(read(item)?))),
                Err(ApplyError::Condition(_)) => Ok(Changed::Outdated),
                Err(ApplyError::Other(error)) => Err(error),
            };
        }
        let mut parts = vec![self.change(change)?];
        parts.extend(self.count(landlord, &counting)?);
        match self.transact(parts).await {
            Ok(()) => Ok(Changed::Now(Box::new(new))),
            Err(TransactError::Condition(_)) => Ok(Changed::Outdated),
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// Deletes a property that still is the version that `known` is, takes it out of its competition sets and counts one fewer, all
    /// or nothing. It can be restored for a while. `false` if somebody else changed or deleted it since it was read, or changed which
    /// properties are in which sets.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn delete_property(&self, landlord: UserId, known: &Property) -> Result<bool, TableError> {
        let now = self.clock.now();
        let deleted = Property {
            deleted_at: Some(now),
            ..known.clone()
        };
        let key = Property::deleted_key(landlord, known.id);
        let mut item = self.item(&key, "DeletedProperty", &deleted)?;
        item.insert("version".to_owned(), number(known.version));
        item.insert("ttl".to_owned(), ttl(now + RESTORABLE));
        let version = Item::from([(":known".to_owned(), number(known.version))]);
        let sets = self.sets_now(landlord).await?;
        let mut parts = vec![
            self.delete_if(&Property::key(landlord, known.id), "version = :known", version)?,
            self.replace(item)?,
            self.change(give_back(landlord, Limited::Units))?,
        ];
        let own = parts.len();
        parts.extend(self.leaves(landlord, &sets, known.id)?);
        let known_to_sets = parts.len();
        parts.extend(self.count(landlord, &Counting::of(Some(known), None))?);
        match self.transact(parts).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(failed))
                if failed.at(0) || (own..known_to_sets).any(|part| failed.at(part)) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A property that its landlord has deleted, if it can be restored.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn deleted_property(
        &self,
        landlord: UserId,
        property: PropertyId,
    ) -> Result<Option<Property>, TableError> {
        let key = Property::deleted_key(landlord, property);
        let deleted: Option<Property> = self.get(&key, Consistency::Strong).await?;
        let now = self.clock.now();
        Ok(deleted.filter(|deleted| is_restorable(deleted, now)))
    }

    /// The properties that a landlord has deleted and can restore, the newest first, from the one behind `after`; and the last
    /// that was looked at, if there may be more behind it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn deleted_properties(
        &self,
        landlord: UserId,
        limit: u8,
        after: Option<PropertyId>,
    ) -> Result<(Vec<Property>, Option<PropertyId>), TableError> {
        let after = after.map(|property| Property::deleted_key(landlord, property));
        let (items, more) = self
            .newest_first(landlord, "DELETED-PROPERTY#", limit, after)
            .await?;
        let mut deleted: Vec<Property> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        let next = deleted.last().map(|property| property.id).filter(|_| more);
        let now = self.clock.now();
        deleted.retain(|property| is_restorable(property, now));
        Ok((deleted, next))
    }

    /// Restores a deleted property as it was, puts it back into the competition sets that it was in, and counts it, all or
    /// nothing. Days for which it was deleted are days on which nobody lived there, if nobody did before.
    ///
    /// # Errors
    /// [`AddError::Full`] if `limits` do not allow one more, [`TableError::Conflict`] if somebody else restored it, it was
    /// forgotten since it was read, or somebody changed which properties are in which sets.
    pub async fn restore_property(
        &self,
        landlord: UserId,
        deleted: &Property,
        limits: Limits,
    ) -> Result<Property, AddError> {
        let restored = Property {
            deleted_at: None,
            version: deleted.version + 1,
            ..deleted.clone()
        };
        let sets = self.sets_now(landlord).await?;
        let mut parts = vec![
            self.delete(&Property::deleted_key(landlord, deleted.id))?,
            self.create(self.row(landlord, &restored)?)?,
            self.change(take(landlord, Limited::Units, 1, limits))?,
        ];
        let own = parts.len();
        parts.extend(self.returns(landlord, &sets, deleted.id)?);
        let known_to_sets = parts.len();
        parts.extend(self.count(landlord, &Counting::of(None, Some(&restored)))?);
        match self.transact(parts).await {
            Ok(()) => Ok(restored),
            Err(TransactError::Condition(failed)) if failed.at(1) => {
                // Its sheet was sent again, and has entered it anew.
                let there = self.property(landlord, deleted.id).await?;
                Ok(there.ok_or(TableError::Conflict)?)
            }
            Err(TransactError::Condition(failed))
                if failed.at(0) || (own..known_to_sets).any(|part| failed.at(part)) =>
            {
                Err(TableError::Conflict.into())
            }
            Err(TransactError::Condition(_)) => Err(AddError::Full),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }
}

/// Whether it can still be restored, whether or not DynamoDB has found the time to forget it.
fn is_restorable(deleted: &Property, now: Timestamp) -> bool {
    deleted.restorable_until().is_some_and(|until| now < until)
}

/// The change of the item of a property from what was known to what is new.
pub(crate) fn rewrite(landlord: UserId, known: &Property, new: &Property) -> Result<Change, TableError> {
    let mut set = "SET details = :details, changedAt = :now, updatedAt = :now".to_owned();
    let keys = new.index_keys();
    for (index, _) in &keys {
        set.push_str(&format!(", {index}SK = :{index}"));
    }
    let known_or_not = [
        ("vacantSince", new.vacant_since.map(text)),
        ("atRiskFrom", new.at_risk_from.map(text)),
    ];
    let mut removed = Vec::new();
    for (attribute, value) in &known_or_not {
        match value {
            Some(_) => set.push_str(&format!(", {attribute} = :{attribute}")),
            None => removed.push(*attribute),
        }
    }
    if !removed.is_empty() {
        set.push_str(&format!(" REMOVE {}", removed.join(", ")));
    }
    let mut change = Change::new(
        Property::key(landlord, known.id),
        format!("{set} ADD version :one"),
    )
    .only_if("version = :known")
    .value(":details", attribute(&new.details)?)
    .value(":known", number(known.version))
    .value(":now", text(new.changed_at))
    .value(":one", number(1));
    for (attribute, value) in known_or_not {
        if let Some(value) = value {
            change = change.value(format!(":{attribute}"), value);
        }
    }
    for (index, key) in keys {
        change = change.value(format!(":{index}"), text(key));
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn property(name: &str, more: &serde_json::Value) -> Property {
        let mut details =
            json!({ "name": name, "address": "12 Elm St", "city": "Saint Paul", "state": "MN" });
        let fields = more.as_object().unwrap().clone();
        details.as_object_mut().unwrap().extend(fields);
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        Property::new(
            PropertyId::from_bytes([1; 16]),
            serde_json::from_value(details).unwrap(),
            Around::default(),
            now,
        )
    }

    #[test]
    fn a_property_stands_in_each_order_by_what_that_order_is_about() {
        let elm = property("Elm #4", &json!({ "targetRent": 1450.5 }));
        let id = elm.id;
        assert_eq!(
            elm.index_keys().map(|(_, key)| key),
            [
                format!("CITY#saint paul/mn#elm  4#{id}"),
                format!("VACANCY#1-vacant#2026-03-01T00:00:00.000Z#{id}"),
                format!("NAME#elm  4#{id}"),
                format!("RENT#00145050#{id}"),
            ]
        );
        let oak = property(
            "Oak",
            &json!({ "occupancyStatus": "occupied", "actualRent": 900 }),
        );
        assert_eq!(by_vacancy(&oak), format!("VACANCY#4-occupied#-#{id}"));
        assert_eq!(by_rent(&oak), format!("RENT#00090000#{id}"));
    }

    #[test]
    fn where_nobody_lives_is_a_range_without_those_where_somebody_does() {
        let range = Order::Vacancy(Some(Living::Nobody)).range();
        for status in ["vacant", "maintenance", "pending", "occupied"] {
            let key = by_vacancy(&property("Elm", &json!({ "occupancyStatus": status })));
            let within = key.as_str() >= range.from.as_str() && key.as_str() <= range.to.unwrap();
            assert_eq!(within, status != "occupied", "{key}");
        }
    }

    #[test]
    fn properties_are_put_into_any_order_and_go_on_behind_a_place() {
        let named = |name: &str, id: u8, rent: u32| Property {
            id: PropertyId::from_bytes([id; 16]),
            ..property(name, &json!({ "targetRent": rent }))
        };
        let all = [named("Elm", 1, 900), named("Ash", 2, 1200), named("Oak", 3, 100)];
        let names = |order: &Order, reversed, after: Option<&Property>| {
            let mut some = all.to_vec();
            let after = after.map(|property| order.position(property));
            order.arrange(&mut some, reversed, after.as_ref());
            some.iter()
                .map(|it| it.details.name.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&Order::Newest, false, None), ["Oak", "Ash", "Elm"]);
        assert_eq!(names(&Order::Newest, true, Some(&all[0])), ["Ash", "Oak"]);
        assert_eq!(names(&Order::Name, false, None), ["Ash", "Elm", "Oak"]);
        assert_eq!(names(&Order::Name, true, Some(&all[0])), ["Ash"]);
        assert_eq!(names(&Order::Rent, false, Some(&all[0])), ["Ash"]);
        assert_eq!(names(&Order::Rent, false, Some(&all[1])), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_name_breaks_a_key_and_a_place_in_an_order_fits_into_a_cursor(
            name in "\\PC{1,500}", city in "[\\p{L}]{1,100}",
        ) {
            prop_assume!(!name.trim().is_empty());
            let elm = property(&name, &json!({ "city": city }));
            for (_, key) in elm.index_keys() {
                let parts: Vec<&str> = key.split('#').collect();
                prop_assert!(parts.len() <= 4 && parts.iter().all(|part| !part.is_empty()), "{}", key);
            }
            for order in [Order::Newest, Order::Name, Order::Rent, Order::City(None), Order::Vacancy(None)] {
                let position = order.position(&elm);
                // A cursor has 512 characters at most: 16 bytes authenticate it, and each is written as two letters.
                prop_assert!(position.to_string().len() <= 240);
                prop_assert_eq!(position.to_string().parse::<Position>().unwrap(), position);
            }
        }
    }
}
