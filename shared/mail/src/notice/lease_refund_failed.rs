//! Tells a renter that money for their lease did not reach them, and that it is still theirs.

use domain::{Cents, PersonName, PurchaseId};

use crate::letter::{Action, Letter, Letterhead, Notice};

/// Money for a verified lease could not be given back, or came back to us.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRefundFailed<'a> {
    /// The renter's name.
    pub name: &'a PersonName,
    /// What is owed.
    pub due: Cents,
    /// The purchase.
    pub purchase: PurchaseId,
}

impl Notice for LeaseRefundFailed<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let due = self.due;
        Letter {
            subject: "Your refund did not reach you".to_owned(),
            preheader: format!("We still owe you {due}, and are looking into it."),
            heading: "Your refund did not reach you".to_owned(),
            paragraphs: vec![
                format!(
                    "{}, we tried to give you {due} back for your lease, and the money did not arrive. The card or the \
                     account that you paid with may be closed or replaced.",
                    self.name.as_str()
                ),
                format!("We still owe you {due}. One of us looks at it, and you can ask for it once more."),
            ],
            facts: vec![("Owed", due.to_string()), ("Receipt", self.purchase.to_string())],
            action: Some(Action {
                label: "Ask for it once more",
                link: letterhead.page("/verify-lease"),
            }),
            notes: vec![format!(
                "If your card or your account has changed, write to {}: we find another way.",
                letterhead.help()
            )],
            reason: "You get this mail because a refund for your lease failed.",
        }
    }
}
