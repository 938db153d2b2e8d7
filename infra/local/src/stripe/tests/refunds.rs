use stripe_core::charge::RetrieveCharge;
use stripe_core::dispute::{ListDispute, RetrieveDispute};
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};

use super::*;

#[tokio::test]
async fn a_charge_is_refunded_in_parts_and_never_beyond_what_was_paid() {
    let world = World::new().await;
    let intent = world.paid().await;
    let refund = |amount: i64| {
        CreateRefund::new()
            .payment_intent(&intent)
            .amount(amount)
            .customize()
            .send(&world.client)
    };

    let (status, code, param) = refused(refund(1000).await.unwrap_err());
    assert_eq!(
        (status, code.as_str(), param.as_deref()),
        (400, "", Some("amount"))
    );
    let part = refund(400).await.unwrap();
    assert_eq!((part.amount, part.status.as_deref()), (400, Some("succeeded")));
    assert!(refund(600).await.is_err());
    let rest = CreateRefund::new()
        .payment_intent(&intent)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(rest.amount, 599);
    assert_eq!(refused(refund(1).await.unwrap_err()).1, "charge_already_refunded");

    world.stripe.settle().await;
    assert_eq!(
        world.endpoint.types()[4..],
        [
            "refund.created",
            "charge.refunded",
            "refund.created",
            "charge.refunded"
        ]
    );
    let charges = world.endpoint.events();
    let amounts: Vec<_> = [5, 7]
        .map(|at| charges[at]["data"]["object"]["amount_refunded"].clone())
        .to_vec();
    assert_eq!(amounts, [400, 999]);
    assert_eq!(charges[7]["data"]["previous_attributes"]["amount_refunded"], 400);
    let charge = part.charge.unwrap().into_id();
    let charge = RetrieveCharge::new(charge).send(&world.client).await.unwrap();
    assert!(charge.refunded);
    let all = ListRefund::new()
        .payment_intent(&intent)
        .send(&world.client)
        .await
        .unwrap();
    assert_eq!(all.data.len(), 2);
    RetrieveRefund::new(all.data[0].id.clone())
        .send(&world.client)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_hundred_refunds_at_once_never_exceed_the_charge() {
    let world = World::new().await;
    let intent = world.paid().await;
    let refunds = (0..100).map(|_| {
        CreateRefund::new()
            .payment_intent(&intent)
            .amount(99)
            .customize()
            .send(&world.client)
    });
    let done = futures::future::join_all(refunds)
        .await
        .into_iter()
        .filter(Result::is_ok)
        .count();
    assert_eq!(done, 10);
    assert_eq!(world.stripe.charges()[0]["amount_refunded"], 990);
}

#[tokio::test]
async fn only_what_was_paid_can_be_refunded() {
    let world = World::new().await;
    let none = CreateRefund::new().send(&world.client).await.unwrap_err();
    assert_eq!(refused(none).1, "parameter_missing");
    let unknown = CreateRefund::new()
        .payment_intent("pi_none")
        .send(&world.client)
        .await
        .unwrap_err();
    assert_eq!(
        refused(unknown),
        (400, "resource_missing".into(), Some("payment_intent".into()))
    );
    let session = world.session().await;
    world.submit(&session.id, "declined").await;
    let intent = world.stripe.payment_intents()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        CreateRefund::new()
            .payment_intent(intent)
            .send(&world.client)
            .await
            .is_err()
    );
    assert!(world.stripe.refunds().is_empty());
}

#[tokio::test]
async fn a_disputed_charge_cannot_be_refunded_until_the_dispute_is_won() {
    let world = World::new().await;
    for (outcome, refundable) in [("lost", false), ("won", true)] {
        let intent = world.paid().await;
        let refund = || {
            CreateRefund::new()
                .payment_intent(&intent)
                .customize()
                .send(&world.client)
        };
        let (status, dispute) = world
            .post("/_local/disputes", &[("payment_intent", &intent)])
            .await;
        assert_eq!((status, &dispute["status"]), (200, &"needs_response".into()));
        assert_eq!(
            world
                .endpoint
                .types()
                .iter()
                .filter(|it| *it == "charge.dispute.created")
                .count(),
            if refundable { 2 } else { 1 }
        );
        assert_eq!(refused(refund().await.unwrap_err()).1, "charge_disputed");
        let id = dispute["id"].as_str().unwrap();
        RetrieveDispute::new(id).send(&world.client).await.unwrap();
        let close = format!("/_local/disputes/{id}/close");
        let (_, closed) = world.post(&close, &[("outcome", outcome)]).await;
        assert_eq!(closed["status"], outcome);
        assert_eq!(world.endpoint.types().last().unwrap(), "charge.dispute.closed");
        assert_eq!(world.post(&close, &[("outcome", outcome)]).await.0, 400);
        assert_eq!(refund().await.is_ok(), refundable);
    }
    assert_eq!(
        ListDispute::new().send(&world.client).await.unwrap().data.len(),
        2
    );
}

#[tokio::test]
async fn a_refund_made_by_hand_is_told_of_without_a_request() {
    let world = World::new().await;
    let intent = world.paid().await;
    let json = world.http.post(format!("{}/_local/refunds", world.url));
    let refund: Value = json
        .json(&serde_json::json!({ "payment_intent": intent, "amount": 500 }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(refund["amount"], 500);
    let event = &world.endpoint.events()[4];
    assert_eq!(
        (&event["type"], &event["request"]["id"]),
        (&"refund.created".into(), &Value::Null)
    );
}

#[tokio::test]
async fn a_refund_that_fails_opens_the_debt_again() {
    let world = World::new().await;
    let intent = world.paid().await;
    let refund = CreateRefund::new()
        .payment_intent(&intent)
        .send(&world.client)
        .await
        .unwrap();
    let fail = format!("/_local/refunds/{}/fail", refund.id);
    let (_, failed) = world.post(&fail, &[]).await;
    assert_eq!(failed["status"], "failed");
    assert_eq!(world.endpoint.types().last().unwrap(), "refund.failed");
    assert_eq!(world.post(&fail, &[]).await.0, 400);
    assert_eq!(world.stripe.charges()[0]["amount_refunded"], 0);
    let refund = RetrieveRefund::new(refund.id).send(&world.client).await.unwrap();
    assert!(refund.failure_reason.is_some());
    CreateRefund::new()
        .payment_intent(&intent)
        .send(&world.client)
        .await
        .unwrap();
}
