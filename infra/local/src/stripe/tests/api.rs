use ::stripe::StripeError as ClientError;
use stripe_core::PaymentIntentStatus;
use stripe_core::charge::ListCharge;
use stripe_core::customer::{CreateCustomer, RetrieveCustomer};
use stripe_core::event::{ListEvent, RetrieveEvent};
use stripe_core::payment_intent::{
    CancelPaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent, ListPaymentIntent,
};

use super::*;

#[tokio::test]
async fn only_keys_of_the_test_mode_are_taken() {
    let world = World::new().await;
    for key in ["sk_live_1234567890", "sk_test_", "pk_test_123", "whsec_local"] {
        let client = ClientBuilder::new(key)
            .url(format!("{}/", world.url))
            .build()
            .unwrap();
        let error = create_session().send(&client).await.unwrap_err();
        assert_eq!(refused(error).0, 401, "{key}");
    }
    let url = format!("{}/v1/customers", world.url);
    let answer = world.http.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate") && answer.headers().contains_key("request-id"));
    let basic = world
        .http
        .get(&url)
        .basic_auth("sk_test_local", Some(""))
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), 200);
}

#[tokio::test]
async fn an_address_that_stripe_does_not_have_is_said_to_be_unrecognized() {
    let world = World::new().await;
    for path in [
        "/v1/nothing",
        "/v1",
        "/",
        "/v1/checkout/sessions/cs_1/pay",
        "/_local/nothing",
    ] {
        let (status, body) = world.get(path).await;
        assert_eq!(
            (status, &body["error"]["type"]),
            (404, &"invalid_request_error".into()),
            "{path}"
        );
        assert!(
            body["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with("Unrecognized request URL (GET: ")
        );
    }
    let delete = world
        .http
        .delete(format!("{}/v1/customers", world.url))
        .bearer_auth("sk_test_local");
    assert_eq!(delete.send().await.unwrap().status(), 404);
    let (status, body) = world.get("/v1/customers/cus_none").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &"resource_missing".into())
    );
    assert_eq!(body["error"]["message"], "No such customer: 'cus_none'");
}

#[tokio::test]
async fn a_body_that_is_not_a_form_and_one_that_is_too_large_are_refused() {
    let world = World::new().await;
    let url = format!("{}/v1/customers", world.url);
    let json = world
        .http
        .post(&url)
        .bearer_auth("sk_test_local")
        .json(&serde_json::json!({ "email": "a@b.c" }));
    assert_eq!(json.send().await.unwrap().status(), 400);
    let large = "x".repeat(2 * 1024 * 1024);
    let (status, _) = world.post("/v1/customers", &[("description", &large)]).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn a_customer_is_kept_and_used_by_a_session() {
    let world = World::new().await;
    let customer = CreateCustomer::new()
        .email("renter@example.com")
        .name("A Renter")
        .send(&world.client)
        .await
        .unwrap();
    let found = RetrieveCustomer::new(customer.id.clone())
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(
        serde_json::json!(format!("{found:?}"))
            .as_str()
            .unwrap()
            .matches("renter@example.com")
            .count(),
        1
    );
    let id: &'static str = customer.id.to_string().leak();
    let (status, session) = world
        .post("/v1/checkout/sessions", &session_form_with("customer", id))
        .await;
    assert_eq!(
        (status, &session["customer_details"]["email"]),
        (200, &"renter@example.com".into())
    );
    world
        .submit_form(session["id"].as_str().unwrap(), &[("outcome", "paid")])
        .await;
    assert_eq!(world.stripe.charges()[0]["customer"], id);
    let charges = ListCharge::new().customer(id).send(&world.client).await.unwrap();
    assert_eq!(charges.data.len(), 1);
}

#[tokio::test]
async fn a_payment_intent_is_confirmed_with_the_test_cards() {
    let world = World::new().await;
    let create = || CreatePaymentIntent::new(2500, price().currency);
    let intent = create().send(&world.client).await.unwrap();
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    let declined = ConfirmPaymentIntent::new(intent.id.clone())
        .payment_method("pm_card_chargeDeclinedInsufficientFunds")
        .send(&world.client)
        .await
        .unwrap_err();
    let ClientError::Stripe(error, 402) = declined else {
        panic!("{declined}")
    };
    assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));
    assert_eq!(error.payment_intent.unwrap().id, intent.id);
    let confirm = || {
        ConfirmPaymentIntent::new(intent.id.clone())
            .payment_method("pm_card_visa")
            .customize()
            .send(&world.client)
    };
    assert_eq!(confirm().await.unwrap().status, PaymentIntentStatus::Succeeded);
    assert_eq!(
        refused(confirm().await.unwrap_err()).1,
        "payment_intent_unexpected_state"
    );

    let other = create().send(&world.client).await.unwrap();
    let other = CancelPaymentIntent::new(other.id)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(other.status, PaymentIntentStatus::Canceled);
    assert_eq!(
        ListPaymentIntent::new()
            .send(&world.client)
            .await
            .unwrap()
            .data
            .len(),
        2
    );
}

#[tokio::test]
async fn events_are_listed_by_time_and_type_page_by_page_for_thirty_days() {
    let world = World::new().await;
    let started = world.hands.now();
    for _ in 0..25 {
        world.paid().await;
        world.hands.advance(60);
    }
    let page = ListEvent::new().limit(100).send(&world.client).await.unwrap();
    assert_eq!((page.data.len(), page.has_more), (100, false));
    RetrieveEvent::new(page.data[0].id.clone())
        .send(&world.client)
        .await
        .unwrap();

    let path = "/v1/events?type=checkout.session.completed&limit=10";
    let (_, first) = world.get(path).await;
    assert_eq!(first["has_more"], true);
    let last = first["data"][9]["id"].as_str().unwrap();
    let (_, second) = world.get(&format!("{path}&starting_after={last}")).await;
    let (_, third) = world
        .get(&format!(
            "{path}&starting_after={}",
            second["data"][9]["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (third["data"].as_array().unwrap().len(), &third["has_more"]),
        (5, &false.into())
    );

    let recent = format!(
        "/v1/events?type=charge.*&created[gte]={}&limit=100",
        started + 20 * 60
    );
    assert_eq!(world.get(&recent).await.1["data"].as_array().unwrap().len(), 5);
    let some = "/v1/events?types[]=charge.succeeded&types[]=payment_intent.created&limit=100";
    assert_eq!(world.get(some).await.1["data"].as_array().unwrap().len(), 50);

    world.hands.advance(30 * 24 * 60 * 60 - 5 * 60);
    let (_, shown) = world.get("/v1/events?limit=100").await;
    assert_eq!(shown["data"].as_array().unwrap().len(), 16);
    assert_eq!(world.get(&format!("/v1/events/{last}")).await.0, 404);
}

#[tokio::test]
async fn only_what_can_be_expanded_is() {
    let world = World::new().await;
    let intent = world.paid().await;
    let (_, body) = world
        .get("/v1/charges?expand[]=data.payment_intent.latest_charge&expand[]=data.customer")
        .await;
    assert_eq!(body["data"][0]["payment_intent"]["id"], intent.as_str());
    assert_eq!(
        body["data"][0]["payment_intent"]["latest_charge"]["object"],
        "charge"
    );
    for path in ["amount", "nothing", "payment_intent.a.b.c.d"] {
        let (status, body) = world.get(&format!("/v1/charges?expand[]=data.{path}")).await;
        assert_eq!(
            (status, &body["error"]["param"]),
            (400, &"expand".into()),
            "{path}"
        );
    }
}
