//! A person's subscription becomes what it is at Stripe.

use domain::event::Fact;
use domain::{Invoice, Subscription, UserId};
use payments::Subscribed;
use table::TableError;
use table::account::Account;
use table::billing::{Because, Billing, Saved};
use table::item::Consistency;
use table::stripe_event::StripeEventId;

use crate::{ATTEMPTS, Settled, Settlement, SettlementError};

impl Settlement {
    /// Makes the account say what Stripe says of the subscription `id` now.
    ///
    /// # Errors
    /// [`SettlementError`] if it must be done again.
    pub async fn subscription(
        &self,
        user: UserId,
        id: &str,
        event: Option<&StripeEventId>,
        trial_ending: bool,
    ) -> Result<Settled, SettlementError> {
        for _ in 0..ATTEMPTS {
            // The order matters: whatever Stripe says was asked after the account was read.
            let (account, seen) = self.account(user, event).await?;
            if seen {
                return Ok(Settled::Before);
            }
            let Some(account) = account else {
                return self.of_closed_account(user, id).await;
            };
            let reported = self.stripe.subscription(id).await?;
            let Some(reported) = reported.filter(|reported| reported.user == user) else {
                return Ok(Settled::NotOurs);
            };
            let counting = self
                .counting(account.billing.subscription.as_ref(), &reported)
                .await?;
            let new = billing_with(&account.billing, &reported, counting);
            let facts = told(user, &account.billing, &new, trial_ending);
            let saved = self
                .save(user, &account.billing, &new, Because { event, facts })
                .await?;
            match saved {
                Saved::Now => return Ok(Settled::Now),
                Saved::Before => return Ok(Settled::Before),
                Saved::Outdated => {}
            }
        }
        Err(TableError::Conflict.into())
    }

    /// A report of a subscription whose owner has no account. If the account was closed, nothing of it is written; but
    /// should the subscription run, because its page was paid while the account was being closed, it is ended and what was
    /// paid goes back: nobody pays for what they cannot use.
    async fn of_closed_account(&self, user: UserId, id: &str) -> Result<Settled, SettlementError> {
        if self.table.closed(user).await?.is_some() {
            let reported = self.stripe.subscription(id).await?;
            let theirs = reported.filter(|reported| reported.user == user);
            if let Some(running) = theirs.filter(|reported| reported.subscription.status.is_live()) {
                tracing::warn!(subscription = id, "a subscription of a closed account is ended");
                self.give_back_and_end(&running).await?;
            }
        }
        Ok(Settled::NotOurs)
    }

    async fn account(
        &self,
        user: UserId,
        event: Option<&StripeEventId>,
    ) -> Result<(Option<Account>, bool), TableError> {
        match event {
            Some(event) => self.table.account_and_seen(user, event).await,
            None => Ok((self.table.account(user, Consistency::Strong).await?, false)),
        }
    }

    async fn save(
        &self,
        user: UserId,
        known: &Billing,
        new: &Billing,
        because: Because<'_>,
    ) -> Result<Saved, TableError> {
        if known != new {
            return self.table.save_billing(user, known, new, because).await;
        }
        match because.event {
            Some(event) if !self.table.note_seen(event, because.facts).await? => Ok(Saved::Before),
            _ => Ok(Saved::Now),
        }
    }

    /// The subscription that counts, of the one that is known and the one that is reported. If both still run, the one
    /// that does not count is ended, and what was paid for it goes back.
    async fn counting(
        &self,
        known: Option<&Subscription>,
        reported: &Subscribed,
    ) -> Result<Subscription, SettlementError> {
        let new = &reported.subscription;
        let Some(known) = known.filter(|known| known.id != new.id) else {
            return Ok(new.clone());
        };
        if !(known.status.is_live() && new.status.is_live()) {
            return Ok(if new.counts_before(known) { new } else { known }.clone());
        }
        // What is known may be old news: before one of two is ended, both are looked at.
        let Some(other) = self.stripe.subscription(&known.id).await? else {
            return Ok(new.clone());
        };
        let (counts, surplus) = if new.counts_before(&other.subscription) {
            (reported, &other)
        } else {
            (&other, reported)
        };
        if surplus.subscription.status.is_live() {
            tracing::warn!(
                subscription = surplus.subscription.id,
                "a second subscription of one person is ended"
            );
            self.give_back_and_end(surplus).await?;
        }
        Ok(counts.subscription.clone())
    }

    async fn give_back_and_end(&self, surplus: &Subscribed) -> Result<(), SettlementError> {
        // The end comes last: one that runs is found again by the next report, should this die in between.
        if let Some(invoice) = &surplus.latest_invoice {
            self.stripe.refund_invoice(invoice).await?;
        }
        match self.stripe.end_now(&surplus.subscription.id).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_absent() => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Writes what is reported of an invoice, and what its subscription is now.
    pub(crate) async fn invoice(
        &self,
        user: UserId,
        invoice: Invoice,
        subscription: &str,
        event: Option<&StripeEventId>,
        payment_failed: bool,
    ) -> Result<Settled, SettlementError> {
        let Some(event) = event else {
            return Ok(Settled::Ignored);
        };
        if self.table.account_and_seen(user, event).await?.1 {
            return Ok(Settled::Before);
        }
        // The invoice comes last, with the record that the event was seen: if this dies in between, all is done again.
        let refreshed = self.subscription(user, subscription, None, false).await?;
        if refreshed == Settled::NotOurs {
            return Ok(refreshed);
        }
        let facts = payment_failed.then(|| Fact::PaymentFailed {
            user_id: user,
            invoice_id: invoice.id.as_str().to_owned(),
        });
        let facts = facts.into_iter().collect();
        if self.table.apply_invoice(user, invoice, event, facts).await? {
            Ok(Settled::Now)
        } else {
            Ok(Settled::Before)
        }
    }
}

/// The account's billing, with `counting` for its subscription.
fn billing_with(known: &Billing, reported: &Subscribed, counting: Subscription) -> Billing {
    let mut new = known.clone();
    new.customer.get_or_insert_with(|| reported.customer.clone());
    new.checkout = new
        .checkout
        .filter(|checkout| reported.bought_on != Some(checkout.id));
    new.trial_used = true;
    new.subscription = Some(counting);
    new
}

/// What the change from `known` to `new` tells the rest of the system.
fn told(user_id: UserId, known: &Billing, new: &Billing, trial_ending: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    match (known.live(), new.live()) {
        (before, Some(now)) if before.is_none_or(|before| before.id != now.id) => {
            facts.push(Fact::SubscriptionStarted { user_id });
        }
        (Some(_), None) => facts.push(Fact::SubscriptionEnded { user_id }),
        _ => {}
    }
    if trial_ending && new.live().is_some() {
        facts.push(Fact::TrialEnding { user_id });
    }
    facts
}
