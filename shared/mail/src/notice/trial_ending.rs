//! Tells a subscriber some days before it that their trial ends and what it costs then.

use domain::{PersonName, Subscription};
use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, day};

/// The trial of a subscription is about to end, and the first payment to be taken.
#[derive(Clone, Copy, Debug)]
pub struct TrialEnding<'a> {
    /// The subscriber's name.
    pub name: &'a PersonName,
    /// The subscription.
    pub subscription: &'a Subscription,
    /// When its trial ends.
    pub ends_at: Timestamp,
}

impl Notice for TrialEnding<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let subscription = self.subscription;
        let plan = subscription.plan.plan();
        let (amount, interval) = (subscription.amount, subscription.interval);
        let end = day(self.ends_at);
        Letter {
            subject: format!("Your trial ends on {end}"),
            preheader: format!("From then on {} costs {amount} each {interval}.", plan.name),
            heading: format!("Your trial ends soon, {}.", self.name.as_str()),
            paragraphs: vec![format!(
                "On {end} the trial of your plan ends, and {amount} is taken from your card; then again each \
                 {interval}. If you want to go on, there is nothing to do."
            )],
            facts: vec![
                ("Plan", plan.name.to_owned()),
                ("First payment", end),
                ("Price", format!("{amount} each {interval}")),
            ],
            action: Some(Action {
                label: "Keep, change or cancel",
                link: letterhead.page("/billing"),
            }),
            notes: vec!["If you cancel before that day on your billing page, nothing is taken.".to_owned()],
            reason: "You get this mail because the trial of your subscription is about to end.",
        }
    }
}
