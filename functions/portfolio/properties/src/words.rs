//! The two vocabularies for what is said of a property. Ours is that of the web client's own requests, which knows buildings of
//! units that differ (`bedroomsMin`, `actualRent`, `occupancyStatus`); the other is that of its tables, in which a property is one
//! unit (`bedrooms`, `currentRent`, `status`). Either is understood, and answers have both.

use domain::Rent;
use domain::property::{Bathrooms, LeaseDate, Occupancy, Whole};
use domain::text::PersonName;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use web::{Answer, Patch, Problem};

/// Checks a value of the other vocabulary, so that what is wrong with it is told by the name that it was given under.
type Check = fn(&Value) -> Result<(), String>;

/// A word of the other vocabulary.
struct Word {
    word: &'static str,
    /// What it is in ours.
    means: &'static [&'static str],
    check: Check,
}

const fn word(word: &'static str, means: &'static [&'static str], check: Check) -> Word {
    Word { word, means, check }
}

const WORDS: [Word; 6] = [
    word("bedrooms", &["bedroomsMin", "bedroomsMax"], is::<Whole<0, 100>>),
    word("bathrooms", &["bathroomsMin", "bathroomsMax"], is::<Bathrooms>),
    word(
        "squareFeet",
        &["squareFeetMin", "squareFeetMax"],
        is::<Whole<0, 1_000_000>>,
    ),
    word("currentRent", &["actualRent"], is::<Rent>),
    word("status", &["occupancyStatus"], is::<Occupancy>),
    word("tenant", &["tenantName"], is::<PersonName>),
];

/// For how many days nobody has lived there: said of the moment, and kept as the day on which somebody last did.
const DAYS_VACANT: &str = "daysVacant";
const LAST_OCCUPIED: &str = "lastOccupiedDate";

fn is<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    serde_json::from_value::<Option<T>>(value.clone())
        .map(drop)
        .map_err(|error| error.to_string())
}

/// What is said of a property, in our vocabulary.
///
/// # Errors
/// 400 for a word of the other vocabulary that does not fit, or that stands beside its own meaning.
pub(crate) fn in_ours(mut said: Map<String, Value>, now: Timestamp) -> Answer<Patch> {
    for Word { word, means, check } in WORDS {
        let Some(value) = said.remove(word) else {
            continue;
        };
        check(&value).map_err(|error| Problem::field(word, error))?;
        for field in means {
            say(&mut said, word, field, value.clone())?;
        }
    }
    if let Some(days) = said.remove(DAYS_VACANT) {
        is::<Whole<0, 36_500>>(&days).map_err(|error| Problem::field(DAYS_VACANT, error))?;
        let day = days.as_i64().and_then(|days| {
            let since = now - SignedDuration::from_hours(24 * days);
            LeaseDate::try_from(since.to_zoned(TimeZone::UTC).date()).ok()
        });
        let day = day.map_or(Value::Null, |day| String::from(day).into());
        say(&mut said, DAYS_VACANT, LAST_OCCUPIED, day)?;
    }
    Ok(said.into())
}

fn say(said: &mut Map<String, Value>, word: &str, field: &str, value: Value) -> Answer<()> {
    match said.insert(field.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Problem::field(
            word,
            format!("says what {field} says; give one of them"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use domain::property::Details;
    use serde_json::json;

    use super::*;

    fn understood(more: &Value) -> Answer<Value> {
        let mut said = json!({ "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA" });
        let said = said.as_object_mut().unwrap();
        said.extend(more.as_object().unwrap().clone());
        let now = "2026-03-10T15:00:00Z".parse().unwrap();
        let details: Details = in_ours(said.clone(), now)?.whole()?;
        Ok(serde_json::to_value(details).unwrap())
    }

    #[test]
    fn both_vocabularies_say_the_same() {
        let ours = json!({
            "bedroomsMin": 2, "bedroomsMax": 2, "bathroomsMin": 1.5, "bathroomsMax": 1.5, "squareFeetMin": 700,
            "squareFeetMax": 700, "actualRent": 1450.5, "occupancyStatus": "occupied", "tenantName": "Tom Tenant",
            "lastOccupiedDate": "2026-02-28",
        });
        let theirs = json!({
            "bedrooms": 2, "bathrooms": 1.5, "squareFeet": 700, "currentRent": 1450.5, "status": "occupied",
            "tenant": "Tom Tenant", "daysVacant": 10,
        });
        assert_eq!(understood(&ours), understood(&theirs));
    }

    #[test]
    fn a_word_that_does_not_fit_is_named_as_it_was_given() {
        for (word, value) in [
            ("bedrooms", json!(-1)),
            ("bathrooms", json!("two")),
            ("squareFeet", json!(1.5)),
            ("currentRent", json!(0)),
            ("status", json!("empty")),
            ("tenant", json!("")),
            ("daysVacant", json!(36_501)),
        ] {
            let problem = format!("{:?}", understood(&json!({ word: value })).unwrap_err());
            assert!(problem.contains(&format!("field: {word:?}")), "{problem}");
        }
    }

    #[test]
    fn a_word_beside_its_own_meaning_is_refused() {
        let problem = format!(
            "{:?}",
            understood(&json!({ "bedrooms": 2, "bedroomsMax": 3 })).unwrap_err()
        );
        assert!(problem.contains(r#"field: "bedrooms""#), "{problem}");
    }
}
