//! `POST /api/auth/confirm-email`, `POST /api/auth/confirm-email/resend`

use futures::future::join_all;
use serde_json::json;
use table::link::Purpose;
use tests::{Answer, System};

async fn confirm(system: &System, token: &str) -> Answer {
    system
        .post("/api/auth/confirm-email", &json!({ "token": token }))
        .await
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_link_that_signing_up_mails() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    assert_eq!(ana.me().await["emailVerified"], false);
    let token = system.link_token(&ana.id, Purpose::ConfirmEmail).await;
    let answer = confirm(&system, &token).await;
    super::is_a_user(&answer.is(200).json["user"]);
    assert_eq!(answer.json["user"]["emailVerified"], true);
    assert_eq!(ana.me().await["emailVerified"], true);
    confirm(&system, &token).await.is_problem(409, "link_used");
    ana.post_nothing("/api/auth/confirm-email/resend")
        .await
        .is_problem(409, "email_confirmed");
}

#[tokio::test]
async fn a_link_used_twice_at_once_is_used_once() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let token = system.link_token(&ana.id, Purpose::ConfirmEmail).await;
    let answers = join_all((0..10).map(|_| confirm(&system, &token))).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert!(
            ["link_used", "unavailable"].contains(&answer.text_at("/code")),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_link_is_good_for_seven_days_and_no_longer() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let token = async |person: &str| system.link_token(person, Purpose::ConfirmEmail).await;
    let (of_ana, of_ben) = (token(&ana.id).await, token(&ben.id).await);
    system.advance("P6DT23H59M").await;
    confirm(&system, &of_ana).await.is(200);
    system.advance("PT1M").await;
    let before = system.snapshot().await;
    confirm(&system, &of_ben).await.is_problem(409, "link_over");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn another_link_makes_the_one_before_it_void() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let first = system.link_token(&ana.id, Purpose::ConfirmEmail).await;
    ana.post_nothing("/api/auth/confirm-email/resend").await.is(202);
    let second = system.link_token(&ana.id, Purpose::ConfirmEmail).await;
    confirm(&system, &first).await.is_problem(404, "link_void");
    confirm(&system, &second).await.is(200);
}

#[tokio::test]
async fn mails_to_an_address_are_one_a_minute_and_five_a_day() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    // Not over midnight.
    let left = 86_400 - system.now().as_second().rem_euclid(86_400);
    system.advance(&format!("PT{left}S")).await;
    let again = async || ana.post_nothing("/api/auth/confirm-email/resend").await;
    for _ in 0..5 {
        again().await.is(202);
        again().await.is_problem(429, "too_many_attempts");
        system.advance("PT1M").await;
    }
    let refused = again().await;
    let wait = refused.is_problem(429, "too_many_attempts").header("retry-after");
    assert!(wait.parse::<u32>().unwrap() > 80_000, "{wait}");
    system.advance("P1D").await;
    again().await.is(202);
}

#[tokio::test]
async fn what_is_no_link_of_this_kind_confirms_nothing() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    system
        .post("/api/auth/forgot-password", &json!({ "email": ana.email }))
        .await
        .is(202);
    let token = system.link_token(&ana.id, Purpose::ConfirmEmail).await;
    let other_purpose = system.link_token(&ana.id, Purpose::ResetPassword).await;
    let mut mistyped = token.clone();
    let last = if mistyped.pop() == Some('0') { '1' } else { '0' };
    mistyped.push(last);
    // The secret of one person's link under another person's name.
    let of_ben = system.link_token(&ben.id, Purpose::ConfirmEmail).await;
    let carried = format!("{}{}", &of_ben[..70], &token[70..]);
    let before = system.snapshot().await;
    for token in [other_purpose, mistyped, carried] {
        confirm(&system, &token).await.is_problem(404, "link_void");
    }
    for token in ["", "alail_", &ana.token] {
        confirm(&system, token)
            .await
            .is_problem(400, "invalid_request")
            .names("token");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn no_token_of_a_link_is_anywhere_in_the_table() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let body = json!({ "email": ana.email });
    system.post("/api/auth/forgot-password", &body).await.is(202);
    let snapshot = system.snapshot().await;
    for purpose in [Purpose::ConfirmEmail, Purpose::ResetPassword] {
        let token = system.link_token(&ana.id, purpose).await;
        assert!(!snapshot.mentions(&token));
        // The secret is its last half.
        assert!(!snapshot.mentions(&token[70..]));
    }
}
