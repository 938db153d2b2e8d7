//! A function's process ends at any of its calls. Whoever asked asks again, and in the end all is as if nothing had
//! happened.

mod billing;
mod checkout;
mod reconciliation;
mod sheets;
mod webhook;

use serde_json::{Value, json};
use tests::{Outcome, Person, System};

const TABLE: &[&str] = &["dynamodb"];
const TABLE_AND_STRIPE: &[&str] = &["dynamodb", "stripe"];
const KEY: &str = "5f9c1b1e-8d0f-4c9e-9d38-4f6c0a2b7d11";
/// Longer than a trial, until its end is paid for.
const TRIAL_OVER: &str = "P14DT1H";

/// Asks for it, under a key or not. Whether it was done: else the function has died.
async fn asks(person: &Person<'_>, path: &str, key: Option<&str>, body: &Value) -> bool {
    let mut request = person.request("POST", path).json(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = person.system.send(request).await;
    assert!([200, 500].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

/// The last of these, which is the newest.
fn newest(objects: &[Value]) -> &Value {
    &objects.last().expect("one at least")["id"]
}

async fn landlord(system: &System) -> Person<'_> {
    system.landlord("ana").await
}

async fn renter(system: &System) -> Person<'_> {
    system.listing("1001").await;
    system.person("ana").await
}

async fn in_trial(system: &System) -> Person<'_> {
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", "paid").await;
    ana
}

/// A subscriber who has paid for a month, after the trial.
async fn paying(system: &System) -> Person<'_> {
    let ana = in_trial(system).await;
    system.advance(TRIAL_OVER).await;
    system.at_rest().await;
    let ana = ana.on_another_device().await;
    assert_eq!(ana.billing().await["subscription"]["status"], "active");
    ana
}

/// Somebody who had a trial before, so that the next subscription is paid for at once.
async fn without_a_trial(system: &System) -> Person<'_> {
    let ana = in_trial(system).await;
    let now =
        json!({ "subscriptionId": newest(&system.stripe().subscriptions()), "cancelImmediately": true });
    let path = "/api/payments/cancel-subscription";
    assert!(asks(&ana, path, None, &now).await);
    system.at_rest().await;
    ana
}

/// Has paid for a plan on Stripe's page, of which Stripe has said nothing yet.
async fn paid(system: &System) -> Person<'_> {
    let ana = system.person("ana").await;
    system.stripe().deliver_by_itself(false);
    ana.checkout("basic").await.submit(Outcome::Paid).await;
    ana
}

/// Has subscribed on Stripe's page, of which Stripe has said nothing yet.
async fn subscribed(system: &System) -> Person<'_> {
    let ana = system.landlord("ana").await;
    system.stripe().deliver_by_itself(false);
    let page = ana.subscription_page("landlord_pro").await;
    page.submit(Outcome::Paid).await;
    ana
}
