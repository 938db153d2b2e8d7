//! `POST /api/lease-verification/uploads`

use futures::future::join_all;
use serde_json::{Value, json};
use tests::lease::{UPLOADS, pdf_of_pages, reasons};
use tests::{Outcome, System};

const PDF: &str = "application/pdf";

#[tokio::test]
async fn the_answer_says_where_and_how_to_send_the_file() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let file = pdf_of_pages(1);
    let announced = ana.announce(PDF, &file).await;
    announced.is(201);
    let upload = &announced.json["upload"];
    assert_eq!(upload["method"], "PUT");
    let expires: jiff::Timestamp = upload["expiresAt"].as_str().unwrap().parse().unwrap();
    let good = expires.duration_since(system.now()).as_secs();
    assert!((300..=900).contains(&good), "{good}");
    let id = announced.text_at("/verificationId");
    let verification = ana.verification(id).await;
    assert_eq!(verification["status"], "awaiting_upload");
    for (nothing, field) in [
        (Value::Null, "finalRent"),
        (Value::Null, "tier"),
        (json!(0.0), "refundAmount"),
    ] {
        assert_eq!(verification[field], nothing, "{field}");
    }
    let status = ana
        .renter
        .get(&format!("/api/lease-verification/status/{}", ana.purchase))
        .await;
    assert_eq!(status.is(200).json["hasVerification"], true);
    assert_eq!(status.json["verification"]["id"], id);
    // The name of the file is in neither the link nor the table.
    assert!(!upload["url"].as_str().unwrap().contains("signed"));
    system.send_file(&announced, file).await.is(200);
    ana.read(id).await;
}

#[tokio::test]
async fn the_link_takes_the_announced_bytes_and_no_others() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let file = pdf_of_pages(1);
    let announced = ana.announce(PDF, &file).await;
    let mut other = file.clone();
    let last = other.len() - 1;
    other[last] = b' ';
    let refused = system.send_file(&announced, other).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text);
    let longer = [file.clone(), b"\n".to_vec()].concat();
    let refused = system.send_file(&announced, longer).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text);
    let url = announced.json["upload"]["url"].as_str().unwrap();
    let without_hash = system
        .request_to("PUT", url)
        .header("content-type", PDF)
        .body(file.clone());
    assert_eq!(system.send(without_hash).await.status, 403);
    let id = announced.text_at("/verificationId");
    assert_eq!(ana.verification(id).await["status"], "awaiting_upload");
    system.send_file(&announced, file).await.is(200);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let good = ana.announcement(PDF, b"lease");
    for (field, value) in [
        ("purchaseId", json!("purch_abc123")),
        ("propertyId", json!("a b")),
        ("fileName", json!("")),
        ("fileName", json!("x".repeat(256))),
        ("contentType", json!("application/msword")),
        ("contentType", json!({ "application/pdf": null })),
        ("size", json!(0)),
        ("size", json!(10 * 1024 * 1024 + 1)),
        ("sha256", json!("00")),
        ("amount", json!(1)),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value.clone();
        ana.renter
            .post(UPLOADS, &wrong)
            .await
            .is_problem(400, "invalid_request")
            .names(field);
        if field == "amount" {
            continue;
        }
        let mut missing = good.clone();
        missing.as_object_mut().unwrap().remove(field);
        ana.renter
            .post(UPLOADS, &missing)
            .await
            .is_problem(400, "invalid_request")
            .names(field);
    }
    let mut whole = good.clone();
    whole["size"] = json!(10 * 1024 * 1024);
    ana.renter.post(UPLOADS, &whole).await.is(201);
}

#[tokio::test]
async fn only_a_purchase_that_is_open_and_unlocked_the_property_has_a_guarantee() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    system.listing("1002").await;
    let file = pdf_of_pages(1);
    // Another property.
    let mut wish = ana.announcement(PDF, &file);
    wish["propertyId"] = json!("1002");
    ana.renter
        .post(UPLOADS, &wish)
        .await
        .is_problem(409, "property_not_unlocked");
    // A purchase that is not paid.
    let pending = ana.renter.checkout_property("1002").await;
    wish["purchaseId"] = json!(pending.purchase);
    ana.renter
        .post(UPLOADS, &wish)
        .await
        .is_problem(409, "purchase_not_open");
    // Somebody else's, and none.
    let ben = system.person("ben").await;
    let wish = ana.announcement(PDF, &file);
    let others = ben.post(UPLOADS, &wish).await;
    others.is_problem(404, "not_found");
    let mut none = wish.clone();
    none["purchaseId"] = json!("purch_01JD3X6Q8TKH5T0R4M2N6W9YBC");
    assert_eq!(
        ben.post(UPLOADS, &none).await.text_at("/detail"),
        others.text_at("/detail")
    );
    // One whose money went back.
    let payments = system.stripe().payment_intents();
    let payment = payments[0]["id"].as_str().unwrap();
    system.stripe().refund(payment, None).unwrap();
    system.at_rest().await;
    ana.renter
        .post(UPLOADS, &wish)
        .await
        .is_problem(409, "purchase_not_open");
}

#[tokio::test]
async fn a_plan_has_a_guarantee_for_one_of_the_properties_that_it_unlocked() {
    let system = System::start().await;
    let (elm, oak) = (system.listing("1001").await, system.listing("1002").await);
    let ana = system.person("ana").await;
    let purchase = ana.buy("basic", Outcome::Paid).await.purchase;
    ana.unlock("1001").await.is(201);
    let unlocked = |listing| tests::lease::Unlocked {
        renter: ana.clone(),
        purchase: purchase.clone(),
        listing,
    };
    unlocked(oak.clone())
        .announce(PDF, b"lease")
        .await
        .is_problem(409, "property_not_unlocked");
    let id = unlocked(elm).upload(PDF, pdf_of_pages(1)).await;
    ana.unlock("1002").await.is(201);
    let second = unlocked(oak).announce(PDF, b"lease").await;
    second.is_problem(409, "lease_sent_before").says(&id);
}

#[tokio::test]
async fn fifty_announcements_at_once_are_one_verification() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let file = pdf_of_pages(1);
    let answers = join_all((0..50).map(|_| ana.announce(PDF, &file))).await;
    let mut ids: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.text_at("/verificationId").to_owned())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| [201, 409, 503].contains(&answer.status))
    );
    let verifications = system.snapshot().await;
    assert_eq!(verifications.of("Verification").len(), 1);
}

#[tokio::test]
async fn another_file_takes_the_place_of_one_that_has_not_come() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let first = ana.announce(PDF, &pdf_of_pages(1)).await;
    let second = ana.announce(PDF, &pdf_of_pages(2)).await;
    let (first_id, second_id) = (
        first.text_at("/verificationId"),
        second.text_at("/verificationId"),
    );
    assert_ne!(first_id, second_id);
    let given_up = ana.verification(first_id).await;
    assert_eq!(given_up["status"], "rejected");
    assert_eq!(reasons(&given_up), ["file_not_sent"]);
    // A file that comes for it all the same is never read.
    system.send_file(&first, pdf_of_pages(1)).await.is(200);
    system.at_rest().await;
    assert_eq!(ana.verification(first_id).await, given_up);
    let status = ana
        .renter
        .get(&format!("/api/lease-verification/status/{}", ana.purchase))
        .await;
    assert_eq!(status.json["verification"]["id"], second_id);
    assert!(
        system
            .mails_to(&ana.renter.email)
            .iter()
            .all(|mail| !mail.subject.contains("lease"))
    );
}

#[tokio::test]
async fn a_lease_is_begun_ten_times_at_most() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    for pages in 1..=10 {
        ana.announce(PDF, &pdf_of_pages(pages)).await.is(201);
    }
    let eleventh = ana.announce(PDF, &pdf_of_pages(11)).await;
    eleventh.is_problem(409, "lease_begun_too_often");
    // The tenth is still awaited.
    ana.announce(PDF, &pdf_of_pages(10)).await.is(201);
}

#[tokio::test]
async fn a_file_is_good_for_one_purchase_of_one_person() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    let oak = system.listing("1002").await;
    let ana = system.renter_of("ana", &elm).await;
    let ben = system.renter_of("ben", &elm).await;
    let mut second = ana.clone();
    second.purchase = ana.renter.buy_property("1002").await.purchase;
    second.listing = oak;
    let file = pdf_of_pages(1);
    // Announced while the other is not read yet, so that the race is decided when the files arrive.
    let bens = ben.announce(PDF, &file).await;
    let id = ana.upload(PDF, file.clone()).await;
    ana.read(&id).await;
    system.send_file(&bens, file.clone()).await.is(200);
    let refused = ben.read(bens.text_at("/verificationId")).await;
    assert_eq!(refused["status"], "rejected");
    assert_eq!(reasons(&refused), ["file_seen_before"]);
    // Announced later it is refused at once.
    ben.announce(PDF, &file)
        .await
        .is_problem(409, "lease_file_seen_before");
    second
        .announce(PDF, &file)
        .await
        .is_problem(409, "lease_file_seen_before");
    // The same person, for the same purchase and property, gets the same verification.
    let again = ana.announce(PDF, &file).await;
    assert_eq!(again.is(200).text_at("/verificationId"), id);
    assert_eq!(again.json["upload"], Value::Null);
}

#[tokio::test]
async fn a_repeated_request_is_the_same_announcement() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let wish = ana.announcement(PDF, &pdf_of_pages(1));
    let ask = |key: &str| {
        ana.renter
            .request("POST", UPLOADS)
            .header("idempotency-key", key)
            .json(&wish)
    };
    let first = system.send(ask("one")).await;
    let again = system.send(ask("one")).await;
    assert_eq!(first.is(201).json, again.is(201).json);
    assert_eq!(again.header("idempotent-replayed"), "true");
}
