use stripe_billing::invoice::{ListInvoice, RetrieveInvoice};
use stripe_billing::invoice_payment::ListInvoicePayment;
use stripe_billing::subscription::{
    CancelSubscription, ListSubscription, ListSubscriptionStatus, RetrieveSubscription, UpdateSubscription,
    UpdateSubscriptionItems, UpdateSubscriptionItemsPriceData, UpdateSubscriptionItemsPriceDataRecurring,
    UpdateSubscriptionItemsPriceDataRecurringInterval, UpdateSubscriptionProrationBehavior,
    UpdateSubscriptionTrialEnd,
};
use stripe_billing::{InvoiceStatus, Subscription, SubscriptionStatus};
use stripe_checkout::checkout_session::{
    CreateCheckoutSessionLineItemsPriceDataRecurring,
    CreateCheckoutSessionLineItemsPriceDataRecurringInterval, CreateCheckoutSessionSubscriptionData,
    RetrieveCheckoutSession,
};
use stripe_checkout::{CheckoutSessionPaymentStatus, CheckoutSessionStatus};
use stripe_core::customer::{DeleteCustomer, RetrieveCustomer, UpdateCustomer};
use stripe_core::refund::CreateRefund;

use super::*;

const DAY: i64 = 24 * 60 * 60;

/// $49.00 a month for the plan "Landlord Pro", after `trial` free days.
fn create_subscription(trial: Option<u32>) -> CreateCheckoutSession {
    let recurring = CreateCheckoutSessionLineItemsPriceDataRecurring {
        interval: CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Month,
        interval_count: None,
    };
    let line = CreateCheckoutSessionLineItems {
        price_data: Some(CreateCheckoutSessionLineItemsPriceData {
            product_data: Some(ProductData::new("Landlord Pro")),
            recurring: Some(recurring),
            unit_amount: Some(4900),
            ..price()
        }),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    };
    let metadata = HashMap::from([("subscriptionId".to_owned(), "sub_01".to_owned())]);
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Subscription)
        .line_items(vec![line])
        .client_reference_id("sub_01")
        .customer_email("landlord@example.com")
        .metadata(metadata.clone())
        .subscription_data(CreateCheckoutSessionSubscriptionData {
            metadata: Some(metadata),
            trial_period_days: trial,
            ..CreateCheckoutSessionSubscriptionData::new()
        })
        .success_url(SUCCESS_URL)
        .cancel_url(CANCEL_URL)
}

impl World {
    /// Begins a subscription on the page; answers it.
    pub(super) async fn subscribed(&self, trial: Option<u32>) -> Subscription {
        self.subscribed_with(trial, "paid").await
    }

    pub(super) async fn subscribed_with(&self, trial: Option<u32>, outcome: &str) -> Subscription {
        let session = create_subscription(trial).send(&self.client).await.unwrap();
        assert_eq!(self.submit(&session.id, outcome).await.status(), 303);
        let session = RetrieveCheckoutSession::new(session.id)
            .send(&self.client)
            .await
            .unwrap();
        self.subscription(session.subscription.unwrap().id().as_str())
            .await
    }

    pub(super) async fn subscription(&self, id: &str) -> Subscription {
        RetrieveSubscription::new(id).send(&self.client).await.unwrap()
    }
}

#[tokio::test]
async fn a_trial_begins_without_a_charge() {
    let world = World::new().await;
    let session = create_subscription(Some(14)).send(&world.client).await.unwrap();
    assert_eq!(session.amount_total, Some(0));
    let page = world.http.get(session.url.unwrap()).send().await.unwrap();
    let html = page.text().await.unwrap();
    for shown in [
        "14 days free",
        "then $49.00 a month",
        "Landlord Pro",
        "landlord@example.com",
    ] {
        assert!(html.contains(shown), "{shown} is not in {html}");
    }
    assert_eq!(world.submit(&session.id, "paid").await.status(), 303);
    assert_eq!(
        world.endpoint.types(),
        [
            "customer.created",
            "payment_method.attached",
            "checkout.session.completed",
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
        ]
    );
    let session = RetrieveCheckoutSession::new(session.id)
        .expand(vec![
            "subscription.latest_invoice".into(),
            "invoice.payments".into(),
        ])
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(session.status, Some(CheckoutSessionStatus::Complete));
    assert_eq!(
        session.payment_status,
        CheckoutSessionPaymentStatus::NoPaymentRequired
    );
    let invoice = session.invoice.unwrap().into_object().unwrap();
    assert_eq!((invoice.status, invoice.total), (Some(InvoiceStatus::Paid), 0));
    assert!(invoice.payments.unwrap().data.is_empty());
    let subscription = session.subscription.unwrap().into_object().unwrap();
    let now = world.hands.now();
    assert_eq!(subscription.status, SubscriptionStatus::Trialing);
    assert_eq!(
        (subscription.trial_start, subscription.trial_end),
        (Some(now), Some(now + 14 * DAY))
    );
    assert_eq!(subscription.metadata["subscriptionId"], "sub_01");
    let item = &subscription.items.data[0];
    assert_eq!(
        (item.current_period_start, item.current_period_end),
        (now, now + 14 * DAY)
    );
    assert_eq!(item.price.unit_amount, Some(4900));
    assert!(world.stripe.charges().is_empty());
}

#[tokio::test]
async fn a_subscription_without_a_trial_is_paid_at_once_and_can_be_refunded() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    assert_eq!(subscription.status, SubscriptionStatus::Active);
    let invoice = subscription.latest_invoice.unwrap().id().clone().unwrap();
    let invoice = RetrieveInvoice::new(invoice).send(&world.client).await.unwrap();
    assert_eq!((invoice.amount_paid, invoice.amount_remaining), (4900, 0));
    assert!(invoice.number.unwrap().ends_with("-0001"));
    assert_eq!(invoice.status_transitions.paid_at, Some(world.hands.now()));
    let line = &invoice.lines.data[0];
    assert_eq!(
        line.description.as_deref(),
        Some("1 × Landlord Pro (at $49.00 / month)")
    );
    let parent = invoice.parent.unwrap().subscription_details.unwrap();
    assert_eq!(parent.subscription.id(), &subscription.id);
    assert_eq!(parent.metadata.unwrap()["subscriptionId"], "sub_01");
    let payments = ListInvoicePayment::new()
        .invoice(invoice.id.unwrap().to_string())
        .send(&world.client)
        .await
        .unwrap();
    let intent = payments.data[0].payment.payment_intent.clone().unwrap();
    let refund = CreateRefund::new()
        .payment_intent(intent.id().to_string())
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(refund.amount, 4900);
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_and_begins_nothing() {
    for trial in [None, Some(14)] {
        let world = World::new().await;
        let session = create_subscription(trial).send(&world.client).await.unwrap();
        assert_eq!(world.submit(&session.id, "declined").await.status(), 402);
        assert!(world.stripe.subscriptions().is_empty());
        assert_eq!(world.submit(&session.id, "async_paid").await.status(), 400);
        assert_eq!(world.submit(&session.id, "paid").await.status(), 303);
        assert_eq!(world.stripe.subscriptions().len(), 1);
    }
}

#[tokio::test]
async fn cancel_at_the_end_of_the_period_can_be_taken_back() {
    let world = World::new().await;
    let before = world.subscribed(None).await;
    let end = before.items.data[0].current_period_end;
    let cancel = |cancel| UpdateSubscription::new(before.id.clone()).cancel_at_period_end(cancel);
    let after = cancel(true).send(&world.client).await.unwrap();
    assert!(after.cancel_at_period_end);
    assert_eq!(
        (after.cancel_at, after.canceled_at),
        (Some(end), Some(world.hands.now()))
    );
    assert_eq!(after.status, SubscriptionStatus::Active);
    world.stripe.settle().await;
    let told = world.endpoint.events().pop().unwrap();
    assert_eq!(told["type"], "customer.subscription.updated");
    assert_eq!(told["data"]["previous_attributes"]["cancel_at_period_end"], false);
    let resumed = cancel(false).send(&world.client).await.unwrap();
    assert!(!resumed.cancel_at_period_end && resumed.cancel_at.is_none() && resumed.canceled_at.is_none());
}

#[tokio::test]
async fn a_canceled_subscription_has_ended_for_good() {
    let world = World::new().await;
    let subscription = world.subscribed(Some(14)).await;
    let canceled = CancelSubscription::new(subscription.id.clone())
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(canceled.status, SubscriptionStatus::Canceled);
    assert_eq!(canceled.ended_at, Some(world.hands.now()));
    world.stripe.settle().await;
    assert_eq!(
        world.endpoint.types().last().unwrap(),
        "customer.subscription.deleted"
    );
    let again = CancelSubscription::new(subscription.id.clone())
        .send(&world.client)
        .await
        .unwrap_err();
    assert_eq!(
        refused(again),
        (404, "resource_missing".into(), Some("id".into()))
    );
    let resumed = UpdateSubscription::new(subscription.id)
        .cancel_at_period_end(false)
        .send(&world.client)
        .await
        .unwrap_err();
    assert_eq!(refused(resumed).0, 400);
    let customer = subscription.customer.id().to_string();
    let living = ListSubscription::new()
        .customer(&customer)
        .send(&world.client)
        .await
        .unwrap();
    assert!(living.data.is_empty());
    let all = ListSubscription::new()
        .customer(customer)
        .status(ListSubscriptionStatus::All)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(all.data.len(), 1);
}

/// The subscription at another price of the same product.
fn at(
    subscription: &Subscription,
    amount: i64,
    interval: UpdateSubscriptionItemsPriceDataRecurringInterval,
) -> UpdateSubscription {
    let item = &subscription.items.data[0];
    let recurring = UpdateSubscriptionItemsPriceDataRecurring {
        interval,
        interval_count: None,
    };
    let data = UpdateSubscriptionItemsPriceData {
        unit_amount: Some(amount),
        ..UpdateSubscriptionItemsPriceData::new(
            subscription.currency.clone(),
            item.price.product.id().to_string(),
            recurring,
        )
    };
    UpdateSubscription::new(subscription.id.clone()).items(vec![UpdateSubscriptionItems {
        id: Some(item.id.to_string()),
        price_data: Some(data),
        ..UpdateSubscriptionItems::new()
    }])
}

#[tokio::test]
async fn a_dearer_plan_is_billed_for_the_rest_of_the_period() {
    let world = World::new().await;
    let before = world.subscribed(None).await;
    let (start, end) = (
        before.items.data[0].current_period_start,
        before.items.data[0].current_period_end,
    );
    world.hands.advance((end - start) / 2);
    let after = at(
        &before,
        9900,
        UpdateSubscriptionItemsPriceDataRecurringInterval::Month,
    )
    .proration_behavior(UpdateSubscriptionProrationBehavior::AlwaysInvoice)
    .send(&world.client)
    .await
    .unwrap();
    assert_eq!(after.items.data[0].price.unit_amount, Some(9900));
    assert_eq!(after.items.data[0].id, before.items.data[0].id);
    let invoices = ListInvoice::new()
        .subscription(before.id.to_string())
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(invoices.data.len(), 2);
    assert_eq!(
        (invoices.data[0].total, invoices.data[0].status.clone()),
        (2500, Some(InvoiceStatus::Paid))
    );
}

#[tokio::test]
async fn a_cheaper_plan_is_credited_with_the_next_invoice() {
    let world = World::new().await;
    let before = world.subscribed(None).await;
    let item = &before.items.data[0];
    let (start, end) = (item.current_period_start, item.current_period_end);
    world.hands.advance((end - start) / 2);
    at(
        &before,
        1900,
        UpdateSubscriptionItemsPriceDataRecurringInterval::Month,
    )
    .send(&world.client)
    .await
    .unwrap();
    assert_eq!(world.stripe.invoices().len(), 1);
    world.hands.advance(end - world.hands.now());
    world.stripe.settle().await;
    let next = world.stripe.invoices().pop().unwrap();
    assert_eq!(next["total"], 1900 - 1500);
    assert_eq!(next["lines"]["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn another_interval_begins_a_new_period_today() {
    let world = World::new().await;
    let before = world.subscribed(None).await;
    world.hands.advance(DAY);
    let after = at(
        &before,
        47_000,
        UpdateSubscriptionItemsPriceDataRecurringInterval::Year,
    )
    .proration_behavior(UpdateSubscriptionProrationBehavior::None)
    .send(&world.client)
    .await
    .unwrap();
    let item = &after.items.data[0];
    assert_eq!(item.current_period_start, world.hands.now());
    assert_eq!(item.current_period_end, world.hands.now() + 365 * DAY);
    assert_eq!(world.stripe.invoices().pop().unwrap()["amount_paid"], 47_000);
}

#[tokio::test]
async fn a_trial_is_ended_by_hand() {
    let world = World::new().await;
    let before = world.subscribed(Some(14)).await;
    world.hands.advance(DAY);
    let after = UpdateSubscription::new(before.id)
        .trial_end(UpdateSubscriptionTrialEnd::Now)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(after.status, SubscriptionStatus::Active);
    assert_eq!(after.billing_cycle_anchor, world.hands.now());
    assert_eq!(world.stripe.invoices().pop().unwrap()["amount_paid"], 4900);
}

#[tokio::test]
async fn metadata_is_added_to_and_taken_away_from() {
    let world = World::new().await;
    let subscription = world.subscribed(Some(14)).await;
    let path = format!("/v1/subscriptions/{}", subscription.id);
    let form = [("metadata[a]", "1"), ("metadata[subscriptionId]", "")];
    let (status, body) = world.post(&path, &form).await;
    assert_eq!(
        (status, &body["metadata"]),
        (200, &serde_json::json!({ "a": "1" }))
    );
    let (_, body) = world.post(&path, &[("metadata", "")]).await;
    assert_eq!(body["metadata"], serde_json::json!({}));
}

#[tokio::test]
async fn a_deleted_customer_has_no_subscription_and_is_no_customer() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    let customer = subscription.customer.id().clone();
    let named = UpdateCustomer::new(customer.clone())
        .name("Ann Landlord")
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(named.name.as_deref(), Some("Ann Landlord"));
    DeleteCustomer::new(customer.clone())
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(
        world.subscription(&subscription.id).await.status,
        SubscriptionStatus::Canceled
    );
    RetrieveCustomer::new(customer.clone())
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(world.stripe.customers()[0]["deleted"], true);
    let gone = UpdateCustomer::new(customer)
        .name("x")
        .send(&world.client)
        .await
        .unwrap_err();
    assert_eq!(refused(gone).0, 404);
}

#[tokio::test]
async fn products_and_prices_are_made_once_and_sold() {
    let world = World::new().await;
    let product = [("id", "landlord_pro"), ("name", "Landlord Pro")];
    assert_eq!(world.post("/v1/products", &product).await.0, 200);
    let (status, body) = world.post("/v1/products", &product).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &"resource_already_exists".into())
    );
    let price = [
        ("product", "landlord_pro"),
        ("currency", "usd"),
        ("unit_amount", "4900"),
        ("recurring[interval]", "month"),
        ("lookup_key", "landlord_pro_month"),
    ];
    let (_, price) = world.post("/v1/prices", &price).await;
    let (_, found) = world.get("/v1/prices?lookup_keys[0]=landlord_pro_month").await;
    assert_eq!(found["data"][0]["id"], price["id"]);
    let form = [
        ("mode", "subscription"),
        ("line_items[0][price]", price["id"].as_str().unwrap()),
        ("line_items[0][quantity]", "1"),
        ("success_url", SUCCESS_URL),
    ];
    let (status, session) = world.post("/v1/checkout/sessions", &form).await;
    assert_eq!((status, &session["amount_total"]), (200, &4900.into()));
}
