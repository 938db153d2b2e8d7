//! What believed events do.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Checkout, Outcome, System};

/// Holds a purchase of `basic` to have been paid once: one grant, one record of the fact, one receipt.
async fn was_paid_once(checkout: &Checkout<'_>) {
    let system = checkout.person.system;
    system.at_rest().await;
    assert_eq!(checkout.status().await, "paid");
    let snapshot = system.snapshot().await;
    let account = snapshot
        .item(&format!("USER#{}", checkout.person.id), "ACCOUNT")
        .unwrap();
    let grants = account["grants"].as_object().unwrap();
    assert_eq!(grants.len(), 1, "{grants:?}");
    assert_eq!(grants[&checkout.purchase]["plan"], "basic");
    assert_eq!(snapshot.facts("PurchasePaid").len(), 1);
    assert_eq!(system.receipts_to(&checkout.person.email).len(), 1);
    assert_eq!(system.platform.dead_letters(), []);
}

/// An event like this one, that Stripe made for something else.
fn another(event: &Value, id: &str, kind: &str) -> Value {
    let mut event = event.clone();
    event["id"] = json!(id);
    event["type"] = json!(kind);
    event
}

#[tokio::test]
async fn one_paid_event_delivered_a_hundred_times_at_once_pays_once() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let event = checkout.event_id("checkout.session.completed");
    let statuses = system.stripe().redeliver(&event, 100).await;
    assert_eq!(statuses.len(), 100);
    // Stripe sends again what met another delivery on its way.
    assert!(
        statuses.iter().all(|status| matches!(status, Some(200 | 503))),
        "{statuses:?}"
    );
    assert!(statuses.contains(&Some(200)), "{statuses:?}");
    assert_eq!(system.stripe().redeliver(&event, 1).await, [Some(200)]);
    was_paid_once(&checkout).await;
}

#[tokio::test]
async fn an_event_delivered_again_after_weeks_pays_no_second_time() {
    let system = System::start().await;
    let checkout = system.person("ana").await.buy("basic", Outcome::Paid).await;
    let event = checkout.event_id("checkout.session.completed");
    for _ in 0..3 {
        system.advance("P20D").await;
        assert_eq!(system.stripe().redeliver(&event, 5).await, [Some(200); 5]);
    }
    let checkout = Checkout {
        person: checkout.person.on_another_device().await,
        ..checkout
    };
    was_paid_once(&checkout).await;
}

#[tokio::test]
async fn two_different_paid_events_for_one_purchase_pay_once() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let first = checkout.events("checkout.session.completed").remove(0);
    let second = another(&first, "evt_1second", "checkout.session.async_payment_succeeded");
    let both = [&first, &second];
    let answers = join_all((0..40).map(|n| system.report(both[n % 2]))).await;
    for answer in &answers {
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
    }
    for event in both {
        system.report(event).await.is(200);
    }
    was_paid_once(&checkout).await;
}

#[tokio::test]
async fn two_payments_for_one_plan_at_once_lose_no_paid_day() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let mut events = Vec::new();
    for _ in 0..4 {
        let checkout = ana.checkout("pro").await;
        checkout.submit(Outcome::Paid).await;
        events.push(checkout.events("checkout.session.completed").remove(0));
    }
    join_all(events.iter().map(|event| system.report(event))).await;
    for event in &events {
        let taken = async || (system.report(event).await.status == 200).then_some(());
        system.eventually("the event is taken", taken).await;
    }
    let status = ana.get("/api/access/status").await;
    let until: jiff::Timestamp = status.text_at("/expiresAt").parse().unwrap();
    let days = until.duration_since(system.now()).as_hours() / 24;
    assert_eq!(days, 119, "four times thirty days, less this moment");
}

#[tokio::test]
async fn two_payments_for_one_property_at_once_unlock_it_once() {
    let system = System::start().await;
    system.listing("1001").await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let mut events = Vec::new();
    for _ in 0..3 {
        let checkout = ana.checkout_property("1001").await;
        checkout.submit(Outcome::Paid).await;
        events.push(checkout.events("checkout.session.completed").remove(0));
    }
    join_all(events.iter().map(|event| system.report(event))).await;
    for event in &events {
        let taken = async || (system.report(event).await.status == 200).then_some(());
        system.eventually("the event is taken", taken).await;
    }
    assert_eq!(system.snapshot().await.of("Unlock").len(), 1);
    for purchase in ana.purchases().await {
        assert_eq!(purchase["status"], "paid");
    }
}

#[tokio::test]
async fn an_event_of_a_kind_that_we_do_not_listen_to_is_taken_and_does_nothing() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let before = system.snapshot().await;
    let paid = checkout.events("checkout.session.completed").remove(0);
    for kind in [
        "payment_intent.created",
        "customer.created",
        "checkout.session.invented",
        "x",
        "",
    ] {
        let answer = system.report(&another(&paid, "evt_1other", kind)).await;
        assert_eq!(answer.is(200).json, json!({ "received": true }), "{kind}");
        assert_eq!(answer.calls(), 0, "{kind}");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_event_about_no_purchase_of_ours_is_taken_and_does_nothing() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let checkout = ana.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let before = system.snapshot().await;
    let paid = checkout.events("checkout.session.completed").remove(0);
    let absent = "purch_01JD3X6Q8TKH5T0R4M2N6W9YBC";
    let (bens, anas) = (json!(ben.id), json!(ana.id));
    let metadata = paid["data"]["object"]["metadata"]
        .as_object()
        .expect("the session carries our ids");
    let name_of = |value: &Value| {
        metadata
            .iter()
            .find(|(_, held)| *held == value)
            .expect("our id")
            .0
            .clone()
    };
    let (user, purchase) = (name_of(&anas), name_of(&json!(checkout.purchase)));
    let changes: [(&str, Value); 8] = [
        (&user, bens),
        (&user, json!("user_01JD3X6Q8TKH5T0R4M2N6W9YBC")),
        (&user, json!(null)),
        (&purchase, json!(absent)),
        (&purchase, json!("")),
        (&purchase, json!("PURCHASE#x")),
        (&purchase, json!(7)),
        (&purchase, json!(null)),
    ];
    for (name, value) in changes {
        let mut event = paid.clone();
        event["data"]["object"]["metadata"][name] = value;
        system.report(&event).await.is(200);
    }
    let mut event = paid.clone();
    event["data"]["object"]["metadata"] = json!(null);
    system.report(&event).await.is(200);
    system.snapshot().await.is_unchanged_since(&before);
    assert_eq!(checkout.status().await, "pending");
}

#[tokio::test]
async fn a_payment_of_another_amount_pays_for_nothing() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let before = system.snapshot().await;
    let paid = checkout.events("checkout.session.completed").remove(0);
    for (name, value) in [
        ("amount_total", json!(998)),
        ("amount_total", json!(1000)),
        ("amount_total", json!(0)),
        ("amount_total", json!(4_294_968_295_u64)),
        ("currency", json!("idr")),
        ("currency", json!(null)),
    ] {
        let mut event = paid.clone();
        event["data"]["object"][name] = value;
        system.report(&event).await.is(200);
    }
    system.snapshot().await.is_unchanged_since(&before);
    system.report(&paid).await.is(200);
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn an_event_whose_object_is_misshapen_is_refused_and_does_nothing() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let before = system.snapshot().await;
    let paid = checkout.events("checkout.session.completed").remove(0);
    let mut misshapen = Vec::new();
    for object in [json!(null), json!([]), json!("cs_1"), json!({})] {
        let mut event = paid.clone();
        event["data"]["object"] = object;
        misshapen.push(event);
    }
    for (name, value) in [
        ("amount_total", json!(null)),
        ("amount_total", json!(-999)),
        ("amount_total", json!("999")),
        ("amount_total", json!(9.99)),
        ("payment_status", json!(null)),
        ("metadata", json!("ours")),
    ] {
        let mut event = paid.clone();
        event["data"]["object"][name] = value;
        misshapen.push(event);
    }
    for event in misshapen {
        let answer = system.report(&event).await;
        answer.is_problem(400, "event_misshapen");
        assert_eq!(answer.calls(), 0);
    }
    for id in ["", "1001", "evt_", "evt_1#2", "cs_test_1"] {
        let answer = system
            .report(&another(&paid, id, "checkout.session.completed"))
            .await;
        answer.is_problem(400, "not_an_event");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_bank_debit_that_is_reported_begun_after_it_succeeded_stays_paid() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::AsyncPaid).await;
    system.settle_debits().await;
    let kinds = [
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
    ];
    let events = kinds.map(|kind| checkout.event_id(kind));
    assert_eq!(system.stripe().deliver_in_order(&events).await, [Some(200); 2]);
    was_paid_once(&checkout).await;
}

#[tokio::test]
async fn news_in_any_order_end_the_same() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let ana = system.person("ana").await;
    let ends = [
        (&["completed", "expired", "async_payment_failed"][..], "paid"),
        (&["expired", "completed"], "paid"),
        (&["async_payment_failed", "async_payment_succeeded"], "paid"),
        (&["async_payment_succeeded", "async_payment_failed"], "paid"),
        (&["expired", "async_payment_failed", "expired"], "failed"),
        (&["async_payment_failed", "expired"], "failed"),
    ];
    for (case, (kinds, end)) in ends.into_iter().enumerate() {
        let checkout = ana.checkout("basic").await;
        checkout.submit(Outcome::Paid).await;
        let paid = checkout.events("checkout.session.completed").remove(0);
        for (turn, kind) in kinds.iter().enumerate() {
            let event = another(
                &paid,
                &format!("evt_1news{case}x{turn}"),
                &format!("checkout.session.{kind}"),
            );
            system.report(&event).await.is(200);
        }
        assert_eq!(checkout.status().await, end, "{kinds:?}");
    }
}
