//! The two vocabularies for what is said of a property.

use serde_json::json;
use tests::System;
use tests::landlord::PROPERTIES;

use super::{put, with};

#[tokio::test]
async fn either_vocabulary_is_understood_and_answers_have_both() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let ours = json!({
        "bedroomsMin": 2, "bedroomsMax": 2, "bathroomsMin": 1.5, "bathroomsMax": 1.5, "squareFeetMin": 700,
        "squareFeetMax": 700, "actualRent": 1450.5, "occupancyStatus": "occupied", "tenantName": "Tom Tenant",
    });
    let theirs = json!({
        "bedrooms": 2, "bathrooms": 1.5, "squareFeet": 700, "currentRent": 1450.5, "status": "occupied",
        "tenant": "Tom Tenant",
    });
    let one = lena.post(PROPERTIES, &with("Elm", &ours)).await;
    let other = lena.post(PROPERTIES, &with("Elm", &theirs)).await;
    for answer in [&one, &other] {
        answer.is(201);
        for said in [&ours, &theirs] {
            for (word, value) in said.as_object().unwrap() {
                assert_eq!(answer.json[word], *value, "{word}");
            }
        }
    }
    // A building of units that differ is shown with its smallest.
    let path = format!("{PROPERTIES}/{}", one.text_at("/id"));
    let building = json!({ "bedroomsMax": 3, "squareFeetMin": 650 });
    let changed = lena.patch(&path, &building).await;
    assert_eq!(changed.is(200).json["bedrooms"], 2);
    assert_eq!(changed.json["squareFeet"], 650);
    let unit = lena.patch(&path, &json!({ "bedrooms": 1, "tenant": null })).await;
    assert_eq!(unit.is(200).json["bedroomsMax"], 1);
    assert!(unit.json["tenantName"].is_null(), "{}", unit.text);
    for (body, named) in [
        (json!({ "bedrooms": -1 }), "bedrooms"),
        (json!({ "currentRent": 0 }), "currentRent"),
        (json!({ "status": "empty" }), "status"),
        (json!({ "bathrooms": 1, "bathroomsMin": 1 }), "bathrooms"),
        (json!({ "daysVacant": -1 }), "daysVacant"),
    ] {
        let refused = lena.patch(&path, &body).await;
        refused.is_problem(400, "invalid_request").names(named);
    }
}

#[tokio::test]
async fn a_vacancy_can_have_begun_before_the_property_was_entered() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let added = lena
        .post(PROPERTIES, &with("Elm", &json!({ "daysVacant": 45 })))
        .await;
    assert_eq!(added.is(201).json["daysVacant"], 45);
    let path = format!("{PROPERTIES}/{}", added.text_at("/id"));
    system.advance("P2D").await;
    assert_eq!(lena.get(&path).await.json["daysVacant"], 47);
    let earlier = lena
        .patch(&path, &json!({ "lastOccupiedDate": "2020-01-01" }))
        .await;
    assert!(
        earlier.is(200).json["daysVacant"].as_u64() > Some(1000),
        "{}",
        earlier.text
    );
    lena.patch(&path, &json!({ "status": "occupied" })).await.is(200);
    let vacant = lena.patch(&path, &json!({ "status": "vacant" })).await;
    assert_eq!(vacant.is(200).json["daysVacant"], 0);
}

#[tokio::test]
async fn a_property_that_is_said_anew_keeps_its_id_and_nothing_that_is_not_named() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let said = json!({ "tenantName": "Tom Tenant", "status": "occupied", "phone": "1" });
    let added = lena.post(PROPERTIES, &with("Elm", &said)).await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    let anew = put(&lena, &path, &with("Oak", &json!({ "phone": "2" }))).await;
    anew.is(200);
    assert_eq!(anew.json["id"], added.json["id"]);
    assert_eq!(anew.json["createdAt"], added.json["createdAt"]);
    assert_eq!(
        (&anew.json["name"], &anew.json["phone"]),
        (&json!("Oak"), &json!("2"))
    );
    assert_eq!(anew.json["occupancyStatus"], "vacant");
    assert!(anew.json["tenantName"].is_null(), "{}", anew.text);
    assert_eq!(lena.get(&path).await.json, anew.json);
    let refused = put(&lena, &path, &json!({ "name": "Oak" })).await;
    refused.is_problem(400, "invalid_request").names("address");
    let nina = system.landlord("nina").await;
    let absent = put(&nina, &path, &with("Mine", &json!({}))).await;
    absent.is_problem(404, "not_found");
}
