//! What homes of a kind let for in an area: one figure from each source, and what they say together.

use std::fmt;

use domain::Rent;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::amount::{Amount, exact, whole};
use crate::sentence::{count, list};

/// Where a figure is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The asking rents of the listings that we hold.
    OwnListings,
    /// RentCast's figures of an area.
    Rentcast,
    /// An imported table of fair market rents, such as HUD's.
    FairMarketRents,
}

impl Source {
    /// All of them, the ones to be asked first in front.
    pub const IN_ORDER: [Self; 3] = [Self::OwnListings, Self::Rentcast, Self::FairMarketRents];

    /// For how many days a figure is fresh. Listings change by the day, RentCast's figures by the month; fair market rents
    /// hold for a fiscal year, and are late at times.
    #[must_use]
    pub const fn fresh_for(self) -> u32 {
        match self {
            Self::OwnListings => 14,
            Self::Rentcast => 45,
            Self::FairMarketRents => 400,
        }
    }

    /// As it is called in a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnListings => "our own listings",
            Self::Rentcast => "RentCast",
            Self::FairMarketRents => "imported fair market rents",
        }
    }
}

/// The fewest rents that make a figure.
pub const FEWEST: u32 = 3;
/// With so many rents a figure needs no other beside it.
pub const ENOUGH: u32 = 30;
/// So many rents weigh as much as all that the sources behind them say.
const HALF: u32 = 10;
/// The rents that are taken for a month's rent of a whole home, in dollars. What lies outside is a room, a week or a mistake.
pub const BELIEVABLE: std::ops::RangeInclusive<u32> = 200..=15_000;

/// What homes of a kind let for in an area, as one source has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// Where it is from.
    pub source: Source,
    /// The day that it is of.
    pub as_of: Date,
    /// How many rents it is made of. A published table does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// The middle one.
    pub median: Rent,
    /// Their mean.
    pub mean: Rent,
    /// The lowest.
    pub min: Rent,
    /// The highest.
    pub max: Rent,
}

/// Whether a rent is believable as a month's rent of a whole home.
#[must_use]
pub fn is_believable(rent: Rent) -> bool {
    let dollars = rent.hundredths() / 100;
    u32::try_from(dollars).is_ok_and(|dollars| BELIEVABLE.contains(&dollars))
}

impl Figure {
    /// The figure that rents make, without those that are not believable; none if no rent is left.
    #[must_use]
    pub fn of_rents(source: Source, as_of: Date, rents: &[Rent]) -> Option<Self> {
        let mut rents: Vec<Rent> = rents
            .iter()
            .copied()
            .filter(|rent| is_believable(*rent))
            .collect();
        rents.sort_unstable();
        let many = i64::try_from(rents.len()).ok()?;
        let sum: Amount = rents.iter().copied().map(Amount::from).sum();
        let upper = *rents.get(rents.len() / 2)?;
        let lower = *rents.get((rents.len() - 1) / 2)?;
        Some(Self {
            source,
            as_of,
            samples: u32::try_from(many).ok(),
            median: rent((Amount::from(lower) + Amount::from(upper)).shared_by(2))?,
            mean: rent(sum.shared_by(many))?,
            min: *rents.first()?,
            max: *rents.last()?,
        })
    }

    /// The figure of a published table, which has one rent and says nothing of how many there were.
    #[must_use]
    pub const fn published(source: Source, as_of: Date, rent: Rent) -> Self {
        Self {
            source,
            as_of,
            samples: None,
            median: rent,
            mean: rent,
            min: rent,
            max: rent,
        }
    }

    /// How many days old it is.
    #[must_use]
    pub fn age(&self, today: Date) -> u32 {
        u32::try_from((today - self.as_of).get_days()).unwrap_or_default()
    }

    /// Whether it is older than figures of its source should be.
    #[must_use]
    pub fn is_stale(&self, today: Date) -> bool {
        self.age(today) > self.source.fresh_for()
    }

    /// Whether it is made of too few rents to be told.
    #[must_use]
    pub fn is_thin(&self) -> bool {
        self.samples.is_some_and(|samples| samples < FEWEST)
    }

    /// How far it may be trusted, from 0 to 100: `100 × n / (n + 5)` for n rents and 40 for a published table, all of it
    /// while it is fresh, and down to a quarter when it is four times as old as that.
    #[must_use]
    pub fn confidence(&self, today: Date) -> u8 {
        let of_samples = self.samples.map_or(40.0, |samples| {
            let samples = f64::from(samples);
            100.0 * samples / (samples + 5.0)
        });
        let fresh_for = f64::from(self.source.fresh_for());
        let too_old = (f64::from(self.age(today)) - fresh_for).max(0.0) / (3.0 * fresh_for);
        u8::try_from(whole(of_samples * (1.0 - 0.75 * too_old.min(1.0)))).unwrap_or(u8::MAX)
    }

    /// The share of what is still to be given out that it takes, in thousandths: that of credibility theory, `n / (n + 10)`.
    fn share(&self) -> i64 {
        match self.samples {
            Some(samples) if samples < ENOUGH => i64::from(samples) * 1000 / i64::from(samples + HALF),
            _ => 1000,
        }
    }
}

/// What the sources together say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarketRent {
    /// The middle rent.
    pub median: Rent,
    /// The mean rent.
    pub mean: Rent,
    /// The lowest.
    pub min: Rent,
    /// The highest.
    pub max: Rent,
    /// How many rents there are behind it; 0 where only a published table is.
    pub samples: u32,
    /// The day of its oldest part.
    pub as_of: Date,
    /// Whether it is older than it should be: there is no newer one.
    pub stale: bool,
    /// How far it may be trusted, from 0 to 100.
    pub confidence: u8,
    /// What it is made of, in the order of the sources.
    pub parts: Vec<Part>,
}

/// What one source has to do with a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The source.
    pub source: Source,
    /// How much it weighs, in thousandths; those of all parts are 1000.
    pub weight: i64,
    /// How many rents it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// The day that it is of.
    pub as_of: Date,
}

/// There is no figure: what each source has instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Unknown {
    /// The sources that have something, and how many rents it is.
    pub too_few: Vec<(Source, u32)>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.too_few.is_empty() {
            return f.write_str("No source has rents of such homes here.");
        }
        let few = |(source, samples): &(Source, u32)| {
            format!("{} from {}", count(i64::from(*samples), "rent"), source.name())
        };
        let few: Vec<_> = self.too_few.iter().map(few).collect();
        write!(
            f,
            "Too few rents of such homes are known here: {}; {FEWEST} are needed.",
            list(&few)
        )
    }
}

impl MarketRent {
    /// What figures of one area and one kind of home say together, at most one of each source.
    ///
    /// The sources are asked in order. Each takes a share by how many rents it has, and leaves the rest to those behind it;
    /// the last takes what is left. Thin figures say nothing, and stale ones only where nothing is fresh.
    ///
    /// # Errors
    /// [`Unknown`] if no figure is good enough, with what there is.
    pub fn of(figures: &[Figure], today: Date) -> Result<Self, Unknown> {
        let mut told: Vec<&Figure> = figures.iter().filter(|figure| !figure.is_thin()).collect();
        let unknown = || Unknown {
            too_few: Source::IN_ORDER
                .iter()
                .flat_map(|source| figures.iter().filter(move |figure| figure.source == *source))
                .filter_map(|figure| Some((figure.source, figure.samples?)))
                .collect(),
        };
        let stale = told.iter().all(|figure| figure.is_stale(today));
        told.retain(|figure| stale || !figure.is_stale(today));
        told.sort_by_key(|figure| (figure.source, std::cmp::Reverse(figure.as_of)));
        told.dedup_by_key(|figure| figure.source);

        let mut parts: Vec<(&Figure, i64)> = Vec::new();
        let mut left = 1000;
        for (number, figure) in told.iter().enumerate() {
            let is_last = number + 1 == told.len();
            let weight = if is_last {
                left
            } else {
                left * figure.share() / 1000
            };
            left -= weight;
            if weight > 0 {
                parts.push((figure, weight));
            }
        }
        Self::blend(&parts, stale, today).ok_or_else(unknown)
    }

    fn blend(parts: &[(&Figure, i64)], stale: bool, today: Date) -> Option<Self> {
        let mean_of = |value: fn(&Figure) -> Rent| {
            let sum = parts
                .iter()
                .map(|(figure, weight)| value(figure).hundredths() * weight);
            rent(Amount::from_hundredths(sum.sum()).shared_by(1000))
        };
        // A published table has no lowest and no highest; it says so only where it is alone.
        let counted = |figure: &Figure| figure.samples.is_some();
        let none_counted = !parts.iter().any(|(figure, _)| counted(figure));
        let ranges = || {
            parts
                .iter()
                .map(|(figure, _)| *figure)
                .filter(|figure| none_counted || counted(figure))
        };
        let confidence = parts
            .iter()
            .map(|(figure, weight)| i64::from(figure.confidence(today)) * weight);
        Some(Self {
            median: mean_of(|figure| figure.median)?,
            mean: mean_of(|figure| figure.mean)?,
            min: ranges().map(|figure| figure.min).min()?,
            max: ranges().map(|figure| figure.max).max()?,
            samples: parts.iter().filter_map(|(figure, _)| figure.samples).sum(),
            as_of: parts.iter().map(|(figure, _)| figure.as_of).min()?,
            stale,
            confidence: u8::try_from(whole(exact(confidence.sum()) / 1000.0)).ok()?,
            parts: parts
                .iter()
                .map(|(figure, weight)| Part {
                    source: figure.source,
                    weight: *weight,
                    samples: figure.samples,
                    as_of: figure.as_of,
                })
                .collect(),
        })
    }

    /// Where it is from, in words: "our own listings (62 %) and RentCast (38 %), as of 2026-11-01".
    #[must_use]
    pub fn origin(&self) -> String {
        let name = |part: &Part| match self.parts.len() {
            1 => part.source.name().to_owned(),
            _ => format!("{} ({} %)", part.source.name(), (part.weight + 5) / 10),
        };
        let names: Vec<_> = self.parts.iter().map(name).collect();
        let stale = if self.stale {
            ", which is older than it should be"
        } else {
            ""
        };
        format!("{}, as of {}{stale}", list(&names), self.as_of)
    }
}

/// An amount as a rent, if it can be one.
pub(crate) fn rent(amount: Amount) -> Option<Rent> {
    Rent::from_hundredths(u32::try_from(amount.hundredths()).ok()?).ok()
}

#[cfg(test)]
mod tests;
