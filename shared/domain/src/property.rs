//! A landlord's property: a unit, or a building of alike units. Each field has its own limits, so that a value which is
//! there fits; [`Details::fits_together`] says whether all of them do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};

use crate::listing::Place;
use crate::text::Line;
use crate::{EmailAddress, PersonName, Rent, Zip};

/// What a landlord says of a property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Details {
    /// What its landlord calls it.
    pub name: Line<500>,
    /// Street and number.
    pub address: Line<500>,
    /// The city.
    pub city: Line<{ Place::MAX_CITY_LENGTH }>,
    /// The state.
    pub state: StateCode,
    /// The ZIP code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<ZipCode>,
    /// Which unit of the building.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_number: Option<Line<50>>,
    /// Where it lies, in degrees to the north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Degrees<90>>,
    /// Where it lies, in degrees to the east.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Degrees<180>>,
    /// Bedrooms of the smallest unit; 0 is a studio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedrooms_min: Option<Whole<0, 100>>,
    /// Bedrooms of the largest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedrooms_max: Option<Whole<0, 100>>,
    /// Bathrooms of the smallest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bathrooms_min: Option<Bathrooms>,
    /// Bathrooms of the largest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bathrooms_max: Option<Bathrooms>,
    /// Square feet of the smallest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_feet_min: Option<Whole<0, 1_000_000>>,
    /// Square feet of the largest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_feet_max: Option<Whole<0, 1_000_000>>,
    /// What kind of building it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_type: Option<Line<50>>,
    /// When it was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_built: Option<Whole<1600, 2100>>,
    /// How many units the building has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_count: Option<Whole<1, 10_000>>,
    /// What it should let for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_rent: Option<Rent>,
    /// What it lets for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_rent: Option<Rent>,
    /// Whether somebody lives there.
    #[serde(default)]
    pub occupancy_status: Occupancy,
    /// Who lives there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_name: Option<PersonName>,
    /// When the lease began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_start_date: Option<LeaseDate>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_end_date: Option<LeaseDate>,
    /// Since which day nobody lives there, where that was before it was entered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_occupied_date: Option<LeaseDate>,
    /// What it offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amenities: Option<Traits>,
    /// What else is to be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Traits>,
    /// Which pets may live there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pet_policy: Option<Traits>,
    /// Where cars stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking: Option<Traits>,
    /// What is paid apart from the rent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilities: Option<Traits>,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// A description, in one paragraph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Line<2000>>,
    /// Where to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Line<50>>,
    /// Where to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<WebAddress>,
}

/// Fields that do not go together: the one that is named should be otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {should}")]
pub struct Misfit {
    /// The field, as the API calls it.
    pub field: &'static str,
    /// What it should be.
    pub should: &'static str,
}

impl Details {
    /// Whether the fields go together.
    ///
    /// # Errors
    /// [`Misfit`] names the first one that does not.
    pub fn fits_together(&self) -> Result<(), Misfit> {
        let named = Place::new(self.city.as_str(), self.state.as_str()).is_ok();
        let positioned = self.latitude.is_some() == self.longitude.is_some();
        let checks = [
            (named, "city", "must be a name of letters, spaces and .'-"),
            (
                positioned || self.latitude.is_some(),
                "latitude",
                "goes with longitude",
            ),
            (
                positioned || self.longitude.is_some(),
                "longitude",
                "goes with latitude",
            ),
            (
                in_order(self.bedrooms_min, self.bedrooms_max),
                "bedroomsMax",
                "must not be below bedroomsMin",
            ),
            (
                in_order(self.bathrooms_min, self.bathrooms_max),
                "bathroomsMax",
                "must not be below bathroomsMin",
            ),
            (
                in_order(self.square_feet_min, self.square_feet_max),
                "squareFeetMax",
                "must not be below squareFeetMin",
            ),
            (
                in_order(self.lease_start_date, self.lease_end_date),
                "leaseEndDate",
                "must not be before leaseStartDate",
            ),
        ];
        match checks.into_iter().find(|(fits, ..)| !fits) {
            Some((_, field, should)) => Err(Misfit { field, should }),
            None => Ok(()),
        }
    }

    /// What it lets for, or else what it should let for.
    #[must_use]
    pub fn rent(&self) -> Option<Rent> {
        self.actual_rent.or(self.target_rent)
    }

    /// Square feet of the smallest unit, or else of the largest.
    #[must_use]
    pub fn square_feet(&self) -> Option<u32> {
        self.square_feet_min.or(self.square_feet_max).map(Whole::get)
    }

    /// Its city and state. `None` never happens to details that fit together.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Place::new(self.city.as_str(), self.state.as_str()).ok()
    }

    /// Since when nobody lives there, if these details are true from `now` on. `known` is what was true before, and since when
    /// nobody lived there then.
    #[must_use]
    pub fn vacant_since(
        &self,
        known: Option<(&Self, Option<Timestamp>)>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if self.occupancy_status != Occupancy::Vacant {
            return None;
        }
        let told_before = known.and_then(|(known, _)| known.last_occupied_date);
        let told = self.last_occupied_date.filter(|day| Some(*day) != told_before);
        // What was told of an earlier vacancy says nothing of this one.
        let told = told.and_then(LeaseDate::begins).map(|since| since.min(now));
        told.or(known.and_then(|(_, since)| since)).or(Some(now))
    }
}

/// Whether the first does not exceed the second, where both are given.
fn in_order<T: Ord>(least: Option<T>, most: Option<T>) -> bool {
    least.zip(most).is_none_or(|(least, most)| least <= most)
}

/// Whether somebody lives in a property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occupancy {
    /// Nobody does.
    #[default]
    Vacant,
    /// Somebody does.
    Occupied,
    /// Somebody will.
    Pending,
    /// Nobody can.
    Maintenance,
}

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "i64")]
pub struct Whole<const LEAST: u32, const MOST: u32>(u32);

/// A number is too small or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {least} to {most}")]
pub struct WholeError {
    least: u32,
    most: u32,
}

impl<const LEAST: u32, const MOST: u32> Whole<LEAST, MOST> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32> From<Whole<LEAST, MOST>> for u32 {
    fn from(whole: Whole<LEAST, MOST>) -> Self {
        whole.0
    }
}

impl<const LEAST: u32, const MOST: u32> TryFrom<i64> for Whole<LEAST, MOST> {
    type Error = WholeError;

    fn try_from(number: i64) -> Result<Self, WholeError> {
        u32::try_from(number)
            .ok()
            .filter(|number| (LEAST..=MOST).contains(number))
            .map(Self)
            .ok_or(WholeError {
                least: LEAST,
                most: MOST,
            })
    }
}

/// How many bathrooms there are, to the half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "f64")]
pub struct Bathrooms {
    halves: u8,
}

/// A number is no number of bathrooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 0 to 100, whole or and a half")]
pub struct BathroomsError;

impl Bathrooms {
    /// How many there are.
    #[must_use]
    pub fn number(self) -> f64 {
        f64::from(self.halves) / 2.0
    }
}

impl TryFrom<f64> for Bathrooms {
    type Error = BathroomsError;

    fn try_from(number: f64) -> Result<Self, BathroomsError> {
        let found = (0..=200).find(|halves| f64::from(*halves) == number * 2.0);
        found.map(|halves| Self { halves }).ok_or(BathroomsError)
    }
}

impl Serialize for Bathrooms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.halves.is_multiple_of(2) {
            serializer.serialize_u8(self.halves / 2)
        } else {
            serializer.serialize_f64(self.number())
        }
    }
}

/// A latitude or a longitude: from `-MOST` to `MOST` degrees. The web client sends it as a number or as a text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "NumberOrText")]
pub struct Degrees<const MOST: u8>(f64);

/// A value is no latitude or longitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number of degrees from -{most} to {most}")]
pub struct DegreesError {
    most: u8,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a number of degrees")]
pub(crate) enum NumberOrText {
    Number(f64),
    Text(String),
}

impl<const MOST: u8> From<Degrees<MOST>> for f64 {
    fn from(degrees: Degrees<MOST>) -> Self {
        degrees.0
    }
}

impl<const MOST: u8> TryFrom<NumberOrText> for Degrees<MOST> {
    type Error = DegreesError;

    fn try_from(given: NumberOrText) -> Result<Self, DegreesError> {
        let number = match given {
            NumberOrText::Number(number) => Some(number),
            NumberOrText::Text(text) => text.trim().parse().ok(),
        };
        number
            .filter(|number: &f64| number.abs() <= f64::from(MOST))
            .map(Self)
            .ok_or(DegreesError { most: MOST })
    }
}

/// The two letters of a state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StateCode(String);

/// A text is no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the two letters of a state, such as GA")]
pub struct StateCodeError;

impl StateCode {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<StateCode> for String {
    fn from(state: StateCode) -> Self {
        state.0
    }
}

impl TryFrom<String> for StateCode {
    type Error = StateCodeError;

    fn try_from(text: String) -> Result<Self, StateCodeError> {
        let state = text.to_ascii_uppercase();
        if state.len() == 2 && state.bytes().all(|letter| letter.is_ascii_uppercase()) {
            Ok(Self(state))
        } else {
            Err(StateCodeError)
        }
    }
}

/// A ZIP code: five digits, or nine as `30303-1234`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ZipCode(String);

/// A text is no ZIP code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a ZIP code such as 30303 or 30303-1234")]
pub struct ZipCodeError;

impl ZipCode {
    /// Its five digits.
    #[must_use]
    pub fn zip(&self) -> Zip {
        Zip::of_digits(&self.0)
    }
}

impl From<ZipCode> for String {
    fn from(code: ZipCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for ZipCode {
    type Error = ZipCodeError;

    fn try_from(text: String) -> Result<Self, ZipCodeError> {
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|c| c.is_ascii_digit());
        let fits = match text.split_once('-') {
            Some((five, four)) => digits(five, 5) && digits(four, 4),
            None => digits(&text, 5),
        };
        if fits { Ok(Self(text)) } else { Err(ZipCodeError) }
    }
}

/// A day on which a lease begins or ends: `2026-08-31`. The web client also sends a time with it, which is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LeaseDate(Date);

/// A text is no day of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a date from 1900 to 2199, such as 2026-08-31")]
pub struct LeaseDateError;

impl LeaseDate {
    /// The day.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }

    /// The moment at which it begins, by the clock that times are kept in.
    fn begins(self) -> Option<Timestamp> {
        format!("{}T00:00:00Z", self.0).parse().ok()
    }
}

impl TryFrom<Date> for LeaseDate {
    type Error = LeaseDateError;

    fn try_from(date: Date) -> Result<Self, LeaseDateError> {
        date.to_string().try_into()
    }
}

impl From<LeaseDate> for String {
    fn from(date: LeaseDate) -> Self {
        date.0.to_string()
    }
}

impl TryFrom<String> for LeaseDate {
    type Error = LeaseDateError;

    fn try_from(text: String) -> Result<Self, LeaseDateError> {
        let day = match text.split_once('T') {
            Some((day, _)) if text.parse::<Timestamp>().is_ok() => day,
            Some(_) => return Err(LeaseDateError),
            None => &text,
        };
        // As it is written, and no other of the many ways to write a date.
        day.parse()
            .ok()
            .filter(|date: &Date| (1900..2200).contains(&date.year()) && date.to_string() == day)
            .map(Self)
            .ok_or(LeaseDateError)
    }
}

/// The address of a page or a picture on the web.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebAddress(String);

/// A text is no address on the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must begin with https:// or http:// and have at most 500 visible ASCII characters")]
pub struct WebAddressError;

impl WebAddress {
    /// The longest address, in characters.
    pub const MAX_LENGTH: usize = 500;
}

impl From<WebAddress> for String {
    fn from(address: WebAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for WebAddress {
    type Error = WebAddressError;

    fn try_from(text: String) -> Result<Self, WebAddressError> {
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let names_something = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if names_something && visible && text.len() <= Self::MAX_LENGTH {
            Ok(Self(text))
        } else {
            Err(WebAddressError)
        }
    }
}

/// Pictures of a property, at most 20.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<WebAddress>")]
pub struct Images(Vec<WebAddress>);

/// There are too many pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be at most 20 addresses of pictures")]
pub struct ImagesError;

impl Images {
    /// The most pictures of one property.
    pub const AT_MOST: usize = 20;

    /// The one that is shown where there is room for one.
    #[must_use]
    pub fn first(&self) -> Option<&WebAddress> {
        self.0.first()
    }
}

impl TryFrom<Vec<WebAddress>> for Images {
    type Error = ImagesError;

    fn try_from(addresses: Vec<WebAddress>) -> Result<Self, ImagesError> {
        if addresses.len() <= Self::AT_MOST {
            Ok(Self(addresses))
        } else {
            Err(ImagesError)
        }
    }
}

/// What is to be said of one side of a property: at most 50 names, each with a word about it (`{"pool": true}`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Trait>")]
pub struct Traits(BTreeMap<String, Trait>);

/// What is said under one name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "must be true, false, a number or a text of at most 200 characters"
)]
pub enum Trait {
    /// Whether it is so.
    Is(bool),
    /// How much of it there is.
    Whole(i32),
    /// How much of it there is, to a part.
    Number(f64),
    /// What it is like.
    Text(Line<200>),
}

/// An object says too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an object of at most 50 names, each of 1 to 50 characters")]
pub struct TraitsError;

impl Traits {
    /// The most names in one object.
    pub const AT_MOST: usize = 50;
    /// The longest name, in characters.
    pub const NAME_AT_MOST: usize = 50;
}

impl TryFrom<BTreeMap<String, Trait>> for Traits {
    type Error = TraitsError;

    fn try_from(traits: BTreeMap<String, Trait>) -> Result<Self, TraitsError> {
        let is_name = |name: &String| (1..=Self::NAME_AT_MOST).contains(&name.chars().count());
        if traits.len() <= Self::AT_MOST && traits.keys().all(is_name) {
            Ok(Self(traits))
        } else {
            Err(TraitsError)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
        serde_json::from_value(value).ok()
    }

    fn with(more: &Value) -> Details {
        let mut details =
            json!({ "name": "Elm 12", "address": "12 Elm St", "city": "Atlanta", "state": "ga" });
        let fields = more.as_object().unwrap().clone();
        details.as_object_mut().unwrap().extend(fields);
        serde_json::from_value(details).unwrap()
    }

    fn misfit(more: &Value) -> Option<&'static str> {
        with(more).fits_together().err().map(|misfit| misfit.field)
    }

    #[test]
    fn a_property_needs_a_name_and_an_address_and_is_vacant_unless_told_otherwise() {
        let details = with(&json!({}));
        assert_eq!(details.occupancy_status, Occupancy::Vacant);
        assert_eq!(details.state.as_str(), "GA");
        assert_eq!(details.fits_together(), Ok(()));
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        assert_eq!(misfit(&json!({ "city": "4th Ward" })), Some("city"));
        assert_eq!(misfit(&json!({ "latitude": 33 })), Some("longitude"));
        assert_eq!(misfit(&json!({ "longitude": 33 })), Some("latitude"));
        assert_eq!(
            misfit(&json!({ "bedroomsMin": 2, "bedroomsMax": 1 })),
            Some("bedroomsMax")
        );
        assert_eq!(
            misfit(&json!({ "bathroomsMin": 1.5, "bathroomsMax": 1 })),
            Some("bathroomsMax")
        );
        assert_eq!(
            misfit(&json!({ "squareFeetMin": 700, "squareFeetMax": 699 })),
            Some("squareFeetMax")
        );
        let lease = json!({ "leaseStartDate": "2026-09-01", "leaseEndDate": "2026-08-31" });
        assert_eq!(misfit(&lease), Some("leaseEndDate"));
        assert_eq!(misfit(&json!({ "bedroomsMin": 1, "bedroomsMax": 1 })), None);
    }

    #[test]
    fn a_vacancy_begins_when_it_is_told_of_or_when_it_was_said_to_have_begun() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-03-10T12:00:00Z");
        let vacant = with(&json!({}));
        let told = with(&json!({ "lastOccupiedDate": "2026-02-01" }));
        let february = Some(at("2026-02-01T00:00:00Z"));
        assert_eq!(vacant.vacant_since(None, now), Some(now));
        assert_eq!(told.vacant_since(None, now), february);
        let tomorrow = with(&json!({ "lastOccupiedDate": "2026-03-11" }));
        assert_eq!(tomorrow.vacant_since(None, now), Some(now));
        // It goes on, whatever else changes, and can be told of later.
        let earlier = Some(at("2026-03-01T00:00:00Z"));
        assert_eq!(vacant.vacant_since(Some((&vacant, earlier)), now), earlier);
        assert_eq!(told.vacant_since(Some((&vacant, earlier)), now), february);
        // What was said of an earlier vacancy says nothing of the next one.
        let let_out = with(&json!({ "lastOccupiedDate": "2026-02-01", "occupancyStatus": "occupied" }));
        assert_eq!(let_out.vacant_since(Some((&told, february)), now), None);
        assert_eq!(told.vacant_since(Some((&let_out, None)), now), Some(now));
    }

    #[test]
    fn a_date_may_come_with_a_time_and_is_the_day_that_is_written() {
        for text in [
            "2026-08-31",
            "2026-08-31T00:00:00.000Z",
            "2026-08-31T23:00:00-04:00",
        ] {
            let date: LeaseDate = read(json!(text)).unwrap();
            assert_eq!(String::from(date), "2026-08-31");
        }
        for text in [
            "",
            "2026-02-30",
            "20260831",
            "31.08.2026",
            "1899-12-31",
            "2026-08-31T25:00:00Z",
            "2026-08-31Tx",
        ] {
            assert_eq!(read::<LeaseDate>(json!(text)), None, "{text}");
        }
    }

    #[test]
    fn a_position_may_be_numbers_or_texts() {
        assert_eq!(
            read::<Degrees<90>>(json!("33.75")),
            read::<Degrees<90>>(json!(33.75))
        );
        for value in [
            json!(90.1),
            json!("-91"),
            json!("north"),
            json!("NaN"),
            json!("inf"),
            json!([]),
        ] {
            assert_eq!(read::<Degrees<90>>(value.clone()), None, "{value}");
        }
    }

    #[test]
    fn a_web_address_is_of_the_web() {
        assert!(read::<WebAddress>(json!("https://example.com/a.jpg")).is_some());
        for text in ["javascript:alert(1)", "https://", "https:// x", "ftp://x", "//x"] {
            assert_eq!(read::<WebAddress>(json!(text)), None, "{text}");
        }
        let many = vec!["https://example.com/a.jpg"; Images::AT_MOST + 1];
        assert_eq!(read::<Images>(json!(many)), None);
    }

    #[test]
    fn what_is_said_under_a_name_is_short_and_flat() {
        assert!(
            read::<Traits>(json!({ "pool": true, "spaces": 2, "fee": 25.5, "kind": "garage" })).is_some()
        );
        let long = "x".repeat(Traits::NAME_AT_MOST + 1);
        for value in [
            json!({ "pool": {} }),
            json!({ "pool": null }),
            json!({ long: 1 }),
            json!([]),
            json!({ "": 1 }),
        ] {
            assert_eq!(read::<Traits>(value.clone()), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_whole_number_is_within_its_limits(number: i64) {
            let fits = (1600..=2100).contains(&number);
            prop_assert_eq!(Whole::<1600, 2100>::try_from(number).is_ok(), fits);
        }

        #[test]
        fn bathrooms_survive_json_to_the_half(halves in 0..=200_u8) {
            let bathrooms = Bathrooms { halves };
            let json = serde_json::to_string(&bathrooms).unwrap();
            prop_assert_eq!(serde_json::from_str::<Bathrooms>(&json).unwrap(), bathrooms);
        }

        #[test]
        fn only_halves_of_bathrooms_are_counted(number in -10.0..300.0_f64) {
            let fits = (0.0..=100.0).contains(&number) && (number * 2.0).fract() == 0.0;
            prop_assert_eq!(Bathrooms::try_from(number).is_ok(), fits);
        }

        #[test]
        fn a_zip_code_is_five_or_nine_digits(five in "[0-9]{5}", four in "[0-9]{4}", other in "[0-9]{0,4}|[a-z]{5}|[0-9]{6,9}") {
            prop_assert!(ZipCode::try_from(five.clone()).is_ok());
            let nine = format!("{five}-{four}");
            prop_assert!(ZipCode::try_from(nine).is_ok());
            prop_assert!(ZipCode::try_from(other).is_err());
        }
    }
}
