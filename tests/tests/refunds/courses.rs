//! Leases that are decided, refunds that fail, disputes, deaths and lost answers, in whatever order chance comes up with:
//! in the end the ledger says what Stripe says.

use std::collections::BTreeSet;

use domain::VerificationId;
use domain::event::Fact;
use domain::lease::Standing;
use fastrand::Rng;
use local::stripe;
use local::wire::faults::{Fault, Kind};
use serde_json::{Value, json};
use tests::lease::REFUNDS;
use tests::rewind::Moment;
use tests::{Lease, Person, System};

/// How many courses are taken. `REFUND_COURSES=10000` takes so many.
fn courses() -> usize {
    let told = std::env::var("REFUND_COURSES").ok();
    told.map_or(60, |number| number.parse().expect("a number of courses"))
}

/// How many leases are on their way at the same time: what is done for one happens in the middle of the others.
const LEASES: usize = 10;
/// How much happens to each, on average.
const STEPS_EACH: usize = 6;
/// How often a system is brought back to its beginning: its clock is not, and the renters' sessions end after a month.
const ROUNDS: usize = 10;
/// How often news of Stripe's lead to further news.
const NEWS_OF_NEWS: u32 = 5;

/// The moment at which every round begins.
struct Beginning {
    table: Moment,
    stripe: stripe::Moment,
}

#[tokio::test]
async fn whatever_happens_in_whatever_order_the_ledger_is_stripes_to_the_cent() {
    let rounds = courses().div_ceil(LEASES);
    let mut chance = Rng::with_seed(0x1EA5E);
    let (mut done, mut paid) = (0, 0);
    while done < rounds {
        let system = System::start().await;
        let reviewer = system.reviewer().await;
        let leases = leases(&system).await;
        let beginning = Beginning {
            table: system.moment().await,
            stripe: system.stripe().moment(),
        };
        for round in done..rounds.min(done + ROUNDS) {
            system.rewind(&beginning.table).await;
            system
                .stripe()
                .rewind(&beginning.stripe)
                .expect("Stripe goes back");
            let happened = course(&leases, &reviewer, &mut chance).await;
            for lease in &leases {
                let end = ends_right(lease, &format!("round {round}: {happened:#?}")).await;
                paid += usize::from(matches!(end, Some(Standing::Paid(_))));
            }
        }
        done += ROUNDS;
    }
    assert!(paid * 2 > rounds * LEASES, "only {paid} leases were paid for");
}

/// Renters with a lease each that nobody has decided on, at a Stripe whose reports come when they are sent for.
async fn leases(system: &System) -> Vec<Lease<'_>> {
    system.listing("1001").await;
    let mut leases = Vec::new();
    for number in 0..LEASES {
        let renter = system.person(&format!("renter{number}")).await;
        leases.push(renter.sends_lease("premium", "1001").await);
    }
    system.idle().await;
    system.stripe().deliver_by_itself(false);
    leases
}

/// Things happen to all of them; then everything heals, and what is on its way comes. What happened.
async fn course(leases: &[Lease<'_>], reviewer: &Person<'_>, chance: &mut Rng) -> Vec<String> {
    let system = reviewer.system;
    let mut happened = Vec::new();
    let mut decided = BTreeSet::new();
    for _ in 0..LEASES * STEPS_EACH {
        let number = chance.usize(..leases.len());
        let what = step(&leases[number], reviewer, &mut decided, chance).await;
        happened.push(format!("{number}: {what}"));
    }
    system.platform.faults().clear();
    for lease in leases.iter().filter(|lease| decided.insert(lease.id)) {
        lease.saves(100).await;
    }
    // Past the day for which Stripe remembers an attempt, and to the next look at what should have moved.
    for time in ["PT16M", "PT26H", "PT16M"] {
        heal(system).await;
        system.advance(time).await;
    }
    heal(system).await;
    happened
}

/// Refunds arrive, disputes are won, and all that Stripe reports is heard.
async fn heal(system: &System) {
    system.idle().await;
    for refund in system.stripe().refunds() {
        if refund["status"] == "pending" {
            system
                .stripe()
                .succeed_refund(id(&refund))
                .expect("it was pending");
        }
    }
    for dispute in open_disputes(system) {
        system
            .stripe()
            .close_dispute(&dispute, true)
            .expect("it was open");
    }
    for _ in 0..NEWS_OF_NEWS {
        let events = system.stripe().undelivered();
        system.stripe().deliver_in_order(&events).await;
        system.idle().await;
    }
}

/// Something happens to a lease, or around it. What.
async fn step(
    lease: &Lease<'_>,
    reviewer: &Person<'_>,
    decided: &mut BTreeSet<VerificationId>,
    chance: &mut Rng,
) -> String {
    let system = lease.checkout.person.system;
    let stripe = system.stripe();
    match chance.u8(..17) {
        0..=2 if decided.insert(lease.id) => {
            let saving = any(chance, &[0, 1, 50, 100]);
            lease.saves(saving).await;
            format!("saves {saving}")
        }
        0..=3 => {
            let answer = lease.is_asked_for().await;
            format!("is asked for: {}", answer.status)
        }
        4 => {
            told_again(lease).await;
            "is told of again".to_owned()
        }
        5 => {
            let amount = chance.i64(1..7000);
            let done = stripe.refund(&lease.payment, Some(amount)).is_ok();
            format!("{amount} by hand: {done}")
        }
        6 => {
            let refunds = refunds_of(lease);
            let refund = chance.choice(&refunds);
            let failed = refund.is_some_and(|refund| stripe.fail_refund(refund).is_ok());
            format!("a refund fails: {failed}")
        }
        7 => format!(
            "is disputed: {}",
            stripe.open_dispute(&lease.payment, None).is_ok()
        ),
        8 => {
            let disputes = open_disputes(system);
            let won = chance.bool();
            let closed = chance
                .choice(&disputes)
                .map(|dispute| stripe.close_dispute(dispute, won));
            format!("a dispute ends, won {won}: {}", closed.is_some())
        }
        9 => {
            let take_time = chance.bool();
            stripe.let_refunds_take_time(take_time);
            format!("refunds take time: {take_time}")
        }
        10 | 11 => {
            let fault = fault(chance);
            let what = format!("{fault:?}");
            system.platform.faults().arm(fault);
            what
        }
        12 => {
            let minutes = chance.u8(1..90);
            system.advance(&format!("PT{minutes}M")).await;
            format!("{minutes} minutes pass")
        }
        13 => {
            system.idle().await;
            "all comes to rest".to_owned()
        }
        14 => {
            let path = format!("{REFUNDS}/{}/retry", lease.id);
            let answer = reviewer.post(&path, &json!({ "note": "once more" })).await;
            format!("a person asks again: {}", answer.status)
        }
        _ => {
            let events = some_news(system, chance);
            stripe.deliver_in_order(&events).await;
            format!("{} reports come", events.len())
        }
    }
}

/// What set it going comes once more.
async fn told_again(lease: &Lease<'_>) {
    let system = lease.checkout.person.system;
    let user_id = lease.checkout.person.id.parse().expect("an id");
    let verification_id = lease.id;
    let purchase_id = lease.checkout.purchase.parse().expect("an id");
    let verified = Fact::LeaseVerified {
        user_id,
        verification_id,
    };
    let due = Fact::RefundDue {
        user_id,
        purchase_id,
        verification_id,
    };
    system.tell(due).await;
    if lease.verification().await.rent.is_some() {
        system.tell(verified).await;
    }
}

/// A call of the refunding function that fails in any way.
fn fault(chance: &mut Rng) -> Fault {
    let kinds = [
        Kind::Throttle,
        Kind::InternalError,
        Kind::AnswerLost,
        Kind::DeathBefore,
        Kind::DeathAfter,
    ];
    Fault {
        principal: Some("RefundsFunction".to_owned()),
        after: chance.u32(..6),
        times: chance.u32(1..5),
        ..Fault::of(any(chance, &["dynamodb", "stripe"]), "", any(chance, &kinds))
    }
}

/// Some of what Stripe has not reported yet, in any order, and some of it twice.
fn some_news(system: &System, chance: &mut Rng) -> Vec<String> {
    let mut waiting = system.stripe().undelivered();
    let mut events = Vec::new();
    chance.shuffle(&mut waiting);
    for event in waiting.into_iter().skip(chance.usize(..4)) {
        events.extend(vec![event; chance.usize(1..3)]);
    }
    events
}

/// One of these, whichever it is.
fn any<T: Copy>(chance: &mut Rng, of: &[T]) -> T {
    of[chance.usize(..of.len())]
}

fn id(object: &Value) -> &str {
    object["id"].as_str().expect("an id")
}

/// The refunds of a lease's payment, also those that were made by hand.
fn refunds_of(lease: &Lease<'_>) -> Vec<String> {
    let refunds = lease.checkout.person.system.stripe().refunds();
    let of_it = refunds
        .iter()
        .filter(|refund| refund["payment_intent"] == lease.payment.as_str());
    of_it.map(|refund| id(refund).to_owned()).collect()
}

fn open_disputes(system: &System) -> Vec<String> {
    let disputes = system.stripe().disputes();
    let open = disputes
        .iter()
        .filter(|dispute| !matches!(dispute["status"].as_str(), Some("won" | "lost")));
    open.map(|dispute| id(dispute).to_owned()).collect()
}

/// The ledger is Stripe's, and nothing is open that nobody will come back to. Where it stands.
async fn ends_right(lease: &Lease<'_>, course: &str) -> Option<Standing> {
    let purchase = lease.purchase().await;
    let standing = purchase.refund_standing(lease.id);
    let ended = matches!(
        standing,
        None | Some(Standing::Paid(_) | Standing::Failed | Standing::Ended(_))
    );
    assert!(ended, "{standing:?}\n{purchase:#?}\n{course}");
    lease.agrees_with_stripe().await;
    standing
}
