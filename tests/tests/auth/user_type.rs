//! `PATCH /api/auth/user-type`

use serde_json::json;
use tests::System;

const PATH: &str = "/api/auth/user-type";

#[tokio::test]
async fn a_person_chooses_what_they_come_for() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for role in ["landlord", "agent", "renter"] {
        let answer = ana.patch(PATH, &json!({ "userType": role })).await;
        super::is_a_user(&answer.is(200).json["user"]);
        assert_eq!(answer.text_at("/user/userType"), role);
        assert_eq!(ana.me().await["userType"], role);
    }
}

#[tokio::test]
async fn nobody_makes_themselves_an_admin() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = system.snapshot().await;
    ana.patch(PATH, &json!({ "userType": "admin" }))
        .await
        .is_problem(403, "role_not_assignable");
    ana.patch(PATH, &json!({ "userType": "Admin" }))
        .await
        .is_problem(400, "invalid_request")
        .names("userType");
    ana.patch(PATH, &json!({ "userType": "tenant" }))
        .await
        .is_problem(400, "invalid_request")
        .names("userType");
    ana.patch(PATH, &json!({ "userType": "agent", "role": "admin" }))
        .await
        .is_problem(400, "invalid_request")
        .names("role");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_admin_is_made_by_the_operator_and_stays_one() {
    let system = System::start().await;
    let ada = system.person("ada").await;
    system.grant("Ada@example.com", "admin").await;
    assert_eq!(ada.me().await["userType"], "admin");
    for role in ["renter", "admin"] {
        ada.patch(PATH, &json!({ "userType": role }))
            .await
            .is_problem(403, "role_not_assignable");
    }
    assert_eq!(ada.me().await["userType"], "admin");
}

#[tokio::test]
async fn nobody_has_no_role_to_choose() {
    let system = System::start().await;
    let request = system
        .request("PATCH", PATH)
        .json(&json!({ "userType": "agent" }));
    system.send(request).await.is_problem(401, "unauthenticated");
}
