//! Every order of Stripe's events, each of them once or more often, leads to the same state.
//!
//! This is shown for all sequences, not for some, by induction over their length. Let `state(S)` be what the table holds
//! after the events of a set `S`. Each test holds, for every subset `S` of a story's events and every event `e`, that
//! `e` brings `state(S)` to `state(S ∪ {e})`: to the same one whichever `e` came last, and to no other where `e` was seen
//! before. So a sequence leads to the state of the set of its events, however they are ordered and repeated.
//!
//! Of the state count all items, with what was told to the rest of the system, except for times and counters of writing.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::rewind::Moment;
use tests::{Checkout, Outcome, System};

/// What says when and how often something was written.
const OF_WRITING: [&str; 5] = ["createdAt", "updatedAt", "version", "revision", "ttl"];
/// Told as often as the sum that was given back is seen to grow: one step, where the last of two refunds comes first.
const TOLD_IN_STEPS: &str = "PurchaseRefunded";

/// What a set of events led to.
struct State {
    moment: Moment,
    items: BTreeMap<String, Value>,
    told: BTreeMap<String, usize>,
}

async fn state(system: &System) -> State {
    let snapshot = system.snapshot().await;
    let mut items = BTreeMap::new();
    let mut told = BTreeMap::new();
    for item in snapshot.items() {
        if item["entity"] == "Event" {
            let fact = item["type"].as_str().unwrap().to_owned();
            if fact != TOLD_IN_STEPS {
                *told.entry(fact).or_default() += 1;
            }
        } else if item["entity"] != "Mail" {
            let mut item = item.clone();
            forget_writing(&mut item);
            items.insert(format!("{} {}", item["PK"], item["SK"]), item);
        }
    }
    State {
        moment: system.moment().await,
        items,
        told,
    }
}

fn forget_writing(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|name, _| !OF_WRITING.contains(&name.as_str()));
        fields.values_mut().for_each(forget_writing);
    }
}

/// The events that are held back, of the kinds that the webhook listens to.
fn held_back(system: &System) -> Vec<String> {
    let kinds = [
        "checkout.session.",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.refunded",
        "refund.",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "customer.subscription.",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.finalized",
    ];
    let undelivered = system.stripe().undelivered();
    let events = system.stripe().events();
    let heard = |id: &String| {
        let event = events.iter().find(|event| event["id"] == id.as_str()).unwrap();
        let kind = event["type"].as_str().unwrap();
        kinds.iter().any(|heard| kind.starts_with(heard))
    };
    undelivered.into_iter().filter(heard).collect()
}

/// Delivers the events that are held back in every order, and leaves the table as all of them leave it.
async fn in_every_order(system: &System, events: usize) {
    let story = held_back(system);
    let kinds: Vec<_> = story
        .iter()
        .map(|id| system.stripe().object(id).map(|event| event["type"].clone()))
        .collect();
    assert_eq!(story.len(), events, "{kinds:?}");
    let deliver = async |event: &str| {
        assert_eq!(system.stripe().deliver_event(event).await, Some(200), "{event}");
    };
    let mut states: Vec<Option<State>> = (0..1_usize << events).map(|_| None).collect();
    states[0] = Some(State {
        told: BTreeMap::new(),
        ..state(system).await
    });
    for set in 0..states.len() {
        let before = states[set].take().expect("an earlier set leads here");
        system.rewind(&before.moment).await;
        for (_, event) in story
            .iter()
            .enumerate()
            .filter(|(place, _)| set & (1 << place) != 0)
        {
            deliver(event).await;
        }
        let again = state(system).await;
        assert_eq!(
            again.items, before.items,
            "a repetition changed {kinds:?}, {set:b}"
        );
        assert_eq!(again.told, BTreeMap::new(), "a repetition of {kinds:?}, {set:b}");
        for (place, event) in story
            .iter()
            .enumerate()
            .filter(|(place, _)| set & (1 << place) == 0)
        {
            system.rewind(&before.moment).await;
            deliver(event).await;
            let mut after = state(system).await;
            for (fact, times) in &before.told {
                *after.told.entry(fact.clone()).or_default() += times;
            }
            match &states[set | 1 << place] {
                Some(known) => {
                    assert_eq!(
                        after.items,
                        known.items,
                        "{} after {set:b} of {kinds:?}",
                        kinds[place].as_ref().unwrap()
                    );
                    assert_eq!(
                        after.told,
                        known.told,
                        "{} after {set:b} of {kinds:?}",
                        kinds[place].as_ref().unwrap()
                    );
                }
                None => states[set | 1 << place] = Some(after),
            }
        }
        if set + 1 == states.len() {
            system.rewind(&before.moment).await;
        }
    }
}

/// Somebody's purchase of a plan, paid, with everything that Stripe has to say of it held back.
async fn paid_plan(system: &System) -> Checkout<'_> {
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    checkout
}

/// Stripe's id of the one payment.
fn payment(system: &System) -> String {
    let intents = system.stripe().payment_intents();
    intents[0]["id"].as_str().unwrap().to_owned()
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_paid_property() {
    let system = System::start().await;
    system.listing("1001").await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout_property("1001").await;
    checkout.submit(Outcome::Paid).await;
    in_every_order(&system, 2).await;
    assert_eq!(checkout.status().await, "paid");
    checkout.person.unlock("1001").await.is(200);
}

#[tokio::test]
async fn a_plan_that_is_declined_first_and_paid_then() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::Declined).await;
    checkout.submit(Outcome::Paid).await;
    in_every_order(&system, 3).await;
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn a_debit_that_is_paid_later() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::AsyncPaid).await;
    system.settle_debits().await;
    in_every_order(&system, 3).await;
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn a_debit_that_fails_later() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let checkout = system.person("ana").await.checkout("basic").await;
    checkout.submit(Outcome::AsyncFailed).await;
    system.settle_debits().await;
    in_every_order(&system, 3).await;
    assert_eq!(checkout.status().await, "failed");
    assert_eq!(checkout.person.subscription().await.0, "free");
}

#[tokio::test]
async fn a_payment_that_is_given_back_and_whose_refund_fails() {
    let system = System::start().await;
    let checkout = paid_plan(&system).await;
    system.stripe().let_refunds_take_time(true);
    let refund = id(&system.stripe().refund(&payment(&system), None).unwrap());
    system.stripe().fail_refund(&refund).unwrap();
    let story = held_back(&system).len();
    in_every_order(&system, story).await;
    assert_eq!(checkout.status().await, "paid");
    assert_eq!(checkout.person.subscription().await.0, "basic");
}

#[tokio::test]
async fn a_payment_of_which_a_part_is_given_back() {
    let system = System::start().await;
    let checkout = paid_plan(&system).await;
    system.stripe().refund(&payment(&system), Some(300)).unwrap();
    let story = held_back(&system).len();
    in_every_order(&system, story).await;
    assert_eq!(checkout.status().await, "partially_refunded");
    assert_eq!(checkout.person.subscription().await.0, "basic");
}

#[tokio::test]
async fn a_dispute_that_is_won() {
    let system = System::start().await;
    let checkout = paid_plan(&system).await;
    let dispute = id(&system.stripe().open_dispute(&payment(&system), None).unwrap());
    system.stripe().close_dispute(&dispute, true).unwrap();
    let story = held_back(&system).len();
    in_every_order(&system, story).await;
    assert_eq!(checkout.status().await, "paid");
    assert_eq!(checkout.person.subscription().await.0, "basic");
}

#[tokio::test]
async fn a_dispute_that_is_lost() {
    let system = System::start().await;
    let checkout = paid_plan(&system).await;
    let dispute = id(&system.stripe().open_dispute(&payment(&system), None).unwrap());
    system.stripe().close_dispute(&dispute, false).unwrap();
    let story = held_back(&system).len();
    in_every_order(&system, story).await;
    assert_eq!(checkout.status().await, "disputed");
    assert_eq!(checkout.person.subscription().await.0, "free");
}

#[tokio::test]
async fn a_subscription_that_begins() {
    let system = System::start().await;
    system.stripe().deliver_by_itself(false);
    let ana = system.landlord("ana").await;
    ana.subscription_page("landlord_pro")
        .await
        .submit(Outcome::Paid)
        .await;
    let story = held_back(&system).len();
    in_every_order(&system, story).await;
    let billing = ana.billing().await;
    assert_eq!(billing["subscription"]["status"], "trialing");
    assert_eq!(billing["invoices"].as_array().unwrap().len(), 1);
}
