//! `POST /api/auth/exports` and `GET /api/auth/exports/{id}`

use std::collections::BTreeSet;

use domain::event::Fact;
use serde_json::{Value, json};
use tests::death::survives;
use tests::landlord::PROPERTIES;
use tests::{Outcome, Person, System};

const PATH: &str = "/api/auth/exports";
/// The job that writes copies.
const JOB: &str = "DataExportFunction";

/// Puts so many items of a kind under a person, as some part of the system would.
async fn gets(person: &Person<'_>, entity: &str, items: usize) {
    let (client, table) = person.system.dynamodb();
    for number in 0..items {
        let item = json!({
            "PK": format!("USER#{}", person.id), "SK": format!("PROPERTY#{entity}-{number:04}"), "entity": entity,
            "version": 1, "details": { "name": format!("{entity} {number}") },
        });
        let put = client.put_item().table_name(&table);
        put.set_item(Some(serde_dynamo::to_item(item).unwrap()))
            .send()
            .await
            .unwrap();
    }
}

fn list<'a>(document: &'a Value, part: &str) -> &'a Vec<Value> {
    document[part]
        .as_array()
        .unwrap_or_else(|| panic!("{part} in {document}"))
}

#[tokio::test]
async fn a_copy_holds_what_is_kept_about_a_person_and_nobody_else() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.landlord("ana").await;
    let ben = system.person("ben").await;
    ana.add_property("Elm 1").await.is(201);
    ana.patch("/api/auth/user-type", &json!({ "userType": "renter" }))
        .await
        .is(200);
    let bought = ana.buy("basic", Outcome::Paid).await;
    ana.unlock("1001").await.is(201);
    let export = ana.export().await;
    let document = ana.fetch(&export).await;
    assert_eq!(document["format"], "apartment-locator/personal-data");
    assert_eq!(document["exportId"], export["id"]);
    assert_eq!(document["userId"], ana.id.as_str());
    assert_eq!(document["account"]["email"], ana.email.as_str());
    assert_eq!(document["account"]["role"], "renter");
    assert_eq!(document["signingIn"]["password"], true);
    assert_eq!(document["purchases"][0]["id"], bought.purchase.as_str());
    assert_eq!(document["purchases"][0]["status"], "paid");
    assert_eq!(list(&document, "unlockedProperties").len(), 1);
    assert_eq!(document["properties"][0]["details"]["name"], "Elm 1");
    assert_eq!(document["mailedLinks"][0]["purpose"], "CONFIRM-EMAIL");
    assert_eq!(list(&document, "notShown").len(), 0);
    let text = document.to_string();
    assert!(!text.contains(&ben.id) && !text.contains(&ben.email));
    assert!(!text.contains("USER#") && !text.contains("\"SK\""));
}

#[tokio::test]
async fn a_copy_holds_nothing_that_opens_the_account() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (_, codes) = ana.with_second_factor().await;
    system.advance("PT1M").await;
    let forgotten = json!({ "email": ana.email });
    system.post("/api/auth/forgot-password", &forgotten).await.is(202);
    let snapshot = system.snapshot().await.of_partition(&format!("USER#{}", ana.id));
    let mut secrets = BTreeSet::from([ana.token[ana.token.len() - 64..].to_owned()]);
    secrets.extend(codes);
    for item in snapshot.items() {
        canaries(item, &mut secrets);
    }
    // The token, ten codes and their hashes, the password's, the app's secret, the session's and two links'.
    assert!(secrets.len() >= 25, "{secrets:?}");
    let export = ana.export().await;
    let document = ana.fetch(&export).await;
    assert_eq!(document["signingIn"]["secondFactor"]["recoveryCodesLeft"], 10);
    assert_eq!(list(&document, "mailedLinks").len(), 2);
    let text = document.to_string();
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
    }
    // What is asked for later is not in it either, for there is no such attribute in the whole of it.
    for name in [
        "digest",
        "passwordHash",
        "\"secret\"",
        "recoveryCodes\"",
        "pendingFactor",
        "lastStep",
    ] {
        assert!(!text.contains(name), "{name}");
    }
}

/// Collects what an item holds under the names of secrets.
fn canaries(value: &Value, found: &mut BTreeSet<String>) {
    let Some(members) = value.as_object() else { return };
    for (name, member) in members {
        match (name.as_str(), member) {
            ("digest" | "passwordHash" | "secret", Value::String(secret)) => {
                found.insert(secret.clone());
            }
            ("recoveryCodes", Value::Object(codes)) => found.extend(codes.keys().cloned()),
            _ => canaries(member, found),
        }
    }
}

#[tokio::test]
async fn a_copy_of_many_pages_is_whole() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    gets(&ana, "Property", 250).await;
    let export = ana.export().await;
    let document = ana.fetch(&export).await;
    let names: BTreeSet<_> = list(&document, "properties")
        .iter()
        .map(|property| property["details"]["name"].to_string())
        .collect();
    assert_eq!(names.len(), 250);
}

#[tokio::test]
async fn a_kind_of_item_that_nobody_has_decided_on_is_counted_and_not_shown() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    gets(&ana, "SomethingNew", 3).await;
    let export = ana.export().await;
    let document = ana.fetch(&export).await;
    assert_eq!(
        document["notShown"],
        json!([{ "kind": "SomethingNew", "items": 3 }])
    );
    assert!(!document.to_string().contains("SomethingNew 0"));
}

#[tokio::test]
async fn a_mail_says_that_it_is_ready_and_has_no_link_to_it() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let export = ana.export().await;
    let mailed = async || {
        let mut mails = system.mails_to(&ana.email);
        mails.retain(|mail| mail.subject == "Your data is ready");
        mails.pop()
    };
    let mail = system.eventually("the mail", mailed).await;
    let link = export["link"].as_str().unwrap();
    let host = link.split('/').nth(2).unwrap();
    for form in [mail.html.unwrap(), mail.text.unwrap()] {
        assert!(!form.contains(host) && !form.contains("X-Amz"), "{form}");
    }
}

#[tokio::test]
async fn there_is_one_copy_a_day_and_a_repeated_wish_is_the_same_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let keyed = || ana.request("POST", PATH).header("idempotency-key", "a-copy");
    let first = system.send(keyed()).await;
    let id = first.is(202).text_at("/id").to_owned();
    assert_eq!(first.text_at("/status"), "pending");
    assert_eq!(system.send(keyed()).await.text, first.text);
    system.at_rest().await;
    let before = system.snapshot().await;
    let refused = ana.post_nothing(PATH).await;
    refused.is_problem(429, "export_too_soon");
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((86_000..=86_400).contains(&seconds), "{seconds}");
    system.snapshot().await.is_unchanged_since(&before);
    assert_eq!(before.facts("DataExportRequested").len(), 1);
    system.advance("P1D").await;
    let next = ana.export().await;
    assert_ne!(next["id"], id.as_str());
    // The newest takes the place of the one before.
    ana.get(&format!("{PATH}/{id}"))
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn a_copy_is_its_owners_alone_and_there_for_seven_days() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let export = ana.export().await;
    let path = format!("{PATH}/{}", export["id"].as_str().unwrap());
    let foreign = ben.get(&path).await;
    let absent = ben
        .get(&format!("{PATH}/export_01JD3X6Q8TKH5T0R4M2N6W9YBC"))
        .await;
    for answer in [&foreign, &absent] {
        answer.is_problem(404, "not_found");
    }
    assert_eq!(foreign.json["detail"], absent.json["detail"]);
    system.get(&path).await.is_problem(401, "unauthenticated");
    system.advance("P6DT23H").await;
    let ana = ana.on_another_device().await;
    assert_eq!(ana.get(&path).await.is(200).json["status"], "ready");
    system.advance("PT1H").await;
    let over = ana.get(&path).await;
    assert_eq!(over.is(200).json["status"], "expired");
    assert!(over.json["link"].is_null(), "{}", over.text);
}

#[tokio::test]
async fn a_link_is_good_for_five_minutes_for_one_object_and_as_it_was_signed() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let export = ana.export().await;
    let link = export["link"].as_str().unwrap();
    let follow = async |link: &str| system.send(system.request_to("GET", link)).await;
    follow(link).await.is(200);
    assert!(link.contains("X-Amz-Expires=300&"), "{link}");
    let longer = link.replace("X-Amz-Expires=300&", "X-Amz-Expires=86400&");
    let another = link.replace(&ana.id, "user_01JD3X6Q8TKH5T0R4M2N6W9YBC");
    let (unsigned, _) = link.split_once('?').unwrap();
    for forged in [longer.as_str(), &another, unsigned] {
        follow(forged).await.is(403);
    }
}

#[tokio::test]
async fn a_copy_whose_owner_has_left_meanwhile_is_not_written() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let export = ana.export().await;
    ana.leave().await;
    let again = Fact::DataExportRequested {
        user_id: ana.id.parse().unwrap(),
        export_id: export["id"].as_str().unwrap().parse().unwrap(),
    };
    system.tell(again).await;
    system.at_rest().await;
    // Nothing lies there any more, for whoever has a link that is still good.
    let link = export["link"].as_str().unwrap();
    let gone = system.send(system.request_to("GET", link)).await;
    assert!([403, 404].contains(&gone.status), "{}", gone.text);
    let left = system.snapshot().await.of_partition(&format!("USER#{}", ana.id));
    assert_eq!(left.items().count(), 0);
    assert_eq!(system.platform.dead_letters(), []);
}

/// Asks for a copy under a key. Whether it was done: else the function that takes the wish has died.
async fn wishes_for_a_copy(person: &Person<'_>) -> bool {
    let keyed = person.request("POST", PATH).header("idempotency-key", "a-copy");
    let begun = person.system.send(keyed).await;
    if begun.status == 500 {
        return false;
    }
    begun.is(202);
    true
}

/// Asks for a copy and fetches it, however often its job has to begin.
async fn takes_a_copy(person: &Person<'_>) -> bool {
    let export = person.export().await;
    let document = person.fetch(&export).await;
    assert_eq!(document["account"]["email"], person.email.as_str());
    true
}

async fn somebody(system: &System) -> Person<'_> {
    system.person("ana").await
}

#[tokio::test]
async fn a_copy_whose_job_dies_anywhere_is_written_and_told_of_once() {
    survives(JOB, &["dynamodb", "s3"], somebody, takes_a_copy).await;
}

#[tokio::test]
async fn a_wish_for_a_copy_that_dies_anywhere_and_is_repeated_is_one_copy() {
    survives("PersonalDataFunction", &["dynamodb"], somebody, wishes_for_a_copy).await;
}

#[tokio::test]
async fn a_landlords_list_is_not_disturbed_by_a_copy() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.add_property("Elm 1").await.is(201);
    lena.export().await;
    assert_eq!(lena.get(PROPERTIES).await.is(200).json["total"], 1);
}
