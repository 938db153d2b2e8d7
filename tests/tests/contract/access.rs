//! What is open to whom: the paywall without Stripe's script, where the client asks for plans and properties without having
//! paid for them, and what it is told of what was paid.

use serde_json::{Value, json};
use tests::System;

use super::{Client, Is, NoToken, Token, reads, refuses};

const ACTIVATE: &str = "/api/access/activate-plan";
const UNLOCK: &str = "/api/access/unlock-property";
const STATUS: &str = "/api/access/status";

async fn buys(client: &Client<'_>, wish: &Value) {
    let page = client.post("/api/payments/create-checkout", NoToken, wish).await;
    client.pays_on_the_page(page.is(200)).await;
}

#[tokio::test]
async fn the_paywall_without_stripes_script_opens_no_plan_that_is_not_paid() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    for plan in ["basic", "pro", "premium"] {
        // The paywall shows this text.
        refuses(
            &client.post(ACTIVATE, Token, &json!({ "planType": plan })).await,
            402,
        );
    }
    assert!(!client.is_subscribed().await);
    buys(&client, &json!({ "planId": "basic" })).await;
    let paid = client
        .post(ACTIVATE, Token, &json!({ "planType": "basic" }))
        .await;
    assert_eq!(paid.is(200).json["planType"], "basic");
    refuses(
        &client
            .post(ACTIVATE, Token, &json!({ "planType": "premium" }))
            .await,
        402,
    );
    refuses(
        &Client::new(&system)
            .post(ACTIVATE, Token, &json!({ "planType": "pro" }))
            .await,
        401,
    );
}

#[tokio::test]
async fn the_paywall_without_stripes_script_opens_no_property_that_is_not_paid() {
    let system = System::start().await;
    for id in ["1001", "1002"] {
        system.listing(id).await;
    }
    let client = Client::signed_up(&system, "ana", "renter").await;
    let wish = json!({ "propertyId": "1001" });
    refuses(&client.post(UNLOCK, Token, &wish).await, 402);
    buys(
        &client,
        &json!({ "planId": "per_property", "propertyId": "1001" }),
    )
    .await;
    client.post(UNLOCK, Token, &wish).await.is(200);
    refuses(
        &client.post(UNLOCK, Token, &json!({ "propertyId": "1002" })).await,
        402,
    );
    refuses(
        &client.post(UNLOCK, Token, &json!({ "propertyId": "9999" })).await,
        404,
    );
    buys(&client, &json!({ "planId": "pro" })).await;
    client
        .post(UNLOCK, Token, &json!({ "propertyId": "1002" }))
        .await
        .is(201);
}

#[tokio::test]
async fn the_question_what_is_open() {
    let system = System::start().await;
    system.listing("1001").await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let fields = [
        ("/hasAccess", Is::Bool),
        ("/accessType", Is::Text),
        ("/planType", Is::TextOrNull),
        ("/expiresAt", Is::TimeOrNull),
        ("/analysesUsed", Is::Count),
        ("/analysesLimit", Is::CountOrNull),
        ("/unlockedPropertyIds", Is::List),
    ];
    let access = async || {
        let answer = client.get(STATUS, Token).await;
        reads(answer.is(200), &fields);
        answer.json
    };
    let nothing = access().await;
    assert_eq!(
        (&nothing["hasAccess"], &nothing["accessType"]),
        (&json!(false), &json!("none"))
    );
    buys(
        &client,
        &json!({ "planId": "per_property", "propertyId": "1001" }),
    )
    .await;
    let single = access().await;
    assert_eq!(
        (&single["hasAccess"], &single["accessType"]),
        (&json!(true), &json!("single"))
    );
    assert_eq!(single["unlockedPropertyIds"], json!(["1001"]));
    for plan in ["basic", "full_access"] {
        buys(&client, &json!({ "planId": plan })).await;
        let open = access().await;
        assert_eq!(
            (&open["accessType"], &open["planType"]),
            (&json!("plan"), &json!(plan))
        );
    }
    // Whatever is not 2xx is no access.
    refuses(&Client::new(&system).get(STATUS, Token).await, 401);
}

#[tokio::test]
async fn the_question_which_properties_somebody_has_unlocked() {
    let system = System::start().await;
    system.listing("1001").await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let path = format!("/api/access/unlocked-properties/{}", client.id().await);
    assert_eq!(client.get(&path, Token).await.is(200).json, json!([]));
    buys(
        &client,
        &json!({ "planId": "per_property", "propertyId": "1001" }),
    )
    .await;
    assert_eq!(client.get(&path, Token).await.is(200).json, json!(["1001"]));
    let other = Client::signed_up(&system, "ben", "renter").await;
    refuses(&other.get(&path, Token).await, 404);
}

#[tokio::test]
async fn what_was_paid_reaches_the_client_by_the_user_that_it_holds() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    assert!(!client.is_subscribed().await);
    buys(&client, &json!({ "planId": "basic" })).await;
    assert!(client.is_subscribed().await);
    system.advance("P8D").await;
    let mut back = Client::new(&system);
    let form = json!({ "email": "ana@example.com", "password": tests::person::PASSWORD });
    let answer = back.enter("/api/auth/signin", &form).await;
    assert_eq!(
        answer.is(200).json["user"]["subscriptionTier"],
        "free",
        "its week is over"
    );
    assert!(!back.is_subscribed().await);
}
