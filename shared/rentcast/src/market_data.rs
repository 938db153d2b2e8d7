//! What homes let for in a ZIP code (`GET /markets`, <https://developers.rentcast.io/reference/market-data-schema>).

use std::collections::BTreeMap;

use domain::Zip;
use jiff::civil::Date;
use market::{Figure, Source};
use serde::Deserialize;

use crate::allowance::Allowance;
use crate::answer::{count, day, rent};
use crate::client::{Failure, Rentcast};

/// For how many months back history is asked for.
const MONTHS: u32 = 12;
/// The most bedrooms that are told apart.
const MOST_BEDROOMS: u32 = 10;

/// What homes let for in a ZIP code.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketData {
    /// The ZIP code.
    pub zip: Zip,
    /// The figures of now.
    pub now: Figures,
    /// For how many days homes are on the market, on the mean.
    pub days_on_market: Option<f64>,
    /// How many came onto the market in the last thirty days.
    pub new_listings: Option<u32>,
    /// The figures of the months before, by their day.
    pub history: BTreeMap<Date, Figures>,
}

/// The figures of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Those of all homes.
    pub all: Option<Figure>,
    /// Those of homes with so many bedrooms; 0 is a studio.
    pub by_bedrooms: BTreeMap<u8, Figure>,
}

impl Figures {
    fn is_empty(&self) -> bool {
        self.all.is_none() && self.by_bedrooms.is_empty()
    }
}

impl Rentcast {
    /// What homes let for in a ZIP code.
    ///
    /// # Errors
    /// [`Failure`], of which [`Failure::NoResults`] says that RentCast does not know.
    pub async fn market(&self, zip: Zip, allowance: &impl Allowance) -> Result<MarketData, Failure> {
        let parameters = [
            ("zipCode", zip.to_string()),
            ("dataType", "Rental".to_owned()),
            ("historyRange", MONTHS.to_string()),
        ];
        let answer: Answer = self.ask("/markets", &parameters, allowance).await?;
        answer.read(zip)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    zip_code: Option<String>,
    rental_data: Option<RentalData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RentalData {
    last_updated_date: Option<String>,
    #[serde(flatten)]
    day: Day,
    average_days_on_market: Option<f64>,
    new_listings: Option<f64>,
    #[serde(default)]
    history: BTreeMap<String, Past>,
}

#[derive(Deserialize)]
struct Past {
    date: Option<String>,
    #[serde(flatten)]
    day: Day,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    #[serde(flatten)]
    all: Numbers,
    #[serde(default)]
    data_by_bedrooms: Vec<OfBedrooms>,
}

#[derive(Deserialize)]
struct OfBedrooms {
    bedrooms: Option<f64>,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Numbers {
    average_rent: Option<f64>,
    median_rent: Option<f64>,
    min_rent: Option<f64>,
    max_rent: Option<f64>,
    total_listings: Option<f64>,
}

impl Answer {
    fn read(self, zip: Zip) -> Result<MarketData, Failure> {
        if self.zip_code.is_some_and(|code| code.parse() != Ok(zip)) {
            return Err(Failure::Unreadable("another ZIP code".to_owned()));
        }
        // Where homes are sold and none are let, there is no such part.
        let data = self.rental_data.ok_or(Failure::NoResults)?;
        let as_of = day(data.last_updated_date.as_deref())
            .ok_or_else(|| Failure::Unreadable("lastUpdatedDate".to_owned()))?;
        let now = data.day.figures(as_of);
        if now.is_empty() {
            return Err(Failure::NoResults);
        }
        let history = data.history.into_values().filter_map(|past| {
            let as_of = day(past.date.as_deref())?;
            let figures = past.day.figures(as_of);
            (!figures.is_empty()).then_some((as_of, figures))
        });
        Ok(MarketData {
            zip,
            now,
            days_on_market: data.average_days_on_market.filter(|days| *days >= 0.0),
            new_listings: count(data.new_listings),
            history: history.collect(),
        })
    }
}

impl Day {
    fn figures(self, as_of: Date) -> Figures {
        let by_bedrooms = self.data_by_bedrooms.into_iter().filter_map(|of| {
            let bedrooms = count(of.bedrooms).filter(|bedrooms| *bedrooms <= MOST_BEDROOMS)?;
            Some((u8::try_from(bedrooms).ok()?, of.numbers.figure(as_of)?))
        });
        Figures {
            all: self.all.figure(as_of),
            by_bedrooms: by_bedrooms.collect(),
        }
    }
}

impl Numbers {
    /// The figure that the numbers make, if they are all there and go together.
    fn figure(&self, as_of: Date) -> Option<Figure> {
        let figure = Figure {
            source: Source::Rentcast,
            as_of,
            samples: Some(count(self.total_listings)?),
            median: rent(self.median_rent)?,
            mean: rent(self.average_rent)?,
            min: rent(self.min_rent)?,
            max: rent(self.max_rent)?,
        };
        let range = figure.min..=figure.max;
        (range.contains(&figure.median) && range.contains(&figure.mean)).then_some(figure)
    }
}
