use super::*;

#[tokio::test]
async fn a_refund_that_takes_time_is_pending_then_succeeds_and_may_fail_still() {
    let world = World::new().await;
    world.stripe.let_refunds_take_time(true);
    let intent = world.paid().await;
    let refund = world.stripe.refund(&intent, Some(400)).unwrap();
    assert_eq!(refund["status"], "pending");
    let id = refund["id"].as_str().unwrap();
    assert_eq!(world.stripe.succeed_refund(id).unwrap()["status"], "succeeded");
    assert!(world.stripe.succeed_refund(id).is_err());
    assert_eq!(world.stripe.fail_refund(id).unwrap()["status"], "failed");
    assert_eq!(world.stripe.charges()[0]["amount_refunded"], 0);
    assert_eq!(
        world.types()[4..],
        [
            "refund.created",
            "charge.refunded",
            "refund.updated",
            "charge.refund.updated",
            "refund.updated",
            "charge.refund.updated",
            "refund.failed",
        ]
    );
}

#[tokio::test]
async fn a_dispute_is_opened_reviewed_and_closed() {
    let world = World::new().await;
    for won in [true, false] {
        let intent = world.paid().await;
        let dispute = world.stripe.open_dispute(&intent, None).unwrap();
        let id = dispute["id"].as_str().unwrap();
        assert_eq!(world.stripe.review_dispute(id).unwrap()["status"], "under_review");
        let status = if won { "won" } else { "lost" };
        assert_eq!(world.stripe.close_dispute(id, won).unwrap()["status"], status);
        assert!(world.stripe.close_dispute(id, won).is_err());
    }
    assert_eq!(world.stripe.events_of("charge.dispute.updated").len(), 2);
}

#[tokio::test]
async fn a_bank_debit_without_a_page_is_settled_by_the_clock_or_by_hand() {
    let world = World::new().await;
    let confirm = async |method: &str| {
        let form = [
            ("amount", "4900"),
            ("currency", "usd"),
            ("automatic_payment_methods[enabled]", "true"),
            ("metadata[purchaseId]", "pur_01"),
        ];
        let (_, intent) = world.post("/v1/payment_intents", &form).await;
        let path = format!("/v1/payment_intents/{}/confirm", intent["id"].as_str().unwrap());
        let (status, intent) = world.post(&path, &[("payment_method", method)]).await;
        assert_eq!((status, &intent["status"]), (200, &"processing".into()));
        intent["id"].as_str().unwrap().to_owned()
    };
    let paid = confirm("pm_usBankAccount_success").await;
    let failed = confirm("pm_usBankAccount_insufficientFunds").await;
    let open = confirm("pm_usBankAccount_processing").await;
    world.hands.advance(5);
    world.stripe.settle().await;
    let status = |id: &str| world.stripe.object(id).unwrap()["status"].clone();
    assert_eq!(status(&paid), "succeeded");
    assert_eq!(status(&failed), "requires_payment_method");
    assert_eq!(status(&open), "processing");
    assert_eq!(
        world.stripe.settle_debit(&open, true).unwrap()["status"],
        "succeeded"
    );
    assert!(world.stripe.settle_debit(&open, true).is_err());
    let charge = world.stripe.charges().pop().unwrap();
    assert_eq!(charge["metadata"]["purchaseId"], "pur_01");
}

#[tokio::test]
async fn events_that_are_held_back_are_delivered_one_by_one() {
    let world = World::new().await;
    world.stripe.deliver_by_itself(false);
    world.paid().await;
    let held = world.stripe.undelivered();
    assert_eq!(held.len(), 4);
    assert!(world.endpoint.types().is_empty());
    assert_eq!(world.stripe.deliver_event(&held[3]).await, Some(200));
    assert_eq!(world.endpoint.types(), ["checkout.session.completed"]);
    assert_eq!(world.stripe.undelivered(), held[..3]);
}

#[tokio::test]
async fn a_subscription_is_brought_to_any_status() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    for status in ["unpaid", "paused", "incomplete", "active"] {
        let after = world
            .stripe
            .set_subscription_status(&subscription.id, status)
            .unwrap();
        assert_eq!(after["status"], status);
        assert_eq!(world.subscription(&subscription.id).await.status.as_str(), status);
    }
    world
        .stripe
        .set_subscription_status(&subscription.id, "incomplete")
        .unwrap();
    world.hands.advance(23 * 60 * 60);
    world.stripe.settle().await;
    let after = world.subscription(&subscription.id).await;
    assert_eq!(after.status.as_str(), "incomplete_expired");
}

#[tokio::test]
async fn a_trial_without_a_card_ends_as_it_was_agreed() {
    for (agreed, status) in [
        ("cancel", "canceled"),
        ("pause", "paused"),
        ("create_invoice", "past_due"),
    ] {
        let world = World::new().await;
        let form = [
            ("mode", "subscription"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][unit_amount]", "4900"),
            ("line_items[0][price_data][recurring][interval]", "month"),
            ("line_items[0][price_data][product_data][name]", "Landlord Pro"),
            ("line_items[0][quantity]", "1"),
            ("payment_method_collection", "if_required"),
            ("subscription_data[trial_period_days]", "14"),
            (
                "subscription_data[trial_settings][end_behavior][missing_payment_method]",
                agreed,
            ),
            ("success_url", SUCCESS_URL),
        ];
        let (_, session) = world.post("/v1/checkout/sessions", &form).await;
        let id = session["id"].as_str().unwrap();
        assert_eq!(
            world
                .submit_form(id, &[("outcome", "without_card")])
                .await
                .status(),
            303
        );
        world.hands.advance(14 * 24 * 60 * 60);
        world.stripe.settle().await;
        assert_eq!(world.stripe.subscriptions()[0]["status"], status);
    }
}

#[tokio::test]
async fn a_change_of_plan_is_made_once_for_its_key_and_counted_by_operation() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    let path = format!("/v1/subscriptions/{}", subscription.id);
    let key = [("idempotency-key", "cancel:1")];
    let form = [("cancel_at_period_end", "true")];
    let (_, _, first) = world.post_with(&path, &form, &key).await;
    let (_, headers, again) = world.post_with(&path, &form, &key).await;
    assert_eq!(first, again);
    assert_eq!(headers["idempotent-replayed"], "true");
    let other = [("cancel_at_period_end", "false")];
    let (status, _, body) = world.post_with(&path, &other, &key).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (400, &"idempotency_error".into())
    );
    assert_eq!(world.stripe.events_of("customer.subscription.updated").len(), 1);
    let calls = world.faults.boundaries();
    let updates = calls
        .iter()
        .find(|(it, _)| it.operation == "POST /v1/subscriptions/{id}");
    assert_eq!(updates.map(|(_, count)| *count), Some(3));
}
