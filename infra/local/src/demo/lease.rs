//! The story's end: a signed lease proves what was saved, a doubtful one is looked at by a person, and for both money comes
//! back.

use domain::Rent;
use domain::listing::Listing;
use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use sample_leases::{Home, Layout, Terms, doubtful_lease, lease};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use table::Table;

use super::{Failure, PASSWORD, Story, expect, text};

/// Who decides on what the machine would not.
const REVIEWER: &str = "rita@example.com";
/// What is saved in a month, in dollars.
const SAVED: u32 = 120;

impl Story<'_> {
    /// Sam signs a lease of the property that the plan unlocked, and sends it.
    pub(super) async fn send_a_lease(&mut self, listing: &str) -> Result<(), Failure> {
        let purchases = self.get("/api/purchases").await?;
        let purchase = text(&purchases["purchases"][0]["id"])?;
        let terms = self.terms(listing).await?;
        let id = self
            .send(&purchase, listing, lease(&terms, Layout::Prose))
            .await?;
        self.step("Sam signs a lease below the rent that was asked, and sends it by a signed link")?;
        let verified = self.read(&id).await?;
        expect(
            verified["finalRent"] == json!(terms.rent) && verified["tier"] == "gold",
            "the lease is verified",
            &verified,
        )?;
        let (rent, saved, back) = (
            &verified["finalRent"],
            &verified["actualSavings"],
            &verified["refundAmount"],
        );
        self.step(&format!(
            "It is read and verified: ${rent} a month, ${saved} saved, ${back} come back"
        ))?;
        self.be_paid_back(&purchase, &id).await
    }

    /// A lease whose rent in words is not the one in digits goes to a person.
    pub(super) async fn send_a_doubtful_lease(&mut self, listing: &str) -> Result<(), Failure> {
        let wish = json!({ "planId": "per_property", "propertyId": listing });
        let page = self
            .call(
                Method::POST,
                "/api/payments/create-checkout",
                Some(&wish),
                StatusCode::OK,
            )
            .await?;
        let purchase = text(&page["purchaseId"])?;
        self.end_payment(&text(&page["url"])?, "paid").await?;
        self.until("the property is paid", async |story| {
            let purchases = story.get("/api/purchases").await?;
            Ok(purchases["purchases"][0]["status"] == "paid")
        })
        .await?;
        let terms = self.terms(listing).await?;
        let id = self
            .send(&purchase, listing, doubtful_lease(&terms, Layout::Form))
            .await?;
        let doubtful = self.read(&id).await?;
        expect(
            doubtful["status"] == "needs_review",
            "a doubtful lease goes to a person",
            &doubtful,
        )?;
        let why = text(&doubtful["reasons"][0]["detail"])?;
        self.step(&format!(
            "A second lease is doubtful, and goes to a person: \"{why}\""
        ))?;
        self.decide(&id, terms.rent).await?;
        self.be_paid_back(&purchase, &id).await
    }

    /// What a lease earns comes back by way of Stripe, once, and Sam is told.
    async fn be_paid_back(&mut self, purchase: &str, id: &str) -> Result<(), Failure> {
        let path = format!("/api/lease-verification/{id}");
        self.until("the money is back", async |story| {
            Ok(story.get(&path).await?["verification"]["status"] == "refunded")
        })
        .await?;
        let asked = format!("/api/lease-verification/refund/{id}");
        let asked = self.call(Method::POST, &asked, None, StatusCode::OK).await?;
        let back = asked["refundAmount"].as_f64().map(|dollars| dollars * 100.0);
        let mut refunds = self.platform.stripe().ok_or("Stripe is not our own")?.refunds();
        refunds.retain(|refund| refund["metadata"]["verification_id"] == id);
        expect(
            refunds.len() == 1 && refunds[0]["amount"].as_f64() == back,
            "Stripe gave back what the lease earns, once",
            &json!(refunds),
        )?;
        let mails = |story: &Self| {
            let mut mails = story.platform.outbox();
            mails.retain(|mail| {
                let of_it = mail.text.as_deref().is_some_and(|text| text.contains(purchase));
                of_it && mail.subject.starts_with("Your lease paid off")
            });
            mails
        };
        self.until("word of it is sent", async |story| Ok(!mails(story).is_empty()))
            .await?;
        let told = mails(self);
        expect(told.len() == 1, "Sam is told once", &json!(told))?;
        let subject = told.first().map(|mail| mail.subject.clone()).unwrap_or_default();
        let amount = refunds[0]["amount"].as_u64().unwrap_or_default();
        self.step(&format!(
            "Stripe gives back {amount} cents, once, however often Sam asks, and Sam is told: \"{subject}\""
        ))
    }

    /// Rita, whom the operator made an admin, looks at it and approves.
    async fn decide(&mut self, id: &str, rent: Rent) -> Result<(), Failure> {
        let person = json!({ "email": REVIEWER, "password": PASSWORD, "name": "Rita" });
        let signed_up = self
            .call(
                Method::POST,
                "/api/auth/signup",
                Some(&person),
                StatusCode::CREATED,
            )
            .await?;
        let grant = json!({ "email": REVIEWER, "role": "admin" });
        self.call(Method::POST, "/_local/grant", Some(&grant), StatusCode::OK)
            .await?;
        let sams = self.token.replace(text(&signed_up["token"])?);
        let path = format!("/api/admin/lease-reviews/{id}");
        let seen = self.get(&path).await?;
        let link = text(&seen["file"]["url"])?;
        let file = self.client.get(link).send().await?.error_for_status()?;
        let pages = file.bytes().await?.len();
        let approval = json!({ "decision": "approve", "rent": rent, "note": "The figures in digits count." });
        let approved = self
            .call(Method::POST, &path, Some(&approval), StatusCode::OK)
            .await?;
        self.token = sams;
        let back = &approved["verification"]["refundAmount"];
        self.step(&format!(
            "Rita looks at the evidence and the file ({pages} bytes), and approves: ${back} come back"
        ))
    }

    /// Announces a file and sends it by the link; the verification's id.
    async fn send(&self, purchase: &str, listing: &str, file: Vec<u8>) -> Result<String, Failure> {
        let hash: String = Sha256::digest(&file)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let announcement = json!({
            "purchaseId": purchase, "propertyId": listing, "fileName": "lease.pdf", "contentType": "application/pdf",
            "size": file.len(), "sha256": hash,
        });
        let announced = self
            .call(
                Method::POST,
                "/api/lease-verification/uploads",
                Some(&announcement),
                StatusCode::CREATED,
            )
            .await?;
        let mut request = self.client.put(text(&announced["upload"]["url"])?);
        for (name, value) in announced["upload"]["headers"].as_object().into_iter().flatten() {
            request = request.header(name, text(value)?);
        }
        request.body(file).send().await?.error_for_status()?;
        text(&announced["verificationId"])
    }

    /// The verification, once the file is read.
    async fn read(&self, id: &str) -> Result<Value, Failure> {
        let path = format!("/api/lease-verification/{id}");
        self.until("the lease is read", async |story| {
            let answer = story.get(&path).await?;
            let status = answer["verification"]["status"].as_str().unwrap_or_default();
            Ok(!["awaiting_upload", "processing"].contains(&status))
        })
        .await?;
        Ok(self.get(&path).await?["verification"].clone())
    }

    /// What Sam and the landlord of a listing agree on, today.
    async fn terms(&self, listing: &str) -> Result<Terms, Failure> {
        let table = Table::new(&self.platform.runtime())?;
        let found = table.listing(&listing.parse()?).await?;
        let found = found.ok_or("the listing is gone")?;
        terms(&found, self.platform.clock().now())
    }
}

fn terms(listing: &Listing, now: Timestamp) -> Result<Terms, Failure> {
    let signed = now.to_zoned(eastern_time()).date();
    let begins = signed.checked_add(SignedDuration::from_hours(24 * 14))?;
    let asked = listing.quote().asking_rent.dollars();
    Ok(Terms {
        landlord: "Orchard Row Management LLC".to_owned(),
        tenants: vec!["Sam Carter".to_owned()],
        home: Home {
            building: listing.name.clone(),
            street: listing.address.clone(),
            unit: None,
            city: listing.place.city().to_owned(),
            state: listing.place.state().to_owned(),
            zip_code: listing.zip_code.clone(),
        },
        rent: Rent::try_from(asked - f64::from(SAVED))?,
        signed,
        begins,
        ends: Some(begins.checked_add(SignedDuration::from_hours(24 * 364))?),
    })
}

/// Standard time where the listing is, in Atlanta: in the evening UTC is a day ahead.
fn eastern_time() -> TimeZone {
    TimeZone::fixed(tz::offset(-5))
}
