//! Tells a buyer that money of a purchase comes back.

use domain::{Cents, PersonName, Plan, PurchaseId};

use crate::letter::{Action, Letter, Letterhead, Notice};

/// Money of a purchase was given back, a part of it or all.
#[derive(Clone, Copy, Debug)]
pub struct Refund<'a> {
    /// The buyer's name.
    pub name: &'a PersonName,
    /// What was bought.
    pub plan: &'static Plan,
    /// What was paid.
    pub amount: Cents,
    /// What was given back so far, all refunds of this purchase together.
    pub refunded: Cents,
    /// The purchase.
    pub purchase: PurchaseId,
}

impl Notice for Refund<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let Self {
            plan,
            amount,
            refunded,
            ..
        } = self;
        let whole = refunded >= amount;
        let happened = if whole {
            "We have given back all that you paid, and what the purchase opened is closed again."
        } else {
            "We have given back a part of what you paid. What the purchase opened stays open."
        };
        Letter {
            subject: format!("Your refund: {refunded}"),
            preheader: format!("{refunded} of {amount} for {} come back to you.", plan.name),
            heading: format!("Your money comes back, {}.", self.name.as_str()),
            paragraphs: vec![happened.to_owned()],
            facts: vec![
                ("Plan", plan.name.to_owned()),
                ("Paid", amount.to_string()),
                ("Given back", refunded.to_string()),
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
            reason: "You get this mail because money of your purchase was given back.",
        }
    }
}
