//! `POST /api/payments/create-checkout`

use local::wire::faults::Kind;
use serde_json::{Value, json};
use tests::{Outcome, System};

const PATH: &str = "/api/payments/create-checkout";

/// The price list, in cents.
const PRICES: [(&str, i64, &str); 4] = [
    ("basic", 999, "$9.99"),
    ("pro", 2999, "$29.99"),
    ("premium", 9999, "$99.99"),
    ("full_access", 4900, "$49.00"),
];

#[tokio::test]
async fn the_price_is_the_one_of_the_price_list() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for (plan, cents, dollars) in PRICES {
        let checkout = ana.checkout(plan).await;
        let session = system.stripe().checkout_sessions().pop().unwrap();
        assert_eq!(session["id"], checkout.session.as_str());
        assert_eq!(
            (&session["amount_total"], &session["currency"]),
            (&json!(cents), &json!("usd")),
            "{plan}"
        );
        assert_eq!(session["customer_email"], "ana@example.com");
        let page = system.send(system.request_to("GET", &checkout.url)).await;
        assert!(page.is(200).text.contains(dollars), "{plan}");
    }
    let sold: Vec<_> = ana
        .purchases()
        .await
        .iter()
        .rev()
        .map(|purchase| purchase["amount"].clone())
        .collect();
    assert_eq!(sold, PRICES.map(|(_, cents, _)| json!(cents)));
}

#[tokio::test]
async fn one_property_costs_1_99_and_is_named_on_the_page() {
    let system = System::start().await;
    let listing = system.listing("1001").await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout_property("1001").await;
    let session = system.stripe().checkout_sessions().pop().unwrap();
    assert_eq!(session["amount_total"], 199);
    let page = system.send(system.request_to("GET", &checkout.url)).await;
    assert!(page.is(200).text.contains(&listing.name), "{}", page.text);
    let purchase = ana.purchases().await.remove(0);
    assert_eq!(
        (&purchase["planId"], &purchase["propertyId"]),
        (&json!("per_property"), &json!("1001"))
    );
}

#[tokio::test]
async fn the_web_clients_name_of_a_plan_is_taken() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = ana.buy("one_time_unlock", Outcome::Paid).await;
    assert_eq!(ana.purchases().await[0]["planId"], "full_access");
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn the_purchase_is_written_before_the_buyer_leaves_and_paid_when_stripe_says_so() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout("basic").await;
    let pending = ana.purchases().await.remove(0);
    assert_eq!(
        (&pending["id"], &pending["status"]),
        (&json!(checkout.purchase), &json!("pending"))
    );
    assert_eq!(
        (&pending["currency"], &pending["paidAt"]),
        (&json!("usd"), &Value::Null)
    );
    let back = checkout.submit(Outcome::Paid).await;
    let success = format!("/payment-success?session_id={}", checkout.session);
    assert!(
        back.is(303).header("location").ends_with(&success),
        "{}",
        back.header("location")
    );
    let paid = async || (checkout.status().await == "paid").then_some(());
    system.eventually("the purchase is paid", paid).await;
    assert!(ana.purchases().await[0]["paidAt"].is_string());
}

#[tokio::test]
async fn what_is_open_for_good_already_is_not_sold_again() {
    let system = System::start().await;
    for id in ["1001", "1002"] {
        system.listing(id).await;
    }
    let ana = system.person("ana").await;
    ana.buy_property("1001").await;
    let again = json!({ "planId": "per_property", "propertyId": "1001" });
    ana.post(PATH, &again).await.is_problem(409, "already_yours");
    ana.buy("full_access", Outcome::Paid).await;
    system.at_rest().await;
    let before = system.snapshot().await;
    for (plan, _, _) in PRICES {
        ana.post(PATH, &json!({ "planId": plan }))
            .await
            .is_problem(409, "already_yours");
    }
    let other = json!({ "planId": "per_property", "propertyId": "1002" });
    ana.post(PATH, &other).await.is_problem(409, "already_yours");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn while_stripe_does_not_answer_nothing_is_sold() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for kind in [Kind::Throttle, Kind::InternalError] {
        system.fail("stripe", "POST /v1/checkout/sessions", kind, 20);
        ana.post(PATH, &json!({ "planId": "basic" }))
            .await
            .is_problem(503, "unavailable");
        system.platform.faults().clear();
    }
    assert!(system.stripe().checkout_sessions().is_empty());
    for purchase in ana.purchases().await {
        assert_eq!(purchase["status"], "pending");
    }
    assert_eq!(ana.subscription().await, ("free".into(), "inactive".into()));
    ana.buy("basic", Outcome::Paid).await;
}

#[tokio::test]
async fn an_answer_of_stripes_that_was_lost_opens_no_second_page() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.fail("stripe", "POST /v1/checkout/sessions", Kind::AnswerLost, 1);
    let checkout = ana.checkout("basic").await;
    assert!(system.platform.faults().armed().is_empty());
    assert_eq!(system.stripe().checkout_sessions().len(), 1);
    checkout.end(Outcome::Paid).await;
    assert_eq!(ana.purchases().await.len(), 1);
}
