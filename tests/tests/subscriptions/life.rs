//! What a subscription goes through, and what its owner is shown.

use serde_json::{Value, json};
use tests::{Person, System};

const CANCEL: &str = "/api/payments/cancel-subscription";
const RESUME: &str = "/api/payments/resume-subscription";
const CHANGE: &str = "/api/payments/change-plan";

/// Waits until the subscription is shown with this status.
async fn comes_to(person: &Person<'_>, status: &str) -> Value {
    let system = person.system;
    system.stripe().settle().await;
    let reached = async || {
        let subscription = person.billing().await["subscription"].clone();
        (subscription["status"] == status).then_some(subscription)
    };
    system.eventually(status, reached).await
}

/// The same person so much later.
async fn later<'a>(person: &Person<'a>, duration: &str) -> Person<'a> {
    person.system.advance(duration).await;
    person.system.stripe().settle().await;
    person.on_another_device().await
}

/// Holds the plan to count, in the words that the web client takes for "subscribed".
async fn counts(person: &Person<'_>, plan: &str) {
    assert_eq!(
        person.subscription().await,
        (plan.to_owned(), "active".to_owned())
    );
}

#[tokio::test]
async fn billing_is_shown_in_the_shape_of_the_web_client() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    assert_eq!(
        ana.billing().await,
        json!({ "hasActiveSubscription": false, "subscription": null, "invoices": [] })
    );
    let id = ana.subscribe("landlord_pro", "paid").await;
    system.at_rest().await;
    let billing = ana.billing().await;
    assert_eq!(billing["hasActiveSubscription"], true);
    let subscription = &billing["subscription"];
    assert_eq!(subscription["id"], id.as_str());
    assert_eq!(subscription["status"], "trialing");
    assert_eq!(subscription["planType"], "landlord_pro");
    assert_eq!(subscription["interval"], "month");
    assert_eq!(subscription["cancelAtPeriodEnd"], false);
    assert!(subscription["amount"].is_u64(), "{subscription}");
    for time in ["currentPeriodStart", "currentPeriodEnd", "trialEnd"] {
        let text = subscription[time].as_str().unwrap();
        assert!(text.parse::<jiff::Timestamp>().is_ok(), "{time}: {text}");
    }
    let invoice = &billing["invoices"][0];
    assert!(
        invoice["id"].is_string() && invoice["amount"].is_u64(),
        "{invoice}"
    );
    assert_eq!(invoice["status"], "paid");
    assert!(invoice["paidAt"].is_string(), "{invoice}");
    counts(&ana, "landlord_pro").await;
}

#[tokio::test]
async fn a_trial_becomes_a_paid_period_after_14_days() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", "paid").await;
    let ana = later(&ana, "P13D").await;
    comes_to(&ana, "trialing").await;
    let ana = later(&ana, "P2D").await;
    let subscription = comes_to(&ana, "active").await;
    counts(&ana, "landlord_pro").await;
    system.at_rest().await;
    let billing = ana.billing().await;
    assert_eq!(billing["invoices"].as_array().unwrap().len(), 2);
    assert_eq!(billing["invoices"][0]["amount"], subscription["amount"]);
}

#[tokio::test]
async fn a_plan_counts_for_seven_days_after_the_card_declined_and_ends_when_it_never_pays() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", "declines_later").await;
    let ana = later(&ana, "P14DT2H").await;
    let subscription = comes_to(&ana, "past_due").await;
    assert!(subscription["graceEnds"].is_string(), "{subscription}");
    let ana = later(&ana, "P6D").await;
    comes_to(&ana, "past_due").await;
    counts(&ana, "landlord_pro").await;
    assert_eq!(ana.billing().await["hasActiveSubscription"], true);
    let ana = later(&ana, "P1D").await;
    comes_to(&ana, "past_due").await;
    assert_eq!(ana.billing().await["hasActiveSubscription"], false);
    assert_eq!(ana.subscription().await.0, "free");
    let ana = later(&ana, "P14D").await;
    let subscription = comes_to(&ana, "canceled").await;
    assert!(subscription["canceledAt"].is_string(), "{subscription}");
    assert_eq!(ana.subscription().await.0, "free");
}

#[tokio::test]
async fn a_trial_without_a_card_ends_canceled() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", "without_card").await;
    counts(&ana, "landlord_pro").await;
    let ana = later(&ana, "P15D").await;
    comes_to(&ana, "canceled").await;
    assert_eq!(ana.subscription().await.0, "free");
}

#[tokio::test]
async fn it_ends_with_its_period_unless_it_is_resumed() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let id = ana.subscribe("landlord_pro", "paid").await;
    let cancellation = json!({ "subscriptionId": id, "cancelImmediately": false });
    for _ in 0..2 {
        let answer = ana.post(CANCEL, &cancellation).await;
        assert_eq!(answer.is(200).json["subscription"]["cancelAtPeriodEnd"], true);
    }
    counts(&ana, "landlord_pro").await;
    for _ in 0..2 {
        let answer = ana.post(RESUME, &json!({ "subscriptionId": id })).await;
        assert_eq!(answer.is(200).json["subscription"]["cancelAtPeriodEnd"], false);
    }
    ana.post(CANCEL, &cancellation).await.is(200);
    let ana = later(&ana, "P15D").await;
    comes_to(&ana, "canceled").await;
    assert_eq!(ana.subscription().await.0, "free");
    ana.post(RESUME, &json!({ "subscriptionId": id }))
        .await
        .is_problem(409, "subscription_over");
}

#[tokio::test]
async fn it_ends_at_once_if_its_owner_wants_and_the_next_one_has_no_trial() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let id = ana.subscribe("landlord_pro", "paid").await;
    let cancellation = json!({ "subscriptionId": id, "cancelImmediately": true });
    for _ in 0..2 {
        let answer = ana.post(CANCEL, &cancellation).await;
        assert_eq!(answer.is(200).json["subscription"]["status"], "canceled");
    }
    assert_eq!(ana.subscription().await.0, "free");
    let page = ana.subscription_page("landlord_starter").await;
    page.submit_as("paid").await;
    comes_to(&ana, "active").await;
    counts(&ana, "landlord_starter").await;
    assert_eq!(ana.billing().await["subscription"]["trialEnd"], Value::Null);
}

#[tokio::test]
async fn the_same_page_of_success_shows_a_subscription_before_stripe_reports_it() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    system.stripe().deliver_by_itself(false);
    let page = ana.subscription_page("landlord_pro").await;
    page.submit_as("paid").await;
    let answer = ana
        .post("/api/payments/verify", &json!({ "sessionId": page.session }))
        .await;
    assert_eq!(answer.is(200).json["planId"], "landlord_pro");
    let id = answer.json["subscriptionId"].clone();
    counts(&ana, "landlord_pro").await;
    let events = system.stripe().undelivered();
    for status in system.stripe().deliver_in_order(&events).await {
        assert_eq!(status, Some(200));
    }
    assert_eq!(ana.billing().await["subscription"]["id"], id);
    assert_eq!(system.snapshot().await.facts("SubscriptionStarted").len(), 1);
}

#[tokio::test]
async fn a_dearer_plan_is_paid_at_once_or_not_taken() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_starter", "paid").await;
    let ana = later(&ana, "P15D").await;
    comes_to(&ana, "active").await;
    system.at_rest().await;
    let customer = ana.customer().await;
    system.stripe().decline_cards(&customer).unwrap();
    ana.post(CHANGE, &json!({ "planId": "landlord_pro" }))
        .await
        .is_problem(402, "card_declined");
    counts(&ana, "landlord_starter").await;
    system.stripe().accept_cards(&customer).unwrap();
    let answer = ana.post(CHANGE, &json!({ "planId": "landlord_pro" })).await;
    assert_eq!(answer.is(200).json["subscription"]["planType"], "landlord_pro");
    counts(&ana, "landlord_pro").await;
    system.at_rest().await;
    let invoices = ana.billing().await["invoices"].as_array().unwrap().clone();
    assert_eq!(invoices[0]["status"], "paid", "{invoices:?}");
    let answer = ana.post(CHANGE, &json!({ "planId": "landlord_starter" })).await;
    assert_eq!(
        answer.is(200).json["subscription"]["planType"],
        "landlord_starter"
    );
    counts(&ana, "landlord_starter").await;
}

#[tokio::test]
async fn what_is_anothers_is_not_found_and_a_plan_for_another_role_is_not_sold() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let id = ana.subscribe("landlord_pro", "paid").await;
    let ben = system.landlord("ben").await;
    let path = format!("/api/payments/subscription-status/{}", ana.id);
    ben.get(&path).await.is(404);
    ben.post(CANCEL, &json!({ "subscriptionId": id })).await.is(404);
    ben.post(RESUME, &json!({ "subscriptionId": id })).await.is(404);
    counts(&ana, "landlord_pro").await;
    for plan in ["agent_team", "landlord_pro"] {
        let renter = system.person(&plan.replace('_', "-")).await;
        let wish = json!({ "planId": plan, "interval": "month" });
        renter.post("/api/payments/create-checkout", &wish).await.is(403);
    }
    ana.post(CHANGE, &json!({ "planId": "agent_team" })).await.is(403);
    ana.post(
        "/api/payments/create-checkout",
        &json!({ "planId": "landlord_pro" }),
    )
    .await
    .is_problem(409, "already_subscribed");
}

#[tokio::test]
async fn invoices_are_listed_page_by_page() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", "paid").await;
    let ana = later(&ana, "P50D").await;
    comes_to(&ana, "active").await;
    system.at_rest().await;
    let all = ana.get("/api/payments/invoices").await.is(200).json["invoices"].clone();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 3);
    let mut found = Vec::new();
    let mut path = "/api/payments/invoices?limit=1".to_owned();
    loop {
        let page = ana.get(&path).await.is(200).json.clone();
        assert_eq!(page["total"], 3, "how many there are on all pages");
        found.extend(page["invoices"].as_array().unwrap().clone());
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("/api/payments/invoices?limit=1&cursor={cursor}");
    }
    assert_eq!(&found, all);
}
