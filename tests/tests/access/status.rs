//! `GET /api/access/status`

use serde_json::json;
use tests::{Outcome, System};

use super::status;

#[tokio::test]
async fn it_tells_the_plan_its_end_and_how_much_of_it_is_used() {
    let system = System::start().await;
    for id in ["1001", "1002"] {
        system.listing(id).await;
    }
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    ana.unlock("1002").await.is(201);
    ana.unlock("1001").await.is(201);
    let status = status(&ana).await;
    let until: jiff::Timestamp = status["expiresAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.duration_since(system.now()).as_hours(), 7 * 24 - 1);
    assert_eq!(
        status,
        json!({
            "hasAccess": true, "accessType": "plan", "planType": "basic", "expiresAt": until, "analysesUsed": 2,
            "analysesLimit": 5, "unlockedPropertyIds": ["1001", "1002"],
        })
    );
}

#[tokio::test]
async fn a_plan_without_an_end_and_without_a_limit_has_neither() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.buy("full_access", Outcome::Paid).await;
    assert_eq!(
        status(&ana).await,
        json!({
            "hasAccess": true, "accessType": "plan", "planType": "full_access", "expiresAt": null, "analysesUsed": 0,
            "analysesLimit": null, "unlockedPropertyIds": [],
        })
    );
}

#[tokio::test]
async fn a_single_property_is_access_to_that_one() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    ana.buy_property("1001").await;
    assert_eq!(
        status(&ana).await,
        json!({
            "hasAccess": true, "accessType": "single", "planType": null, "expiresAt": null, "analysesUsed": 0,
            "analysesLimit": null, "unlockedPropertyIds": ["1001"],
        })
    );
    assert_eq!(ana.subscription().await, ("free".into(), "inactive".into()));
}
