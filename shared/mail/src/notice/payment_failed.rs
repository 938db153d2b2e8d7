//! Tells a subscriber that a payment was not made, what happens next and what to do.

use domain::{PersonName, Subscription};
use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, day};

/// An invoice of a subscription could not be collected.
#[derive(Clone, Copy, Debug)]
pub struct PaymentFailed<'a> {
    /// The subscriber's name.
    pub name: &'a PersonName,
    /// The subscription.
    pub subscription: &'a Subscription,
    /// When the mail is written: the plan may be closed by then.
    pub now: Timestamp,
}

impl Notice for PaymentFailed<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let subscription = self.subscription;
        let plan = subscription.plan.plan();
        let amount = subscription.amount;
        let grace = day(subscription.grace_ends());
        let open = subscription.entitles(self.now);
        let next = if open {
            format!(
                "Your plan stays open until {grace}. We try the card again in the coming days; if it cannot be \
                 charged by then, the plan closes until it is paid."
            )
        } else {
            "Your plan is closed until it is paid.".to_owned()
        };
        let mut facts = vec![("Plan", plan.name.to_owned()), ("Amount", amount.to_string())];
        if open {
            facts.push(("Open until", grace));
        }
        Letter {
            subject: "Your payment did not go through".to_owned(),
            preheader: format!(
                "Please check your card: {amount} for {} could not be taken.",
                plan.name
            ),
            heading: "Your payment did not go through".to_owned(),
            paragraphs: vec![
                format!(
                    "{}, the card of your subscription could not be charged. It may have expired, or the bank \
                     refused it.",
                    self.name.as_str()
                ),
                next,
            ],
            facts,
            action: Some(Action {
                label: "Check your card",
                link: letterhead.page("/billing"),
            }),
            notes: vec![
                "Nothing that you keep with us is lost, whether the plan is open or closed.".to_owned(),
            ],
            reason: "You get this mail because a payment of your subscription failed.",
        }
    }
}
