//! `/api/landlord/properties`

use domain::PlanId;
use domain::subscription::SubscriptionStatus;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::System;
use tests::landlord::{PROPERTIES, property};

/// A property with every field.
fn whole() -> Value {
    json!({
        "name": "Elm Court", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "zipCode": "30303",
        "unitNumber": "4B", "latitude": 33.75, "longitude": -84.39, "bedroomsMin": 1, "bedroomsMax": 2,
        "bathroomsMin": 1, "bathroomsMax": 1.5, "squareFeetMin": 640, "squareFeetMax": 900,
        "propertyType": "apartment", "yearBuilt": 1987, "unitsCount": 12, "targetRent": 1850,
        "actualRent": 1799.5, "occupancyStatus": "occupied", "tenantName": "Tom Tenant",
        "leaseStartDate": "2025-09-01", "leaseEndDate": "2026-08-31",
        "amenities": { "pool": true, "spaces": 2 }, "features": { "floor": "wood" },
        "petPolicy": { "cats": true, "fee": 25.5 }, "parking": { "kind": "garage" }, "utilities": { "water": false },
        "images": ["https://example.com/elm.jpg"], "description": "Close to the park.",
        "phone": "+1 404 555 0100", "email": "elm@example.com", "website": "https://example.com/elm",
    })
}

/// The property with one field otherwise.
fn with(field: &str, value: &Value) -> Value {
    let mut property = whole();
    property[field] = value.clone();
    property
}

#[tokio::test]
async fn a_property_is_shown_as_it_was_entered() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena.post(PROPERTIES, &whole()).await;
    added.is(201);
    for (field, value) in whole().as_object().unwrap() {
        assert_eq!(added.json[field], *value, "{field}");
    }
    assert_eq!(added.json["daysVacant"], 0);
    let path = format!("{PROPERTIES}/{}", added.text_at("/id"));
    assert_eq!(lena.get(&path).await.is(200).json, added.json);
    let list = lena.get(PROPERTIES).await;
    assert_eq!(
        list.is(200).json,
        json!({ "properties": [added.json], "total": 1, "nextCursor": null })
    );
}

#[tokio::test]
async fn properties_come_newest_first_page_by_page_each_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.subscribed(PlanId::LandlordPro, SubscriptionStatus::Active)
        .await;
    for number in 1..=7 {
        lena.add_property(&format!("Elm {number}")).await.is(201);
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = lena.get(&format!("{PROPERTIES}?limit=3{cursor}")).await;
        assert_eq!(page.is(200).json["total"], 7);
        for property in page.json["properties"].as_array().unwrap() {
            names.push(property["name"].as_str().unwrap().to_owned());
        }
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let newest_first: Vec<String> = (1..=7).rev().map(|number| format!("Elm {number}")).collect();
    assert_eq!(names, newest_first);
    for limit in ["0", "101", "x"] {
        let refused = lena.get(&format!("{PROPERTIES}?limit={limit}")).await;
        refused.is_problem(400, "invalid_request").names("limit");
    }
    let nina = system.landlord("nina").await;
    let refused = nina.get(&format!("{PROPERTIES}?limit=3{cursor}")).await;
    refused.is_problem(400, "invalid_request").names("cursor");
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_null_takes_away() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena.post(PROPERTIES, &whole()).await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    system.advance("P1D").await;
    let change = json!({ "actualRent": 1900, "tenantName": null, "amenities": { "gym": true } });
    let changed = lena.patch(&path, &change).await;
    changed.is(200);
    let mut expected = added.json.clone();
    expected["actualRent"] = json!(1900);
    expected["amenities"] = json!({ "gym": true });
    expected["currentRent"] = json!(1900);
    for gone in ["tenantName", "tenant"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    // What is judged anew each day is not part of the change.
    for field in ["lastUpdated", "riskFactors"] {
        expected[field] = changed.json[field].clone();
    }
    assert_eq!(changed.json, expected);
    assert_ne!(changed.json["lastUpdated"], added.json["lastUpdated"]);
    assert_eq!(lena.get(&path).await.is(200).json, expected);
    // What changes nothing is no change.
    assert_eq!(lena.patch(&path, &change).await.is(200).json, expected);
    assert_eq!(lena.patch(&path, &json!({})).await.is(200).json, expected);
}

#[tokio::test]
async fn changes_of_different_fields_at_once_are_all_made_or_said_not_to_be() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena.post(PROPERTIES, &whole()).await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    let changes = [
        ("name", json!("Oak Court")),
        ("phone", json!("1")),
        ("actualRent", json!(2000)),
        ("yearBuilt", json!(1990)),
        ("zipCode", json!("30304")),
        ("unitNumber", json!("5C")),
    ];
    let bodies: Vec<Value> = changes
        .iter()
        .map(|(field, value)| json!({ *field: value }))
        .collect();
    let answers = join_all(bodies.iter().map(|body| lena.patch(&path, body))).await;
    let now = lena.get(&path).await.is(200).json.clone();
    for ((field, value), answer) in changes.iter().zip(&answers) {
        let expected = match answer.status {
            200 => value.clone(),
            _ => {
                answer.is_problem(503, "unavailable");
                whole()[*field].clone()
            }
        };
        assert_eq!(now[*field], expected, "{field}");
    }
}

#[tokio::test]
async fn a_property_counts_the_days_for_which_nobody_lives_there() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena.add_property("Elm").await;
    assert_eq!(added.is(201).json["occupancyStatus"], "vacant");
    let path = format!("{PROPERTIES}/{}", added.text_at("/id"));
    let days = async || lena.get(&path).await.is(200).json["daysVacant"].clone();
    system.advance("P3D").await;
    assert_eq!(days().await, 3);
    // It stays vacant whatever else changes.
    lena.patch(&path, &json!({ "targetRent": 1500 })).await.is(200);
    assert_eq!(days().await, 3);
    lena.patch(&path, &json!({ "occupancyStatus": "occupied" }))
        .await
        .is(200);
    system.advance("P1D").await;
    assert_eq!(days().await, 0);
    lena.patch(&path, &json!({ "occupancyStatus": "vacant" }))
        .await
        .is(200);
    system.advance("P2D").await;
    assert_eq!(days().await, 2);
}

#[tokio::test]
async fn somebody_elses_property_is_not_there() {
    let system = System::start().await;
    let (lena, nina) = (system.landlord("lena").await, system.landlord("nina").await);
    let added = lena.add_property("Elm").await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    let before = system.snapshot().await;
    for path in [
        &path,
        &format!("{PROPERTIES}/elm"),
        &format!("{PROPERTIES}/prop_1"),
    ] {
        nina.get(path).await.is_problem(404, "not_found");
        nina.patch(path, &json!({ "name": "Mine" }))
            .await
            .is_problem(404, "not_found");
        nina.delete(path).await.is_problem(404, "not_found");
    }
    assert_eq!(nina.get(PROPERTIES).await.is(200).json["properties"], json!([]));
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn only_landlords_and_admins_have_properties() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena.add_property("Elm").await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    let rita = system.person("rita").await;
    for answer in [
        rita.get(PROPERTIES).await,
        rita.add_property("Elm").await,
        rita.get(&path).await,
        rita.patch(&path, &json!({})).await,
        rita.delete(&path).await,
    ] {
        answer.is_problem(403, "wrong_role");
    }
    system
        .post(PROPERTIES, &property("Elm"))
        .await
        .is_problem(401, "unauthenticated");
    system.grant(&rita.email, "admin").await;
    rita.add_property("Elm").await.is(201);
}

#[tokio::test]
async fn a_field_that_does_not_fit_is_named_and_nothing_is_written() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena.post(PROPERTIES, &whole()).await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    let before = system.snapshot().await;
    let long = "x".repeat(2001);
    let bad = [
        ("name", json!("")),
        ("name", json!(long)),
        ("name", json!(7)),
        ("name", Value::Null),
        ("address", json!(" ")),
        ("city", json!("4th Ward")),
        ("city", json!("x".repeat(101))),
        ("state", json!("Georgia")),
        ("zipCode", json!("3030")),
        ("unitNumber", json!("x".repeat(51))),
        ("latitude", json!(91)),
        ("latitude", Value::Null),
        ("longitude", json!("east")),
        ("bedroomsMin", json!(-1)),
        ("bedroomsMin", json!(1.5)),
        ("bedroomsMax", json!(0)),
        ("bathroomsMin", json!(1.3)),
        ("bathroomsMax", json!(0.5)),
        ("squareFeetMin", json!("640")),
        ("squareFeetMax", json!(600)),
        ("propertyType", json!([])),
        ("yearBuilt", json!(1599)),
        ("unitsCount", json!(0)),
        ("targetRent", json!(0)),
        ("targetRent", json!(1450.555)),
        ("actualRent", json!(-5)),
        ("occupancyStatus", json!("empty")),
        ("occupancyStatus", json!(7)),
        ("tenantName", json!("")),
        ("leaseStartDate", json!("2026-09-01")),
        ("leaseEndDate", json!("31.08.2026")),
        ("amenities", json!(["pool"])),
        ("features", json!({ "": true })),
        ("images", json!("https://example.com/elm.jpg")),
        ("images", json!(vec!["https://example.com/elm.jpg"; 21])),
        ("description", json!(long)),
        ("phone", json!("")),
        ("email", json!("elm")),
        ("website", json!("javascript:alert(1)")),
        ("marketRent", json!(1800)),
        ("id", json!("prop_01JD3X6Q8TKH5T0R4M2N6W9YBC")),
    ];
    for (field, value) in &bad {
        // A lease that begins late is wrong at its end; a position without its other half, at that.
        let named = match (*field, value) {
            ("leaseStartDate", _) => "leaseEndDate",
            _ => field,
        };
        let added = lena.post(PROPERTIES, &with(field, value)).await;
        added.is_problem(400, "invalid_request").names(named);
        let changed = lena.patch(&path, &json!({ *field: value })).await;
        changed.is_problem(400, "invalid_request").names(named);
    }
    for (field, value, named) in [
        ("petPolicy", json!({ "cats": null }), "petPolicy.cats"),
        ("parking", json!({ "lot": [] }), "parking.lot"),
        ("utilities", json!({ "gas": "x".repeat(201) }), "utilities.gas"),
        ("images", json!(["ftp://example.com"]), "images[0]"),
    ] {
        let added = lena.post(PROPERTIES, &with(field, &value)).await;
        added.is_problem(400, "invalid_request").names(named);
    }
    for field in ["name", "address", "city", "state"] {
        let mut property = whole();
        property.as_object_mut().unwrap().remove(field);
        let refused = lena.post(PROPERTIES, &property).await;
        refused
            .is_problem(400, "invalid_request")
            .names(field)
            .says("is required");
    }
    system.snapshot().await.is_unchanged_since(&before);
}
