//! What is known of the market of a ZIP code: one item, written anew when it is looked for and is not of today, so that a page of
//! properties reads one item for each ZIP code on it and no listing.

use std::collections::HashMap;

use domain::Zip;
use market::area::Concession;
use market::{Figure, MarketRent, Survey, Unknown};
use serde::{Deserialize, Serialize};

use crate::item::{Change, Consistency, Key, attribute, read, text};
use crate::listing::PAGE_AT_MOST;
use crate::portfolio::day_of;
use crate::{Table, TableError};

/// How many of the competition's offers are kept.
const CONCESSIONS_AT_MOST: usize = 5;

/// What is known of a ZIP code's market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZipMarket {
    /// What its listings say.
    pub survey: Survey,
    /// What some of them offer on top.
    #[serde(default)]
    pub concessions: Vec<Concession>,
}

impl ZipMarket {
    /// What homes of so many bedrooms let for there, or all homes where it is not known how many.
    ///
    /// # Errors
    /// [`Unknown`] if too little is known.
    pub fn rent(&self, bedrooms: Option<u8>, today: jiff::civil::Date) -> Result<MarketRent, Unknown> {
        let figure: Option<Figure> = match bedrooms {
            Some(bedrooms) => self.survey.by_bedrooms.get(&bedrooms).copied(),
            None => self.survey.rents,
        };
        let figures: Vec<Figure> = figure.into_iter().collect();
        MarketRent::of(&figures, today)
    }
}

fn key(zip: Zip) -> Key {
    Key::new(format!("MARKET#{zip}"), "MARKET")
}

impl Table {
    /// What is known of the markets of these ZIP codes, 100 at most; of some of them nothing may be.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn zip_markets(&self, zips: &[Zip]) -> Result<HashMap<Zip, ZipMarket>, TableError> {
        if zips.is_empty() {
            return Ok(HashMap::new());
        }
        let keys: Vec<Key> = zips.iter().map(|zip| key(*zip)).collect();
        let keys: Vec<&Key> = keys.iter().collect();
        let mut found = self.get_found(&keys, Consistency::Eventual).await?;
        let mut markets = HashMap::new();
        for zip in zips {
            if let Some(item) = found.remove(&key(*zip)) {
                markets.insert(*zip, read(item)?);
            }
        }
        Ok(markets)
    }

    /// What is known of the market of a ZIP code, and no older than today: otherwise its listings are asked, and what they say is
    /// kept.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn market_of_today(&self, zip: Zip) -> Result<ZipMarket, TableError> {
        let now = self.clock.now();
        let today = day_of(now);
        let known: Option<ZipMarket> = self.get(&key(zip), Consistency::Eventual).await?;
        if let Some(known) = known.filter(|known| known.survey.as_of == today) {
            return Ok(known);
        }
        let listings = self.listings_of_zip(zip, PAGE_AT_MOST).await?;
        let market = ZipMarket {
            survey: Survey::of(&listings, now, today),
            concessions: listings
                .iter()
                .filter_map(Concession::of)
                .take(CONCESSIONS_AT_MOST)
                .collect(),
        };
        // Of two who ask at once, either has asked the same listings.
        let keep = "SET entity = :entity, updatedAt = :now, survey = :survey, concessions = :concessions";
        let keep = Change::new(key(zip), keep)
            .value(":entity", text("ZipMarket"))
            .value(":now", text(now))
            .value(":survey", attribute(&market.survey)?)
            .value(":concessions", attribute(&market.concessions)?);
        self.apply(keep).await?;
        Ok(market)
    }
}
