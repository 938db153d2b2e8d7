//! The mails of a sender, page by page.

use serde_json::{Value, json};
use tests::email::EMAILS;
use tests::template::READY_MADE;
use tests::{Person, System};

async fn page(person: &Person<'_>, query: &str) -> Value {
    person.get(&format!("{EMAILS}{query}")).await.is(200).json.clone()
}

fn recipients(page: &Value) -> Vec<&str> {
    let emails = page["emails"].as_array().unwrap();
    emails.iter().map(|email| email["to"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn mails_are_listed_the_newest_first_and_page_by_page() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    for name in ["ann", "ben", "cat", "dan", "eve"] {
        lena.writes_to(&format!("{name}@example.com")).await;
        system.advance("PT1S").await;
    }
    let whole = page(&lena, "").await;
    assert_eq!(whole["total"], 5);
    assert_eq!(
        recipients(&whole),
        [
            "eve@example.com",
            "dan@example.com",
            "cat@example.com",
            "ben@example.com",
            "ann@example.com"
        ]
    );
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = page(&lena, &query).await;
        seen.extend(recipients(&page).iter().map(|to| (*to).to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, recipients(&whole));
}

#[tokio::test]
async fn mails_are_found_by_their_recipient_their_template_and_where_they_stand() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let template = lena.makes_template("Stay").await;
    let values = json!({ "unit_number": "4B", "tenant_name": "Tom", "offered_rent": "$1,450" });
    let with = json!({ "templateId": template, "to": "tom@example.com", "values": values });
    let with = lena.post(EMAILS, &with).await.is(202).text_at("/id").to_owned();
    lena.email_once(&with, "sent").await;
    system.advance("PT1S").await;
    let first = lena.writes_to("tom@example.com").await;
    lena.email_once(&first, "sent").await;
    for number in 0..3 {
        let id = lena.writes_to(&format!("other-{number}@example.com")).await;
        lena.email_once(&id, "sent").await;
    }
    let later = (system.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let waiting =
        json!({ "to": "tom@example.com", "subject": "Later", "body": "Hello", "scheduledAt": later });
    lena.post(EMAILS, &waiting).await.is(202);

    let subjects = async |query: &str| {
        let page = page(&lena, query).await;
        let emails = page["emails"].as_array().unwrap().iter();
        emails
            .map(|email| email["subject"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        subjects("?to=Tom%40example.com").await,
        ["Later", "tom@example.com", "Your lease of 4B"]
    );
    assert_eq!(subjects("?status=queued").await, ["Later"]);
    assert_eq!(
        subjects(&format!("?templateId={template}")).await,
        ["Your lease of 4B"]
    );
    assert_eq!(
        subjects("?to=tom%40example.com&status=sent").await,
        ["tom@example.com", "Your lease of 4B"]
    );
    assert_eq!(
        subjects(&format!("?templateId={READY_MADE}")).await,
        Vec::<String>::new()
    );
    assert_eq!(subjects("?to=nobody%40example.com").await, Vec::<String>::new());

    // Page by page, where a filter leaves mails out: every one once.
    let mut seen = Vec::new();
    let mut query = "?status=sent&limit=2".to_owned();
    loop {
        let page = page(&lena, &query).await;
        seen.extend(recipients(&page).iter().map(|to| (*to).to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        query = format!("?status=sent&limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    let cursor = page(&lena, "?limit=1").await["nextCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = format!("{EMAILS}?to=tom%40example.com&cursor={cursor}");
    lena.get(&other).await.is_problem(400, "invalid_request");
    for query in [
        "?status=lost",
        "?limit=0",
        "?to=nobody",
        "?templateId=x",
        "?sort=to",
    ] {
        lena.get(&format!("{EMAILS}{query}"))
            .await
            .is_problem(400, "invalid_request");
    }
}
