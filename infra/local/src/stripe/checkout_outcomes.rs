//! How a checkout session ends, and what then happens in which order.

use serde_json::{Value, json};

use super::charges::{Buyer, Decline};
use super::checkout_sessions::buyer_details;
use super::checkout_subscriptions::{self, Card};
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
    /// Begins a subscription with a card that works today, and is declined from then on.
    DeclinesLater,
    /// Begins a trial without a card.
    WithoutCard,
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
            "declines_later" => Some(Self::DeclinesLater),
            "without_card" => Some(Self::WithoutCard),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }

    /// Whether the page of this session lets the buyer choose it.
    pub(super) fn is_offered(self, session: &Value, basket: &Value) -> bool {
        let subscribes = session["mode"] == "subscription";
        match self {
            Self::Paid | Self::Declined | Self::Expired => true,
            Self::AsyncPaid | Self::AsyncFailed => !subscribes,
            Self::DeclinesLater => subscribes,
            Self::WithoutCard => subscribes && checkout_subscriptions::needs_no_card(&basket["subscription"]),
        }
    }
}

/// Brings an open session to its outcome.
pub(super) fn reach(tx: &mut Transaction, session: &mut Value, outcome: Outcome, buyer: &Buyer) {
    if session["mode"] == "subscription" {
        return subscribe(tx, session, outcome, buyer);
    }
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
            let due = tx.now + tx.settlement;
            let paid = outcome == Outcome::AsyncPaid;
            let settlement =
                json!({ "id": intent["id"], "session": session["id"], "due": due, "paid": paid });
            tx.put(Kind::Settlement, &settlement);
        }
        Outcome::Expired => expire(tx, session),
        Outcome::DeclinesLater | Outcome::WithoutCard => {}
    }
}

fn subscribe(tx: &mut Transaction, session: &mut Value, outcome: Outcome, buyer: &Buyer) {
    match outcome {
        Outcome::Paid => checkout_subscriptions::complete(tx, session, buyer, Card::Works),
        Outcome::DeclinesLater => checkout_subscriptions::complete(tx, session, buyer, Card::DeclinesLater),
        Outcome::WithoutCard => checkout_subscriptions::complete(tx, session, buyer, Card::None),
        Outcome::Declined => checkout_subscriptions::decline(tx, session, buyer),
        Outcome::Expired => expire(tx, session),
        Outcome::AsyncPaid | Outcome::AsyncFailed => {}
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

/// The buyer has done what there was to do.
pub(super) fn complete(tx: &mut Transaction, session: &mut Value, buyer: &Buyer, payment_status: &str) {
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

/// Settles a bank debit, and with it the checkout session that it came from, if it came from one.
pub(super) fn settle(tx: &mut Transaction, settlement: &Value) {
    let id = settlement["id"].as_str().unwrap_or_default();
    tx.remove(Kind::Settlement, id);
    let intent = tx.get(Kind::PaymentIntent, id);
    let Some(mut intent) = intent.filter(|intent| intent["status"] == "processing") else {
        return;
    };
    let paid = settlement["paid"] == true;
    payment_intents::settle(tx, &mut intent, paid);
    let session = settlement["session"]
        .as_str()
        .and_then(|session| tx.get(Kind::CheckoutSession, session));
    let Some(mut session) = session else {
        return;
    };
    if paid {
        session["payment_status"] = "paid".into();
        tx.put(Kind::CheckoutSession, &session);
        tx.emit("checkout.session.async_payment_succeeded", &session);
    } else {
        tx.emit("checkout.session.async_payment_failed", &session);
    }
}
