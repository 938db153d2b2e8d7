//! What one home should let for (`GET /avm/rent/long-term`, <https://developers.rentcast.io/reference/property-valuation-schema>).

use domain::Rent;
use domain::listing::Position;
use market::comparable::{Candidate, Home, Span};
use serde::Deserialize;

use crate::allowance::Allowance;
use crate::answer::{count, rent};
use crate::client::{Failure, Rentcast};

/// How many comparable listings an estimate is made of.
const COMPARABLES: u32 = 15;

/// The home that is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Street and number, city, state and ZIP code: `5500 Grand Lake Dr, San Antonio, TX, 78244`.
    pub address: String,
    /// Where it lies, if the address need not be looked up.
    pub position: Option<Position>,
    /// Bedrooms; 0 is a studio.
    pub bedrooms: Option<u32>,
    /// Bathrooms.
    pub bathrooms: Option<f64>,
    /// Square feet.
    pub square_feet: Option<u32>,
}

/// What one home should let for.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The rent.
    pub rent: Rent,
    /// It is above this with some certainty: with the next, 85 %.
    pub low: Rent,
    /// And below this.
    pub high: Rent,
    /// The listings that it is made of, the most alike first.
    pub comparables: Vec<Comparable>,
}

/// A listing that compares with the home.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparable {
    /// What RentCast calls it.
    pub id: String,
    /// Its address, in full.
    pub address: String,
    /// What is compared of it.
    pub home: Home,
    /// What is asked for it.
    pub rent: Rent,
    /// How many miles away it is.
    pub miles: Option<f64>,
    /// How many days ago it was last seen on the market.
    pub days_ago: u32,
    /// How alike it is by RentCast's own reckoning, from 0 to 1.
    pub correlation: Option<f64>,
}

impl Comparable {
    /// The same, to be compared by our own reckoning.
    #[must_use]
    pub const fn candidate(&self) -> Candidate<&Self> {
        Candidate {
            what: self,
            home: self.home,
            rent: self.rent,
            days_ago: self.days_ago,
        }
    }
}

impl Rentcast {
    /// What a home should let for, with the listings that say so.
    ///
    /// # Errors
    /// [`Failure`], of which [`Failure::NoResults`] says that RentCast does not know.
    pub async fn rent_estimate(
        &self,
        home: &Subject,
        allowance: &impl Allowance,
    ) -> Result<Estimate, Failure> {
        let answer: Answer = self
            .ask("/avm/rent/long-term", &home.parameters(), allowance)
            .await?;
        answer.read()
    }
}

impl Subject {
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = match self.position {
            Some(position) => vec![
                ("latitude", position.latitude().to_string()),
                ("longitude", position.longitude().to_string()),
            ],
            None => vec![("address", self.address.clone())],
        };
        let told = [
            ("bedrooms", self.bedrooms.map(|number| number.to_string())),
            ("bathrooms", self.bathrooms.map(|number| number.to_string())),
            ("squareFootage", self.square_feet.map(|number| number.to_string())),
            ("compCount", Some(COMPARABLES.to_string())),
        ];
        parameters.extend(told.into_iter().filter_map(|(name, value)| Some((name, value?))));
        parameters
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    rent: Option<f64>,
    rent_range_low: Option<f64>,
    rent_range_high: Option<f64>,
    #[serde(default)]
    comparables: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: Option<String>,
    formatted_address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    bedrooms: Option<f64>,
    bathrooms: Option<f64>,
    square_footage: Option<f64>,
    price: Option<f64>,
    distance: Option<f64>,
    days_old: Option<f64>,
    correlation: Option<f64>,
}

impl Answer {
    fn read(self) -> Result<Estimate, Failure> {
        let unreadable = |what: &str| Failure::Unreadable(what.to_owned());
        let found = rent(self.rent).ok_or_else(|| unreadable("rent"))?;
        let low = rent(self.rent_range_low).filter(|low| *low <= found);
        let high = rent(self.rent_range_high).filter(|high| *high >= found);
        Ok(Estimate {
            rent: found,
            low: low.ok_or_else(|| unreadable("rentRangeLow"))?,
            high: high.ok_or_else(|| unreadable("rentRangeHigh"))?,
            comparables: self.comparables.into_iter().filter_map(Listed::read).collect(),
        })
    }
}

impl Listed {
    /// The listing, if it has a name and a rent.
    fn read(self) -> Option<Comparable> {
        let position = self
            .latitude
            .zip(self.longitude)
            .and_then(|(north, east)| Position::new(north, east).ok());
        let number = |number: Option<f64>| number.filter(|number| *number >= 0.0 && number.is_finite());
        let span = |found: Option<f64>| Span::known(number(found), None);
        Some(Comparable {
            id: self.id?,
            address: self.formatted_address?,
            home: Home {
                position,
                bedrooms: span(self.bedrooms),
                bathrooms: span(self.bathrooms),
                square_feet: span(self.square_footage),
            },
            rent: rent(self.price)?,
            miles: number(self.distance),
            days_ago: count(self.days_old).unwrap_or_default(),
            correlation: self
                .correlation
                .filter(|correlation| (0.0..=1.0).contains(correlation)),
        })
    }
}
