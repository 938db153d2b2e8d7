//! A function's process ends at a call that it makes to the outside, and whoever asked for something asks again.

use std::collections::{BTreeMap, BTreeSet};

use local::stripe;
use local::wire::faults::{Boundary, Fault, Kind};

use crate::rewind::Moment;
use crate::{Person, System};

/// Longer than a claim on an `Idempotency-Key` stands without an answer.
pub const LEASE_OVER: &str = "PT31S";
/// The process ends before the call is made, or after, so that nobody hears the answer.
const DEATHS: [Kind; 2] = [Kind::DeathBefore, Kind::DeathAfter];
/// The most often that news of Stripe's lead to further news.
const ROUNDS: usize = 5;

/// Where a function dies.
#[derive(Clone, Copy, Debug)]
struct Death {
    /// The number of its call, from 0.
    call: u32,
    /// Before or after it.
    kind: Kind,
}

/// Holds that what a function does survives its death anywhere: in the end there is what there is when it lives, in the
/// table, at Stripe and in the mailboxes; and a stranger has nothing.
///
/// `prepare` brings a person to where it is done. `act` does it, and says whether it was done; if not, it is done again.
/// Where the function can die is not listed: an undisturbed run tells which calls it makes, which must reach these
/// `services`; then it dies at each call. Every run begins at the same moment.
///
/// # Panics
/// If it does not survive.
pub async fn survives<P, A>(function: &str, services: &[&str], prepare: P, act: A)
where
    P: AsyncFn(&System) -> Person<'_>,
    A: AsyncFn(&Person<'_>) -> bool,
{
    let system = System::without_schedules().await;
    let person = prepare(&system).await;
    let stranger = system.person("eva").await;
    system.idle().await;
    system.stripe().deliver_by_itself(false);
    let beginning = Beginning {
        table: system.moment().await,
        stripe: system.stripe().moment(),
    };
    let run = async |death| {
        beginning.comes_back(&system).await;
        let mails = system.platform.outbox().len();
        let calls = run(function, death, &person, &act).await;
        assert_eq!(stranger.subscription().await, ("free".into(), "inactive".into()));
        (system.picture(mails).await, calls)
    };
    let (undisturbed, calls) = run(None).await;
    let reached = calls.keys().map(|call| call.service.as_str());
    assert_eq!(
        reached.collect::<BTreeSet<_>>(),
        services.iter().copied().collect(),
        "what {function} reaches"
    );
    let calls = u32::try_from(calls.values().sum::<u64>()).expect("a few calls");
    for kind in DEATHS {
        for call in 0..calls {
            let death = Death { call, kind };
            let (picture, _) = run(Some(death)).await;
            picture.is(&undisturbed, &format!("{death:?}"));
        }
    }
}

/// The moment at which every run begins.
struct Beginning {
    table: Moment,
    stripe: stripe::Moment,
}

impl Beginning {
    async fn comes_back(&self, system: &System) {
        system.rewind(&self.table).await;
        system.stripe().rewind(&self.stripe).expect("Stripe goes back");
    }
}

/// Does it, whatever happens; then whatever comes of it. The calls that the function made at the first attempt.
async fn run<A>(function: &str, death: Option<Death>, person: &Person<'_>, act: &A) -> BTreeMap<Boundary, u64>
where
    A: AsyncFn(&Person<'_>) -> bool,
{
    let system = person.system;
    let before = calls_of(system, function);
    if let Some(Death { call, kind }) = death {
        system.platform.faults().arm(Fault {
            principal: Some(function.to_owned()),
            after: call,
            ..Fault::of("", "", kind)
        });
    }
    let mut done = act(person).await;
    let mut calls = calls_of(system, function);
    calls.retain(|call, times| {
        *times -= before.get(call).copied().unwrap_or_default();
        *times > 0
    });
    assert_eq!(system.platform.faults().armed(), [], "it did not die");
    system.advance(LEASE_OVER).await;
    if death.is_some() && !done {
        done = act(person).await;
    }
    assert!(done, "{death:?}");
    // Two of them would be paid twice.
    system.pay_open_pages().await;
    system.pay_open_intents().await;
    deliver_all(system).await;
    assert_eq!(system.platform.dead_letters(), []);
    calls
}

/// The calls that a function has made, to whatever service, and how often.
fn calls_of(system: &System, function: &str) -> BTreeMap<Boundary, u64> {
    let mut crossed = system.platform.faults().boundaries();
    crossed.retain(|call, _| call.principal == function);
    crossed
}

/// Stripe's events come, until there are no more, and all that they lead to happens.
async fn deliver_all(system: &System) {
    for _ in 0..ROUNDS {
        let events = system.stripe().undelivered();
        for status in system.stripe().deliver_in_order(&events).await {
            assert_eq!(status, Some(200));
        }
    }
    assert_eq!(system.stripe().undelivered(), [""; 0]);
    system.idle().await;
}
