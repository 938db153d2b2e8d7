//! The market around properties: what is known of it, and what it says of each.

use std::collections::{BTreeSet, HashMap};

use domain::property::Details;
use domain::{Rent, Zip};
use jiff::Timestamp;
use market::area::Concession;
use market::{MarketRent, Recommendation, Risk, Unknown};
use table::market::ZipMarket;
use table::portfolio::day_of;
use table::property::{Around, Property};
use table::{Table, TableError};

/// Why nothing is known of the market around a property that does not say where it is.
const NO_ZIP: &str = "It has no ZIP code, by which the market is known.";

/// How many ZIP codes are read at once.
const ZIPS_AT_ONCE: usize = 100;
/// Of how many ZIP codes the listings are asked for one sheet.
const ASKED_AT_MOST: usize = 20;

/// What is known of the markets of some ZIP codes.
#[derive(Debug, Default)]
pub(crate) struct Markets(HashMap<Zip, ZipMarket>);

/// What the market says of a property.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) rent: Option<MarketRent>,
    /// Why there is no rent, if there is none.
    pub(crate) reason: Option<String>,
    pub(crate) risk: Risk,
    pub(crate) recommendation: Recommendation,
    pub(crate) concessions: Vec<Concession>,
}

fn zip(details: &Details) -> Option<Zip> {
    details.zip_code.as_ref().map(domain::property::ZipCode::zip)
}

/// In which ZIP codes properties are, each once.
fn zips(properties: &[Property]) -> Vec<Zip> {
    let zips: BTreeSet<Zip> = properties
        .iter()
        .filter_map(|property| zip(&property.details))
        .collect();
    zips.into_iter().collect()
}

impl Markets {
    /// Those around properties that are only shown: what was known last, at one call.
    pub(crate) async fn around(table: &Table, properties: &[Property]) -> Result<Self, TableError> {
        let zips = zips(properties);
        table.zip_markets(&zips).await.map(Self)
    }

    /// The one around a property of these details, which is written: what is known today.
    pub(crate) async fn today(table: &Table, details: &Details) -> Result<Self, TableError> {
        let mut markets = HashMap::new();
        if let Some(zip) = zip(details) {
            markets.insert(zip, table.market_of_today(zip).await?);
        }
        Ok(Self(markets))
    }

    /// Those around properties of a sheet: what is known today, where it is of few ZIP codes, and else what was known last.
    pub(crate) async fn today_or_last(table: &Table, properties: &[Property]) -> Result<Self, TableError> {
        let zips = zips(properties);
        let mut markets = HashMap::new();
        for some in zips.chunks(ZIPS_AT_ONCE) {
            markets.extend(table.zip_markets(some).await?);
        }
        let today = day_of(table.now());
        let is_late = |zip: &Zip| {
            markets
                .get(zip)
                .is_none_or(|market: &ZipMarket| market.survey.as_of != today)
        };
        let late: Vec<Zip> = zips.into_iter().filter(is_late).take(ASKED_AT_MOST).collect();
        for zip in late {
            markets.insert(zip, table.market_of_today(zip).await?);
        }
        Ok(Self(markets))
    }

    fn of(&self, details: &Details) -> Option<&ZipMarket> {
        self.0.get(&zip(details)?)
    }

    fn rent(&self, property: &Property, now: Timestamp) -> Result<MarketRent, Unknown> {
        match self.of(&property.details) {
            Some(market) => market.rent(property.bedrooms(), day_of(now)),
            None => MarketRent::of(&[], day_of(now)),
        }
    }

    /// What bears on the risk of a property.
    pub(crate) fn bearing(&self, property: &Property, now: Timestamp) -> Around {
        let rent: Option<Rent> = self.rent(property, now).ok().map(|market| market.median);
        let market = self.of(&property.details);
        Around {
            rent,
            concessions: market.and_then(|market| market.survey.concession_rate()),
        }
    }

    /// What the market says of a property.
    pub(crate) fn judge(&self, property: &Property, now: Timestamp) -> Judgement {
        let today = day_of(now);
        let facts = property.facts(self.bearing(property, now), now);
        let rent = self.rent(property, now);
        let reason = match (&rent, zip(&property.details)) {
            (Ok(_), _) => None,
            (Err(_), None) => Some(NO_ZIP.to_owned()),
            (Err(unknown), Some(_)) => Some(unknown.to_string()),
        };
        let market = self.of(&property.details);
        Judgement {
            risk: Risk::of(&facts, today),
            recommendation: Recommendation::of(&facts, rent.as_ref(), &homes(property), today),
            reason,
            rent: rent.ok(),
            concessions: market
                .map(|market| market.concessions.clone())
                .unwrap_or_default(),
        }
    }
}

/// The homes that a property is compared with, in words.
fn homes(property: &Property) -> String {
    let homes = match property.bedrooms() {
        Some(0) => "studios".to_owned(),
        Some(bedrooms) => format!("{bedrooms}-bedroom homes"),
        None => "homes".to_owned(),
    };
    match zip(&property.details) {
        Some(zip) => format!("{homes} in {zip}"),
        None => homes,
    }
}
