//! What an account has with Stripe: its customer, its subscription, and the page on which it is buying one. All of it is
//! part of the account's item, and every change of it is made to the revision that was read: of two at once, one is made
//! and the other looks again.

use domain::event::Fact;
use domain::subscription::Interval;
use domain::{PlanId, PurchaseId, Subscription, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::item::{Change, Consistency, TransactError, attribute, number, read, text};
use crate::stripe_event::StripeEventId;
use crate::{Table, TableError};

/// What an account has with Stripe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Billing {
    /// Stripe's id of the customer, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The subscription that counts, or counted last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Subscription>,
    /// The page that is open to buy one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout: Option<SubscriptionCheckout>,
    /// Whether there was a subscription: only the first one has a trial.
    pub trial_used: bool,
    /// How often this was written.
    pub(crate) revision: u32,
}

/// A page on which a subscription is bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionCheckout {
    /// Our id of it; Stripe carries it along.
    pub id: PurchaseId,
    /// The plan.
    pub plan: PlanId,
    /// How often it is to be paid.
    pub interval: Interval,
    /// Whether it begins with a trial.
    pub trial: bool,
    /// When it was begun.
    pub started_at: Timestamp,
    /// Stripe's id of the Checkout Session, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

impl Billing {
    /// The revision that this is; a key for what is done to Stripe on the strength of it.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// The subscription, if it still runs.
    #[must_use]
    pub fn live(&self) -> Option<&Subscription> {
        self.subscription
            .as_ref()
            .filter(|subscription| subscription.status.is_live())
    }
}

/// What a change of an account's billing was made for.
#[derive(Clone, Debug, Default)]
pub struct Because<'a> {
    /// The event of Stripe's that told of it; it is seen from then on.
    pub event: Option<&'a StripeEventId>,
    /// What happened, to be told to the rest of the system.
    pub facts: Vec<Fact>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is made.
    Now,
    /// The event that it was made for had been seen.
    Before,
    /// Something else was written since it was read: look again.
    Outdated,
}

impl Table {
    /// The account, and whether `event` was seen; in one call.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn account_and_seen(
        &self,
        user: UserId,
        event: &StripeEventId,
    ) -> Result<(Option<Account>, bool), TableError> {
        let keys = [&Account::key(user), &event.key()];
        let [account, seen] = self.get_all(keys, Consistency::Strong).await?;
        Ok((account.map(read).transpose()?, seen.is_some()))
    }

    /// Writes `new` over `known`, if that is still what there is.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn save_billing(
        &self,
        user: UserId,
        known: &Billing,
        new: &Billing,
        because: Because<'_>,
    ) -> Result<Saved, TableError> {
        let new = Billing {
            revision: known.revision + 1,
            ..new.clone()
        };
        let change = Change::new(Account::key(user), "SET billing = :new, updatedAt = :now")
            .only_if("billing.revision = :known")
            .value(":new", attribute(&new)?)
            .value(":known", number(known.revision))
            .value(":now", text(self.clock.now()));
        let mut parts = vec![self.change(change)?];
        for fact in because.facts {
            parts.push(self.outbox(fact)?);
        }
        let seen_at = parts.len();
        if let Some(event) = because.event {
            parts.push(self.seen(event)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(Saved::Now),
            Err(TransactError::Condition(failed)) if failed.at(seen_at) => Ok(Saved::Before),
            Err(TransactError::Condition(_)) => Ok(Saved::Outdated),
            Err(TransactError::Other(error)) => Err(error),
        }
    }

    /// Records that `event` was seen, where it changes nothing. `false` if it had been.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn note_seen(&self, event: &StripeEventId, facts: Vec<Fact>) -> Result<bool, TableError> {
        let mut parts = vec![self.seen(event)?];
        for fact in facts {
            parts.push(self.outbox(fact)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(_)) => Ok(false),
            Err(TransactError::Other(error)) => Err(error),
        }
    }
}
