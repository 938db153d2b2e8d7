//! Stripe: the page to pay on, and the events that report how it went.

use std::sync::Arc;

use local::stripe::{Stripe, stripe_signature};
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::{Answer, Person, System};

/// The secret that the local system signs Stripe's events with.
pub const WEBHOOK_SECRET: &str = "whsec_local";

/// How a payment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The card is charged.
    Paid,
    /// The bank declines the card; the page stays open.
    Declined,
    /// A bank debit, which succeeds later.
    AsyncPaid,
    /// A bank debit, which fails later.
    AsyncFailed,
    /// The time runs out.
    Expired,
}

impl Outcome {
    /// What the page's form calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::AsyncPaid => "async_paid",
            Self::AsyncFailed => "async_failed",
            Self::Expired => "expired",
        }
    }

    /// Where the purchase stands once Stripe has reported everything.
    #[must_use]
    pub const fn status(self) -> &'static str {
        match self {
            Self::Paid | Self::AsyncPaid => "paid",
            Self::Declined => "pending",
            Self::AsyncFailed => "failed",
            Self::Expired => "expired",
        }
    }
}

/// A page to pay on.
#[derive(Clone)]
pub struct Checkout<'a> {
    /// Who pays.
    pub person: Person<'a>,
    /// The page.
    pub url: String,
    /// Stripe's id of the Checkout Session.
    pub session: String,
    /// Our id of the purchase.
    pub purchase: String,
}

impl<'a> Checkout<'a> {
    /// The page that an answer names.
    ///
    /// # Panics
    /// If it names none.
    #[must_use]
    pub fn opened(person: Person<'a>, answer: &Answer) -> Self {
        Self {
            person,
            url: answer.text_at("/url").to_owned(),
            session: answer.text_at("/sessionId").to_owned(),
            purchase: answer.text_at("/purchaseId").to_owned(),
        }
    }

    /// Posts the page's form, and leaves it to Stripe when to report it.
    pub async fn submit(&self, outcome: Outcome) -> Answer {
        let system = self.person.system;
        system
            .send(
                system
                    .request_to("POST", &self.url)
                    .form(&[("outcome", outcome.name())]),
            )
            .await
    }

    /// Ends the payment and waits until Stripe has reported all of it.
    ///
    /// # Panics
    /// If the purchase then does not stand where this outcome brings it.
    pub async fn end(&self, outcome: Outcome) {
        self.submit(outcome).await;
        let system = self.person.system;
        system.stripe().settle().await;
        if matches!(outcome, Outcome::AsyncPaid | Outcome::AsyncFailed) {
            system.settle_debits().await;
        }
        let reached = async || (self.status().await == outcome.status()).then_some(());
        system
            .eventually("the purchase moves as Stripe reports", reached)
            .await;
    }

    /// Where the purchase stands.
    pub async fn status(&self) -> String {
        self.person.purchase_status(&self.purchase).await
    }

    /// The events about this page of a type, oldest first.
    #[must_use]
    pub fn events(&self, kind: &str) -> Vec<Value> {
        let ours =
            |event: &Value| event["type"] == kind && event["data"]["object"]["id"] == self.session.as_str();
        self.person
            .system
            .stripe()
            .events()
            .into_iter()
            .filter(ours)
            .collect()
    }

    /// The id of the one event of this type.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[must_use]
    pub fn event_id(&self, kind: &str) -> String {
        let events = self.events(kind);
        assert_eq!(events.len(), 1, "{kind}");
        events[0]["id"].as_str().expect("an event has an id").to_owned()
    }
}

impl System {
    /// The stand-in for Stripe.
    ///
    /// # Panics
    /// If the system has none.
    #[must_use]
    pub fn stripe(&self) -> &Arc<Stripe> {
        self.platform.stripe().expect("the local Stripe")
    }

    /// Changes a subscription at Stripe itself, as its own page does for the subscriber.
    ///
    /// # Panics
    /// If it is not changed.
    pub async fn change_at_stripe(&self, subscription: &str, parameters: &[(&str, &str)]) {
        let path = format!("v1/subscriptions/{subscription}");
        let request = self.request_to_stripe("POST", &path).form(parameters);
        self.send(request).await.is(200);
    }

    /// A request to Stripe's own API, with a key that is not the product's.
    ///
    /// # Panics
    /// If the system has no stand-in for Stripe.
    pub fn request_to_stripe(&self, method: &str, path: &str) -> RequestBuilder {
        let address = self.platform.addresses().stripe.expect("the local Stripe");
        let request = self.request_to(method, &format!("http://{address}/{path}"));
        request.bearer_auth("sk_test_not_the_products")
    }

    /// Lets the bank debits that are under way come to their end.
    pub async fn settle_debits(&self) {
        self.advance("PT3S").await;
        self.stripe().settle().await;
    }

    /// Every buyer pays on each page that is open.
    ///
    /// # Panics
    /// If it cannot be paid on.
    pub async fn pay_open_pages(&self) {
        for session in self.stripe().checkout_sessions() {
            if session["status"] == "open" {
                let page = session["url"].as_str().expect("a page");
                let form = [("outcome", Outcome::Paid.name())];
                self.send(self.request_to("POST", page).form(&form)).await.is(303);
            }
        }
    }

    /// Every buyer pays what was begun on the web client's own page.
    ///
    /// # Panics
    /// If it cannot be paid.
    pub async fn pay_open_intents(&self) {
        for intent in self.stripe().payment_intents() {
            let of_ours = &intent["metadata"];
            let on_our_page = of_ours["purchase_id"].is_string() && of_ours["on_page"].is_null();
            if on_our_page && intent["status"] == "requires_payment_method" {
                let id = intent["id"].as_str().expect("an id");
                let request = self.request_to_stripe("POST", &format!("v1/payment_intents/{id}/confirm"));
                let card = [("payment_method", "pm_card_visa")];
                self.send(request.form(&card)).await.is(200);
            }
        }
    }

    /// Posts a payload to the webhook, with this signature.
    pub async fn webhook(&self, payload: impl Into<Vec<u8>>, signature: &str) -> Answer {
        let request = self
            .request("POST", "/api/stripe/webhook")
            .header("content-type", "application/json");
        self.send(request.header("stripe-signature", signature).body(payload.into()))
            .await
    }

    /// Posts an event to the webhook, signed as Stripe would sign it now.
    pub async fn report(&self, event: &Value) -> Answer {
        let payload = event.to_string().into_bytes();
        let signature = self.signature(&payload, WEBHOOK_SECRET, 0);
        self.webhook(payload, &signature).await
    }

    /// The signature of a payload under a secret, made this many seconds from now.
    #[must_use]
    pub fn signature(&self, payload: &[u8], secret: &str, seconds: i64) -> String {
        stripe_signature(payload, &[secret], self.now().as_second() + seconds)
    }
}
