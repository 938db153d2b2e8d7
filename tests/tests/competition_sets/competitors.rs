//! The homes that compete, in a set.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::System;

use super::counted_and_there;

#[tokio::test]
async fn a_competitor_is_shown_with_all_that_is_known_of_it() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let known = json!({
        "propertyId": "1001", "latitude": "33.75", "longitude": -84.39, "bedrooms": 2, "bathrooms": "1.5", "squareFeet": 900,
        "currentRent": "1450.50", "amenities": ["Pool", "Gym"],
        "concessions": [
            { "type": "weeks", "description": "6 weeks free", "value": 6 }, { "type": "fee", "value": "waived" },
        ],
        "notes": "Seen\nyesterday", "isActive": true, "source": "listing",
    });
    let entered = lena.enters(&path, "1 Oak Ave", &known).await.is(201).json.clone();
    let mut expected = known.clone();
    for (field, value) in [
        ("latitude", json!(33.75)),
        ("bathrooms", json!(1.5)),
        ("currentRent", json!(1450.5)),
    ] {
        expected[field] = value;
    }
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(entered[field], *value, "{field}");
    }
    assert_eq!(entered["address"], "1 Oak Ave");
    system.advance("PT1M").await;
    let bare = lena
        .post(&format!("{path}/competitors"), &json!({ "address": "2 Oak Ave" }))
        .await;
    assert_eq!(bare.is(201).text_at("/source"), "manual");
    assert_eq!(
        (
            &bare.json["isActive"],
            &bare.json["amenities"],
            &bare.json["currentRent"]
        ),
        (&json!(true), &json!([]), &Value::Null)
    );
    let set = lena.get(&path).await;
    assert_eq!(set.is(200).json["competitors"], json!([entered, bare.json]));
    assert_eq!(set.json["competitorCount"], 2);
    assert_ne!(set.json["updatedAt"], set.json["createdAt"]);

    let one = format!("{path}/competitors/{}", entered["id"].as_str().unwrap());
    lena.delete(&one).await.is(204);
    let gone = lena.delete(&one).await;
    assert_eq!(gone.is(404).text_at("/detail"), "There is no such competitor.");
    assert_eq!(lena.get(&path).await.json["competitors"], json!([bare.json]));
    assert_eq!(counted_and_there(&lena).await, (1, 1));
}

#[tokio::test]
async fn what_is_wrong_with_a_competitor_is_named_and_nothing_is_saved() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let before = system.snapshot().await;
    for (field, value, named, told) in [
        ("address", json!(" "), "address", "1 to 500 characters"),
        (
            "address",
            json!("x".repeat(501)),
            "address",
            "1 to 500 characters",
        ),
        ("propertyId", json!("a#b"), "propertyId", "must be an id such as"),
        ("latitude", json!(91), "latitude", "from -90 to 90"),
        ("longitude", json!(1), "latitude", "goes with longitude"),
        ("bedrooms", json!(101), "bedrooms", "from 0 to 100"),
        ("bathrooms", json!("1.3"), "bathrooms", "from 0 to 100"),
        ("squareFeet", json!(-1), "squareFeet", "from 0 to 1000000"),
        ("currentRent", json!(0.5), "currentRent", "from 1 to 100000"),
        ("currentRent", json!("much"), "currentRent", "from 1 to 100000"),
        (
            "amenities",
            json!(vec!["Pool"; 51]),
            "amenities",
            "at most 50 entries",
        ),
        (
            "amenities",
            json!(["Pool", "x".repeat(101)]),
            "amenities[1]",
            "1 to 100 characters",
        ),
        (
            "concessions",
            json!(vec![json!({ "type": "fee" }); 21]),
            "concessions",
            "at most 20 entries",
        ),
        (
            "concessions",
            json!([{ "type": "fee", "worth": 1 }]),
            "concessions[0].worth",
            "is not a field",
        ),
        ("source", json!("x".repeat(51)), "source", "1 to 50 characters"),
        (
            "notes",
            json!("x".repeat(1001)),
            "notes",
            "at most 1000 characters",
        ),
        ("isActive", json!("yes"), "isActive", "invalid type"),
        ("colour", json!("red"), "colour", "is not a field"),
    ] {
        let refused = lena.enters(&path, "1 Oak Ave", &json!({ field: value })).await;
        let error = &refused.is(400).json["errors"][0];
        assert_eq!(error["field"], named, "{}", refused.text);
        assert!(
            error["message"].as_str().unwrap().contains(told),
            "{}",
            refused.text
        );
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_address_is_in_a_set_once_however_it_is_typed() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let (path, other) = (
        lena.makes_set("One", &[]).await,
        lena.makes_set("Other", &[]).await,
    );
    lena.enters(&path, "1 Oak Ave", &json!({ "currentRent": 1500 }))
        .await
        .is(201);
    for address in ["1 Oak Ave", "1 OAK AVE", "  1 oak   ave "] {
        lena.enters(&path, address, &json!({ "currentRent": 900 }))
            .await
            .is_problem(409, "duplicate_address");
    }
    lena.enters(&other, "1 oak ave", &json!({})).await.is(201);
    let known = json!({ "currentRent": 1200 });
    let at_once = join_all((0..8).map(|_| lena.enters(&path, "7 Ash St", &known))).await;
    let entered = at_once.iter().filter(|answer| answer.status == 201).count();
    let refused = at_once.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((entered, refused), (1, 7));
    assert_eq!(counted_and_there(&lena).await, (2, 3));
}

#[tokio::test]
async fn a_competitor_entered_twice_under_one_key_is_one() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let entered = join_all((0..5).map(|_| {
        let request = lena.request("POST", &format!("{path}/competitors"));
        let request = request.json(&json!({ "address": "1 Oak Ave", "currentRent": 1500 }));
        system.send(request.header("idempotency-key", "one"))
    }));
    let entered = entered.await;
    for answer in &entered {
        assert_eq!(answer.is(201).json, entered[0].json);
    }
    assert_eq!(counted_and_there(&lena).await, (1, 1));
}

#[tokio::test]
async fn a_set_has_fifty_competitors_and_no_more_however_many_come_at_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let known = |number: u32| json!({ "currentRent": 1000 + number });
    let answers = join_all((0..60).map(async |number| {
        lena.enters(&path, &format!("{number} Oak Ave"), &known(number))
            .await
    }));
    let answers = answers.await;
    let entered = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(entered, 50);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused
            .is_problem(409, "too_many_competitors")
            .says("50 competitors");
    }
    assert_eq!(counted_and_there(&lena).await, (1, 50));
    // All of them go with it, at once.
    lena.delete(&path).await.is(204);
    assert_eq!(counted_and_there(&lena).await, (0, 0));
}
