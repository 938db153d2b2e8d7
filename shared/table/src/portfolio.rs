//! What a landlord's properties come to together: one item with all sums, one for each city with how many are there, and one for
//! each day with what it changed of the sums. Each property has its share in every number, which is said by its item alone; so
//! they are kept by adding the share that it has now and taking away the one it had before, in the transaction that changes it, and
//! are those of a recount at every moment. The sums at the end of a day are those of now without what later days changed.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::UserId;
use domain::listing::Place;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use market::Totals;
use market::competition::{Pile, Rooms};
use market::trend::Since;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::failed;
use crate::item::{Change, Item, Key, attribute, number, read, text, ttl};
use crate::property::Property;
use crate::{Table, TableError};

/// Begins the attribute that counts the properties whose risk is high from some day of a month on.
const AT_RISK: &str = "atRiskFrom:";
/// Begin the attributes that count the properties of so many bedrooms whose rent is known, and sum their rents.
const HOMES_OF: &str = "homesOf:";
const RENTS_OF: &str = "rentsOf:";
const SUMS: &str = "PORTFOLIO";
const DAY: &str = "PORTFOLIO#";
/// Behind every day, and before every city.
const DAYS_END: &str = "PORTFOLIO#9";
const CITY: &str = "PORTFOLIO-CITY#";
/// For how long it is kept what a day changed: longer than a month.
const DAYS_KEPT: SignedDuration = SignedDuration::from_hours(40 * 24);

/// The day of a moment, by the clock that times are kept in.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A month of a year: `2026-08`. Before 2000 there is only the first of that year, after 2099 only the last, so that
/// whatever dates people type there are not more than these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Month {
    year: i16,
    month: i8,
}

/// A text is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a month such as 2026-08")]
pub struct MonthError;

impl Month {
    const FIRST: Self = Self { year: 2000, month: 1 };
    const LAST: Self = Self {
        year: 2099,
        month: 12,
    };

    /// The month in which a day lies.
    #[must_use]
    pub fn of(day: Date) -> Self {
        let (year, month) = (day.year(), day.month());
        Self { year, month }.clamp(Self::FIRST, Self::LAST)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let day: Date = format!("{text}-01").parse().map_err(|_| MonthError)?;
        let month = Self::of(day);
        (month.to_string() == text).then_some(month).ok_or(MonthError)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = MonthError;

    fn try_from(text: String) -> Result<Self, MonthError> {
        text.parse()
    }
}

/// How many more properties there are in a city, or fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InCity {
    /// The city.
    pub place: Place,
    /// How many more.
    pub more: i64,
}

/// What becomes of what is counted when properties change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counting {
    /// Of the sums.
    pub totals: Totals,
    /// Of how many are at high risk from a month on.
    pub at_risk: BTreeMap<Month, i64>,
    /// Of what they let for or should, by bedrooms.
    pub rents: BTreeMap<Rooms, Pile>,
    /// Of how many there are in each city, by the city's canonical name.
    pub cities: BTreeMap<String, InCity>,
}

impl Counting {
    /// By a property that was `before`, if it was there, and is `after`, if it is there.
    #[must_use]
    pub fn of(before: Option<&Property>, after: Option<&Property>) -> Self {
        let mut counting = Self::default();
        counting.change(before, after);
        counting
    }

    /// And by this one.
    pub fn change(&mut self, before: Option<&Property>, after: Option<&Property>) {
        let unit = |property: &Property| property.unit();
        let change = Totals::change(before.map(unit).as_ref(), after.map(unit).as_ref());
        self.totals = self.totals.plus(change);
        for (property, more) in [(after, 1), (before, -1)] {
            let Some(property) = property else { continue };
            if let Some(month) = property.at_risk_from {
                *self.at_risk.entry(month).or_default() += more;
            }
            if let Some(rent) = property.details.rent() {
                let rents = self.rents.entry(Rooms::of(property.bedrooms())).or_default();
                *rents = rents.plus(Pile::one(rent, more));
            }
            if let Some(place) = property.details.place() {
                let city = self.cities.entry(place.canonical());
                city.or_insert(InCity { place, more: 0 }).more += more;
            }
        }
        self.at_risk.retain(|_, more| *more != 0);
        self.rents.retain(|_, rents| *rents != Pile::default());
        self.cities.retain(|_, city| city.more != 0);
    }

    /// Whether nothing that is counted changes.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What a landlord's properties come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portfolio {
    /// The sums.
    pub totals: Totals,
    /// How many are at high risk from a month on.
    pub at_risk: BTreeMap<Month, i64>,
    /// What they let for or should, by bedrooms.
    pub rents: BTreeMap<Rooms, Pile>,
    /// What each of the last days changed of the sums.
    days: BTreeMap<Date, Totals>,
}

/// What a day changed of the sums.
#[derive(Debug, Deserialize)]
struct Day {
    day: Date,
    #[serde(flatten)]
    totals: Totals,
}

/// How many properties there are in a city.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CityCount {
    /// The city.
    pub place: Place,
    /// How many properties.
    pub units: u32,
}

/// A city as it is sorted: by its name, whatever the case.
pub(crate) fn sorted(place: &Place) -> String {
    format!("{}/{}", place.city().to_lowercase(), place.state())
}

pub(crate) fn key(landlord: UserId) -> Key {
    Key::new(format!("USER#{landlord}"), SUMS)
}

fn day_key(landlord: UserId, day: Date) -> Key {
    Key::new(format!("USER#{landlord}"), format!("{DAY}{day}"))
}

fn city_key(landlord: UserId, place: &Place) -> Key {
    Key::new(format!("USER#{landlord}"), format!("{CITY}{}", sorted(place)))
}

impl Portfolio {
    /// How many are at high risk on a day, or will be before its month is over.
    #[must_use]
    pub fn at_risk_on(&self, today: Date) -> i64 {
        self.at_risk
            .range(..=Month::of(today))
            .map(|(_, properties)| properties)
            .sum()
    }

    /// The sums at the end of the day that was a month before `today`.
    #[must_use]
    pub fn a_month_ago(&self, today: Date) -> Totals {
        let later = (Bound::Excluded(Since::Month.day(today)), Bound::Unbounded);
        self.days
            .range(later)
            .fold(self.totals, |totals, (_, change)| totals.minus(*change))
    }

    pub(crate) fn of(items: Vec<Item>) -> Result<Self, TableError> {
        let mut portfolio = Self::default();
        for item in items {
            if item.contains_key("day") {
                let Day { day, totals } = read(item)?;
                portfolio.days.insert(day, totals);
                continue;
            }
            let sums: Map<String, Value> = read(item)?;
            let of_month = |(name, number): (&String, &Value)| {
                let month = name.strip_prefix(AT_RISK)?.parse().ok()?;
                Some((month, number.as_i64()?))
            };
            portfolio.at_risk = sums.iter().filter_map(of_month).collect();
            portfolio.at_risk.retain(|_, number| *number != 0);
            portfolio.rents = of_rents(&sums);
            portfolio.totals = serde_json::from_value(Value::Object(sums))
                .map_err(|error| TableError::Corrupt(format!("a portfolio: {error}")))?;
        }
        Ok(portfolio)
    }
}

impl Table {
    /// What a landlord's properties come to, to the moment.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn portfolio(&self, landlord: UserId) -> Result<Portfolio, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :landlord AND SK BETWEEN :sums AND :end")
            .expression_attribute_values(":landlord", text(format!("USER#{landlord}")))
            .expression_attribute_values(":sums", text(SUMS))
            .expression_attribute_values(":end", text(DAYS_END))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        Portfolio::of(answer.items.unwrap_or_default())
    }

    /// In which cities a landlord's properties are, by name. One query reads some thousands, which is all of them.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn portfolio_cities(&self, landlord: UserId) -> Result<Vec<CityCount>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :landlord AND begins_with(SK, :city)")
            .expression_attribute_values(":landlord", text(format!("USER#{landlord}")))
            .expression_attribute_values(":city", text(CITY))
            .send()
            .await
            .map_err(failed)?;
        let items = answer.items.unwrap_or_default();
        let mut cities: Vec<CityCount> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        cities.retain(|city| city.units > 0);
        Ok(cities)
    }

    /// The parts of a transaction that count this.
    pub(crate) fn count(
        &self,
        landlord: UserId,
        counting: &Counting,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let mut parts = Vec::new();
        let (totals, months) = (of_totals(counting), of_months(counting));
        let rents = of_bedrooms(counting);
        if !totals.is_empty() {
            parts.push(self.change(self.of_today(landlord, totals.clone()))?);
        }
        let sums = [totals, months, rents].concat();
        if !sums.is_empty() {
            let change = Change::new(key(landlord), adding(&sums, ""))
                .value(":entity", text("Portfolio"))
                .value(":now", text(self.clock.now()));
            parts.push(self.change(with_added(change, sums))?);
        }
        for city in counting.cities.values() {
            parts.push(self.change(in_city(landlord, city)?)?);
        }
        Ok(parts)
    }

    /// The change of what today changes of the sums.
    fn of_today(&self, landlord: UserId, totals: Vec<(String, i64)>) -> Change {
        let now = self.clock.now();
        let today = day_of(now);
        let change = Change::new(
            day_key(landlord, today),
            adding(&totals, ", #day = :day, #ttl = :ttl"),
        )
        .name("#day", "day")
        .name("#ttl", "ttl")
        .value(":entity", text("PortfolioDay"))
        .value(":now", text(now))
        .value(":day", text(today))
        .value(":ttl", ttl(now + DAYS_KEPT));
        with_added(change, totals)
    }
}

/// What is added to which sum.
fn of_totals(counting: &Counting) -> Vec<(String, i64)> {
    let totals = counting.totals.named().into_iter();
    totals
        .filter(|(_, more)| *more != 0)
        .map(|(name, more)| (name.to_owned(), more))
        .collect()
}

/// What is added to which count of those at high risk from a month on.
fn of_months(counting: &Counting) -> Vec<(String, i64)> {
    let months = counting.at_risk.iter();
    months
        .map(|(month, more)| (format!("{AT_RISK}{month}"), *more))
        .collect()
}

/// What is added to which count and sum of those with so many bedrooms.
fn of_bedrooms(counting: &Counting) -> Vec<(String, i64)> {
    let rents = counting.rents.iter();
    rents
        .flat_map(|(rooms, rents)| {
            [
                (format!("{HOMES_OF}{rooms}"), rents.homes),
                (format!("{RENTS_OF}{rooms}"), rents.asked),
            ]
        })
        .filter(|(_, more)| *more != 0)
        .collect()
}

/// What the sums say of rents, by bedrooms.
fn of_rents(sums: &Map<String, Value>) -> BTreeMap<Rooms, Pile> {
    let mut rents: BTreeMap<Rooms, Pile> = BTreeMap::new();
    for (name, sum) in sums {
        let sum = sum.as_i64().unwrap_or_default();
        let (rooms, pile) = if let Some(rooms) = name.strip_prefix(HOMES_OF) {
            (rooms, Pile { homes: sum, asked: 0 })
        } else if let Some(rooms) = name.strip_prefix(RENTS_OF) {
            (rooms, Pile { homes: 0, asked: sum })
        } else {
            continue;
        };
        if let Ok(rooms) = rooms.parse() {
            let all = rents.entry(rooms).or_default();
            *all = all.plus(pile);
        }
    }
    rents.retain(|_, rents| *rents != Pile::default());
    rents
}

/// The expression that sets the envelope, and what else it is told to, and adds these.
fn adding(added: &[(String, i64)], also: &str) -> String {
    let terms: Vec<String> = (0..added.len())
        .map(|position| format!("#sum{position} :sum{position}"))
        .collect();
    format!(
        "SET entity = :entity, updatedAt = :now{also} ADD {}",
        terms.join(", ")
    )
}

fn with_added(mut change: Change, added: Vec<(String, i64)>) -> Change {
    for (position, (name, more)) in added.into_iter().enumerate() {
        change = change
            .name(format!("#sum{position}"), name)
            .value(format!(":sum{position}"), number(more));
    }
    change
}

fn in_city(landlord: UserId, city: &InCity) -> Result<Change, TableError> {
    let update = "SET place = if_not_exists(place, :place), entity = :entity ADD units :more";
    Ok(Change::new(city_key(landlord, &city.place), update)
        .value(":place", attribute(&city.place)?)
        .value(":entity", text("PortfolioCity"))
        .value(":more", number(city.more)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn months_stay_within_a_century() {
        let month = |text: &str| Month::of(day(text)).to_string();
        assert_eq!(month("1950-05-05"), "2000-01");
        assert_eq!(month("2026-08-31"), "2026-08");
        assert_eq!(month("2150-05-05"), "2099-12");
        for text in ["", "2026", "2026-13", "1999-12", "2026-08-01", "26-08"] {
            assert_eq!(text.parse::<Month>(), Err(MonthError), "{text}");
        }
    }

    fn portfolio(items: &[Value]) -> Portfolio {
        let items = items.iter().map(|item| serde_dynamo::to_item(item).unwrap());
        Portfolio::of(items.collect()).unwrap()
    }

    #[test]
    fn the_sums_of_a_month_ago_are_those_of_now_without_what_was_changed_since() {
        let portfolio = portfolio(&[
            json!({ "PK": "USER#u", "SK": "PORTFOLIO", "entity": "Portfolio", "units": 3, "revenue": 250_000 }),
            json!({ "PK": "USER#u", "SK": "PORTFOLIO#2026-10-24", "day": "2026-10-24", "units": 1, "revenue": 70_000 }),
            json!({ "PK": "USER#u", "SK": "PORTFOLIO#2026-10-25", "day": "2026-10-25", "revenue": 30_000 }),
            json!({ "PK": "USER#u", "SK": "PORTFOLIO#2026-11-24", "day": "2026-11-24", "units": 1, "revenue": 50_000 }),
        ]);
        let before = |text| {
            let totals = portfolio.a_month_ago(day(text));
            (totals.units, totals.revenue)
        };
        assert_eq!(before("2026-11-23"), (1, 100_000));
        assert_eq!(before("2026-11-24"), (2, 170_000));
        assert_eq!(before("2026-11-25"), (2, 200_000));
        assert_eq!(before("2026-12-24"), (3, 250_000));
    }

    #[test]
    fn what_will_be_at_risk_is_counted_from_its_month_on() {
        let portfolio = portfolio(&[json!({
            "PK": "USER#u", "SK": "PORTFOLIO", "entity": "Portfolio", "units": 3,
            "atRiskFrom:2026-08": 2, "atRiskFrom:2026-09": 0, "atRiskFrom:2026-10": 1,
        })]);
        let at_risk = |text| portfolio.at_risk_on(day(text));
        assert_eq!(
            (
                at_risk("2026-07-31"),
                at_risk("2026-08-01"),
                at_risk("2026-10-01")
            ),
            (0, 2, 3)
        );
    }
}
