//! A listing on the market, where it lies, and how near places are found.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ListingId, Rent};

/// A property for rent, as the market shows it. Everything but the prediction is public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// What its source calls it.
    pub id: ListingId,
    /// Where it was seen.
    pub source: String,
    /// The building's name.
    pub name: String,
    /// Street and number.
    pub address: String,
    /// City and state.
    pub place: Place,
    /// Five digits.
    pub zip_code: String,
    /// Where it lies, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The lowest asking rent.
    pub min_rent: Rent,
    /// The highest asking rent.
    pub max_rent: Rent,
    /// What the asking rent should be, by our own reckoning. This is what people pay to see.
    pub predicted_rent: Rent,
    /// Bedrooms of the smallest unit; 0 is a studio.
    pub bedrooms_min: u8,
    /// Bedrooms of the largest unit.
    pub bedrooms_max: u8,
    /// Bathrooms of the smallest unit.
    pub bathrooms_min: f32,
    /// Bathrooms of the largest unit.
    pub bathrooms_max: f32,
    /// Square feet of the smallest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_feet_min: Option<u32>,
    /// What it offers.
    #[serde(default)]
    pub amenities: Vec<String>,
    /// The offer as advertised: "6 weeks free".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_offers: Option<String>,
    /// The offer's kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concession_type: Option<String>,
    /// The offer's worth over a year's lease, in whole dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concession_value: Option<u32>,
    /// The rent with the offer spread over the lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_rent: Option<Rent>,
    /// Pets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pet_policy: Option<String>,
    /// Units to let.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_available: Option<u32>,
    /// Its public page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_url: Option<String>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// When it was first seen.
    pub first_seen: Timestamp,
}

impl Listing {
    /// Whole days on the market at `now`.
    #[must_use]
    pub fn days_on_market(&self, now: Timestamp) -> u32 {
        u32::try_from(now.duration_since(self.first_seen).as_hours() / 24).unwrap_or_default()
    }

    /// The figures that an unlock freezes.
    #[must_use]
    pub fn quote(&self) -> Quote {
        Quote {
            asking_rent: self.min_rent,
            predicted_rent: self.predicted_rent,
        }
    }
}

/// A listing's asking rent and our prediction at one moment. Frozen when a person unlocks the listing; a lease is later
/// compared with these figures and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// What the landlord asked.
    pub asking_rent: Rent,
    /// What we said it should be.
    pub predicted_rent: Rent,
}

/// A city and its state, in one spelling for every way to write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PlaceText")]
pub struct Place {
    city: String,
    state: String,
}

/// A text names no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a city of at most 100 letters, spaces and .'- with a state of two letters")]
pub struct PlaceError;

#[derive(Deserialize)]
struct PlaceText {
    city: String,
    state: String,
}

impl TryFrom<PlaceText> for Place {
    type Error = PlaceError;

    fn try_from(text: PlaceText) -> Result<Self, PlaceError> {
        Self::new(&text.city, &text.state)
    }
}

impl Place {
    /// The longest city name, in characters.
    pub const MAX_CITY_LENGTH: usize = 100;

    /// The place called `city` in `state` (two letters), whatever the case and spacing.
    ///
    /// # Errors
    /// [`PlaceError`] if one of them is not such a name.
    pub fn new(city: &str, state: &str) -> Result<Self, PlaceError> {
        let city = city.split_whitespace().collect::<Vec<_>>().join(" ");
        let of_a_name = |letter: char| letter.is_alphabetic() || matches!(letter, ' ' | '.' | '\'' | '-');
        let state = state.trim().to_ascii_uppercase();
        let fits = (1..=Self::MAX_CITY_LENGTH).contains(&city.chars().count())
            && city.chars().all(of_a_name)
            && city.contains(char::is_alphabetic)
            && state.len() == 2
            && state.bytes().all(|letter| letter.is_ascii_uppercase());
        if fits {
            Ok(Self { city, state })
        } else {
            Err(PlaceError)
        }
    }

    /// The city, as written.
    #[must_use]
    pub fn city(&self) -> &str {
        &self.city
    }

    /// The state's two letters.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The same text for every spelling: what a key is made of. No letter of it is a separator.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{}/{}", self.state, self.city.to_lowercase())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.city, self.state)
    }
}

/// A position on the earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Degrees")]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

/// Numbers are not a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a latitude from -90 to 90 and a longitude from -180 to 180")]
pub struct PositionError;

#[derive(Deserialize)]
struct Degrees {
    latitude: f64,
    longitude: f64,
}

impl TryFrom<Degrees> for Position {
    type Error = PositionError;

    fn try_from(degrees: Degrees) -> Result<Self, PositionError> {
        Self::new(degrees.latitude, degrees.longitude)
    }
}

/// The mean radius of the earth, in miles.
const EARTH_RADIUS_MILES: f64 = 3958.8;

impl Position {
    /// The position at these degrees.
    ///
    /// # Errors
    /// [`PositionError`] if they are not on the earth.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, PositionError> {
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self { latitude, longitude })
        } else {
            Err(PositionError)
        }
    }

    /// Degrees north.
    #[must_use]
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    #[must_use]
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// The great-circle distance, in miles, by the haversine formula.
    #[must_use]
    pub fn miles_to(self, other: Self) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = (to - from) / 2.0;
        let east = (other.longitude - self.longitude).to_radians() / 2.0;
        let haversine = north.sin().powi(2) + from.cos() * to.cos() * east.sin().powi(2);
        2.0 * EARTH_RADIUS_MILES * haversine.sqrt().min(1.0).asin()
    }

    /// The cell of the grid that this position lies in.
    #[must_use]
    pub fn cell(self) -> Cell {
        Cell {
            row: band(self.latitude),
            column: band(self.longitude),
        }
    }

    /// Every cell that comes within `miles` of this position, the position's own first and then outwards.
    #[must_use]
    pub fn cells_within(self, miles: f64) -> Vec<Cell> {
        let height = (miles / EARTH_RADIUS_MILES).to_degrees();
        // A degree of longitude shrinks towards the poles; close to them one circle takes them all in.
        let narrowest = (self.latitude.abs() + height).min(89.0).to_radians().cos();
        let width = (height / narrowest).min(180.0);
        let rows = band(self.latitude - height)..=band(self.latitude + height);
        let columns = band(self.longitude - width)..=band(self.longitude + width);
        let home = self.cell();
        let mut cells: Vec<Cell> = rows
            .flat_map(|row| columns.clone().map(move |column| Cell { row, column }))
            .collect();
        cells.sort_by_key(|cell| (cell.row - home.row).pow(2) + (cell.column - home.column).pow(2));
        cells
    }
}

/// A square of half a degree by half a degree: about 35 miles from south to north, 28 from west to east in the
/// middle of the United States. A key of the listings by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    row: i32,
    column: i32,
}

fn band(degrees: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "degrees are bounded: the result is within ±1000"
    )]
    let band = (degrees * 2.0).floor() as i32;
    band
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+05}{:+05}", self.row, self.column)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ATLANTA: (f64, f64) = (33.749, -84.388);

    fn position((latitude, longitude): (f64, f64)) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    #[test]
    fn spellings_of_one_place_are_one_key() {
        let place = Place::new(" Saint   Paul ", "mn").unwrap();
        assert_eq!(
            place.canonical(),
            Place::new("saint paul", "MN").unwrap().canonical()
        );
        assert_eq!(place.to_string(), "Saint Paul, MN");
    }

    #[test]
    fn a_place_with_a_key_separator_is_refused() {
        assert!(Place::new("Atlanta#GA", "GA").is_err());
        assert!(Place::new("Atlanta/GA", "GA").is_err());
        assert!(Place::new("Atlanta", "Georgia").is_err());
    }

    #[test]
    fn the_distance_between_atlanta_and_austin_is_818_miles() {
        let miles = position(ATLANTA).miles_to(position((30.2672, -97.7431)));
        assert!((miles - 818.0).abs() < 2.0, "{miles}");
    }

    #[test]
    fn fifty_miles_around_a_city_are_at_most_twenty_cells() {
        assert!(position(ATLANTA).cells_within(50.0).len() <= 20);
    }

    proptest! {
        #[test]
        fn a_position_within_the_radius_lies_in_one_of_the_cells(
            latitude in 24.0..50.0f64, longitude in -125.0..-66.0f64,
            north in -0.7..0.7f64, east in -0.7..0.7f64, miles in 1.0..50.0f64,
        ) {
            let centre = position((latitude, longitude));
            let other = position((latitude + north, longitude + east));
            if centre.miles_to(other) <= miles {
                prop_assert!(centre.cells_within(miles).contains(&other.cell()));
            }
        }
    }
}
