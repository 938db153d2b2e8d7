//! Tells a renter that a person looks at their lease.

use domain::PersonName;
use domain::lease::Reason;

use crate::letter::{Action, Letter, Letterhead, Notice};

/// A machine would not decide on a lease.
#[derive(Clone, Copy, Debug)]
pub struct LeaseInReview<'a> {
    /// The renter's name.
    pub name: &'a PersonName,
    /// Why.
    pub reasons: &'a [Reason],
}

impl Notice for LeaseInReview<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let mut paragraphs = vec![
            "We have read the lease that you sent. A person decides on it, because not everything in it was clear to us:"
                .to_owned(),
        ];
        paragraphs.extend(self.reasons.iter().map(|reason| reason.sentence().to_owned()));
        paragraphs.push(
            "You do not need to do anything. You get another mail as soon as it is decided.".to_owned(),
        );
        Letter {
            subject: "A person looks at your lease".to_owned(),
            preheader: "You get another mail as soon as it is decided.".to_owned(),
            heading: format!("We are looking at your lease, {}.", self.name.as_str()),
            paragraphs,
            facts: Vec::new(),
            action: Some(Action {
                label: "See where it stands",
                link: letterhead.page("/verify-lease"),
            }),
            notes: Vec::new(),
            reason: "You get this mail because a lease was sent from your account.",
        }
    }
}
