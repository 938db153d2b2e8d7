//! The daily look for what Stripe has reported and nobody has heard. A job that fails is begun again.

use serde_json::json;
use tests::death::survives;
use tests::{Outcome, Person, System};

use super::{TABLE_AND_STRIPE, subscribed};

const JOB: &str = "ReconciliationFunction";
/// Later than an event may be under way.
const OVERDUE: &str = "PT11M";

/// A plan that was paid for and a subscription that was begun, of which nothing was heard.
async fn unheard(system: &System) -> Person<'_> {
    let ana = subscribed(system).await;
    let ben = system.person("ben").await;
    ben.checkout("basic").await.submit(Outcome::Paid).await;
    system.advance(OVERDUE).await;
    ana
}

async fn look(person: &Person<'_>) -> bool {
    let path = format!("/_local/invoke/{JOB}");
    let ran = person.system.post(&path, &json!({})).await;
    assert!([200, 502].contains(&ran.status), "{}", ran.text);
    ran.status == 200
}

#[tokio::test]
async fn a_look_for_lost_events_that_dies_anywhere_settles_each_once() {
    survives(JOB, TABLE_AND_STRIPE, unheard, look).await;
}
