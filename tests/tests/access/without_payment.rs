//! Nothing is opened without a paid purchase.

use serde_json::{Value, json};
use tests::{Checkout, Outcome, Person, System};

use super::status;

/// Holds everything to be closed to the person.
async fn has_nothing(person: &Person<'_>) {
    person.unlock("1001").await.is_problem(402, "payment_required");
    for plan in ["basic", "pro", "premium", "full_access"] {
        let activation = json!({ "planType": plan });
        let answer = person.post("/api/access/activate-plan", &activation).await;
        answer.is_problem(402, "plan_not_paid");
        assert_eq!(answer.json["plan"], plan);
    }
    assert_eq!(
        status(person).await,
        json!({
            "hasAccess": false, "accessType": "none", "planType": null, "expiresAt": null, "analysesUsed": 0,
            "analysesLimit": null, "unlockedPropertyIds": [],
        })
    );
    assert_eq!(person.subscription().await, ("free".into(), "inactive".into()));
    let system = person.system;
    let snapshot = system.snapshot().await;
    let account = snapshot.item(&format!("USER#{}", person.id), "ACCOUNT").unwrap();
    assert_eq!(account["grants"], json!({}));
    assert!(snapshot.of("Unlock").is_empty() && snapshot.facts("PurchasePaid").is_empty());
    assert!(system.receipts_to(&person.email).is_empty());
}

#[tokio::test]
async fn who_has_bought_nothing_has_nothing() {
    let system = System::start().await;
    system.listing("1001").await;
    has_nothing(&system.person("ana").await).await;
}

#[tokio::test]
async fn a_purchase_that_is_pending_declined_expired_or_failed_opens_nothing() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    for plan in ["basic", "pro", "premium", "full_access"] {
        ana.checkout(plan).await;
    }
    ana.checkout_property("1001").await;
    has_nothing(&ana).await;
    for outcome in [Outcome::Declined, Outcome::Expired, Outcome::AsyncFailed] {
        let ana = system.person(&format!("ana.{}", outcome.name())).await;
        ana.buy("full_access", outcome).await;
        ana.checkout_property("1001").await.end(outcome).await;
        system.at_rest().await;
        has_nothing(&ana).await;
    }
}

#[tokio::test]
async fn a_card_that_is_declined_and_then_accepted_pays() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout("basic").await;
    checkout.end(Outcome::Declined).await;
    checkout.end(Outcome::Declined).await;
    has_nothing_running(&ana).await;
    checkout.end(Outcome::Paid).await;
    assert_eq!(ana.subscription().await, ("basic".into(), "active".into()));
}

async fn has_nothing_running(person: &Person<'_>) {
    assert_eq!(person.subscription().await, ("free".into(), "inactive".into()));
}

/// Delivers the one event of this type that Stripe holds back.
async fn deliver(checkout: &Checkout<'_>, kind: &str) {
    let event = checkout.event_id(kind);
    assert_eq!(
        checkout.person.system.stripe().deliver_in_order(&[event]).await,
        [Some(200)]
    );
}

#[tokio::test]
async fn a_bank_debit_opens_something_only_when_the_bank_has_confirmed_it() {
    let system = System::start().await;
    system.listing("1001").await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let checkout = ana.checkout("basic").await;
    checkout.submit(Outcome::AsyncPaid).await;
    deliver(&checkout, "checkout.session.completed").await;
    assert_eq!(checkout.status().await, "pending");
    has_nothing(&ana).await;
    system.settle_debits().await;
    has_nothing(&ana).await;
    deliver(&checkout, "checkout.session.async_payment_succeeded").await;
    assert_eq!(checkout.status().await, "paid");
    ana.unlock("1001").await.is(201);
    system
        .eventually("the receipt comes", async || system.receipts_to(&ana.email).pop())
        .await;
}

#[tokio::test]
async fn a_bank_debit_that_fails_opens_nothing_at_any_time() {
    let system = System::start().await;
    system.listing("1001").await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let checkout = ana.checkout("premium").await;
    checkout.submit(Outcome::AsyncFailed).await;
    deliver(&checkout, "checkout.session.completed").await;
    has_nothing(&ana).await;
    system.settle_debits().await;
    deliver(&checkout, "checkout.session.async_payment_failed").await;
    assert_eq!(checkout.status().await, "failed");
    has_nothing(&ana).await;
}

#[tokio::test]
async fn another_persons_purchase_opens_nothing_for_me() {
    let system = System::start().await;
    system.listing("1001").await;
    let ben = system.person("ben").await;
    ben.buy("full_access", Outcome::Paid).await;
    ben.unlock("1001").await.is(201);
    system.person("cat").await.buy_property("1001").await;
    let ana = system.person("ana").await;
    ana.unlock("1001").await.is_problem(402, "payment_required");
    assert_eq!(status(&ana).await["hasAccess"], false);
    assert_eq!(ana.purchases().await, Vec::<Value>::new());
    has_nothing_running(&ana).await;
}
