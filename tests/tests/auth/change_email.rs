//! `POST /api/auth/change-email`, `POST /api/auth/confirm-email-change`

use serde_json::json;
use table::link::Purpose;
use tests::person::PASSWORD;
use tests::{Answer, Person, System};

async fn change(person: &Person<'_>, email: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD });
    person.post("/api/auth/change-email", &body).await
}

async fn confirm(system: &System, token: &str) -> Answer {
    system
        .post("/api/auth/confirm-email-change", &json!({ "token": token }))
        .await
}

#[tokio::test]
async fn an_address_changes_when_the_mail_to_the_new_one_is_answered() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    change(&ana, "ana@elsewhere.example.com").await.is(202);
    assert_eq!(ana.me().await["email"], "ana@example.com");
    let token = system.link_token(&ana.id, Purpose::ChangeEmail).await;
    confirm(&system, &token).await.is(204);
    // Whoever was signed in without the owner's knowledge is not any more.
    ana.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    system.sign_in("ana@example.com", PASSWORD).await.is(401);
    let answer = system.sign_in("ana@elsewhere.example.com", PASSWORD).await;
    assert_eq!(answer.is(200).json["user"]["emailVerified"], true);
    confirm(&system, &token).await.is_problem(409, "link_used");
    // The old address is free, and kept for the notice to it.
    system.sign_up("ana@example.com").await.is(201);
    let snapshot = system.snapshot().await;
    assert_eq!(snapshot.of("FormerEmail")[0]["email"], "ana@example.com");
}

#[tokio::test]
async fn an_address_that_is_taken_is_answered_like_a_free_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.person("ben").await;
    let free = change(&ana, "free@example.com").await;
    let taken = change(&ana, "ben@example.com").await;
    assert_eq!(free.is(202).text, taken.is(202).text);
    assert_eq!(free.header("x-cost"), taken.header("x-cost"));
    // The link that was asked for before still leads to the free one.
    let token = system.link_token(&ana.id, Purpose::ChangeEmail).await;
    confirm(&system, &token).await.is(204);
    system.sign_in("free@example.com", PASSWORD).await.is(200);
    system.sign_in("ben@example.com", PASSWORD).await.is(200);
}

#[tokio::test]
async fn of_two_who_want_one_address_one_gets_it() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    change(&ana, "wanted@example.com").await.is(202);
    system.advance("PT1M").await;
    change(&ben, "wanted@example.com").await.is(202);
    let of_ana = system.link_token(&ana.id, Purpose::ChangeEmail).await;
    let of_ben = system.link_token(&ben.id, Purpose::ChangeEmail).await;
    confirm(&system, &of_ben).await.is(204);
    confirm(&system, &of_ana).await.is_problem(409, "email_taken");
    assert_eq!(ana.me().await["email"], "ana@example.com");
    let answer = system.sign_in("wanted@example.com", PASSWORD).await;
    assert_eq!(answer.is(200).text_at("/user/id"), ben.id);
}

#[tokio::test]
async fn the_change_needs_the_password_and_ends_with_it() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let wrong = json!({ "email": "other@example.com", "password": "not my password" });
    ana.post("/api/auth/change-email", &wrong)
        .await
        .is_problem(403, "wrong_password");
    change(&ana, "other@example.com").await.is(202);
    let token = system.link_token(&ana.id, Purpose::ChangeEmail).await;
    // Ana notices that somebody asked for it, and takes a new password.
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "my own new password" });
    ana.post("/api/auth/change-password", &body).await.is(200);
    confirm(&system, &token).await.is_problem(404, "link_void");
}

#[tokio::test]
async fn a_link_to_a_new_address_is_good_for_a_day() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    change(&ana, "other@example.com").await.is(202);
    let token = system.link_token(&ana.id, Purpose::ChangeEmail).await;
    system.advance("P1D").await;
    confirm(&system, &token).await.is_problem(409, "link_over");
}

#[tokio::test]
async fn links_of_the_old_address_are_void_with_it() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let confirmation = system.link_token(&ana.id, Purpose::ConfirmEmail).await;
    let body = json!({ "email": ana.email });
    system.post("/api/auth/forgot-password", &body).await.is(202);
    let reset = system.link_token(&ana.id, Purpose::ResetPassword).await;
    change(&ana, "other@example.com").await.is(202);
    let token = system.link_token(&ana.id, Purpose::ChangeEmail).await;
    confirm(&system, &token).await.is(204);
    let body = json!({ "token": confirmation });
    system
        .post("/api/auth/confirm-email", &body)
        .await
        .is_problem(404, "link_void");
    let body = json!({ "token": reset, "password": "somebody elses now" });
    system
        .post("/api/auth/reset-password", &body)
        .await
        .is_problem(404, "link_void");
}
