//! Demonstration data: listings in four cities and one person of each role. Made up, the same each time, and safe to
//! load again.

use domain::listing::{Listing, Place, Position};
use domain::{EmailAddress, Password, PersonName, Rent, Role, UserId};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use runtime::Runtime;
use table::Table;
use table::account::{Account, NewAccount, SignUpError};
use table::credentials::Credentials;

/// The password of every demonstration person.
pub const PASSWORD: &str = "demonstration";

/// The demonstration people: mail address, name, role.
pub const PEOPLE: [(&str, &str, Role); 4] = [
    ("renter@example.com", "Rita Renter", Role::Renter),
    ("landlord@example.com", "Lou Landlord", Role::Landlord),
    ("agent@example.com", "Avery Agent", Role::Agent),
    ("admin@example.com", "Ada Admin", Role::Admin),
];

/// Demonstration data could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The operator's runtime lacks something.
    #[error(transparent)]
    Config(#[from] runtime::ConfigError),
    /// The table failed.
    #[error(transparent)]
    Table(#[from] table::TableError),
    /// A made-up value does not fit its type.
    #[error("a demonstration value does not fit: {0}")]
    Value(String),
}

fn value<T, E: ToString>(parsed: Result<T, E>) -> Result<T, SeedError> {
    parsed.map_err(|error| SeedError::Value(error.to_string()))
}

/// Loads the listings and the people that are not there yet.
///
/// # Errors
/// [`SeedError`] if something cannot be written.
pub async fn load(runtime: &Runtime) -> Result<(), SeedError> {
    let table = Table::new(runtime)?;
    let listings = listings(table.now())?;
    try_join_all(listings.iter().map(|listing| table.add_listing(listing))).await?;
    try_join_all(PEOPLE.map(|(email, name, role)| sign_up(&table, email, name, role))).await?;
    Ok(())
}

async fn sign_up(table: &Table, email: &str, name: &str, role: Role) -> Result<(), SeedError> {
    let email: EmailAddress = value(email.parse())?;
    if table.user_with_email(&email).await?.is_some() {
        return Ok(());
    }
    let password = value(Password::try_from(PASSWORD.to_owned()))?;
    let hashed = web::password::hash(password).await;
    let id = value(UserId::generate(table.now()))?;
    let account = Account {
        role,
        email_verified: true,
        ..Account::new(id, email, value(PersonName::try_from(name.to_owned()))?)
    };
    let password_hash = hashed.map_err(|problem| SeedError::Value(problem.code().to_owned()))?;
    match table
        .sign_up(&NewAccount {
            account,
            credentials: Credentials::with_password(password_hash),
            confirmation: None,
        })
        .await
    {
        Ok(()) | Err(SignUpError::Taken) => Ok(()),
        Err(SignUpError::Table(error)) => Err(error.into()),
    }
}

/// A city of the demonstration.
struct City {
    name: &'static str,
    state: &'static str,
    zip: u32,
    latitude: f64,
    longitude: f64,
    /// What a studio rents for there, in dollars.
    rent: u32,
}

const CITIES: [City; 4] = [
    City {
        name: "Atlanta",
        state: "GA",
        zip: 30308,
        latitude: 33.749,
        longitude: -84.388,
        rent: 1350,
    },
    City {
        name: "Austin",
        state: "TX",
        zip: 78701,
        latitude: 30.267,
        longitude: -97.743,
        rent: 1420,
    },
    City {
        name: "Dallas",
        state: "TX",
        zip: 75201,
        latitude: 32.777,
        longitude: -96.797,
        rent: 1280,
    },
    City {
        name: "Houston",
        state: "TX",
        zip: 77002,
        latitude: 29.760,
        longitude: -95.370,
        rent: 1090,
    },
];

/// Enough for a market rent of most kinds of homes in each of a city's six ZIP codes.
const LISTINGS_PER_CITY: u32 = 36;
const FIRST_NAMES: [&str; 5] = ["Juniper", "Foundry", "Magnolia", "Harbor", "Summit"];
const LAST_NAMES: [&str; 3] = ["Lofts", "Court", "Terrace"];
const STREETS: [&str; 5] = [
    "Peach Street",
    "Mill Road",
    "Commerce Avenue",
    "River Lane",
    "Park Place",
];
const AMENITIES: [&str; 6] = ["pool", "gym", "parking", "in-unit laundry", "balcony", "dog park"];

/// An offer, its kind, and the months' rent it is worth over a year.
const OFFERS: [Option<(&str, &str, f64)>; 4] = [
    None,
    Some(("6 weeks free", "free_rent", 1.5)),
    None,
    Some(("First month free", "free_rent", 1.0)),
];

fn listings(now: Timestamp) -> Result<Vec<Listing>, SeedError> {
    let numbered = CITIES.iter().zip(1u32..).flat_map(|(city, at)| {
        (0..LISTINGS_PER_CITY).map(move |number| (city, at * 1000 + number + 1, number))
    });
    numbered
        .map(|(city, id, number)| listing(city, id, number, now))
        .collect()
}

fn listing(city: &City, id: u32, number: u32, now: Timestamp) -> Result<Listing, SeedError> {
    let at = value(usize::try_from(number))?;
    let bedrooms = number % 4;
    let asking = city.rent + bedrooms * 340 + (number * 37) % 190;
    // What people pay to know: between 2 and 9 percent below what is asked.
    let predicted = asking - asking * (2 + number % 8) / 100;
    let offer = OFFERS[at % OFFERS.len()];
    let worth = offer.map(|(_, _, months)| f64::from(asking) * months);
    let (north, east) = (
        f64::from(number % 5) * 0.021 - 0.042,
        f64::from(number / 5) * 0.03 - 0.03,
    );
    Ok(Listing {
        id: value(id.to_string().parse())?,
        source: "demonstration".to_owned(),
        name: format!(
            "{} {}",
            FIRST_NAMES[at % FIRST_NAMES.len()],
            LAST_NAMES[at / 5 % LAST_NAMES.len()]
        ),
        address: format!("{} {}", 100 + number * 12, STREETS[at % STREETS.len()]),
        place: value(Place::new(city.name, city.state))?,
        zip_code: format!("{:05}", city.zip + number % 6),
        position: Some(value(Position::new(
            city.latitude + north,
            city.longitude + east,
        ))?),
        min_rent: value(Rent::from_dollars(asking))?,
        max_rent: value(Rent::from_dollars(asking + 280))?,
        predicted_rent: value(Rent::from_dollars(predicted))?,
        bedrooms_min: value(u8::try_from(bedrooms))?,
        bedrooms_max: value(u8::try_from(bedrooms + 1))?,
        bathrooms_min: 1.0,
        bathrooms_max: if bedrooms > 1 { 2.0 } else { 1.5 },
        square_feet_min: Some(520 + bedrooms * 240 + number * 7),
        amenities: (0..3)
            .map(|step| AMENITIES[(at + step) % AMENITIES.len()].to_owned())
            .collect(),
        special_offers: offer.map(|(text, _, _)| text.to_owned()),
        concession_type: offer.map(|(_, kind, _)| kind.to_owned()),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few months' rent"
        )]
        concession_value: worth.map(|worth| worth.round() as u32),
        effective_rent: match worth {
            Some(worth) => Some(value(Rent::try_from((f64::from(asking) - worth / 12.0).round()))?),
            None => None,
        },
        pet_policy: Some(
            if number.is_multiple_of(3) {
                "No pets"
            } else {
                "Cats and dogs"
            }
            .to_owned(),
        ),
        units_available: Some(1 + number % 9),
        listing_url: Some(format!("https://listings.example/{id}")),
        image_url: None,
        first_seen: now - SignedDuration::from_hours(24 * i64::from(3 + number * 4)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demonstration_listing_is_cheaper_by_prediction_and_has_its_own_id() {
        let listings = listings(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(10_000)).unwrap();
        assert_eq!(listings.len(), 144);
        assert!(
            listings
                .iter()
                .all(|listing| listing.predicted_rent < listing.min_rent)
        );
        let ids: std::collections::BTreeSet<_> = listings.iter().map(|listing| &listing.id).collect();
        assert_eq!(ids.len(), listings.len());
    }
}
