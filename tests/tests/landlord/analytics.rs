//! `/api/landlord/analytics`: what is asked in a city, and how homes are let there.

use domain::listing::Listing;
use serde_json::{Value, json};
use tests::listing::{place, rent};
use tests::{Person, System};

const PRICING: &str = "/api/landlord/analytics/pricing";
const OCCUPANCY: &str = "/api/landlord/analytics/occupancy";
const ATLANTA: &str = "city=atlanta&state=ga";

/// A listing in Atlanta that lets studios at one rent and two bedrooms at another.
async fn listing(system: &System, id: &str, rents: (u32, u32)) {
    let of_rents = |listing: &mut Listing| {
        listing.min_rent = rent(rents.0);
        listing.max_rent = rent(rents.1);
    };
    system.listing_with(id, of_rents).await;
}

async fn ask(landlord: &Person<'_>, path: &str, query: &str) -> Value {
    let answer = landlord.get(&format!("{path}?{query}")).await;
    assert!(answer.calls() <= 5, "{} calls", answer.calls());
    answer.is(200).json.clone()
}

#[tokio::test]
async fn what_is_asked_in_a_city_is_told_of_all_homes_and_by_bedrooms() {
    let system = System::start().await;
    for (id, rents) in [("1", (1500, 2000)), ("2", (1600, 2100)), ("3", (1900, 2500))] {
        listing(&system, id, rents).await;
    }
    let elsewhere = |listing: &mut Listing| listing.place = place("Macon", "GA");
    system.listing_with("4", elsewhere).await;
    let lena = system.landlord("lena").await;
    let all = ask(&lena, PRICING, ATLANTA).await;
    assert_eq!(
        all["overallMarket"],
        json!({ "avgRent": 1666.67, "medianRent": 1600.0, "minRent": 1500.0, "maxRent": 1900.0, "totalProperties": 3 })
    );
    assert_eq!(all["pricingByBedroom"][1]["bedrooms"], 2);
    assert_eq!(all["pricingByBedroom"][1]["medianRent"], 2100.0);
    assert_eq!(
        (&all["source"], &all["rentChange"]),
        (&json!("own_listings"), &Value::Null)
    );
    assert_eq!(all["location"]["city"], "atlanta");
    let two = ask(&lena, PRICING, &format!("{ATLANTA}&bedrooms=2")).await;
    assert_eq!(two["overallMarket"]["minRent"], 2000.0);
    for (query, why) in [
        ("city=Atlanta&state=GA&bedrooms=4", "No source"),
        ("city=Macon&state=GA", "Too few"),
        ("city=Nowhere&state=GA", "No source"),
    ] {
        let unknown = lena.get(&format!("{PRICING}?{query}")).await;
        unknown.is_problem(404, "no_market").says(why);
    }
    for (query, named) in [
        ("city=Atlanta", "state"),
        ("state=GA", "city"),
        ("city=7&state=GA", "city"),
    ] {
        let refused = lena.get(&format!("{PRICING}?{query}")).await;
        refused.is_problem(400, "invalid_request").names(named);
        let refused = lena.get(&format!("{OCCUPANCY}?{query}")).await;
        refused.is_problem(400, "invalid_request").names(named);
    }
}

#[tokio::test]
async fn a_city_is_compared_with_what_was_kept_of_it_a_month_ago() {
    let system = System::start().await;
    for id in ["1", "2", "3"] {
        listing(&system, id, (1500, 2000)).await;
    }
    let lena = system.landlord("lena").await;
    let first = ask(&lena, OCCUPANCY, ATLANTA).await;
    assert_eq!(
        first["currentStatus"],
        json!({
            "avgDaysOnMarket": 0.0, "activeListings": 3, "newListingsLast7Days": 3, "newListingsLast30Days": 3,
            "concessionRate": 100,
        })
    );
    assert_eq!(
        (&first["marketHealth"], &first["trends"]),
        (&json!("hot"), &json!([]))
    );
    // What comes within a day is told on the next one, as everybody who asks is told the same.
    listing(&system, "4", (9000, 9000)).await;
    assert_eq!(
        ask(&lena, OCCUPANCY, ATLANTA).await["currentStatus"],
        first["currentStatus"]
    );
    system.listing_ends("4").await;

    system.advance("P31D").await;
    for id in ["1", "2", "3"] {
        system.market_moves(id, 1650, 1600).await;
    }
    let lena = lena.on_another_device().await;
    let pricing = ask(&lena, PRICING, ATLANTA).await;
    assert_eq!(pricing["rentChange"], 10.0);
    let said = pricing["insights"].to_string();
    assert!(said.contains("10 % above"), "{said}");
    let now = ask(&lena, OCCUPANCY, &format!("{ATLANTA}&days=40")).await;
    assert_eq!(now["currentStatus"]["avgDaysOnMarket"], 31.0);
    assert_eq!(
        (
            &now["currentStatus"]["newListingsLast7Days"],
            &now["marketHealth"]
        ),
        (&json!(0), &json!("balanced"))
    );
    assert_eq!(now["trends"][0]["medianRent"], 1500.0);
    assert_eq!(now["trends"][0]["newListingsLast7Days"], 3);
    assert_eq!(now["periodDays"], 40);
    // The days before are not within the last thirty.
    assert_eq!(ask(&lena, OCCUPANCY, ATLANTA).await["trends"], json!([]));
    for days in [0, 91] {
        let refused = lena.get(&format!("{OCCUPANCY}?{ATLANTA}&days={days}")).await;
        refused.is_problem(400, "invalid_request").names("days");
    }
    let unknown = lena.get(&format!("{OCCUPANCY}?city=Nowhere&state=GA")).await;
    unknown.is_problem(404, "no_market");
}
