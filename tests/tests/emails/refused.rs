//! What does not make a mail is refused before anything is queued, by name.

use serde_json::{Value, json};
use tests::System;
use tests::email::EMAILS;
use tests::template::READY_MADE;

/// What is sent, and the field and words of the refusal.
fn misfits() -> Vec<(Value, &'static str, &'static str)> {
    let with = |more: Value| {
        let mut mail = json!({ "to": "tom@example.com", "subject": "Hello", "body": "Hello" });
        for (name, value) in more.as_object().unwrap() {
            mail[name] = value.clone();
        }
        mail
    };
    vec![
        (
            json!({ "to": "tom@example.com" }),
            "subject",
            "is required, or a templateId",
        ),
        (
            json!({ "to": "tom@example.com", "subject": "Hello" }),
            "body",
            "is required",
        ),
        (
            json!({ "subject": "Hello", "body": "Hello" }),
            "to",
            "is required",
        ),
        (
            with(json!({ "templateId": READY_MADE })),
            "templateId",
            "cannot come with",
        ),
        (with(json!({ "to": "nobody" })), "to", "must be a mail address"),
        (
            with(json!({ "to": "jörg@example.com" })),
            "to",
            "must be a mail address",
        ),
        (
            with(json!({ "to": "tom@example.com\nBcc: all@example.com" })),
            "to",
            "must be a mail address",
        ),
        (
            with(json!({ "subject": "Hello\r\nBcc: all@example.com" })),
            "subject",
            "one line",
        ),
        (with(json!({ "subject": "" })), "subject", "must not be empty"),
        (
            with(json!({ "subject": "{{tennant_name}}" })),
            "subject",
            "tenant_name",
        ),
        (with(json!({ "body": "{{{tenant_name}}}" })), "body", "line 1"),
        (
            with(json!({ "body": "Hello {{ tenant_name }}" })),
            "values.tenant_name",
            "is required",
        ),
        (
            with(json!({ "body": "{{savings}}", "values": { "savings": "a\nb" } })),
            "values",
            "one line",
        ),
        (
            with(json!({ "values": { "nonsense": "x" } })),
            "values",
            "nonsense",
        ),
        (with(json!({ "body": "x".repeat(20_001) })), "body", "20000"),
        (
            with(json!({ "scheduledAt": "2020-01-01T00:00:00Z" })),
            "scheduledAt",
            "in the future",
        ),
        (
            with(json!({ "scheduledAt": "2100-01-01T00:00:00Z" })),
            "scheduledAt",
            "within a year",
        ),
        (with(json!({ "scheduledAt": "tomorrow" })), "scheduledAt", ""),
        (
            with(json!({ "propertyId": "prop_00000000000000000000000001" })),
            "propertyId",
            "no property of yours",
        ),
        (with(json!({ "cc": "all@example.com" })), "cc", "is not a field"),
    ]
}

#[tokio::test]
async fn what_makes_no_mail_is_refused_by_name_and_nothing_is_queued() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let before = system.snapshot().await;
    for (mail, field, words) in misfits() {
        let answer = lena.post(EMAILS, &mail).await;
        let problem = answer.is_problem(400, "invalid_request").says(words);
        let names: Vec<_> = problem.json["errors"].as_array().unwrap().iter().collect();
        assert!(
            names
                .iter()
                .any(|error| error["field"].as_str().unwrap().starts_with(field)),
            "{field}: {names:?}"
        );
    }
    let absent = json!({ "to": "tom@example.com", "templateId": "tmpl_01JD3X6Q8TKH5T0R4M2N6W9YBC" });
    lena.post(EMAILS, &absent).await.is_problem(404, "not_found");
    let large = json!({ "to": "tom@example.com", "subject": "Hello", "body": "x".repeat(1024 * 1024) });
    lena.post(EMAILS, &large).await.is_problem(413, "body_too_large");
    let values = json!({ "tenant_name": "<".repeat(1000) });
    let body = "{{tenant_name}}\n\n".repeat(100);
    let grown = json!({ "to": "tom@example.com", "subject": "Hello", "body": body, "values": values });
    lena.post(EMAILS, &grown)
        .await
        .is_problem(400, "invalid_request")
        .says("bytes");
    system.idle().await;
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn another_persons_template_property_and_mail_are_as_if_they_were_not_there() {
    let system = System::start().await;
    let (lena, nina) = (system.writer("lena").await, system.writer("nina").await);
    let template = lena.makes_template("Stay").await;
    let id = lena.writes_to("tom@example.com").await;
    let wish = json!({ "to": "tom@example.com", "templateId": template });
    nina.post(EMAILS, &wish).await.is_problem(404, "not_found");
    nina.get(&format!("{EMAILS}/{id}"))
        .await
        .is_problem(404, "not_found");
    nina.post_nothing(&format!("{EMAILS}/{id}/cancel"))
        .await
        .is_problem(404, "not_found");
    assert_eq!(nina.get(EMAILS).await.is(200).json["emails"], json!([]));
}
