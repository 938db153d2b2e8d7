//! Landlords, who subscribe.

use serde_json::{Value, json};

use crate::{Answer, Checkout, Person, System};

impl System {
    /// A landlord of this name, signed up just now.
    ///
    /// # Panics
    /// If signing up fails.
    pub async fn landlord(&self, name: &str) -> Person<'_> {
        let person = self.person(name).await;
        let role = json!({ "userType": "landlord" });
        person.patch("/api/auth/user-type", &role).await.is(200);
        person
    }
}

impl<'a> Person<'a> {
    /// Opens the page on which a subscription to `plan` begins, paid by the month.
    ///
    /// # Panics
    /// If no page is opened.
    pub async fn subscription_page(&self, plan: &str) -> Checkout<'a> {
        let wish = json!({ "planId": plan, "interval": "month" });
        let answer = self.post("/api/payments/create-checkout", &wish).await;
        Checkout::opened(self.clone(), answer.is(200))
    }

    /// Subscribes to a plan, with this end of the page, and waits until Stripe has reported it. Stripe's id of the
    /// subscription.
    ///
    /// # Panics
    /// If there is none then.
    pub async fn subscribe(&self, plan: &str, outcome: &str) -> String {
        let page = self.subscription_page(plan).await;
        page.submit_as(outcome).await;
        self.system.stripe().settle().await;
        let begun = async || {
            let billing = self.billing().await;
            billing["subscription"]["id"].as_str().map(str::to_owned)
        };
        self.system.eventually("the subscription begins", begun).await
    }

    /// What the person has subscribed to, and was billed for.
    ///
    /// # Panics
    /// If it is not answered.
    pub async fn billing(&self) -> Value {
        let path = format!("/api/payments/subscription-status/{}", self.id);
        self.get(&path).await.is(200).json.clone()
    }

    /// Stripe's id of the person's customer.
    ///
    /// # Panics
    /// If the person has none.
    pub async fn customer(&self) -> String {
        let snapshot = self.system.snapshot().await;
        let account = snapshot.item(&format!("USER#{}", self.id), "ACCOUNT");
        let account = account.expect("an account");
        account["billing"]["customer"]
            .as_str()
            .expect("a customer")
            .to_owned()
    }
}

impl Checkout<'_> {
    /// Posts the page's form, by the name of an outcome that only a subscription has.
    pub async fn submit_as(&self, outcome: &str) -> Answer {
        let system = self.person.system;
        let form = system.request_to("POST", &self.url).form(&[("outcome", outcome)]);
        system.send(form).await
    }
    /// Lets the bank debit of the page come to its end, and waits until the purchase stands at `status`.
    ///
    /// # Panics
    /// If it never does.
    pub async fn end_later(&self, status: &str) {
        let system = self.person.system;
        system.settle_debits().await;
        let reached = async || (self.status().await == status).then_some(());
        system.eventually("the debit ends", reached).await;
    }
}
