//! What a buyer asks for: the page to pay on, a payment on the web client's own page, and on coming back whether it was paid.

use serde_json::json;
use tests::death::survives;
use tests::{Person, System};

use super::{KEY, TABLE_AND_STRIPE, asks, landlord, newest, paid, renter, subscribed};

const CHECKOUT: &str = "CheckoutFunction";
const PAGE: &str = "/api/payments/create-checkout";
const INTENT: &str = "/api/payments/create-intent";
const VERIFY: &str = "/api/payments/verify";

async fn with_a_page_of_another_plan(system: &System) -> Person<'_> {
    let ana = system.landlord("ana").await;
    ana.subscription_page("landlord_starter").await;
    ana
}

/// Has paid on the web client's own page, of which Stripe has said nothing yet.
async fn paid_on_our_page(system: &System) -> Person<'_> {
    let ana = system.person("ana").await;
    system.stripe().deliver_by_itself(false);
    assert!(asks(&ana, INTENT, None, &json!({ "planId": "basic" })).await);
    system.pay_open_intents().await;
    ana
}

async fn buy(person: &Person<'_>) -> bool {
    asks(person, PAGE, Some(KEY), &json!({ "planId": "basic" })).await
}

async fn buy_a_property(person: &Person<'_>) -> bool {
    let wish = json!({ "planId": "per_property", "propertyId": "1001" });
    asks(person, PAGE, Some(KEY), &wish).await
}

async fn begin_to_pay(person: &Person<'_>) -> bool {
    asks(person, INTENT, Some(KEY), &json!({ "planId": "basic" })).await
}

async fn subscribe(person: &Person<'_>) -> bool {
    let wish = json!({ "planId": "landlord_pro", "interval": "month" });
    asks(person, PAGE, None, &wish).await
}

async fn subscribe_under_a_key(person: &Person<'_>) -> bool {
    let wish = json!({ "planId": "landlord_pro", "interval": "month" });
    asks(person, PAGE, Some(KEY), &wish).await
}

async fn verify_the_page(person: &Person<'_>) -> bool {
    let wish = json!({ "sessionId": newest(&person.system.stripe().checkout_sessions()) });
    asks(person, VERIFY, None, &wish).await
}

async fn verify_the_payment(person: &Person<'_>) -> bool {
    let wish = json!({ "paymentIntentId": newest(&person.system.stripe().payment_intents()) });
    asks(person, VERIFY, None, &wish).await
}

#[tokio::test]
async fn a_checkout_that_dies_anywhere_and_is_repeated_is_one_purchase() {
    survives(CHECKOUT, TABLE_AND_STRIPE, renter, buy).await;
    survives(CHECKOUT, TABLE_AND_STRIPE, renter, buy_a_property).await;
}

#[tokio::test]
async fn a_payment_on_our_page_that_dies_anywhere_and_is_begun_again_is_one_payment() {
    survives(CHECKOUT, TABLE_AND_STRIPE, renter, begin_to_pay).await;
}

#[tokio::test]
async fn a_page_to_subscribe_on_that_dies_anywhere_is_one_subscription() {
    survives(CHECKOUT, TABLE_AND_STRIPE, landlord, subscribe).await;
}

#[tokio::test]
async fn a_page_to_subscribe_on_that_takes_the_place_of_another_is_one_subscription() {
    survives(CHECKOUT, TABLE_AND_STRIPE, with_a_page_of_another_plan, subscribe).await;
}

#[tokio::test]
async fn a_page_to_subscribe_on_that_is_asked_for_under_one_key_is_one_subscription() {
    survives(CHECKOUT, TABLE_AND_STRIPE, landlord, subscribe_under_a_key).await;
}

#[tokio::test]
async fn the_page_of_success_that_dies_anywhere_opens_what_was_bought_once() {
    survives(CHECKOUT, TABLE_AND_STRIPE, paid, verify_the_page).await;
    survives(CHECKOUT, TABLE_AND_STRIPE, paid_on_our_page, verify_the_payment).await;
}

#[tokio::test]
async fn the_page_of_success_that_dies_anywhere_begins_a_subscription_once() {
    survives(CHECKOUT, TABLE_AND_STRIPE, subscribed, verify_the_page).await;
}
