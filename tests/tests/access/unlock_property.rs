//! `POST /api/access/unlock-property`

use futures::future::join_all;
use local::wire::faults::Kind;
use serde_json::json;
use tests::listing::{ASKING, PREDICTED};
use tests::{Outcome, System};

use super::status;

#[tokio::test]
async fn a_plan_unlocks_a_property_with_its_figures_of_that_moment() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let answer = ana.unlock("1001").await;
    answer.is_problem(402, "payment_required");
    assert_eq!(answer.json["plan"], "per_property");
    ana.buy("basic", Outcome::Paid).await;
    let first = ana.unlock("1001").await;
    first.is(201);
    let at: jiff::Timestamp = first.text_at("/unlockedAt").parse().unwrap();
    assert_eq!(
        first.json,
        json!({ "propertyId": "1001", "askingRent": ASKING, "predictedRent": PREDICTED, "unlockedAt": at })
    );
    assert!(system.now().duration_since(at).as_secs() < 60);
}

#[tokio::test]
async fn the_figures_stay_when_the_market_moves() {
    let system = System::start().await;
    system.listing("1001").await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    ana.buy("basic", Outcome::Paid).await;
    ben.buy("basic", Outcome::Paid).await;
    let first = ana.unlock("1001").await;
    first.is(201);
    system.market_moves("1001", 2050, 1999).await;
    system.advance("P2D").await;
    assert_eq!(ana.unlock("1001").await.is(200).json, first.json);
    let bens = ben.unlock("1001").await;
    assert_eq!(
        (&bens.is(201).json["askingRent"], &bens.json["predictedRent"]),
        (&json!(2050), &json!(1999))
    );
    assert_eq!(status(&ana).await["analysesUsed"], 1);
}

#[tokio::test]
async fn a_basic_plan_has_five_analyses() {
    let system = System::start().await;
    for id in 1001..=1006 {
        system.listing(&id.to_string()).await;
    }
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    for id in 1001..=1005 {
        ana.unlock(&id.to_string()).await.is(201);
    }
    let sixth = ana.unlock("1006").await;
    sixth.is_problem(402, "analyses_used_up");
    assert_eq!(sixth.json["plan"], "pro");
    // What is unlocked stays so, and costs nothing.
    ana.unlock("1005").await.is(200);
    assert_eq!(status(&ana).await["analysesUsed"], 5);
    // The one property can still be bought.
    ana.buy_property("1006").await;
    ana.unlock("1006").await.is(200);
}

#[tokio::test]
async fn twenty_requests_at_once_get_five_analyses() {
    let system = System::start().await;
    let ids: Vec<String> = (1001..=1020).map(|id| id.to_string()).collect();
    for id in &ids {
        system.listing(id).await;
    }
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    let answers = join_all(ids.iter().map(|id| ana.unlock(id))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 5);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is_problem(402, "analyses_used_up");
    }
    assert_eq!(status(&ana).await["analysesUsed"], 5);
    assert_eq!(system.snapshot().await.of("Unlock").len(), 5);
}

#[tokio::test]
async fn twenty_requests_for_one_property_at_once_are_one_analysis() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    let answers = join_all((0..20).map(|_| ana.unlock("1001"))).await;
    for answer in &answers {
        assert!([200, 201].contains(&answer.status), "{}", answer.text);
    }
    // However they overlapped, there is one unlock, and everybody is told that one.
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let stored = ana.unlock("1001").await;
    assert!(answers.iter().all(|answer| answer.json == stored.json));
    assert_eq!(status(&ana).await["analysesUsed"], 1);
}

#[tokio::test]
async fn one_bought_property_is_unlocked_and_no_other() {
    let system = System::start().await;
    for id in ["1001", "1002"] {
        system.listing(id).await;
    }
    let ana = system.person("ana").await;
    ana.buy_property("1001").await;
    let unlocked = ana.unlock("1001").await;
    assert_eq!(
        (
            &unlocked.is(200).json["askingRent"],
            &unlocked.json["predictedRent"]
        ),
        (&json!(ASKING), &json!(PREDICTED))
    );
    ana.unlock("1002").await.is_problem(402, "payment_required");
    system.market_moves("1001", 2050, 1999).await;
    system.advance("P30D").await;
    let ana = ana.on_another_device().await;
    assert_eq!(ana.unlock("1001").await.is(200).json, unlocked.json);
}

#[tokio::test]
async fn the_figures_of_a_bought_property_are_those_of_the_moment_when_the_money_came() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout_property("1001").await;
    system.market_moves("1001", 2050, 1999).await;
    checkout.end(Outcome::Paid).await;
    system.market_moves("1001", 2100, 2099).await;
    let unlocked = ana.unlock("1001").await;
    assert_eq!(
        (
            &unlocked.is(200).json["askingRent"],
            &unlocked.json["predictedRent"]
        ),
        (&json!(2050), &json!(1999))
    );
}

#[tokio::test]
async fn a_property_that_was_paid_for_is_unlocked_also_when_it_is_no_longer_listed() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout_property("1001").await;
    system.listing_ends("1001").await;
    checkout.end(Outcome::Paid).await;
    let unlocked = ana.unlock("1001").await;
    assert_eq!(
        (
            &unlocked.is(200).json["askingRent"],
            &unlocked.json["predictedRent"]
        ),
        (&json!(ASKING), &json!(PREDICTED))
    );
    system
        .get("/api/scraped-properties/1001")
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn what_is_predicted_is_in_no_public_answer() {
    let system = System::start().await;
    system
        .listing_with("1001", |listing| {
            listing.predicted_rent = tests::listing::rent(1733);
        })
        .await;
    let public = [
        "/api/scraped-properties",
        "/api/scraped-properties?city=Atlanta&state=GA",
        "/api/scraped-properties?lat=33.749&lng=-84.388",
        "/api/scraped-properties/stats",
        "/api/scraped-properties/1001",
    ];
    for path in public {
        let answer = system.get(path).await;
        answer.is(200);
        assert!(!answer.text.to_lowercase().contains("predict"), "{}", answer.text);
        assert!(!answer.text.contains("1733"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_property_that_is_not_there_is_not_found_and_costs_nothing() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    system.at_rest().await;
    let before = system.snapshot().await;
    ana.unlock("1001")
        .await
        .is_problem(404, "not_found")
        .says("property");
    for id in ["", "1001#", "LISTING#1001", "../1001", "🏠"] {
        ana.unlock(id)
            .await
            .is_problem(400, "invalid_request")
            .names("propertyId");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_analysis_whose_write_was_not_confirmed_counts_once() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    system.fail_for(
        "AccessFunction",
        "dynamodb",
        "TransactWriteItems",
        Kind::AnswerLost,
        1,
    );
    let answer = ana.unlock("1001").await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
    assert!(system.platform.faults().armed().is_empty());
    assert_eq!(ana.unlock("1001").await.is(200).json, answer.json);
    assert_eq!(status(&ana).await["analysesUsed"], 1);
}

#[tokio::test]
async fn a_table_that_fails_unlocks_nothing() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    system.fail_for(
        "AccessFunction",
        "dynamodb",
        "TransactWriteItems",
        Kind::InternalError,
        3,
    );
    ana.unlock("1001").await.is_problem(503, "unavailable");
    assert_eq!(status(&ana).await["analysesUsed"], 0);
    ana.unlock("1001").await.is(201);
}
