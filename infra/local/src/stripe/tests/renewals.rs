use stripe_billing::SubscriptionStatus;

use super::*;

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn a_trial_is_told_of_three_days_before_it_becomes_a_paid_month() {
    let world = World::new().await;
    let subscription = world.subscribed(Some(14)).await;
    let before = world.endpoint.types().len();
    world.hands.advance(11 * DAY - 1);
    world.stripe.settle().await;
    assert_eq!(world.endpoint.types().len(), before);
    world.hands.advance(1);
    world.stripe.settle().await;
    assert_eq!(
        world.endpoint.types()[before..],
        ["customer.subscription.trial_will_end"]
    );
    world.hands.advance(3 * DAY);
    world.stripe.settle().await;
    assert_eq!(
        world.endpoint.types()[before + 1..],
        [
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice_payment.paid",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.subscription.updated",
        ]
    );
    let after = world.subscription(&subscription.id).await;
    assert_eq!(after.status, SubscriptionStatus::Active);
    let told = world.endpoint.events().pop().unwrap();
    assert_eq!(told["data"]["previous_attributes"]["status"], "trialing");
}

#[tokio::test]
async fn a_year_in_one_step_is_twelve_months_each_at_its_time() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    world.hands.advance(365 * DAY);
    world.stripe.settle().await;
    let invoices = world.stripe.invoices();
    assert_eq!(invoices.len(), 13);
    let times: Vec<i64> = world
        .stripe
        .events()
        .iter()
        .map(|event| event["created"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted());
    let item = world.subscription(&subscription.id).await.items.data.remove(0);
    assert!(item.current_period_end > world.hands.now());
}

#[tokio::test]
async fn a_declined_renewal_is_tried_three_times_more_and_then_ends_the_subscription() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    let end = subscription.items.data[0].current_period_end;
    world.stripe.decline_cards(subscription.customer.id()).unwrap();
    world.hands.advance(end - world.hands.now());
    world.stripe.settle().await;
    let after = world.subscription(&subscription.id).await;
    assert_eq!(after.status, SubscriptionStatus::PastDue);
    let invoice = world.stripe.invoices().pop().unwrap();
    assert_eq!(
        (&invoice["status"], &invoice["attempt_count"]),
        (&"open".into(), &1.into())
    );
    assert_eq!(invoice["next_payment_attempt"], end + 3 * DAY);
    for (wait, tries) in [(3, 2), (5, 3), (7, 4)] {
        assert_eq!(
            world.subscription(&subscription.id).await.status,
            SubscriptionStatus::PastDue
        );
        world.hands.advance(wait * DAY);
        world.stripe.settle().await;
        assert_eq!(world.stripe.invoices().pop().unwrap()["attempt_count"], tries);
    }
    let ended = world.subscription(&subscription.id).await;
    assert_eq!(ended.status, SubscriptionStatus::Canceled);
    let told = world.endpoint.events().pop().unwrap();
    assert_eq!(told["type"], "customer.subscription.deleted");
    assert_eq!(
        told["data"]["object"]["cancellation_details"]["reason"],
        "payment_failed"
    );
    world.hands.advance(60 * DAY);
    world.stripe.settle().await;
    assert_eq!(world.stripe.invoices().len(), 2);
}

#[tokio::test]
async fn a_retry_that_is_paid_makes_the_subscription_active_again() {
    let world = World::new().await;
    let subscription = world.subscribed_with(Some(14), "declines_later").await;
    world.hands.advance(14 * DAY);
    world.stripe.settle().await;
    assert_eq!(
        world.subscription(&subscription.id).await.status,
        SubscriptionStatus::PastDue
    );
    world.stripe.accept_cards(subscription.customer.id()).unwrap();
    world.hands.advance(3 * DAY);
    world.stripe.settle().await;
    let after = world.subscription(&subscription.id).await;
    assert_eq!(after.status, SubscriptionStatus::Active);
    assert_eq!(
        world.endpoint.types().last().unwrap(),
        "customer.subscription.updated"
    );
}

#[tokio::test]
async fn an_invoice_is_paid_by_hand_before_its_next_try() {
    let world = World::new().await;
    let subscription = world.subscribed_with(Some(14), "declines_later").await;
    world.hands.advance(14 * DAY);
    world.stripe.settle().await;
    let invoice = world.stripe.invoices().pop().unwrap();
    let path = format!("/v1/invoices/{}/pay", invoice["id"].as_str().unwrap());
    let (status, body) = world.post(&path, &[]).await;
    assert_eq!((status, &body["error"]["code"]), (402, &"card_declined".into()));
    world.stripe.accept_cards(subscription.customer.id()).unwrap();
    assert_eq!(world.post(&path, &[]).await.1["status"], "paid");
    assert_eq!(
        world.subscription(&subscription.id).await.status,
        SubscriptionStatus::Active
    );
    assert_eq!(world.post(&path, &[]).await.0, 400);
}

#[tokio::test]
async fn a_subscription_canceled_for_the_end_of_its_period_ends_there() {
    for trial in [None, Some(14)] {
        let world = World::new().await;
        let subscription = world.subscribed(trial).await;
        let path = format!("/v1/subscriptions/{}", subscription.id);
        world.post(&path, &[("cancel_at_period_end", "true")]).await;
        let end = subscription.items.data[0].current_period_end;
        world.hands.advance(end - world.hands.now());
        world.stripe.settle().await;
        let after = world.subscription(&subscription.id).await;
        assert_eq!(
            (after.status, after.ended_at),
            (SubscriptionStatus::Canceled, Some(end))
        );
        assert_eq!(world.stripe.invoices().len(), 1);
        assert_eq!(
            world.endpoint.types().last().unwrap(),
            "customer.subscription.deleted"
        );
    }
}
