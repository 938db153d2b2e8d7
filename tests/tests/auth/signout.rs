//! `POST /api/auth/signout`

use tests::System;

#[tokio::test]
async fn signing_out_ends_this_session_and_takes_the_cookie_away() {
    let system = System::start().await;
    let phone = system.person("ana").await;
    let laptop = phone.on_another_device().await;
    let answer = phone.post_nothing("/api/auth/signout").await;
    let cookie = answer.is(204).header("set-cookie");
    assert!(
        cookie.starts_with("__Host-session=; ") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    // A browser replaces a `__Host-` cookie by one that is as strict only.
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    phone.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    phone
        .post_nothing("/api/auth/signout")
        .await
        .is_problem(401, "unauthenticated");
    laptop.get("/api/auth/me").await.is(200);
}

#[tokio::test]
async fn nobody_cannot_sign_out() {
    let system = System::start().await;
    let answer = system.send(system.request("POST", "/api/auth/signout")).await;
    answer.is_problem(401, "unauthenticated");
}
