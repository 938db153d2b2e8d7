//! One mail: queued, sent, scheduled, cancelled.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use serde_json::json;
use tests::System;
use tests::email::{EMAILS, happened};
use tests::template::READY_MADE;

#[tokio::test]
async fn a_mail_is_queued_at_once_sent_soon_and_shows_what_it_says() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let template = lena.makes_template("Stay").await;
    let values = json!({ "unit_number": "4B", "tenant_name": "Tom <b>", "offered_rent": "$1,450" });
    let queued = lena
        .post(
            EMAILS,
            &json!({ "templateId": template, "to": "Tom@Example.com", "values": values }),
        )
        .await;
    let queued = queued.is(202).json.clone();
    assert_eq!(
        (
            &queued["to"],
            &queued["status"],
            &queued["subject"],
            &queued["templateId"],
            &queued["cancellable"]
        ),
        (
            &json!("tom@example.com"),
            &json!("queued"),
            &json!("Your lease of 4B"),
            &json!(template),
            &json!(true)
        )
    );
    let id = queued["id"].as_str().unwrap();
    let sent = lena.email_once(id, "sent").await;
    assert_eq!(happened(&sent), ["queued", "sent"]);
    assert_eq!(
        (&sent["cancellable"], sent["sentAt"].is_string()),
        (&json!(false), true)
    );
    assert!(sent["html"].as_str().unwrap().contains("Tom &#60;b&#62;"));
    assert!(
        sent["text"]
            .as_str()
            .unwrap()
            .contains("Hello Tom <b>,\n\nstay for $1,450?")
    );

    let mail = system.mail_about("tom@example.com", "Your lease of 4B").await;
    assert_eq!(
        mail.html
            .as_deref()
            .unwrap()
            .replace("\r\n", "\n")
            .matches("Tom &#60;b&#62;")
            .count(),
        1
    );
    assert_eq!(mail.headers["Reply-To"], format!("<{}>", lena.email));
    assert!(
        mail.headers["From"].starts_with("\"lena via Apartment Locator AI\" <mail@"),
        "{}",
        mail.headers["From"]
    );
    assert_eq!(
        mail.headers["List-Unsubscribe-Post"],
        "List-Unsubscribe=One-Click"
    );
    assert_eq!(mail.tags["email"], id);

    // The template changes, and goes; the mail says what it said.
    let path = format!("/api/email-templates/{template}");
    lena.patch(&path, &json!({ "subject": "Other", "body": "Other" }))
        .await
        .is(200);
    lena.delete(&path).await.is(204);
    let later = lena.email(id).await;
    assert_eq!((&later["html"], &later["text"]), (&sent["html"], &sent["text"]));
}

#[tokio::test]
async fn values_come_from_the_request_before_the_property_and_the_account() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let property = json!({
        "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "zipCode": "30303", "unitNumber": "4B",
        "tenantName": "Tom Tenant", "actualRent": 1450.5, "occupancyStatus": "occupied",
    });
    let property = lena
        .post("/api/landlord/properties", &property)
        .await
        .is(201)
        .text_at("/id")
        .to_owned();
    let mail = json!({
        "subject": "{{unit_number}}", "body": "{{tenant_name}}, {{property_address}}, {{current_rent}}, {{landlord_name}}",
        "to": "tom@example.com", "propertyId": property, "values": { "tenant_name": "Thomas" },
    });
    let id = lena.post(EMAILS, &mail).await.is(202).text_at("/id").to_owned();
    let text = lena.email(&id).await["text"].as_str().unwrap().to_owned();
    assert!(
        text.starts_with("Thomas, 12 Elm St, Atlanta, GA 30303, $1,450.50, lena"),
        "{text}"
    );
}

#[tokio::test]
async fn the_same_request_again_sends_no_second_mail() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let mail = json!({ "to": "tom@example.com", "subject": "Once", "body": "Hello" });
    let ask = || {
        lena.request("POST", EMAILS)
            .header("Idempotency-Key", "one")
            .json(&mail)
    };
    let answers = join_all((0..10).map(|_| system.send(ask()))).await;
    let ids: Vec<_> = answers
        .iter()
        .map(|answer| answer.is(202).text_at("/id"))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    lena.email_once(ids[0], "sent").await;
    system.idle().await;
    assert_eq!(system.mails_to("tom@example.com").len(), 1);
}

#[tokio::test]
async fn what_is_scheduled_is_sent_when_it_is_due_and_not_before() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let later = (system.now() + jiff::SignedDuration::from_hours(48)).to_string();
    let mail = json!({ "to": "tom@example.com", "subject": "Later", "body": "Hello", "scheduledAt": later });
    let id = lena.post(EMAILS, &mail).await.is(202).text_at("/id").to_owned();
    system.advance("PT47H58M").await;
    system.at_rest().await;
    assert_eq!(lena.email(&id).await["status"], "queued");
    assert_eq!(system.mails_to("tom@example.com").len(), 0);
    system.advance("PT3M").await;
    let sent = lena.email_once(&id, "sent").await;
    assert!(sent["sentAt"].as_str().unwrap() >= later.as_str(), "{sent}");
}

#[tokio::test]
async fn what_waits_can_be_cancelled_and_what_is_sent_cannot() {
    let system = System::start().await;
    let (lena, nina) = (system.writer("lena").await, system.writer("nina").await);
    let later = (system.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let mail = json!({ "to": "tom@example.com", "subject": "Later", "body": "Hello", "scheduledAt": later });
    let id = lena.post(EMAILS, &mail).await.is(202).text_at("/id").to_owned();
    let cancel = format!("{EMAILS}/{id}/cancel");
    nina.post_nothing(&cancel).await.is_problem(404, "not_found");
    // Twice is as once.
    for _ in 0..2 {
        let cancelled = lena.post_nothing(&cancel).await;
        assert_eq!(cancelled.is(200).text_at("/status"), "cancelled");
    }
    system.advance("PT2H").await;
    system.at_rest().await;
    assert_eq!(system.mails_to("tom@example.com").len(), 0);
    assert_eq!(happened(&lena.email(&id).await), ["queued", "cancelled"]);

    let sent = lena.writes_to("tom@example.com").await;
    lena.email_once(&sent, "sent").await;
    let answer = lena.post_nothing(&format!("{EMAILS}/{sent}/cancel")).await;
    answer.is_problem(409, "not_waiting");
}

#[tokio::test]
async fn a_day_takes_so_many_mails_and_no_more_however_many_are_queued_at_once() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let (client, table) = system.dynamodb();
    let day = system.now().strftime("%Y-%m-%d").to_string();
    let counted = client
        .put_item()
        .table_name(table)
        .item("PK", AttributeValue::S(format!("USER#{}", lena.id)))
        .item("SK", AttributeValue::S(format!("EMAILS-ON#{day}")))
        .item("entity", AttributeValue::S("EmailDay".to_owned()))
        .item("day", AttributeValue::S(day))
        .item("queued", AttributeValue::N("1990".to_owned()));
    counted.send().await.unwrap();
    let later = (system.now() + jiff::SignedDuration::from_hours(24)).to_string();
    let mail = json!({ "to": "tom@example.com", "subject": "Many", "body": "Hello", "scheduledAt": later });
    let answers = join_all((0..30).map(|_| lena.post(EMAILS, &mail))).await;
    let queued = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(queued, 10);
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        answer.is_problem(429, "daily_limit").says("2000");
        assert!(answer.header("retry-after").parse::<u32>().unwrap() <= 86_400);
    }
    system.advance("P1D").await;
    lena.post(
        EMAILS,
        &json!({ "to": "tom@example.com", "templateId": READY_MADE, "subject": "x" }),
    )
    .await
    .is_problem(400, "invalid_request");
    lena.writes_to("tom@example.com").await;
}

#[tokio::test]
async fn nobody_writes_to_others_who_is_no_landlord_or_agent_or_cannot_be_answered() {
    let system = System::start().await;
    let mail = json!({ "to": "tom@example.com", "subject": "Hello", "body": "Hello" });
    let rita = system.person("rita").await;
    rita.confirm_email().await;
    rita.post(EMAILS, &mail).await.is(403);
    let lena = system.landlord("lena").await;
    lena.post(EMAILS, &mail)
        .await
        .is_problem(403, "email_not_confirmed");
    system.post(EMAILS, &mail).await.is(401);
}
