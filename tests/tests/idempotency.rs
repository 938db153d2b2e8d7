//! `Idempotency-Key`: a request that is repeated is done once.

use std::collections::BTreeSet;

use futures::future::join_all;
use local::wire::faults::{Fault, Kind};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::death::{LEASE_OVER, survives};
use tests::person::PASSWORD;
use tests::{Answer, Outcome, Person, System};

const CHECKOUT: &str = "/api/payments/create-checkout";
const UNLOCK: &str = "/api/access/unlock-property";
const SIGN_UP: &str = "/api/auth/signup";
const SIGN_IN: &str = "/api/auth/signin";
const KEY: &str = "5f9c1b1e-8d0f-4c9e-9d38-4f6c0a2b7d11";

/// The request under a key.
fn keyed(request: RequestBuilder, key: &str, body: &Value) -> RequestBuilder {
    request.header("idempotency-key", key).json(body)
}

async fn checkout(person: &Person<'_>, key: &str, plan: &str) -> Answer {
    let request = person.request("POST", CHECKOUT);
    let wish = json!({ "planId": plan });
    person.system.send(keyed(request, key, &wish)).await
}

async fn sign_up(system: &System, key: &str, email: &str) -> Answer {
    let new = json!({ "email": email, "password": PASSWORD });
    system
        .send(keyed(system.request("POST", SIGN_UP), key, &new))
        .await
}

/// The calls that functions made to Stripe.
fn calls_to_stripe(system: &System) -> u64 {
    let crossed = system.platform.faults().boundaries();
    let to_stripe = crossed
        .into_iter()
        .filter(|(boundary, _)| boundary.service == "stripe");
    to_stripe.map(|(_, times)| times).sum()
}

/// Holds all answers to be one: a first and its replays.
fn are_one(answers: &[Answer], status: u16) {
    let texts: BTreeSet<&str> = answers
        .iter()
        .map(|answer| answer.is(status).text.as_str())
        .collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let first = answers
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(first.count(), 1);
}

#[tokio::test]
async fn a_hundred_checkouts_with_one_key_at_once_are_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let answers = join_all((0..100).map(|_| checkout(&ana, KEY, "basic"))).await;
    are_one(&answers, 200);
    assert_eq!(calls_to_stripe(&system), 1);
    assert_eq!(system.stripe().checkout_sessions().len(), 1);
    let purchases = ana.purchases().await;
    assert_eq!(purchases.len(), 1);
    assert_eq!(purchases[0]["id"], answers[0].text_at("/purchaseId"));
    are_one(&[checkout(&ana, "another", "basic").await], 200);
    assert_eq!(ana.purchases().await.len(), 2);
}

#[tokio::test]
async fn a_hundred_sign_ups_with_one_key_at_once_are_one_and_all_are_signed_in() {
    let system = System::start().await;
    let answers = join_all((0..100).map(|_| sign_up(&system, KEY, "ana@example.com"))).await;
    are_one(&answers, 201);
    assert_eq!(system.snapshot().await.of("Account").len(), 1);
    let cookies: BTreeSet<&str> = answers.iter().map(|answer| answer.header("set-cookie")).collect();
    assert_eq!(cookies.len(), 1);
    assert!(
        cookies
            .iter()
            .all(|cookie| cookie.contains(answers[0].text_at("/token")))
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.header("content-type") == "application/json")
    );
    let ana = Person::signed_in(&system, &answers[99]);
    assert_eq!(ana.me().await["email"], "ana@example.com");
    // Without the key it is a second account for the address.
    system
        .sign_up("ana@example.com")
        .await
        .is_problem(409, "email_taken");
}

#[tokio::test]
async fn a_repeated_sign_in_opens_one_session() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let given = json!({ "email": ana.email, "password": PASSWORD });
    let request = || keyed(system.request("POST", SIGN_IN), KEY, &given);
    let answers = [system.send(request()).await, system.send(request()).await];
    are_one(&answers, 200);
    assert_eq!(ana.get("/api/auth/sessions").await.is(200).json["total"], 2);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused_and_changes_nothing() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    checkout(&ana, KEY, "basic").await.is(200);
    let before = system.snapshot().await;
    checkout(&ana, KEY, "pro")
        .await
        .is_problem(422, "idempotency_key_reused");
    system.snapshot().await.is_unchanged_since(&before);
    sign_up(&system, KEY, "ben@example.com").await.is(201);
    sign_up(&system, KEY, "eva@example.com")
        .await
        .is_problem(422, "idempotency_key_reused");
    assert_eq!(system.snapshot().await.of("Account").len(), 2);
}

#[tokio::test]
async fn a_key_belongs_to_one_person_and_one_route() {
    let system = System::start().await;
    system.listing("1001").await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let (of_ana, of_ben) = (checkout(&ana, KEY, "pro").await, checkout(&ben, KEY, "pro").await);
    assert_ne!(of_ana.is(200).text, of_ben.is(200).text);
    assert_eq!((ana.purchases().await.len(), ben.purchases().await.len()), (1, 1));
    ana.buy("pro", Outcome::Paid).await;
    let wish = json!({ "propertyId": "1001" });
    let unlock = async || system.send(keyed(ana.request("POST", UNLOCK), KEY, &wish)).await;
    are_one(&[unlock().await, unlock().await], 201);
    // Once signed out, the answer is nobody's to have.
    ana.post_nothing("/api/auth/signout").await.is(204);
    checkout(&ana, KEY, "pro")
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_whether_or_not_it_has_been_deleted() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let first = checkout(&ana, KEY, "basic").await;
    system.advance("PT23H59M").await;
    assert_eq!(checkout(&ana, KEY, "basic").await.text, first.is(200).text);
    let record = system.snapshot().await.of("IdempotentRequest")[0].clone();
    system.advance("PT1M").await;
    // As if DynamoDB had not found the time yet.
    let (client, table) = system.dynamodb();
    let put = client.put_item().table_name(table);
    put.set_item(Some(serde_dynamo::to_item(record).unwrap()))
        .send()
        .await
        .unwrap();
    let later = checkout(&ana, KEY, "pro").await;
    assert_ne!(later.is(200).text_at("/purchaseId"), first.text_at("/purchaseId"));
    assert_eq!(ana.purchases().await.len(), 2);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for (plan, status) in [("landlord_pro", 403), ("no_such_plan", 400)] {
        checkout(&ana, KEY, plan).await.is(status);
    }
    checkout(&ana, KEY, "basic").await.is(200);
    let given = |password: &str| json!({ "email": ana.email, "password": password });
    for (password, status) in [("not my password", 401), (PASSWORD, 200)] {
        let request = system.request("POST", SIGN_IN);
        system
            .send(keyed(request, KEY, &given(password)))
            .await
            .is(status);
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused_by_name() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = system.snapshot().await;
    let long = "k".repeat(256);
    for key in ["", "two words", "\u{fc}", &long] {
        checkout(&ana, key, "basic")
            .await
            .is_problem(400, "invalid_request")
            .names("Idempotency-Key");
    }
    let twice = keyed(
        ana.request("POST", CHECKOUT),
        "one",
        &json!({ "planId": "basic" }),
    );
    let answer = system.send(twice.header("idempotency-key", "two")).await;
    answer.is_problem(400, "invalid_request").names("Idempotency-Key");
    system.snapshot().await.is_unchanged_since(&before);
    checkout(&ana, &long[1..], "basic").await.is(200);
}

#[tokio::test]
async fn while_the_first_request_is_at_work_the_others_are_told_to_come_again() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.at_rest().await;
    // It dies at Stripe, and leaves its claim behind.
    let fault = Fault::of("stripe", "", Kind::DeathBefore);
    system.platform.faults().arm(fault);
    checkout(&ana, KEY, "basic").await.is(500);
    let answer = checkout(&ana, KEY, "basic").await;
    answer.is_problem(409, "idempotency_in_progress");
    assert!(!answer.header("retry-after").is_empty());
    system.advance(LEASE_OVER).await;
    checkout(&ana, KEY, "basic").await.is(200);
    assert_eq!(ana.purchases().await.len(), 1);
}

#[tokio::test]
async fn while_stripe_does_not_answer_a_repetition_goes_on_with_the_same_purchase() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.fail("stripe", "", Kind::AnswerLost, 3);
    checkout(&ana, KEY, "basic").await.is_problem(503, "unavailable");
    checkout(&ana, KEY, "pro")
        .await
        .is_problem(422, "idempotency_key_reused");
    let answer = checkout(&ana, KEY, "basic").await;
    assert_eq!(system.stripe().checkout_sessions().len(), 1);
    let purchases = ana.purchases().await;
    assert_eq!(purchases.len(), 1);
    assert_eq!(purchases[0]["id"], answer.is(200).text_at("/purchaseId"));
}

async fn nobody(system: &System) -> Person<'_> {
    system.person("zoe").await
}

/// Somebody new signs up. Whether it was done: else the function has died.
async fn somebody_signs_up(other: &Person<'_>) -> bool {
    let answer = sign_up(other.system, KEY, "ana@example.com").await;
    if answer.status == 500 {
        return false;
    }
    answer.is(201);
    true
}

#[tokio::test]
async fn a_sign_up_that_dies_anywhere_and_is_repeated_is_one_account() {
    survives("SessionsFunction", &["dynamodb"], nobody, somebody_signs_up).await;
}

#[tokio::test]
async fn a_dump_of_the_table_holds_no_token_and_nothing_to_guess_a_password_by() {
    let system = System::start().await;
    let ana = Person::signed_in(&system, sign_up(&system, KEY, "ana@example.com").await.is(201));
    let given = json!({ "email": ana.email, "password": PASSWORD });
    let signed_in = system
        .send(keyed(system.request("POST", SIGN_IN), KEY, &given))
        .await;
    let snapshot = system.snapshot().await;
    assert_eq!(snapshot.of("IdempotentRequest").len(), 2);
    for token in [ana.token.as_str(), signed_in.is(200).text_at("/token")] {
        // The ids in front are no secret; the last 64 digits are.
        let (_, secret) = token.split_at(token.len() - 64);
        assert!(!snapshot.mentions(secret));
    }
    assert!(!snapshot.mentions(PASSWORD) && !snapshot.mentions(KEY));
}
