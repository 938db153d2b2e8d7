//! Tells a renter that a lease they sent was turned away.

use domain::PersonName;
use domain::lease::Reason;

use crate::letter::{Action, Letter, Letterhead, Notice};

/// A lease proves nothing.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRejected<'a> {
    /// The renter's name.
    pub name: &'a PersonName,
    /// Why.
    pub reason: Reason,
}

impl Notice for LeaseRejected<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let again = "You can begin again with another file. What you paid for stays open.";
        Letter {
            subject: "We could not accept your lease".to_owned(),
            preheader: self.reason.sentence().to_owned(),
            heading: format!("We could not accept your lease, {}.", self.name.as_str()),
            paragraphs: vec![self.reason.sentence().to_owned(), again.to_owned()],
            facts: Vec::new(),
            action: Some(Action {
                label: "Send a lease",
                link: letterhead.page("/verify-lease"),
            }),
            notes: vec![format!(
                "If you think that this is wrong, write to {}.",
                letterhead.help()
            )],
            reason: "You get this mail because a lease was sent from your account.",
        }
    }
}
