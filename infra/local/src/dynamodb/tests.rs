//! DynamoDB through the real client.

use std::collections::HashMap;
use std::sync::Mutex;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::cost::Cost;
use crate::wire::{Principal, test_client};

const TABLE: &str = "apartment-locator";

fn definition() -> TableDefinition {
    TableDefinition {
        name: TABLE.into(),
        partition: "PK".into(),
        sort: "SK".into(),
        indexes: vec![IndexDefinition {
            name: "GSI1".into(),
            partition: "GSI1PK".into(),
            sort: "GSI1SK".into(),
        }],
        ttl_attribute: Some("ttl".into()),
        stream: true,
    }
}

struct Running {
    client: Client,
    dynamodb: DynamoDb,
    server: test_client::Running,
}

async fn start_with(location: &Location, clock: Clock, allowed: &[&str]) -> Running {
    let dynamodb = DynamoDb::open(location, clock).unwrap();
    dynamodb.ensure_table(&definition()).unwrap();
    let server = test_client::start(Arc::new(dynamodb.clone()), test_client::context(allowed)).await;
    let client = Client::new(&server.runtime("dynamodb").aws("dynamodb").unwrap());
    Running {
        client,
        dynamodb,
        server,
    }
}

async fn start() -> Running {
    start_with(&Location::Memory, Clock::system(), &["dynamodb:*"]).await
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn item(key: &str, more: &[(&str, AttributeValue)]) -> HashMap<String, AttributeValue> {
    let keys = [("PK".to_owned(), text(key)), ("SK".to_owned(), text(key))];
    keys.into_iter()
        .chain(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        )
        .collect()
}

impl Running {
    async fn put(&self, key: &str, more: &[(&str, AttributeValue)]) {
        self.client
            .put_item()
            .table_name(TABLE)
            .set_item(Some(item(key, more)))
            .send()
            .await
            .unwrap();
    }

    async fn exists(&self, key: &str) -> bool {
        let get = self
            .client
            .get_item()
            .table_name(TABLE)
            .set_key(Some(item(key, &[])));
        get.send().await.unwrap().item.is_some()
    }

    fn cost(&self) -> Cost {
        self.server.cost()
    }
}

fn put(values: HashMap<String, AttributeValue>) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(values))
        .condition_expression("attribute_not_exists(PK)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

#[tokio::test]
async fn an_item_written_is_read_again_and_announced() {
    let running = start().await;
    let written = running.dynamodb.written();
    running.put("a", &[("colour", text("red"))]).await;
    written.notified().await;
    assert!(running.exists("a").await);
    assert!(!running.exists("b").await);
}

#[tokio::test]
async fn a_call_that_no_statement_allows_is_refused() {
    let running = start_with(&Location::Memory, Clock::system(), &["dynamodb:GetItem"]).await;
    let refused = running
        .client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item("a", &[])))
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(
        refused.message().unwrap().contains("dynamodb:PutItem"),
        "{refused:?}"
    );
    assert!(!running.exists("a").await);
}

#[tokio::test]
async fn a_client_with_the_wrong_secret_is_refused() {
    let running = start().await;
    running
        .server
        .context
        .keys
        .add(test_client::ACCESS_KEY_ID, "another", Principal::Operator);
    let refused = running.client.list_tables().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidSignatureException"));
}

#[tokio::test]
async fn reads_and_writes_consume_what_aws_charges() {
    let running = start().await;
    let big = AttributeValue::S("x".repeat(3000));
    running.put("small", &[]).await;
    assert_eq!(running.cost(), Cost::call(0.0, 1.0), "a write of up to 1 KB");
    running.put("big", &[("text", big)]).await;
    assert_eq!(running.cost(), Cost::call(0.0, 3.0), "a write of up to 3 KB");
    running
        .put("indexed", &[("GSI1PK", text("g")), ("GSI1SK", text("g"))])
        .await;
    assert_eq!(
        running.cost(),
        Cost::call(0.0, 2.0),
        "a write that an index repeats"
    );

    running.exists("small").await;
    assert_eq!(
        running.cost(),
        Cost::call(0.5, 0.0),
        "an eventually consistent read of up to 4 KB"
    );
    running.exists("missing").await;
    assert_eq!(running.cost(), Cost::call(0.5, 0.0), "a read that finds nothing");
    let get = running
        .client
        .get_item()
        .table_name(TABLE)
        .set_key(Some(item("small", &[])));
    get.consistent_read(true).send().await.unwrap();
    assert_eq!(
        running.cost(),
        Cost::call(1.0, 0.0),
        "a strongly consistent read of up to 4 KB"
    );
    let query = running
        .client
        .query()
        .table_name(TABLE)
        .index_name("GSI1")
        .key_condition_expression("GSI1PK = :g");
    query
        .expression_attribute_values(":g", text("g"))
        .send()
        .await
        .unwrap();
    assert_eq!(running.cost(), Cost::call(0.5, 0.0), "a query of an index");
}

#[tokio::test]
async fn a_transaction_consumes_two_units_for_each_item() {
    let running = start().await;
    let transaction = |token: &str| {
        let write = running.client.transact_write_items().client_request_token(token);
        write
            .transact_items(put(item("a", &[])))
            .transact_items(put(item("b", &[])))
    };
    transaction("one").send().await.unwrap();
    assert_eq!(running.cost(), Cost::call(0.0, 4.0));
    transaction("one").send().await.unwrap();
    assert_eq!(
        running.cost(),
        Cost::call(4.0, 0.0),
        "the same again, by its token, only reads"
    );
}

#[tokio::test]
async fn a_condition_that_fails_is_charged_one_unit() {
    let running = start().await;
    running.put("a", &[]).await;
    running.cost();
    let again = running
        .client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item("a", &[])));
    let refused = again
        .condition_expression("attribute_not_exists(PK)")
        .send()
        .await
        .unwrap_err();
    assert!(
        refused
            .into_service_error()
            .is_conditional_check_failed_exception()
    );
    assert_eq!(running.cost(), Cost::call(0.0, 1.0));
}

#[tokio::test]
async fn capacity_is_told_to_those_who_ask_and_to_nobody_else() {
    let running = start().await;
    let get = || {
        running
            .client
            .get_item()
            .table_name(TABLE)
            .set_key(Some(item("a", &[])))
    };
    assert_eq!(get().send().await.unwrap().consumed_capacity, None);
    let asked = get()
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(asked.consumed_capacity.unwrap().capacity_units, Some(0.5));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_transactions_for_one_item_at_once_one_succeeds_and_the_others_are_cancelled() {
    let running = start().await;
    let calls = (0..100).map(|i| {
        let check = ConditionCheck::builder()
            .table_name(TABLE)
            .set_key(Some(item("other", &[])));
        let check = check
            .condition_expression("attribute_not_exists(PK)")
            .build()
            .unwrap();
        let write = running
            .client
            .transact_write_items()
            .transact_items(put(item("one", &[("by", text(i.to_string()))])));
        tokio::spawn(
            write
                .transact_items(TransactWriteItem::builder().condition_check(check).build())
                .send(),
        )
    });
    let outcomes = futures::future::join_all(calls.collect::<Vec<_>>()).await;
    let refused: Vec<_> = outcomes
        .into_iter()
        .filter_map(|outcome| outcome.unwrap().err())
        .collect();
    assert_eq!(refused.len(), 99);
    for error in refused {
        let error = error.into_service_error();
        assert!(error.is_transaction_canceled_exception(), "{error:?}");
        let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
            cancelled,
        ) = error
        else {
            continue;
        };
        let codes: Vec<_> = cancelled
            .cancellation_reasons()
            .iter()
            .filter_map(|reason| reason.code())
            .collect();
        assert_eq!(codes, ["ConditionalCheckFailed", "None"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_raised_by_a_hundred_at_once_loses_none() {
    let running = start().await;
    let calls = (0..100).map(|_| {
        let update = Update::builder()
            .table_name(TABLE)
            .set_key(Some(item("counter", &[])));
        let update = update
            .update_expression("ADD n :one")
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        let part = TransactWriteItem::builder()
            .update(update.build().unwrap())
            .build();
        tokio::spawn(running.client.transact_write_items().transact_items(part).send())
    });
    for outcome in futures::future::join_all(calls.collect::<Vec<_>>()).await {
        outcome.unwrap().unwrap();
    }
    let get = running
        .client
        .get_item()
        .table_name(TABLE)
        .set_key(Some(item("counter", &[])));
    assert_eq!(
        get.send().await.unwrap().item.unwrap()["n"],
        AttributeValue::N("100".into())
    );
}

#[tokio::test]
async fn an_item_expires_by_the_platforms_clock_and_no_sooner() {
    let time = Arc::new(Mutex::new(Timestamp::now()));
    let shown = Arc::clone(&time);
    let clock = Clock::from_fn(move || *shown.lock().unwrap());
    let running = start_with(&Location::Memory, clock, &["dynamodb:*"]).await;
    let ttl = (Timestamp::now() + SignedDuration::from_hours(24)).as_second();
    running
        .put("session", &[("ttl", AttributeValue::N(ttl.to_string()))])
        .await;
    running.put("forever", &[]).await;
    assert_eq!(running.dynamodb.expire().await.unwrap(), 0);
    *time.lock().unwrap() += SignedDuration::from_hours(25);
    assert_eq!(running.dynamodb.expire().await.unwrap(), 1);
    assert!(!running.exists("session").await && running.exists("forever").await);
}

#[tokio::test]
async fn what_a_file_holds_is_found_again_and_a_changed_definition_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::Directory(directory.path().join("data"));
    // The first system is never closed: what was answered is on disk all the same.
    let first = start_with(&location, Clock::system(), &["dynamodb:*"]).await;
    first.put("a", &[]).await;
    let second = start_with(&location, Clock::system(), &["dynamodb:*"]).await;
    assert!(second.exists("a").await);
    let changed = TableDefinition {
        indexes: Vec::new(),
        ..definition()
    };
    assert!(matches!(
        second.dynamodb.ensure_table(&changed),
        Err(TableError::Changed(_))
    ));
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_a_validation_error() {
    let running = start().await;
    let update = running
        .client
        .update_item()
        .table_name(TABLE)
        .set_key(Some(item("a", &[])));
    let refused = update.update_expression("SET nonsense").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ValidationException"));
    let absent = running
        .client
        .get_item()
        .table_name("no-such-table")
        .set_key(Some(item("a", &[])));
    assert!(
        absent
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
}
