//! `POST /api/auth/change-password`

use serde_json::json;
use tests::person::PASSWORD;
use tests::{Answer, Person, System};

const NEW: &str = "another horse battery";

async fn change(person: &Person<'_>, current: &str) -> Answer {
    let body = json!({ "currentPassword": current, "newPassword": NEW });
    person.post("/api/auth/change-password", &body).await
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_opens_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let phone = ana.on_another_device().await;
    let answer = change(&ana, PASSWORD).await;
    super::is_a_user(&answer.is(200).json["user"]);
    assert!(answer.header("set-cookie").contains(answer.text_at("/token")));
    for session in [&ana, &phone] {
        session
            .get("/api/auth/me")
            .await
            .is_problem(401, "unauthenticated");
    }
    Person::signed_in(&system, &answer).me().await;
    system.sign_in(&ana.email, PASSWORD).await.is(401);
    system.sign_in(&ana.email, NEW).await.is(200);
    let told = system.snapshot().await;
    let told = told.of("Event").into_iter();
    assert_eq!(told.filter(|event| event["type"] == "PasswordChanged").count(), 1);
}

#[tokio::test]
async fn a_wrong_password_changes_nothing_and_counts_like_one_at_the_door() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for _ in 0..5 {
        // Not 401: the client would take that for the end of the session.
        change(&ana, "not my password")
            .await
            .is_problem(403, "wrong_password");
    }
    change(&ana, PASSWORD).await.is_problem(429, "too_many_attempts");
    system
        .sign_in(&ana.email, PASSWORD)
        .await
        .is_problem(429, "too_many_attempts");
    ana.get("/api/auth/me").await.is(200);
    system.advance("PT1S").await;
    change(&ana, PASSWORD).await.is(200);
}

#[tokio::test]
async fn two_changes_at_once_end_as_one_of_them() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let wish = |password| json!({ "currentPassword": PASSWORD, "newPassword": password });
    let (first, second) = (wish("the first password"), wish("the second password"));
    let (first, second) = tokio::join!(
        ana.post("/api/auth/change-password", &first),
        ana.post("/api/auth/change-password", &second)
    );
    let mut fitting = Vec::new();
    for (answer, password) in [(&first, "the first password"), (&second, "the second password")] {
        if system.sign_in(&ana.email, password).await.status == 200 {
            assert_eq!(answer.status, 200, "{answer:?}");
            fitting.push(password);
        }
    }
    assert_eq!(fitting.len(), 1, "{first:?} {second:?}");
}

#[tokio::test]
async fn nobody_without_a_session_changes_a_password() {
    let system = System::start().await;
    system.person("ana").await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
    system
        .post("/api/auth/change-password", &body)
        .await
        .is_problem(401, "unauthenticated");
    let ana = system.person("ben").await;
    let short = json!({ "currentPassword": PASSWORD, "newPassword": "short" });
    ana.post("/api/auth/change-password", &short)
        .await
        .is_problem(400, "invalid_request")
        .names("newPassword");
}
