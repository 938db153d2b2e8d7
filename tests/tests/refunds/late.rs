//! Money that takes its time, comes back, or is not heard of.

use domain::lease::Standing;
use serde_json::Value;
use tests::System;

use super::{GOLD, sent, told};

fn id(refund: &Value) -> String {
    refund["id"].as_str().unwrap().to_owned()
}

/// The subjects of the mails to ourselves.
fn told_to_us(system: &System) -> Vec<String> {
    let mails = system.mails_to("help@apartment-locator.example");
    mails.into_iter().map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn a_refund_that_takes_time_is_on_its_way_until_the_bank_has_it() {
    let system = System::start().await;
    system.stripe().let_refunds_take_time(true);
    let lease = sent(&system).await;
    lease.saves(100).await;
    let on_its_way = async || (told(&system).len() == 1).then_some(());
    system.eventually("the renter is told", on_its_way).await;
    lease.comes_to("refund_pending").await;
    lease.agrees_with_stripe().await;
    system.stripe().succeed_refund(&id(&lease.refunds()[0])).unwrap();
    lease.comes_to("refunded").await;
    assert_eq!(
        told(&system),
        [
            "Your refund is on its way: $50.00",
            "Your lease paid off: $50.00 back"
        ]
    );
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn a_refund_that_fails_a_day_later_is_owed_again_told_and_paid_when_it_is_asked_for() {
    let system = System::start().await;
    let lease = sent(&system).await;
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    system.advance("P1D").await;
    system.stripe().fail_refund(&id(&lease.refunds()[0])).unwrap();
    lease.comes_to("refund_failed").await;
    lease.agrees_with_stripe().await;
    assert_eq!(told(&system)[1..], ["Your refund did not reach you"]);
    assert_eq!(told_to_us(&system), ["A refund failed: $50.00 is still owed"]);

    // Nobody but the renter or one of us sets it going again.
    system.advance("P1D").await;
    system.at_rest().await;
    assert_eq!(
        (lease.refunds().len(), lease.status().await),
        (1, "refund_failed".into())
    );
    let asked = lease.is_asked_for().await;
    assert_eq!(asked.is(200).json["status"], "pending");
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds()[1]["metadata"]["attempt"], "2");
    assert_eq!(told(&system).len(), 3);
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn what_stripe_never_reports_is_asked_after_on_the_next_day() {
    let system = System::start().await;
    system.stripe().let_refunds_take_time(true);
    let lease = sent(&system).await;
    system.stripe().deliver_by_itself(false);
    lease.saves(100).await;
    lease.comes_to("refund_pending").await;
    let made = async || lease.refunds().first().cloned();
    let refund = system.eventually("Stripe is asked", made).await;
    system.stripe().succeed_refund(&id(&refund)).unwrap();
    system.advance("PT24H1M").await;
    lease.comes_to("refunded").await;
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn reports_that_come_twice_and_backwards_end_in_the_same_and_tell_once() {
    let system = System::start().await;
    let lease = sent(&system).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    let mut events = system.stripe().undelivered();
    assert!(events.len() >= 2, "{events:?}");
    events.reverse();
    for _ in 0..2 {
        for event in &events {
            assert_eq!(system.stripe().deliver_event(event).await, Some(200));
        }
    }
    system.at_rest().await;
    assert_eq!(lease.status().await, "refunded");
    assert_eq!(told(&system).len(), 1);
    assert_eq!(system.snapshot().await.facts("RefundSucceeded").len(), 1);
    assert_eq!(lease.refunds()[0]["amount"], GOLD);
    lease.agrees_with_stripe().await;
}

#[tokio::test]
async fn what_is_owed_is_paid_to_whoever_has_left_meanwhile_and_nobody_is_told() {
    let system = System::start().await;
    let lease = sent(&system).await;
    let dispute = system.stripe().open_dispute(&lease.payment, None).unwrap();
    system.at_rest().await;
    lease.saves(100).await;
    lease.comes_to("refund_pending").await;
    let before = system.mails_to(&lease.checkout.person.email).len();
    lease.checkout.person.leave().await;
    system.stripe().close_dispute(&id(&dispute), true).unwrap();
    let paid = async || {
        let standing = lease.purchase().await.refund_standing(lease.id);
        matches!(standing, Some(Standing::Paid(_))).then_some(())
    };
    system.eventually("the lease is paid", paid).await;
    system.at_rest().await;
    assert_eq!(lease.refunds()[0]["amount"], GOLD);
    lease.agrees_with_stripe().await;
    // Of the end of the account, and nothing else.
    assert_eq!(system.mails_to(&lease.checkout.person.email).len(), before + 1);
    assert_eq!(system.platform.dead_letters(), []);
}
