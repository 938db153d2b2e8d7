//! Tells a new subscriber what they have, what it costs and how it ends.

use domain::{PersonName, Subscription};
use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, day};

/// A subscription began.
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionStarted<'a> {
    /// The subscriber's name.
    pub name: &'a PersonName,
    /// The subscription.
    pub subscription: &'a Subscription,
    /// When the mail is written: a trial that is over by then is none.
    pub now: Timestamp,
}

impl Notice for SubscriptionStarted<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let subscription = self.subscription;
        let plan = subscription.plan.plan();
        let price = format!("{} each {}", subscription.amount, subscription.interval);
        let trial = subscription.trial_end.filter(|end| *end > self.now);
        let mut facts = vec![
            ("Plan", plan.name.to_owned()),
            ("Includes", plan.summary.to_owned()),
        ];
        let (happened, preheader) = match trial {
            Some(end) => {
                facts.push(("Free until", day(end)));
                facts.push(("Then", price.clone()));
                (
                    format!(
                        "Your trial has begun, and everything in the plan is open. It is free until {}; from then \
                         on it costs {price}, unless you cancel before.",
                        day(end)
                    ),
                    format!("Free until {}, then {price}.", day(end)),
                )
            }
            None => {
                facts.push(("Price", price.clone()));
                facts.push(("Paid until", day(subscription.period_end)));
                (
                    format!(
                        "Your subscription has begun, and everything in the plan is open. It costs {price} and goes \
                         on until you cancel it."
                    ),
                    format!("{price}, until you cancel."),
                )
            }
        };
        Letter {
            subject: format!("Your subscription: {}", plan.name),
            preheader,
            heading: format!("Welcome, {}.", self.name.as_str()),
            paragraphs: vec![happened],
            facts,
            action: Some(Action {
                label: "Open your billing page",
                link: letterhead.page("/billing"),
            }),
            notes: vec![
                "You can cancel at any time on your billing page: at the end of what is paid for, or at once. There \
                 you also find your invoices, and change the plan or the card."
                    .to_owned(),
            ],
            reason: "You get this mail because you began a subscription.",
        }
    }
}
