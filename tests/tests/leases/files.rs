//! Files that prove nothing: each comes to its own end, and none keeps anybody waiting.

use std::sync::atomic::Ordering;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use sample_leases::{Layout, lease, refused, scan};
use tests::System;
use tests::lease::{UPLOADS, Unlocked, pdf_of_pages, reasons};

use crate::system::binaries;

const PDF: &str = "application/pdf";
const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const OCR: &str = "LeaseOcrFunction";
/// The most bytes that a lease may have.
const MOST_BYTES: usize = 10 * 1024 * 1024;
/// What a small file unpacks to, in bytes, that is made to do harm.
const BOMB: u64 = 4 << 30;

/// The reason for which a file is turned away.
async fn turned_away(ana: &Unlocked<'_>, content_type: &str, bytes: Vec<u8>) -> String {
    let id = ana.upload(content_type, bytes).await;
    ends_for(ana, &id, "rejected").await
}

/// The one reason for which a lease ends in this state, which its renter is told in a sentence.
async fn ends_for(ana: &Unlocked<'_>, id: &str, status: &str) -> String {
    let verification = ana.read(id).await;
    assert_eq!(verification["status"], status, "{verification}");
    let reason = &verification["reasons"][0];
    assert!(reason["detail"].as_str().unwrap().len() > 10);
    reasons(&verification).join(" ")
}

#[tokio::test]
async fn each_bad_file_is_turned_away_for_its_own_reason() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    let ana = system.renter_of("ana", &elm).await;
    let terms = ana.terms(1700);
    let archive = b"PK\x03\x04....PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let pdf_and_archive = [lease(&terms, Layout::Prose), archive.to_vec()].concat();
    let files = [
        (
            "encrypted",
            PDF,
            refused::encrypted(&terms, "1234"),
            "file_encrypted",
        ),
        ("locked", PDF, refused::locked(&terms, "1234"), "file_encrypted"),
        (
            "png-and-pdf",
            PNG,
            refused::png_and_pdf(&terms),
            "file_type_unsupported",
        ),
        (
            "html-and-pdf",
            PDF,
            refused::html_and_pdf(&terms),
            "file_type_unsupported",
        ),
        ("pdf-and-archive", PDF, pdf_and_archive, "file_type_unsupported"),
        ("pages", PDF, refused::fifty_one_pages(&terms), "too_many_pages"),
        ("half", PDF, refused::half(&terms), "file_damaged"),
        ("half-a-jpeg", JPEG, scan::half_a_jpeg().unwrap(), "file_damaged"),
        (
            "bomb-of-objects",
            PDF,
            refused::bomb_of_objects(BOMB),
            "file_damaged",
        ),
        ("docx", PDF, refused::docx(&terms).unwrap(), "word_document"),
        ("doc", PDF, refused::doc(), "word_document"),
        ("gif", PNG, b"GIF89a".to_vec(), "file_type_unsupported"),
    ];
    for (name, content_type, bytes, reason) in files {
        let ben = system.renter_of(name, &elm).await;
        assert_eq!(turned_away(&ben, content_type, bytes).await, reason, "{name}");
    }
    // None of them was given to Textract.
    let calls = system.platform.ledger().totals();
    assert!(
        calls.keys().all(|function| !function.contains("LeaseExtract")),
        "{calls:?}"
    );
}

#[tokio::test]
async fn nothing_and_one_byte_too_many_are_not_even_announced() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let terms = ana.terms(1700);
    for bytes in [refused::empty(), refused::one_byte_too_many(&terms)] {
        let announcement = ana.announcement(PDF, &bytes);
        let answer = ana.renter.post(UPLOADS, &announcement).await;
        answer.is_problem(400, "invalid_request").names("size");
    }
}

#[tokio::test]
async fn a_file_that_is_larger_than_announced_is_turned_away_unread() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let mut file = refused::one_byte_too_many(&ana.terms(1700));
    let larger = file.clone();
    file.truncate(MOST_BYTES);
    let announced = ana.announce(PDF, &file).await;
    let id = announced.text_at("/verificationId");
    assert_eq!(system.send_file(&announced, larger.clone()).await.status / 100, 4);
    // However it gets there.
    let bucket = &system.platform.lambda().function(OCR).unwrap().environment;
    // A function's time limits are meant for what a function sends.
    let config = aws_sdk_s3::config::Builder::from(&system.platform.runtime().aws("S3").unwrap())
        .timeout_config(TimeoutConfig::disabled())
        .build();
    let put = aws_sdk_s3::Client::from_conf(config)
        .put_object()
        .bucket(bucket.get("LEASES_BUCKET").unwrap())
        .key(format!("leases/{}/{id}", ana.renter.id))
        .body(ByteStream::from(larger));
    put.send().await.unwrap();
    assert_eq!(ends_for(&ana, id, "rejected").await, "file_too_large");
}

#[tokio::test]
async fn a_page_that_unpacks_to_gigabytes_goes_to_a_person() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    for (name, file) in [
        ("ana", refused::bomb(BOMB)),
        ("ben", refused::bomb_in_a_bomb(BOMB)),
    ] {
        let renter = system.renter_of(name, &elm).await;
        let id = renter.upload(PDF, file).await;
        assert_eq!(ends_for(&renter, &id, "needs_review").await, "reading_failed");
    }
}

/// The function has more memory than this many times what it may hold.
const SHARE: u64 = 4;

#[tokio::test]
#[cfg(target_os = "linux")]
async fn no_file_makes_the_function_hold_more_than_a_quarter_of_its_memory() {
    let (product, peak) = binaries::measured(OCR);
    let system = System::running(product).await;
    let elm = system.listing("1001").await;
    let definition = &system.platform.lambda().function(OCR).unwrap().definition;
    let memory = u64::from(definition.memory) * 1024 * 1024;
    let ana = system.renter_of("ana", &elm).await;
    let mut large = refused::one_byte_too_many(&ana.terms(1700));
    large.truncate(MOST_BYTES);
    for (name, file, status) in [
        ("large", large, "verified"),
        ("pages", refused::pages(&ana.terms(1650), 50), "verified"),
        ("bomb", refused::bomb(BOMB), "needs_review"),
        ("bomb-in-a-bomb", refused::bomb_in_a_bomb(BOMB), "needs_review"),
        ("bomb-of-objects", refused::bomb_of_objects(BOMB), "rejected"),
    ] {
        let renter = system.renter_of(name, &elm).await;
        let id = renter.upload(PDF, file).await;
        let verification = renter.read(&id).await;
        // What a verified lease earns is on its way at once, and may be before anybody looks.
        let decided = match verification["status"].as_str() {
            Some("refund_pending" | "refunded") => "verified",
            decided => decided.unwrap_or_default(),
        };
        assert_eq!(decided, status, "{name}: {verification}");
        let held = peak.load(Ordering::Relaxed);
        assert!(
            (1..memory / SHARE).contains(&held),
            "{name}: {} MB of {} MB",
            held >> 20,
            memory >> 20
        );
    }
}

#[tokio::test]
async fn who_was_turned_away_is_told_why_and_begins_again() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    assert_eq!(turned_away(&ana, PDF, pdf_of_pages(51)).await, "too_many_pages");
    let mails = async || {
        let mails = system.mails_to(&ana.renter.email);
        mails
            .into_iter()
            .find(|mail| mail.subject == "We could not accept your lease")
    };
    let mail = system.eventually("a mail that says why", mails).await;
    assert!(mail.text.unwrap().contains("over 50 pages"));
    let id = ana.upload(PDF, pdf_of_pages(50)).await;
    assert_eq!(ana.read(&id).await["status"], "needs_review");
}
