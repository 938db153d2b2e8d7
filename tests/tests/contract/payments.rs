//! Paying at the paywall and on Stripe's page, and the page of billing. None of these calls has the token: the cookie alone
//! says who pays.

use serde_json::{Value, json};
use tests::{Answer, System};

use super::{Client, Is, NoToken, Token, reads, refuses};

const INTENT: &str = "/api/payments/create-intent";
const VERIFY: &str = "/api/payments/verify";
const CANCEL: &str = "/api/payments/cancel-subscription";

/// What Stripe's script in the page does with the secret that it is given: the card is charged, or declined.
async fn pays_in_the_page(system: &System, client_secret: &str, card: &str) -> Answer {
    let (intent, _) = client_secret.split_once("_secret_").expect("a client secret");
    let path = format!("v1/payment_intents/{intent}/confirm");
    let request = system.request_to_stripe("POST", &path);
    system.send(request.form(&[("payment_method", card)])).await
}

/// Holds the page of billing to get what it draws, subscribed or not.
#[track_caller]
fn is_billing(answer: &Answer) -> &Value {
    reads(
        answer,
        &[("/invoices", Is::List), ("/hasActiveSubscription", Is::Bool)],
    );
    for (position, _) in answer.json["invoices"].as_array().unwrap().iter().enumerate() {
        for (field, is) in [
            ("id", Is::Text),
            ("amount", Is::Cents),
            ("status", Is::Text),
            ("paidAt", Is::TimeOrNull),
            ("invoicePdf", Is::TextOrNull),
            ("hostedInvoiceUrl", Is::TextOrNull),
        ] {
            reads(answer, &[(&format!("/invoices/{position}/{field}"), is)]);
        }
    }
    let subscription = &answer.json["subscription"];
    if !subscription.is_null() {
        reads(
            answer,
            &[
                ("/subscription/id", Is::Text),
                ("/subscription/status", Is::Text),
                ("/subscription/planType", Is::Text),
                ("/subscription/amount", Is::Cents),
                ("/subscription/interval", Is::Text),
                ("/subscription/currentPeriodEnd", Is::Time),
                ("/subscription/cancelAtPeriodEnd", Is::Bool),
                ("/subscription/trialEnd", Is::TimeOrNull),
            ],
        );
        let interval = subscription["interval"].as_str().unwrap();
        assert!(
            ["month", "year"].contains(&interval),
            "it stands behind a slash: {interval}"
        );
    }
    subscription
}

#[tokio::test]
async fn a_plan_at_the_paywall_with_a_card_that_works() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let key = client.get("/api/stripe/publishable-key", NoToken).await;
    reads(key.is(200), &[("/publishableKey", Is::Text)]);
    for plan in ["basic", "pro", "premium"] {
        let begun = client.post(INTENT, NoToken, &json!({ "planId": plan })).await;
        reads(begun.is(200), &[("/clientSecret", Is::Text)]);
        let secret = begun.text_at("/clientSecret");
        pays_in_the_page(&system, secret, "pm_card_visa").await.is(200);
        let (intent, _) = secret.split_once("_secret_").unwrap();
        let verified = client
            .post(VERIFY, NoToken, &json!({ "paymentIntentId": intent }))
            .await;
        assert_eq!(verified.is(200).json["planId"], plan);
        assert!(client.is_subscribed().await);
    }
    assert_eq!(client.me().await["subscriptionTier"], "premium");
}

#[tokio::test]
async fn one_property_at_the_paywall() {
    let system = System::start().await;
    system.listing("1001").await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let wish = json!({ "planId": "per_property", "propertyId": "1001" });
    let begun = client.post(INTENT, NoToken, &wish).await;
    let secret = begun.is(200).text_at("/clientSecret");
    pays_in_the_page(&system, secret, "pm_card_visa").await.is(200);
    let (intent, _) = secret.split_once("_secret_").unwrap();
    let verified = client
        .post(VERIFY, NoToken, &json!({ "paymentIntentId": intent }))
        .await;
    assert_eq!(verified.is(200).json["propertyId"], "1001");
    assert_eq!(verified.json["success"], true);
}

#[tokio::test]
async fn a_plan_at_the_paywall_with_a_card_that_is_declined() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let begun = client.post(INTENT, NoToken, &json!({ "planId": "pro" })).await;
    let secret = begun.is(200).text_at("/clientSecret");
    pays_in_the_page(&system, secret, "pm_card_chargeDeclined")
        .await
        .is(402);
    let (intent, _) = secret.split_once("_secret_").unwrap();
    let verified = client
        .post(VERIFY, NoToken, &json!({ "paymentIntentId": intent }))
        .await;
    refuses(&verified, 402);
    system.at_rest().await;
    assert!(!client.is_subscribed().await);
}

#[tokio::test]
async fn the_paywall_for_somebody_who_is_not_signed_in() {
    let system = System::start().await;
    let client = Client::new(&system);
    client.get("/api/stripe/publishable-key", NoToken).await.is(200);
    refuses(
        &client.post(INTENT, NoToken, &json!({ "planId": "pro" })).await,
        401,
    );
    let intent = json!({ "paymentIntentId": "pi_1" });
    refuses(&client.post(VERIFY, NoToken, &intent).await, 401);
}

#[tokio::test]
async fn the_paywall_of_an_older_page_that_names_a_guest() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let wish = json!({
        "planId": "pro", "guestEmail": "eva@example.com", "guestName": "Eva", "triggeredBy": "scroll",
    });
    let begun = client.post(INTENT, NoToken, &wish).await;
    reads(begun.is(200), &[("/clientSecret", Is::Text)]);
    let unknown = client.post(INTENT, NoToken, &json!({ "planId": "gold" })).await;
    refuses(&unknown, 400);
}

#[tokio::test]
async fn the_button_that_opens_stripes_page_and_shows_the_message_of_a_refusal() {
    const PATH: &str = "/api/payments/create-checkout";
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    for (plan, sends) in [("basic", Token), ("pro", NoToken), ("premium", Token)] {
        let wish = json!({ "plan": plan, "guestEmail": "ana@example.com", "guestName": "Ana" });
        let page = client.post(PATH, sends, &wish).await;
        reads(page.is(200), &[("/url", Is::Text)]);
        client.pays_on_the_page(&page).await;
        assert!(client.is_subscribed().await, "{plan}");
    }
    let refused = client.post(PATH, Token, &json!({ "plan": "gold" })).await;
    refuses(&refused, 400);
    refuses(
        &Client::new(&system)
            .post(PATH, NoToken, &json!({ "plan": "pro" }))
            .await,
        401,
    );
}

#[tokio::test]
async fn the_button_for_full_access() {
    const PATH: &str = "/api/payments/create-renter-checkout";
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let wish = json!({ "email": "ana@example.com", "name": "Ana", "userId": client.id().await });
    let page = client.post(PATH, NoToken, &wish).await;
    reads(
        page.is(200),
        &[
            ("/url", Is::Text),
            ("/sessionId", Is::Text),
            ("/customerId", Is::TextOrNull),
        ],
    );
    client.pays_on_the_page(&page).await;
    assert_eq!(client.me().await["subscriptionTier"], "full_access");
    let other = Client::signed_up(&system, "ben", "renter").await;
    refuses(&other.post(PATH, NoToken, &wish).await, 403);
    refuses(&Client::new(&system).post(PATH, NoToken, &wish).await, 401);
}

#[tokio::test]
async fn the_button_for_a_subscription() {
    const PATH: &str = "/api/payments/create-subscription-checkout";
    let system = System::start().await;
    for (name, role, plan, interval, amount) in [
        ("ana", "landlord", "landlord_pro", "monthly", 4900),
        ("ben", "landlord", "starter", "annual", 18_000),
        ("eva", "agent", "agent_team", "annual", 149_000),
    ] {
        let client = Client::signed_up(&system, name, role).await;
        let wish = json!({
            "email": format!("{name}@example.com"), "name": name, "userId": client.id().await, "planType": plan,
            "interval": interval,
        });
        let page = client.post(PATH, NoToken, &wish).await;
        reads(
            page.is(200),
            &[
                ("/url", Is::Text),
                ("/sessionId", Is::Text),
                ("/customerId", Is::Text),
            ],
        );
        client.pays_on_the_page(&page).await;
        let status = format!("/api/payments/subscription-status/{}", client.id().await);
        let status = client.get(&status, NoToken).await;
        let subscription = is_billing(status.is(200));
        assert_eq!(subscription["amount"], amount);
        assert_eq!(subscription["status"], "trialing", "fourteen days are free");
        assert!(client.is_subscribed().await);
    }
    let renter = Client::signed_up(&system, "eli", "renter").await;
    let wish = json!({ "email": "eli@example.com", "planType": "landlord_pro", "interval": "monthly" });
    refuses(&renter.post(PATH, NoToken, &wish).await, 403);
}

#[tokio::test]
async fn the_page_of_billing_from_the_free_tier_to_a_cancellation() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "landlord").await;
    let path = format!("/api/payments/subscription-status/{}", client.id().await);
    let free = client.get(&path, NoToken).await;
    assert!(is_billing(free.is(200)).is_null());
    assert_eq!(free.json["invoices"], json!([]));

    let wish = json!({ "planType": "landlord_starter", "interval": "monthly" });
    let page = client
        .post("/api/payments/create-subscription-checkout", NoToken, &wish)
        .await;
    client.pays_on_the_page(&page).await;
    let subscribed = client.get(&path, NoToken).await;
    let subscription = is_billing(subscribed.is(200));
    assert_eq!(subscribed.json["invoices"].as_array().unwrap().len(), 1);

    // By the id that the page was given.
    let wish = json!({ "subscriptionId": subscription["id"], "cancelImmediately": false });
    client.post(CANCEL, NoToken, &wish).await.is(200);
    let ending = client.get(&path, NoToken).await;
    assert_eq!(is_billing(ending.is(200))["cancelAtPeriodEnd"], true);
    let wish = json!({ "subscriptionId": subscription["id"], "cancelImmediately": true });
    client.post(CANCEL, NoToken, &wish).await.is(200);
    let over = client.get(&path, NoToken).await;
    assert_eq!(is_billing(over.is(200))["status"], "canceled");
    assert!(!client.is_subscribed().await);
}

#[tokio::test]
async fn the_page_of_billing_of_somebody_else_and_of_nobody() {
    let system = System::start().await;
    let ana = Client::signed_up(&system, "ana", "landlord").await;
    let ben = Client::signed_up(&system, "ben", "landlord").await;
    let path = format!("/api/payments/subscription-status/{}", ana.id().await);
    // The page reads the body whatever the status is.
    refuses(&ben.get(&path, NoToken).await, 404);
    refuses(&Client::new(&system).get(&path, NoToken).await, 401);
    let wish = json!({ "subscriptionId": "sub_of_ana", "cancelImmediately": true });
    refuses(&ben.post(CANCEL, NoToken, &wish).await, 404);
    refuses(&Client::new(&system).post(CANCEL, NoToken, &wish).await, 401);
}

#[tokio::test]
async fn the_question_whether_somebody_has_paid() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let path = format!(
        "/api/payments/status?email=ana@example.com&userId={}",
        client.id().await
    );
    let before = client.get(&path, NoToken).await;
    reads(
        before.is(200),
        &[("/hasUnlocked", Is::Bool), ("/totalPurchases", Is::Count)],
    );
    assert_eq!(before.json["purchase"], Value::Null);
    let wish = json!({ "plan": "basic" });
    let page = client.post("/api/payments/create-checkout", NoToken, &wish).await;
    client.pays_on_the_page(&page).await;
    let after = client.get(&path, NoToken).await;
    assert_eq!(after.is(200).json["hasUnlocked"], true);
    assert_eq!(after.json["totalPurchases"], 1);
    reads(
        &after,
        &[
            ("/purchase/id", Is::Text),
            ("/purchase/amount", Is::Cents),
            ("/purchase/status", Is::Text),
            ("/purchase/createdAt", Is::Time),
        ],
    );
    let other = Client::signed_up(&system, "ben", "renter").await;
    refuses(&other.get(&path, NoToken).await, 404);
}
