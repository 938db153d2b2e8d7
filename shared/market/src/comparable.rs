//! Homes that compare with another: how alike they are, what they say its rent should be, and where its rent stands among theirs.

use domain::Rent;
use domain::listing::{Listing, Position};
use domain::property::Details;
use serde::Serialize;

use crate::amount::{Amount, exact, whole};
use crate::figure::rent;
use crate::risk::percent_over;

/// What is compared of a home, or of a building of homes that are alike: each number from its least to its most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Home {
    /// Where it lies.
    pub position: Option<Position>,
    /// Bedrooms; 0 is a studio.
    pub bedrooms: Option<Span>,
    /// Bathrooms.
    pub bathrooms: Option<Span>,
    /// Square feet.
    pub square_feet: Option<Span>,
}

/// A number, or from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    least: f64,
    most: f64,
}

impl Span {
    /// From the one to the other, in either order.
    #[must_use]
    pub fn new(one: f64, other: f64) -> Self {
        Self {
            least: one.min(other),
            most: one.max(other),
        }
    }

    /// From the least to the most, as far as they are known.
    #[must_use]
    pub fn known(least: Option<f64>, most: Option<f64>) -> Option<Self> {
        Some(Self::new(least.or(most)?, most.or(least)?))
    }

    /// The least and the most.
    #[must_use]
    pub const fn ends(self) -> (f64, f64) {
        (self.least, self.most)
    }

    fn middle(self) -> f64 {
        f64::midpoint(self.least, self.most)
    }

    /// How far apart two are; nothing where they meet.
    fn apart(self, other: Self) -> f64 {
        (self.least - other.most).max(other.least - self.most).max(0.0)
    }
}

impl Home {
    /// What is compared of a listing.
    #[must_use]
    pub fn of_listing(listing: &Listing) -> Self {
        let square_feet = listing.square_feet_min.map(f64::from);
        Self {
            position: listing.position,
            bedrooms: Some(Span::new(
                listing.bedrooms_min.into(),
                listing.bedrooms_max.into(),
            )),
            bathrooms: Some(Span::new(
                listing.bathrooms_min.into(),
                listing.bathrooms_max.into(),
            )),
            square_feet: Span::known(square_feet, None),
        }
    }

    /// What is compared of a landlord's property, which lies at `position` if it does not say where.
    #[must_use]
    pub fn of_property(details: &Details, position: Option<Position>) -> Self {
        let own = details.latitude.zip(details.longitude);
        let own = own.and_then(|(north, east)| Position::new(north.into(), east.into()).ok());
        let number = |number: Option<u32>| number.map(f64::from);
        Self {
            position: own.or(position),
            bedrooms: Span::known(
                number(details.bedrooms_min.map(Into::into)),
                number(details.bedrooms_max.map(Into::into)),
            ),
            bathrooms: Span::known(
                details.bathrooms_min.map(domain::property::Bathrooms::number),
                details.bathrooms_max.map(domain::property::Bathrooms::number),
            ),
            square_feet: Span::known(
                number(details.square_feet_min.map(Into::into)),
                number(details.square_feet_max.map(Into::into)),
            ),
        }
    }

    /// How alike two homes are, from 0 to 100, if the second was seen on the market so many days ago. What is not known of
    /// one of them counts half.
    #[must_use]
    pub fn likeness(&self, other: &Self, days_ago: u32) -> u8 {
        let part = |both: Option<f64>| both.unwrap_or(0.5);
        let near = part(self.miles_to(other).map(|miles| falling(miles, 0.25, 5.0)));
        let bedrooms = part(apart(self.bedrooms, other.bedrooms).map(|apart| falling(apart, 0.0, 2.0)));
        let bathrooms = part(apart(self.bathrooms, other.bathrooms).map(|apart| falling(apart, 0.0, 2.0)));
        let size = self.square_feet.zip(other.square_feet).map(|(own, other)| {
            let larger = own.middle().max(other.middle()).max(1.0);
            falling(own.apart(other) / larger, 0.05, 0.4)
        });
        let recent = falling(f64::from(days_ago), 14.0, 120.0);
        let sum = 40.0 * near + 25.0 * bedrooms + 20.0 * part(size) + 10.0 * bathrooms + 5.0 * recent;
        u8::try_from(whole(sum)).unwrap_or(100)
    }

    /// How many miles two homes are apart, if it is known where both are.
    #[must_use]
    pub fn miles_to(&self, other: &Self) -> Option<f64> {
        Some(self.position?.miles_to(other.position?))
    }
}

fn apart(one: Option<Span>, other: Option<Span>) -> Option<f64> {
    Some(one?.apart(other?))
}

/// 1 up to `from`, 0 from `to` on, and on a line between them.
fn falling(number: f64, from: f64, to: f64) -> f64 {
    ((to - number) / (to - from)).clamp(0.0, 1.0)
}

/// A home with what it lets for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate<T> {
    /// What it is; comes back as it is given.
    pub what: T,
    /// What is compared of it.
    pub home: Home,
    /// What it lets for.
    pub rent: Rent,
    /// How many days ago it was seen on the market.
    pub days_ago: u32,
}

/// A home that compares with another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparable<T> {
    /// What it is.
    pub what: T,
    /// What it lets for.
    pub rent: Rent,
    /// How alike they are, from 0 to 100.
    pub likeness: u8,
    /// How many miles apart, if it is known.
    pub miles: Option<f64>,
}

/// How alike two homes have to be for the one to say something of the other.
pub const ALIKE: u8 = 50;

/// The candidates that are alike enough to a home and within `miles` of it, the most alike first, at most so many. Where a
/// position is not known, the distance does not exclude.
#[must_use]
pub fn comparables<T>(
    home: &Home,
    candidates: impl IntoIterator<Item = Candidate<T>>,
    miles: f64,
    most: usize,
) -> Vec<Comparable<T>> {
    let mut found: Vec<Comparable<T>> = candidates
        .into_iter()
        .map(|candidate| Comparable {
            likeness: home.likeness(&candidate.home, candidate.days_ago),
            miles: home.miles_to(&candidate.home),
            rent: candidate.rent,
            what: candidate.what,
        })
        .filter(|found| found.likeness >= ALIKE && found.miles.is_none_or(|apart| apart <= miles))
        .collect();
    found.sort_by(|one, other| {
        let distance = |found: &Comparable<T>| found.miles.unwrap_or(f64::INFINITY);
        let alike = other.likeness.cmp(&one.likeness);
        alike
            .then(distance(one).total_cmp(&distance(other)))
            .then(one.rent.cmp(&other.rent))
    });
    found.truncate(most);
    found
}

/// What comparable homes say a rent should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The mean of their rents, each weighed by the square of how alike it is.
    pub rent: Rent,
    /// The lowest of them.
    pub low: Rent,
    /// The highest.
    pub high: Rent,
    /// How many there are.
    pub comparables: u32,
    /// How far it may be trusted, from 0 to 100: how alike they are on the whole, times `n / (n + 3)`.
    pub confidence: u8,
}

/// The fewest comparable homes that make an estimate.
pub const FEWEST_COMPARABLES: usize = 3;

impl Estimate {
    /// The estimate that comparable homes make; none of too few.
    #[must_use]
    pub fn of<T>(comparables: &[Comparable<T>]) -> Option<Self> {
        if comparables.len() < FEWEST_COMPARABLES {
            return None;
        }
        let weight = |found: &Comparable<T>| i64::from(found.likeness) * i64::from(found.likeness);
        let weights: i64 = comparables.iter().map(weight).sum();
        let rents = comparables
            .iter()
            .map(|found| found.rent.hundredths() * weight(found));
        let many = u32::try_from(comparables.len()).ok()?;
        let likeness: i64 = comparables.iter().map(|found| i64::from(found.likeness)).sum();
        let confidence = exact(likeness) / (f64::from(many) + 3.0);
        Some(Self {
            rent: rent(Amount::from_hundredths(rents.sum()).shared_by(weights))?,
            low: comparables.iter().map(|found| found.rent).min()?,
            high: comparables.iter().map(|found| found.rent).max()?,
            comparables: many,
            confidence: u8::try_from(whole(confidence)).ok()?,
        })
    }
}

/// Where a rent stands beside what others let for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// How many percent of the others let for less; those that let for the same count half.
    pub percentile: u8,
    /// The same against their middle, in a word.
    pub pricing_position: PricingPosition,
    /// How much above their middle.
    pub variance: Amount,
    /// The same in percent, to the tenth.
    pub variance_percent: f64,
}

/// Whether a rent is above what others let for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingPosition {
    /// By more than 5 %.
    AboveMarket,
    /// Within 5 %.
    AtMarket,
    /// By more than 5 %.
    BelowMarket,
}

/// Within so many percent a rent is the market's.
pub const BAND: f64 = 5.0;

impl PricingPosition {
    /// Where `rent` stands beside a market rent.
    #[must_use]
    pub fn of(rent: Rent, market: Rent) -> Self {
        match percent_over(rent, market) {
            over if over > BAND => Self::AboveMarket,
            over if over < -BAND => Self::BelowMarket,
            _ => Self::AtMarket,
        }
    }
}

impl Standing {
    /// Where `rent` stands among others of which `market` is the middle; none among none.
    #[must_use]
    pub fn of(rent: Rent, others: &[Rent], market: Rent) -> Option<Self> {
        let many = i64::try_from(others.len()).ok().filter(|many| *many > 0)?;
        let halves = |other: &Rent| match other.cmp(&rent) {
            std::cmp::Ordering::Less => 2,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 0,
        };
        let below: i64 = others.iter().map(halves).sum();
        Some(Self {
            percentile: u8::try_from(whole(exact(below * 50) / exact(many))).ok()?,
            pricing_position: PricingPosition::of(rent, market),
            variance: Amount::from(rent) - Amount::from(market),
            variance_percent: (percent_over(rent, market) * 10.0).round() / 10.0,
        })
    }
}

#[cfg(test)]
mod tests;
