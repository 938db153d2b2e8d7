//! No word of a lease is in any line of a log.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use sample_leases::{Layout, doubtful_lease, lease};
use serde_json::json;
use tests::lease::{REFUNDS, REVIEWS, UPLOADS, Unlocked};
use tests::{Person, System};
use tracing_subscriber::EnvFilter;

/// Everything that is logged in this process.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Logged;

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged() -> String {
    String::from_utf8_lossy(&LOGGED.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// The lease is approved, its money comes back to us, and both ask for it again.
async fn pay_and_fail(ana: &Unlocked<'_>, reviewer: &Person<'_>, id: &str) {
    let system = ana.renter.system;
    let becomes = async |status: &str| {
        let reached = async || (ana.verification(id).await["status"] == status).then_some(());
        system.eventually(status, reached).await;
        system.at_rest().await;
    };
    let approval = json!({ "decision": "approve", "rent": 1700, "note": "Canarynote." });
    reviewer.post(&format!("{REVIEWS}/{id}"), &approval).await.is(200);
    for round in 0..2 {
        becomes("refunded").await;
        let refund = system.stripe().refunds().pop().expect("a refund");
        system
            .stripe()
            .fail_refund(refund["id"].as_str().expect("an id"))
            .expect("it fails");
        becomes("refund_failed").await;
        if round == 0 {
            let path = format!("/api/lease-verification/refund/{id}");
            ana.renter.post_nothing(&path).await.is(200);
        } else {
            let retry = json!({ "note": "Canarynote." });
            let path = format!("{REFUNDS}/{id}/retry");
            reviewer.post(&path, &retry).await.is(200);
        }
    }
    becomes("refunded").await;
}

#[tokio::test]
async fn no_name_address_or_word_of_a_lease_is_logged() {
    let ours = "info,lease_upload=debug,lease_ocr=debug,lease_extract=debug,lease_sweeper=debug,lease_review=debug,\
                guarantee=debug,documents=debug,lease_files=debug,table=debug,web=debug,notices=debug,refunds=debug,\
                payments=debug,settlement=debug,stripe_webhook=debug";
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new(ours))
        .with_writer(|| Logged)
        .try_init()
        .expect("nobody else listens to this process's log");
    let system = System::start().await;
    let home = system
        .listing_with("1001", |listing| {
            listing.name = "Canarybuilding".into();
            listing.address = "77 Canarystreet".into();
        })
        .await;
    let sign_up = json!({
        "email": "canarymail@example.com", "password": "canary password", "name": "Canaryname Lopez",
    });
    let renter = Person::signed_in(&system, system.post("/api/auth/signup", &sign_up).await.is(201));
    let purchase = renter.buy_property("1001").await.purchase;
    let ana = Unlocked {
        renter,
        purchase,
        listing: home,
    };
    let mut terms = ana.terms(1700);
    terms.landlord = "Canarylandlord LLC".to_owned();
    terms.tenants = vec!["Canarytenant Lopez".to_owned()];
    // What is wrong with it, too.
    let mut wrong = ana.announcement("application/pdf", b"x");
    wrong["fileName"] = json!("Canaryfile\u{7}.pdf");
    ana.renter.post(UPLOADS, &wrong).await.is(400);
    let broken = b"%PDF-1.7 canarybytes".to_vec();
    let id = ana.upload("application/pdf", broken).await;
    ana.read(&id).await;
    let id = ana
        .upload("application/pdf", doubtful_lease(&terms, Layout::Prose))
        .await;
    let seen = ana.read(&id).await;
    let reviewer = system.reviewer().await;
    let review = format!("{REVIEWS}/{id}");
    reviewer.get(&review).await.is(200);
    let rejection = json!({ "decision": "reject", "note": "Canarynote." });
    reviewer.post(&review, &rejection).await.is(200);
    let again = ana.upload("application/pdf", lease(&terms, Layout::Form)).await;
    ana.read(&again).await;
    pay_and_fail(&ana, &reviewer, &again).await;
    system.at_rest().await;
    let log = logged();
    assert!(
        log.contains(seen["id"].as_str().unwrap()),
        "the log tells of the lease"
    );
    assert!(log.contains("a refund failed"), "the log tells of the refund");
    let canary = log.lines().find(|line| line.to_lowercase().contains("canary"));
    assert_eq!(canary, None);
}
