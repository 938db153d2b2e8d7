//! `GET /api/auth/me`

use tests::{Outcome, System};

use super::is_a_user;

#[tokio::test]
async fn nobody_is_nobody() {
    let system = System::start().await;
    system
        .get("/api/auth/me")
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn what_is_no_token_of_an_open_session_opens_nothing() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let digit = if ana.token.ends_with('0') { '1' } else { '0' };
    let bits = "alai_".len() + 32;
    let tokens = [
        String::new(),
        "alai_".to_owned(),
        "x".repeat(4096),
        ana.token.to_uppercase(),
        format!("{}{digit}", &ana.token[..ana.token.len() - 1]),
        format!("{}00", ana.token),
        // Ben's id with Ana's session, and the other way round.
        format!("{}{}", &ben.token[..bits], &ana.token[bits..]),
        format!("{}{}", &ana.token[..bits], &ben.token[bits..]),
        ana.id.clone(),
    ];
    for token in &tokens {
        for header in [format!("Bearer {token}"), format!("Basic {token}"), token.clone()] {
            let request = system
                .request("GET", "/api/auth/me")
                .header("authorization", &header);
            system.send(request).await.is_problem(401, "unauthenticated");
        }
        let request = system
            .request("GET", "/api/auth/me")
            .header("cookie", format!("__Host-session={token}"));
        system.send(request).await.is_problem(401, "unauthenticated");
    }
    let request = system
        .request("GET", "/api/auth/me")
        .header("authorization", format!("bearer  {}", ana.token));
    assert_eq!(system.send(request).await.is(200).text_at("/user/id"), ana.id);
}

#[tokio::test]
async fn a_wrong_header_is_not_made_good_by_a_right_cookie() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let request = ana
        .browser_request("GET", "/api/auth/me")
        .header("authorization", "Bearer alai_00");
    system.send(request).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn it_tells_the_plan_that_was_paid_for() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = ana.get("/api/auth/me").await;
    is_a_user(&before.is(200).json["user"]);
    assert_eq!(before.json.as_object().unwrap().len(), 1);
    assert_eq!(before.header("cache-control"), "no-store");
    assert_eq!(ana.subscription().await, ("free".into(), "inactive".into()));
    ana.buy("pro", Outcome::Paid).await;
    assert_eq!(ana.subscription().await, ("pro".into(), "active".into()));
}
