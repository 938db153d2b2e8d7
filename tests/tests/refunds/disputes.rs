//! The payment is disputed between the decision and the refund.

use local::wire::faults::Kind;
use serde_json::Value;
use tests::{Lease, System};

use super::{GOLD, sent, told};

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// The bank takes the money back, and the lease is decided then.
async fn disputed(system: &System) -> (Lease<'_>, String) {
    let lease = sent(system).await;
    let dispute = id(&system.stripe().open_dispute(&lease.payment, None).unwrap());
    system.at_rest().await;
    lease.saves(100).await;
    lease.comes_to("refund_pending").await;
    assert!(lease.refunds().is_empty());
    (lease, dispute)
}

#[tokio::test]
async fn a_refund_waits_while_the_payment_is_disputed_and_is_made_when_the_dispute_is_won() {
    let system = System::start().await;
    let (lease, dispute) = disputed(&system).await;
    let asked = lease.is_asked_for().await;
    assert_eq!(asked.is(200).json["status"], "pending");
    system.at_rest().await;
    assert!(lease.refunds().is_empty());
    system.stripe().close_dispute(&dispute, true).unwrap();
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds()[0]["amount"], GOLD);
    assert_eq!(told(&system).len(), 1);
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn nothing_is_owed_any_more_when_the_bank_gave_the_payment_back() {
    let system = System::start().await;
    let (lease, dispute) = disputed(&system).await;
    system.stripe().close_dispute(&dispute, false).unwrap();
    lease.comes_to("refunded").await;
    system.advance("P2D").await;
    system.at_rest().await;
    assert!(lease.refunds().is_empty());
    assert!(told(&system).is_empty());
    let asked = lease.is_asked_for().await;
    asked.is_problem(409, "nothing_to_refund").says("bank");
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn a_dispute_that_stripe_does_not_report_blocks_all_the_same_and_so_does_its_end() {
    let system = System::start().await;
    let lease = sent(&system).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    let dispute = id(&system.stripe().open_dispute(&lease.payment, None).unwrap());
    lease.saves(100).await;
    lease.comes_to("refund_pending").await;
    assert!(lease.refunds().is_empty());
    assert!(lease.purchase().await.money.is_disputed());
    system.stripe().close_dispute(&dispute, true).unwrap();
    system.advance("PT24H1M").await;
    lease.comes_to("refunded").await;
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn a_refund_that_stripe_refuses_for_a_dispute_is_asked_for_again_when_it_is_won() {
    let system = System::start().await;
    let lease = sent(&system).await;
    system.at_rest().await;
    // Stripe does nothing as often as it is asked; that it was asked is written.
    system.fail("stripe", "POST /v1/refunds", Kind::InternalError, 15);
    lease.saves(100).await;
    system.faults_struck().await;
    let given_up = async || (system.platform.dead_letters().len() == 1).then_some(());
    system.eventually("the message is given up", given_up).await;
    let dispute = id(&system.stripe().open_dispute(&lease.payment, None).unwrap());
    system.at_rest().await;
    system.advance("PT16M").await;
    lease.comes_to("refund_pending").await;
    assert!(lease.refunds().is_empty());
    system.advance("PT1H").await;
    system.stripe().close_dispute(&dispute, true).unwrap();
    lease.comes_to("refunded").await;
    let refunds = lease.refunds();
    assert_eq!(
        (refunds.len(), &refunds[0]["metadata"]["attempt"]),
        (1, &"2".into())
    );
    lease.agrees_with_stripe().await;
}
