//! People decide on the leases that the machine would not.

use futures::future::join_all;
use sample_leases::{Layout, doubtful_lease};
use serde_json::{Value, json};
use tests::System;
use tests::lease::{REVIEWS, Unlocked, pdf_of_pages, reasons};

const PDF: &str = "application/pdf";

async fn doubtful(ana: &Unlocked<'_>) -> String {
    let id = ana
        .upload(PDF, doubtful_lease(&ana.terms(1700), Layout::Prose))
        .await;
    assert_eq!(ana.read(&id).await["status"], "needs_review");
    id
}

#[tokio::test]
async fn the_longest_waiting_comes_first_page_by_page_each_once() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    let mut waiting = Vec::new();
    for (number, name) in (1..).zip(["ana", "ben", "cleo"]) {
        let renter = system.renter_of(name, &elm).await;
        let id = renter.upload(PDF, pdf_of_pages(number)).await;
        renter.read(&id).await;
        waiting.push(id);
        system.advance("PT1M").await;
    }
    let reviewer = system.reviewer().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = reviewer.get(&format!("{REVIEWS}?limit=2{cursor}")).await;
        let leases = page.is(200).json["leaseReviews"].as_array().unwrap().clone();
        seen.extend(
            leases
                .iter()
                .map(|lease| lease["verification"]["id"].as_str().unwrap().to_owned()),
        );
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, waiting);
    reviewer
        .get(&format!("{REVIEWS}?limit=0"))
        .await
        .is_problem(400, "invalid_request")
        .names("limit");
    reviewer
        .get(&format!("{REVIEWS}?cursor=00"))
        .await
        .is_problem(400, "invalid_request")
        .names("cursor");
}

#[tokio::test]
async fn a_reviewer_sees_all_there_is_and_the_file_itself() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let file = doubtful_lease(&ana.terms(1700), Layout::Prose);
    let id = ana.upload(PDF, file.clone()).await;
    ana.read(&id).await;
    let reviewer = system.reviewer().await;
    let seen = reviewer.get(&format!("{REVIEWS}/{id}")).await;
    let lease = &seen.is(200).json;
    assert_eq!(lease["tenantName"], "Ana Maria Lopez");
    assert_eq!(lease["premises"]["address"], "1001 Peachtree St NE");
    assert_eq!(lease["askingRent"], tests::listing::ASKING);
    assert_eq!(lease["amountPaid"], 199);
    assert_eq!(lease["review"], Value::Null);
    let expires: jiff::Timestamp = lease["file"]["expiresAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        expires.duration_since(system.now()).as_mins(),
        5.min(expires.duration_since(system.now()).as_mins())
    );
    let url = lease["file"]["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Expires=300"));
    let fetched = system.request_to("GET", url).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], PDF);
    assert!(
        fetched.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(fetched.bytes().await.unwrap(), file);
}

#[tokio::test]
async fn an_approval_pays_what_the_frozen_figures_say_and_is_on_record() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = doubtful(&ana).await;
    let reviewer = system.reviewer().await;
    let path = format!("{REVIEWS}/{id}");
    let approval = json!({ "decision": "approve", "rent": 1750, "note": "The figures in digits count." });
    let approved = reviewer.post(&path, &approval).await;
    let verification = &approved.is(200).json["verification"];
    assert_eq!(verification["finalRent"], 1750);
    assert_eq!(verification["tier"], "gold");
    assert_eq!(verification["actualSavings"], 100.0);
    assert_eq!(verification["annualSavings"], 1200.0);
    assert_eq!(verification["refundPercentage"], 50);
    assert_eq!(verification["refundAmount"], 1.0);
    let seen = reviewer.get(&path).await;
    let review = &seen.is(200).json["review"];
    assert_eq!(review["reviewerId"], reviewer.id);
    assert_eq!(review["note"], "The figures in digits count.");
    assert_eq!(review["rent"], 1750);
    let queue = reviewer.get(REVIEWS).await;
    assert_eq!(queue.json["leaseReviews"], json!([]));
    // For good.
    reviewer
        .post(&path, &json!({ "decision": "reject", "note": "No." }))
        .await
        .is_problem(409, "lease_decided_before");
}

#[tokio::test]
async fn a_rejection_is_told_and_another_lease_may_be_sent() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = doubtful(&ana).await;
    let told = async |subject: &str| {
        let mails = async || {
            let mails = system.mails_to(&ana.renter.email);
            mails
                .into_iter()
                .any(|mail| mail.subject == subject)
                .then_some(())
        };
        system.eventually("a mail", mails).await;
    };
    told("A person looks at your lease").await;
    let reviewer = system.reviewer().await;
    let rejection = json!({ "decision": "reject", "note": "Another person's lease." });
    let rejected = reviewer.post(&format!("{REVIEWS}/{id}"), &rejection).await;
    assert_eq!(rejected.is(200).json["verification"]["status"], "rejected");
    let seen = ana.verification(&id).await;
    assert_eq!(reasons(&seen).last(), Some(&"reviewer_rejected"));
    assert!(
        !seen.to_string().contains("Another person's lease"),
        "the note is the reviewers'"
    );
    told("We could not accept your lease").await;
    ana.announce(PDF, &pdf_of_pages(1)).await.is(201);
}

#[tokio::test]
async fn of_twenty_decisions_at_once_one_is_made() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = doubtful(&ana).await;
    let reviewer = system.reviewer().await;
    let decide = |number: u32| {
        let body = if number.is_multiple_of(2) {
            json!({ "decision": "approve", "rent": 1700, "note": number.to_string() })
        } else {
            json!({ "decision": "reject", "note": number.to_string() })
        };
        let reviewer = reviewer.clone();
        let path = format!("{REVIEWS}/{id}");
        async move { reviewer.post(&path, &body).await }
    };
    let answers = join_all((0..20).map(decide)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)));
    assert_eq!(system.snapshot().await.of("Review").len(), 1);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana.upload(PDF, pdf_of_pages(1)).await;
    ana.read(&id).await;
    let reviewer = system.reviewer().await;
    let path = format!("{REVIEWS}/{id}");
    for (body, field) in [
        (json!({ "decision": "perhaps", "note": "x" }), "decision"),
        (json!({ "decision": "approve", "rent": 0, "note": "x" }), "rent"),
        // Nothing was found in it.
        (json!({ "decision": "approve", "note": "x" }), "rent"),
        (json!({ "decision": "reject", "rent": 1700, "note": "x" }), "rent"),
        (json!({ "decision": "reject", "note": "" }), "note"),
        (json!({ "decision": "reject" }), "note"),
        (
            json!({ "decision": "reject", "note": "x", "tier": "gold" }),
            "tier",
        ),
    ] {
        reviewer
            .post(&path, &body)
            .await
            .is_problem(400, "invalid_request")
            .names(field);
    }
}

#[tokio::test]
async fn a_repeated_decision_is_answered_as_the_first_one_was() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = doubtful(&ana).await;
    let reviewer = system.reviewer().await;
    let path = format!("{REVIEWS}/{id}");
    let body = json!({ "decision": "approve", "rent": 1700, "note": "Fine." });
    let decide = || {
        reviewer
            .request("POST", &path)
            .header("idempotency-key", "one")
            .json(&body)
    };
    let first = system.send(decide()).await;
    let again = system.send(decide()).await;
    assert_eq!(first.is(200).json, again.is(200).json);
}
