//! `POST /api/auth/signin`

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use tests::person::PASSWORD;
use tests::{Answer, Person, System};

use super::is_a_user;

const WRONG: &str = "wrong horse battery";

#[tokio::test]
async fn a_person_signs_in_on_as_many_devices_as_they_like() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let answer = system.sign_in(" ANA@example.com ", PASSWORD).await;
    is_a_user(&answer.is(200).json["user"]);
    assert!(answer.header("set-cookie").contains(answer.text_at("/token")));
    let elsewhere = Person::signed_in(&system, &answer);
    assert_ne!(elsewhere.token, ana.token);
    assert_eq!(elsewhere.me().await, ana.me().await);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let system = System::start().await;
    system.person("ana").await;
    let wrong = system.sign_in("ana@example.com", WRONG).await;
    let unknown = system.sign_in("nobody@example.com", WRONG).await;
    // The web client looks for this word.
    wrong.is_problem(401, "invalid_credentials").says("Invalid");
    assert_eq!(without_id(&wrong), without_id(&unknown));
    let names = |answer: &Answer| {
        answer
            .headers
            .keys()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&wrong), names(&unknown));
    assert_eq!(wrong.header("x-cost"), unknown.header("x-cost"));
    assert_eq!(wrong.header("content-length"), unknown.header("content-length"));
}

fn without_id(answer: &Answer) -> serde_json::Value {
    let mut problem = answer.json.clone();
    problem["requestId"] = json!(null);
    problem
}

/// What an address answers to ten wrong passwords, each given as soon as the answer before allows; then to the right
/// one, at once.
async fn ten_wrong_passwords(system: &System, email: &str) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..10 {
        let mut answer = system.sign_in(email, WRONG).await;
        if answer.status == 429 {
            told.push(wait_as_told(system, &answer).await);
            answer = system.sign_in(email, WRONG).await;
        }
        answer.is_problem(401, "invalid_credentials");
    }
    let locked = system.sign_in(email, PASSWORD).await;
    told.push(wait_as_told(system, &locked).await);
    told
}

/// Waits as an answer says, and tells how long that was; a second more or less is the machine's.
async fn wait_as_told(system: &System, answer: &Answer) -> String {
    let seconds = answer
        .is_problem(429, "too_many_attempts")
        .header("retry-after")
        .to_owned();
    answer.says(&format!("{seconds} seconds"));
    system.advance(&format!("PT{seconds}S")).await;
    seconds
}

#[tokio::test]
async fn wrong_passwords_slow_an_address_down_and_then_lock_it_for_a_quarter_of_an_hour() {
    let system = System::start().await;
    system.person("ana").await;
    for email in ["ana@example.com", "nobody@example.com"] {
        // Nothing tells an address with an account from one without.
        assert_eq!(
            ten_wrong_passwords(&system, email).await,
            ["1", "2", "4", "8", "16", "900"],
            "{email}"
        );
    }
    system.sign_in("ana@example.com", PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_locked_address_stays_locked_for_everyone_until_its_time_is_over() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for _ in 0..5 {
        system.sign_in("ana@example.com", WRONG).await.is(401);
    }
    let request = || {
        let body = json!({ "email": "ana@example.com", "password": PASSWORD });
        let request = system.request("POST", "/api/auth/signin").json(&body);
        request.header("x-local-source-ip", "203.0.113.9")
    };
    system.send(request()).await.is_problem(429, "too_many_attempts");
    ana.get("/api/auth/me").await.is(200);
    system.advance("PT1S").await;
    system.send(request()).await.is(200);
}

#[tokio::test]
async fn the_right_password_forgets_the_wrong_ones_before_it() {
    let system = System::start().await;
    system.person("ana").await;
    for _ in 0..3 {
        for _ in 0..4 {
            system.sign_in("ana@example.com", WRONG).await.is(401);
        }
        system.sign_in("ana@example.com", PASSWORD).await.is(200);
    }
}

/// The seconds that an address waits after its fifth, sixth … wrong password, summed up.
const WAITED: [i64; 5] = [1, 3, 7, 15, 31];

#[tokio::test]
async fn fifty_guesses_at_once_are_no_more_than_the_free_ones() {
    let system = System::start().await;
    system.person("ana").await;
    for email in ["ana@example.com", "nobody@example.com"] {
        let begun = system.now();
        let mut answers = Vec::new();
        // Fifty, and then five and five again as soon as those before them are answered.
        for at_once in [50, 5, 5, 5, 5] {
            answers.extend(join_all((0..at_once).map(|_| system.sign_in(email, WRONG))).await);
        }
        let took = system.now().duration_since(begun).as_secs();
        let allowed = 5 + WAITED.iter().filter(|waited| took >= **waited).count();
        let guesses = answers.iter().filter(|answer| answer.status == 401).count();
        assert!(
            (1..=allowed).contains(&guesses),
            "{guesses} guesses for {email}, {allowed} allowed"
        );
        for answer in answers.iter().filter(|answer| answer.status != 401) {
            answer.is_problem(429, "too_many_attempts");
        }
    }
}

/// Fifty wrong passwords, each for another address, from addresses of one IPv6 customer.
async fn fifty_failures_of_one_network(system: &System) {
    for hundred in 0..5 {
        let guesses = (0..10).map(|n| {
            let body = json!({ "email": format!("stranger{hundred}-{n}@example.com"), "password": WRONG });
            let request = system.request("POST", "/api/auth/signin").json(&body);
            let request = request.header("x-forwarded-for", format!("198.51.100.{n}"));
            system.send(request.header("x-local-source-ip", format!("2001:db8:1:2::{n}")))
        });
        for answer in join_all(guesses).await {
            answer.is(401);
        }
    }
}

/// Moves the clock to the beginning of a quarter of an hour, which is what failures are counted in.
async fn begin_a_window(system: &System) {
    let left = 900 - system.now().as_second().rem_euclid(900);
    system.advance(&format!("PT{left}S")).await;
}

#[tokio::test]
async fn a_network_with_fifty_failures_waits_for_the_next_quarter_of_an_hour() {
    let system = System::start().await;
    system.person("ana").await;
    begin_a_window(&system).await;
    fifty_failures_of_one_network(&system).await;
    let from = |address: &str, claims: &str| {
        let body = json!({ "email": "ana@example.com", "password": PASSWORD });
        let request = system.request("POST", "/api/auth/signin").json(&body);
        system.send(
            request
                .header("x-local-source-ip", address)
                .header("x-forwarded-for", claims),
        )
    };
    let refused = from("2001:db8:1:2:ffff::1", "192.0.2.1").await;
    refused.is_problem(429, "too_many_attempts");
    // Ana herself, elsewhere, is none the wiser.
    from("2001:db8:1:3::1", "2001:db8:1:2::1").await.is(200);
    system
        .advance(&format!("PT{}S", refused.header("retry-after")))
        .await;
    from("2001:db8:1:2::1", "").await.is(200);
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_counts_as_no_attempt() {
    let system = System::start().await;
    system.person("ana").await;
    let before = system.snapshot().await;
    let cases = [
        ("email", json!({ "password": PASSWORD })),
        ("email", json!({ "email": "ana", "password": PASSWORD })),
        ("password", json!({ "email": "ana@example.com" })),
        (
            "password",
            json!({ "email": "ana@example.com", "password": ["a"] }),
        ),
        (
            "remember",
            json!({ "email": "ana@example.com", "password": PASSWORD, "remember": true }),
        ),
    ];
    for (field, body) in cases {
        system
            .post("/api/auth/signin", &body)
            .await
            .is_problem(400, "invalid_request")
            .names(field);
    }
    system.snapshot().await.is_unchanged_since(&before);
}
