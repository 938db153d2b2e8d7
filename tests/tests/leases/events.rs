//! Events come twice, late, in another order and for keys that nobody knows: one result each time.

use aws_sdk_dynamodb::types::AttributeValue;
use local::wire::faults::Kind;
use sample_leases::{Layout, lease};
use serde_json::{Value, json};
use tests::System;
use tests::lease::{Unlocked, pdf_of_pages};

const PDF: &str = "application/pdf";
const OCR: &str = "LeaseOcrFunction";
const EXTRACT: &str = "LeaseExtractFunction";

fn arrived(system: &System, key: &str) -> Value {
    let environment = &system.platform.lambda().function(OCR).unwrap().environment;
    let bucket = environment.get("LEASES_BUCKET").unwrap();
    json!({ "Records": [{ "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": bucket }, "object": { "key": key } } }] })
}

fn of(ana: &Unlocked<'_>, id: &str) -> String {
    format!("leases/{}/{id}", ana.renter.id)
}

fn ended(ana: &Unlocked<'_>, id: &str, job: &str) -> Value {
    let message = json!({ "JobId": job, "Status": "SUCCEEDED", "JobTag": format!("{}:{id}", ana.renter.id) });
    json!({ "Records": [{ "Sns": { "Message": message.to_string() } }] })
}

/// What is told of leases.
async fn told(system: &System) -> usize {
    let table = system.snapshot().await;
    let of_leases = |event: &&&Value| {
        event["type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("Lease"))
    };
    table.of("Event").iter().filter(of_leases).count()
}

#[tokio::test]
async fn an_event_that_comes_again_changes_nothing() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    ana.read(&id).await;
    let job = system.verification_item(&id).await["job"]
        .as_str()
        .unwrap()
        .to_owned();
    // What it earns is given back by then.
    system.at_rest().await;
    let read = ana.verification(&id).await;
    for _ in 0..2 {
        system.invoke(OCR, &arrived(&system, &of(&ana, &id))).await;
        system.invoke(EXTRACT, &ended(&ana, &id, &job)).await;
    }
    system.at_rest().await;
    assert_eq!(ana.verification(&id).await, read);
    assert_eq!(told(&system).await, 1);
}

#[tokio::test]
async fn a_job_that_ends_before_it_is_noted_is_understood() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    // The note of the job is lost again and again, and the job ends meanwhile.
    system.fail_for(OCR, "dynamodb", "UpdateItem", Kind::InternalError, 9);
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    let read = ana.read(&id).await;
    assert_ne!(read["evidence"], Value::Null);
    assert_eq!(told(&system).await, 1);
}

#[tokio::test]
async fn a_job_that_ends_while_it_is_being_noted_is_decided_at_the_first_attempt() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    system.fail_for(EXTRACT, "dynamodb", "TransactWriteItems", Kind::Throttle, 2);
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Prose)).await;
    let struck = async || {
        system
            .platform
            .faults()
            .armed()
            .iter()
            .any(|fault| fault.times < 2)
            .then_some(())
    };
    system.eventually("the decision has to wait", struck).await;
    // As the note would have, had it come only now.
    let (client, table) = system.dynamodb();
    let written = client.update_item().table_name(table);
    written
        .key("PK", AttributeValue::S(format!("USER#{}", ana.renter.id)))
        .key("SK", AttributeValue::S(format!("VERIFICATION#{id}")))
        .update_expression("ADD version :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .send()
        .await
        .unwrap();
    ana.read(&id).await;
    system.at_rest().await;
    assert_eq!(system.platform.ledger().totals()[EXTRACT].invocations, 1);
    assert_eq!(told(&system).await, 1);
}

#[tokio::test]
async fn two_events_at_once_start_one_job() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let file = lease(&ana.terms(1700), Layout::Prose);
    let id = ana.upload(PDF, file).await;
    let event = arrived(&system, &of(&ana, &id));
    // What fails here is tried again by whoever sent it.
    let again = || async { system.post(&format!("/_local/invoke/{OCR}"), &event).await };
    futures::future::join_all((0..5).map(|_| again())).await;
    ana.read(&id).await;
    system.at_rest().await;
    assert_eq!(told(&system).await, 1);
}

#[tokio::test]
async fn an_event_for_a_key_that_is_none_of_ours_is_passed_over() {
    let system = System::start().await;
    let ana = system.renter("ana").await;
    let nobody = "leases/user_01JD3X6Q8TKH5T0R4M2N6W9YBC/verif_01JD3X6Q8TKH5T0R4M2N6W9YBC";
    for key in [
        "leases/a+b%2B+%C3%A9%E7%A7%9F.pdf",
        "leases/%FF%FE",
        nobody,
        "elsewhere/x",
        "",
    ] {
        system.invoke(OCR, &arrived(&system, key)).await;
    }
    system
        .invoke(OCR, &json!({ "Service": "Amazon S3", "Event": "s3:TestEvent" }))
        .await;
    system
        .invoke(EXTRACT, &ended(&ana, "verif_01JD3X6Q8TKH5T0R4M2N6W9YBC", "job"))
        .await;
    assert_eq!(told(&system).await, 0);
    // An event of a file that has not come, before the one of a file that has.
    let announced = ana.announce(PDF, &pdf_of_pages(1)).await;
    let id = announced.text_at("/verificationId");
    system.invoke(OCR, &arrived(&system, &of(&ana, id))).await;
    assert_eq!(ana.verification(id).await["status"], "awaiting_upload");
    system.send_file(&announced, pdf_of_pages(1)).await.is(200);
    ana.read(id).await;
}

#[tokio::test]
async fn a_job_of_another_lease_decides_nothing() {
    let system = System::start().await;
    let elm = system.listing("1001").await;
    let (ana, ben) = (
        system.renter_of("ana", &elm).await,
        system.renter_of("ben", &elm).await,
    );
    let bens = ben.upload(PDF, lease(&ben.terms(1100), Layout::Prose)).await;
    ben.read(&bens).await;
    let job = system.verification_item(&bens).await["job"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = ana.upload(PDF, lease(&ana.terms(1700), Layout::Form)).await;
    ana.read(&id).await;
    system.at_rest().await;
    let read = ana.verification(&id).await;
    system.invoke(EXTRACT, &ended(&ana, &id, &job)).await;
    assert_eq!(ana.verification(&id).await, read);
}
