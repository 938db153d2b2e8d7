//! Refunds and disputes, as Stripe reports them.

use serde_json::Value;
use tests::{Checkout, Outcome, System};

async fn paid(system: &System) -> (Checkout<'_>, String) {
    let checkout = system.person("ana").await.buy("basic", Outcome::Paid).await;
    let intents = system.stripe().payment_intents();
    let payment = intents[0]["id"].as_str().unwrap().to_owned();
    (checkout, payment)
}

/// Waits until the purchase stands there, and holds the plan to count or not to count.
async fn comes_to(checkout: &Checkout<'_>, status: &str, plan: &str) {
    let system = checkout.person.system;
    system.stripe().settle().await;
    let reached = async || (checkout.status().await == status).then_some(());
    system
        .eventually("the purchase moves as Stripe reports", reached)
        .await;
    assert_eq!(checkout.person.subscription().await.0, plan, "{status}");
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_disputed_is_closed_and_opens_again_when_the_dispute_is_won() {
    let system = System::start().await;
    let (checkout, payment) = paid(&system).await;
    let dispute = id(&system.stripe().open_dispute(&payment, None).unwrap());
    comes_to(&checkout, "disputed", "free").await;
    system.stripe().close_dispute(&dispute, true).unwrap();
    comes_to(&checkout, "paid", "basic").await;
}

#[tokio::test]
async fn what_is_disputed_stays_closed_when_the_dispute_is_lost() {
    let system = System::start().await;
    let (checkout, payment) = paid(&system).await;
    let dispute = id(&system.stripe().open_dispute(&payment, None).unwrap());
    comes_to(&checkout, "disputed", "free").await;
    system.stripe().close_dispute(&dispute, false).unwrap();
    system.at_rest().await;
    comes_to(&checkout, "disputed", "free").await;
}

#[tokio::test]
async fn a_part_that_is_given_back_closes_nothing_and_the_whole_does() {
    let system = System::start().await;
    let (checkout, payment) = paid(&system).await;
    system.stripe().refund(&payment, Some(300)).unwrap();
    comes_to(&checkout, "partially_refunded", "basic").await;
    system.stripe().refund(&payment, None).unwrap();
    comes_to(&checkout, "refunded", "free").await;
}

#[tokio::test]
async fn a_refund_that_fails_later_opens_again() {
    let system = System::start().await;
    let (checkout, payment) = paid(&system).await;
    let refund = id(&system.stripe().refund(&payment, None).unwrap());
    comes_to(&checkout, "refunded", "free").await;
    system.stripe().fail_refund(&refund).unwrap();
    comes_to(&checkout, "paid", "basic").await;
}

#[tokio::test]
async fn a_property_is_closed_while_its_payment_is_disputed() {
    let system = System::start().await;
    system.listing("1001").await;
    let checkout = system.person("ana").await.buy_property("1001").await;
    let ana = &checkout.person;
    ana.unlock("1001").await.is(200);
    let intents = system.stripe().payment_intents();
    let dispute = system
        .stripe()
        .open_dispute(intents[0]["id"].as_str().unwrap(), None)
        .unwrap();
    comes_to(&checkout, "disputed", "free").await;
    ana.unlock("1001").await.is(402);
    system.stripe().close_dispute(&id(&dispute), true).unwrap();
    comes_to(&checkout, "paid", "free").await;
    ana.unlock("1001").await.is(200);
}
