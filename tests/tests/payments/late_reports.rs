//! Paid, and Stripe's report comes late or never.

use serde_json::json;
use tests::{Checkout, Outcome, Person, System};

const PATH: &str = "/api/payments/verify";

async fn paid_and_not_reported<'a>(ana: &Person<'a>) -> Checkout<'a> {
    ana.system.stripe().deliver_by_itself(false);
    let checkout = ana.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    checkout
}

#[tokio::test]
async fn the_page_of_success_opens_what_was_bought_before_stripe_reports_it() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = paid_and_not_reported(&ana).await;
    assert_eq!(ana.subscription().await.0, "free");
    let wish = json!({ "sessionId": checkout.session });
    let answer = ana.post(PATH, &wish).await;
    assert_eq!(
        answer.is(200).json,
        json!({
            "success": true, "planId": "basic", "propertyId": null, "purchaseId": checkout.purchase,
            "subscriptionId": null,
        })
    );
    assert_eq!(ana.subscription().await, ("basic".into(), "active".into()));
    ana.post(PATH, &wish).await.is(200);
    let intents = system.stripe().payment_intents();
    ana.post(PATH, &json!({ "paymentIntentId": intents[0]["id"] }))
        .await
        .is(200);

    let undelivered = system.stripe().undelivered();
    for status in system.stripe().deliver_in_order(&undelivered).await {
        assert_eq!(status, Some(200));
    }
    system.at_rest().await;
    assert_eq!(checkout.status().await, "paid");
    assert_eq!(ana.purchases().await.len(), 1);
    let snapshot = system.snapshot().await;
    assert_eq!(snapshot.facts("PurchasePaid").len(), 1);
    assert_eq!(system.receipts_to("ana@example.com").len(), 1);
}

#[tokio::test]
async fn what_is_not_paid_is_not_verified_and_what_is_anothers_is_not_found() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let open = ana.checkout("basic").await;
    ana.post(PATH, &json!({ "sessionId": open.session }))
        .await
        .is_problem(402, "payment_open");
    let ben = system.person("ben").await;
    open.submit(Outcome::Paid).await;
    ben.post(PATH, &json!({ "sessionId": open.session }))
        .await
        .is(404);
    let nowhere = json!({ "sessionId": "cs_test_nowhere" });
    ben.post(PATH, &nowhere).await.is(404);
    assert_eq!(ben.subscription().await.0, "free");
}

#[tokio::test]
async fn a_payment_that_stripe_never_reports_is_found_on_the_next_day() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = paid_and_not_reported(&ana).await;
    system.advance("P1D").await;
    let ana = ana.on_another_device().await;
    let checkout = Checkout {
        person: ana.clone(),
        ..checkout
    };
    let paid = async || (checkout.status().await == "paid").then_some(());
    system.eventually("the purchase is found paid", paid).await;
    assert_eq!(ana.subscription().await, ("basic".into(), "active".into()));
    system.at_rest().await;
    let before = ana.purchases().await;
    system.advance("P1D").await;
    system.at_rest().await;
    assert_eq!(ana.on_another_device().await.purchases().await, before);
    assert_eq!(system.snapshot().await.facts("PurchasePaid").len(), 1);
    assert_eq!(system.receipts_to("ana@example.com").len(), 1);
}

#[tokio::test]
async fn a_debit_that_fails_after_it_was_under_way_opens_nothing() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout("basic").await;
    checkout.submit(Outcome::AsyncFailed).await;
    let wish = json!({ "sessionId": checkout.session });
    ana.post(PATH, &wish).await.is_problem(402, "payment_processing");
    checkout.end_later("failed").await;
    ana.post(PATH, &wish).await.is_problem(402, "payment_failed");
    assert_eq!(ana.subscription().await, ("free".into(), "inactive".into()));
}

#[tokio::test]
async fn an_event_about_nobody_of_ours_is_taken_and_writes_nothing() {
    let system = System::start().await;
    system.at_rest().await;
    let before = system.snapshot().await;
    let metadata = json!({ "user_id": "01890000000070008000000000000000" });
    for (kind, object) in [
        (
            "customer.subscription.updated",
            json!({ "id": "sub_1", "customer": "cus_1", "metadata": {} }),
        ),
        (
            "customer.subscription.deleted",
            json!({ "id": "sub_1", "customer": "cus_1", "metadata": metadata }),
        ),
        (
            "refund.created",
            json!({ "id": "re_1", "amount": 5, "status": "succeeded", "payment_intent": "pi_1" }),
        ),
        (
            "charge.dispute.created",
            json!({ "id": "dp_1", "status": "needs_response", "payment_intent": "pi_1" }),
        ),
    ] {
        let event = json!({
            "id": format!("evt_{}", kind.replace('.', "")), "object": "event", "type": kind, "livemode": false,
            "created": system.now().as_second(), "data": { "object": object },
        });
        system.report(&event).await.is(200);
    }
    system.snapshot().await.is_unchanged_since(&before);
}
