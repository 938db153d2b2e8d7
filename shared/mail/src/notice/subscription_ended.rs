//! Tells a person that their subscription is over.

use domain::{PersonName, Subscription};
use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, day};

/// A subscription is over.
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionEnded<'a> {
    /// The subscriber's name.
    pub name: &'a PersonName,
    /// What the subscription was.
    pub subscription: &'a Subscription,
    /// When it ended.
    pub ended_at: Timestamp,
}

impl Notice for SubscriptionEnded<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let plan = self.subscription.plan.plan();
        Letter {
            subject: "Your subscription has ended".to_owned(),
            preheader: "Nothing more is taken from your card.".to_owned(),
            heading: format!("Your subscription has ended, {}.", self.name.as_str()),
            paragraphs: vec![
                "Nothing more is taken from your card. What you keep with us stays, also what is beyond the limits \
                 without a plan; only new entries wait until you have one again."
                    .to_owned(),
            ],
            facts: vec![
                ("Plan", plan.name.to_owned()),
                ("Ended on", day(self.ended_at)),
            ],
            action: Some(Action {
                label: "Choose a plan",
                link: letterhead.page("/pricing"),
            }),
            notes: vec![],
            reason: "You get this mail because your subscription has ended.",
        }
    }
}
