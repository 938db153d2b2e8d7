//! `/api/landlord`

mod analytics;
mod deleted;
mod limits;
mod lists;
mod market;
mod model;
mod properties;
mod sheets;
mod summary;
mod words;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use table::portfolio::{Counting, Portfolio};
use table::property::Property;
use tests::{Answer, Person, Snapshot, System};

/// How many properties the landlord's account counts, and how many there are. All else that is counted of them is held to be
/// what a recount finds.
async fn counted_and_there(landlord: &Person<'_>) -> (u64, usize) {
    let partition = format!("USER#{}", landlord.id);
    let snapshot: Snapshot = landlord.system.snapshot().await.of_partition(&partition);
    let account = snapshot.item(&partition, "ACCOUNT").expect("an account");
    let counted = account["usage"]["units"].as_u64().expect("a count");
    let kept = landlord.system.table().portfolio(landlord.id.parse().unwrap());
    let (kept, kept_cities) = (kept.await.expect("the table"), cities_of(&snapshot));
    let recounted = recount(&snapshot);
    let cities: BTreeMap<String, i64> = recounted
        .cities
        .into_values()
        .map(|city| (city.place.canonical(), city.more))
        .collect();
    let sums = (recounted.totals, recounted.at_risk, recounted.rents);
    assert_eq!(
        (kept.totals, kept.at_risk, kept.rents),
        sums,
        "kept on the left, recounted on the right"
    );
    assert_eq!(kept_cities, cities, "kept on the left, recounted on the right");
    (counted, snapshot.of("Property").len())
}

/// What is to be counted of all properties that a snapshot shows.
fn recount(snapshot: &Snapshot) -> Counting {
    let mut counting = Counting::default();
    for item in snapshot.of("Property") {
        let property: Property = serde_json::from_value(item.clone()).expect("a property");
        counting.change(None, Some(&property));
    }
    counting
}

/// How many properties are kept to be in each city.
fn cities_of(snapshot: &Snapshot) -> BTreeMap<String, i64> {
    let count = |item: &&Value| {
        let (city, state) = (item["place"]["city"].as_str()?, item["place"]["state"].as_str()?);
        Some((
            format!("{state}/{}", city.to_lowercase()),
            item["units"].as_i64()?,
        ))
    };
    let cities = snapshot.of("PortfolioCity");
    cities
        .iter()
        .filter_map(count)
        .filter(|(_, units)| *units != 0)
        .collect()
}

/// Nothing is counted.
fn is_empty(portfolio: &Portfolio) -> bool {
    portfolio.totals == Default::default() && portfolio.at_risk.is_empty() && portfolio.rents.is_empty()
}

/// `PUT` with a JSON body.
async fn put(landlord: &Person<'_>, path: &str, body: &Value) -> Answer {
    landlord
        .system
        .send(landlord.request("PUT", path).json(body))
        .await
}

/// A landlord on a plan for a hundred properties.
async fn with_a_hundred<'a>(system: &'a System, name: &str) -> Person<'a> {
    use domain::PlanId;
    use domain::subscription::SubscriptionStatus;
    let landlord = system.landlord(name).await;
    landlord
        .subscribed(PlanId::LandlordEnterprise, SubscriptionStatus::Active)
        .await;
    landlord
}

/// A property with what it needs, and this.
fn with(name: &str, more: &Value) -> Value {
    let mut property = json!({ "name": name, "address": "12 Elm St", "city": "Atlanta", "state": "GA" });
    let fields = property.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    property
}
