//! What a test does by hand: as the buyer, as the buyer's bank, as the seller in Stripe's dashboard, and as the mail
//! carrier of the events.

use std::io;
use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use super::errors::Error;
use super::params::Params;
use super::store::{Kind, Origin, Transaction, Write};
use super::{Stripe, cards, disputes, lock, payment_intents, refunds, subscriptions};

/// Why something was not done, in Stripe's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotDone(String);

/// Everything that Stripe knows at one moment.
#[derive(Clone, Debug)]
pub struct Moment(Vec<Write>);

impl From<Error> for NotDone {
    fn from(error: Error) -> Self {
        let body = error.body("");
        Self(body["error"]["message"].as_str().unwrap_or_default().to_owned())
    }
}

impl Stripe {
    /// The object with this id, as the API would show it; nothing if there is none of its kind.
    #[must_use]
    pub fn object(&self, id: &str) -> Option<Value> {
        lock(&self.store).get(Kind::of_id(id)?, id).cloned()
    }

    /// The bank declines the customer's cards from now on.
    ///
    /// # Errors
    /// There is no such customer.
    pub fn decline_cards(&self, customer: &str) -> Result<Value, NotDone> {
        self.by_hand(|tx| cards::set_all(tx, customer, false))
    }

    /// The bank lets the customer's cards pay again.
    ///
    /// # Errors
    /// There is no such customer.
    pub fn accept_cards(&self, customer: &str) -> Result<Value, NotDone> {
        self.by_hand(|tx| cards::set_all(tx, customer, true))
    }

    /// Brings a subscription to a status that it would reach by a way that is not modelled here, such as `unpaid`.
    ///
    /// # Errors
    /// There is no such subscription or status, or the subscription has ended.
    pub fn set_subscription_status(&self, id: &str, status: &str) -> Result<Value, NotDone> {
        self.with(&json!({ "status": status }), |tx, params| {
            subscriptions::set_status(tx, id, params)
        })
    }

    /// The buyer disputes a payment, the whole of it or a part.
    ///
    /// # Errors
    /// The payment did not succeed, is less, or was disputed already.
    pub fn open_dispute(&self, payment_intent: &str, amount: Option<i64>) -> Result<Value, NotDone> {
        let mut fields = json!({ "payment_intent": payment_intent });
        if let Some(amount) = amount {
            fields["amount"] = amount.into();
        }
        self.with(&fields, disputes::open)
    }

    /// The seller's evidence about a dispute is with the bank.
    ///
    /// # Errors
    /// There is no such dispute that waits for an answer.
    pub fn review_dispute(&self, id: &str) -> Result<Value, NotDone> {
        self.by_hand(|tx| disputes::review(tx, id))
    }

    /// The bank decides a dispute, for the seller or against.
    ///
    /// # Errors
    /// There is no such open dispute.
    pub fn close_dispute(&self, id: &str, won: bool) -> Result<Value, NotDone> {
        let outcome = if won { "won" } else { "lost" };
        self.with(&json!({ "outcome": outcome }), |tx, params| {
            disputes::close(tx, id, params)
        })
    }

    /// The seller refunds a payment in Stripe's dashboard, all that is left of it or a part.
    ///
    /// # Errors
    /// The payment did not succeed, or less of it is left.
    pub fn refund(&self, payment_intent: &str, amount: Option<i64>) -> Result<Value, NotDone> {
        let mut fields = json!({ "payment_intent": payment_intent });
        if let Some(amount) = amount {
            fields["amount"] = amount.into();
        }
        self.with(&fields, refunds::create)
    }

    /// Sets whether refunds are pending from now on, until [`Stripe::succeed_refund`] or [`Stripe::fail_refund`]. At
    /// first they succeed at once.
    pub fn let_refunds_take_time(&self, take_time: bool) {
        self.refunds_take_time.store(take_time, Ordering::SeqCst);
    }

    /// A pending refund reaches the buyer.
    ///
    /// # Errors
    /// There is no such pending refund.
    pub fn succeed_refund(&self, id: &str) -> Result<Value, NotDone> {
        self.by_hand(|tx| refunds::succeed(tx, id))
    }

    /// The money of a refund comes back, whether it was pending or had succeeded.
    ///
    /// # Errors
    /// There is no such refund, or it has failed already.
    pub fn fail_refund(&self, id: &str) -> Result<Value, NotDone> {
        self.by_hand(|tx| refunds::fail(tx, id))
    }

    /// The bank decides about a debit that is on its way.
    ///
    /// # Errors
    /// There is no such payment intent, or its debit is not under way.
    pub fn settle_debit(&self, payment_intent: &str, paid: bool) -> Result<Value, NotDone> {
        self.by_hand(|tx| payment_intents::decide(tx, payment_intent, paid))
    }

    /// The ids of the events that no endpoint has taken yet, oldest first: those that are held back
    /// ([`Stripe::deliver_by_itself`]), under way, or given up.
    #[must_use]
    pub fn undelivered(&self) -> Vec<String> {
        lock(&self.store)
            .oldest_first(Kind::Delivery)
            .filter(|(_, delivery)| delivery["state"] != "delivered")
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// The ids of the events of a type, oldest first.
    #[must_use]
    pub fn events_of(&self, event_type: &str) -> Vec<String> {
        self.all(Kind::Event)
            .iter()
            .filter(|event| event["type"] == event_type)
            .filter_map(|event| event["id"].as_str().map(str::to_owned))
            .collect()
    }

    /// This moment.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment(lock(&self.store).all())
    }

    /// Goes back to a moment, as if nothing had happened since. What is under way then is not held up.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn rewind(&self, moment: &Moment) -> io::Result<()> {
        lock(&self.store).restore(&moment.0)
    }

    /// Posts one event now, and answers the endpoint's status; nothing where there is no such event, no endpoint, or no
    /// answer.
    pub async fn deliver_event(&self, event_id: &str) -> Option<u16> {
        self.redeliver(event_id, 1).await.pop().flatten()
    }

    fn with(
        &self,
        fields: &Value,
        work: impl FnOnce(&mut Transaction, &Params) -> Result<Value, Error>,
    ) -> Result<Value, NotDone> {
        let fields: Map<String, Value> = fields.as_object().cloned().unwrap_or_default();
        self.by_hand(|tx| work(tx, &Params::new(&fields)))
    }

    fn by_hand(&self, work: impl FnOnce(&mut Transaction) -> Result<Value, Error>) -> Result<Value, NotDone> {
        self.run_due();
        let (object, _) = self.transact(&Origin::default(), true, work)?;
        Ok(object)
    }
}
