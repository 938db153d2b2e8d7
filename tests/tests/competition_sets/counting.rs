//! What is counted of competitors, while many write at once and functions die.

use domain::competition::CompetitorDetails;
use domain::{CompetitorId, UserId};
use futures::future::join_all;
use serde_json::json;
use table::competition::Competitor;
use tests::System;
use tests::competition::set;

use super::{counted_and_there, put};

#[tokio::test]
async fn whatever_is_written_at_once_the_counters_are_those_of_a_recount() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let paths = join_all(["One", "Two", "Three"].map(|name| lena.makes_set(name, &[]))).await;
    let others = nina.makes_set("Hers", &[]).await;
    let mut competitors = Vec::new();
    for number in 0..12_u32 {
        let path = &paths[number as usize % 3];
        let known =
            json!({ "bedrooms": number % 4, "currentRent": 900 + number * 37, "isActive": number % 5 != 0 });
        let entered = lena.enters(path, &format!("{number} Oak Ave"), &known).await;
        competitors.push(format!("{path}/competitors/{}", entered.is(201).text_at("/id")));
    }
    nina.enters(&others, "1 Oak Ave", &json!({ "currentRent": 2000 }))
        .await
        .is(201);
    let entering = join_all((0..12_u32).map(async |number| {
        let known = json!({ "bedrooms": 2, "currentRent": 1400 + number });
        let path = &paths[1 + number as usize % 2];
        lena.enters(path, &format!("{number} Ash St"), &known)
            .await
            .status
    }));
    let removing = join_all(
        competitors
            .iter()
            .map(async |path| lena.delete(path).await.status),
    );
    let again = join_all(
        competitors
            .iter()
            .map(async |path| lena.delete(path).await.status),
    );
    let renamed = set("Named", &[]);
    let (entered, removed, again, deleted, named) = tokio::join!(
        entering,
        removing,
        again,
        lena.delete(&paths[0]),
        put(&lena, &paths[2], &renamed)
    );
    named.is(200);
    deleted.is(204);
    for status in entered {
        assert_eq!(status, 201);
    }
    for status in removed.into_iter().chain(again) {
        assert!([204, 404].contains(&status), "{status}");
    }
    assert_eq!(counted_and_there(&lena).await, (2, 12));
    assert_eq!(counted_and_there(&nina).await, (1, 1));
    for path in &paths[1..] {
        lena.delete(path).await.is(204);
    }
    assert_eq!(counted_and_there(&lena).await, (0, 0));
    let kept = system.table().competition(lena.id.parse::<UserId>().unwrap());
    assert!(kept.await.unwrap().asked.is_nothing());
}

#[tokio::test]
async fn who_asks_nothing_or_does_not_compete_is_not_counted() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    for (address, known) in [
        ("1 Oak Ave", json!({})),
        ("2 Oak Ave", json!({ "currentRent": 1500, "isActive": false })),
        ("3 Oak Ave", json!({ "currentRent": 1700, "bedrooms": 2 })),
    ] {
        lena.enters(&path, address, &known).await.is(201);
    }
    assert_eq!(counted_and_there(&lena).await, (1, 3));
    let kept = system
        .table()
        .competition(lena.id.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(kept.asked.figures(None).unwrap().homes, 1);
}

#[tokio::test]
async fn a_competitor_of_a_landlord_who_left_is_not_entered() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let set = path.rsplit('/').next().unwrap().parse().unwrap();
    lena.leave().await;
    let details: CompetitorDetails = serde_json::from_value(json!({ "address": "1 Oak Ave" })).unwrap();
    let competitor = Competitor::new(set, CompetitorId::from_bytes([1; 16]), details, system.now());
    let late = system
        .table()
        .add_competitor(lena.id.parse().unwrap(), set, competitor);
    assert!(late.await.is_err());
    system.erased(&lena.id).await;
    assert!(system.snapshot().await.of("Competitor").is_empty());
}
