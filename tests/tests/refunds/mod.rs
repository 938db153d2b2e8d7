//! The lease guarantee: money goes back for a verified lease, once, whatever happens on the way.

mod courses;
mod disputes;
mod dying;
mod elsewhere;
mod late;
mod people;

use domain::event::Fact;
use futures::future::join_all;
use serde_json::json;
use tests::{Lease, System};

/// Half of a premium plan.
pub(crate) const GOLD: u32 = 5000;

/// A renter with a lease that was sent, and not decided yet.
pub(crate) async fn sent(system: &System) -> Lease<'_> {
    system.listing("1001").await;
    system.person("ana").await.sends_lease("premium", "1001").await
}

/// The subjects of the mails that the renter got about money, the receipt aside.
pub(crate) fn told(system: &System) -> Vec<String> {
    let subjects = system
        .mails_to("ana@example.com")
        .into_iter()
        .map(|mail| mail.subject);
    subjects
        .filter(|subject| subject.contains("refund") || subject.contains("back"))
        .collect()
}

#[tokio::test]
async fn a_verified_lease_is_paid_back_once_and_its_renter_is_told_once() {
    let system = System::start().await;
    let lease = sent(&system).await;
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    lease.agrees_with_stripe().await;
    let refunds = lease.refunds();
    assert_eq!((refunds.len(), &refunds[0]["amount"]), (1, &json!(GOLD)));
    assert_eq!(refunds[0]["metadata"]["purchase_id"], lease.checkout.purchase);
    assert_eq!(refunds[0]["metadata"]["attempt"], "1");
    assert_eq!(told(&system), ["Your lease paid off: $50.00 back"]);
    // A part that is given back closes nothing.
    assert_eq!(lease.checkout.status().await, "partially_refunded");
    assert_eq!(lease.checkout.person.subscription().await.0, "premium");
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn each_tier_gives_back_its_share_and_none_gives_nothing() {
    for (saving, share) in [(50, Some(3000)), (1, Some(2000)), (0, None)] {
        let system = System::start().await;
        let lease = sent(&system).await;
        lease.saves(saving).await;
        match share {
            Some(share) => {
                lease.comes_to("refunded").await;
                assert_eq!(lease.refunds()[0]["amount"], share);
            }
            None => {
                lease.comes_to("verified").await;
                assert!(lease.refunds().is_empty());
                let asked = lease.is_asked_for().await;
                asked.is_problem(409, "nothing_to_refund");
            }
        }
        lease.agrees_with_stripe().await;
    }
}

#[tokio::test]
async fn a_refund_that_is_clicked_fifty_times_at_once_is_one() {
    let system = System::start().await;
    let lease = sent(&system).await;
    lease.saves(100).await;
    let clicked = join_all((0..50).map(|_| lease.is_asked_for())).await;
    assert!(clicked.iter().all(|answer| answer.status == 200));
    lease.comes_to("refunded").await;
    join_all((0..50).map(|_| lease.is_asked_for())).await;
    system.at_rest().await;
    let asked = lease.is_asked_for().await;
    assert_eq!(asked.is(200).json["status"], "refunded");
    assert_eq!(asked.json["refundAmount"], 50.0);
    assert_eq!(lease.refunds().len(), 1);
    assert_eq!(told(&system).len(), 1);
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn an_event_that_comes_ten_times_pays_once() {
    let system = System::start().await;
    let lease = sent(&system).await;
    lease.saves(100).await;
    let (user_id, verification_id) = (lease.checkout.person.id.parse().unwrap(), lease.id);
    let purchase_id = lease.checkout.purchase.parse().unwrap();
    for _ in 0..5 {
        system
            .tell(Fact::LeaseVerified {
                user_id,
                verification_id,
            })
            .await;
        system
            .tell(Fact::RefundDue {
                user_id,
                purchase_id,
                verification_id,
            })
            .await;
    }
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds().len(), 1);
    assert_eq!(told(&system).len(), 1);
    lease.agrees_with_stripe().await;
}
