//! Writes that a page of another site could have a browser make.

use serde_json::{Value, json};
use tests::{Person, System};

/// Every write that a session opens.
async fn writes(person: &Person<'_>) -> Vec<(&'static str, String, Value)> {
    let sessions = person.get("/api/auth/sessions").await;
    let session = sessions.text_at("/sessions/0/id");
    vec![
        (
            "PATCH",
            "/api/auth/user-type".into(),
            json!({ "userType": "agent" }),
        ),
        (
            "POST",
            "/api/payments/create-checkout".into(),
            json!({ "planId": "basic" }),
        ),
        (
            "POST",
            "/api/access/unlock-property".into(),
            json!({ "propertyId": "1001" }),
        ),
        (
            "POST",
            "/api/access/activate-plan".into(),
            json!({ "planType": "basic" }),
        ),
        ("DELETE", format!("/api/auth/sessions/{session}"), Value::Null),
        ("POST", "/api/auth/signout".into(), Value::Null),
    ]
}

#[tokio::test]
async fn a_write_on_the_cookie_from_elsewhere_is_refused_and_does_nothing() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.listing("1001").await;
    let before = system.snapshot().await;
    for (method, path, body) in writes(&ana).await {
        let request = || ana.browser_request(method, &path).json(&body);
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
            "http://127.0.0.1:1",
        ] {
            system
                .send(request().header("origin", origin))
                .await
                .is_problem(403, "cross_origin");
        }
        // A browser that does not say where from.
        system.send(request()).await.is_problem(403, "cross_origin");
        system
            .send(request().header("sec-fetch-site", "cross-site"))
            .await
            .is_problem(403, "cross_origin");
        system
            .send(request().header("sec-fetch-site", "same-site"))
            .await
            .is_problem(403, "cross_origin");
    }
    system.snapshot().await.is_unchanged_since(&before);
    assert!(system.stripe().checkout_sessions().is_empty());
}

#[tokio::test]
async fn signing_in_on_behalf_of_a_page_elsewhere_is_refused() {
    let system = System::start().await;
    system.person("ana").await;
    let before = system.snapshot().await;
    for path in ["/api/auth/signin", "/api/auth/signup"] {
        let body = json!({ "email": "ana@example.com", "password": tests::person::PASSWORD });
        let request = system
            .request("POST", path)
            .json(&body)
            .header("origin", "https://evil.example");
        system.send(request).await.is_problem(403, "cross_origin");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_write_on_the_cookie_from_our_own_pages_is_made() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let localhost = system.origin().replace("127.0.0.1", "localhost");
    for (name, value) in [
        ("origin", system.origin()),
        ("origin", &localhost),
        ("sec-fetch-site", "same-origin"),
    ] {
        let request = ana
            .browser_request("PATCH", "/api/auth/user-type")
            .json(&json!({ "userType": "agent" }));
        system.send(request.header(name, value)).await.is(200);
    }
    assert_eq!(ana.me().await["userType"], "agent");
    let request = ana
        .browser_request("POST", "/api/auth/signout")
        .header("origin", system.origin());
    system.send(request).await.is(204);
}

#[tokio::test]
async fn a_write_on_a_token_needs_no_origin() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.patch("/api/auth/user-type", &json!({ "userType": "landlord" }))
        .await
        .is(200);
}

#[tokio::test]
async fn reading_on_the_cookie_needs_no_origin() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for path in ["/api/auth/me", "/api/purchases", "/api/access/status"] {
        let answer = system
            .send(
                ana.browser_request("GET", path)
                    .header("origin", "https://evil.example"),
            )
            .await;
        answer.is(200);
        // The page itself may not read it.
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
