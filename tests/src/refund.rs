//! Leases that are verified, and the money that goes back for them.

use domain::lease::{FileHash, FileKind, LeaseFile, Standing};
use domain::{PurchaseId, Rent, UserId, VerificationId};
use jiff::SignedDuration;
use serde_json::Value;
use table::purchase::Purchase;
use table::verification::{Announced, Announcement, Begun, Moved, Outcome as Decision, Verification};

use crate::listing::ASKING;
use crate::{Answer, Checkout, Outcome, Person, System};

/// How often a decision is tried anew when something else wrote to the lease.
const ATTEMPTS: usize = 5;

/// A lease that was sent for a purchase.
#[derive(Clone)]
pub struct Lease<'a> {
    /// The purchase.
    pub checkout: Checkout<'a>,
    /// Stripe's id of its payment.
    pub payment: String,
    /// The lease's verification.
    pub id: VerificationId,
}

impl<'a> Person<'a> {
    /// Buys a plan, unlocks the listing of this id and sends the lease that was signed for it.
    ///
    /// # Panics
    /// If any of it fails.
    pub async fn sends_lease(&self, plan: &str, listing: &str) -> Lease<'a> {
        let checkout = self.buy(plan, Outcome::Paid).await;
        self.unlock(listing).await.is(201);
        let table = self.system.table();
        let (user, purchase): (UserId, PurchaseId) = (
            self.id.parse().expect("an id"),
            checkout.purchase.parse().expect("an id"),
        );
        let id = VerificationId::generate(self.system.now()).expect("randomness");
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(&id.to_bytes());
        let file = LeaseFile {
            kind: FileKind::Pdf,
            size: 1000,
            sha256: FileHash::new(hash),
        };
        let announcement = Announcement {
            id,
            user,
            purchase,
            listing: listing.parse().expect("a listing's id"),
            file: Some(file),
            upload_until: self.system.now() + SignedDuration::from_mins(15),
        };
        let announced = table.announce_lease(&announcement).await.expect("it can be sent");
        let Announced::Awaited(awaited) = announced else {
            panic!("the lease is new: {announced:?}");
        };
        let begun = table.begin_reading(&awaited, file).await;
        let begun = begun.expect("the table takes it");
        assert!(matches!(begun, Begun::Now(_)), "{begun:?}");
        let known = table.purchase(user, purchase).await.expect("the table answers");
        let payment = known.and_then(|purchase| purchase.payment_intent);
        Lease {
            checkout,
            payment: payment.expect("what is paid has a payment"),
            id,
        }
    }
}

impl Lease<'_> {
    fn system(&self) -> &System {
        self.checkout.person.system
    }

    fn user(&self) -> UserId {
        self.checkout.person.id.parse().expect("an id")
    }

    fn purchase_id(&self) -> PurchaseId {
        self.checkout.purchase.parse().expect("an id")
    }

    /// It is decided that the rent in it is so many dollars below the one that was asked.
    ///
    /// # Panics
    /// If the table does not take it.
    pub async fn saves(&self, dollars: u32) {
        let rent = Rent::from_dollars(ASKING - dollars).expect("a rent");
        let decision = Decision::Verified(rent);
        // What looks after leases by itself may write at the same moment.
        for _ in 0..ATTEMPTS {
            let known = self.verification().await;
            let decided = self.system().table().decide_lease(&known, &decision, None);
            match decided.await.expect("the table takes it") {
                Moved::Now(_) => return,
                Moved::Outdated => {}
            }
        }
        panic!("the lease never stood still");
    }

    /// Its verification, as the table has it.
    ///
    /// # Panics
    /// If there is none.
    pub async fn verification(&self) -> Verification {
        let found = self.system().table().verification(self.user(), self.id).await;
        found.expect("the table answers").expect("the lease is there")
    }

    /// Its purchase, as the table has it.
    ///
    /// # Panics
    /// If there is none.
    pub async fn purchase(&self) -> Purchase {
        let found = self
            .system()
            .table()
            .purchase(self.user(), self.purchase_id())
            .await;
        found.expect("the table answers").expect("the purchase is there")
    }

    /// Its verification, as the API shows it.
    ///
    /// # Panics
    /// If there is none.
    pub async fn as_its_renter_sees_it(&self) -> Value {
        let path = format!("/api/lease-verification/{}", self.id);
        let answer = self.checkout.person.get(&path).await;
        answer.is(200).json["verification"].clone()
    }

    /// Where its verification stands, as the API calls it.
    pub async fn status(&self) -> String {
        let status = serde_json::to_value(self.verification().await.status).expect("a status");
        status.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until its verification stands there, and whatever follows has happened.
    ///
    /// # Panics
    /// If it never does.
    pub async fn comes_to(&self, status: &str) {
        self.system().stripe().settle().await;
        let reached = async || (self.status().await == status).then_some(());
        self.system().eventually(status, reached).await;
        self.system().at_rest().await;
        assert_eq!(self.status().await, status);
    }

    /// The renter asks for the money.
    pub async fn is_asked_for(&self) -> Answer {
        let path = format!("/api/lease-verification/refund/{}", self.id);
        self.checkout.person.post_nothing(&path).await
    }

    /// Its refunds at Stripe, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<Value> {
        let id = self.id.to_string();
        let mut refunds = self.system().stripe().refunds();
        refunds.retain(|refund| refund["metadata"]["verification_id"] == id.as_str());
        refunds
    }

    /// Holds the ledger to say what Stripe says, to the cent, and Stripe to have given back no more than was paid, and
    /// for this lease once.
    ///
    /// # Panics
    /// If it does not.
    pub async fn agrees_with_stripe(&self) {
        let purchase = self.purchase().await;
        let charges = self.system().stripe().charges();
        let charge = charges.iter().find(|charge| {
            charge["payment_intent"] == self.payment.as_str() && charge["status"] == "succeeded"
        });
        let charge = charge.expect("the payment has a charge");
        assert_eq!(
            charge["amount_refunded"],
            purchase.money.taken_back(),
            "{purchase:#?}"
        );
        assert!(purchase.money.taken_back() <= u64::from(purchase.amount.get()));
        let mut alive = self.refunds();
        alive.retain(|refund| refund["status"] != "failed");
        let in_ledger = match purchase.refund_standing(self.id) {
            Some(Standing::Paid(amount) | Standing::Pending(amount)) => vec![amount.get()],
            _ => vec![],
        };
        let amounts: Vec<_> = alive.iter().map(|refund| refund["amount"].clone()).collect();
        assert_eq!(amounts, in_ledger, "{purchase:#?}");
    }
}
