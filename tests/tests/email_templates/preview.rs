//! A template as a mail, before it is one.

use domain::template::Token;
use serde_json::{Map, Value, json};
use tests::landlord::PROPERTIES;
use tests::template::{READY_MADE, TEMPLATES};
use tests::{Answer, Person, System};

async fn preview(person: &Person<'_>, template: &str, wish: &Value) -> Answer {
    person
        .post(&format!("{TEMPLATES}/{template}/preview"), wish)
        .await
}

/// What stands for a token, and where it is from.
fn of<'a>(preview: &'a Answer, token: &str) -> (&'a str, &'a str) {
    let values = preview.json["values"].as_array().unwrap();
    let value = values.iter().find(|value| value["token"] == token).unwrap();
    (value["value"].as_str().unwrap(), value["from"].as_str().unwrap())
}

#[tokio::test]
async fn a_preview_shows_the_mail_with_what_is_said_what_is_known_and_samples() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let property = json!({
        "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "unitNumber": "9",
        "tenantName": "Tom & Tess", "actualRent": 1450, "occupancyStatus": "occupied", "leaseEndDate": "2026-08-31",
    });
    let property = lena
        .post(PROPERTIES, &property)
        .await
        .is(201)
        .text_at("/id")
        .to_owned();
    let wish = json!({ "propertyId": property, "values": { "offered_rent": "$1,500" } });
    let mail = preview(&lena, READY_MADE, &wish).await;
    mail.is(200);
    assert_eq!(of(&mail, "tenant_name"), ("Tom & Tess", "property"));
    assert_eq!(of(&mail, "lease_end"), ("August 31, 2026", "property"));
    assert_eq!(of(&mail, "current_rent"), ("$1,450", "property"));
    assert_eq!(of(&mail, "offered_rent"), ("$1,500", "request"));
    assert_eq!(of(&mail, "landlord_name"), ("lena", "account"));
    assert_eq!(of(&mail, "response_deadline"), ("April 15, 2026", "sample"));
    assert_eq!(
        mail.text_at("/subject"),
        "Your lease at 12 Elm St, Atlanta, GA: an offer to renew"
    );
    assert!(mail.text_at("/text").starts_with("Hello Tom & Tess,\n"));
    assert!(mail.text_at("/html").contains("Hello Tom &#38; Tess,"));
    assert!(
        system
            .mails_to(&lena.email)
            .iter()
            .all(|mail| !mail.subject.contains("offer to renew"))
    );
}

#[tokio::test]
async fn without_samples_a_preview_names_what_is_missing() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let template = lena.makes_template("Stay").await;
    let wish = json!({ "samples": false, "values": { "tenant_name": "Ana" } });
    let missing = preview(&lena, &template, &wish).await;
    let fields: Vec<_> = missing.is(400).json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(fields, ["values.unit_number", "values.offered_rent"]);
    let wish = json!({
        "samples": false, "values": { "tenant_name": "Ana", "unit_number": "4B", "offered_rent": "$1", "savings": "$2" },
    });
    assert_eq!(
        preview(&lena, &template, &wish).await.is(200).text_at("/subject"),
        "Your lease of 4B"
    );
}

#[tokio::test]
async fn a_value_that_is_none_is_refused_and_named() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    for (values, field) in [
        (
            json!({ "tenant_name": "Ana\r\nBcc: x@example.com" }),
            "values.tenant_name",
        ),
        (json!({ "tenant_name": "" }), "values.tenant_name"),
        (json!({ "tenant_name": 7 }), "values.tenant_name"),
        (json!({ "savings": "x".repeat(1001) }), "values.savings"),
        (json!({ "tenant": "Ana" }), "values.tenant"),
    ] {
        let refused = preview(&lena, READY_MADE, &json!({ "values": values })).await;
        let error = refused.is(400).text_at("/errors/0/field").to_owned();
        assert!(
            field.starts_with(&error) && error.starts_with("values"),
            "{field}: {}",
            refused.text
        );
    }
}

#[tokio::test]
async fn the_largest_mail_is_shown_under_a_key_too_and_a_larger_one_is_refused() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let tokens = Token::ALL.iter().take(14);
    let body: String = tokens.clone().map(|token| format!("{token}\n\n")).collect();
    let said = json!({ "name": "Long", "category": "offer", "subject": "S", "body": body });
    let template = lena.post(TEMPLATES, &said).await;
    let id = template.is(201).text_at("/id").to_owned();
    let path = format!("{TEMPLATES}/{id}");
    let value = "\u{1F3E0}".repeat(1000);
    let values: Map<String, Value> = tokens
        .map(|token| (token.as_str().to_owned(), json!(value)))
        .collect();
    let request = lena
        .request("POST", &format!("{path}/preview"))
        .json(&json!({ "values": values }));
    let large = system.send(request.header("idempotency-key", "large")).await;
    assert!(large.is(200).text_at("/html").len() > 60_000);

    lena.patch(&path, &json!({ "body": "{{tenant_name}} ".repeat(30) }))
        .await
        .is(200);
    let larger = preview(&lena, &id, &json!({ "values": { "tenant_name": value } })).await;
    let error = &larger.is(400).json["errors"][0];
    assert_eq!(error["field"], "values");
    assert!(
        error["message"].as_str().unwrap().contains("81920 bytes"),
        "{}",
        larger.text
    );
}

#[tokio::test]
async fn nobody_looks_at_a_template_with_anothers_property() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let property = nina.add_property("Elm").await.is(201).text_at("/id").to_owned();
    let absent = "prop_01JD3X6Q8TKH5T0R4M2N6W9YBC";
    let foreign = preview(&lena, READY_MADE, &json!({ "propertyId": property })).await;
    let none = preview(&lena, READY_MADE, &json!({ "propertyId": absent })).await;
    assert_eq!(foreign.is(404).text_at("/detail"), "There is no such property.");
    assert_eq!(none.is(404).text_at("/detail"), foreign.text_at("/detail"));
}
