//! Properties beside the market: what it says of each, and why where it says nothing.

use serde_json::{Value, json};
use tests::landlord::PROPERTIES;
use tests::listing::rent;
use tests::{Person, System};

use super::{with, with_a_hundred};

/// Listings in 30308, each with studios and two bedrooms.
async fn market(system: &System, asking: &[(u32, u32)]) {
    for (number, (studio, two)) in asking.iter().enumerate() {
        let of_rents = |listing: &mut domain::listing::Listing| {
            listing.min_rent = rent(*studio);
            listing.max_rent = rent(*two);
        };
        system.listing_with(&format!("l{number}"), of_rents).await;
    }
}

async fn added(landlord: &Person<'_>, more: &Value) -> Value {
    let added = landlord.post(PROPERTIES, &with("Elm", more)).await;
    added.is(201).json.clone()
}

#[tokio::test]
async fn a_property_is_shown_with_its_market_or_with_why_it_has_none() {
    let system = System::start().await;
    market(&system, &[(1500, 2000), (1600, 2100), (1900, 2500)]).await;
    let lena = with_a_hundred(&system, "lena").await;
    let said = json!({ "zipCode": "30308", "bedrooms": 0, "status": "occupied", "currentRent": 1400 });
    let studio = added(&lena, &said).await;
    assert_eq!(
        (&studio["marketRent"], &studio["marketAvgRent"]),
        (&json!(1600), &json!(1666.67))
    );
    assert_eq!(studio["market"]["samples"], 3);
    assert_eq!(studio["market"]["parts"][0]["source"], "own_listings");
    assert!(studio["marketReason"].is_null(), "{studio}");
    let advice = studio["recommendation"].as_str().unwrap();
    assert!(
        advice.contains("3 rents of studios in 30308 is $1,600"),
        "{advice}"
    );
    assert_eq!(studio["pricingRecommendation"]["type"], "increase");
    let offers = studio["competitorConcessions"].as_array().unwrap();
    assert_eq!(offers.len(), 3);
    assert_eq!(offers[0]["value"], "6 weeks free");
    let factors = studio["riskFactors"].as_array().unwrap();
    let sum: u64 = factors
        .iter()
        .map(|factor| factor["score"].as_u64().unwrap())
        .sum();
    assert_eq!(studio["retentionRiskScore"], sum);
    let path = format!("{PROPERTIES}/{}", studio["id"].as_str().unwrap());
    assert_eq!(lena.get(&path).await.is(200).json, studio);

    for (said, reason) in [
        (json!({ "bedrooms": 2 }), "ZIP code"),
        (json!({ "zipCode": "30309", "bedrooms": 2 }), "No source"),
        (json!({ "zipCode": "30308", "bedrooms": 4 }), "No source"),
    ] {
        let unknown = added(&lena, &said).await;
        for figure in ["marketRent", "marketAvgRent"] {
            assert_eq!(unknown.as_object().unwrap()[figure], Value::Null, "{figure}");
        }
        let told = unknown["marketReason"].as_str().unwrap();
        assert!(told.contains(reason), "{reason} in {told}");
        assert_eq!(unknown["vacancyRisk"], "high");
    }
    // What comes to the market later is known on the next day on which it is asked for.
    for number in 0..3 {
        let four = |listing: &mut domain::listing::Listing| {
            listing.bedrooms_min = 4;
            listing.bedrooms_max = 4;
        };
        system.listing_with(&format!("four{number}"), four).await;
    }
    system.advance("P1D").await;
    let four = added(&lena, &json!({ "zipCode": "30308-1234", "bedrooms": 4 })).await;
    assert_eq!(four["marketAvgRent"], tests::listing::ASKING);
}

#[tokio::test]
async fn too_few_rents_are_no_market_and_it_says_so() {
    let system = System::start().await;
    market(&system, &[(1500, 2000), (1600, 2100)]).await;
    let lena = system.landlord("lena").await;
    let studio = added(&lena, &json!({ "zipCode": "30308", "bedrooms": 0 })).await;
    assert!(studio["marketAvgRent"].is_null(), "{studio}");
    let told = studio["marketReason"].as_str().unwrap();
    assert!(told.contains("Too few") && told.contains("2 rents"), "{told}");
}

#[tokio::test]
async fn a_page_has_the_market_of_each_property_at_one_call() {
    let system = System::start().await;
    market(&system, &[(1500, 2000), (1600, 2100), (1900, 2500)]).await;
    let lena = with_a_hundred(&system, "lena").await;
    let soon = (system.now() + jiff::SignedDuration::from_hours(24 * 20)).to_string();
    let lately = (system.now() - jiff::SignedDuration::from_hours(24 * 20)).to_string();
    for (zip, rent) in [("30308", 2600), ("30308", 1000), ("30309", 1500), ("30310", 1500)] {
        let said = json!({
            "zipCode": zip, "bedrooms": 0, "status": "occupied", "currentRent": rent,
            "leaseStartDate": &lately, "leaseEndDate": &soon,
        });
        added(&lena, &said).await;
    }
    added(&lena, &json!({})).await;
    let page = lena.get(PROPERTIES).await;
    assert!(page.is(200).calls() <= 3, "{} calls", page.calls());
    let properties = page.json["properties"].as_array().unwrap();
    assert_eq!(properties.len(), 5);
    for property in properties {
        let known = property["zipCode"] == "30308";
        assert_eq!(property["marketAvgRent"].is_number(), known, "{property}");
        assert_eq!(property["marketReason"].is_string(), !known, "{property}");
    }
    let mut found = 0;
    for risk in ["low", "medium", "high"] {
        let page = lena.get(&format!("{PROPERTIES}?vacancyRisk={risk}")).await;
        let of_risk = page.is(200).json["properties"].as_array().unwrap();
        assert!(
            of_risk.iter().all(|property| property["vacancyRisk"] == risk),
            "{}",
            page.text
        );
        assert_eq!(page.json["total"], of_risk.len());
        found += of_risk.len();
    }
    assert_eq!(found, 5);
    // The dear one whose lease ends soon, and the empty one.
    let high = lena
        .get(&format!("{PROPERTIES}?vacancyRisk=high&status=occupied"))
        .await;
    assert_eq!(high.json["properties"][0]["currentRent"], 2600);
    let summary = lena.get("/api/landlord/portfolio/summary").await;
    assert!(
        summary.is(200).json["atRiskCount"].as_i64() >= Some(2),
        "{}",
        summary.text
    );
    let nina = system.landlord("nina").await;
    let of_nina = nina.get(&format!("{PROPERTIES}?vacancyRisk=high")).await;
    assert_eq!(of_nina.is(200).json["properties"], json!([]));
}
