//! Whoever gives money back dies on the way, or does not hear what became of it.

use futures::future::join_all;
use local::wire::faults::{Fault, Kind};
use tests::System;

use super::{GOLD, sent, told};

/// How a call ends after which there is no other: it was not made, or it was and nobody heard.
const DEATHS: [Kind; 2] = [Kind::InternalError, Kind::AnswerLost];
/// How often a call is tried before whoever makes it gives up.
const TRIES: u32 = 3;
/// How many systems run at the same time.
const AT_ONCE: u32 = 4;

/// Whose call of what it dies at. Stripe does not know which function calls; while refunds are made, no other does.
#[derive(Clone, Copy)]
struct Calls {
    function: Option<&'static str>,
    service: &'static str,
}

const TO_THE_TABLE: Calls = Calls {
    function: Some("RefundsFunction"),
    service: "dynamodb",
};
const TO_STRIPE: Calls = Calls {
    function: None,
    service: "stripe",
};

/// A refund whose maker dies at this call is made by whoever comes next. Whether it died: it may make fewer calls.
async fn dies_at(calls: Calls, call: u32, kind: Kind) -> bool {
    let system = System::start().await;
    let lease = sent(&system).await;
    system.at_rest().await;
    // What Stripe reports of it comes late: nobody may have to wait for that.
    system.stripe().deliver_by_itself(false);
    system.platform.faults().arm(Fault {
        principal: calls.function.map(str::to_owned),
        after: call,
        times: TRIES,
        ..Fault::of(calls.service, "", kind)
    });
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    let died = system.platform.faults().armed().is_empty();
    system.platform.faults().clear();
    lease.agrees_with_stripe().await;
    let undelivered = system.stripe().undelivered();
    system.stripe().deliver_in_order(&undelivered).await;
    system.at_rest().await;
    let where_ = format!("{kind:?} at call {call} to {}", calls.service);
    assert_eq!(lease.refunds().len(), 1, "{where_}");
    assert_eq!(lease.refunds()[0]["amount"], GOLD, "{where_}");
    assert_eq!(lease.status().await, "refunded", "{where_}");
    assert_eq!(told(&system).len(), 1, "{where_}");
    lease.agrees_with_stripe().await;
    died
}

/// Dies at every call in turn, in both ways; how many there are.
async fn dies_at_each(calls: Calls) -> u32 {
    let mut most = 0;
    for kind in DEATHS {
        let mut first = 0;
        loop {
            let died = join_all((first..first + AT_ONCE).map(|call| dies_at(calls, call, kind))).await;
            let count = died.iter().take_while(|died| **died).count();
            most = most.max(first + u32::try_from(count).unwrap());
            if count < died.len() {
                break;
            }
            first += AT_ONCE;
        }
    }
    most
}

#[tokio::test]
async fn a_refund_whose_maker_dies_at_any_call_to_the_table_is_made_once() {
    // The lease, the debt; the purchase, the step, the answer: read and written.
    let calls = dies_at_each(TO_THE_TABLE).await;
    assert!(calls >= 8, "{calls}");
}

#[tokio::test]
async fn a_refund_whose_maker_dies_at_any_call_to_stripe_is_made_once() {
    // Refunds, disputes, the refund.
    let calls = dies_at_each(TO_STRIPE).await;
    assert!(calls >= 3, "{calls}");
}

#[tokio::test]
async fn a_refund_that_stripe_made_and_never_answered_is_found_and_not_made_again() {
    let system = System::start().await;
    let lease = sent(&system).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    // Stripe answers nothing any more, until the queue gives the message up.
    system.fail("stripe", "POST /v1/refunds", Kind::AnswerLost, TRIES);
    system.platform.faults().arm(Fault {
        after: 1,
        times: 4 * TRIES,
        ..Fault::of("stripe", "GET /v1/refunds", Kind::InternalError)
    });
    lease.saves(100).await;
    let given_up = async || (system.platform.dead_letters().len() == 1).then_some(());
    system.eventually("the message is given up", given_up).await;
    assert_eq!(
        (lease.refunds().len(), lease.status().await),
        (1, "refund_pending".into())
    );
    system.platform.faults().clear();
    // A day later Stripe has forgotten the key.
    system.advance("PT26H").await;
    lease.comes_to("refunded").await;
    assert_eq!(lease.refunds().len(), 1);
    lease.agrees_with_stripe().await;
}
