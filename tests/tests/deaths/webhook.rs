//! What Stripe reports. An event that was not taken comes again.

use tests::death::survives;
use tests::{Outcome, Person, System};

use super::{TABLE, TABLE_AND_STRIPE, TRIAL_OVER, paid, renter, subscribed, without_a_trial};

const WEBHOOK: &str = "StripeWebhookFunction";

/// Stripe brings its events in their order, until one is not taken.
async fn report(person: &Person<'_>) -> bool {
    let stripe = person.system.stripe();
    for event in stripe.undelivered() {
        match stripe.deliver_event(&event).await {
            Some(200) => {}
            Some(500) => return false,
            other => panic!("{other:?}"),
        }
    }
    true
}

async fn a_property(system: &System) -> Person<'_> {
    let ana = renter(system).await;
    system.stripe().deliver_by_itself(false);
    let checkout = ana.checkout_property("1001").await;
    checkout.submit(Outcome::Paid).await;
    ana
}

async fn a_refund(system: &System) -> Person<'_> {
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    let intents = system.stripe().payment_intents();
    let refund = system.stripe().refund(intents[0]["id"].as_str().unwrap(), None);
    refund.unwrap();
    ana
}

/// The trial is over, with a card that pays, one that is declined, or none.
async fn after_the_trial<'a>(system: &'a System, card: &str) -> Person<'a> {
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", card).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    system.advance(TRIAL_OVER).await;
    system.stripe().run_due();
    ana.on_another_device().await
}

async fn a_payment(system: &System) -> Person<'_> {
    after_the_trial(system, "paid").await
}

async fn a_payment_that_fails(system: &System) -> Person<'_> {
    after_the_trial(system, "declines_later").await
}

async fn an_end(system: &System) -> Person<'_> {
    after_the_trial(system, "without_card").await
}

/// Two subscriptions of one person, both paid. The second page is opened by a table that has forgotten the first, as one
/// that was restored from a backup has.
async fn two_at_once(system: &System) -> Person<'_> {
    let ana = without_a_trial(system).await;
    system.stripe().deliver_by_itself(false);
    let before = system.moment().await;
    let first = ana.subscription_page("landlord_pro").await;
    system.rewind(&before).await;
    let second = ana.subscription_page("landlord_enterprise").await;
    first.submit(Outcome::Paid).await.is(303);
    system.advance("PT2S").await;
    second.submit(Outcome::Paid).await.is(303);
    ana
}

#[tokio::test]
async fn a_paid_plan_whose_report_dies_anywhere_is_opened_once() {
    survives(WEBHOOK, TABLE, paid, report).await;
}

#[tokio::test]
async fn a_paid_property_whose_report_dies_anywhere_is_opened_once() {
    survives(WEBHOOK, TABLE, a_property, report).await;
}

#[tokio::test]
async fn a_refund_whose_report_dies_anywhere_is_told_once() {
    survives(WEBHOOK, TABLE_AND_STRIPE, a_refund, report).await;
}

#[tokio::test]
async fn a_subscription_whose_report_dies_anywhere_begins_once() {
    survives(WEBHOOK, TABLE_AND_STRIPE, subscribed, report).await;
}

#[tokio::test]
async fn a_paid_invoice_whose_report_dies_anywhere_is_noted_once() {
    survives(WEBHOOK, TABLE_AND_STRIPE, a_payment, report).await;
}

#[tokio::test]
async fn a_failed_payment_whose_report_dies_anywhere_is_told_once() {
    survives(WEBHOOK, TABLE_AND_STRIPE, a_payment_that_fails, report).await;
}

#[tokio::test]
async fn the_end_of_a_subscription_whose_report_dies_anywhere_is_told_once() {
    survives(WEBHOOK, TABLE_AND_STRIPE, an_end, report).await;
}

#[tokio::test]
async fn of_two_subscriptions_whose_reports_die_anywhere_one_is_left_and_the_other_is_given_back() {
    survives(WEBHOOK, TABLE_AND_STRIPE, two_at_once, report).await;
}
