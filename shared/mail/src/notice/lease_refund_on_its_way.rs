//! Tells a renter that money for their lease is on its way, where that takes a while.

use domain::{Cents, PersonName, PurchaseId};

use crate::letter::{Action, Letter, Letterhead, Notice};

/// Money for a verified lease is on its way, and the bank has not confirmed it.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRefundOnItsWay<'a> {
    /// The renter's name.
    pub name: &'a PersonName,
    /// How much.
    pub amount: Cents,
    /// What was paid.
    pub paid: Cents,
    /// The purchase.
    pub purchase: PurchaseId,
}

impl Notice for LeaseRefundOnItsWay<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let Self { amount, paid, .. } = self;
        Letter {
            subject: format!("Your refund is on its way: {amount}"),
            preheader: format!("{amount} of {paid} is on its way to you."),
            heading: format!("Your refund is on its way, {}.", self.name.as_str()),
            paragraphs: vec![format!(
                "Your lease is verified, and {amount} of the {paid} that you paid is on its way back. Your bank has yet \
                 to take it; we write again as soon as it has."
            )],
            facts: vec![
                ("Paid", paid.to_string()),
                ("On its way", amount.to_string()),
                ("Receipt", self.purchase.to_string()),
            ],
            action: Some(Action {
                label: "See your purchases",
                link: letterhead.page("/billing"),
            }),
            notes: vec![],
            reason: "You get this mail because your lease was verified.",
        }
    }
}
