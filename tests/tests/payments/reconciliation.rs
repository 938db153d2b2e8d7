//! Once a day, the events that never came.

use local::wire::faults::{Fault, Kind};
use serde_json::{Value, json};
use tests::{Answer, Outcome, System};

const JOB: &str = "ReconciliationFunction";
/// Later than events may be under way, and before the job runs by itself.
const OVERDUE: &str = "PT11M";

/// Runs the job once.
async fn run(system: &System) -> Answer {
    let path = format!("/_local/invoke/{JOB}");
    system.post(&path, &json!({})).await
}

/// Lets every question after a subscription fail, until the faults are cleared.
fn subscriptions_cannot_be_asked_after(system: &System) {
    system.platform.faults().arm(Fault {
        times: u32::MAX,
        ..Fault::of("stripe", "GET /v1/subscriptions", Kind::InternalError)
    });
}

async fn unseen(system: &System) -> Vec<Value> {
    let snapshot = system.snapshot().await;
    let mut events = system.stripe().events();
    events.retain(|event| {
        let id = event["id"].as_str().unwrap();
        !snapshot
            .of("StripeEvent")
            .iter()
            .any(|seen| seen.to_string().contains(id))
    });
    events
}

#[tokio::test]
async fn an_event_that_cannot_be_settled_keeps_no_other_from_being_settled_and_is_the_next_time() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    // One before and one after the events that fail.
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let lea = system.landlord("lea").await;
    let first = ana.checkout("basic").await;
    first.submit(Outcome::Paid).await;
    let page = lea.subscription_page("landlord_pro").await;
    page.submit(Outcome::Paid).await;
    let last = ben.checkout("pro").await;
    last.submit(Outcome::Paid).await;
    subscriptions_cannot_be_asked_after(&system);
    system.advance(OVERDUE).await;

    let failed = run(&system).await;
    assert!(
        failed.status >= 500,
        "it must be told that something is left: {}",
        failed.text
    );
    system.platform.faults().clear();
    assert_eq!(
        (first.status().await, last.status().await),
        ("paid".into(), "paid".into())
    );
    assert_eq!(lea.billing().await["subscription"], Value::Null);

    run(&system).await.is(200);
    assert_eq!(lea.billing().await["subscription"]["status"], "trialing");
    assert_eq!(lea.billing().await["invoices"].as_array().unwrap().len(), 1);
    system.at_rest().await;
    let snapshot = system.snapshot().await;
    for (fact, times) in [("PurchasePaid", 2), ("SubscriptionStarted", 1)] {
        assert_eq!(snapshot.facts(fact).len(), times, "{fact}");
    }
    // Nothing is left for a third time.
    let before = system.snapshot().await;
    run(&system).await.is(200);
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn more_events_than_a_page_of_stripes_list_has_are_all_settled() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let mut pages = Vec::new();
    // Two events each: of the page, and of the payment.
    for _ in 0..60 {
        let checkout = ana.checkout("basic").await;
        checkout.submit(Outcome::Paid).await;
        pages.push(checkout);
    }
    system.advance(OVERDUE).await;
    run(&system).await.is(200);
    let purchases = ana.purchases().await;
    assert_eq!(purchases.len(), 60);
    for purchase in &purchases {
        assert_eq!(purchase["status"], "paid", "{purchase}");
    }
    let heard = ["checkout.session.completed", "payment_intent.succeeded"];
    let mut unseen = unseen(&system).await;
    unseen.retain(|event| heard.iter().any(|kind| event["type"] == *kind));
    assert!(unseen.is_empty(), "{unseen:?}");
    assert_eq!(system.snapshot().await.of("StripeEvent").len(), 120);
    assert_eq!(system.snapshot().await.facts("PurchasePaid").len(), 60);
}

/// The events are overdue, and the job runs.
async fn is_looked_through(system: &System) {
    system.advance(OVERDUE).await;
    run(system).await.is(200);
}

#[tokio::test]
async fn a_property_that_was_paid_and_never_reported_is_unlocked() {
    let system = System::start().await;
    system.listing("1001").await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let checkout = ana.checkout_property("1001").await;
    checkout.submit(Outcome::Paid).await;
    ana.unlock("1001").await.is_problem(402, "payment_required");
    is_looked_through(&system).await;
    ana.unlock("1001").await.is(200);
}

#[tokio::test]
async fn a_subscription_that_was_bought_and_never_reported_begins() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let ana = system.landlord("ana").await;
    let page = ana.subscription_page("landlord_pro").await;
    page.submit(Outcome::Paid).await;
    assert_eq!(ana.subscription().await.0, "free");
    is_looked_through(&system).await;
    assert_eq!(ana.subscription().await, ("landlord_pro".into(), "active".into()));
    assert_eq!(ana.billing().await["invoices"][0]["status"], "paid");
}

#[tokio::test]
async fn money_that_went_back_and_was_never_reported_closes_what_it_had_opened() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    let intents = system.stripe().payment_intents();
    let refund = system.stripe().refund(intents[0]["id"].as_str().unwrap(), None);
    refund.unwrap();
    assert_eq!(ana.subscription().await.0, "basic");
    is_looked_through(&system).await;
    assert_eq!(ana.subscription().await.0, "free");
    assert_eq!(ana.purchases().await[0]["status"], "refunded");
}
