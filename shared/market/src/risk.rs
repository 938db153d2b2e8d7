//! How likely it is that a home stands empty: a score with its reasons. The formula is in the crate's documentation.

use domain::Rent;
use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use crate::amount::{Amount, whole};
use crate::sentence::{count, percent};

/// What is known of a home that bears on its risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// Whether somebody lives there, and since when.
    pub occupied: Occupied,
    /// What it lets for, or should let for.
    pub rent: Option<Rent>,
    /// What such homes let for here.
    pub market: Option<Rent>,
    /// How many percent of the homes that compete with it offer something on top, such as a month free.
    pub concessions: Option<u8>,
}

/// Whether somebody lives in a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupied {
    /// Nobody does.
    No {
        /// For how many days.
        days: u32,
    },
    /// Somebody does.
    Yes {
        /// When the lease ends.
        lease_ends: Option<Date>,
        /// When it began.
        lease_began: Option<Date>,
    },
    /// Somebody will, and nobody else can.
    Soon,
    /// Nobody can: it is being repaired.
    Closed,
}

/// How likely it is that a home stands empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// From 0 to 100: the sum of its factors.
    pub score: u8,
    /// The same in a word.
    pub level: Level,
    /// What it is made of.
    pub factors: Vec<Factor>,
}

/// A score in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Below 40.
    Low,
    /// From 40 on.
    Medium,
    /// From 70 on, and whenever nobody lives there.
    High,
}

/// The score from which on the risk is high.
pub const HIGH: u8 = 70;
/// The score from which on it is not low.
pub const MEDIUM: u8 = 40;

impl Level {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The word for a score.
    #[must_use]
    pub const fn of(score: u8) -> Self {
        match score {
            HIGH.. => Self::High,
            MEDIUM.. => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Factor {
    /// What it is called.
    pub name: &'static str,
    /// What it adds to the score.
    pub score: u8,
    /// The most that it could add.
    pub most: u8,
    /// Why, in a sentence.
    pub detail: String,
    /// How much it matters, in a word: by its part of what it could add.
    pub impact: Level,
}

impl Factor {
    /// A factor that adds `part` of `most`, from 0 to 1.
    fn new(name: &'static str, most: u8, part: f64, detail: String) -> Self {
        let part = part.clamp(0.0, 1.0);
        let score = u8::try_from(whole(part * f64::from(most))).unwrap_or(most);
        let impact = match part {
            part if part >= 0.66 => Level::High,
            part if part >= 0.33 => Level::Medium,
            _ => Level::Low,
        };
        Self {
            name,
            score,
            most,
            detail,
            impact,
        }
    }
}

/// Before this many days a lease's end is no risk.
const LEASE_END_FROM: f64 = 180.0;
/// After this many days a home that stands empty has all that a vacancy adds.
const VACANT_TO: f64 = 90.0;
/// Below the market by so many percent a rent is no risk, and above it by so many it has all that it adds.
const RENT_FROM: f64 = -5.0;
const RENT_TO: f64 = 15.0;
/// After so many days a tenant is one who stays.
const TENANT_TO: f64 = 3.0 * 365.0;
/// So many percent of the competition that offer something have all that it adds.
const CONCESSIONS_TO: f64 = 50.0;
/// What is not known counts as this part.
const UNKNOWN: f64 = 1.0 / 3.0;

impl Risk {
    /// The risk of a home on a day.
    #[must_use]
    pub fn of(facts: &Facts, today: Date) -> Self {
        let factors = match facts.occupied {
            Occupied::No { days } => vec![
                Factor::new("vacant", HIGH, 1.0, "Nobody lives there.".to_owned()),
                Factor::new(
                    "days_vacant",
                    20,
                    f64::from(days) / VACANT_TO,
                    format!("It has stood empty for {}.", count(i64::from(days), "day")),
                ),
                over_market(facts, 10),
            ],
            Occupied::Yes {
                lease_ends,
                lease_began,
            } => vec![
                lease_end(lease_ends, today),
                over_market(facts, 30),
                tenancy(lease_began, today),
                concessions(facts),
            ],
            Occupied::Soon => vec![Factor::new(
                "pending",
                10,
                1.0,
                "It is let, and its tenant has not moved in yet.".to_owned(),
            )],
            Occupied::Closed => vec![Factor::new(
                "maintenance",
                MEDIUM,
                1.0,
                "It cannot be let while it is under repair.".to_owned(),
            )],
        };
        let score = factors.iter().map(|factor| factor.score).sum();
        Self {
            score,
            level: Level::of(score),
            factors,
        }
    }

    /// The first day, from `today` on, on which the risk is high if nothing changes but the time; none if that does not
    /// come. A sum that is kept by day knows from it how many homes are at risk without looking at them.
    #[must_use]
    pub fn high_from(facts: &Facts, today: Date) -> Option<Date> {
        let is_high = |day: &Date| Self::of(facts, *day).level == Level::High;
        let Occupied::Yes { lease_ends, .. } = facts.occupied else {
            return Some(today).filter(is_high);
        };
        // Before these days nothing but the tenant's staying changes, which lowers it; after them too.
        let days_before_end = Span::new().days(whole(LEASE_END_FROM));
        let first = lease_ends.and_then(|end| end.checked_sub(days_before_end).ok());
        let last = lease_ends.map_or(today, |end| end.max(today));
        let from_today_on = first.map_or(today, |first| first.max(today));
        if is_high(&today) {
            return Some(today);
        }
        let span = (last - from_today_on).get_days().clamp(0, 366);
        (0..=span)
            .filter_map(|days| from_today_on.checked_add(Span::new().days(days)).ok())
            .find(is_high)
    }
}

/// By how many percent a rent is above the market; below it where it is negative.
#[must_use]
pub fn percent_over(rent: Rent, market: Rent) -> f64 {
    let over = Amount::from(rent) - Amount::from(market);
    over.percent_of(market.into()).unwrap_or_default()
}

fn over_market(facts: &Facts, most: u8) -> Factor {
    let name = "rent_over_market";
    let Some((rent, market)) = facts.rent.zip(facts.market) else {
        let lacks = if facts.rent.is_none() {
            "no rent of its own"
        } else {
            "no market rent"
        };
        return Factor::new(name, most, UNKNOWN, format!("There is {lacks} to compare."));
    };
    let over = percent_over(rent, market);
    let (rent, market) = (Amount::from(rent), Amount::from(market));
    let detail = if rent > market {
        format!(
            "The rent of {rent} is {} above the market's {market}.",
            percent(over)
        )
    } else if rent < market {
        format!(
            "The rent of {rent} is {} below the market's {market}.",
            percent(-over)
        )
    } else {
        format!("The rent of {rent} is the market's.")
    };
    Factor::new(name, most, (over - RENT_FROM) / (RENT_TO - RENT_FROM), detail)
}

fn lease_end(ends: Option<Date>, today: Date) -> Factor {
    let (name, most) = ("lease_end", 40);
    let Some(ends) = ends else {
        return Factor::new(
            name,
            most,
            UNKNOWN,
            "It is not known when the lease ends.".to_owned(),
        );
    };
    let days = (ends - today).get_days();
    let detail = match days {
        ..0 => format!("The lease ended {} ago.", count(-i64::from(days), "day")),
        0 => "The lease ends today.".to_owned(),
        _ => format!("The lease ends in {}.", count(i64::from(days), "day")),
    };
    Factor::new(name, most, 1.0 - f64::from(days.max(0)) / LEASE_END_FROM, detail)
}

fn tenancy(began: Option<Date>, today: Date) -> Factor {
    let (name, most) = ("tenancy", 15);
    let Some(began) = began else {
        return Factor::new(
            name,
            most,
            UNKNOWN,
            "It is not known since when the tenant is there.".to_owned(),
        );
    };
    let days = (today - began).get_days().max(0);
    let months = count(i64::from(days) * 12 / 365, "month");
    let detail = format!("The tenant has been there for {months}.");
    Factor::new(name, most, 1.0 - f64::from(days) / TENANT_TO, detail)
}

fn concessions(facts: &Facts) -> Factor {
    let (name, most) = ("concessions_nearby", 15);
    match facts.concessions {
        None => Factor::new(
            name,
            most,
            UNKNOWN,
            "It is not known what the competition offers.".to_owned(),
        ),
        Some(share) => Factor::new(
            name,
            most,
            f64::from(share) / CONCESSIONS_TO,
            format!("{share} % of the homes it competes with offer something on top."),
        ),
    }
}

/// What a home that stands empty has cost so far: a thirtieth of its rent a day.
#[must_use]
pub fn cost_of_vacancy(days: u32, rent: Rent) -> Amount {
    Amount::from_hundredths(rent.hundredths() * i64::from(days)).shared_by(30)
}

#[cfg(test)]
mod tests;
