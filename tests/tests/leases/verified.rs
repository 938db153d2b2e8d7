//! Leases that a machine decides on, and those that it must not.

use jiff::SignedDuration;
use sample_leases::{Layout, Terms, doubtful_lease, lease, unsigned_lease};
use tests::System;
use tests::lease::{Unlocked, reasons};

const PDF: &str = "application/pdf";

#[tokio::test]
async fn a_clear_lease_is_verified_with_its_evidence() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    let verification = ana.read(&id).await;
    assert_ne!(verification["status"], "needs_review", "{verification}");
    assert_eq!(verification["finalRent"], 1700);
    assert_eq!(verification["tier"], "gold");
    assert_eq!(verification["refundAmount"], 1.0);
    let rent = &verification["evidence"]["rents"][0];
    assert_eq!(rent["value"], 1700);
    assert!(
        rent["page"].as_u64() >= Some(1) && rent["bounds"]["width"].as_f64() > Some(0.0),
        "{rent}"
    );
}

/// Holds a lease to go to a person, for this reason among others, and to pay nothing.
async fn goes_to_a_person(ana: &Unlocked<'_>, file: Vec<u8>, reason: &str) {
    let id = ana.upload(PDF, file).await;
    let verification = ana.read(&id).await;
    assert_eq!(verification["status"], "needs_review", "{reason}: {verification}");
    assert!(
        reasons(&verification).contains(&reason),
        "{reason}: {verification}"
    );
    assert_eq!(verification["refundAmount"], 0.0);
    assert_eq!(verification["finalRent"], serde_json::Value::Null);
}

#[tokio::test]
async fn what_makes_a_lease_doubtful_is_named() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    let of = |ana: &Unlocked<'_>, change: fn(&mut Terms)| {
        let mut terms = ana.terms(1700);
        change(&mut terms);
        lease(&terms, Layout::Prose)
    };
    let ana = system.renter_of("words", &elm).await;
    goes_to_a_person(
        &ana,
        doubtful_lease(&ana.terms(1700), Layout::Prose),
        "words_differ_from_digits",
    )
    .await;
    let ana = system.renter_of("unsigned", &elm).await;
    goes_to_a_person(
        &ana,
        unsigned_lease(&ana.terms(1700), Layout::Prose),
        "signature_missing",
    )
    .await;
    let ana = system.renter_of("somebody", &elm).await;
    let file = of(&ana, |terms| terms.tenants = vec!["Boris Quill".to_owned()]);
    goes_to_a_person(&ana, file, "tenant_differs").await;
    let ana = system.renter_of("elsewhere", &elm).await;
    let file = of(&ana, |terms| terms.home.street = "77 Birch Avenue".to_owned());
    goes_to_a_person(&ana, file, "address_differs").await;
    let ana = system.renter_of("early", &elm).await;
    let file = of(&ana, |terms| {
        let month = SignedDuration::from_hours(24 * 30);
        terms.signed = terms.signed.checked_sub(month).unwrap();
    });
    goes_to_a_person(&ana, file, "signed_before_purchase").await;
}
