//! Landlords' properties, and the plans that limit them.

use domain::plan::Offer;
use domain::subscription::{Interval, SubscriptionStatus};
use domain::{PlanId, Subscription};
use jiff::SignedDuration;
use serde_json::{Value, json};
use table::billing::{Because, Saved};
use table::item::Consistency;

use crate::{Answer, Person};

/// Where properties are.
pub const PROPERTIES: &str = "/api/landlord/properties";

/// A property with what it needs and nothing else.
#[must_use]
pub fn property(name: &str) -> Value {
    json!({ "name": name, "address": "12 Elm St", "city": "Atlanta", "state": "GA" })
}

impl Person<'_> {
    /// Enters a property.
    pub async fn add_property(&self, name: &str) -> Answer {
        self.post(PROPERTIES, &property(name)).await
    }

    /// Gives the person a subscription of this status, as news of Stripe's would.
    ///
    /// # Panics
    /// If it is not written.
    pub async fn subscribed(&self, plan: PlanId, status: SubscriptionStatus) {
        let (table, user) = (self.system.table(), self.id.parse().expect("a person's id"));
        let account = table.account(user, Consistency::Strong).await.expect("the table");
        let known = account.expect("an account").billing;
        let Offer::Recurring { month, .. } = plan.plan().offer else {
            panic!("{plan} is paid once")
        };
        let now = self.system.now();
        let mut new = known.clone();
        new.subscription = Some(Subscription {
            id: "sub_1".to_owned(),
            plan,
            interval: Interval::Month,
            amount: month,
            status,
            created: now,
            period_start: now,
            period_end: now + SignedDuration::from_hours(30 * 24),
            trial_end: None,
            cancel_at_period_end: false,
            ended_at: None,
        });
        let saved = table.save_billing(user, &known, &new, Because::default()).await;
        assert_eq!(saved.expect("the table"), Saved::Now);
    }
}
