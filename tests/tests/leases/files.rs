//! Files that prove nothing: each gets its own answer, and none is read.

use tests::System;
use tests::lease::{Unlocked, pdf_of_pages, reasons};

const PDF: &str = "application/pdf";

/// The reason for which a file is turned away.
async fn turned_away(ana: &Unlocked<'_>, bytes: Vec<u8>) -> String {
    let id = ana.upload(PDF, bytes).await;
    let verification = ana.read(&id).await;
    assert_eq!(verification["status"], "rejected", "{verification}");
    let reason = &verification["reasons"][0];
    assert!(reason["detail"].as_str().unwrap().len() > 10);
    reasons(&verification).join(" ")
}

#[tokio::test]
async fn each_bad_file_is_turned_away_for_its_own_reason() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let text = String::from_utf8(pdf_of_pages(1)).unwrap();
    let encrypted = text.replace("/Size 99", "/Encrypt 7 0 R /Size 99").into_bytes();
    let polyglot = [
        pdf_of_pages(2),
        b"PK\x03\x04....PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
    ]
    .concat();
    let truncated_jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x04ab\xff\xda\0\x04abdata and no end".to_vec();
    for (bytes, reason) in [
        (encrypted, "file_encrypted"),
        (polyglot, "file_type_unsupported"),
        (pdf_of_pages(51), "too_many_pages"),
        (truncated_jpeg, "file_damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a Word document".to_vec(),
            "word_document",
        ),
        (b"PK\x03\x04....word/document.xml".to_vec(), "word_document"),
        (b"%PDF-1.7\nbroken off".to_vec(), "file_damaged"),
        (b"GIF89a".to_vec(), "file_type_unsupported"),
    ] {
        assert_eq!(turned_away(&ana, bytes).await, reason);
    }
    // None of them was given to Textract.
    let calls = system.platform.ledger().totals();
    assert!(
        calls.keys().all(|function| !function.contains("LeaseExtract")),
        "{calls:?}"
    );
}

#[tokio::test]
async fn who_was_turned_away_is_told_why_and_begins_again() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    assert_eq!(turned_away(&ana, pdf_of_pages(51)).await, "too_many_pages");
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
