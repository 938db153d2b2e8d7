//! Tells those who answer for the product that a refund for a lease failed. It names ids alone: whoever may look them up
//! finds the rest.

use domain::{Cents, PurchaseId, VerificationId};

use crate::letter::{Letter, Letterhead, Notice};

/// A refund for a lease failed, and a person has to look at it.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRefundToLookAt {
    /// What is owed.
    pub due: Cents,
    /// The purchase.
    pub purchase: PurchaseId,
    /// The lease's verification.
    pub verification: VerificationId,
}

impl Notice for LeaseRefundToLookAt {
    fn letter(&self, _: &Letterhead) -> Letter {
        let due = self.due;
        Letter {
            subject: format!("A refund failed: {due} is still owed"),
            preheader: "A refund for a verified lease has to be looked at.".to_owned(),
            heading: "A refund for a verified lease failed".to_owned(),
            paragraphs: vec![
                format!(
                    "Stripe refused the refund, or the bank sent the money back. {due} is still owed. The renter was told, \
                     and can ask for it once more."
                ),
                "In Stripe, look for the payment by its metadata purchase_id: the failed refund names the reason. If you \
                 refund it there by hand, give the refund the metadata verification_id, so that it is not paid twice."
                    .to_owned(),
            ],
            facts: vec![
                ("Owed", due.to_string()),
                ("Purchase", self.purchase.to_string()),
                ("Verification", self.verification.to_string()),
            ],
            action: None,
            notes: vec![],
            reason: "You get this mail because questions about the product go to this address.",
        }
    }
}
