//! `POST /api/auth/forgot-password`, `POST /api/auth/reset-password`

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use table::link::Purpose;
use tests::person::PASSWORD;
use tests::{Answer, System};

const NEW: &str = "another horse battery";

async fn forgot(system: &System, email: &str) -> Answer {
    system
        .post("/api/auth/forgot-password", &json!({ "email": email }))
        .await
}

async fn reset(system: &System, token: &str) -> Answer {
    let body = json!({ "token": token, "password": NEW });
    system.post("/api/auth/reset-password", &body).await
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_every_session_is_over() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let phone = ana.on_another_device().await;
    for _ in 0..5 {
        system.sign_in(&ana.email, "not my password").await.is(401);
    }
    forgot(&system, " ANA@example.com").await.is(202);
    let token = system.link_token(&ana.id, Purpose::ResetPassword).await;
    let answer = reset(&system, &token).await;
    // Who reads the mail has confirmed the address.
    assert_eq!(answer.is(200).json["user"]["emailVerified"], true);
    for session in [&ana, &phone] {
        session
            .get("/api/auth/me")
            .await
            .is_problem(401, "unauthenticated");
    }
    // The wrong ones before it are forgotten: nobody has to wait.
    system.sign_in(&ana.email, NEW).await.is(200);
    system.sign_in(&ana.email, PASSWORD).await.is(401);
    reset(&system, &token).await.is_problem(409, "link_used");
}

#[tokio::test]
async fn an_address_without_an_account_is_answered_like_one_with() {
    let system = System::start().await;
    system.person("ana").await;
    let known = forgot(&system, "ana@example.com").await;
    let unknown = forgot(&system, "nobody@example.com").await;
    assert_eq!(known.is(202).text, unknown.is(202).text);
    let names =
        |answer: &Answer| -> BTreeSet<String> { answer.headers.keys().map(ToString::to_string).collect() };
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(known.header("x-cost"), unknown.header("x-cost"));
    for email in ["ana@example.com", "nobody@example.com"] {
        forgot(&system, email).await.is_problem(429, "too_many_attempts");
    }
    system.at_rest().await;
    assert!(system.mails_to("nobody@example.com").is_empty());
    let told = system.snapshot().await;
    let requests = told.of("Event").into_iter();
    let requests = requests.filter(|event| event["type"] == "PasswordResetRequested");
    assert_eq!(requests.count(), 1);
}

#[tokio::test]
async fn a_network_asks_for_twenty_mails_in_a_quarter_of_an_hour() {
    let system = System::start().await;
    let left = 900 - system.now().as_second().rem_euclid(900);
    system.advance(&format!("PT{left}S")).await;
    for number in 0..20 {
        forgot(&system, &format!("person{number}@example.com"))
            .await
            .is(202);
    }
    let refused = forgot(&system, "person20@example.com").await;
    let wait = refused
        .is_problem(429, "too_many_attempts")
        .header("retry-after")
        .to_owned();
    system.advance(&format!("PT{wait}S")).await;
    forgot(&system, "person20@example.com").await.is(202);
}

#[tokio::test]
async fn a_link_used_by_two_at_once_sets_one_password() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    forgot(&system, &ana.email).await.is(202);
    let token = system.link_token(&ana.id, Purpose::ResetPassword).await;
    let passwords: Vec<String> = (0..5).map(|number| format!("password number {number}")).collect();
    let tries = passwords.iter().map(|password| {
        let body = json!({ "token": token, "password": password });
        async { system.post("/api/auth/reset-password", &{ body }).await }
    });
    let answers = join_all(tries).await;
    let set: Vec<&String> = answers
        .iter()
        .zip(&passwords)
        .filter(|(answer, _)| answer.status == 200)
        .map(|(_, password)| password)
        .collect();
    assert_eq!(set.len(), 1, "{answers:?}");
    system.sign_in(&ana.email, set[0]).await.is(200);
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_and_until_the_password_changes() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    forgot(&system, &ana.email).await.is(202);
    let late = system.link_token(&ana.id, Purpose::ResetPassword).await;
    system.advance("PT1H").await;
    reset(&system, &late).await.is_problem(409, "link_over");
    forgot(&system, &ana.email).await.is(202);
    let void = system.link_token(&ana.id, Purpose::ResetPassword).await;
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "my own new password" });
    ana.post("/api/auth/change-password", &change).await.is(200);
    let before = system.snapshot().await;
    reset(&system, &void).await.is_problem(404, "link_void");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_forgotten_password_does_not_get_past_the_second_factor() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (app, _) = ana.with_second_factor().await;
    forgot(&system, &ana.email).await.is(202);
    let token = system.link_token(&ana.id, Purpose::ResetPassword).await;
    let answer = reset(&system, &token).await;
    assert!(answer.is(200).json["token"].is_null());
    system
        .sign_in(&ana.email, NEW)
        .await
        .is_problem(401, "second_factor_required");
    let body = json!({ "email": ana.email, "password": NEW, "code": app.code(&system) });
    system.post("/api/auth/signin", &body).await.is(200);
}

#[tokio::test]
async fn a_session_opened_with_the_old_password_in_that_moment_is_none() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    forgot(&system, &ana.email).await.is(202);
    let token = system.link_token(&ana.id, Purpose::ResetPassword).await;
    let signing_in = join_all((0..4).map(|_| system.sign_in(&ana.email, PASSWORD)));
    let (answers, done) = tokio::join!(signing_in, reset(&system, &token));
    done.is(200);
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        let person = tests::Person::signed_in(&system, answer);
        person
            .get("/api/auth/me")
            .await
            .is_problem(401, "unauthenticated");
    }
}
