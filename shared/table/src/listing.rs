//! Listings: each by its id, by its city (GSI1), by its cell of the map (GSI2) and by its ZIP code (GSI3); and one small item
//! for each city with the figures that are shown without reading any listing.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::listing::{Listing, Place, Position};
use domain::{ListingId, Rent, Zip};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::error::failed;
use crate::item::{Change, Consistency, Key, TransactError, number, read, text};
use crate::{Table, TableError};

/// How many listings one answer may have.
pub const PAGE_AT_MOST: u16 = 200;
/// The largest radius of a search, in miles.
pub const RADIUS_AT_MOST: f64 = 50.0;
/// How many cells of the map are read for one search: as many as the largest circle touches at 50° north. Meridians
/// draw together towards the poles, where a circle touches hundreds; there the farthest cells are left out.
const CELLS_AT_MOST: usize = 24;
/// How many cities are read for an answer about no city in particular.
const CITIES_AT_MOST: usize = 8;

pub(crate) fn key(listing: &ListingId) -> Key {
    Key::new(format!("LISTING#{listing}"), "LISTING")
}

/// All figures of cities are in one partition, a few dozen bytes each.
const FIGURES: &str = "LISTINGS";

fn figures_key(place: &Place) -> Key {
    Key::new(FIGURES, format!("PLACE#{}", place.canonical()))
}

/// What is known of a city's listings as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CityFigures {
    /// The city.
    pub place: Place,
    /// Listings.
    pub listings: u32,
    /// Those with a special offer.
    pub with_offers: u32,
    /// The sum of their lowest asking rents, in dollars.
    pub rents: f64,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Whereabouts {
    /// Everywhere, largest cities first.
    Anywhere,
    /// One city.
    In(Place),
    /// Around a position.
    Near {
        /// The middle.
        position: Position,
        /// How far from it, at most [`RADIUS_AT_MOST`].
        miles: f64,
    },
}

impl Table {
    /// The listing of that id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn listing(&self, id: &ListingId) -> Result<Option<Listing>, TableError> {
        self.get(&key(id), Consistency::Eventual).await
    }

    /// Up to `limit` listings there; around a position the nearest come first.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn listings(&self, whereabouts: &Whereabouts, limit: u16) -> Result<Vec<Listing>, TableError> {
        let limit = limit.clamp(1, PAGE_AT_MOST);
        match whereabouts {
            Whereabouts::In(place) => self.listings_in(place, limit).await,
            Whereabouts::Near { position, miles } => self.listings_near(*position, *miles, limit).await,
            Whereabouts::Anywhere => self.listings_anywhere(limit).await,
        }
    }

    /// Up to `limit` listings of a ZIP code.
    pub(crate) async fn listings_of_zip(&self, zip: Zip, limit: u16) -> Result<Vec<Listing>, TableError> {
        self.listings_at("GSI3", format!("ZIP#{zip}"), limit).await
    }

    async fn listings_in(&self, place: &Place, limit: u16) -> Result<Vec<Listing>, TableError> {
        self.listings_at("GSI1", format!("PLACE#{}", place.canonical()), limit)
            .await
    }

    /// All listings of a city, however many.
    pub(crate) async fn all_listings_in(&self, place: &Place) -> Result<Vec<Listing>, TableError> {
        let mut listings = Vec::new();
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("GSI1")
            .key_condition_expression("GSI1PK = :place")
            .expression_attribute_values(":place", text(format!("PLACE#{}", place.canonical())))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for item in page.map_err(failed)?.items.unwrap_or_default() {
                listings.push(read(item)?);
            }
        }
        Ok(listings)
    }

    async fn listings_near(
        &self,
        position: Position,
        miles: f64,
        limit: u16,
    ) -> Result<Vec<Listing>, TableError> {
        let cells = position.cells_within(miles.min(RADIUS_AT_MOST));
        let reads = cells
            .iter()
            .take(CELLS_AT_MOST)
            .map(|cell| self.listings_at("GSI2", format!("CELL#{cell}"), PAGE_AT_MOST));
        let far = |listing: &Listing| {
            listing
                .position
                .map_or(f64::MAX, |other| position.miles_to(other))
        };
        let mut found: Vec<Listing> = try_join_all(reads).await?.into_iter().flatten().collect();
        found.retain(|listing| far(listing) <= miles);
        found.sort_by(|one, other| far(one).total_cmp(&far(other)));
        found.truncate(usize::from(limit));
        Ok(found)
    }

    async fn listings_anywhere(&self, limit: u16) -> Result<Vec<Listing>, TableError> {
        let mut cities = self.city_figures().await?;
        cities.sort_by_key(|city| std::cmp::Reverse(city.listings));
        let mut found = Vec::new();
        for city in cities.iter().take(CITIES_AT_MOST) {
            let missing = usize::from(limit).saturating_sub(found.len());
            match u16::try_from(missing) {
                Ok(missing) if missing > 0 => found.extend(self.listings_in(&city.place, missing).await?),
                _ => break,
            }
        }
        Ok(found)
    }

    async fn listings_at(
        &self,
        index: &str,
        partition: String,
        limit: u16,
    ) -> Result<Vec<Listing>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index)
            .key_condition_expression("#partition = :partition")
            .expression_attribute_names("#partition", format!("{index}PK"))
            .expression_attribute_values(":partition", AttributeValue::S(partition))
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(failed)?;
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }

    /// The figures of every city with listings. Grows with the number of cities, not of listings.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn city_figures(&self) -> Result<Vec<CityFigures>, TableError> {
        let mut cities = Vec::new();
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :figures")
            .expression_attribute_values(":figures", text(FIGURES))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for item in page.map_err(failed)?.items.unwrap_or_default() {
                cities.push(read(item)?);
            }
        }
        Ok(cities)
    }

    /// Adds a listing and counts it for its city, both or neither. `false` if it is there already.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn add_listing(&self, listing: &Listing) -> Result<bool, TableError> {
        let mut item = self.item(&key(&listing.id), "Listing", listing)?;
        let id = text(format!("LISTING#{}", listing.id));
        item.insert(
            "GSI1PK".to_owned(),
            text(format!("PLACE#{}", listing.place.canonical())),
        );
        item.insert("GSI1SK".to_owned(), id.clone());
        if let Some(position) = listing.position {
            item.insert("GSI2PK".to_owned(), text(format!("CELL#{}", position.cell())));
            item.insert("GSI2SK".to_owned(), id.clone());
        }
        if let Ok(zip) = listing.zip_code.parse::<Zip>() {
            item.insert("GSI3PK".to_owned(), text(format!("ZIP#{zip}")));
            item.insert("GSI3SK".to_owned(), id);
        }
        let counted = Change::new(
            figures_key(&listing.place),
            "SET place = if_not_exists(place, :place), entity = :entity \
             ADD listings :one, withOffers :offer, rents :rent",
        )
        .value(":place", crate::item::attribute(&listing.place)?)
        .value(":entity", text("CityFigures"))
        .value(":one", number(1))
        .value(":offer", number(u8::from(listing.special_offers.is_some())))
        .value(":rent", number(Rent::dollars(listing.min_rent)));
        match self
            .transact(vec![self.create(item)?, self.change(counted)?])
            .await
        {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(_)) => Ok(false),
            Err(TransactError::Other(error)) => Err(error),
        }
    }
}
