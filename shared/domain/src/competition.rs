//! Competition sets: some of a landlord's properties, and the homes of others that compete with them. Each field has its own
//! limits, so that a value which is there fits.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::property::{Bathrooms, Degrees, Misfit, NumberOrText, Whole};
use crate::text::{Line, Note, TextError};
use crate::{ListingId, PropertyId, Rent};

/// What its landlord says of a competition set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetDetails {
    /// What it is called.
    pub name: Line<255>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note<1000>>,
    /// The landlord's own properties in it.
    #[serde(default)]
    pub own_property_ids: OwnProperties,
    /// Whether its landlord wants to be told what its competitors do.
    #[serde(default)]
    pub alerts_enabled: bool,
}

/// The landlord's own properties in a set: each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnProperties(
    #[serde(deserialize_with = "each_once")] UpTo<PropertyId, { OwnProperties::AT_MOST }>,
);

fn each_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<UpTo<PropertyId, { OwnProperties::AT_MOST }>, D::Error> {
    let UpTo(named) = UpTo::<PropertyId, { OwnProperties::AT_MOST }>::deserialize(deserializer)?;
    let mut ids = Vec::new();
    for id in named {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(UpTo(ids))
}

impl OwnProperties {
    /// The most properties in a set.
    pub const AT_MOST: usize = 50;

    /// Their ids, in the order in which they were named.
    #[must_use]
    pub fn ids(&self) -> &[PropertyId] {
        &self.0.0
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, id: PropertyId) -> bool {
        self.0.0.contains(&id)
    }

    /// Without this one.
    pub fn remove(&mut self, id: PropertyId) {
        self.0.0.retain(|own| *own != id);
    }

    /// With this one, if there is room.
    pub fn put_back(&mut self, id: PropertyId) {
        if !self.has(id) && self.0.0.len() < Self::AT_MOST {
            self.0.0.push(id);
        }
    }
}

/// What is known of a home that competes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompetitorDetails {
    /// Where it is: in a set, each address is once.
    pub address: Line<500>,
    /// What its source calls it, if it is one of the listings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_id: Option<ListingId>,
    /// Where it lies, in degrees to the north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Degrees<90>>,
    /// Where it lies, in degrees to the east.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Degrees<180>>,
    /// How many bedrooms it has; 0 is a studio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedrooms: Option<Whole<0, 100>>,
    /// How many bathrooms, to the half.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_or_text"
    )]
    pub bathrooms: Option<Bathrooms>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_feet: Option<Whole<0, 1_000_000>>,
    /// What is asked for it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_or_text"
    )]
    pub current_rent: Option<Rent>,
    /// What it offers.
    #[serde(default)]
    pub amenities: UpTo<Line<100>, 50>,
    /// What is given on top.
    #[serde(default)]
    pub concessions: UpTo<Concession, 20>,
    /// Where this is known from.
    #[serde(default)]
    pub source: Source,
    /// What else is to be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Note<1000>>,
    /// Whether it competes at present.
    #[serde(default = "yes")]
    pub is_active: bool,
}

/// What is given on top of a home: some weeks for nothing, a fee that is waived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concession {
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub kind: Line<50>,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note<500>>,
    /// What it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Worth>,
}

/// What something is worth, as a number or in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be a number or a text of 1 to 100 characters")]
pub enum Worth {
    /// As a whole number.
    Whole(i32),
    /// As a number.
    Number(f64),
    /// In words.
    Text(Line<100>),
}

/// Where something is known from; somebody has typed it, unless it is said otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Source(String);

impl Default for Source {
    fn default() -> Self {
        Self("manual".to_owned())
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.0
    }
}

impl TryFrom<String> for Source {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Line::<50>::try_from(text).map(|line| Self(line.into()))
    }
}

fn yes() -> bool {
    true
}

impl CompetitorDetails {
    /// Whether the fields go together.
    ///
    /// # Errors
    /// [`Misfit`] names the one that does not.
    pub fn fits_together(&self) -> Result<(), Misfit> {
        let misfit = |field, should| Err(Misfit { field, should });
        match (self.latitude.is_some(), self.longitude.is_some()) {
            (true, false) => misfit("longitude", "goes with latitude"),
            (false, true) => misfit("latitude", "goes with longitude"),
            _ => Ok(()),
        }
    }

    /// The address as it is compared with others: without regard to the case and to how it is spaced.
    #[must_use]
    pub fn canonical_address(&self) -> String {
        let words: Vec<_> = self.address.as_str().split_whitespace().collect();
        words.join(" ").to_lowercase()
    }

    /// What is asked for it at present, if that is known and it competes.
    #[must_use]
    pub fn asked(&self) -> Option<Rent> {
        self.current_rent.filter(|_| self.is_active)
    }
}

/// A number that the web client may send as a text.
fn number_or_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<f64, Error: fmt::Display>,
{
    let Some(given) = Option::<NumberOrText>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let number = match given {
        NumberOrText::Number(number) => number,
        // What is no number is none of these numbers either.
        NumberOrText::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
    };
    T::try_from(number).map(Some).map_err(serde::de::Error::custom)
}

/// A list of at most `MOST` things.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct UpTo<T, const MOST: usize>(Vec<T>);

/// A list is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have at most {most} entries")]
pub struct TooMany {
    most: usize,
}

impl<T, const MOST: usize> UpTo<T, MOST> {
    /// The things.
    #[must_use]
    pub fn all(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MOST: usize> Default for UpTo<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> TryFrom<Vec<T>> for UpTo<T, MOST> {
    type Error = TooMany;

    fn try_from(list: Vec<T>) -> Result<Self, TooMany> {
        if list.len() <= MOST {
            Ok(Self(list))
        } else {
            Err(TooMany { most: MOST })
        }
    }
}

impl<T: Serialize, const MOST: usize> Serialize for UpTo<T, MOST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn competitor(more: &Value) -> Result<CompetitorDetails, String> {
        let mut said = json!({ "address": "1 Oak Ave" });
        let fields = more.as_object().unwrap().clone();
        said.as_object_mut().unwrap().extend(fields);
        serde_json::from_value(said).map_err(|error| error.to_string())
    }

    fn id(number: u8) -> PropertyId {
        PropertyId::from_bytes([number; 16])
    }

    #[test]
    fn of_a_competitor_the_address_is_enough() {
        let oak = competitor(&json!({})).unwrap();
        assert_eq!(String::from(oak.source.clone()), "manual");
        assert!(oak.is_active && oak.amenities.all().is_empty() && oak.asked().is_none());
        let read: CompetitorDetails = serde_json::from_value(serde_json::to_value(&oak).unwrap()).unwrap();
        assert_eq!(read, oak);
    }

    #[test]
    fn numbers_may_be_texts_and_are_the_same_numbers() {
        let numbers =
            json!({ "currentRent": 1450.5, "bathrooms": 1.5, "latitude": 33.7, "longitude": -84.4 });
        let texts =
            json!({ "currentRent": "1450.50", "bathrooms": "1.5", "latitude": "33.7", "longitude": "-84.4" });
        assert_eq!(competitor(&numbers).unwrap(), competitor(&texts).unwrap());
        for (field, value, told) in [
            ("currentRent", json!("much"), "must be a rent in dollars"),
            ("currentRent", json!(0), "must be a rent in dollars"),
            ("bathrooms", json!("1.3"), "whole or and a half"),
            ("bedrooms", json!(101), "from 0 to 100"),
            ("amenities", json!(vec!["Pool"; 51]), "at most 50 entries"),
            (
                "concessions",
                json!(vec![json!({ "type": "weeks" }); 21]),
                "at most 20 entries",
            ),
            (
                "concessions",
                json!([{ "type": "weeks", "value": {} }]),
                "must be a number or a text",
            ),
            ("notes", json!("x".repeat(1001)), "at most 1000 characters"),
        ] {
            let error = competitor(&json!({ field: value })).unwrap_err();
            assert!(error.contains(told), "{field}: {error}");
        }
    }

    #[test]
    fn a_latitude_goes_with_a_longitude() {
        let misfit = |more| competitor(&more).unwrap().fits_together().unwrap_err().field;
        assert_eq!(misfit(json!({ "latitude": 1 })), "longitude");
        assert_eq!(misfit(json!({ "longitude": 1 })), "latitude");
    }

    #[test]
    fn an_address_is_the_same_however_it_is_typed() {
        let one = competitor(&json!({ "address": "1 OAK  Ave" })).unwrap();
        let other = competitor(&json!({ "address": " 1 oak ave" })).unwrap();
        assert_eq!(one.canonical_address(), other.canonical_address());
    }

    #[test]
    fn who_does_not_compete_at_present_asks_nothing() {
        let active = |is| competitor(&json!({ "currentRent": 1200, "isActive": is })).unwrap();
        assert_eq!(active(true).asked().unwrap().dollars(), 1200.0);
        assert_eq!(active(false).asked(), None);
    }

    #[test]
    fn a_property_is_in_a_set_once_and_a_set_has_fifty_at_most() {
        let own = |ids: Vec<PropertyId>| serde_json::from_value::<OwnProperties>(json!(ids));
        let two = own(vec![id(1), id(2), id(1)]).unwrap();
        assert_eq!(two.ids(), [id(1), id(2)]);
        let error = own((0..51).map(id).collect()).unwrap_err();
        assert!(error.to_string().contains("at most 50"), "{error}");
        let mut full = own((0..50).map(id).collect()).unwrap();
        full.put_back(id(60));
        assert!(!full.has(id(60)) && full.ids().len() == 50);
        full.remove(id(3));
        full.put_back(id(60));
        assert!(full.has(id(60)) && !full.has(id(3)));
    }

    #[test]
    fn of_a_set_the_name_is_enough_and_its_description_may_be_empty() {
        let set: SetDetails = serde_json::from_value(json!({ "name": "Midtown" })).unwrap();
        assert!(!set.alerts_enabled && set.own_property_ids.ids().is_empty());
        let said =
            json!({ "name": "Midtown", "description": "", "ownPropertyIds": [], "alertsEnabled": true });
        let set: SetDetails = serde_json::from_value(said.clone()).unwrap();
        assert_eq!(serde_json::to_value(set).unwrap(), said);
    }
}
