//! How many properties a plan allows.

use domain::PlanId;
use domain::subscription::SubscriptionStatus;
use futures::future::join_all;
use local::wire::faults::Kind;
use tests::landlord::{PROPERTIES, property};
use tests::{Answer, Person, System};

use super::counted_and_there;

async fn fifty_at_once(landlord: &Person<'_>) -> Vec<Answer> {
    let names: Vec<String> = (0..50).map(|number| format!("Elm {number}")).collect();
    join_all(names.iter().map(|name| landlord.add_property(name))).await
}

fn added(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status == 201).count()
}

#[tokio::test]
async fn fifty_properties_at_once_without_a_plan_are_two() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let answers = fifty_at_once(&lena).await;
    assert_eq!(added(&answers), 2);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is_problem(402, "plan_limit").says("2 properties");
        assert_eq!(answer.json["plan"], "landlord_starter");
    }
    assert_eq!(counted_and_there(&lena).await, (2, 2));
    assert_eq!(lena.get(PROPERTIES).await.is(200).json["total"], 2);
}

#[tokio::test]
async fn fifty_properties_at_once_on_the_smallest_plan_are_five() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.subscribed(PlanId::LandlordStarter, SubscriptionStatus::Trialing)
        .await;
    let answers = fifty_at_once(&lena).await;
    assert_eq!(added(&answers), 5);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    refused.is_problem(402, "plan_limit");
    assert_eq!(refused.json["plan"], "landlord_pro");
    assert_eq!(counted_and_there(&lena).await, (5, 5));
}

#[tokio::test]
async fn a_deleted_property_makes_room_for_another() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let first = lena.add_property("Elm 1").await;
    let first = format!("{PROPERTIES}/{}", first.is(201).text_at("/id"));
    lena.add_property("Elm 2").await.is(201);
    lena.add_property("Elm 3").await.is_problem(402, "plan_limit");
    lena.delete(&first).await.is(204);
    assert_eq!(counted_and_there(&lena).await, (1, 1));
    lena.add_property("Elm 3").await.is(201);
    lena.add_property("Elm 4").await.is_problem(402, "plan_limit");
    assert_eq!(counted_and_there(&lena).await, (2, 2));
}

#[tokio::test]
async fn a_property_that_is_deleted_twenty_times_at_once_is_given_back_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let first = lena.add_property("Elm 1").await;
    let first = format!("{PROPERTIES}/{}", first.is(201).text_at("/id"));
    lena.add_property("Elm 2").await.is(201);
    let answers = join_all((0..20).map(|_| lena.delete(&first))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 204) {
        answer.is_problem(404, "not_found");
    }
    assert_eq!(counted_and_there(&lena).await, (1, 1));
}

#[tokio::test]
async fn a_smaller_plan_keeps_what_is_there_and_allows_no_more() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.subscribed(PlanId::LandlordPro, SubscriptionStatus::Active)
        .await;
    for number in 1..=7 {
        lena.add_property(&format!("Elm {number}")).await.is(201);
    }
    lena.subscribed(PlanId::LandlordStarter, SubscriptionStatus::Active)
        .await;
    let list = lena.get(PROPERTIES).await;
    assert_eq!(list.is(200).json["total"], 7);
    let refused = lena.add_property("Elm 8").await;
    refused.is_problem(402, "plan_limit").says("5 properties");
    // What is there can still be changed, and deleted until there is room.
    for (position, left) in [(0, 6), (1, 5)] {
        let path = format!(
            "{PROPERTIES}/{}",
            list.text_at(&format!("/properties/{position}/id"))
        );
        lena.patch(&path, &serde_json::json!({ "name": "Oak 1" }))
            .await
            .is(200);
        lena.delete(&path).await.is(204);
        lena.add_property("Elm 8").await.is_problem(402, "plan_limit");
        assert_eq!(counted_and_there(&lena).await, (left, left as usize));
    }
    lena.subscribed(PlanId::LandlordStarter, SubscriptionStatus::Canceled)
        .await;
    lena.add_property("Elm 8")
        .await
        .is_problem(402, "plan_limit")
        .says("2 properties");
    assert_eq!(counted_and_there(&lena).await, (5, 5));
}

#[tokio::test]
async fn a_property_whose_write_was_not_confirmed_counts_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    for kind in [Kind::AnswerLost, Kind::InternalError] {
        // A call is made anew twice; the third fault is the end of the first request.
        system.fail_for("PropertiesFunction", "dynamodb", "TransactWriteItems", kind, 3);
        let add = || {
            let request = lena.request("POST", PROPERTIES).json(&property("Elm"));
            system.send(request.header("idempotency-key", format!("{kind:?}")))
        };
        let first = add().await;
        assert!([201, 503].contains(&first.status), "{}", first.text);
        system.platform.faults().clear();
        system.advance("PT31S").await;
        let again = add().await;
        again.is(201);
        assert_eq!(add().await.is(201).json["id"], again.json["id"]);
    }
    assert_eq!(counted_and_there(&lena).await, (2, 2));
}
