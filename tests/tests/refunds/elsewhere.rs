//! Money of the same payment that is given back otherwise: by hand, in Stripe's dashboard.

use serde_json::Value;
use tests::System;

use super::{GOLD, sent, told};

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn where_less_is_left_than_the_lease_earns_all_that_is_left_is_given_back() {
    for reported in [true, false] {
        let system = System::start().await;
        let lease = sent(&system).await;
        system.at_rest().await;
        system.stripe().deliver_by_itself(reported);
        system.stripe().refund(&lease.payment, Some(6000)).unwrap();
        system.at_rest().await;
        lease.saves(100).await;
        lease.comes_to("refunded").await;
        assert_eq!(lease.refunds()[0]["amount"], 3999);
        assert!(told(&system).contains(&"Your lease paid off: $39.99 back".to_owned()));
        assert_eq!(lease.as_its_renter_sees_it().await["refundAmount"], 39.99);
        lease.agrees_with_stripe().await;
    }
}

#[tokio::test]
async fn where_all_was_given_back_nothing_is_owed_until_that_comes_back() {
    let system = System::start().await;
    let lease = sent(&system).await;
    let by_hand = id(&system.stripe().refund(&lease.payment, None).unwrap());
    system.at_rest().await;
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    assert!(lease.refunds().is_empty());
    assert_eq!(lease.as_its_renter_sees_it().await["refundAmount"], 0.0);
    let asked = lease.is_asked_for().await;
    asked.is_problem(409, "nothing_to_refund");
    assert_eq!(told(&system), ["Your refund: $99.99"]);
    lease.agrees_with_stripe().await;

    system.stripe().fail_refund(&by_hand).unwrap();
    let paid = async || (lease.refunds().len() == 1).then_some(());
    system.eventually("the lease is paid after all", paid).await;
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds()[0]["amount"], GOLD);
    assert_eq!(
        told(&system),
        ["Your refund: $99.99", "Your lease paid off: $50.00 back"]
    );
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn a_refund_by_hand_beside_the_leases_is_told_of_by_itself() {
    let system = System::start().await;
    let lease = sent(&system).await;
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    system.stripe().refund(&lease.payment, Some(1000)).unwrap();
    system.at_rest().await;
    assert_eq!(told(&system).len(), 2);
    assert_eq!(lease.checkout.status().await, "partially_refunded");
    system.stripe().refund(&lease.payment, None).unwrap();
    system.at_rest().await;
    assert_eq!(told(&system).len(), 3);
    assert_eq!(lease.checkout.status().await, "refunded");
    assert_eq!(lease.checkout.person.subscription().await.0, "free");
    lease.agrees_with_stripe().await;
}
