//! `/api/auth/sessions`

use serde_json::Value;
use tests::{Person, System};

async fn list(person: &Person<'_>) -> Vec<Value> {
    let answer = person.get("/api/auth/sessions").await;
    let sessions = answer.is(200).json["sessions"]
        .as_array()
        .expect("a list")
        .clone();
    assert_eq!(answer.json["total"], sessions.len());
    assert_eq!(answer.json["nextCursor"], Value::Null);
    sessions
}

async fn current(person: &Person<'_>) -> String {
    let sessions = list(person).await;
    let current: Vec<_> = sessions
        .iter()
        .filter(|session| session["current"] == true)
        .collect();
    assert_eq!(current.len(), 1);
    current[0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_newest_first() {
    let system = System::start().await;
    let phone = system.person("ana").await;
    let laptop = phone.on_another_device().await;
    system.person("ben").await;
    let sessions = list(&laptop).await;
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0]["id"], current(&laptop).await.as_str());
    assert_eq!(sessions[1]["id"], current(&phone).await.as_str());
    for session in &sessions {
        assert_eq!(session["device"], "black-box");
        let time = |name: &str| {
            session[name]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        assert_eq!(
            time("expiresAt").duration_since(time("createdAt")).as_hours(),
            7 * 24
        );
    }
}

#[tokio::test]
async fn a_session_that_is_ended_opens_nothing_any_more() {
    let system = System::start().await;
    let phone = system.person("ana").await;
    let laptop = phone.on_another_device().await;
    let path = format!("/api/auth/sessions/{}", current(&phone).await);
    laptop.delete(&path).await.is(204);
    phone.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    laptop.delete(&path).await.is_problem(404, "not_found");
    assert_eq!(list(&laptop).await.len(), 1);
}

#[tokio::test]
async fn nobody_ends_anybody_elses_session() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let before = system.snapshot().await;
    let path = format!("/api/auth/sessions/{}", current(&ana).await);
    let foreign = ben.delete(&path).await;
    let absent = ben
        .delete("/api/auth/sessions/sess_01JD3X6Q8TKH5T0R4M2N6W9YBC")
        .await;
    foreign.is_problem(404, "not_found");
    assert_eq!(
        foreign.json["detail"],
        absent.is_problem(404, "not_found").json["detail"]
    );
    ben.delete("/api/auth/sessions/mine")
        .await
        .is_problem(404, "not_found");
    let request = system.request("DELETE", &path);
    system.send(request).await.is_problem(401, "unauthenticated");
    system.snapshot().await.is_unchanged_since(&before);
    ana.get("/api/auth/me").await.is(200);
}

#[tokio::test]
async fn the_eleventh_session_ends_the_oldest() {
    let system = System::start().await;
    let first = system.person("ana").await;
    let mut others = Vec::new();
    for _ in 0..10 {
        others.push(first.on_another_device().await);
    }
    first.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    for other in &others {
        other.get("/api/auth/me").await.is(200);
    }
    assert_eq!(list(&others[0]).await.len(), 10);
}

#[tokio::test]
async fn a_session_is_over_after_seven_days() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let session = current(&ana).await;
    system.advance("P6DT23H").await;
    ana.get("/api/auth/me").await.is(200);
    system.advance("PT1H").await;
    let before = system.snapshot().await;
    ana.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    ana.patch("/api/auth/user-type", &serde_json::json!({ "userType": "agent" }))
        .await
        .is_problem(401, "unauthenticated");
    ana.delete(&format!("/api/auth/sessions/{session}"))
        .await
        .is_problem(401, "unauthenticated");
    system.snapshot().await.is_unchanged_since(&before);
    assert_eq!(list(&ana.on_another_device().await).await.len(), 1);
}
