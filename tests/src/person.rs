//! People: they sign up, ask, choose a plan and pay.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{Answer, Checkout, Outcome, System};

/// Everybody's password, unless a test says otherwise.
pub const PASSWORD: &str = "correct horse battery";

/// A person who is signed in.
#[derive(Clone)]
pub struct Person<'a> {
    /// Where.
    pub system: &'a System,
    /// The id of their account.
    pub id: String,
    /// Their mail address.
    pub email: String,
    /// The token of their session.
    pub token: String,
}

impl System {
    /// A person of this name, signed up just now as `<name>@example.com`. Everybody starts as a renter.
    ///
    /// # Panics
    /// If signing up fails.
    pub async fn person(&self, name: &str) -> Person<'_> {
        let email = format!("{name}@example.com");
        let answer = self.sign_up(&email).await;
        Person::signed_in(self, answer.is(201))
    }

    /// Signs up with an address.
    pub async fn sign_up(&self, email: &str) -> Answer {
        self.post(
            "/api/auth/signup",
            &json!({ "email": email, "password": PASSWORD }),
        )
        .await
    }

    /// Signs in with an address and a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post(
            "/api/auth/signin",
            &json!({ "email": email, "password": password }),
        )
        .await
    }
}

impl<'a> Person<'a> {
    /// The person whom an answer to signing up or in is about.
    ///
    /// # Panics
    /// If it is not such an answer.
    #[must_use]
    pub fn signed_in(system: &'a System, answer: &Answer) -> Self {
        Self {
            system,
            id: answer.text_at("/user/id").to_owned(),
            email: answer.text_at("/user/email").to_owned(),
            token: answer.text_at("/token").to_owned(),
        }
    }

    /// The same person on one more device.
    ///
    /// # Panics
    /// If signing in fails.
    pub async fn on_another_device(&self) -> Self {
        let answer = self.system.sign_in(&self.email, PASSWORD).await;
        Self::signed_in(self.system, answer.is(200))
    }

    /// A request of this person's.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.system.request(method, path).bearer_auth(&self.token)
    }

    /// A request of this person's browser, which carries the session in the cookie.
    pub fn browser_request(&self, method: &str, path: &str) -> RequestBuilder {
        self.system
            .request(method, path)
            .header("cookie", format!("__Host-session={}", self.token))
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.system.send(self.request("GET", path)).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.system.send(self.request("POST", path).json(body)).await
    }

    /// `POST` without a body.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.system.send(self.request("POST", path)).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.system.send(self.request("PATCH", path).json(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.system.send(self.request("DELETE", path)).await
    }

    /// What `/me` says of the person.
    ///
    /// # Panics
    /// If the person is not signed in.
    pub async fn me(&self) -> Value {
        self.get("/api/auth/me").await.is(200).json["user"].clone()
    }

    /// The plan that counts now and its status, as `/me` tells them.
    ///
    /// # Panics
    /// If the person is not signed in.
    pub async fn subscription(&self) -> (String, String) {
        let me = self.me().await;
        let text = |name: &str| {
            me[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name} in {me}"))
                .to_owned()
        };
        (text("subscriptionTier"), text("subscriptionStatus"))
    }

    /// The person's purchases, newest first.
    ///
    /// # Panics
    /// If they cannot be listed.
    pub async fn purchases(&self) -> Vec<Value> {
        let answer = self.get("/api/purchases?limit=100").await;
        answer.is(200).json["purchases"]
            .as_array()
            .expect("a list of purchases")
            .clone()
    }

    /// Where a purchase of the person's stands.
    ///
    /// # Panics
    /// If there is no such purchase.
    pub async fn purchase_status(&self, purchase: &str) -> String {
        let purchases = self.purchases().await;
        let found = purchases.iter().find(|found| found["id"] == purchase);
        let found = found.unwrap_or_else(|| panic!("no purchase {purchase} in {purchases:?}"));
        found["status"].as_str().expect("a status").to_owned()
    }

    /// Asks for an analysis of a property.
    pub async fn unlock(&self, property: &str) -> Answer {
        self.post("/api/access/unlock-property", &json!({ "propertyId": property }))
            .await
    }

    /// Begins to buy a plan.
    ///
    /// # Panics
    /// If no page to pay on is opened.
    pub async fn checkout(&self, plan: &str) -> Checkout<'a> {
        self.begin(&json!({ "planId": plan })).await
    }

    /// Begins to buy one property.
    ///
    /// # Panics
    /// If no page to pay on is opened.
    pub async fn checkout_property(&self, property: &str) -> Checkout<'a> {
        self.begin(&json!({ "planId": "per_property", "propertyId": property }))
            .await
    }

    async fn begin(&self, wish: &Value) -> Checkout<'a> {
        let answer = self.post("/api/payments/create-checkout", wish).await;
        Checkout::opened(self.clone(), answer.is(200))
    }

    /// Buys a plan, with this end of the payment, and waits until Stripe has reported all of it.
    ///
    /// # Panics
    /// If the purchase does not end as it must.
    pub async fn buy(&self, plan: &str, outcome: Outcome) -> Checkout<'a> {
        let checkout = self.checkout(plan).await;
        checkout.end(outcome).await;
        checkout
    }

    /// Buys one property, paid.
    ///
    /// # Panics
    /// If the purchase is not paid in the end.
    pub async fn buy_property(&self, property: &str) -> Checkout<'a> {
        let checkout = self.checkout_property(property).await;
        checkout.end(Outcome::Paid).await;
        checkout
    }
}
