//! Every order of Stripe's events, each of them once or more often, leads to the same state.
//!
//! This is shown for all sequences, not for some, by induction over their length. Let `state(S)` be what the table holds
//! after the events of a set `S`. Each test holds, for every subset `S` of a story's events and every event `e`, that
//! `e` brings `state(S)` to `state(S ∪ {e})`: to the same one whichever `e` came last, and to no other where `e` was seen
//! before. So a sequence leads to the state of the set of its events, however they are ordered and repeated.
//!
//! An event about a subscription is only the occasion to ask Stripe, so it matters as well *when* it comes: Stripe may have
//! moved on. For these stories [`as_it_happens`] follows every state that can be reached, whichever events have come at each
//! of Stripe's steps and in whatever order; all of them lead to one when every event has come.
//!
//! Of the state count all items, with what was told to the rest of the system, except for times and counters of writing.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::rewind::Moment;
use tests::{Checkout, Outcome, Person, System};

/// What says when and how often something was written.
const OF_WRITING: [&str; 5] = ["createdAt", "updatedAt", "version", "revision", "ttl"];
/// Told as often as the sum that was given back is seen to grow: one step, where the last of two refunds comes first.
const TOLD_IN_STEPS: &str = "PurchaseRefunded";

/// Told only while there still is a subscription whose trial ends.
const TOLD_IN_TIME: &str = "TrialEnding";
/// What the webhook listens to.
const KINDS: [&str; 12] = [
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
/// What is about a subscription. The payments of its invoices are nobody's purchase, and change nothing.
const OF_SUBSCRIPTIONS: [&str; 4] = [
    "customer.subscription.",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.finalized",
];

/// What a set of events led to.
#[derive(Clone)]
struct State {
    moment: Moment,
    items: BTreeMap<String, Value>,
    told: Told,
}

/// How often each fact was told.
type Told = BTreeMap<String, usize>;

impl State {
    /// This state, after what had been told already.
    fn after(mut self, told: &Told) -> Self {
        for (fact, times) in told {
            *self.told.entry(fact.clone()).or_default() += times;
        }
        self
    }

    fn is(&self, other: &Self) -> bool {
        (&self.items, &self.told) == (&other.items, &other.told)
    }
}

/// What the table holds, and what was told since it was brought back to a moment.
async fn state(system: &System) -> State {
    let moment = system.moment().await;
    let snapshot = moment.snapshot();
    let mut items = BTreeMap::new();
    let mut told = Told::new();
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
    State { moment, items, told }
}

fn forget_writing(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|name, _| !OF_WRITING.contains(&name.as_str()));
        fields.values_mut().for_each(forget_writing);
    }
}

async fn deliver(system: &System, event: &str) {
    assert_eq!(system.stripe().deliver_event(event).await, Some(200), "{event}");
}

/// The events that are held back, of the kinds that the webhook listens to.
fn held_back(system: &System) -> Vec<String> {
    let held = system.stripe().undelivered();
    let events = events_of(system, &KINDS);
    held.into_iter().filter(|id| events.contains(id)).collect()
}

/// The events of some kinds, oldest first.
fn events_of(system: &System, kinds: &[&str]) -> Vec<String> {
    let mut events = system.stripe().events();
    events.retain(|event| {
        let kind = event["type"].as_str().unwrap();
        kinds.iter().any(|heard| kind.starts_with(heard))
    });
    events.iter().map(id).collect()
}

fn kinds_of(system: &System, events: &[String]) -> Vec<Value> {
    let kind = |id: &String| system.stripe().object(id).unwrap()["type"].clone();
    events.iter().map(kind).collect()
}

/// Delivers the events that are held back in every order, and leaves the table as all of them leave it.
async fn in_every_order(system: &System, events: usize) {
    let story = held_back(system);
    let kinds = kinds_of(system, &story);
    assert_eq!(story.len(), events, "{kinds:?}");
    let mut states: Vec<Option<State>> = vec![None; 1 << events];
    let begin = state(system).await;
    let mut now = begin.moment.clone();
    states[0] = Some(State {
        told: Told::new(),
        ..begin
    });
    for set in 0..states.len() {
        let before = states[set].take().expect("an earlier set leads here");
        system.rewind_from(&now, &before.moment).await;
        for (_, event) in of(&story, set) {
            deliver(system, event).await;
        }
        let again = state(system).await;
        assert_eq!(
            again.items, before.items,
            "a repetition changed {kinds:?}, {set:b}"
        );
        assert_eq!(again.told, Told::new(), "a repetition of {kinds:?}, {set:b}");
        now = again.moment;
        for (place, event) in of(&story, !set) {
            system.rewind_from(&now, &before.moment).await;
            deliver(system, event).await;
            let after = state(system).await.after(&before.told);
            now = after.moment.clone();
            let last = kinds[place].as_str().unwrap();
            match &states[set | 1 << place] {
                Some(known) => {
                    assert_eq!(after.items, known.items, "{last} after {set:b} of {kinds:?}");
                    assert_eq!(after.told, known.told, "{last} after {set:b} of {kinds:?}");
                }
                None => states[set | 1 << place] = Some(after),
            }
        }
        if set + 1 == states.len() {
            system.rewind_from(&now, &before.moment).await;
        }
    }
}

/// The events of a set, each with its place in the story.
fn of(story: &[String], set: usize) -> impl Iterator<Item = (usize, &String)> {
    story
        .iter()
        .enumerate()
        .filter(move |(place, _)| set & (1 << place) != 0)
}

/// A state that can be reached, and which events have come.
struct Reached {
    set: usize,
    state: State,
}

/// Lets Stripe go through a story's steps, and delivers its events in every order, each at every time from when there is one,
/// and again at every later time. Leaves the table as all of them leave it; what was told by then.
async fn as_it_happens(system: &System, events: usize, steps: &[Step<'_>]) -> Told {
    let before = events_of(system, &OF_SUBSCRIPTIONS);
    let begin = state(system).await;
    let mut now = begin.moment.clone();
    let begin = State {
        told: Told::new(),
        ..begin
    };
    let mut reached = vec![Reached { set: 0, state: begin }];
    let mut story = Vec::new();
    for step in steps {
        step.happens(system).await;
        story = events_of(system, &OF_SUBSCRIPTIONS);
        story.retain(|event| !before.contains(event));
        let mut at = 0;
        while at < reached.len() {
            let (set, known) = (reached[at].set, reached[at].state.clone());
            for (place, event) in story.iter().enumerate() {
                system.rewind_from(&now, &known.moment).await;
                deliver(system, event).await;
                let after = state(system).await.after(&known.told);
                now = after.moment.clone();
                if set & 1 << place != 0 {
                    assert!(
                        after.is(&known),
                        "a repetition changed something: {place} of {set:b}"
                    );
                    continue;
                }
                let set = set | 1 << place;
                if !reached
                    .iter()
                    .any(|other| other.set == set && other.state.is(&after))
                {
                    reached.push(Reached { set, state: after });
                }
            }
            at += 1;
        }
    }
    let kinds = kinds_of(system, &story);
    assert_eq!(story.len(), events, "{kinds:?}");
    reached.retain(|reached| reached.set == (1 << events) - 1);
    let mut told = reached[0].state.told.clone();
    told.remove(TOLD_IN_TIME);
    for Reached { state, .. } in &reached {
        assert_eq!(state.items, reached[0].state.items, "{kinds:?}");
        let mut all = state.told.clone();
        assert!(
            all.remove(TOLD_IN_TIME).is_none_or(|times| times == 1),
            "{kinds:?}"
        );
        assert_eq!(all, told, "{kinds:?}");
    }
    system.rewind_from(&now, &reached[0].state.moment).await;
    told
}

/// What happens at Stripe.
enum Step<'a> {
    /// Time passes.
    Time(&'a str),
    /// The subscriber decides something about a subscription on Stripe's own page, which changes these parameters of it.
    Changed(&'a str, &'a [(&'a str, &'a str)]),
    /// The bank lets the customer's cards pay again.
    Accepted(&'a str),
}

impl Step<'_> {
    async fn happens(&self, system: &System) {
        match self {
            Self::Time(duration) => {
                system.advance(duration).await;
                system.stripe().run_due();
            }
            Self::Changed(subscription, parameters) => {
                system.change_at_stripe(subscription, parameters).await;
            }
            Self::Accepted(customer) => drop(system.stripe().accept_cards(customer).unwrap()),
        }
    }
}

fn told(facts: &[(&str, usize)]) -> Told {
    facts
        .iter()
        .map(|(fact, times)| ((*fact).to_owned(), *times))
        .collect()
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

/// A landlord in the trial of a subscription, of which all is known; what comes now is held back.
async fn in_trial<'a>(system: &'a System, outcome: &str) -> (Person<'a>, String) {
    let ana = system.landlord("ana").await;
    let subscription = ana.subscribe("landlord_pro", outcome).await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    (ana, subscription)
}

/// One whose first payment has failed, of which all is known.
async fn past_due(system: &System) -> (Person<'_>, String) {
    let (ana, subscription) = in_trial(system, "declines_later").await;
    system.stripe().deliver_by_itself(true);
    system.advance("P14DT1H").await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    let ana = ana.on_another_device().await;
    assert_eq!(ana.billing().await["subscription"]["status"], "past_due");
    (ana, subscription)
}

const ENDS: &[(&str, &str)] = &[("cancel_at_period_end", "true")];
const GOES_ON: &[(&str, &str)] = &[("cancel_at_period_end", "false")];

#[tokio::test]
async fn a_subscription_that_is_changed_again_and_again_on_stripes_page() {
    let system = System::without_schedules().await;
    let (ana, subscription) = in_trial(&system, "paid").await;
    let steps = [ENDS, GOES_ON, ENDS, GOES_ON].map(|change| Step::Changed(&subscription, change));
    assert_eq!(as_it_happens(&system, 4, &steps).await, told(&[]));
    let billing = ana.billing().await;
    assert_eq!(billing["subscription"]["cancelAtPeriodEnd"], false);
    assert_eq!(billing["subscription"]["status"], "trialing");
}

#[tokio::test]
async fn a_subscription_that_is_canceled_and_ends_with_its_trial() {
    let system = System::without_schedules().await;
    let (ana, subscription) = in_trial(&system, "paid").await;
    let steps = [
        Step::Time("P11DT1H"),
        Step::Changed(&subscription, ENDS),
        Step::Time("P3D"),
    ];
    // The end of the trial is announced, the change, and the end.
    let ended = told(&[("SubscriptionEnded", 1)]);
    assert_eq!(as_it_happens(&system, 3, &steps).await, ended);
    let ana = ana.on_another_device().await;
    assert_eq!(ana.billing().await["subscription"]["status"], "canceled");
    assert_eq!(ana.subscription().await.0, "free");
}

#[tokio::test]
async fn a_trial_whose_end_is_announced_and_that_is_paid_then() {
    let system = System::without_schedules().await;
    let (ana, _) = in_trial(&system, "paid").await;
    let steps = [Step::Time("P11DT1H"), Step::Time("P3D")];
    // The end of the trial is announced, the invoice is made and paid, and the subscription is active.
    assert_eq!(as_it_happens(&system, 4, &steps).await, told(&[]));
    let ana = ana.on_another_device().await;
    let billing = ana.billing().await;
    assert_eq!(billing["subscription"]["status"], "active");
    assert_eq!(billing["invoices"].as_array().unwrap().len(), 2);
    assert_eq!(ana.subscription().await.0, "landlord_pro");
}

#[tokio::test]
async fn a_payment_that_fails_and_is_made_days_later() {
    let system = System::without_schedules().await;
    let (ana, _) = in_trial(&system, "declines_later").await;
    system.advance("P11DT1H").await;
    system.stripe().run_due();
    let announced = held_back(&system);
    system.stripe().deliver_in_order(&announced).await;
    let customer = ana.customer().await;
    let steps = [Step::Time("P3D"), Step::Accepted(&customer), Step::Time("P3D")];
    // The invoice is made, its payment fails, the subscription is past due; the payment is made, and it is active.
    let failed = told(&[("PaymentFailed", 1)]);
    assert_eq!(as_it_happens(&system, 5, &steps).await, failed);
    let ana = ana.on_another_device().await;
    assert_eq!(ana.billing().await["subscription"]["status"], "active");
    assert_eq!(ana.billing().await["invoices"][0]["status"], "paid");
    assert_eq!(ana.subscription().await.0, "landlord_pro");
}

#[tokio::test]
async fn a_payment_that_is_never_made() {
    let system = System::without_schedules().await;
    let (ana, _) = past_due(&system).await;
    let steps = [Step::Time("P3DT1H"), Step::Time("P5D"), Step::Time("P7D")];
    // It fails three times more, and with the last one the subscription ends.
    let facts = told(&[("PaymentFailed", 3), ("SubscriptionEnded", 1)]);
    assert_eq!(as_it_happens(&system, 4, &steps).await, facts);
    let ana = ana.on_another_device().await;
    assert_eq!(ana.billing().await["subscription"]["status"], "canceled");
    assert_eq!(ana.subscription().await.0, "free");
}

#[tokio::test]
async fn what_is_told_of_a_subscription_is_mailed_once_for_each_occasion() {
    let system = System::without_schedules().await;
    let (ana, subscription) = in_trial(&system, "declines_later").await;
    let mut subjects = vec!["Your subscription".to_owned()];
    for (step, news) in [
        (Step::Time("P11DT1H"), Some("Your trial ends on")),
        (Step::Changed(&subscription, ENDS), None),
        (Step::Changed(&subscription, GOES_ON), None),
        (Step::Time("P3D"), Some("Your payment did not go through")),
        (Step::Time("P3D"), Some("Your payment did not go through")),
        (Step::Time("P12D"), Some("Your subscription has ended")),
    ] {
        step.happens(&system).await;
        // The newest first, each of them twice, with all that came before once more.
        let mut events = events_of(&system, &OF_SUBSCRIPTIONS);
        events.reverse();
        for event in events.iter().chain(&events) {
            deliver(&system, event).await;
        }
        system.at_rest().await;
        subjects.extend(news.map(str::to_owned));
        let mut mails = system.mails_to(&ana.email);
        mails.retain(|mail| !mail.subject.starts_with("Confirm"));
        let told: Vec<_> = mails.iter().map(|mail| &mail.subject).collect();
        assert_eq!(told.len(), subjects.len(), "{told:?}");
        for (told, subject) in told.iter().zip(&subjects) {
            assert!(told.starts_with(subject.as_str()), "{told:?}");
        }
    }
}
