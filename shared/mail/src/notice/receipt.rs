//! The receipt of a purchase.

use domain::{Cents, PersonName, Plan, PurchaseId};
use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, day};

/// The money for a purchase came.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The buyer's name.
    pub name: &'a PersonName,
    /// What was bought.
    pub plan: &'static Plan,
    /// What was paid.
    pub amount: Cents,
    /// When.
    pub paid_at: Timestamp,
    /// The purchase.
    pub purchase: PurchaseId,
}

impl Notice for Receipt<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let (plan, amount) = (self.plan.name, self.amount);
        Letter {
            subject: format!("Your receipt: {plan}, {amount}"),
            preheader: format!("{amount} for {plan}: thank you."),
            heading: format!("Thank you, {}.", self.name.as_str()),
            paragraphs: vec!["Your payment has arrived, and everything it opens is open now.".to_owned()],
            facts: vec![
                ("Plan", plan.to_owned()),
                ("Includes", self.plan.summary.to_owned()),
                ("Paid on", day(self.paid_at)),
                ("Receipt", self.purchase.to_string()),
                ("Total", amount.to_string()),
            ],
            action: Some(Action {
                label: "Open your dashboard",
                link: letterhead.page("/dashboard"),
            }),
            notes: vec!["Keep this mail: it is your receipt.".to_owned()],
            reason: "You get this mail because you bought something.",
        }
    }
}
