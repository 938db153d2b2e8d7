//! Many mails of one text.

use serde_json::{Value, json};
use tests::System;
use tests::email::EMAILS;

const BATCH: &str = "/api/emails/batch";

fn rows(answer: &Value) -> &Vec<Value> {
    answer["emails"].as_array().unwrap()
}

#[tokio::test]
async fn each_mail_of_a_batch_is_answered_and_one_that_does_not_fit_keeps_back_no_other() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let template = lena.makes_template("Stay").await;
    let values = |name: &str| json!({ "unit_number": "4B", "tenant_name": name, "offered_rent": "$1,450" });
    let batch = json!({ "templateId": template, "emails": [
        { "to": "tom@example.com", "values": values("Tom") },
        { "to": "nobody", "values": values("Nobody") },
        { "to": "ann@example.com", "values": { "unit_number": "4C" } },
        { "to": "amy@example.com", "values": values("Amy"), "propertyId": "prop_00000000000000000000000001" },
        { "to": "ben@example.com", "values": values("Ben") },
    ] });
    let answer = lena.post(BATCH, &batch).await.is(202).json.clone();
    assert_eq!((&answer["queued"], &answer["refused"]), (&json!(2), &json!(3)));
    let fields: Vec<Vec<&str>> = rows(&answer)
        .iter()
        .map(|row| {
            let errors = row["errors"].as_array().into_iter().flatten();
            errors.map(|error| error["field"].as_str().unwrap()).collect()
        })
        .collect();
    let none: Vec<&str> = Vec::new();
    assert_eq!(
        fields,
        [
            none.clone(),
            vec!["to"],
            vec!["values.tenant_name", "values.offered_rent"],
            vec!["propertyId"],
            none
        ]
    );
    for (row, to) in [(0, "tom@example.com"), (4, "ben@example.com")] {
        let id = rows(&answer)[row]["id"].as_str().unwrap();
        assert_eq!(lena.email_once(id, "sent").await["to"], to);
    }
    system.idle().await;
    for to in ["nobody", "ann@example.com", "amy@example.com"] {
        assert_eq!(system.mails_to(to).len(), 0, "{to}");
    }
}

#[tokio::test]
async fn a_batch_of_five_hundred_is_sent_once_each_and_so_is_the_same_request_again() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let emails: Vec<_> = (0..500)
        .map(|number| json!({ "to": format!("tenant-{number}@example.com"), "values": { "tenant_name": format!("Tenant {number}") } }))
        .collect();
    let batch = json!({ "subject": "Hello {{tenant_name}}", "body": "Hello", "emails": emails });
    let ask = || {
        lena.request("POST", BATCH)
            .header("Idempotency-Key", "many")
            .json(&batch)
    };
    let first = system.send(ask()).await.is(202).json.clone();
    assert_eq!(first["queued"], 500);
    assert_eq!(system.send(ask()).await.is(202).json, first);
    let all = async || {
        (system
            .platform
            .outbox()
            .iter()
            .filter(|mail| mail.subject.starts_with("Hello"))
            .count()
            >= 500)
            .then_some(())
    };
    system.eventually("all are sent", all).await;
    system.idle().await;
    for number in [0, 39, 40, 250, 499] {
        let to = format!("tenant-{number}@example.com");
        system.mail_about(&to, &format!("Hello Tenant {number}")).await;
    }
    let sent = system
        .platform
        .outbox()
        .iter()
        .filter(|mail| mail.subject.starts_with("Hello"))
        .count();
    assert_eq!(sent, 500);

    let one_more: Vec<_> = (0..501).map(|_| json!({ "to": "tom@example.com" })).collect();
    for emails in [Vec::new(), one_more] {
        let batch = json!({ "subject": "Hello", "body": "Hello", "emails": emails });
        lena.post(BATCH, &batch)
            .await
            .is_problem(400, "invalid_request")
            .names("emails");
    }
    // The day has room for three more batches.
    for _ in 0..3 {
        let batch = json!({ "subject": "Hello {{tenant_name}}", "body": "Hello", "emails": emails_later(&system, 500) });
        lena.post(BATCH, &batch).await.is(202);
    }
    let batch = json!({ "subject": "Hello", "body": "Hello", "emails": emails_later(&system, 1) });
    lena.post(BATCH, &batch).await.is_problem(429, "daily_limit");
    assert_eq!(
        lena.get(EMAILS).await.is(200).json["emails"]
            .as_array()
            .unwrap()
            .len(),
        50
    );
}

fn emails_later(system: &System, number: usize) -> Vec<Value> {
    let later = (system.now() + jiff::SignedDuration::from_hours(24)).to_string();
    (0..number)
        .map(|_| json!({ "to": "tom@example.com", "values": { "tenant_name": "Tom" }, "scheduledAt": later }))
        .collect()
}
