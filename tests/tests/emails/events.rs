//! What becomes of a mail, in any order and any number of times.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use local::ses::Message;
use serde_json::{Value, json};
use tests::email::{EMAILS, happened};
use tests::template::TEMPLATES;
use tests::{Person, System};

/// A mail of this template, sent.
async fn sent(person: &Person<'_>, template: &str, to: &str) -> (String, Message) {
    let values = json!({ "unit_number": to, "tenant_name": "Tom", "offered_rent": "$1" });
    let mail = json!({ "templateId": template, "to": to, "values": values });
    let id = person.post(EMAILS, &mail).await.is(202).text_at("/id").to_owned();
    person.email_once(&id, "sent").await;
    let mail = person.system.mail_about(to, &format!("Your lease of {to}")).await;
    (id, mail)
}

async fn statistics(person: &Person<'_>, template: &str) -> Value {
    let shown = person.get(&format!("{TEMPLATES}/{template}")).await;
    shown.is(200).json["statistics"].clone()
}

#[tokio::test]
async fn what_becomes_of_a_mail_is_told_in_its_timeline_and_counted_for_its_template() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let template = lena.makes_template("Stay").await;
    let (id, mail) = sent(&lena, &template, "tom@example.com").await;
    for (outcome, status) in [
        ("delay", "delayed"),
        ("delivery", "delivered"),
        ("open", "delivered"),
    ] {
        system.advance("PT1S").await;
        system.becomes(&mail, outcome).await;
        assert_eq!(lena.email(&id).await["status"], status, "{outcome}");
    }
    // Within seconds of its arrival, that was a machine.
    assert_eq!(lena.email(&id).await["timeline"][4]["machine"], true);
    assert_eq!(statistics(&lena, &template).await["opened"]["count"], 0);
    system.advance("PT1H").await;
    system.becomes(&mail, "open").await;
    let click = json!({ "outcome": "click", "link": "https://example.com/offer?token=secret#here" });
    system.told(&mail, &click).await;
    let clicked = lena.email_once(&id, "clicked").await;
    assert_eq!(
        happened(&clicked),
        [
            "queued",
            "sent",
            "delayed",
            "delivered",
            "opened",
            "opened",
            "clicked"
        ]
    );
    assert_eq!(clicked["timeline"][5]["machine"], false);
    assert_eq!(clicked["timeline"][6]["link"], "https://example.com/offer");
    let counted = statistics(&lena, &template).await;
    for (what, count) in [("delivered", 1), ("opened", 1), ("clicked", 1)] {
        assert_eq!(counted[what]["count"], count, "{what}: {counted}");
    }
    assert_eq!(counted["sent"], 1);
}

#[tokio::test]
async fn events_in_every_order_and_doubled_make_the_same_timeline_and_the_same_counts() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let template = lena.makes_template("Stay").await;
    let now = system.now();
    let told: Vec<_> = ["Delivery", "DeliveryDelay", "Open", "Complaint"]
        .into_iter()
        .zip([60, 30, 3600, 7200])
        .map(|(kind, seconds)| (kind, now + SignedDuration::from_secs(seconds)))
        .collect();
    let mut timelines = BTreeSet::new();
    let orders = orders(&told);
    for (number, order) in orders.iter().enumerate() {
        let (id, mail) = sent(&lena, &template, &format!("tom-{number}@example.com")).await;
        for (kind, at) in order {
            for _ in 0..2 {
                assert_eq!(
                    system.hears_from_ses(*at, &word(&mail, kind, *at)).await,
                    json!([])
                );
            }
        }
        let email = lena.email(&id).await;
        assert_eq!(
            happened(&email),
            ["queued", "sent", "delayed", "delivered", "opened", "complained"],
            "{order:?}"
        );
        assert_eq!(email["status"], "complained", "{order:?}");
        timelines.insert(
            email["timeline"].as_array().unwrap()[2..]
                .iter()
                .map(Value::to_string)
                .collect::<String>(),
        );
    }
    assert_eq!(timelines.len(), 1, "{timelines:?}");
    let counted = statistics(&lena, &template).await;
    assert_eq!(counted["sent"], orders.len());
    assert_eq!(counted["delivered"]["count"], orders.len());
    assert_eq!(counted["complained"]["count"], orders.len());
}

/// What SES tells of a mail.
fn word(mail: &Message, kind: &str, at: Timestamp) -> Value {
    let field = format!("{}{}", kind[..1].to_lowercase(), &kind[1..]);
    let tags: serde_json::Map<_, _> = mail
        .tags
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    let recipients = json!([{ "emailAddress": mail.to[0] }]);
    json!({
        "eventType": kind,
        "mail": { "messageId": mail.id, "timestamp": mail.sent_at, "destination": mail.to, "tags": tags },
        field: { "timestamp": at, "complainedRecipients": recipients, "userAgent": "Mozilla/5.0" },
    })
}

/// Every order of these.
fn orders<T: Copy>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in of.iter().enumerate() {
        let mut rest = of.to_vec();
        rest.remove(index);
        for mut order in orders(&rest) {
            order.insert(0, *first);
            all.push(order);
        }
    }
    all
}

#[tokio::test]
async fn who_bounced_or_complained_gets_no_mail_any_more_and_its_sender_sees_whom() {
    let system = System::start().await;
    let (lena, nina) = (system.writer("lena").await, system.writer("nina").await);
    let template = lena.makes_template("Stay").await;
    for (to, outcome, status, reason) in [
        ("ann@example.com", "bounce", "bounced", "hard_bounce"),
        ("ben@example.com", "complaint", "complained", "complaint"),
    ] {
        let (id, mail) = sent(&lena, &template, to).await;
        system.becomes(&mail, outcome).await;
        assert_eq!(lena.email(&id).await["status"], status);
        for writer in [&lena, &nina] {
            let again = writer.writes_to(to).await;
            let skipped = writer.email_once(&again, "skipped").await;
            assert_eq!(skipped["skippedBecause"], reason);
        }
    }
    // What passes keeps nobody back.
    let (id, mail) = sent(&lena, &template, "cat@example.com").await;
    system.becomes(&mail, "softBounce").await;
    assert_eq!(lena.email(&id).await["timeline"][2]["permanent"], false);
    let again = lena.writes_to("cat@example.com").await;
    lena.email_once(&again, "sent").await;

    let seen = lena.get("/api/email-suppressions").await.is(200).json["suppressions"].clone();
    let mut seen: Vec<_> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["address"].as_str().unwrap().to_owned(),
                entry["by"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            ("ann@example.com".into(), "mail_server".into()),
            ("ben@example.com".into(), "recipient".into())
        ]
    );
    assert_eq!(
        nina.get("/api/email-suppressions").await.is(200).json["suppressions"],
        json!([])
    );
}

#[tokio::test]
async fn word_of_a_mail_that_is_not_there_is_kept_aside_and_is_no_error() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let template = lena.makes_template("Stay").await;
    let (_, mail) = sent(&lena, &template, "tom@example.com").await;
    let (client, table) = system.dynamodb();
    let snapshot = system.snapshot().await;
    let item = snapshot.of("Email")[0];
    let key =
        |name: &str| aws_sdk_dynamodb::types::AttributeValue::S(item[name].as_str().unwrap().to_owned());
    let delete = client
        .delete_item()
        .table_name(table)
        .key("PK", key("PK"))
        .key("SK", key("SK"));
    delete.send().await.unwrap();
    let now = system.now();
    for _ in 0..2 {
        assert_eq!(
            system.hears_from_ses(now, &word(&mail, "Delivery", now)).await,
            json!([])
        );
    }
    let snapshot = system.snapshot().await;
    let aside = snapshot.of("EmailEventAside");
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(
        (&aside[0]["email"], &aside[0]["messageId"]),
        (&json!(mail.tags["email"]), &json!(mail.id))
    );
    assert_eq!(system.platform.dead_letters().len(), 0);
}
