//! Events that come while the table fails: they are not taken, so that Stripe sends them again.

use local::wire::faults::Kind;
use tests::{Outcome, System};

/// More failures than one delivery outlasts: the client of DynamoDB tries three times.
const A_WHOLE_DELIVERY: u32 = 3;
const WEBHOOK: &str = "StripeWebhookFunction";

#[tokio::test]
async fn an_event_that_the_table_did_not_take_is_answered_5xx_and_changes_nothing() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let before = system.snapshot().await;
    let event = checkout.events("checkout.session.completed").remove(0);
    for (operation, kind) in [
        ("BatchGetItem", Kind::Throttle),
        ("BatchGetItem", Kind::InternalError),
        ("TransactWriteItems", Kind::Throttle),
        ("TransactWriteItems", Kind::InternalError),
    ] {
        system.fail_for(WEBHOOK, "dynamodb", operation, kind, A_WHOLE_DELIVERY);
        system.report(&event).await.is_problem(503, "unavailable");
        assert!(
            system.platform.faults().armed().is_empty(),
            "{operation} was not called as often"
        );
        system.snapshot().await.is_unchanged_since(&before);
    }
    system.report(&event).await.is(200);
    assert_eq!(checkout.status().await, "paid");
}

/// A payment whose first delivery fails like this; Stripe's next one applies it once.
async fn is_applied_once_after(operation: &str, kind: Kind, times: u32) {
    let system = System::start().await;
    let checkout = system.person("ana").await.checkout("basic").await;
    system.fail_for(WEBHOOK, "dynamodb", operation, kind, times);
    checkout.end(Outcome::Paid).await;
    system.faults_struck().await;
    let receipt = async || system.receipts_to("ana@example.com").pop();
    system.eventually("the receipt comes", receipt).await;
    system.at_rest().await;
    assert_eq!(system.receipts_to("ana@example.com").len(), 1);
    let snapshot = system.snapshot().await;
    assert_eq!(
        (
            snapshot.facts("PurchasePaid").len(),
            snapshot.of("StripeEvent").len()
        ),
        // Stripe reports it twice: of the page, and of the payment.
        (1, 2)
    );
    let analyses = checkout.person.get("/api/access/status").await;
    assert_eq!(analyses.json["analysesLimit"], 5);
}

#[tokio::test]
async fn a_payment_that_met_a_throttled_table_is_applied_once_when_stripe_sends_it_again() {
    is_applied_once_after("TransactWriteItems", Kind::Throttle, A_WHOLE_DELIVERY).await;
}

#[tokio::test]
async fn a_payment_that_met_a_broken_table_is_applied_once_when_stripe_sends_it_again() {
    is_applied_once_after("TransactWriteItems", Kind::InternalError, A_WHOLE_DELIVERY).await;
}

#[tokio::test]
async fn a_payment_whose_write_was_not_confirmed_is_applied_once() {
    is_applied_once_after("TransactWriteItems", Kind::AnswerLost, 1).await;
}

#[tokio::test]
async fn a_payment_whose_write_was_never_confirmed_is_applied_once_when_stripe_sends_it_again() {
    is_applied_once_after("TransactWriteItems", Kind::AnswerLost, A_WHOLE_DELIVERY).await;
}
