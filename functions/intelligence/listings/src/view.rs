//! Listings, as the web client reads them.

use domain::Rent;
use domain::listing::Listing;
use jiff::Timestamp;
use serde::Serialize;
use table::listing::CityFigures;
use utoipa::ToSchema;

/// A listing. What we predict of its rent is not among this.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListingView {
    /// What its source calls it.
    id: String,
    /// The building's name.
    name: String,
    /// Street and number.
    address: String,
    /// The city.
    city: String,
    /// The state's two letters.
    state: String,
    /// Five digits.
    zip_code: String,
    /// The lowest asking rent, in dollars a month.
    #[schema(value_type = f64)]
    min_rent: Rent,
    /// The highest asking rent.
    #[schema(value_type = f64)]
    max_rent: Rent,
    /// Bedrooms of the smallest unit; 0 is a studio.
    bedrooms_min: u8,
    /// Bedrooms of the largest unit.
    bedrooms_max: u8,
    /// Bathrooms of the smallest unit.
    bathrooms_min: f32,
    /// Bathrooms of the largest unit.
    bathrooms_max: f32,
    /// Square feet of the smallest unit.
    square_feet_min: Option<u32>,
    /// A picture.
    image_url: Option<String>,
    /// What it offers.
    amenities: Vec<String>,
    /// The offer as advertised.
    special_offers: Option<String>,
    /// The offer's kind.
    concession_type: Option<String>,
    /// The offer's worth over a year's lease, in dollars.
    concession_value: Option<u32>,
    /// The rent with the offer spread over the lease.
    #[schema(value_type = Option<f64>)]
    effective_price: Option<Rent>,
    /// Whole days since it was first seen.
    days_on_market: u32,
    /// Its public page.
    listing_url: Option<String>,
    /// The same page: the client looks for it under three names.
    website_url: Option<String>,
    /// The same page.
    direct_website_url: Option<String>,
    /// Pets.
    pet_policy: Option<String>,
    /// Units to let.
    units_available: Option<u32>,
    /// Degrees north.
    latitude: Option<f64>,
    /// Degrees east.
    longitude: Option<f64>,
    /// `active`: what is no longer let is not listed.
    status: &'static str,
    /// Where it was seen.
    source: String,
}

impl ListingView {
    /// The listing as everyone may see it at `now`.
    pub(crate) fn of(listing: Listing, now: Timestamp) -> Self {
        Self {
            days_on_market: listing.days_on_market(now),
            id: listing.id.into(),
            name: listing.name,
            address: listing.address,
            city: listing.place.city().to_owned(),
            state: listing.place.state().to_owned(),
            zip_code: listing.zip_code,
            min_rent: listing.min_rent,
            max_rent: listing.max_rent,
            bedrooms_min: listing.bedrooms_min,
            bedrooms_max: listing.bedrooms_max,
            bathrooms_min: listing.bathrooms_min,
            bathrooms_max: listing.bathrooms_max,
            square_feet_min: listing.square_feet_min,
            image_url: listing.image_url,
            amenities: listing.amenities,
            special_offers: listing.special_offers,
            concession_type: listing.concession_type,
            concession_value: listing.concession_value,
            effective_price: listing.effective_rent,
            website_url: listing.listing_url.clone(),
            direct_website_url: listing.listing_url.clone(),
            listing_url: listing.listing_url,
            pet_policy: listing.pet_policy,
            units_available: listing.units_available,
            latitude: listing.position.map(domain::listing::Position::latitude),
            longitude: listing.position.map(domain::listing::Position::longitude),
            status: "active",
            source: listing.source,
        }
    }
}

/// All listings together.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stats {
    /// How many there are.
    total_properties: u32,
    /// How many advertise an offer.
    properties_with_offers: u32,
    /// The mean of their lowest asking rents, in whole dollars; 0 if there are none.
    average_rent: u32,
    /// Their cities, by name.
    cities: Vec<String>,
}

impl Stats {
    /// The sum of the cities' figures.
    pub(crate) fn of(cities: &[CityFigures]) -> Self {
        let total: u32 = cities.iter().map(|city| city.listings).sum();
        let rents: f64 = cities.iter().map(|city| city.rents).sum();
        let mut names: Vec<_> = cities.iter().map(|city| city.place.city().to_owned()).collect();
        names.sort();
        names.dedup();
        Self {
            total_properties: total,
            properties_with_offers: cities.iter().map(|city| city.with_offers).sum(),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a mean of rents is one"
            )]
            average_rent: if total == 0 {
                0
            } else {
                (rents / f64::from(total)).round() as u32
            },
            cities: names,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::listing::Place;

    use super::*;

    fn city(name: &str, state: &str, listings: u32, rents: f64) -> CityFigures {
        CityFigures {
            place: Place::new(name, state).unwrap(),
            listings,
            with_offers: 1,
            rents,
        }
    }

    #[test]
    fn the_mean_rent_is_weighed_by_listings_not_by_cities() {
        let stats = Stats::of(&[city("Austin", "TX", 3, 6000.0), city("Atlanta", "GA", 1, 1000.0)]);
        assert_eq!(stats.average_rent, 1750);
        assert_eq!(stats.cities, ["Atlanta", "Austin"]);
    }

    #[test]
    fn no_listings_are_no_division_by_zero() {
        assert_eq!(Stats::of(&[]).average_rent, 0);
    }
}
