//! `/api/scraped-properties`

use futures::future::join_all;
use serde_json::{Value, json};
use tests::listing::{place, position};
use tests::{Answer, System};

const PATH: &str = "/api/scraped-properties";

fn ids(answer: &Answer) -> Vec<&str> {
    let listings = answer.is(200).json.as_array().expect("a bare list");
    listings
        .iter()
        .map(|listing| listing["id"].as_str().expect("an id"))
        .collect()
}

/// Listings of that many ids, all alike.
async fn many(system: &System, count: u32) {
    let ids: Vec<String> = (0..count).map(|id| format!("{}", 1000 + id)).collect();
    for some in ids.chunks(20) {
        join_all(some.iter().map(|id| system.listing(id))).await;
    }
}

#[tokio::test]
async fn a_listing_has_every_field_that_the_web_client_reads() {
    let system = System::start().await;
    system.listing("1001").await;
    system.advance("P3DT5H").await;
    let expected = json!({
        "id": "1001", "name": "Peachtree 1001", "address": "1001 Peachtree St NE", "city": "Atlanta", "state": "GA",
        "zip_code": "30308", "min_rent": 1850, "max_rent": 2600, "bedrooms_min": 0, "bedrooms_max": 2,
        "bathrooms_min": 1.0, "bathrooms_max": 2.5, "square_feet_min": 540,
        "image_url": "https://apartments.example.com/1001.jpg", "amenities": ["pool", "gym"],
        "special_offers": "6 weeks free", "concession_type": "free_rent", "concession_value": 2775,
        "effective_price": 1619, "days_on_market": 3, "listing_url": "https://apartments.example.com/1001",
        "website_url": "https://apartments.example.com/1001",
        "direct_website_url": "https://apartments.example.com/1001", "pet_policy": "cats and dogs",
        "units_available": 4, "latitude": 33.749, "longitude": -84.388, "status": "active", "source": "seed",
    });
    assert!(same(
        &system.get("/api/scraped-properties/1001").await.is(200).json,
        &expected
    ));
    for query in ["", "?city=Atlanta&state=GA", "?lat=33.749&lng=-84.388&radius=1"] {
        let answer = system.get(&format!("{PATH}{query}")).await;
        assert!(same(&answer.is(200).json, &json!([expected])), "{}", answer.text);
    }
}

/// Whether two values are the same to JavaScript, where 1 is 1.0.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

#[tokio::test]
async fn what_is_not_known_of_a_listing_is_null() {
    let system = System::start().await;
    system
        .listing_with("1001", |listing| {
            listing.position = None;
            listing.special_offers = None;
            listing.concession_type = None;
            listing.concession_value = None;
            listing.effective_rent = None;
            listing.square_feet_min = None;
            listing.listing_url = None;
            listing.amenities = Vec::new();
        })
        .await;
    let answer = system.get("/api/scraped-properties/1001").await;
    for name in [
        "latitude",
        "longitude",
        "special_offers",
        "effective_price",
        "listing_url",
        "website_url",
    ] {
        assert_eq!(answer.is(200).json.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!(answer.json["amenities"], json!([]));
    assert_eq!(
        ids(&system.get("/api/scraped-properties?lat=33.749&lng=-84.388").await),
        Vec::<&str>::new()
    );
    assert_eq!(
        ids(&system.get("/api/scraped-properties?city=Atlanta&state=GA").await),
        ["1001"]
    );
}

#[tokio::test]
async fn a_city_is_found_in_any_spelling_and_no_other_with_it() {
    let system = System::start().await;
    system
        .listing_with("1", |listing| listing.place = place("Saint Paul", "MN"))
        .await;
    system
        .listing_with("2", |listing| listing.place = place("saint  paul", "mn"))
        .await;
    system
        .listing_with("3", |listing| listing.place = place("Saint Paul", "TX"))
        .await;
    system
        .listing_with("4", |listing| listing.place = place("Saint Paul Park", "MN"))
        .await;
    for (city, state) in [
        ("Saint Paul", "MN"),
        ("saint paul", "mn"),
        ("  SAINT   PAUL ", " Mn "),
    ] {
        let request = system
            .request("GET", PATH)
            .query(&[("city", city), ("state", state)]);
        assert_eq!(ids(&system.send(request).await), ["1", "2"], "{city}, {state}");
    }
    assert_eq!(
        ids(&system
            .get("/api/scraped-properties?city=Minneapolis&state=MN")
            .await),
        Vec::<&str>::new()
    );
}

#[tokio::test]
async fn around_a_position_the_nearest_come_first_and_none_from_beyond_the_radius() {
    let system = System::start().await;
    // A degree of latitude is 69 miles. The middle lies close to the border of a cell of the search's grid.
    let north = |miles: f64| Some(position(33.99 + miles / 69.0, -84.01));
    for (id, miles) in [
        ("d", 24.0),
        ("b", -5.0),
        ("a", 2.0),
        ("c", 12.0),
        ("e", -26.0),
        ("f", 49.0),
    ] {
        system
            .listing_with(id, |listing| listing.position = north(miles))
            .await;
    }
    system
        .listing_with("w", |listing| {
            listing.position = Some(position(33.99, -84.01 - 0.35));
        })
        .await;
    let around = |more: &str| format!("{PATH}?lat=33.99&lng=-84.01{more}");
    assert_eq!(ids(&system.get(&around("&radius=10")).await), ["a", "b"]);
    assert_eq!(
        ids(&system.get(&around("")).await),
        ["a", "b", "c", "w", "d"],
        "25 miles unless given"
    );
    assert_eq!(
        ids(&system.get(&around("&radius=50")).await),
        ["a", "b", "c", "w", "d", "e", "f"]
    );
    assert_eq!(ids(&system.get(&around("&radius=50&limit=2")).await), ["a", "b"]);
    assert_eq!(ids(&system.get(&around("&radius=0.1")).await), Vec::<&str>::new());
}

#[tokio::test]
async fn a_list_is_fifty_listings_unless_another_number_is_asked_for() {
    let system = System::start().await;
    many(&system, 60).await;
    for query in ["?", "?city=Atlanta&state=GA&", "?lat=33.749&lng=-84.388&"] {
        assert_eq!(ids(&system.get(&format!("{PATH}{query}")).await).len(), 50);
        assert_eq!(ids(&system.get(&format!("{PATH}{query}limit=7")).await).len(), 7);
        assert_eq!(
            ids(&system.get(&format!("{PATH}{query}limit=200")).await).len(),
            60
        );
    }
}

#[tokio::test]
async fn anywhere_the_largest_cities_come_first() {
    let system = System::start().await;
    for (id, city, state) in [("1", "Macon", "GA"), ("2", "Austin", "TX"), ("3", "Austin", "TX")] {
        system
            .listing_with(id, |listing| listing.place = place(city, state))
            .await;
    }
    assert_eq!(ids(&system.get(PATH).await), ["2", "3", "1"]);
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_refused_and_the_parameter_named() {
    let system = System::start().await;
    for (query, parameter) in [
        ("lat=91&lng=0", "lat"),
        ("lat=NaN&lng=0", "lat"),
        ("lat=north&lng=0", "lat"),
        ("lat=33.7", "lng"),
        ("lng=-84.3", "lat"),
        ("lat=33.7&lng=-84.3&radius=0", "radius"),
        ("lat=33.7&lng=-84.3&radius=51", "radius"),
        ("lat=33.7&lng=-84.3&radius=-5", "radius"),
        ("lat=33.7&lng=-84.3&radius=inf", "radius"),
        ("radius=5", "radius"),
        ("city=Atlanta", "state"),
        ("state=GA", "city"),
        ("city=Atlanta&state=Georgia", "city"),
        ("city=Atlanta%23&state=GA", "city"),
        ("lat=33.7&lng=-84.3&city=Atlanta&state=GA", "city"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=all", "limit"),
        ("page=2", "page"),
    ] {
        let answer = system.get(&format!("{PATH}?{query}")).await;
        answer.is_problem(400, "invalid_request").names(parameter);
    }
}

#[tokio::test]
async fn all_listings_together_have_their_figures() {
    let system = System::start().await;
    let stats = async || {
        system
            .get("/api/scraped-properties/stats")
            .await
            .is(200)
            .json
            .clone()
    };
    assert_eq!(
        stats().await,
        json!({ "totalProperties": 0, "propertiesWithOffers": 0, "averageRent": 0, "cities": [] })
    );
    for (id, city, asking, offer) in [
        ("1", "Macon", 1000, None),
        ("2", "Austin", 2000, Some("1 month free")),
        ("3", "austin", 2501, None),
    ] {
        system
            .listing_with(id, |listing| {
                listing.place = place(city, "TX");
                listing.min_rent = tests::listing::rent(asking);
                listing.special_offers = offer.map(str::to_owned);
            })
            .await;
    }
    assert_eq!(
        stats().await,
        json!({ "totalProperties": 3, "propertiesWithOffers": 1, "averageRent": 1834, "cities": ["Austin", "Macon"] })
    );
}

#[tokio::test]
async fn a_listing_that_is_not_there_is_not_found() {
    let system = System::start().await;
    system.listing("1001").await;
    for id in [
        "1002",
        "1001%2C",
        "1001+",
        "%F0%9F%8F%A0",
        &"1".repeat(65),
        "Stats",
    ] {
        system
            .get(&format!("{PATH}/{id}"))
            .await
            .is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn nobody_needs_to_sign_in_to_look() {
    let system = System::start().await;
    system.listing("1001").await;
    let request = system
        .request("GET", PATH)
        .header("authorization", "Bearer nonsense");
    assert_eq!(ids(&system.send(request).await), ["1001"]);
}
