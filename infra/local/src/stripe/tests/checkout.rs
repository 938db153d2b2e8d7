use stripe_checkout::checkout_session::{
    ExpireCheckoutSession, ListCheckoutSession, ListLineItemsCheckoutSession, RetrieveCheckoutSession,
};
use stripe_checkout::{CheckoutSessionPaymentStatus, CheckoutSessionStatus};
use stripe_core::PaymentIntentStatus;
use stripe_core::payment_intent::RetrievePaymentIntent;

use super::*;

const PAID: [&str; 4] = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
];

#[tokio::test]
async fn a_session_is_made_shown_paid_and_told_of() {
    let world = World::new().await;
    let session = world.session().await;
    assert_eq!(session.status, Some(CheckoutSessionStatus::Open));
    assert_eq!(session.amount_total, Some(999));
    assert!(session.payment_intent.is_none());
    let url = session.url.unwrap();
    assert_eq!(url, format!("{}/c/pay/{}", world.url, session.id));

    let page = world.http.get(url).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let html = page.text().await.unwrap();
    for shown in [
        "Basic",
        "7 days, 5 analyses",
        "$9.99",
        "USD",
        "renter@example.com",
        CANCEL_URL,
    ] {
        assert!(html.contains(shown), "{shown} is not in {html}");
    }

    let answer = world.submit(&session.id, "paid").await;
    assert_eq!(answer.status(), 303);
    let back = SUCCESS_URL.replace("{CHECKOUT_SESSION_ID}", session.id.as_str());
    assert_eq!(answer.headers()["location"], back);
    // The answer to the form has waited for the deliveries.
    assert_eq!(world.endpoint.types(), PAID);

    let session = RetrieveCheckoutSession::new(session.id)
        .expand(vec!["line_items".into(), "payment_intent.latest_charge".into()])
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(session.status, Some(CheckoutSessionStatus::Complete));
    assert_eq!(session.payment_status, CheckoutSessionPaymentStatus::Paid);
    assert_eq!(session.client_reference_id.as_deref(), Some("pur_01"));
    assert_eq!(session.line_items.unwrap().data[0].amount_total, 999);
    let intent = session.payment_intent.unwrap().into_object().unwrap();
    assert_eq!(intent.status, PaymentIntentStatus::Succeeded);
    assert_eq!(intent.metadata["purchaseId"], "pur_01");
    let charge = intent.latest_charge.unwrap().into_object().unwrap();
    assert!(charge.paid && !charge.refunded);
    assert_eq!(
        charge.billing_details.email.as_deref(),
        Some("renter@example.com")
    );
}

#[tokio::test]
async fn events_have_stripes_shape() {
    let world = World::new().await;
    let session = world.session().await;
    world.submit(&session.id, "paid").await;
    let event = world.endpoint.events().pop().unwrap();
    assert!(event["id"].as_str().unwrap().starts_with("evt_"));
    assert_eq!(event["object"], "event");
    assert_eq!(event["api_version"], super::super::API_VERSION);
    assert_eq!(event["created"], world.hands.now());
    assert_eq!(event["livemode"], false);
    assert_eq!(event["pending_webhooks"], 1);
    assert_eq!(
        event["request"],
        serde_json::json!({ "id": null, "idempotency_key": null })
    );
    let object = &event["data"]["object"];
    assert_eq!(object["object"], "checkout.session");
    assert_eq!(object["id"], session.id.as_str());
    assert_eq!(object["payment_status"], "paid");
    assert_eq!(object["metadata"]["purchaseId"], "pur_01");
    assert_eq!(object["customer_details"]["email"], "renter@example.com");
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_for_another_one() {
    let world = World::new().await;
    let session = world.session().await;
    let answer = world.submit(&session.id, "declined").await;
    assert_eq!(answer.status(), 402);
    assert!(answer.text().await.unwrap().contains("Your card was declined."));
    let declined = [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ];
    assert_eq!(world.endpoint.types(), declined);
    let failed = world.endpoint.events().pop().unwrap();
    assert_eq!(
        failed["data"]["object"]["last_payment_error"]["code"],
        "card_declined"
    );

    assert_eq!(world.submit(&session.id, "paid").await.status(), 303);
    assert_eq!(world.endpoint.types()[3..], PAID[1..]);
    assert_eq!(world.stripe.payment_intents().len(), 1);
    assert_eq!(world.stripe.charges().len(), 2);
    let id = world.stripe.payment_intents()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let intent = RetrievePaymentIntent::new(id).send(&world.client).await.unwrap();
    assert!(intent.last_payment_error.is_none());
}

#[tokio::test]
async fn a_bank_debit_is_settled_later_by_the_platforms_clock() {
    for (outcome, status, last) in [
        (
            "async_paid",
            "paid",
            [
                "charge.succeeded",
                "payment_intent.succeeded",
                "checkout.session.async_payment_succeeded",
            ],
        ),
        (
            "async_failed",
            "unpaid",
            [
                "charge.failed",
                "payment_intent.payment_failed",
                "checkout.session.async_payment_failed",
            ],
        ),
    ] {
        let world = World::new().await;
        let session = world.session().await;
        assert_eq!(world.submit(&session.id, outcome).await.status(), 303);
        let first = [
            "payment_intent.created",
            "payment_intent.processing",
            "charge.pending",
            "checkout.session.completed",
        ];
        assert_eq!(world.endpoint.types(), first);
        assert_eq!(
            world.endpoint.events()[3]["data"]["object"]["payment_status"],
            "unpaid"
        );
        world.stripe.settle().await;
        assert_eq!(world.endpoint.types().len(), 4);

        world.hands.advance(5);
        world.stripe.settle().await;
        assert_eq!(world.endpoint.types()[4..], last);
        assert_eq!(world.stripe.checkout_sessions()[0]["payment_status"], status);
        assert_eq!(world.stripe.checkout_sessions()[0]["status"], "complete");
        world.stripe.settle().await;
        assert_eq!(world.endpoint.types().len(), 7);
        let id = world.stripe.payment_intents()[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        RetrievePaymentIntent::new(id).send(&world.client).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_expires_by_the_buyer_by_the_seller_and_by_the_clock() {
    let world = World::new().await;
    let session = world.session().await;
    let answer = world.submit(&session.id, "expired").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &CANCEL_URL.parse().unwrap())
    );

    let session = world.session().await;
    let session = ExpireCheckoutSession::new(session.id)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(session.status, Some(CheckoutSessionStatus::Expired));
    assert!(session.url.is_none());
    let again = ExpireCheckoutSession::new(session.id)
        .send(&world.client)
        .await
        .unwrap_err();
    assert_eq!(refused(again).0, 400);

    let session = world.session().await;
    world.hands.advance(24 * 60 * 60 - 1);
    world.stripe.settle().await;
    assert_eq!(world.endpoint.types().len(), 2);
    world.hands.advance(1);
    // Whoever comes before the periodic look finds it expired all the same.
    assert_eq!(world.submit(&session.id, "paid").await.status(), 409);
    world.stripe.settle().await;
    assert_eq!(world.endpoint.types(), ["checkout.session.expired"; 3]);
}

#[tokio::test]
async fn the_periodic_look_expires_sessions_without_being_asked() {
    let world = World::new().await;
    world.session().await;
    world.hands.advance(24 * 60 * 60);
    eventually(|| world.endpoint.types() == ["checkout.session.expired"]).await;
}

#[tokio::test]
async fn an_ended_session_cannot_be_paid_again() {
    let world = World::new().await;
    let session = world.session().await;
    world.submit(&session.id, "paid").await;
    for outcome in ["paid", "declined", "expired", "async_paid"] {
        let answer = world.submit(&session.id, outcome).await;
        assert_eq!(answer.status(), 409);
        assert!(answer.text().await.unwrap().contains("This has been paid"));
    }
    world.stripe.settle().await;
    assert_eq!(world.endpoint.types(), PAID);
}

#[tokio::test]
async fn a_session_is_paid_once_however_many_forms_come_at_once() {
    let world = World::new().await;
    let session = world.session().await;
    let answers = futures::future::join_all((0..20).map(|_| world.submit(&session.id, "paid"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 303).count(), 1);
    assert_eq!(world.stripe.charges().len(), 1);
}

#[tokio::test]
async fn forms_that_are_not_the_pages_and_unknown_sessions_are_explained() {
    let world = World::new().await;
    let session = world.session().await;
    assert_eq!(world.submit(&session.id, "free").await.status(), 400);
    assert_eq!(world.submit_form(session.id.as_str(), &[]).await.status(), 400);
    let answer = world.submit_form("cs_test_none", &[("outcome", "paid")]).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("There is no such session"));
    assert_eq!(
        world
            .http
            .get(format!("{}/c/pay/x", world.url))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert!(world.types().is_empty());
}

#[tokio::test]
async fn a_buyer_without_a_known_address_types_one_in() {
    let world = World::new().await;
    let mut form = session_form();
    form.push(("customer_creation", "always"));
    let (_, session) = world.post("/v1/checkout/sessions", &form).await;
    let id = session["id"].as_str().unwrap();
    let html = world
        .http
        .get(session["url"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(html.contains(r#"<input type="email" name="email""#));
    assert_eq!(
        world
            .submit_form(id, &[("outcome", "paid"), ("email", "no address")])
            .await
            .status(),
        400
    );
    let answer = world
        .submit_form(id, &[("outcome", "paid"), ("email", "typed@example.com")])
        .await;
    assert_eq!(answer.status(), 303);
    assert_eq!(world.endpoint.types()[0], "customer.created");
    let session = world.stripe.checkout_sessions().pop().unwrap();
    assert_eq!(session["customer_details"]["email"], "typed@example.com");
    assert!(session["customer"].as_str().unwrap().starts_with("cus_"));
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_by_what_is_asked() {
    let world = World::new().await;
    let first = world.session().await;
    let second = world.session().await;
    world.submit(&first.id, "paid").await;
    let all = ListCheckoutSession::new().send(&world.client).await.unwrap();
    assert_eq!(
        all.data
            .iter()
            .map(|session| session.id.as_str())
            .collect::<Vec<_>>(),
        [second.id.as_str(), first.id.as_str()]
    );
    let open = ListCheckoutSession::new()
        .status(CheckoutSessionStatus::Open)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(open.data.len(), 1);
    let intent = world.stripe.payment_intents()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let of_intent = ListCheckoutSession::new()
        .payment_intent(intent)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(of_intent.data[0].id, first.id);
    let items = ListLineItemsCheckoutSession::new(first.id)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(items.data[0].description.as_deref(), Some("Basic"));
}

#[tokio::test]
async fn what_stripe_does_not_know_or_allow_is_refused() {
    let world = World::new().await;
    let long: &'static str = "x".repeat(201).leak();
    let soon: &'static str = (world.hands.now() + 29 * 60).to_string().leak();
    let late: &'static str = (world.hands.now() + 24 * 60 * 60 + 1).to_string().leak();
    for (name, value, code) in [
        ("price", "price_1", "parameter_unknown"),
        ("line_items[0][price_data][amount]", "1", "parameter_unknown"),
        ("line_items[0][price_data][unit_amount]", "49", "amount_too_small"),
        (
            "line_items[0][price_data][unit_amount]",
            "100000000",
            "amount_too_large",
        ),
        (
            "line_items[0][price_data][unit_amount]",
            "9.99",
            "parameter_invalid_integer",
        ),
        (
            "line_items[0][price_data][unit_amount]",
            "-1",
            "parameter_invalid_integer",
        ),
        ("line_items[0][quantity]", "0", "parameter_invalid_integer"),
        (
            "line_items[0][quantity]",
            "9223372036854775807",
            "amount_too_large",
        ),
        ("line_items[0][price_data][currency]", "xxx", ""),
        ("mode", "subscription", ""),
        ("subscription_data[trial_period_days]", "14", ""),
        ("payment_method_collection", "always", ""),
        ("mode", "gift", ""),
        ("success_url", "/paid", "url_invalid"),
        ("client_reference_id", long, ""),
        ("customer", "cus_none", "resource_missing"),
        ("customer_email", "nobody", "email_invalid"),
        ("discounts[0][coupon]", "FREE", ""),
        ("expires_at", soon, ""),
        ("expires_at", late, ""),
        ("metadata[plan]", "x".repeat(501).leak(), ""),
        ("ui_mode", "embedded_page", ""),
    ] {
        let (status, body) = world
            .post("/v1/checkout/sessions", &session_form_with(name, value))
            .await;
        assert_eq!(status, 400, "{name}={value}: {body}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(
            body["error"]["code"].as_str().unwrap_or_default(),
            code,
            "{name}={value}: {body}"
        );
    }
    for missing in [
        "mode",
        "success_url",
        "line_items[0][quantity]",
        "line_items[0][price_data][unit_amount]",
    ] {
        let mut form = session_form();
        form.retain(|(name, _)| *name != missing);
        let (status, body) = world.post("/v1/checkout/sessions", &form).await;
        assert_eq!(
            (status, &body["error"]["param"]),
            (400, &missing.into()),
            "{body}"
        );
        assert_eq!(body["error"]["code"], "parameter_missing");
    }
    assert!(world.stripe.checkout_sessions().is_empty());
    for (name, value) in [
        ("client_reference_id", &long[1..]),
        ("expires_at", (world.hands.now() + 30 * 60).to_string().leak()),
        (
            "expires_at",
            (world.hands.now() + 24 * 60 * 60).to_string().leak(),
        ),
        ("line_items[0][price_data][unit_amount]", "50"),
        ("custom_text[submit][message]", "Thank you"),
        ("locale", "en"),
    ] {
        let (status, body) = world
            .post("/v1/checkout/sessions", &session_form_with(name, value))
            .await;
        assert_eq!(status, 200, "{name}={value}: {body}");
    }
}
