//! How long a plan opens anything.

use serde_json::json;
use tests::{Outcome, System};

use super::status;

#[tokio::test]
async fn each_plan_runs_for_its_term_and_no_longer() {
    let system = System::start().await;
    system.listing("1001").await;
    let plans = ["basic", "pro", "premium", "full_access"];
    let mut people = Vec::new();
    for plan in plans {
        let person = system.person(plan).await;
        person.buy(plan, Outcome::Paid).await;
        people.push(person);
    }
    let mut day = 0;
    // The last day of each term, and the first one after it.
    for (until, running) in [(6, 4), (8, 3), (29, 3), (31, 2), (89, 2), (91, 1), (4000, 1)] {
        system.advance(&format!("P{}D", until - day)).await;
        day = until;
        for (position, person) in people.iter().enumerate() {
            let person = person.on_another_device().await;
            let runs = position >= plans.len() - running;
            let expected = if runs {
                (plans[position], "active")
            } else {
                ("free", "inactive")
            };
            let (tier, state) = person.subscription().await;
            assert_eq!((tier.as_str(), state.as_str()), expected, "day {day}");
            assert_eq!(status(&person).await["hasAccess"], runs, "day {day}");
            let activation = json!({ "planType": plans[position] });
            let answer = person.post("/api/access/activate-plan", &activation).await;
            answer.is(if runs { 200 } else { 402 });
        }
    }
}

#[tokio::test]
async fn a_basic_plan_of_eight_days_ago_unlocks_nothing_more_and_keeps_what_it_unlocked() {
    let system = System::start().await;
    for id in ["1001", "1002"] {
        system.listing(id).await;
    }
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    let unlocked = ana.unlock("1001").await;
    unlocked.is(201);
    system.advance("P8D").await;
    let ana = ana.on_another_device().await;
    ana.unlock("1002").await.is_problem(402, "payment_required");
    assert_eq!(ana.unlock("1001").await.is(200).json, unlocked.json);
    assert_eq!(ana.subscription().await, ("free".into(), "inactive".into()));
    let status = status(&ana).await;
    assert_eq!(
        (&status["accessType"], &status["planType"]),
        (&json!("single"), &json!(null))
    );
    assert_eq!(status["unlockedPropertyIds"], json!(["1001"]));
}

#[tokio::test]
async fn a_plan_bought_again_while_it_runs_loses_no_paid_day() {
    let system = System::start().await;
    let mut ana = system.person("ana").await;
    ana.buy("pro", Outcome::Paid).await;
    system.advance("P20D").await;
    ana = ana.on_another_device().await;
    ana.buy("pro", Outcome::Paid).await;
    system.advance("P39D").await;
    ana = ana.on_another_device().await;
    assert_eq!(ana.subscription().await, ("pro".into(), "active".into()));
    system.advance("P2D").await;
    assert_eq!(ana.subscription().await, ("free".into(), "inactive".into()));
}

#[tokio::test]
async fn a_second_basic_plan_brings_five_more_analyses() {
    let system = System::start().await;
    for id in 1001..=1011 {
        system.listing(&id.to_string()).await;
    }
    let ana = system.person("ana").await;
    for bought in 0..2 {
        ana.buy("basic", Outcome::Paid).await;
        for id in 1..=5 {
            ana.unlock(&(1000 + 5 * bought + id).to_string()).await.is(201);
        }
        ana.unlock("1011").await.is_problem(402, "analyses_used_up");
    }
}
