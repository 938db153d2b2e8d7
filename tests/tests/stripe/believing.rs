//! Which events are believed. What is not, is refused before the table is touched.

use local::stripe::stripe_signature;
use serde_json::{Value, json};
use tests::stripe::WEBHOOK_SECRET;
use tests::{Answer, Checkout, Outcome, System};

/// A paid checkout whose events Stripe holds back.
async fn paid_but_not_reported(system: &System) -> Checkout<'_> {
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    checkout
}

/// The paid event as Stripe posts it: payload and signature.
fn posted(system: &System, checkout: &Checkout<'_>) -> (Vec<u8>, String) {
    let event = checkout.event_id("checkout.session.completed");
    let (payload, signature) = system.stripe().signed(&event).expect("the event");
    (payload.to_vec(), signature)
}

#[track_caller]
fn is_disbelieved(answer: &Answer, code: &str) {
    answer.is_problem(400, code);
    assert_eq!(answer.calls(), 0, "the table was touched");
}

#[tokio::test]
async fn one_changed_bit_of_the_body_is_noticed() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let before = system.snapshot().await;
    let (payload, signature) = posted(&system, &checkout);
    for position in (0..payload.len()).step_by(payload.len() / 40) {
        let mut changed = payload.clone();
        changed[position] ^= 1 << (position % 8);
        is_disbelieved(&system.webhook(changed, &signature).await, "signature_invalid");
    }
    system.snapshot().await.is_unchanged_since(&before);
    system.webhook(payload, &signature).await.is(200);
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn one_changed_digit_of_the_signature_is_noticed() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let before = system.snapshot().await;
    let (payload, signature) = posted(&system, &checkout);
    let (head, digits) = signature.split_once(",v1=").unwrap();
    for position in 0..digits.len() {
        let digit = if &digits[position..=position] == "0" {
            "1"
        } else {
            "0"
        };
        let changed = format!(
            "{head},v1={}{digit}{}",
            &digits[..position],
            &digits[position + 1..]
        );
        is_disbelieved(
            &system.webhook(payload.clone(), &changed).await,
            "signature_invalid",
        );
    }
    let seconds: i64 = head.strip_prefix("t=").unwrap().parse().unwrap();
    let earlier = format!("t={},v1={digits}", seconds - 1);
    is_disbelieved(&system.webhook(payload, &earlier).await, "signature_invalid");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_signature_of_another_time_is_refused() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let before = system.snapshot().await;
    let (payload, _) = posted(&system, &checkout);
    for seconds in [-301, -302, -86_400, 60, 3600] {
        let signature = system.signature(&payload, WEBHOOK_SECRET, seconds);
        is_disbelieved(
            &system.webhook(payload.clone(), &signature).await,
            "signature_expired",
        );
    }
    system.snapshot().await.is_unchanged_since(&before);
    let signature = system.signature(&payload, WEBHOOK_SECRET, -290);
    system.webhook(payload, &signature).await.is(200);
}

#[tokio::test]
async fn a_delivery_that_was_overheard_cannot_be_repeated_later() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let (payload, signature) = posted(&system, &checkout);
    system.advance("PT5M1S").await;
    is_disbelieved(&system.webhook(payload, &signature).await, "signature_expired");
}

#[tokio::test]
async fn a_signature_under_another_secret_is_refused() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let before = system.snapshot().await;
    let (payload, _) = posted(&system, &checkout);
    for secret in ["whsec_other", "whsec_", "", "WHSEC_LOCAL", "sk_test_local"] {
        let signature = system.signature(&payload, secret, 0);
        is_disbelieved(
            &system.webhook(payload.clone(), &signature).await,
            "signature_invalid",
        );
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn during_a_rotation_one_fitting_signature_of_several_is_enough() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let (payload, _) = posted(&system, &checkout);
    let secrets = ["whsec_retired", WEBHOOK_SECRET];
    let signature = stripe_signature(&payload, &secrets, system.now().as_second());
    system
        .webhook(payload, &format!("{signature},v0=00"))
        .await
        .is(200);
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn the_same_event_written_differently_is_another_body() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let (payload, signature) = posted(&system, &checkout);
    let event: Value = serde_json::from_slice(&payload).unwrap();
    let compact = serde_json::to_vec(&event).unwrap();
    assert_ne!(payload, compact);
    let mut with_newline = payload.clone();
    with_newline.push(b'\n');
    let crlf = String::from_utf8(payload)
        .unwrap()
        .replace('\n', "\r\n")
        .into_bytes();
    for body in [compact, with_newline, crlf] {
        is_disbelieved(&system.webhook(body, &signature).await, "signature_invalid");
    }
}

#[tokio::test]
async fn without_a_readable_signature_nothing_is_believed() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let before = system.snapshot().await;
    let (payload, signature) = posted(&system, &checkout);
    let request = system
        .request("POST", "/api/stripe/webhook")
        .header("content-type", "application/json");
    is_disbelieved(
        &system.send(request.body(payload.clone())).await,
        "signature_missing",
    );
    let (time, digits) = signature.split_once(",v1=").unwrap();
    let headers = [
        String::new(),
        "t,v1".to_owned(),
        time.to_owned(),
        format!("v1={digits}"),
        format!("{time},v0={digits}"),
        format!("t=now,v1={digits}"),
        format!("t=9223372036854775808,v1={digits}"),
        format!("{time};v1={digits}"),
        format!("{time},v1=not-hexadecimal"),
        "x".repeat(5000),
    ];
    for header in headers {
        is_disbelieved(
            &system.webhook(payload.clone(), &header).await,
            "signature_missing",
        );
    }
    for header in [
        format!("{time},v1={}", &digits[..62]),
        format!("{time},v1={digits}00"),
        format!("{time},v1="),
    ] {
        let answer = system.webhook(payload.clone(), &header).await;
        answer.is(400).is_complete_problem();
        assert_eq!(answer.calls(), 0);
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_event_of_the_live_mode_is_refused_by_a_test_system() {
    let system = System::start().await;
    let checkout = paid_but_not_reported(&system).await;
    let mut event = checkout.events("checkout.session.completed").remove(0);
    event["livemode"] = json!(true);
    is_disbelieved(&system.report(&event).await, "wrong_mode");
    assert_eq!(checkout.status().await, "pending");
}

#[tokio::test]
async fn what_is_signed_and_no_event_is_refused() {
    let system = System::start().await;
    for body in [
        json!({}),
        json!([]),
        json!("event"),
        json!({ "id": "evt_1", "type": "x" }),
        json!(null),
    ] {
        is_disbelieved(&system.report(&body).await, "not_an_event");
    }
    for body in [&b""[..], b"{", b"\xff\xfe"] {
        let signature = system.signature(body, WEBHOOK_SECRET, 0);
        let answer = system.webhook(body, &signature).await;
        is_disbelieved(&answer, "not_an_event");
    }
}

#[tokio::test]
async fn a_body_that_no_event_has_the_size_of_is_not_read() {
    let system = System::start().await;
    let body = vec![b' '; 2 * 1024 * 1024];
    let signature = system.signature(&body, WEBHOOK_SECRET, 0);
    let answer = system.webhook(body, &signature).await;
    answer.is_problem(413, "body_too_large").says("524288");
    assert_eq!(answer.calls(), 0);
}
