//! Listings: the market's apartments, put where the scraper will put them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Rent;
use domain::listing::{Listing, Place, Position};

use crate::System;

/// What a listing asks unless a test says otherwise, in dollars a month.
pub const ASKING: u32 = 1850;
/// What we predict for it.
pub const PREDICTED: u32 = 1725;

impl System {
    /// Adds a listing in Atlanta with every field filled.
    ///
    /// # Panics
    /// If there is one of that id.
    pub async fn listing(&self, id: &str) -> Listing {
        self.listing_with(id, |_| {}).await
    }

    /// Adds a listing that differs from the usual one.
    ///
    /// # Panics
    /// If there is one of that id.
    pub async fn listing_with(&self, id: &str, change: impl FnOnce(&mut Listing)) -> Listing {
        let mut listing = Listing {
            id: id.parse().expect("a listing's id"),
            source: "seed".into(),
            name: format!("Peachtree {id}"),
            address: format!("{id} Peachtree St NE"),
            place: place("Atlanta", "GA"),
            zip_code: "30308".into(),
            position: Some(position(33.7490, -84.3880)),
            min_rent: rent(ASKING),
            max_rent: rent(2600),
            predicted_rent: rent(PREDICTED),
            bedrooms_min: 0,
            bedrooms_max: 2,
            bathrooms_min: 1.0,
            bathrooms_max: 2.5,
            square_feet_min: Some(540),
            amenities: vec!["pool".into(), "gym".into()],
            special_offers: Some("6 weeks free".into()),
            concession_type: Some("free_rent".into()),
            concession_value: Some(2775),
            effective_rent: Some(rent(1619)),
            pet_policy: Some("cats and dogs".into()),
            units_available: Some(4),
            listing_url: Some(format!("https://apartments.example.com/{id}")),
            image_url: Some(format!("https://apartments.example.com/{id}.jpg")),
            first_seen: self.now(),
        };
        change(&mut listing);
        let added = self
            .table()
            .add_listing(&listing)
            .await
            .expect("the table takes a listing");
        assert!(added, "there is a listing {id} already");
        listing
    }

    /// Takes a listing off the market.
    ///
    /// # Panics
    /// If the table does not take it.
    pub async fn listing_ends(&self, id: &str) {
        let (client, name) = self.dynamodb();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let delete = client.delete_item().table_name(name);
        let delete = delete
            .key("PK", text(&format!("LISTING#{id}")))
            .key("SK", text("LISTING"));
        delete.send().await.expect("the listing ends");
    }

    /// Changes what a listing asks and what we predict for it, as the market moves.
    ///
    /// # Panics
    /// If the table does not take it.
    pub async fn market_moves(&self, id: &str, asking: u32, predicted: u32) {
        let (client, name) = self.dynamodb();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        client
            .update_item()
            .table_name(name)
            .key("PK", text(&format!("LISTING#{id}")))
            .key("SK", text("LISTING"))
            .update_expression("SET minRent = :asking, predictedRent = :predicted")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":asking", AttributeValue::N(asking.to_string()))
            .expression_attribute_values(":predicted", AttributeValue::N(predicted.to_string()))
            .send()
            .await
            .expect("the listing changes");
    }
}

/// A rent of whole dollars.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn rent(dollars: u32) -> Rent {
    Rent::from_dollars(dollars).expect("a rent")
}

/// A city.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn place(city: &str, state: &str) -> Place {
    Place::new(city, state).expect("a place")
}

/// A position.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn position(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).expect("a position")
}
