//! `POST /api/auth/signup`

use futures::future::join_all;
use local::wire::faults::Kind;
use serde_json::json;
use tests::person::PASSWORD;
use tests::{Person, System};

use super::is_a_user;

#[tokio::test]
async fn a_new_person_is_signed_in_at_once() {
    let system = System::start().await;
    let answer = system.sign_up("ana.maria@example.com").await;
    answer.is(201);
    is_a_user(&answer.json["user"]);
    let user = &answer.json["user"];
    assert_eq!(user["email"], "ana.maria@example.com");
    assert_eq!(user["name"], "ana.maria");
    assert_eq!(user["userType"], "renter");
    assert_eq!(user["subscriptionTier"], "free");
    assert_eq!(user["subscriptionStatus"], "inactive");
    let ana = Person::signed_in(&system, &answer);
    assert_eq!(ana.me().await, *user);
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    let system = System::start().await;
    let answer = system.sign_up("ana@example.com").await;
    let cookie = answer.is(201).header("set-cookie");
    let mut parts = cookie.split("; ");
    assert_eq!(
        parts.next().unwrap(),
        format!("__Host-session={}", answer.text_at("/token"))
    );
    let mut attributes: Vec<_> = parts.collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Lax", "Secure"]
    );
    let ana = Person::signed_in(&system, &answer);
    system
        .send(ana.browser_request("GET", "/api/auth/me"))
        .await
        .is(200);
}

#[tokio::test]
async fn a_person_is_called_by_the_name_they_give() {
    let system = System::start().await;
    let body = json!({ "email": "ana@example.com", "password": PASSWORD, "name": "  Ana María O'Neil " });
    let answer = system.post("/api/auth/signup", &body).await;
    assert_eq!(answer.is(201).text_at("/user/name"), "Ana María O'Neil");
}

#[tokio::test]
async fn a_mailbox_has_one_account_whatever_the_spelling() {
    let system = System::start().await;
    system.person("ana").await;
    let before = system.snapshot().await;
    for spelling in ["ana@example.com", "ANA@Example.Com", "  ana@example.com\t"] {
        let answer = system.sign_up(spelling).await;
        // The web client looks for these words.
        answer.is_problem(409, "email_taken").says("already registered");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn fifty_sign_ups_for_one_address_at_once_make_one_account() {
    let system = System::start().await;
    let emails = ["ana@example.com", "Ana@example.com", "ANA@EXAMPLE.COM"];
    let answers = join_all((0..50).map(|n| system.sign_up(emails[n % 3]))).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(created.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is_problem(409, "email_taken");
    }
    let snapshot = system.snapshot().await;
    assert_eq!(snapshot.of("Account").len(), 1);
    assert_eq!(snapshot.of("Credentials").len(), 1);
    let ana = Person::signed_in(&system, created[0]);
    ana.get("/api/auth/me").await.is(200);
    assert_eq!(ana.on_another_device().await.id, ana.id);
}

#[tokio::test]
async fn neither_the_password_nor_the_token_is_kept() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let snapshot = system.snapshot().await;
    assert!(!snapshot.mentions(PASSWORD));
    // The token ends with its secret: 32 bytes in hexadecimal.
    let secret = &ana.token[ana.token.len() - 64..];
    assert!(!snapshot.mentions(secret));
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_nothing_is_written() {
    let system = System::start().await;
    let before = system.snapshot().await;
    let long = "p".repeat(101);
    let cases = [
        ("email", json!({ "password": PASSWORD })),
        ("email", json!({ "email": "ana", "password": PASSWORD })),
        ("email", json!({ "email": "ana@localhost", "password": PASSWORD })),
        (
            "email",
            json!({ "email": "Ana <ana@example.com>", "password": PASSWORD }),
        ),
        ("email", json!({ "email": null, "password": PASSWORD })),
        ("password", json!({ "email": "ana@example.com" })),
        (
            "password",
            json!({ "email": "ana@example.com", "password": "seven77" }),
        ),
        (
            "password",
            json!({ "email": "ana@example.com", "password": long }),
        ),
        (
            "password",
            json!({ "email": "ana@example.com", "password": 12_345_678 }),
        ),
        (
            "name",
            json!({ "email": "ana@example.com", "password": PASSWORD, "name": "" }),
        ),
        (
            "name",
            json!({ "email": "ana@example.com", "password": PASSWORD, "name": "a\u{0}b" }),
        ),
        (
            "userType",
            json!({ "email": "ana@example.com", "password": PASSWORD, "userType": "admin" }),
        ),
        (
            "role",
            json!({ "email": "ana@example.com", "password": PASSWORD, "role": "admin" }),
        ),
    ];
    for (field, body) in cases {
        let answer = system.post("/api/auth/signup", &body).await;
        answer.is_problem(400, "invalid_request").names(field);
        assert!(
            !answer.text.contains(PASSWORD) && !answer.text.contains(&long),
            "{}",
            answer.text
        );
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_password_may_have_any_letters_up_to_a_hundred() {
    let system = System::start().await;
    let password = "🔑 ñ".repeat(25);
    let body = json!({ "email": "ana@example.com", "password": password });
    system.post("/api/auth/signup", &body).await.is(201);
    system.sign_in("ana@example.com", &password).await.is(200);
}

#[tokio::test]
async fn an_answer_lost_on_the_way_from_the_table_costs_nobody_their_account() {
    let system = System::start().await;
    system.fail("dynamodb", "TransactWriteItems", Kind::AnswerLost, 1);
    let ana = system.person("ana").await;
    ana.get("/api/auth/me").await.is(200);
}

#[tokio::test]
async fn a_table_that_fails_is_a_5xx_that_says_nothing_and_leaves_nothing() {
    let system = System::start().await;
    for kind in [Kind::Throttle, Kind::InternalError] {
        system.fail("dynamodb", "TransactWriteItems", kind, 3);
        system
            .sign_up("ana@example.com")
            .await
            .is_problem(503, "unavailable");
        assert_eq!(system.snapshot().await.of("Account").len(), 0);
    }
    system.sign_up("ana@example.com").await.is(201);
}
