//! The web client of today: it sends no file, and figures of its own that decide nothing.

use sample_leases::{Layout, doubtful_lease};
use serde_json::{Value, json};
use tests::System;
use tests::lease::{REVIEWS, pdf_of_pages};

const SUBMIT: &str = "/api/lease-verification/submit";

fn submitted(purchase: &str) -> Value {
    json!({
        "purchaseId": purchase, "propertyName": "Peachtree 1001", "finalRent": "100", "leaseSignedDate": "2026-03-01",
        "moveInDate": "2026-04-01", "leaseFileUrl": "blob:http://localhost:5000/9115d58c",
    })
}

#[tokio::test]
async fn a_lease_without_its_file_waits_for_it() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let first = ana.renter.post(SUBMIT, &submitted(&ana.purchase)).await;
    assert_eq!(first.is(200).json["success"], true);
    let id = first.text_at("/verificationId").to_owned();
    assert_eq!(ana.verification(&id).await["status"], "awaiting_upload");
    let again = ana.renter.post(SUBMIT, &submitted(&ana.purchase)).await;
    assert_eq!(again.is(200).text_at("/verificationId"), id);
    let verify = format!("/api/lease-verification/verify/{id}");
    let believed = json!({ "originalAskingRent": 2300, "predictedRent": 2100 });
    ana.renter
        .post(&verify, &believed)
        .await
        .is_problem(409, "lease_not_decided")
        .says("uploads");
    // The file, once it comes, is that verification's.
    assert_eq!(ana.upload("application/pdf", pdf_of_pages(1)).await, id);
    ana.read(&id).await;
    ana.renter
        .post(&verify, &believed)
        .await
        .is_problem(409, "lease_not_decided")
        .says("person");
    let after = ana.renter.post(SUBMIT, &submitted(&ana.purchase)).await;
    assert_eq!(after.is(200).text_at("/verificationId"), id);
}

#[tokio::test]
async fn what_a_lease_comes_to_is_reckoned_from_our_own_figures() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana
        .upload("application/pdf", doubtful_lease(&ana.terms(1800), Layout::Prose))
        .await;
    ana.read(&id).await;
    let refund = format!("/api/lease-verification/refund/{id}");
    ana.renter
        .post_nothing(&refund)
        .await
        .is_problem(409, "lease_not_decided");
    let reviewer = system.reviewer().await;
    let approval = json!({ "decision": "approve", "rent": 1800, "note": "Fine." });
    reviewer.post(&format!("{REVIEWS}/{id}"), &approval).await.is(200);
    let believed = json!({ "originalAskingRent": 99999, "predictedRent": 1 });
    let verified = ana
        .renter
        .post(&format!("/api/lease-verification/verify/{id}"), &believed)
        .await;
    let verification = &verified.is(200).json["verification"];
    assert_eq!(verification["tier"], "silver");
    assert_eq!(verification["actualSavings"], 50.0);
    assert_eq!(verification["annualSavings"], 600.0);
    assert_eq!(verification["refundPercentage"], 30);
    assert_eq!(verification["refundAmount"], 0.6);
    let money = ana.renter.post_nothing(&refund).await;
    assert_eq!(money.is(200).json["refundAmount"], 0.6);
}

#[tokio::test]
async fn a_lease_that_saves_nothing_gives_nothing_back_and_says_so() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana
        .upload("application/pdf", doubtful_lease(&ana.terms(1900), Layout::Prose))
        .await;
    ana.read(&id).await;
    let reviewer = system.reviewer().await;
    let approval = json!({ "decision": "approve", "rent": 1900, "note": "Fine." });
    reviewer.post(&format!("{REVIEWS}/{id}"), &approval).await.is(200);
    let verification = ana.verification(&id).await;
    assert_eq!(
        (&verification["tier"], &verification["refundAmount"]),
        (&json!("none"), &json!(0.0))
    );
    assert_eq!(verification["actualSavings"], 0.0);
    let refund = ana
        .renter
        .post_nothing(&format!("/api/lease-verification/refund/{id}"))
        .await;
    refund.is_problem(409, "nothing_to_refund");
    let mails = async || {
        let mails = system.mails_to(&ana.renter.email);
        mails
            .into_iter()
            .find(|mail| mail.subject == "Your lease is verified")
    };
    let mail = system.eventually("word of it", mails).await;
    assert!(mail.text.unwrap().contains("$1850.00 a month"));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    for (field, value) in [
        ("purchaseId", json!("purch_abc123")),
        ("finalRent", json!("cheap")),
        ("finalRent", json!("0")),
        ("leaseSignedDate", json!("yesterday")),
        ("leaseFileUrl", json!("")),
        ("refundAmount", json!(25)),
    ] {
        let mut wrong = submitted(&ana.purchase);
        wrong[field] = value;
        ana.renter
            .post(SUBMIT, &wrong)
            .await
            .is_problem(400, "invalid_request")
            .names(field);
    }
    ana.renter
        .post(SUBMIT, &submitted("purch_01JD3X6Q8TKH5T0R4M2N6W9YBC"))
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn a_plan_has_to_say_which_property() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let purchase = ana.buy("basic", tests::Outcome::Paid).await.purchase;
    ana.unlock("1001").await.is(201);
    let mut body = submitted(&purchase);
    ana.post(SUBMIT, &body)
        .await
        .is_problem(400, "invalid_request")
        .names("propertyId");
    body["propertyId"] = json!("1001");
    ana.post(SUBMIT, &body).await.is(200);
}
