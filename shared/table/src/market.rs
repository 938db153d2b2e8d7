//! What is known of markets. Of a ZIP code's: one item, written anew when it is looked for and is not of today, so that a page of
//! properties reads one item for each ZIP code on it and no listing. Of a city's: one item for each day on which it was asked for,
//! so that a day can be compared with another.

use std::collections::HashMap;

use domain::Zip;
use domain::listing::Place;
use jiff::SignedDuration;
use jiff::civil::Date;
use market::area::Concession;
use market::{Figure, MarketRent, Survey, Unknown};
use serde::{Deserialize, Serialize};

use crate::error::failed;
use crate::item::{Change, Consistency, Key, attribute, read, text, ttl};
use crate::listing::PAGE_AT_MOST;
use crate::portfolio::day_of;
use crate::{Table, TableError};

/// How many of the competition's offers are kept.
const CONCESSIONS_AT_MOST: usize = 5;
/// For how long a city's days are kept: a year, and what may stand for a day of the year before.
const DAYS_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

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
    pub fn rent(&self, bedrooms: Option<u8>, today: Date) -> Result<MarketRent, Unknown> {
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

/// The market of a city on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CityMarket {
    place: Place,
    survey: Survey,
}

fn city_key(place: &Place, day: Date) -> Key {
    Key::new(format!("MARKET#{}", place.canonical()), format!("DAY#{day}"))
}

impl Table {
    /// What the listings of a city say today. Whoever asks first on a day has them read, and what they say is kept for that day.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn city_market_of_today(&self, place: &Place) -> Result<Survey, TableError> {
        let now = self.clock.now();
        let today = day_of(now);
        let key = city_key(place, today);
        let known: Option<CityMarket> = self.get(&key, Consistency::Eventual).await?;
        if let Some(known) = known {
            return Ok(known.survey);
        }
        let survey = Survey::of(&self.all_listings_in(place).await?, now, today);
        if survey.listings > 0 {
            let market = CityMarket {
                place: place.clone(),
                survey: survey.clone(),
            };
            let mut item = self.item(&key, "CityMarket", &market)?;
            item.insert("ttl".to_owned(), ttl(now + DAYS_KEPT));
            // Of two who ask at once, either has asked the same listings.
            self.store(item).await?;
        }
        Ok(survey)
    }

    /// What was kept of a city from one day to another, the newest first, so many at most. Days on which nobody asked are not there.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn city_markets(
        &self,
        place: &Place,
        first: Date,
        last: Date,
        limit: u16,
    ) -> Result<Vec<Survey>, TableError> {
        let Key {
            partition,
            sort: from,
        } = city_key(place, first);
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :city AND SK BETWEEN :first AND :last")
            .expression_attribute_values(":city", text(partition))
            .expression_attribute_values(":first", text(from))
            .expression_attribute_values(":last", text(city_key(place, last).sort))
            .scan_index_forward(false)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(failed)?;
        let kept = answer.items.unwrap_or_default().into_iter();
        kept.map(|item| Ok(read::<CityMarket>(item)?.survey)).collect()
    }
}
