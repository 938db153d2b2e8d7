//! What Stripe reports of a purchase, applied: what is known of its money, what it opens, the record that the event was
//! seen and the domain events that tell of it, all in one transaction.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::PurchaseStatus;
use domain::access::{Grant, Grants};
use domain::event::Fact;
use domain::listing::{Listing, Quote};
use domain::plan::{Offer, Opens};
use domain::purchase::Payment;
use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::item::{Change, Consistency, Key, TransactError, attribute, number, read, text};
use crate::purchase::{Property, Purchase};
use crate::refund;
use crate::stripe_event::StripeEventId;
use crate::unlock::Unlock;
use crate::{Table, TableError};

/// How long grants that are over are kept beside those that run.
const OVER_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What became of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// It is part of what is known now; the purchase as it stands.
    Now(Box<Purchase>),
    /// Its event had been seen before.
    Before,
    /// There is no such purchase, or it is for another amount: not ours to apply.
    NotOurs,
}

/// What there is when a report comes.
struct Found {
    purchase: Purchase,
    account: Option<Account>,
    listing: Option<Listing>,
    unlock: Option<Unlock>,
}

impl Table {
    /// Applies `payment`, which `event` reported, or which was asked for. Safe to repeat, at once or later.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if something else changed the purchase meanwhile: it must come again.
    pub async fn apply_payment(
        &self,
        payment: &Payment,
        event: Option<&StripeEventId>,
    ) -> Result<Applied, TableError> {
        let Some(found) = self.find(payment, event).await? else {
            return Ok(Applied::Before);
        };
        let Some(found) = found else {
            return Ok(Applied::NotOurs);
        };
        let known = &found.purchase;
        if payment
            .amount
            .is_some_and(|amount| amount != u64::from(known.amount.get()))
        {
            return Ok(Applied::NotOurs);
        }
        let purchase = after(known, payment);
        let (mut parts, mut of_leases) = (Vec::new(), Vec::new());
        if purchase != *known {
            parts = self.purchase_moved(known, &purchase)?;
            of_leases = self.leases_moved(known, &purchase)?;
            parts.extend(self.opened(&found, &purchase)?);
        }
        let seen_at = parts.len();
        if let Some(event) = event {
            parts.push(self.seen(event)?);
        }
        if parts.is_empty() {
            return Ok(Applied::Now(Box::new(purchase)));
        }
        match self.transact_with_leases(parts, of_leases).await {
            Ok(()) => Ok(Applied::Now(Box::new(purchase))),
            Err(TransactError::Condition(failed)) if failed.at(seen_at) => Ok(Applied::Before),
            Err(error) => Err(error.into()),
        }
    }

    /// The parts of a transaction that make `purchase` of the one that was read, and tell of it.
    pub(crate) fn purchase_moved(
        &self,
        known: &Purchase,
        purchase: &Purchase,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let mut parts = vec![self.change(self.written(purchase)?)?];
        for fact in told(known, purchase) {
            parts.push(self.outbox(fact)?);
        }
        Ok(parts)
    }

    /// What there is; `None` if the event was seen, `Some(None)` if there is no such purchase.
    async fn find(
        &self,
        payment: &Payment,
        event: Option<&StripeEventId>,
    ) -> Result<Option<Option<Found>>, TableError> {
        let account = Account::key(payment.user);
        let purchase = Purchase::key(payment.user, payment.purchase);
        // Reading what is not there costs what reading a small item does, and keeps this to one call.
        let nothing = |sort: &str| Key::new(account.partition.clone(), sort);
        let seen = event.map_or_else(|| nothing("EVENT#"), StripeEventId::key);
        let listing = payment.listing.as_ref();
        let property = listing.map_or_else(|| nothing("LISTING#"), crate::listing::key);
        let unlock = listing.map_or_else(|| nothing("UNLOCK#"), |id| Unlock::key(payment.user, id));
        let keys = [&seen, &purchase, &account, &property, &unlock];
        let [seen, purchase, account, listing, unlock] = self.get_all(keys, Consistency::Strong).await?;
        if seen.is_some() {
            return Ok(None);
        }
        let Some(purchase) = purchase else {
            return Ok(Some(None));
        };
        Ok(Some(Some(Found {
            purchase: read(purchase)?,
            account: account.map(read).transpose()?,
            listing: listing.map(read).transpose()?,
            unlock: unlock.map(read).transpose()?,
        })))
    }

    /// The purchase as it is now, written over the version that was read.
    fn written(&self, purchase: &Purchase) -> Result<Change, TableError> {
        let mut set = "SET #status = :status, money = :money, updatedAt = :now".to_owned();
        let mut remove = Vec::new();
        let mut values = Vec::new();
        if let Some(intent) = &purchase.payment_intent {
            set.push_str(", paymentIntent = :intent");
            values.push((":intent", text(intent)));
        }
        if !purchase.debts.is_empty() {
            set.push_str(", debts = :debts");
            values.push((":debts", attribute(&purchase.debts)?));
            for (name, place) in refund::indexed(purchase, self.clock.now()) {
                match place {
                    Some((placeholder, value)) => {
                        set.push_str(&format!(", {name} = {placeholder}"));
                        values.push((placeholder, value));
                    }
                    None => remove.push(name),
                }
            }
        }
        let remove = match remove.as_slice() {
            [] => String::new(),
            names => format!(" REMOVE {}", names.join(", ")),
        };
        let change = Change::new(
            Purchase::key(purchase.user, purchase.id),
            format!("{set}{remove} ADD version :one"),
        )
        .only_if("version = :known")
        .name("#status", "status")
        .value(":status", attribute(&purchase.status)?)
        .value(":money", attribute(&purchase.money)?)
        .value(":now", text(self.clock.now()))
        .value(":known", number(purchase.version))
        .value(":one", number(1));
        let with = |change: Change, (placeholder, value)| change.value(placeholder, value);
        Ok(values.into_iter().fold(change, with))
    }

    /// What a purchase opens, once it is paid: a plan's grant, or the one property. It stays there when the money goes
    /// back, and is withdrawn.
    fn opened(&self, found: &Found, purchase: &Purchase) -> Result<Option<TransactWriteItem>, TableError> {
        let Some(paid_at) = purchase.money.paid_at() else {
            return Ok(None);
        };
        let Some(account) = &found.account else {
            tracing::warn!(purchase = %purchase.id, "a purchase was paid, and its account is gone");
            return Ok(None);
        };
        let withdrawn = !purchase.status.opens();
        match purchase.plan.plan().offer {
            Offer::Once {
                opens: Opens::OneProperty,
                ..
            } => match &purchase.property {
                Some(property) => self.unlocked_by(found, property, purchase, paid_at),
                None => Ok(None),
            },
            Offer::Once { .. } => Grant::of(purchase.plan, paid_at)
                .map(|grant| Grant { withdrawn, ..grant })
                .map(|grant| account.grants.with(purchase.id, grant))
                .filter(|grants| *grants != account.grants)
                .map(|grants| self.change(self.granted(account, &grants)?))
                .transpose(),
            Offer::Recurring { .. } => Ok(None),
        }
    }

    /// The property's unlock by this purchase. One that another purchase opened stays that one's, unless it was
    /// withdrawn.
    fn unlocked_by(
        &self,
        found: &Found,
        property: &Property,
        purchase: &Purchase,
        paid_at: Timestamp,
    ) -> Result<Option<TransactWriteItem>, TableError> {
        let quote =
            |listing: &Option<Listing>| -> Quote { listing.as_ref().map_or(property.quote, Listing::quote) };
        let unlock = |quote| Unlock {
            listing: property.listing.clone(),
            quote,
            purchase: purchase.id,
            unlocked_at: paid_at,
            withdrawn: !purchase.status.opens(),
        };
        match &found.unlock {
            Some(known) if known.purchase == purchase.id => {
                // The figures stay those of the first moment.
                let new = unlock(known.quote);
                (new != *known)
                    .then(|| self.replace_unlock(purchase.user, known, &new))
                    .transpose()
            }
            Some(known) if known.withdrawn && purchase.status.opens() => self
                .replace_unlock(purchase.user, known, &unlock(quote(&found.listing)))
                .map(Some),
            Some(_) => Ok(None),
            None => self
                .create_unlock(purchase.user, &unlock(quote(&found.listing)))
                .map(Some),
        }
    }

    /// The account with these grants, if it still has those that were read: the term of one can begin where that of
    /// another ends, so two payments at once must not overlook each other.
    fn granted(&self, account: &Account, grants: &Grants) -> Result<Change, TableError> {
        let now = self.clock.now();
        let kept = now
            .checked_sub(OVER_KEPT)
            .map_or_else(|_| grants.clone(), |then| grants.not_over_at(then));
        Ok(
            Change::new(Account::key(account.id), "SET grants = :grants, updatedAt = :now")
                .only_if("grants = :known")
                .value(":known", attribute(&account.grants)?)
                .value(":grants", attribute(&kept)?)
                .value(":now", text(now)),
        )
    }
}

/// The purchase with what `payment` tells.
fn after(known: &Purchase, payment: &Payment) -> Purchase {
    let mut purchase = known.clone();
    purchase.money.learn(&payment.news);
    purchase.status = purchase.debts.status(&purchase.money, purchase.amount);
    if purchase.payment_intent.is_none() {
        purchase.payment_intent.clone_from(&payment.payment_intent);
    }
    purchase
}

/// What the change from `known` to `now` tells the rest of the system.
fn told(known: &Purchase, now: &Purchase) -> Vec<Fact> {
    let (user_id, purchase_id) = (now.user, now.id);
    let mut facts = Vec::new();
    if known.money.paid_at().is_none() && now.money.paid_at().is_some() {
        facts.push(Fact::PurchasePaid { user_id, purchase_id });
    }
    // What is given back for a lease is told of with what becomes of the lease.
    let given_back = |purchase: &Purchase| match purchase.status {
        PurchaseStatus::PartiallyRefunded | PurchaseStatus::Refunded => {
            purchase.debts.refunded_otherwise(&purchase.money)
        }
        _ => 0,
    };
    if given_back(now) > given_back(known) {
        facts.push(Fact::PurchaseRefunded { user_id, purchase_id });
    }
    facts.extend(refund::told(known, now));
    facts
}
