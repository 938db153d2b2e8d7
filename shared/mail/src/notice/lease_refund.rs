//! Tells a renter that money came back for their lease.

use domain::{Cents, PersonName, PurchaseId};

use crate::letter::{Action, Letter, Letterhead, Notice};

/// Money was given back for a verified lease.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRefund<'a> {
    /// The renter's name.
    pub name: &'a PersonName,
    /// What was given back.
    pub amount: Cents,
    /// What the lease earns. Less was left where other refunds came before.
    pub due: Cents,
    /// What was paid.
    pub paid: Cents,
    /// The purchase.
    pub purchase: PurchaseId,
}

impl Notice for LeaseRefund<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let Self {
            amount, due, paid, ..
        } = self;
        let mut paragraphs = vec![format!(
            "Your lease is verified, and {amount} of the {paid} that you paid is given back. What the purchase opened \
             stays open."
        )];
        if amount < due {
            paragraphs.push(format!(
                "Your lease earns {due}. A part of what you paid had been given back before, and this is all that was \
                 left."
            ));
        }
        Letter {
            subject: format!("Your lease paid off: {amount} back"),
            preheader: format!("{amount} of {paid} comes back to you."),
            heading: format!("Your money comes back, {}.", self.name.as_str()),
            paragraphs,
            facts: vec![
                ("Paid", paid.to_string()),
                ("Given back", amount.to_string()),
                ("Receipt", self.purchase.to_string()),
            ],
            action: Some(Action {
                label: "See your purchases",
                link: letterhead.page("/billing"),
            }),
            notes: vec![
                "The money goes the way it came. Banks take five to ten days until you see it there."
                    .to_owned(),
            ],
            reason: "You get this mail because your lease was verified.",
        }
    }
}
