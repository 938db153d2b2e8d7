//! What Stripe reports, applied: the purchase's new state, what it opens, the record that the event was seen and the
//! domain event that tells of it, all in one transaction.

use domain::access::Grant;
use domain::event::Fact;
use domain::listing::Listing;
use domain::plan::{Offer, Opens};
use domain::purchase::Payment;
use domain::{PurchaseId, PurchaseStatus};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::account::Account;
use crate::item::{Change, Consistency, Key, TransactError, attribute, number, read, text};
use crate::purchase::{Property, Purchase};
use crate::unlock::Unlock;
use crate::{Table, TableError};

/// How long it is remembered that an event was seen. Stripe sends an event again for three days at most, and lists
/// events for thirty (<https://docs.stripe.com/webhooks#behaviors>, <https://docs.stripe.com/api/events>).
const SEEN_KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// One of Stripe's events about a purchase, parsed and believed.
#[derive(Clone, Debug)]
pub struct PaymentEvent {
    /// Stripe's id of the event.
    pub id: StripeEventId,
    /// When Stripe made it.
    pub created: Timestamp,
    /// What it says.
    pub payment: Payment,
}

/// Stripe's id of an event: `evt_` and letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct StripeEventId(String);

impl StripeEventId {
    /// The id, if `text` is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("evt_")?;
        let plain =
            (1..=250).contains(&rest.len()) && rest.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        plain.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It changed something, or was recorded as changing nothing.
    Now(PurchaseStatus),
    /// It had been seen before.
    Before,
    /// There is no such purchase, or it is for another amount: not ours to apply.
    NotOurs,
}

#[derive(Serialize)]
struct Seen<'a> {
    event: &'a StripeEventId,
    ttl: i64,
}

fn seen_key(event: &StripeEventId) -> Key {
    Key::new(format!("STRIPE#{}", event.0), "EVENT")
}

impl Table {
    /// Applies `event`. Safe to repeat, at once or later: the record that it was seen is part of the transaction.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if something else changed the purchase meanwhile: the event must come again.
    pub async fn apply_payment(&self, event: &PaymentEvent) -> Result<Applied, TableError> {
        let payment = &event.payment;
        let seen = seen_key(&event.id);
        let purchase = Purchase::key(payment.user, payment.purchase);
        let account = Account::key(payment.user);
        // Reading a listing that is not there costs what reading a small item does, and keeps this to one call.
        let listing = payment.listing.as_ref();
        let keys = (
            listing.map_or_else(|| Key::new("LISTING#", "LISTING"), crate::listing::key),
            listing.map_or_else(
                || Key::new(account.partition.clone(), "UNLOCK#"),
                |id| Unlock::key(payment.user, id),
            ),
        );
        let [was_seen, purchase, account, listing, unlocked] = self
            .get_all(
                [&seen, &purchase, &account, &keys.0, &keys.1],
                Consistency::Strong,
            )
            .await?;
        if was_seen.is_some() {
            return Ok(Applied::Before);
        }
        let Some(purchase) = purchase.map(read::<Purchase>).transpose()? else {
            return Ok(Applied::NotOurs);
        };
        if u64::from(purchase.amount.get()) != payment.amount {
            return Ok(Applied::NotOurs);
        }
        let status = purchase.status.after(payment.news);
        let mut parts = vec![self.create(self.item(&seen, "StripeEvent", &self.seen(event))?)?];
        if status != purchase.status {
            parts.push(self.change(self.moved(&purchase, status, event)?)?);
        }
        if status == PurchaseStatus::Paid && purchase.status != PurchaseStatus::Paid {
            let fact = Fact::PurchasePaid {
                user_id: payment.user,
                purchase_id: payment.purchase,
            };
            parts.push(self.outbox(fact)?);
            let opened = Opened {
                account: account.map(read).transpose()?,
                listing: listing.map(read).transpose()?,
                unlocked: unlocked.is_some(),
            };
            parts.extend(self.open(&purchase, &opened, event.created)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(Applied::Now(status)),
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(Applied::Before),
            Err(error) => Err(error.into()),
        }
    }

    fn seen<'a>(&self, event: &'a PaymentEvent) -> Seen<'a> {
        Seen {
            event: &event.id,
            ttl: (self.clock.now() + SEEN_KEPT).as_second(),
        }
    }

    /// The purchase's move to `status`, if it still stands where it was read.
    fn moved(
        &self,
        purchase: &Purchase,
        status: PurchaseStatus,
        event: &PaymentEvent,
    ) -> Result<Change, TableError> {
        let mut set = "SET #status = :new, updatedAt = :now".to_owned();
        let mut change_values = vec![
            (":new", attribute(&status)?),
            (":old", attribute(&purchase.status)?),
            (":now", text(self.clock.now())),
            (":one", number(1)),
        ];
        if status == PurchaseStatus::Paid {
            set.push_str(", paidAt = :paid");
            change_values.push((":paid", text(event.created)));
        }
        if let Some(intent) = &event.payment.payment_intent {
            set.push_str(", paymentIntent = :intent");
            change_values.push((":intent", text(intent)));
        }
        set.push_str(" ADD version :one");
        let change = Change::new(Purchase::key(purchase.user, purchase.id), set)
            .only_if("#status = :old")
            .name("#status", "status");
        Ok(change_values
            .into_iter()
            .fold(change, |change, (placeholder, value)| {
                change.value(placeholder, value)
            }))
    }

    /// What a paid purchase opens: a plan's grant, or the one property.
    fn open(
        &self,
        purchase: &Purchase,
        opened: &Opened,
        paid_at: Timestamp,
    ) -> Result<Option<aws_sdk_dynamodb::types::TransactWriteItem>, TableError> {
        let Some(account) = &opened.account else {
            tracing::warn!(purchase = %purchase.id, "a purchase was paid, and its account is gone");
            return Ok(None);
        };
        match purchase.plan.plan().offer {
            Offer::Once {
                opens: Opens::OneProperty,
                ..
            } => match &purchase.property {
                Some(property) if !opened.unlocked => {
                    let quote = opened.listing.as_ref().map_or(property.quote, Listing::quote);
                    self.unlocked_by(purchase, property, quote, paid_at).map(Some)
                }
                _ => Ok(None),
            },
            Offer::Once {
                opens: Opens::AnyProperty { .. },
                ..
            } => account
                .grants
                .granted_by(purchase.plan, paid_at)
                .map(|grant| self.change(granted(account, purchase.id, &grant, paid_at)?))
                .transpose(),
            Offer::Recurring { .. } => Ok(None),
        }
    }

    fn unlocked_by(
        &self,
        purchase: &Purchase,
        property: &Property,
        quote: domain::listing::Quote,
        paid_at: Timestamp,
    ) -> Result<aws_sdk_dynamodb::types::TransactWriteItem, TableError> {
        let unlock = Unlock {
            listing: property.listing.clone(),
            quote,
            purchase: purchase.id,
            unlocked_at: paid_at,
        };
        self.create(self.item(&Unlock::key(purchase.user, &property.listing), "Unlock", &unlock)?)
    }
}

/// What there is when the money comes.
struct Opened {
    account: Option<Account>,
    listing: Option<Listing>,
    unlocked: bool,
}

/// The account with one more grant; those whose term was over long ago make room. The new grant's term begins where
/// that of another one ends, so the grants must be those that were read: two payments at once would begin alike.
fn granted(
    account: &Account,
    purchase: PurchaseId,
    grant: &Grant,
    now: Timestamp,
) -> Result<Change, TableError> {
    let long_ago = now - SignedDuration::from_hours(90 * 24);
    let over: Vec<_> = account.grants.ended(long_ago).collect();
    let mut update =
        "SET grants.#purchase = if_not_exists(grants.#purchase, :grant), updatedAt = :now".to_owned();
    for (position, _) in over.iter().enumerate() {
        update.push_str(if position == 0 { " REMOVE " } else { ", " });
        update.push_str(&format!("grants.#over{position}"));
    }
    let change = Change::new(Account::key(account.id), update)
        .only_if("grants = :known")
        .name("#purchase", purchase)
        .value(":known", attribute(&account.grants)?)
        .value(":grant", attribute(grant)?)
        .value(":now", text(now));
    Ok(over.iter().enumerate().fold(change, |change, (position, id)| {
        change.name(format!("#over{position}"), id)
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_event_id_smuggles_a_key_separator(text in "(evt_)?\\PC{0,40}") {
            if let Some(id) = StripeEventId::parse(&text) {
                prop_assert!(!id.as_str().contains('#'));
            }
        }
    }

    #[test]
    fn stripes_event_ids_are_read() {
        assert!(StripeEventId::parse("evt_1QK2abcDEF").is_some());
        assert!(StripeEventId::parse("cs_test_1").is_none());
        assert!(StripeEventId::parse("evt_").is_none());
    }
}
