//! Refunds that failed are seen and set going again by people who may, and by nobody else.

use futures::future::join_all;
use local::wire::faults::Kind;
use serde_json::{Value, json};
use tests::lease::REFUNDS;
use tests::{Answer, Lease, Person, System};

use super::sent;

const NO_LEASE: &str = "verif_01JD3X6Q8TKH5T0R4M2N6W9YBC";

fn retry_of(lease: &str) -> String {
    format!("{REFUNDS}/{lease}/retry")
}

fn note() -> Value {
    json!({ "note": "The bank had a bad day." })
}

/// The lease is verified, and the money that went back for it comes back to us.
async fn fails(lease: &Lease<'_>) {
    let system = lease.checkout.person.system;
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    let refund = lease.refunds().last().cloned().expect("a refund");
    let id = refund["id"].as_str().expect("an id");
    system.stripe().fail_refund(id).expect("it fails");
    lease.comes_to("refund_failed").await;
}

/// The leases whose refunds failed, page by page.
async fn listed(admin: &Person<'_>, limit: u8) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{REFUNDS}?limit={limit}{cursor}")).await;
        let refunds = page.is(200).json["leaseRefunds"].as_array().expect("a list");
        let ids = refunds.iter().map(|refund| refund["verificationId"].as_str());
        seen.extend(ids.map(|id| id.expect("an id").to_owned()));
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn a_refund_that_failed_is_seen_by_an_admin_and_set_going_again_on_record() {
    let system = System::start().await;
    let lease = sent(&system).await;
    fails(&lease).await;
    let admin = system.reviewer().await;
    let seen = admin.get(REFUNDS).await;
    let refund = &seen.is(200).json["leaseRefunds"][0];
    assert_eq!(refund["verificationId"], lease.id.to_string());
    assert_eq!(refund["userId"], lease.checkout.person.id);
    assert_eq!(refund["purchaseId"], lease.checkout.purchase);
    assert_eq!(refund["paymentIntentId"], lease.payment);
    assert_eq!(refund["status"], "refund_failed");
    assert_eq!(refund["refundAmount"], 50.0);
    assert_eq!(refund["attempts"], 1);

    let retried = admin.post(&retry_of(&lease.id.to_string()), &note()).await;
    let refund = &retried.is(200).json["leaseRefund"];
    assert_eq!(refund["status"], "refund_pending");
    assert_eq!(refund["attempts"], 2);
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds().len(), 2);
    lease.agrees_with_stripe().await;
    assert_eq!(listed(&admin, 20).await, [""; 0]);
    let table = system.snapshot().await;
    let records = table.of("RefundRetry");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["admin"], admin.id);
    assert_eq!(records[0]["note"], note()["note"]);
    assert_eq!(records[0]["verification"], lease.id.to_string());
}

#[tokio::test]
async fn refunds_that_failed_come_page_by_page_each_once() {
    let system = System::start().await;
    system.listing("1001").await;
    let mut failed = Vec::new();
    for name in ["ana", "ben", "cleo"] {
        let lease = system.person(name).await.sends_lease("premium", "1001").await;
        fails(&lease).await;
        failed.push(lease.id.to_string());
        system.advance("PT1M").await;
    }
    let admin = system.reviewer().await;
    for limit in [1, 2, 3, 20] {
        assert_eq!(listed(&admin, limit).await, failed, "{limit} a page");
    }
    for (search, field) in [("limit=0", "limit"), ("cursor=00", "cursor")] {
        let refused = admin.get(&format!("{REFUNDS}?{search}")).await;
        refused.is_problem(400, "invalid_request").names(field);
    }
}

#[tokio::test]
async fn of_twenty_retries_at_once_one_is_made() {
    let system = System::start().await;
    let lease = sent(&system).await;
    fails(&lease).await;
    let admin = system.reviewer().await;
    let (path, body) = (retry_of(&lease.id.to_string()), note());
    let answers = join_all((0..20).map(|_| admin.post(&path, &body))).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(200), of(404)), (1, 19));
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds().len(), 2);
    assert_eq!(system.snapshot().await.of("RefundRetry").len(), 1);
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn a_retry_whose_answer_is_lost_and_that_is_repeated_is_one() {
    let system = System::start().await;
    let lease = sent(&system).await;
    fails(&lease).await;
    let admin = system.reviewer().await;
    let (path, body) = (retry_of(&lease.id.to_string()), note());
    let ask = async || -> Answer {
        let request = admin.request("POST", &path).header("idempotency-key", "one");
        system.send(request.json(&body)).await
    };
    let (function, call) = ("LeaseReviewFunction", "TransactWriteItems");
    system.fail_for(function, "dynamodb", call, Kind::AnswerLost, 3);
    assert!(ask().await.status >= 500);
    system.faults_struck().await;
    let repeated = ask().await;
    assert_eq!(
        repeated.is(200).json["leaseRefund"]["verificationId"],
        lease.id.to_string()
    );
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds().len(), 2);
    assert_eq!(system.snapshot().await.of("RefundRetry").len(), 1);
}

#[tokio::test]
async fn what_did_not_fail_is_not_set_going_and_a_retry_says_why() {
    let system = System::start().await;
    let lease = sent(&system).await;
    let admin = system.reviewer().await;
    let path = retry_of(&lease.id.to_string());
    admin.post(&path, &note()).await.is_problem(404, "not_found");
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    let (paid, none) = (
        admin.post(&path, &note()).await,
        admin.post(&retry_of(NO_LEASE), &note()).await,
    );
    paid.is_problem(404, "not_found");
    assert_eq!(paid.text_at("/detail"), none.text_at("/detail"));
    for (body, field) in [
        (json!({}), "note"),
        (json!({ "note": "" }), "note"),
        (json!({ "note": "x", "amount": 1 }), "amount"),
    ] {
        let refused = admin.post(&path, &body).await;
        refused.is_problem(400, "invalid_request").names(field);
    }
    assert_eq!(lease.refunds().len(), 1);
    assert!(system.snapshot().await.of("RefundRetry").is_empty());
}

#[tokio::test]
async fn other_people_landlords_and_agents_see_nothing_of_it_and_set_nothing_going() {
    let system = System::start().await;
    let lease = sent(&system).await;
    fails(&lease).await;
    let id = lease.id.to_string();
    for role in ["renter", "landlord", "agent"] {
        let other = system.person(role).await;
        let choice = json!({ "userType": role });
        other.patch("/api/auth/user-type", &choice).await.is(200);
        let ask = async |id: &str| {
            let path = format!("/api/lease-verification/refund/{id}");
            other.post_nothing(&path).await
        };
        let (theirs, none) = (ask(&id).await, ask(NO_LEASE).await);
        theirs.is_problem(404, "not_found");
        assert_eq!(theirs.text_at("/detail"), none.text_at("/detail"));
        other.get(REFUNDS).await.is_problem(403, "wrong_role");
        let retried = other.post(&retry_of(&id), &note()).await;
        retried.is_problem(403, "wrong_role");
    }
    system.get(REFUNDS).await.is(401);
    system.post(&retry_of(&id), &note()).await.is(401);
    // Nor does its owner by the way of those who may.
    let owner = &lease.checkout.person;
    owner.get(REFUNDS).await.is_problem(403, "wrong_role");
    let retried = owner.post(&retry_of(&id), &note()).await;
    retried.is_problem(403, "wrong_role");
    system.at_rest().await;
    assert_eq!(
        (lease.refunds().len(), lease.status().await),
        (1, "refund_failed".into())
    );
}
