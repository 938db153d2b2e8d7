//! Nothing stands still, and nothing is kept for longer than it must be.

use local::wire::faults::Kind;
use sample_leases::{Layout, doubtful_lease, lease};
use serde_json::Value;
use tests::System;
use tests::lease::{pdf_of_pages, reasons};

const PDF: &str = "application/pdf";
const SWEEPER: &str = "LeaseSweeperFunction";

#[tokio::test]
async fn a_file_that_does_not_come_is_given_up_and_another_one_may() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let announced = ana.announce(PDF, &pdf_of_pages(1)).await;
    let id = announced.text_at("/verificationId");
    system.advance("PT20M").await;
    system.run(SWEEPER).await;
    assert_eq!(ana.verification(id).await["status"], "awaiting_upload");
    system.advance("PT10M").await;
    system.run(SWEEPER).await;
    let given_up = ana.verification(id).await;
    assert_eq!(given_up["status"], "rejected");
    assert_eq!(reasons(&given_up), ["file_not_sent"]);
    let again = ana.announce(PDF, &pdf_of_pages(1)).await;
    assert_ne!(again.is(201).text_at("/verificationId"), id);
}

#[tokio::test]
async fn a_lease_that_is_read_for_too_long_goes_to_a_person() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    // Textract answers nobody, for as long as it takes.
    system.fail("textract", "GetDocumentAnalysis", Kind::InternalError, 1000);
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    let processing = async || (ana.verification(&id).await["status"] == "processing").then_some(());
    system.eventually("the lease is being read", processing).await;
    system.advance("PT9M").await;
    system.run(SWEEPER).await;
    assert_eq!(ana.verification(&id).await["status"], "processing");
    system.advance("PT2M").await;
    system.run(SWEEPER).await;
    let timed_out = ana.verification(&id).await;
    assert_eq!(timed_out["status"], "needs_review");
    assert_eq!(reasons(&timed_out), ["reading_timed_out"]);
}

#[tokio::test]
async fn a_job_whose_end_nobody_told_is_asked_once_more() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    // Each of the three tries of the function that is told fails.
    system.fail_for(
        "LeaseExtractFunction",
        "textract",
        "GetDocumentAnalysis",
        Kind::InternalError,
        9,
    );
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    system.faults_struck().await;
    system.at_rest().await;
    assert_eq!(ana.verification(&id).await["status"], "processing");
    system.advance("PT11M").await;
    system.run(SWEEPER).await;
    let read = ana.read(&id).await;
    assert_ne!(read["evidence"], Value::Null);
    assert!(!reasons(&read).contains(&"reading_timed_out"));
}

#[tokio::test]
async fn ninety_days_after_the_decision_the_file_and_what_was_found_are_gone() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana
        .upload(PDF, doubtful_lease(&ana.terms(1700), Layout::Prose))
        .await;
    ana.read(&id).await;
    let reviewer = system.reviewer().await;
    let review = format!("{}/{id}", tests::lease::REVIEWS);
    let seen = reviewer.get(&review).await;
    let link = seen.is(200).text_at("/file/url").to_owned();
    let fetch = async || system.send(system.request_to("GET", &link)).await.status;
    assert_eq!(fetch().await, 200);
    let decision = serde_json::json!({ "decision": "approve", "rent": 1700, "note": "Read by me." });
    reviewer.post(&review, &decision).await.is(200);
    let decided = ana.verification(&id).await;
    system.advance("P89D").await;
    system.run(SWEEPER).await;
    let ana = tests::lease::Unlocked {
        renter: ana.renter.on_another_device().await,
        ..ana
    };
    assert_eq!(ana.verification(&id).await["evidence"], decided["evidence"]);
    assert_eq!(fetch().await, 200);
    system.advance("P2D").await;
    system.run(SWEEPER).await;
    let forgotten = ana.verification(&id).await;
    assert_eq!(forgotten["evidence"], Value::Null);
    assert_eq!(forgotten["finalRent"], 1700);
    assert_eq!(fetch().await, 404);
    let reviewer = reviewer.on_another_device().await;
    assert_eq!(reviewer.get(&review).await.is(200).json["file"], Value::Null);
}

#[tokio::test]
async fn the_files_of_an_account_that_is_gone_are_deleted_and_nobody_elses() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    let (ana, ben) = (
        system.renter_of("ana", &elm).await,
        system.renter_of("ben", &elm).await,
    );
    let reviewer = system.reviewer().await;
    let mut links = Vec::new();
    for (renter, pages) in [(&ana, 1), (&ben, 2)] {
        let id = renter.upload(PDF, pdf_of_pages(pages)).await;
        renter.read(&id).await;
        let seen = reviewer.get(&format!("{}/{id}", tests::lease::REVIEWS)).await;
        links.push(seen.is(200).text_at("/file/url").to_owned());
    }
    let user_id = ana.renter.id.parse().unwrap();
    system.tell(domain::event::Fact::AccountDeleted { user_id }).await;
    let status = async |link: &str| system.send(system.request_to("GET", link)).await.status;
    let gone = async || (status(&links[0]).await == 404).then_some(());
    system.eventually("the file is deleted", gone).await;
    assert_eq!(status(&links[1]).await, 200);
}
