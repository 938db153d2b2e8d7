//! What cannot be answered is refused with a problem that says what is wrong, and nothing is written.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::System;

/// The largest JSON body, in bytes.
const LIMIT: &str = "65536";

/// The routes that take a JSON body: method, path, and a body that fits.
fn takers() -> Vec<(&'static str, &'static str, Value)> {
    let login = json!({ "email": "new@example.com", "password": "correct horse battery" });
    vec![
        ("POST", "/api/auth/signup", login.clone()),
        ("POST", "/api/auth/signin", login),
        ("PATCH", "/api/auth/user-type", json!({ "userType": "agent" })),
        (
            "POST",
            "/api/payments/create-checkout",
            json!({ "planId": "basic" }),
        ),
        (
            "POST",
            "/api/access/unlock-property",
            json!({ "propertyId": "1001" }),
        ),
        (
            "POST",
            "/api/access/activate-plan",
            json!({ "planType": "basic" }),
        ),
    ]
}

/// A body that is not what its route needs: what is sent, and the problem that it must be.
struct Misfit {
    status: u16,
    code: &'static str,
    says: &'static str,
    send: fn(RequestBuilder, &Value) -> RequestBuilder,
}

const fn misfit(
    status: u16,
    code: &'static str,
    says: &'static str,
    send: fn(RequestBuilder, &Value) -> RequestBuilder,
) -> Misfit {
    Misfit {
        status,
        code,
        says,
        send,
    }
}

/// The values of a body's fields, without their names.
fn values(body: &Value) -> Vec<Value> {
    body.as_object().unwrap().values().cloned().collect()
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// Ways not to send a body.
fn misfits() -> Vec<Misfit> {
    vec![
        misfit(400, "body_missing", "JSON body", |request, _| request),
        misfit(400, "body_missing", "JSON body", |request, _| {
            request.header(JSON.0, JSON.1)
        }),
        misfit(400, "invalid_json", "line 1", |request, _| {
            request.header(JSON.0, JSON.1).body("no JSON")
        }),
        misfit(400, "invalid_json", "line 1", |request, body| {
            let text = body.to_string();
            request
                .header(JSON.0, JSON.1)
                .body(text[..text.len() - 1].to_owned())
        }),
        misfit(400, "invalid_json", "line 1", |request, body| {
            request.header(JSON.0, JSON.1).body(format!("{body} {body}"))
        }),
        misfit(400, "invalid_json", "line 1", |request, _| {
            request.header(JSON.0, JSON.1).body(b"{\"\xff\": 1}".to_vec())
        }),
        misfit(400, "invalid_json", "line 1", |request, _| {
            request.header(JSON.0, JSON.1).body("[".repeat(10_000))
        }),
        misfit(400, "invalid_request", "body", |request, _| {
            request.json(&json!("text"))
        }),
        misfit(400, "invalid_request", "body", |request, _| {
            request.json(&json!(null))
        }),
        misfit(400, "invalid_request", "body", |request, body| {
            request.json(&values(body))
        }),
        misfit(400, "invalid_request", "body", |request, body| {
            let mut values = values(body);
            values.push(Value::Null);
            request.json(&values)
        }),
        misfit(400, "invalid_request", "is required", |request, _| {
            request.json(&json!({}))
        }),
        misfit(415, "not_json", "application/json", |request, body| {
            request
                .header("content-type", "text/plain")
                .body(body.to_string())
        }),
        misfit(415, "not_json", "application/json", |request, body| {
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.to_string())
        }),
        misfit(415, "not_json", "application/json", |request, body| {
            request.body(body.to_string())
        }),
        misfit(413, "body_too_large", LIMIT, |request, _| {
            request.header(JSON.0, JSON.1).body(" ".repeat(2 * 1024 * 1024))
        }),
        misfit(413, "body_too_large", LIMIT, |request, body| {
            let mut body = body.clone();
            body["padding"] = "x".repeat(2 * 1024 * 1024).into();
            request.json(&body)
        }),
    ]
}

#[tokio::test]
async fn a_body_that_is_no_json_of_a_fitting_size_is_refused_by_every_route() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = system.snapshot().await;
    for (method, path, body) in takers() {
        for misfit in misfits() {
            let answer = system.send((misfit.send)(ana.request(method, path), &body)).await;
            answer.is_problem(misfit.status, misfit.code).says(misfit.says);
        }
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_unknown_a_missing_and_a_repeated_field_are_named_by_every_route() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = system.snapshot().await;
    for (method, path, body) in takers() {
        let mut unknown = body.clone();
        unknown["isAdmin"] = json!(true);
        let answer = system.send(ana.request(method, path).json(&unknown)).await;
        answer
            .is_problem(400, "invalid_request")
            .names("isAdmin")
            .says("is not a field of this request");
        for (field, value) in body.as_object().unwrap() {
            let mut without = body.clone();
            without.as_object_mut().unwrap().remove(field);
            let answer = system.send(ana.request(method, path).json(&without)).await;
            answer
                .is_problem(400, "invalid_request")
                .names(field)
                .says("is required");
            for wrong in [
                json!(7),
                json!(true),
                json!([value]),
                json!({ "a": value }),
                json!(null),
                json!(""),
            ] {
                let mut with = body.clone();
                with[field] = wrong;
                let answer = system.send(ana.request(method, path).json(&with)).await;
                answer.is_problem(400, "invalid_request").names(field);
            }
            let twice = body
                .to_string()
                .replacen('{', &format!("{{\"{field}\":{value},"), 1);
            let request = ana.request(method, path).header(JSON.0, JSON.1).body(twice);
            system
                .send(request)
                .await
                .is_problem(400, "invalid_request")
                .says(field);
        }
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_checkout_of_what_is_not_sold_is_refused() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.listing("1001").await;
    let before = system.snapshot().await;
    let refused = [
        ("planId", json!({ "planId": "gold" })),
        ("planId", json!({ "planId": "Basic" })),
        ("propertyId", json!({ "planId": "per_property" })),
        (
            "propertyId",
            json!({ "planId": "per_property", "propertyId": null }),
        ),
        (
            "propertyId",
            json!({ "planId": "per_property", "propertyId": "" }),
        ),
        (
            "propertyId",
            json!({ "planId": "per_property", "propertyId": "1001#x" }),
        ),
        (
            "propertyId",
            json!({ "planId": "per_property", "propertyId": "1".repeat(65) }),
        ),
        (
            "propertyId",
            json!({ "planId": "per_property", "propertyId": 1001 }),
        ),
        ("propertyId", json!({ "planId": "basic", "propertyId": "1001" })),
        ("interval", json!({ "planId": "basic", "interval": "month" })),
        ("interval", json!({ "planId": "basic", "interval": "week" })),
        ("amount", json!({ "planId": "basic", "amount": 1 })),
        ("price", json!({ "planId": "basic", "price": "0.01" })),
        ("currency", json!({ "planId": "basic", "currency": "idr" })),
        (
            "userId",
            json!({ "planId": "basic", "userId": "user_01JD3X6Q8TKH5T0R4M2N6W9YBC" }),
        ),
    ];
    for (field, wish) in refused {
        let answer = ana.post("/api/payments/create-checkout", &wish).await;
        answer.is_problem(400, "invalid_request").names(field);
    }
    for plan in ["landlord_pro", "professional", "agent_brokerage"] {
        let wish = json!({ "planId": plan });
        let answer = ana.post("/api/payments/create-checkout", &wish).await;
        answer.is_problem(403, "wrong_role");
    }
    let absent = json!({ "planId": "per_property", "propertyId": "1002" });
    ana.post("/api/payments/create-checkout", &absent)
        .await
        .is_problem(404, "not_found")
        .says("property");
    system.snapshot().await.is_unchanged_since(&before);
    assert!(system.stripe().checkout_sessions().is_empty());
}

#[tokio::test]
async fn an_unknown_plan_is_told_which_plans_there_are() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let answer = ana
        .post("/api/payments/create-checkout", &json!({ "planId": "gold" }))
        .await;
    for plan in ["per_property", "basic", "pro", "premium", "full_access"] {
        answer.says(plan);
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_that_first() {
    let system = System::start().await;
    let before = system.snapshot().await;
    for (method, path, body) in takers().into_iter().skip(2) {
        system
            .send(system.request(method, path).json(&body))
            .await
            .is_problem(401, "unauthenticated");
        system
            .send(system.request(method, path))
            .await
            .is_problem(401, "unauthenticated");
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_allowed() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = system.snapshot().await;
    let paths = [
        ("/api/auth/signup", "POST"),
        ("/api/auth/signin", "POST"),
        ("/api/auth/signout", "POST"),
        ("/api/auth/me", "GET"),
        ("/api/auth/user-type", "PATCH"),
        ("/api/auth/sessions", "GET"),
        ("/api/auth/sessions/sess_01JD3X6Q8TKH5T0R4M2N6W9YBC", "DELETE"),
        ("/api/payments/create-checkout", "POST"),
        ("/api/stripe/webhook", "POST"),
        ("/api/purchases", "GET"),
        ("/api/access/status", "GET"),
        ("/api/access/unlock-property", "POST"),
        ("/api/access/activate-plan", "POST"),
        ("/api/scraped-properties", "GET"),
        ("/api/scraped-properties/stats", "GET"),
        ("/api/scraped-properties/1001", "GET"),
        ("/api/health", "GET"),
    ];
    for (path, allowed) in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if method == allowed {
                continue;
            }
            for request in [
                system.request(method, path),
                ana.request(method, path).json(&json!({})),
            ] {
                let answer = system.send(request).await;
                answer.is_problem(405, "method_not_allowed").says(allowed);
                assert_eq!(answer.header("allow"), allowed, "{method} {path}");
            }
        }
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_whatever_the_method() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let before = system.snapshot().await;
    let paths = [
        "/",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/auth",
        "/api/auth/me/",
        "/api/auth/me/more",
        "/api//auth/me",
        "/api/Auth/Me",
        "/api/scraped-properties/1001/predicted",
        "/api/auth/sessions/a/b",
        "/index.html",
        "/api/%2e%2e/secrets",
        "/api/%F0%9F%94%91",
    ];
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            system
                .send(ana.request(method, path))
                .await
                .is_problem(404, "not_found")
                .says("path");
        }
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn an_id_that_holds_what_ends_or_shortens_a_path_is_not_found_and_no_other_route_answers() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    for id in ["%C3%86%23", "%2523", "%2E%2E", "a%20b"] {
        let path = format!("/api/competition-sets/{id}/competitors");
        let answer = ana.post(&path, &json!({ "address": "1 Main St" })).await;
        answer.is_problem(404, "not_found");
    }
}
