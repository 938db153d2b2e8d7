//! How a checkout session ends, and what then happens in which order.

use serde_json::{Value, json};

use super::charges::{Buyer, Decline};
use super::checkout_sessions::buyer_details;
use super::customers;
use super::payment_intents;
use super::store::{Kind, Transaction};

/// What the buyer does on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Pays by card.
    Paid,
    /// Tries a card that the bank declines; the session stays open.
    Declined,
    /// Starts a bank debit, which will succeed.
    AsyncPaid,
    /// Starts a bank debit, which will fail.
    AsyncFailed,
    /// Lets the time run out.
    Expired,
}

impl Outcome {
    /// The outcome with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "paid" => Some(Self::Paid),
            "declined" => Some(Self::Declined),
            "async_paid" => Some(Self::AsyncPaid),
            "async_failed" => Some(Self::AsyncFailed),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }
}

/// Brings an open session to its outcome. A bank debit is settled `settlement` seconds later.
pub(super) fn reach(
    tx: &mut Transaction,
    session: &mut Value,
    outcome: Outcome,
    buyer: &Buyer,
    settlement: i64,
) {
    match outcome {
        Outcome::Paid => {
            let mut intent = payment_intent(tx, session, buyer);
            payment_intents::pay(tx, &mut intent, buyer);
            complete(tx, session, buyer, "paid");
        }
        Outcome::Declined => {
            let mut intent = payment_intent(tx, session, buyer);
            payment_intents::decline_card(tx, &mut intent, buyer, Decline::GENERIC);
            tx.put(Kind::CheckoutSession, session);
        }
        Outcome::AsyncPaid | Outcome::AsyncFailed => {
            let mut intent = payment_intent(tx, session, buyer);
            payment_intents::debit(tx, &mut intent, buyer);
            complete(tx, session, buyer, "unpaid");
            let due = tx.now + settlement;
            let paid = outcome == Outcome::AsyncPaid;
            let settlement =
                json!({ "id": intent["id"], "session": session["id"], "due": due, "paid": paid });
            tx.put(Kind::Settlement, &settlement);
        }
        Outcome::Expired => expire(tx, session),
    }
}

/// The session's payment intent with a new payment method; made at the first attempt, as Stripe does.
fn payment_intent(tx: &mut Transaction, session: &mut Value, buyer: &Buyer) -> Value {
    if session["customer"].is_null() && session["customer_creation"] == "always" {
        let customer = customers::new(tx, &json!({ "email": buyer.email, "name": buyer.name }));
        session["customer"] = customer["id"].clone();
    }
    let existing = session["payment_intent"]
        .as_str()
        .and_then(|id| tx.get(Kind::PaymentIntent, id));
    let mut intent = existing.unwrap_or_else(|| {
        let basket = session["id"]
            .as_str()
            .and_then(|id| tx.get(Kind::Basket, id))
            .unwrap_or_default();
        let mut details = basket["payment_intent"].clone();
        details["amount"] = session["amount_total"].clone();
        details["currency"] = session["currency"].clone();
        details["customer"] = session["customer"].clone();
        payment_intents::open(tx, &details)
    });
    session["payment_intent"] = intent["id"].clone();
    intent["payment_method"] = tx.id("pm_1", 23).into();
    intent
}

fn complete(tx: &mut Transaction, session: &mut Value, buyer: &Buyer, payment_status: &str) {
    session["status"] = "complete".into();
    session["payment_status"] = payment_status.into();
    session["customer_details"] = buyer_details(&json!(buyer.email), &json!(buyer.name));
    session["url"] = Value::Null;
    tx.put(Kind::CheckoutSession, session);
    tx.emit("checkout.session.completed", session);
}

/// The session ends without a payment.
pub(super) fn expire(tx: &mut Transaction, session: &mut Value) {
    let intent = session["payment_intent"]
        .as_str()
        .and_then(|id| tx.get(Kind::PaymentIntent, id));
    if let Some(mut intent) = intent {
        payment_intents::end(tx, &mut intent, Some("automatic"));
    }
    session["status"] = "expired".into();
    session["url"] = Value::Null;
    tx.put(Kind::CheckoutSession, session);
    tx.emit("checkout.session.expired", session);
}

/// Whether the session is open, though its time has run out.
pub(super) fn is_overdue(session: &Value, now: i64) -> bool {
    session["status"] == "open" && session["expires_at"].as_i64().is_some_and(|end| end <= now)
}

/// Ends every session whose time has run out.
pub(super) fn expire_overdue(tx: &mut Transaction) {
    let now = tx.now;
    for session in tx
        .oldest_first(Kind::CheckoutSession)
        .filter(|session| is_overdue(session, now))
    {
        expire(tx, &mut session.clone());
    }
}

/// Settles every bank debit that is due.
pub(super) fn settle_due(tx: &mut Transaction) {
    let now = tx.now;
    let is_due = |settlement: &&Value| settlement["due"].as_i64().is_some_and(|due| due <= now);
    for settlement in tx.oldest_first(Kind::Settlement).filter(is_due) {
        let id = settlement["id"].as_str().unwrap_or_default();
        let session = settlement["session"].as_str().unwrap_or_default();
        tx.remove(Kind::Settlement, id);
        let found = tx
            .get(Kind::PaymentIntent, id)
            .zip(tx.get(Kind::CheckoutSession, session));
        let Some((mut intent, mut session)) = found else {
            continue;
        };
        if intent["status"] != "processing" {
            continue;
        }
        let paid = settlement["paid"] == true;
        payment_intents::settle(tx, &mut intent, paid);
        if paid {
            session["payment_status"] = "paid".into();
            tx.put(Kind::CheckoutSession, &session);
            tx.emit("checkout.session.async_payment_succeeded", &session);
        } else {
            tx.emit("checkout.session.async_payment_failed", &session);
        }
    }
}
