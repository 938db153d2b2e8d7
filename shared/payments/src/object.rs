//! Stripe's objects, as far as we read them: in events, and in answers to our questions. Everything else in them is left
//! alone, so that a new field or a new value elsewhere cannot stop a payment. The shapes are those of the API version that
//! async-stripe is pinned to, 2026-09-30.endive.

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::subscription::{Interval, SubscriptionStatus};
use domain::{Cents, InvoiceId, InvoiceStatus, PlanId, PurchaseId, Subscription, UserId};
use jiff::Timestamp;
use serde::Deserialize;

use crate::metadata;

/// The object does not have the parts that it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the object is not as Stripe describes it")]
pub struct Misshapen;

/// The ids of ours that travel with an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Metadata(BTreeMap<String, serde_json::Value>);

impl Metadata {
    /// The id under this name, if it is one.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.as_str()?.parse().ok()
    }

    /// Whether there is anything under this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Something that Stripe gives as an id, or as the object itself where it was asked to.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Reference {
    Id(String),
    Object { id: String },
}

impl Reference {
    pub(crate) fn into_id(self) -> String {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

/// A Checkout Session.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CheckoutSession {
    pub(crate) id: String,
    pub(crate) mode: String,
    pub(crate) status: Option<String>,
    pub(crate) payment_status: String,
    pub(crate) amount_total: Option<u64>,
    pub(crate) currency: Option<String>,
    pub(crate) payment_intent: Option<Reference>,
    pub(crate) subscription: Option<Reference>,
    #[serde(default)]
    pub(crate) metadata: Option<Metadata>,
    pub(crate) url: Option<String>,
}

/// A PaymentIntent.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) amount: u64,
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) metadata: Option<Metadata>,
    pub(crate) client_secret: Option<String>,
}

/// A Charge.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Charge {
    pub(crate) amount_refunded: u64,
    pub(crate) payment_intent: Option<Reference>,
}

/// A Refund.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) amount: u64,
    pub(crate) status: Option<String>,
    pub(crate) payment_intent: Option<Reference>,
    #[serde(default)]
    pub(crate) metadata: Option<Metadata>,
}

/// A Dispute.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) payment_intent: Option<Reference>,
}

/// A Subscription.
#[derive(Clone, Debug, Deserialize)]
pub struct SubscriptionObject {
    id: String,
    customer: Reference,
    status: SubscriptionStatus,
    created: i64,
    cancel_at_period_end: bool,
    trial_end: Option<i64>,
    ended_at: Option<i64>,
    #[serde(default)]
    metadata: Metadata,
    items: Items,
    latest_invoice: Option<Reference>,
}

#[derive(Clone, Debug, Deserialize)]
struct Items {
    data: Vec<Item>,
}

#[derive(Clone, Debug, Deserialize)]
struct Item {
    id: String,
    current_period_start: i64,
    current_period_end: i64,
    price: Price,
}

#[derive(Clone, Debug, Deserialize)]
struct Price {
    unit_amount: Option<u32>,
    recurring: Option<Recurring>,
}

#[derive(Clone, Debug, Deserialize)]
struct Recurring {
    interval: String,
}

/// A subscription of ours, as Stripe has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// Whose it is.
    pub user: UserId,
    /// The subscription.
    pub subscription: Subscription,
    /// Stripe's id of its owner.
    pub customer: String,
    /// Stripe's id of its one line, by which the plan is changed.
    pub item: String,
    /// Stripe's id of its last invoice.
    pub latest_invoice: Option<String>,
    /// Our id of the page that it was bought on.
    pub bought_on: Option<PurchaseId>,
}

impl SubscriptionObject {
    /// The subscription, if it is one of ours: `None` if it names no user and no plan of ours.
    ///
    /// # Errors
    /// [`Misshapen`] if it is one and cannot be read.
    pub fn ours(self) -> Result<Option<Subscribed>, Misshapen> {
        let user = self.metadata.id::<UserId>(metadata::USER);
        let plan = self.metadata.id::<PlanId>(metadata::PLAN);
        let Some((user, plan)) = user.zip(plan) else {
            return Ok(None);
        };
        let item = self.items.data.into_iter().next().ok_or(Misshapen)?;
        let interval = match item.price.recurring.ok_or(Misshapen)?.interval.as_str() {
            "month" => Interval::Month,
            "year" => Interval::Year,
            _ => return Err(Misshapen),
        };
        let subscription = Subscription {
            id: self.id,
            plan,
            interval,
            amount: Cents::new(item.price.unit_amount.ok_or(Misshapen)?),
            status: self.status,
            created: moment(self.created)?,
            period_start: moment(item.current_period_start)?,
            period_end: moment(item.current_period_end)?,
            trial_end: self.trial_end.map(moment).transpose()?,
            cancel_at_period_end: self.cancel_at_period_end,
            ended_at: self.ended_at.map(moment).transpose()?,
        };
        Ok(Some(Subscribed {
            user,
            subscription,
            customer: self.customer.into_id(),
            item: item.id,
            latest_invoice: self.latest_invoice.map(Reference::into_id),
            bought_on: self.metadata.id(metadata::PURCHASE),
        }))
    }
}

/// An Invoice.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Invoice {
    id: InvoiceId,
    status: Option<InvoiceStatus>,
    amount_due: u64,
    amount_paid: u64,
    created: i64,
    number: Option<String>,
    hosted_invoice_url: Option<String>,
    invoice_pdf: Option<String>,
    status_transitions: StatusTransitions,
    parent: Option<Parent>,
}

#[derive(Clone, Debug, Deserialize)]
struct StatusTransitions {
    paid_at: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Clone, Debug, Deserialize)]
struct SubscriptionDetails {
    subscription: Reference,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl Invoice {
    /// The invoice, its subscription and the subscription's owner, if it is for a subscription of ours.
    pub(crate) fn ours(self) -> Result<Option<(domain::Invoice, String, UserId)>, Misshapen> {
        let Some(details) = self.parent.and_then(|parent| parent.subscription_details) else {
            return Ok(None);
        };
        let Some(user) = details.metadata.unwrap_or_default().id(metadata::USER) else {
            return Ok(None);
        };
        let invoice = domain::Invoice {
            id: self.id,
            amount: self.amount_due,
            amount_paid: self.amount_paid,
            status: self.status.unwrap_or(InvoiceStatus::Draft),
            created: moment(self.created)?,
            paid_at: self.status_transitions.paid_at.map(moment).transpose()?,
            number: self.number,
            page: self.hosted_invoice_url,
            pdf: self.invoice_pdf,
        };
        Ok(Some((invoice, details.subscription.into_id(), user)))
    }
}

/// Stripe's times are seconds since 1970.
pub(crate) fn moment(second: i64) -> Result<Timestamp, Misshapen> {
    Timestamp::from_second(second).map_err(|_| Misshapen)
}
