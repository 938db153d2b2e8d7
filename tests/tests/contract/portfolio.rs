//! A landlord's pages: the units, what they come to, the filters.

use serde_json::{Value, json};
use tests::System;

use super::{Client, Is, Token, reads, refuses};

const PROPERTIES: &str = "/api/landlord/properties";

#[tokio::test]
async fn the_dashboards_read_every_field_of_a_unit() {
    let system = System::start().await;
    for id in ["1001", "1002", "1003"] {
        system.listing(id).await;
    }
    let client = Client::signed_up(&system, "lena", "landlord").await;
    let empty = client.get(PROPERTIES, Token).await;
    // A bare array crashes two pages.
    assert_eq!(empty.is(200).json["properties"], json!([]));
    let unit = json!({
        "name": "Elm Court", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "zipCode": "30308",
        "unitNumber": "4B", "latitude": "33.75", "longitude": "-84.39", "bedroomsMin": 2, "bedroomsMax": 2,
        "bathroomsMin": 1.5, "bathroomsMax": 1.5, "squareFeetMin": 900, "squareFeetMax": 900, "actualRent": 2450,
        "occupancyStatus": "occupied", "tenantName": "Tom Tenant", "leaseEndDate": "2030-08-31T00:00:00.000Z",
        "images": ["https://example.com/elm.jpg"],
    });
    client.post(PROPERTIES, Token, &unit).await.is(201);
    let list = client.get(PROPERTIES, Token).await;
    let of_unit = |field: &str| format!("/properties/0/{field}");
    for (fields, is) in [
        (
            &[
                "id",
                "address",
                "city",
                "state",
                "zipCode",
                "unitNumber",
                "occupancyStatus",
                "tenantName",
                "leaseEndDate",
            ][..],
            Is::Text,
        ),
        (
            &[
                "bedroomsMin",
                "bedroomsMax",
                "bathroomsMin",
                "bathroomsMax",
                "squareFeetMin",
                "squareFeetMax",
            ],
            Is::Number,
        ),
        (
            &[
                "actualRent",
                "marketRent",
                "retentionRiskScore",
                "daysVacant",
                "latitude",
                "longitude",
            ],
            Is::Number,
        ),
        (&["lastUpdated"], Is::Time),
        // The names of the plan's tables.
        (
            &[
                "bedrooms",
                "bathrooms",
                "squareFeet",
                "currentRent",
                "marketAvgRent",
            ],
            Is::Number,
        ),
        (
            &["status", "vacancyRisk", "tenant", "recommendation", "imageUrl"],
            Is::Text,
        ),
        (&["riskFactors", "competitorConcessions"], Is::List),
    ] {
        for field in fields {
            reads(list.is(200), &[(&of_unit(field), is)]);
        }
    }
    for (field, is) in [("name", Is::Text), ("score", Is::Number), ("detail", Is::Text)] {
        reads(&list, &[(&of_unit(&format!("riskFactors/0/{field}")), is)]);
    }
    for field in ["property", "type", "value"] {
        let field = of_unit(&format!("competitorConcessions/0/{field}"));
        reads(&list, &[(&field, Is::Text)]);
    }
    for (field, is) in [
        ("type", Is::Text),
        ("confidence", Is::Number),
        ("reasoning", Is::Text),
    ] {
        reads(
            &list,
            &[(&of_unit(&format!("pricingRecommendation/{field}")), is)],
        );
    }
    let filtered = "?city=Atlanta&status=occupied&vacancyRisk=low";
    let filtered = client.get(&format!("{PROPERTIES}{filtered}"), Token).await;
    reads(filtered.is(200), &[("/properties", Is::List)]);
    let cities = client.get(&format!("{PROPERTIES}/cities"), Token).await;
    assert_eq!(cities.is(200).json["cities"], json!(["Atlanta"]));
}

#[tokio::test]
async fn the_market_panel_reads_the_city_of_the_first_unit() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "lena", "landlord").await;
    let query = "city=Atlanta&state=GA";
    let pricing = format!("/api/landlord/analytics/pricing?{query}&bedrooms=2");
    let occupancy = format!("/api/landlord/analytics/occupancy?{query}");
    // Where nothing is known the page keeps its own figures.
    refuses(&client.get(&pricing, Token).await, 404);
    refuses(&client.get(&occupancy, Token).await, 404);
    for id in ["1001", "1002", "1003"] {
        system.listing(id).await;
    }
    let rents = client.get(&pricing, Token).await;
    for field in ["avgRent", "medianRent", "minRent", "maxRent", "totalProperties"] {
        reads(rents.is(200), &[(&format!("/overallMarket/{field}"), Is::Number)]);
    }
    let status = client.get(&occupancy, Token).await;
    for field in ["avgDaysOnMarket", "newListingsLast7Days"] {
        reads(
            status.is(200),
            &[(&format!("/currentStatus/{field}"), Is::Number)],
        );
    }
    let renter = Client::signed_up(&system, "rita", "renter").await;
    refuses(&renter.get(&pricing, Token).await, 403);
}

#[tokio::test]
async fn the_manager_of_competition_sets_reads_what_it_made() {
    const SETS: &str = "/api/competition-sets";
    let system = System::start().await;
    let client = Client::signed_up(&system, "lena", "landlord").await;
    let empty = client.get(SETS, Token).await;
    assert_eq!(empty.is(200).json["sets"], json!([]));
    let elm = json!({ "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA" });
    let elm = client.post(PROPERTIES, Token, &elm).await;
    let elm = elm.is(201).text_at("/id").to_owned();
    // What the dialog sends, with nothing in the description.
    let said =
        json!({ "name": "Midtown", "description": "", "ownPropertyIds": [elm], "alertsEnabled": true });
    let made = client.post(SETS, Token, &said).await;
    reads(made.is(201), &[("/id", Is::Text)]);
    let path = format!("{SETS}/{}", made.text_at("/id"));
    // All competitors at once, each with no more than this.
    let entered = futures::future::join_all(["1 Oak Ave", "2 Oak Ave", "3 Oak Ave"].map(async |address| {
        let said = json!({ "address": address, "source": "manual" });
        client.post(&format!("{path}/competitors"), Token, &said).await
    }));
    for answer in entered.await {
        answer.is(201);
    }
    // The other fields that its type allows; the original takes decimals as texts only.
    let whole = json!({
        "address": "4 Oak Ave", "propertyId": "1001", "latitude": "33.75", "longitude": "-84.39", "bedrooms": 2,
        "bathrooms": "1.5", "squareFeet": 900, "currentRent": "1450.00", "amenities": ["Pool"],
        "concessions": [{ "type": "free_rent", "description": "6 weeks free", "value": 6 }], "notes": "", "isActive": true,
    });
    let competitor = client.post(&format!("{path}/competitors"), Token, &whole).await;
    competitor.is(201);
    let twice = json!({ "address": "4 OAK AVE", "source": "manual" });
    refuses(
        &client.post(&format!("{path}/competitors"), Token, &twice).await,
        409,
    );

    let list = client.get(SETS, Token).await;
    let one = client.get(&path, Token).await;
    // The whole set takes the place of the one in the list: it has all of its fields.
    for (answer, place) in [(&list, "/sets/0"), (&one, "")] {
        for (field, is) in [
            ("id", Is::Text),
            ("name", Is::Text),
            ("description", Is::TextOrNull),
            ("ownPropertyIds", Is::List),
            ("alertsEnabled", Is::Bool),
            ("updatedAt", Is::Time),
            ("competitorCount", Is::Count),
        ] {
            reads(answer.is(200), &[(&format!("{place}/{field}"), is)]);
        }
    }
    assert_eq!(one.json["competitorCount"], 4);
    for (field, is) in [
        ("id", Is::Text),
        ("address", Is::Text),
        ("bedrooms", Is::Number),
        ("bathrooms", Is::Number),
        ("currentRent", Is::Number),
        ("source", Is::Text),
    ] {
        let competitors = one.json["competitors"].as_array().unwrap();
        let place = competitors
            .iter()
            .position(|it| it["address"] == "4 Oak Ave")
            .unwrap();
        reads(&one, &[(&format!("/competitors/{place}/{field}"), is)]);
    }
    let changed =
        json!({ "name": "Downtown", "description": "Near", "ownPropertyIds": [elm], "alertsEnabled": false });
    client.patch(&path, &changed).await.is(200);
    let of_set = format!("{PROPERTIES}?competitionSetId={}", made.text_at("/id"));
    assert_eq!(
        client
            .get(&of_set, Token)
            .await
            .is(200)
            .text_at("/properties/0/id"),
        elm
    );
    let competitor = format!("{path}/competitors/{}", competitor.text_at("/id"));
    for (path, status) in [(&competitor, 204), (&competitor, 404), (&path, 204), (&path, 404)] {
        let answer = client.send("DELETE", path, Token, None).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    refuses(&client.get(&path, Token).await, 404);
    refuses(&client.post(SETS, Token, &json!({ "name": "" })).await, 400);
}

#[tokio::test]
async fn the_summary_is_numbers_whatever_there_is() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "lena", "landlord").await;
    let fields = [
        "totalProperties",
        "occupiedUnits",
        "vacantUnits",
        "occupancyRate",
        "totalRevenue",
        "potentialRevenue",
        "averageRent",
        "atRiskCount",
        "revenueChange",
    ];
    let summary = async || {
        let answer = client.get("/api/landlord/portfolio/summary", Token).await;
        for field in fields {
            reads(answer.is(200), &[(&format!("/{field}"), Is::Number)]);
        }
        answer.json
    };
    assert_eq!(summary().await["totalRevenue"].as_f64(), Some(0.0));
    let unit = json!({
        "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "actualRent": 1450.5,
        "occupancyStatus": "occupied",
    });
    client.post(PROPERTIES, Token, &unit).await.is(201);
    let now: Value = summary().await;
    assert_eq!(now["totalRevenue"].as_f64(), Some(1450.5));
    let renter = Client::signed_up(&system, "rita", "renter").await;
    refuses(&renter.get(PROPERTIES, Token).await, 403);
}
