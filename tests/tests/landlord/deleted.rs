//! Properties that are deleted, and restored.

use domain::PlanId;
use domain::subscription::SubscriptionStatus;
use futures::future::join_all;
use local::wire::faults::Kind;
use serde_json::json;
use tests::landlord::PROPERTIES;
use tests::{Person, System};

use super::{counted_and_there, is_empty, with};

/// Enters a property, and where it is.
async fn added(landlord: &Person<'_>, name: &str) -> String {
    let said = json!({ "status": "occupied", "currentRent": 1500.25, "leaseEndDate": "2026-08-31" });
    let added = landlord.post(PROPERTIES, &with(name, &said)).await;
    format!("{PROPERTIES}/{}", added.is(201).text_at("/id"))
}

#[tokio::test]
async fn a_deleted_property_is_restored_as_it_was_within_thirty_days() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let (elm, oak) = (added(&lena, "Elm").await, added(&lena, "Oak").await);
    let before = lena.get(&elm).await.is(200).json.clone();
    lena.delete(&elm).await.is(204);
    lena.get(&elm).await.is_problem(404, "not_found");
    lena.patch(&elm, &json!({ "name": "Elm" }))
        .await
        .is_problem(404, "not_found");
    lena.delete(&elm).await.is_problem(404, "not_found");
    assert_eq!(counted_and_there(&lena).await, (1, 1));
    let list = lena.get(PROPERTIES).await;
    assert_eq!(list.is(200).json["properties"][0]["name"], "Oak");
    let deleted = lena.get(&format!("{PROPERTIES}/deleted")).await;
    assert_eq!(deleted.is(200).json["properties"].as_array().unwrap().len(), 1);
    assert_eq!(deleted.json["properties"][0]["id"], before["id"]);

    system.advance("P29DT23H59M").await;
    let on_another_day = lena.on_another_device().await;
    let lena = on_another_day;
    let restored = lena.post_nothing(&format!("{elm}/restore")).await;
    // What is judged anew each day tells of more days that went by.
    let mut expected = before.clone();
    expected["riskFactors"] = restored.is(200).json["riskFactors"].clone();
    assert_eq!(restored.json, expected);
    assert_eq!(lena.get(&elm).await.is(200).json, expected);
    // Asked for again, it is there already; what was never deleted, too.
    for path in [&elm, &oak] {
        lena.post_nothing(&format!("{path}/restore")).await.is(200);
    }
    assert_eq!(counted_and_there(&lena).await, (2, 2));

    lena.delete(&elm).await.is(204);
    system.advance("P30D").await;
    let lena = lena.on_another_device().await;
    let gone = lena.post_nothing(&format!("{elm}/restore")).await;
    gone.is_problem(404, "not_found");
    let deleted = lena.get(&format!("{PROPERTIES}/deleted")).await;
    assert_eq!(deleted.is(200).json["properties"], json!([]));
    assert_eq!(counted_and_there(&lena).await, (1, 1));
}

#[tokio::test]
async fn of_fifty_restored_at_once_as_many_are_as_the_plan_allows() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.subscribed(PlanId::LandlordEnterprise, SubscriptionStatus::Active)
        .await;
    let mut paths = Vec::new();
    for number in 0..50 {
        let path = added(&lena, &format!("Elm {number}")).await;
        lena.delete(&path).await.is(204);
        paths.push(format!("{path}/restore"));
    }
    let portfolio = system.table().portfolio(lena.id.parse().unwrap()).await.unwrap();
    assert!(is_empty(&portfolio), "{portfolio:?}");
    lena.subscribed(PlanId::LandlordStarter, SubscriptionStatus::Active)
        .await;
    let answers = join_all(paths.iter().map(|path| lena.post_nothing(path))).await;
    let restored = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(restored, 5);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is_problem(402, "plan_limit");
        assert_eq!(answer.json["plan"], "landlord_pro");
    }
    assert_eq!(counted_and_there(&lena).await, (5, 5));
}

#[tokio::test]
async fn of_a_property_that_is_deleted_and_restored_twenty_times_at_once_there_is_one_or_none() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let elm = added(&lena, "Elm").await;
    let restore = format!("{elm}/restore");
    for _ in 0..3 {
        let both = join_all((0..20).map(async |number| {
            if number % 2 == 0 {
                lena.delete(&elm).await
            } else {
                lena.post_nothing(&restore).await
            }
        }))
        .await;
        for answer in &both {
            assert!([200, 204, 404, 503].contains(&answer.status), "{}", answer.text);
        }
        let (counted, there) = counted_and_there(&lena).await;
        assert_eq!(counted, there as u64);
        let snapshot = system.snapshot().await;
        let kept = snapshot.of("Property").len() + snapshot.of("DeletedProperty").len();
        assert_eq!(kept, 1, "it is in one place");
    }
}

#[tokio::test]
async fn a_deletion_and_a_restoration_that_were_not_confirmed_happen_whole_and_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let elm = added(&lena, "Elm").await;
    let restore = format!("{elm}/restore");
    for kind in [Kind::AnswerLost, Kind::InternalError] {
        system.fail_for("PropertiesFunction", "dynamodb", "TransactWriteItems", kind, 3);
        let first = lena.delete(&elm).await;
        assert!([204, 503].contains(&first.status), "{}", first.text);
        system.platform.faults().clear();
        let again = lena.delete(&elm).await;
        assert!([204, 404].contains(&again.status), "{}", again.text);
        assert_eq!(counted_and_there(&lena).await, (0, 0));

        system.fail_for("PropertiesFunction", "dynamodb", "TransactWriteItems", kind, 3);
        let first = lena.post_nothing(&restore).await;
        assert!([200, 503].contains(&first.status), "{}", first.text);
        system.platform.faults().clear();
        lena.post_nothing(&restore).await.is(200);
        assert_eq!(counted_and_there(&lena).await, (1, 1));
    }
}

#[tokio::test]
async fn what_somebody_else_has_deleted_is_not_there() {
    let system = System::start().await;
    let (lena, nina) = (system.landlord("lena").await, system.landlord("nina").await);
    let elm = added(&lena, "Elm").await;
    lena.delete(&elm).await.is(204);
    let before = system.snapshot().await;
    let refused = nina.post_nothing(&format!("{elm}/restore")).await;
    refused.is_problem(404, "not_found");
    let deleted = nina.get(&format!("{PROPERTIES}/deleted")).await;
    assert_eq!(deleted.is(200).json["properties"], json!([]));
    system.snapshot().await.is_unchanged_since(&before);
}
