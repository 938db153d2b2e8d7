//! Signing up and in, who is signed in, and what for.

use local::google::Wish;
use serde_json::json;
use tests::System;
use tests::person::PASSWORD;

use super::{Client, Is, NoToken, Token, as_shown, is_user, reads, refuses};

#[tokio::test]
async fn signing_up_on_the_page_for_landlords() {
    let system = System::start().await;
    let mut client = Client::new(&system);
    let answer = client.sign_up("ana").await;
    answer.is(201);
    is_user(&answer, "/user");
    reads(&answer, &[("/token", Is::Text)]);
    assert_eq!(
        answer.json["user"]["userType"], "renter",
        "unless another is chosen"
    );
    let chosen = client
        .patch("/api/auth/user-type", &json!({ "userType": "landlord" }))
        .await;
    is_user(chosen.is(200), "/user");
    assert_eq!(chosen.json["user"]["userType"], "landlord");
    assert_eq!(client.me().await, chosen.json["user"]);
}

#[tokio::test]
async fn signing_up_with_an_address_that_has_an_account() {
    let system = System::start().await;
    Client::new(&system).sign_up("ana").await.is(201);
    let again = Client::new(&system).sign_up("ana").await;
    refuses(&again, 409);
    // Either is enough for the client.
    assert!(as_shown(&again).contains("409") && as_shown(&again).contains("already registered"));
}

#[tokio::test]
async fn signing_up_with_a_password_that_is_too_short_as_the_form_lets_pass() {
    let system = System::start().await;
    let form = json!({ "email": "ana@example.com", "password": "short", "name": "ana" });
    let answer = Client::new(&system).enter("/api/auth/signup", &form).await;
    refuses(&answer, 400);
    let shown = as_shown(&answer);
    assert!(
        !shown.contains("409") && !shown.contains("already registered"),
        "{shown}"
    );
    assert!(answer.text_at("/error").contains("password"), "{shown}");
}

#[tokio::test]
async fn signing_in_and_coming_back_the_next_day() {
    let system = System::start().await;
    Client::signed_up(&system, "ana", "agent").await;
    let mut client = Client::new(&system);
    let form = json!({ "email": "ana@example.com", "password": PASSWORD });
    let answer = client.enter("/api/auth/signin", &form).await;
    is_user(answer.is(200), "/user");
    reads(&answer, &[("/token", Is::Text)]);
    assert_eq!(answer.json["user"]["userType"], "agent", "the page that it opens");
    system.advance("P1D").await;
    assert_eq!(client.me().await, answer.json["user"]);
    // The sign-in page of another role changes it.
    let choice = json!({ "userType": "renter" });
    let chosen = client.patch("/api/auth/user-type", &choice).await;
    assert_eq!(chosen.is(200).json["user"]["userType"], "renter");
}

#[tokio::test]
async fn signing_in_with_a_wrong_password_or_an_unknown_address() {
    let system = System::start().await;
    Client::signed_up(&system, "ana", "renter").await;
    for (email, password) in [
        ("ana@example.com", "not my password"),
        ("eva@example.com", PASSWORD),
    ] {
        let form = json!({ "email": email, "password": password });
        let answer = Client::new(&system).enter("/api/auth/signin", &form).await;
        refuses(&answer, 401);
        let shown = as_shown(&answer);
        // Either is enough for the client.
        assert!(shown.contains("401") && shown.contains("Invalid"), "{shown}");
    }
}

#[tokio::test]
async fn signing_in_with_google() {
    let system = System::start().await;
    let wish = Wish {
        email: "ana@gmail.com".to_owned(),
        ..Wish::default()
    };
    let mut client = Client::new(&system);
    let button = json!({ "credential": system.google_credential(&wish) });
    let answer = client.enter("/api/auth/google", &button).await;
    is_user(answer.is(200), "/user");
    reads(&answer, &[("/token", Is::Text)]);
    assert_eq!(client.me().await, answer.json["user"]);
    let forged = client
        .enter("/api/auth/google", &json!({ "credential": "forged" }))
        .await;
    refuses(&forged, 401);
    let missing = client.enter("/api/auth/google", &json!({})).await;
    refuses(&missing, 400);
}

#[tokio::test]
async fn a_page_that_is_opened_with_a_token_that_is_over() {
    let system = System::start().await;
    let mut client = Client::signed_up(&system, "ana", "renter").await;
    system.advance("P8D").await;
    refuses(&client.get("/api/auth/me", Token).await, 401);
    client.token = Some("not-a-token".to_owned());
    client.cookie = None;
    refuses(&client.get("/api/auth/me", Token).await, 401);
    let choice = json!({ "userType": "agent" });
    refuses(&client.patch("/api/auth/user-type", &choice).await, 401);
}

#[tokio::test]
async fn a_role_that_the_client_offers_and_nobody_may_take() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    let answer = client
        .patch("/api/auth/user-type", &json!({ "userType": "admin" }))
        .await;
    refuses(&answer, 403);
    assert_eq!(client.me().await["userType"], "renter");
}

#[tokio::test]
async fn signing_out_which_the_client_does_by_itself() {
    let system = System::start().await;
    let mut client = Client::signed_up(&system, "ana", "renter").await;
    client.token = None;
    // The browser still has the cookie, which opens what the client asks without its token.
    let publishable = client.get("/api/stripe/publishable-key", NoToken).await;
    publishable.is(200);
    // Whoever signs in next has the browser to themselves.
    client.sign_up("ben").await.is(201);
    assert_eq!(client.me().await["email"], "ben@example.com");
    let id = client.id().await;
    let path = format!("/api/payments/subscription-status/{id}");
    client.get(&path, NoToken).await.is(200);
}

#[tokio::test]
async fn a_path_that_is_not_there_is_no_page() {
    let system = System::start().await;
    let client = Client::signed_up(&system, "ana", "renter").await;
    refuses(&client.get("/api/no-such-thing", Token).await, 404);
    refuses(&client.post("/api/no-such-thing", Token, &json!({})).await, 404);
    refuses(&client.post("/api/auth/me", Token, &json!({})).await, 405);
}
