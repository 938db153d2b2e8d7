//! DynamoDB's operations, from JSON to JSON.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

type Outcome = Result<Value, DynoxideError>;

/// One operation: its name, whether it writes items, and how it is carried out.
struct Operation {
    name: &'static str,
    writes: bool,
    run: fn(&Database, &Value) -> Outcome,
}

/// Pairs an operation's name with the database's method for it.
macro_rules! operation {
    ($name:literal, $method:ident) => {
        operation!($name, $method, writes: false)
    };
    ($name:literal, $method:ident, writes: $writes:literal) => {
        Operation {
            name: $name,
            writes: $writes,
            run: |database, body| call($name, body, |request| database.$method(request)),
        }
    };
}

const OPERATIONS: &[Operation] = &[
    operation!("GetItem", get_item),
    operation!("BatchGetItem", batch_get_item),
    operation!("TransactGetItems", transact_get_items),
    operation!("Query", query),
    operation!("Scan", scan),
    operation!("PutItem", put_item, writes: true),
    operation!("UpdateItem", update_item, writes: true),
    operation!("DeleteItem", delete_item, writes: true),
    operation!("BatchWriteItem", batch_write_item, writes: true),
    operation!("TransactWriteItems", transact_write_items, writes: true),
    operation!("CreateTable", create_table),
    operation!("UpdateTable", update_table),
    operation!("DeleteTable", delete_table),
    operation!("DescribeTable", describe_table),
    operation!("ListTables", list_tables),
    operation!("UpdateTimeToLive", update_time_to_live),
    operation!("DescribeTimeToLive", describe_time_to_live),
    operation!("ListStreams", list_streams),
    operation!("DescribeStream", describe_stream),
    operation!("GetShardIterator", get_shard_iterator),
    operation!("GetRecords", get_records),
];

fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// Whether the stand-in has this operation.
pub(super) fn is_known(name: &str) -> bool {
    find(name).is_some()
}

/// Whether the operation writes items.
pub(super) fn writes(name: &str) -> bool {
    find(name).is_some_and(|operation| operation.writes)
}

/// Carries out an operation.
pub(super) fn run(database: &Database, name: &str, body: &Value) -> Outcome {
    let unknown =
        || DynoxideError::ValidationException(format!("{name} is not an operation of this stand-in"));
    (find(name).ok_or_else(unknown)?.run)(database, body)
}

fn call<Q, A>(name: &str, body: &Value, method: impl FnOnce(Q) -> dynoxide::Result<A>) -> Outcome
where
    Q: DeserializeOwned,
    A: Serialize,
{
    let request = serde_json::from_value(body.clone()).map_err(|error| unreadable(name, &error))?;
    serde_json::to_value(method(request)?)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The error that DynamoDB gives for a request that cannot be read. The database's types mark the message with the
/// error's class.
fn unreadable(name: &str, error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    match text.split_once(':') {
        Some(("VALIDATION_REQUEST", message)) if matches!(name, "PutItem" | "UpdateItem" | "DeleteItem") => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        Some(("VALIDATION" | "VALIDATION_AS_READ" | "VALIDATION_REQUEST", message)) => {
            DynoxideError::ValidationException(message.to_owned())
        }
        Some(("SERIALIZATION" | "SERIALIZATION_AS_READ", message)) => {
            DynoxideError::SerializationException(message.to_owned())
        }
        _ if text.starts_with("missing field") || text.contains("AttributeValue") => {
            DynoxideError::ValidationException(text)
        }
        _ => DynoxideError::SerializationException(text),
    }
}
