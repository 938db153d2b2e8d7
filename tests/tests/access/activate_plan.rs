//! `POST /api/access/activate-plan`

use serde_json::json;
use tests::{Outcome, System};

use super::status;

const PATH: &str = "/api/access/activate-plan";

#[tokio::test]
async fn a_plan_is_confirmed_once_it_is_paid_and_no_other_is() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let basic = json!({ "planType": "basic" });
    let checkout = ana.checkout("basic").await;
    let unpaid = ana.post(PATH, &basic).await;
    unpaid.is_problem(402, "plan_not_paid").says("Basic");
    assert_eq!(unpaid.json["plan"], "basic");
    checkout.end(Outcome::Paid).await;
    let paid = ana.post(PATH, &basic).await;
    assert_eq!(paid.is(200).json, status(&ana).await);
    assert_eq!(paid.json["hasAccess"], true);
    assert_eq!(paid.json["planType"], "basic");
    for other in ["pro", "premium", "full_access"] {
        ana.post(PATH, &json!({ "planType": other }))
            .await
            .is_problem(402, "plan_not_paid");
    }
}

#[tokio::test]
async fn confirming_a_plan_changes_nothing() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.buy("pro", Outcome::Paid).await;
    system.at_rest().await;
    let before = system.snapshot().await;
    for _ in 0..3 {
        ana.post(PATH, &json!({ "planType": "pro" })).await.is(200);
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn what_opens_no_property_by_itself_cannot_be_activated() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for plan in [
        "per_property",
        "landlord_pro",
        "professional",
        "agent",
        "gold",
        "",
    ] {
        let answer = ana.post(PATH, &json!({ "planType": plan })).await;
        answer.is_problem(400, "invalid_request").names("planType");
    }
}
