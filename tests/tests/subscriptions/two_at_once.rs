//! Two subscriptions that one person buys at once end as one.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Checkout, Outcome, System};

const PATH: &str = "/api/payments/create-checkout";

#[tokio::test]
async fn twenty_wishes_at_once_for_one_plan_get_one_page() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let wish = json!({ "planId": "landlord_pro", "interval": "month" });
    let answers = join_all((0..20).map(|_| ana.post(PATH, &wish))).await;
    let mut pages = Vec::new();
    for answer in &answers {
        // Whoever finds no moment of rest is told to come again.
        if answer.status == 200 {
            pages.push(answer.text_at("/url").to_owned());
        } else {
            answer.is(503);
        }
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert_eq!(system.stripe().checkout_sessions().len(), 1);
    assert_eq!(system.stripe().customers().len(), 1);
}

#[tokio::test]
async fn of_different_plans_that_are_wished_for_at_once_at_most_one_page_stays_open() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let plans = ["landlord_starter", "landlord_pro", "landlord_enterprise"];
    let wishes = plans.map(|plan| json!({ "planId": plan, "interval": "month" }));
    join_all(wishes.iter().map(|wish| ana.post(PATH, wish))).await;
    let sessions = system.stripe().checkout_sessions();
    let open = sessions
        .iter()
        .filter(|session| session["status"] == "open")
        .count();
    assert!(open <= 1, "{open} pages are open");
    let last = ana.subscription_page("landlord_pro").await;
    let sessions = system.stripe().checkout_sessions();
    let open: Vec<_> = sessions
        .iter()
        .filter(|session| session["status"] == "open")
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["id"], last.session.as_str());
}

/// Two pages of one person, which both get paid before Stripe reports either. The second one is opened by a table that
/// has forgotten the first, as one that was restored from a backup has.
async fn two_pages_are_paid<'a>(system: &'a System, trial: bool) -> (Checkout<'a>, Checkout<'a>) {
    let ana = system.landlord("ana").await;
    let ana = if trial {
        ana
    } else {
        let earlier = ana.subscribe("landlord_starter", "paid").await;
        let cancellation = json!({ "subscriptionId": earlier, "cancelImmediately": true });
        ana.post("/api/payments/cancel-subscription", &cancellation)
            .await
            .is(200);
        system.at_rest().await;
        ana
    };
    system.stripe().deliver_by_itself(false);
    let before = system.moment().await;
    let first = ana.subscription_page("landlord_pro").await;
    system.rewind(&before).await;
    let second = ana.subscription_page("landlord_enterprise").await;
    assert_ne!(first.session, second.session);
    first.submit(Outcome::Paid).await.is(303);
    system.advance("PT2S").await;
    second.submit(Outcome::Paid).await.is(303);
    (first, second)
}

fn live(system: &System) -> Vec<Value> {
    let mut subscriptions = system.stripe().subscriptions();
    subscriptions.retain(|subscription| subscription["status"] != "canceled");
    subscriptions
}

async fn one_is_left(trial: bool, younger_first: bool) {
    let system = System::start().await;
    let (first, _) = two_pages_are_paid(&system, trial).await;
    let mut events = system.stripe().undelivered();
    if younger_first {
        events.reverse();
    }
    assert_eq!(live(&system).len(), 2);
    for _ in 0..2 {
        for status in system.stripe().deliver_in_order(&events).await {
            assert_eq!(status, Some(200));
        }
    }
    // What ending it made Stripe report.
    let rest = system.stripe().undelivered();
    for status in system.stripe().deliver_in_order(&rest).await {
        assert_eq!(status, Some(200));
    }
    let left = live(&system);
    assert_eq!(left.len(), 1);
    let billing = first.person.billing().await;
    assert_eq!(billing["subscription"]["id"], left[0]["id"]);
    assert_eq!(
        billing["subscription"]["planType"], "landlord_pro",
        "the elder one counts"
    );
    let refunds = system.stripe().refunds();
    let refunded: i64 = refunds
        .iter()
        .map(|refund| refund["amount"].as_i64().unwrap())
        .sum();
    let paid = system.stripe().invoices();
    let dearest = paid
        .iter()
        .map(|invoice| invoice["amount_paid"].as_i64().unwrap())
        .max();
    assert_eq!(refunded, if trial { 0 } else { dearest.unwrap() });
}

#[tokio::test]
async fn of_two_trials_one_is_left() {
    one_is_left(true, false).await;
}

#[tokio::test]
async fn of_two_trials_one_is_left_if_the_younger_is_reported_first() {
    one_is_left(true, true).await;
}

#[tokio::test]
async fn of_two_that_were_paid_one_is_left_and_the_other_is_given_back() {
    one_is_left(false, false).await;
}

#[tokio::test]
async fn of_two_that_were_paid_one_is_left_if_the_younger_is_reported_first() {
    one_is_left(false, true).await;
}

#[tokio::test]
async fn a_second_one_that_was_given_back_by_hand_is_not_given_back_twice() {
    let system = System::start().await;
    let (first, second) = two_pages_are_paid(&system, false).await;
    let sessions = system.stripe().checkout_sessions();
    let surplus = sessions
        .iter()
        .find(|session| session["id"] == second.session.as_str())
        .unwrap();
    let charges = system.stripe().charges();
    let dearest = charges
        .iter()
        .max_by_key(|charge| charge["amount"].as_i64())
        .unwrap();
    system
        .stripe()
        .refund(dearest["payment_intent"].as_str().unwrap(), None)
        .unwrap();
    let events = system.stripe().undelivered();
    for status in system.stripe().deliver_in_order(&events).await {
        assert_eq!(status, Some(200));
    }
    assert_eq!(system.stripe().refunds().len(), 1);
    let left = live(&system);
    assert_eq!(left.len(), 1);
    assert_ne!(left[0]["id"], surplus["subscription"]);
    assert_eq!(first.person.billing().await["subscription"]["id"], left[0]["id"]);
}
