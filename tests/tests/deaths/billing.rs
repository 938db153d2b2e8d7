//! What a subscriber asks for: another plan, the end and its withdrawal.

use serde_json::json;
use tests::death::survives;
use tests::{Person, System};

use super::{KEY, TABLE_AND_STRIPE, asks, in_trial, newest, paying};

const BILLING: &str = "BillingFunction";
const CANCEL: &str = "/api/payments/cancel-subscription";
const RESUME: &str = "/api/payments/resume-subscription";
const CHANGE: &str = "/api/payments/change-plan";

async fn ending(system: &System) -> Person<'_> {
    let ana = in_trial(system).await;
    assert!(cancel(&ana, false).await);
    ana
}

async fn cancel(person: &Person<'_>, now: bool) -> bool {
    let id = newest(&person.system.stripe().subscriptions()).clone();
    let wish = json!({ "subscriptionId": id, "cancelImmediately": now });
    asks(person, CANCEL, None, &wish).await
}

async fn cancel_now(person: &Person<'_>) -> bool {
    cancel(person, true).await
}

async fn cancel_later(person: &Person<'_>) -> bool {
    cancel(person, false).await
}

async fn resume(person: &Person<'_>) -> bool {
    let wish = json!({ "subscriptionId": newest(&person.system.stripe().subscriptions()) });
    asks(person, RESUME, None, &wish).await
}

async fn take_a_cheaper_plan(person: &Person<'_>) -> bool {
    asks(person, CHANGE, None, &json!({ "planId": "landlord_starter" })).await
}

async fn take_a_dearer_plan(person: &Person<'_>) -> bool {
    asks(person, CHANGE, None, &json!({ "planId": "landlord_enterprise" })).await
}

async fn take_a_dearer_plan_under_a_key(person: &Person<'_>) -> bool {
    let wish = json!({ "planId": "landlord_enterprise" });
    asks(person, CHANGE, Some(KEY), &wish).await
}

async fn pay_by_the_year(person: &Person<'_>) -> bool {
    let wish = json!({ "planId": "landlord_pro", "interval": "year" });
    asks(person, CHANGE, None, &wish).await
}

#[tokio::test]
async fn an_end_at_once_that_dies_anywhere_is_one_end() {
    survives(BILLING, TABLE_AND_STRIPE, paying, cancel_now).await;
}

#[tokio::test]
async fn an_end_with_the_period_that_dies_anywhere_is_one_end() {
    survives(BILLING, TABLE_AND_STRIPE, in_trial, cancel_later).await;
}

#[tokio::test]
async fn a_withdrawal_of_the_end_that_dies_anywhere_is_one_withdrawal() {
    survives(BILLING, TABLE_AND_STRIPE, ending, resume).await;
}

#[tokio::test]
async fn another_plan_in_the_trial_that_dies_anywhere_is_one_change() {
    survives(BILLING, TABLE_AND_STRIPE, in_trial, take_a_dearer_plan).await;
}

#[tokio::test]
async fn a_dearer_plan_that_dies_anywhere_is_paid_once() {
    survives(BILLING, TABLE_AND_STRIPE, paying, take_a_dearer_plan).await;
}

#[tokio::test]
async fn a_dearer_plan_that_dies_anywhere_and_is_asked_for_under_one_key_is_paid_once() {
    survives(BILLING, TABLE_AND_STRIPE, paying, take_a_dearer_plan_under_a_key).await;
}

#[tokio::test]
async fn a_cheaper_plan_that_dies_anywhere_is_set_off_once() {
    survives(BILLING, TABLE_AND_STRIPE, paying, take_a_cheaper_plan).await;
}

#[tokio::test]
async fn another_interval_that_dies_anywhere_is_one_change() {
    survives(BILLING, TABLE_AND_STRIPE, paying, pay_by_the_year).await;
}
