//! Leases: announced, sent to S3 as the answer says, and what becomes of them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::listing::Listing;
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use sample_leases::{Home, Terms};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::person::PASSWORD;
use crate::{Answer, Person, System};

/// Where a lease is announced.
pub const UPLOADS: &str = "/api/lease-verification/uploads";
/// Where leases wait for a person.
pub const REVIEWS: &str = "/api/admin/lease-reviews";
/// Where refunds for leases are that failed.
pub const REFUNDS: &str = "/api/admin/lease-refunds";

/// A renter's property that is unlocked and paid for.
#[derive(Clone)]
pub struct Unlocked<'a> {
    /// The renter.
    pub renter: Person<'a>,
    /// The purchase.
    pub purchase: String,
    /// The listing.
    pub listing: Listing,
}

impl System {
    /// A renter of this name who bought this property, and signs leases of it.
    ///
    /// # Panics
    /// If something on the way fails.
    pub async fn renter_of(&self, name: &str, listing: &Listing) -> Unlocked<'_> {
        let sign_up = json!({
            "email": format!("{name}@example.com"), "password": PASSWORD, "name": "Ana Maria Lopez",
        });
        let renter = Person::signed_in(self, self.post("/api/auth/signup", &sign_up).await.is(201));
        let purchase = renter.buy_property(listing.id.as_str()).await.purchase;
        Unlocked {
            renter,
            purchase,
            listing: listing.clone(),
        }
    }

    /// The renter of a property of their own.
    ///
    /// # Panics
    /// If something on the way fails.
    pub async fn renter(&self, name: &str) -> Unlocked<'_> {
        let listing = self.listing("1001").await;
        self.renter_of(name, &listing).await
    }

    /// Somebody who may decide on leases.
    ///
    /// # Panics
    /// If something on the way fails.
    pub async fn reviewer(&self) -> Person<'_> {
        let reviewer = self.person("reviewer").await;
        self.grant(&reviewer.email, "admin").await;
        reviewer
    }

    /// Sends bytes by the link of an answer, as a browser does.
    ///
    /// # Panics
    /// If the answer holds no link, or S3 does not answer.
    pub async fn send_file(&self, announced: &Answer, bytes: Vec<u8>) -> Answer {
        let upload = &announced.json["upload"];
        let mut request = self.request_to("PUT", upload["url"].as_str().expect("a link"));
        for (name, value) in upload["headers"].as_object().expect("headers") {
            request = request.header(name, value.as_str().expect("a header"));
        }
        self.send(request.body(bytes)).await
    }

    /// A function is set going by an event, and ends well.
    ///
    /// # Panics
    /// If it fails.
    pub async fn invoke(&self, function: &str, event: &Value) {
        self.post(&format!("/_local/invoke/{function}"), event)
            .await
            .is(200);
    }

    /// What the item of a verification holds.
    ///
    /// # Panics
    /// If there is none.
    pub async fn verification_item(&self, id: &str) -> Value {
        let table = self.snapshot().await;
        let mut items = table
            .items()
            .filter(|item| item["SK"] == format!("VERIFICATION#{id}"));
        items.next().expect("a verification").clone()
    }

    /// Sets an attribute of a verification's item back, as if something had died before it was written.
    ///
    /// # Panics
    /// If the table does not take it.
    pub async fn forget_attribute(&self, user: &str, id: &str, attribute: &str) {
        let (client, name) = self.dynamodb();
        let text = |text: String| AttributeValue::S(text);
        client
            .update_item()
            .table_name(name)
            .key("PK", text(format!("USER#{user}")))
            .key("SK", text(format!("VERIFICATION#{id}")))
            .update_expression("REMOVE #attribute")
            .expression_attribute_names("#attribute", attribute)
            .send()
            .await
            .expect("the item changes");
    }
}

impl<'a> Unlocked<'a> {
    /// The day on which a lease is signed that comes after the purchase.
    ///
    /// # Panics
    /// Never: there is such a day.
    #[must_use]
    pub fn today(&self) -> Date {
        self.renter.system.now().to_zoned(eastern_time()).date()
    }

    /// A lease of the property by the renter, at this rent.
    ///
    /// # Panics
    /// If it is no rent.
    #[must_use]
    pub fn terms(&self, rent: u32) -> Terms {
        let signed = self.today();
        let begins = signed
            .checked_add(SignedDuration::from_hours(24 * 20))
            .expect("a day");
        let ends = begins
            .checked_add(SignedDuration::from_hours(24 * 364))
            .expect("a day");
        Terms {
            landlord: "Orchard Row Management LLC".to_owned(),
            tenants: vec!["Ana Maria Lopez".to_owned()],
            home: Home {
                building: self.listing.name.clone(),
                street: self.listing.address.clone(),
                unit: None,
                city: self.listing.place.city().to_owned(),
                state: self.listing.place.state().to_owned(),
                zip_code: self.listing.zip_code.clone(),
            },
            rent: crate::listing::rent(rent),
            signed,
            begins,
            ends: Some(ends),
        }
    }

    /// What announces these bytes.
    #[must_use]
    pub fn announcement(&self, content_type: &str, bytes: &[u8]) -> Value {
        json!({
            "purchaseId": self.purchase,
            "propertyId": self.listing.id.as_str(),
            "fileName": "Lease, signed (1)+é.pdf",
            "contentType": content_type,
            "size": bytes.len(),
            "sha256": hex(bytes),
        })
    }

    /// Announces these bytes.
    pub async fn announce(&self, content_type: &str, bytes: &[u8]) -> Answer {
        self.renter
            .post(UPLOADS, &self.announcement(content_type, bytes))
            .await
    }

    /// Announces these bytes and sends them; the id of the verification.
    ///
    /// # Panics
    /// If they are not taken.
    pub async fn upload(&self, content_type: &str, bytes: Vec<u8>) -> String {
        let announced = self.announce(content_type, &bytes).await;
        announced.is(201);
        self.renter.system.send_file(&announced, bytes).await.is(200);
        announced.text_at("/verificationId").to_owned()
    }

    /// The verification as its renter sees it.
    ///
    /// # Panics
    /// If there is none.
    pub async fn verification(&self, id: &str) -> Value {
        let answer = self.renter.get(&format!("/api/lease-verification/{id}")).await;
        answer.is(200).json["verification"].clone()
    }

    /// The verification, once it is no longer on its way.
    ///
    /// # Panics
    /// If that takes too long.
    pub async fn read(&self, id: &str) -> Value {
        let look = async || {
            let verification = self.verification(id).await;
            let on_its_way = ["awaiting_upload", "processing"].contains(&verification["status"].as_str()?);
            (!on_its_way).then_some(verification)
        };
        self.renter.system.eventually("the lease is read", look).await
    }
}

/// The reasons of a verification, by their codes.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn reasons(verification: &Value) -> Vec<&str> {
    let reasons = verification["reasons"].as_array().expect("reasons");
    reasons
        .iter()
        .map(|reason| reason["code"].as_str().expect("a code"))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A PDF of these many pages that says nothing.
#[must_use]
pub fn pdf_of_pages(pages: usize) -> Vec<u8> {
    let kids: String = (0..pages).map(|page| format!("{} 0 R ", page + 3)).collect();
    let mut text = format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Count {pages} /Kids [ {kids}] >>\nendobj\n"
    );
    for page in 0..pages {
        text.push_str(&format!(
            "{} 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>\nendobj\n",
            page + 3
        ));
    }
    text.push_str("trailer\n<< /Root 1 0 R /Size 99 >>\nstartxref\n0\n%%EOF\n");
    text.into_bytes()
}

/// Standard time where the listing is, in Atlanta: in the evening UTC is a day ahead.
fn eastern_time() -> TimeZone {
    TimeZone::fixed(tz::offset(-5))
}
