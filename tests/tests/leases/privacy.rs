//! A lease is its renter's and its reviewer's, and nobody else's.

use sample_leases::{Layout, lease};
use tests::System;
use tests::lease::REVIEWS;

const PDF: &str = "application/pdf";

#[tokio::test]
async fn other_people_landlords_and_agents_see_nothing_of_it() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    ana.read(&id).await;
    let absent = "verif_01JD3X6Q8TKH5T0R4M2N6W9YBC";
    for role in ["renter", "landlord", "agent"] {
        let other = system.person(role).await;
        other
            .patch("/api/auth/user-type", &serde_json::json!({ "userType": role }))
            .await
            .is(200);
        for path in ["", "verify/", "refund/"] {
            let ask = async |id: &str| {
                let path = format!("/api/lease-verification/{path}{id}");
                if path.contains("verify/") {
                    other.post(&path, &serde_json::json!({})).await
                } else if path.contains("refund/") {
                    other.post_nothing(&path).await
                } else {
                    other.get(&path).await
                }
            };
            let (theirs, none) = (ask(&id).await, ask(absent).await);
            theirs.is_problem(404, "not_found");
            assert_eq!(theirs.text_at("/detail"), none.text_at("/detail"));
        }
        let status = other
            .get(&format!("/api/lease-verification/status/{}", ana.purchase))
            .await;
        assert_eq!(
            status.is(200).json,
            serde_json::json!({ "hasVerification": false })
        );
        other.get(REVIEWS).await.is_problem(403, "wrong_role");
        other
            .get(&format!("{REVIEWS}/{id}"))
            .await
            .is_problem(403, "wrong_role");
        let decision = serde_json::json!({ "decision": "approve", "rent": 1, "note": "mine" });
        other
            .post(&format!("{REVIEWS}/{id}"), &decision)
            .await
            .is_problem(403, "wrong_role");
    }
}

#[tokio::test]
async fn a_link_to_a_file_is_needed_to_see_it() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let announced = ana.announce(PDF, &lease(&ana.terms(1700), Layout::Prose)).await;
    let url = announced.json["upload"]["url"].as_str().unwrap();
    let bare = url.split('?').next().unwrap();
    assert_eq!(system.send(system.request_to("GET", bare)).await.status, 403);
    // The link to send it by shows nothing.
    assert_eq!(system.send(system.request_to("GET", url)).await.status, 403);
}

#[tokio::test]
async fn nobody_decides_on_a_lease_of_their_own() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana.upload(PDF, tests::lease::pdf_of_pages(1)).await;
    ana.read(&id).await;
    system.grant(&ana.renter.email, "admin").await;
    let decision = serde_json::json!({ "decision": "approve", "rent": 1, "note": "mine" });
    ana.renter
        .post(&format!("{REVIEWS}/{id}"), &decision)
        .await
        .is_problem(403, "own_lease");
}
