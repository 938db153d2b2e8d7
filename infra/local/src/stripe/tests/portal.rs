use stripe_billing::SubscriptionStatus;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;

use super::*;

const BACK: &str = "http://127.0.0.1:5173/billing";

impl World {
    async fn portal(&self, customer: &str) -> String {
        CreateBillingPortalSession::new()
            .customer(customer)
            .return_url(BACK)
            .send(&self.client)
            .await
            .unwrap()
            .url
    }

    async fn act(&self, portal: &str, form: &[(&str, &str)]) -> (u16, String) {
        let answer = self.http.post(portal).form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn a_customer_sees_cancels_and_resumes_the_subscription() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    let portal = world.portal(subscription.customer.id()).await;
    let html = world
        .http
        .get(&portal)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for shown in [
        "Landlord Pro",
        "$49.00 a month",
        "renews on",
        "-0001",
        "4242",
        BACK,
    ] {
        assert!(html.contains(shown), "{shown} is not in {html}");
    }
    for (action, cancels) in [("cancel", true), ("resume", false)] {
        let form = [("action", action), ("subscription", subscription.id.as_str())];
        assert_eq!(world.act(&portal, &form).await.0, 200);
        let after = world.subscription(&subscription.id).await;
        assert_eq!(after.cancel_at_period_end, cancels);
    }
}

#[tokio::test]
async fn a_card_that_declines_is_replaced_and_the_invoice_paid() {
    let world = World::new().await;
    let subscription = world.subscribed(Some(14)).await;
    let customer = subscription.customer.id().to_string();
    let portal = world.portal(&customer).await;
    assert_eq!(world.act(&portal, &[("action", "failing_card")]).await.0, 200);
    world.hands.advance(14 * 24 * 60 * 60);
    world.stripe.settle().await;
    let after = world.subscription(&subscription.id).await;
    assert_eq!(after.status, SubscriptionStatus::PastDue);
    assert_eq!(world.act(&portal, &[("action", "card")]).await.0, 404);

    let portal = world.portal(&customer).await;
    let invoice = world.stripe.invoices().pop().unwrap();
    let pay = [("action", "pay"), ("invoice", invoice["id"].as_str().unwrap())];
    assert!(
        world
            .act(&portal, &pay)
            .await
            .1
            .contains("Your card was declined.")
    );
    world.act(&portal, &[("action", "card")]).await;
    assert!(world.act(&portal, &pay).await.1.contains("The invoice was paid."));
    let after = world.subscription(&subscription.id).await;
    assert_eq!(after.status, SubscriptionStatus::Active);
    let url = invoice["hosted_invoice_url"].as_str().unwrap();
    let html = world.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Landlord Pro") && html.contains("$49.00"), "{html}");
}

#[tokio::test]
async fn the_portal_of_one_customer_does_nothing_to_another() {
    let world = World::new().await;
    let mine = world.subscribed(None).await;
    let other = world.subscribed(None).await;
    let portal = world.portal(mine.customer.id()).await;
    let form = [("action", "cancel"), ("subscription", other.id.as_str())];
    assert_eq!(world.act(&portal, &form).await.0, 400);
    assert!(!world.subscription(&other.id).await.cancel_at_period_end);
}

#[tokio::test]
async fn a_portal_opened_to_cancel_leads_back_afterwards() {
    let world = World::new().await;
    let subscription = world.subscribed(None).await;
    let form = [
        ("customer", subscription.customer.id().as_str()),
        ("return_url", BACK),
        ("flow_data[type]", "subscription_cancel"),
        (
            "flow_data[subscription_cancel][subscription]",
            subscription.id.as_str(),
        ),
        ("flow_data[after_completion][type]", "redirect"),
        ("flow_data[after_completion][redirect][return_url]", BACK),
    ];
    let (status, session) = world.post("/v1/billing_portal/sessions", &form).await;
    assert_eq!(status, 200, "{session}");
    let cancel = [("action", "cancel"), ("subscription", subscription.id.as_str())];
    let url = session["url"].as_str().unwrap();
    assert_eq!(world.act(url, &cancel).await.0, 303);
}
